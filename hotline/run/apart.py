"""A whole hotline beside the one that runs: on ports, in a folder and with a database of its own, as operators run it."""

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
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import requests

from hotline.settings import ROOT

_END_SECONDS = 60


@dataclass
class Apart:
    """A running hotline. ``supervisor``: the process that runs all others."""

    url: str
    var: Path
    environment: dict[str, str]
    supervisor: subprocess.Popen[bytes]

    def wait_ready(self, seconds: float) -> None:
        """Wait until all parts answer.

        Raises:
            TimeoutError: they do not; with the ends of the logs.
        """
        deadline = time.monotonic() + seconds
        last = "nothing"
        session = requests.Session()
        session.trust_env = False
        while time.monotonic() < deadline:
            try:
                response = session.get(f"{self.url}/readyz", timeout=3)
                if response.status_code == requests.codes.ok:
                    return
                last = response.text
            except requests.RequestException as error:
                last = repr(error)
            if self.supervisor.poll() is not None:
                break
            time.sleep(0.3)
        logs = "\n".join(
            f"== {path.name}\n{path.read_text(errors='replace')[-1500:]}"
            for path in sorted((self.var / "log").glob("*.log"))
        )
        raise TimeoutError(f"not ready, last: {last}\n{logs}")


@contextlib.contextmanager
def apart(
    log: Path, others: Mapping[str, str] | None = None, *, ready_within: float = 180
) -> Iterator[Apart]:
    """Start a hotline, and end it; what it prints goes to ``log``.

    Args:
        others: more of its environment.
    """
    # A folder that is open to the user as whom the embedded server runs when we are root.
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
        **(others or {}),
    }
    environment.pop("HOTLINE_DATABASE_URL", None)
    command = [str(Path(sys.executable).parent / "hotline"), "run"]
    with log.open("wb") as output:
        supervisor = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
        hotline = Apart(f"http://127.0.0.1:{port}", var, environment, supervisor)
        try:
            hotline.wait_ready(ready_within)
            yield hotline
        finally:
            supervisor.send_signal(signal.SIGTERM)
            try:
                supervisor.wait(_END_SECONDS)
            except subprocess.TimeoutExpired:
                supervisor.kill()
            shutil.rmtree(folder, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
