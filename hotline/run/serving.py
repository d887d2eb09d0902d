"""The service's processes: uvicorn runs them, several on the one port when that is wanted.

One that dies is started again by their parent within a second, while the others answer; supervisord looks after the parent.
"""

from __future__ import annotations

import asyncio
import fcntl
import multiprocessing
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from multiprocessing.connection import wait
from pathlib import Path
from typing import TYPE_CHECKING

from hotline.settings import Settings

if TYPE_CHECKING:
    from fastapi import FastAPI

_APP = "hotline.run.serving:create_app"
#: What is under way is given so long at the end.
_GRACE_SECONDS = 10
#: A worker that gives no sign for so long is taken for hung. Loading a library from a slow disk holds all its threads.
_HUNG_SECONDS = 30


def command(settings: Settings) -> list[str]:
    """What runs the service in the foreground."""
    options = ["--factory", "--host", settings.host, "--port", str(settings.port)]
    options += ["--no-server-header", "--no-proxy-headers", "--no-access-log"]
    options += ["--timeout-graceful-shutdown", str(_GRACE_SECONDS)]
    # To compress a frame for each of fifty consoles costs more than the frame.
    options += ["--ws-per-message-deflate", "false"]
    # Always said: uvicorn would take another number from WEB_CONCURRENCY.
    options += ["--workers", str(settings.workers), "--timeout-worker-healthcheck", str(_HUNG_SECONDS)]
    return [sys.executable, "-m", "uvicorn", _APP, *options]


def wait_for_port(host: str, port: int, *, seconds: float = _GRACE_SECONDS + 5) -> None:
    """Wait while workers whose parent was killed still hold the port; whoever listens next says so if they do for ever."""
    deadline = time.monotonic() + seconds
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    while time.monotonic() < deadline:
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
                return
            except OSError:
                time.sleep(0.1)


def create_app() -> FastAPI:
    """The application in a process of the service."""
    _end_with_parent()
    # Takes seconds: from here on the parent is watched.
    from hotline.app import create_app as create

    return create()


@asynccontextmanager
async def one_at_a_time(cache: Path) -> AsyncIterator[None]:
    """What each process does at its start, one after the other: what the first one encodes, the next ones find."""
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "start.lock").open("w") as lock:  # given back by whatever ends the process
        await asyncio.to_thread(fcntl.flock, lock, fcntl.LOCK_EX)
        yield


def _end_with_parent() -> None:
    """Have this worker end when its parent was killed: it would hold the port, and nobody would look after it."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_watch, args=(parent.sentinel,), daemon=True).start()


def _watch(parent: int) -> None:
    wait([parent])
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_GRACE_SECONDS + 1)
    os.kill(os.getpid(), signal.SIGKILL)
