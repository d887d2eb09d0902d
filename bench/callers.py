"""Callers who speak to an engine over HTTP, and what they measure."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np


class Caller(Protocol):
    """A citizen in one conversation."""

    async def say(self, text: str) -> Any:
        """Say something, and wait for the answer."""
        ...

    def close(self) -> None:
        """Hang up."""
        ...


@dataclass(frozen=True)
class Played:
    """What a number of callers measured."""

    #: Seconds of each turn, in the order in which they ended.
    turns: Sequence[float]
    #: Seconds from the first turn to the last answer.
    seconds: float

    def quantile(self, share: float) -> float:
        """A quantile of the turns, in milliseconds."""
        return float(np.quantile(self.turns, share)) * 1000

    @property
    def rate(self) -> float:
        """Turns a second."""
        return len(self.turns) / self.seconds


class Connection:
    """One HTTP connection that stays open; as little work as possible in the measuring process."""

    def __init__(self, port: int, headers: dict[str, str] | None = None) -> None:
        self._port = port
        self._headers = {"Host": "127.0.0.1", "Content-Type": "application/json"} | (headers or {})
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def call(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> Any:
        """Send, and return the answer.

        Raises:
            OSError: the server is not there, or it answered with an error.
        """
        content = b"" if body is None else json.dumps(body).encode()
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        named = self._headers | (headers or {}) | {"Content-Length": str(len(content))}
        lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in named.items())]
        try:
            writer.write("\r\n".join([*lines, "", ""]).encode() + content)
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
            length = int(head.split("content-length:", 1)[1].split("\r\n", 1)[0])
            answer = await reader.readexactly(length)
        except (asyncio.IncompleteReadError, IndexError) as error:
            self.close()
            raise OSError("the connection broke") from error
        if "connection: close" in head:
            self.close()
        if not head.startswith("http/1.1 2"):
            raise OSError(f"{head.splitlines()[0]}: {answer[:200]!r}")
        return json.loads(answer)

    def close(self) -> None:
        """Close the connection; the next call opens another one."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


async def play(
    caller: Callable[[str], Caller],
    dialogues: Iterator[list[str]],
    *,
    callers: int,
    seconds: float,
    name: str,
) -> Played:
    """Let ``callers`` speak at once, one dialogue after the other, until ``seconds`` are over."""
    turns: list[float] = []
    begun = time.perf_counter()
    until = begun + seconds

    async def call(number: int) -> None:
        count = 0
        while time.perf_counter() < until:
            count += 1
            speaker = caller(f"{name}-{number}-{count}")
            for text in next(dialogues):
                started = time.perf_counter()
                await speaker.say(text)
                turns.append(time.perf_counter() - started)
                if time.perf_counter() >= until:
                    break
            speaker.close()

    await asyncio.gather(*(call(number) for number in range(callers)))
    return Played(turns, time.perf_counter() - begun)
