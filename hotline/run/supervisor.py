"""A supervisord of our own: started, asked, stopped, and cleaned up after."""

from __future__ import annotations

import ctypes
import hashlib
import os
import signal
import subprocess
import sys
import tempfile
import time
import xmlrpc.client
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
from supervisor.xmlrpc import SupervisorTransport

from hotline.run.database import LONGEST_SOCKET
from hotline.run.programs import Place, Program, write_configuration
from hotline.run.progress import StepFailed, tail

_START_SECONDS = 20
#: Longer than the slowest program is given, see ``Program.stop_seconds``.
_STOP_SECONDS = 75
#: An orphan has lost its log, and some hang when they cannot write to it.
_ORPHAN_SECONDS = 8
_SET_DEATH_SIGNAL = 1


class Supervisor:
    """supervisord with a generated configuration, in a process group of its own."""

    def __init__(self, place: Place, programs: Sequence[Program], environment: Mapping[str, str]) -> None:
        self._place = place
        self._programs = programs
        self._environment = dict(environment)
        self.socket = _socket(place)
        self._url = f"unix://{self.socket}"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def alive(self) -> bool:
        """Whether supervisord runs."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> None:
        """Start supervisord, without any program; what a crashed one has left is ended first.

        Raises:
            StepFailed: it did not come up.
        """
        self.sweep()
        write_configuration(self._place, self._programs, self.socket)
        command = [sys.executable, "-m", "supervisor.supervisord", "-n", "-c", str(self._place.configuration)]
        log = self._place.log / "supervisord.out.log"
        with log.open("wb") as out:
            self._process = subprocess.Popen(
                command,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is ours; we tell it in order
                preexec_fn=_end_with_parent,
            )
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline and self.alive:
            try:
                self._call("getState")
                return
            except (OSError, xmlrpc.client.Error):
                time.sleep(0.05)
        raise StepFailed(f"监督进程没有起来：\n{tail(log)}")

    def start_program(self, name: str) -> None:
        """Start a program; supervisord keeps trying when it fails."""
        try:
            self._call("startProcess", name, False)
        except xmlrpc.client.Fault as fault:
            if "ALREADY_STARTED" not in fault.faultString:
                raise

    def info(self, name: str) -> dict[str, Any]:
        """What supervisord knows of a program: ``statename``, ``start``, ``pid`` …

        Raises:
            OSError, xmlrpc.client.Error: supervisord does not answer.
        """
        found: dict[str, Any] = self._call("getProcessInfo", name)
        return found

    def stop(self) -> None:
        """End all programs in order, the database last, and then supervisord."""
        if self.alive:
            for program in reversed(self._programs):
                try:
                    self._call("stopProcess", program.name)
                except (OSError, xmlrpc.client.Error):
                    continue  # it did not run
        if self._process is not None and self.alive:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self.sweep()

    def sweep(self) -> None:
        """End what is left of a supervisord that was killed: itself first, then its orphans."""
        leftovers = [process for process in psutil.process_iter() if self._is_ours(process)]
        _end([process for process in leftovers if _is_supervisord(process)], _STOP_SECONDS)
        _end([process for process in leftovers if not _is_supervisord(process)], _ORPHAN_SECONDS)
        self.socket.unlink(missing_ok=True)

    def _is_ours(self, process: psutil.Process) -> bool:
        if process.pid == os.getpid():
            return False
        try:
            if str(self._place.configuration) in process.cmdline():
                return _is_supervisord(process)
            # The database is ended by its keeper, or found again by the next one.
            url: str | None = process.environ().get("SUPERVISOR_SERVER_URL")
            return url == self._url and bool(process.name() != "postgres")
        except (psutil.Error, OSError):
            return False

    def _call(self, method: str, *arguments: Any) -> Any:
        transport = SupervisorTransport(None, None, self._url)
        try:
            server = xmlrpc.client.ServerProxy("http://supervisor", transport=transport)
            return getattr(server.supervisor, method)(*arguments)
        finally:
            transport.close()


def _socket(place: Place) -> Path:
    path = place.run / "supervisor.sock"
    # supervisord binds to a longer name first and renames it
    if len(os.fsencode(path)) + 10 <= LONGEST_SOCKET:
        return path
    name = hashlib.sha256(os.fsencode(path)).hexdigest()[:12]
    folder = Path(tempfile.gettempdir()) / f"hotline-{os.geteuid()}-{name}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.is_symlink() or folder.lstat().st_uid != os.geteuid():
        raise StepFailed(f"{folder} 属于别的用户，请删除它再启动。")
    return folder / "supervisor.sock"


def _is_supervisord(process: psutil.Process) -> bool:
    try:
        return "supervisor.supervisord" in process.cmdline()
    except psutil.Error:
        return False


def _end(processes: list[psutil.Process], seconds: float) -> None:
    for process in processes:
        with suppress(psutil.Error):
            process.terminate()
    _, alive = psutil.wait_procs(processes, seconds)
    for process in alive:
        with suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(alive, seconds)


def _end_with_parent() -> None:
    """When the runner is killed with -9, supervisord gets a SIGTERM and ends all in order (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SET_DEATH_SIGNAL, signal.SIGTERM)
