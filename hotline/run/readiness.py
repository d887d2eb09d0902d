"""Waits until all parts of a hotline answer, and says which one does not."""

from __future__ import annotations

import threading
import time
import xmlrpc.client
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx
import psutil

from hotline.run.programs import Place
from hotline.run.progress import StepFailed, pad, say, tail
from hotline.run.supervisor import Supervisor

#: The parts of ``/readyz``: what the operator calls them, and whose log tells more.
PARTS = {
    "database": ("数据库", ("postgres", "service")),
    "knowledge": ("知识库", ("service",)),
    "engine": ("智能对话", ("rasa", "actions")),
    "jobs": ("后台任务", ("worker",)),
}
_PAUSE = 0.3
#: A program that ends so many times before all is ready will not get better by itself.
_ENDS = 5


class Stopped(Exception):
    """The operator wants to stop."""


@dataclass
class _Watch:
    """Counts how often each program was started."""

    supervisor: Supervisor
    starts: dict[str, set[int]] = field(default_factory=dict)

    def failing(self, names: list[str]) -> str | None:
        """The first program that ends again and again."""
        for name in names:
            try:
                info = self.supervisor.info(name)
            except (OSError, xmlrpc.client.Error):
                continue
            seen = self.starts.setdefault(name, set())
            if info["start"]:
                seen.add(info["start"])
            if len(seen) > _ENDS or info["statename"] == "FATAL":
                return name
        return None


def ask(url: str) -> dict[str, bool] | None:
    """What ``/readyz`` says, or None when nothing answers."""
    try:
        answer = httpx.get(f"{url}/readyz", timeout=5, trust_env=False).json()
        return {name: bool(answer[name]) for name in PARTS}
    except (httpx.HTTPError, ValueError, KeyError, TypeError):
        return None


def _listens(supervisor: Supervisor, url: str) -> bool:
    """Whether it is our service that answers there, and nobody who took the port in the meantime."""
    port = urlsplit(url).port
    try:
        process = psutil.Process(supervisor.info("service")["pid"])
        return any(c.laddr.port == port for c in process.net_connections("tcp") if c.status == "LISTEN")
    except (OSError, xmlrpc.client.Error, psutil.Error):
        return False


def wait_ready(
    url: str,
    supervisor: Supervisor,
    place: Place,
    names: list[str],
    *,
    seconds: float,
    stopping: threading.Event,
) -> None:
    """Wait for all parts, and show each when it answers.

    Raises:
        StepFailed: not all answered in time, or a program ends again and again.
        Stopped: ``stopping`` was set meanwhile.
    """
    started = time.monotonic()
    shown: set[str] = set()
    told = started
    watch = _Watch(supervisor)
    while len(shown) < len(PARTS):
        parts = (ask(url) or {}) if _listens(supervisor, url) else {}
        now = time.monotonic()
        for part, (label, _) in PARTS.items():
            if parts.get(part) and part not in shown:
                shown.add(part)
                say(f"  {pad(label, 34)} 就绪 {now - started:6.1f} 秒")
        missing = [part for part in PARTS if part not in shown]
        if not missing:
            return
        if now - told > 15:
            told = now
            say(f"  还在等：{'、'.join(PARTS[part][0] for part in missing)}（{now - started:.0f} 秒）")
        failing = watch.failing(names)
        if failing:
            raise StepFailed(f"{failing} 一再退出，没有启动成功。{_logs(place, [failing])}")
        if now - started > seconds:
            suspects = [name for part in missing for name in PARTS[part][1] if name in names]
            words = "、".join(PARTS[part][0] for part in missing)
            raise StepFailed(f"{seconds:.0f} 秒内没有就绪：{words}。{_logs(place, suspects)}")
        if not supervisor.alive:
            raise StepFailed(f"监督进程意外退出。{_logs(place, ['supervisord'])}")
        if stopping.wait(_PAUSE):
            raise Stopped


def _logs(place: Place, names: list[str]) -> str:
    found = []
    for name in dict.fromkeys(names):
        path = place.log / f"{name}.log"
        found.append(f"\n—— {path} 的最后几行：\n{tail(path) or '（空）'}")
    return "".join(found)
