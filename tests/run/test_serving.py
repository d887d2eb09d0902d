"""Several processes answer on one port; one that dies is replaced, and none outlives its parent."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from hotline.run import serving
from hotline.settings import Settings
from tests.run.waiting import wait_for
from tests.running import workers

APP = """
import os
from hotline.run.serving import _end_with_parent

def create():
    _end_with_parent()
    async def app(scope, receive, send):
        if scope["type"] == "lifespan":
            while True:
                kind = (await receive())["type"]
                await send({"type": kind + ".complete"})
                if kind == "lifespan.shutdown":
                    return
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": str(os.getpid()).encode()})
    return app
"""


@pytest.fixture
def service(tmp_path: Path) -> Iterator[tuple[psutil.Process, str]]:
    """A small service as the real one is run, with two workers; and its address."""
    (tmp_path / "small.py").write_text(APP)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = serving.command(Settings(port=port, workers=2))
    command[command.index("hotline.run.serving:create_app")] = "small:create"
    path = os.pathsep.join([str(tmp_path), str(Path.cwd())])
    with (tmp_path / "log").open("wb") as log:
        started = subprocess.Popen(command, env=os.environ | {"PYTHONPATH": path}, stdout=log, stderr=log)
    url = f"http://127.0.0.1:{port}"
    wait_for(lambda: _who(url), 20)
    wait_for(lambda: len(_workers(psutil.Process(started.pid))) == 2, 20)
    yield psutil.Process(started.pid), url
    started.terminate()
    started.wait(20)


def _who(url: str) -> int | None:
    try:
        return int(httpx.get(url, trust_env=False, timeout=5).text)
    except httpx.HTTPError:
        return None


def _workers(service: psutil.Process) -> set[int]:
    return {child.pid for child in workers(service)}


def test_one_answers_while_the_other_is_replaced(service: tuple[psutil.Process, str]) -> None:
    process, url = service
    victim, *_ = before = sorted(_workers(process))
    os.kill(victim, signal.SIGKILL)
    wait_for(lambda: (now := _workers(process)) and victim not in now and len(now) == 2 and _who(url), 15)
    assert before[1] in _workers(process)


def test_nobody_holds_the_port_when_the_parent_was_killed(service: tuple[psutil.Process, str]) -> None:
    process, url = service
    there = _workers(process)
    process.kill()
    port = int(url.rsplit(":", 1)[1])
    serving.wait_for_port("127.0.0.1", port)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))
    wait_for(lambda: not any(psutil.pid_exists(pid) for pid in there), 15)
