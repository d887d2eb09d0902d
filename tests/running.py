"""A whole hotline on ports and a database of its own, run as its operators run it: real processes, real supervisor."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

ROOT = Path(__file__).resolve().parents[1]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Running:
    """A running hotline."""

    url: str
    var: Path
    environment: dict[str, str]
    supervisor: subprocess.Popen[bytes]

    def kill(self, name: str) -> None:
        """``kill -9`` one of the programs: postgres, rasa, actions, service or worker."""
        os.kill(self._process(name).pid, signal.SIGKILL)

    def _process(self, name: str) -> psutil.Process:
        marks = {
            "postgres": ("postgres", "-D"),
            "rasa": ("rasa", "run"),
            "actions": ("rasa_sdk",),
            "service": ("hotline.app:create_app",),
            "worker": ("hotline.cli", "worker"),
        }[name]
        for process in psutil.Process(self.supervisor.pid).children(recursive=True) + _orphans(self.var):
            line = " ".join(process.cmdline())
            if all(mark in line for mark in marks):
                return process
        raise LookupError(f"{name} does not run")

    def wait_ready(self, seconds: float) -> None:
        """Wait until all parts answer."""
        deadline = time.monotonic() + seconds
        last = "nothing"
        while time.monotonic() < deadline:
            try:
                response = httpx.get(f"{self.url}/readyz", timeout=3, trust_env=False)
                if response.status_code == 200:
                    return
                last = response.text
            except httpx.HTTPError as error:
                last = repr(error)
            if self.supervisor.poll() is not None:
                break
            time.sleep(0.3)
        logs = "\n".join(
            f"== {path.name}\n{path.read_text(errors='replace')[-1500:]}"
            for path in sorted((self.var / "log").glob("*.log"))
        )
        raise TimeoutError(f"not ready, last: {last}\n{logs}")


def _orphans(var: Path) -> list[psutil.Process]:
    """The embedded server runs apart from its starter."""
    return [p for p in psutil.process_iter(["cmdline"]) if str(var) in " ".join(p.info["cmdline"] or [])]


@contextlib.contextmanager
def running(log: Path) -> Iterator[Running]:
    """Start a hotline, and end it; what it prints goes to ``log``."""
    # Not pytest's folder: that is closed to the user as whom the embedded server runs when tests run as root.
    folder = Path(tempfile.mkdtemp(prefix="hotline-"))
    var = folder / "var"
    port = _free_port()
    environment = os.environ | {
        "HOTLINE_VAR_DIR": str(var),
        "HOTLINE_PORT": str(port),
        "HOTLINE_RASA_PORT": str(_free_port()),
        "HOTLINE_ACTIONS_PORT": str(_free_port()),
        # One machine plays many citizens here.
        "HOTLINE_ADDRESS_RATE": "1000000",
        "HOTLINE_ADDRESS_STARTS": "1000000",
        "HOTLINE_CONVERSATION_RATE": "0",
        "HOTLINE_ENGINE_PATIENCE": "90",
        "HOTLINE_ENGINE_TIMEOUT": "60",
    }
    environment.pop("HOTLINE_DATABASE_URL", None)
    command = [str(Path(sys.executable).parent / "hotline"), "run"]
    with log.open("wb") as output:
        supervisor = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
        hotline = Running(f"http://127.0.0.1:{port}", var, environment, supervisor)
        try:
            hotline.wait_ready(180)
            yield hotline
        finally:
            supervisor.send_signal(signal.SIGTERM)
            try:
                supervisor.wait(60)
            except subprocess.TimeoutExpired:
                supervisor.kill()
            shutil.rmtree(folder, ignore_errors=True)
