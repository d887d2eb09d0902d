"""Tells whoever waits in this process that a conversation has changed (LISTEN/NOTIFY carrying ids only)."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping

import psycopg
import structlog

from hotline.conversations.service import CHANNEL

logger = structlog.get_logger(__name__)

_RECONNECT_PAUSE = 0.5


class Hub:
    """One database connection that listens, and the waiters of this process."""

    def __init__(self, url: str, *, others: Mapping[str, Callable[[], Awaitable[None]]] | None = None) -> None:
        """
        Args:
            url: the database's ``postgresql://`` address.
            others: more channels, each with what to do when it is notified.
        """
        self._url = url
        self._others = others or {}
        self._waiters: dict[uuid.UUID, set[asyncio.Event]] = defaultdict(set)
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to listen."""
        self._task = asyncio.create_task(self._listen())

    async def close(self) -> None:
        """Stop listening."""
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    @contextlib.contextmanager
    def changes(self, conversation_id: uuid.UUID) -> Iterator[asyncio.Event]:
        """An event that is set whenever the conversation changes; the waiter clears it."""
        event = asyncio.Event()
        self._waiters[conversation_id].add(event)
        try:
            yield event
        finally:
            self._waiters[conversation_id].discard(event)
            if not self._waiters[conversation_id]:
                del self._waiters[conversation_id]

    async def _listen(self) -> None:
        missed = False
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(self._url, autocommit=True) as connection:
                    for channel in (CHANNEL, *self._others):
                        await connection.execute(f"LISTEN {channel}")
                    self._wake_all()  # something may have happened while nobody listened
                    for channel in self._others if missed else ():
                        await self._hear(channel, "")
                    missed = True
                    async for notice in connection.notifies():
                        await self._hear(notice.channel, notice.payload)
            except psycopg.Error as error:
                logger.warning("the listening connection was lost", error=str(error))
                await asyncio.sleep(_RECONNECT_PAUSE)

    async def _hear(self, channel: str, payload: str) -> None:
        try:
            if channel == CHANNEL:
                for event in self._waiters.get(uuid.UUID(payload), ()):
                    event.set()
            else:
                await self._others[channel]()
        except Exception:
            logger.exception("what a notice asked for failed", channel=channel)

    def _wake_all(self) -> None:
        for events in self._waiters.values():
            for event in events:
                event.set()
