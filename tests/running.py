"""A whole hotline of our own, whose programs can be killed one by one."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

from hotline.run.apart import Apart, apart


@dataclass
class Running(Apart):
    """A running hotline."""

    def kill(self, name: str) -> None:
        """``kill -9`` one of the programs: postgres, rasa, actions, service or worker."""
        os.kill(self._process(name).pid, signal.SIGKILL)

    def answering(self) -> list[psutil.Process]:
        """The processes of the service that answer: its workers when it has several, else itself."""
        service = self._process("service")
        return workers(service) or [service]

    def _process(self, name: str) -> psutil.Process:
        marks = {
            "postgres": ("postgres", "-D"),
            "rasa": ("rasa", "run"),
            "actions": ("rasa_sdk",),
            "service": ("hotline.run.serving:create_app",),
            "worker": ("hotline.cli", "worker"),
        }[name]
        for process in psutil.Process(self.supervisor.pid).children(recursive=True) + _orphans(self.var):
            line = _line(process)
            if all(mark in line for mark in marks):
                return process
        raise LookupError(f"{name} does not run")


def workers(service: psutil.Process) -> list[psutil.Process]:
    """The processes that uvicorn has started for a service of several."""
    return [child for child in service.children() if "spawn_main" in _line(child)]


def _line(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:  # it has ended, and its parent has not noticed yet
        return ""


def _orphans(var: Path) -> list[psutil.Process]:
    """The embedded server runs apart from its starter."""
    return [p for p in psutil.process_iter(["cmdline"]) if str(var) in " ".join(p.info["cmdline"] or [])]


@contextlib.contextmanager
def running(log: Path, others: Mapping[str, str] | None = None) -> Iterator[Running]:
    """Start a hotline, and end it; what it prints goes to ``log``.

    Args:
        others: more of its environment.
    """
    with apart(log, others) as hotline:
        yield Running(hotline.url, hotline.var, hotline.environment, hotline.supervisor)
