"""The whole path: a citizen's message through the web channel, the service, Rasa, the actions and back."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import psutil

from bench.callers import Connection, Played, play
from bench.dialogues import dialogues
from bench.engines import VAR
from tests.running import Running, running

PROGRAMS = {
    "service": "hotline.run.serving:create_app",
    "rasa": "hotline.run.rasa",
    "actions": "rasa_sdk",
    "postgres": "postgres",
}


class Citizen:
    """Someone at the widget, who waits for the answer to each message."""

    def __init__(self, port: int) -> None:
        self._connection = Connection(port)
        self._token: dict[str, str] | None = None
        self._last = 0

    async def say(self, text: str) -> list[dict[str, Any]]:
        """Say something, and wait until the bot has answered."""
        if self._token is None:
            begun = await self._connection.call("POST", "/api/conversations")
            self._token = {"Authorization": f"Bearer {begun['token']}"}
        body = {"client_id": uuid.uuid4().hex, "text": text}
        path = "/api/conversations/current/messages"
        sent = await self._connection.call("POST", path, body, self._token)
        after = sent["message"]["id"]
        answers: list[dict[str, Any]] = []
        while not answers:
            found = await self._connection.call("GET", f"{path}?after={after}&wait=20", None, self._token)
            answers = [message for message in found["messages"] if message["author"] != "citizen"]
            if found["conversation"]["mode"] != "bot":  # handed to the agents; the next words begin anew
                self._token = None
                break
        return answers

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


@dataclass(frozen=True)
class Whole:
    """What the whole hotline measured."""

    ready_seconds: float
    #: By number of callers.
    played: dict[int, Played]
    #: By number of callers, and program: processor milliseconds a turn.
    cpu: dict[int, dict[str, float]]
    #: By program: proportional megabytes.
    memory: dict[str, float]


async def measure(seconds: float, callers: tuple[int, ...] = (1, 8, 32)) -> Whole:
    """Start a hotline, and speak to it."""
    played, cpu = {}, {}
    loop = asyncio.get_running_loop()
    begun = loop.time()
    with running(VAR / "whole.log") as hotline:
        ready = loop.time() - begun
        port = urlsplit(hotline.url).port or 80
        await play(lambda _: Citizen(port), dialogues(5), callers=2, seconds=min(seconds, 4), name="warm")
        for count in callers:
            before = _cpu(hotline)
            found = await play(
                lambda _: Citizen(port), dialogues(count), callers=count, seconds=seconds, name=""
            )
            played[count] = found
            cpu[count] = {
                name: sum(spent - before[name].get(pid, 0.0) for pid, spent in group.items())
                / len(found.turns)
                * 1000
                for name, group in _cpu(hotline).items()
            }
        memory = {
            name: sum(process.memory_full_info().pss for process in group) / 1e6
            for name, group in _groups(hotline).items()
        }
    return Whole(ready, played, cpu, memory)


def _groups(hotline: Running) -> dict[str, list[psutil.Process]]:
    mine = psutil.Process(hotline.supervisor.pid).children(recursive=True)
    mine += [
        p for p in psutil.process_iter(["cmdline"]) if str(hotline.var) in " ".join(p.info["cmdline"] or [])
    ]
    groups: dict[str, list[psutil.Process]] = {name: [] for name in PROGRAMS}
    for process in {
        p.pid: p for p in [*mine, *(c for p in mine for c in p.children(recursive=True))]
    }.values():
        line = " ".join(process.cmdline())
        for name, mark in PROGRAMS.items():
            if mark in line:
                groups[name].append(process)
                break
    return groups


def _cpu(hotline: Running) -> dict[str, dict[int, float]]:
    """Processor seconds by program and process."""
    return {
        name: {p.pid: p.cpu_times().user + p.cpu_times().system for p in group}
        for name, group in _groups(hotline).items()
    }
