"""Callers who speak to an engine over HTTP, and what they measure."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

#: The body of the request that says ``text`` in the conversation ``sender``.
Body = Callable[[str, str], dict[str, Any]]


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

    def __init__(self, port: int, path: str, headers: dict[str, str]) -> None:
        self._port = port
        lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self._head = "\r\n".join(lines)
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, body: dict[str, Any]) -> Any:
        """Send, and return the answer.

        Raises:
            OSError: the server is not there, or it answered with an error.
        """
        content = json.dumps(body).encode()
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        try:
            writer.write(f"{self._head}\r\nContent-Length: {len(content)}\r\n\r\n".encode() + content)
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
            length = int(head.split("content-length:", 1)[1].split("\r\n", 1)[0])
            answer = await reader.readexactly(length)
        except (asyncio.IncompleteReadError, IndexError) as error:
            self.close()
            raise OSError("the connection broke") from error
        if "connection: close" in head:
            self.close()
        if not head.startswith("http/1.1 200"):
            raise OSError(f"{head.splitlines()[0]}: {answer[:200]!r}")
        return json.loads(answer)

    def close(self) -> None:
        """Close the connection; the next call opens another one."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


async def play(
    connect: Callable[[], Connection],
    body: Body,
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
        connection = connect()
        count = 0
        while time.perf_counter() < until:
            count += 1
            for text in next(dialogues):
                started = time.perf_counter()
                await connection.post(body(f"{name}-{number}-{count}", text))
                turns.append(time.perf_counter() - started)
                if time.perf_counter() >= until:
                    break
        connection.close()

    await asyncio.gather(*(call(number) for number in range(callers)))
    return Played(turns, time.perf_counter() - begun)
