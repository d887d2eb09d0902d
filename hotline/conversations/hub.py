"""Tells whoever waits in this process that a conversation has changed (LISTEN/NOTIFY carrying ids only)."""

from __future__ import annotations

import asyncio
import contextlib
import time
import uuid
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping

import psycopg
import structlog

from hotline.conversations.steps import CHANNEL, TYPING

logger = structlog.get_logger(__name__)

_RECONNECT_PAUSE = 0.5
#: Whoever writes says so every five seconds; after so many without it, they have stopped.
TYPING_SECONDS = 8.0

#: Hears a notice's channel and payload; an empty channel: notices may have been missed.
Ear = Callable[[str, str], None]


class Hub:
    """One database connection that listens, and the waiters of this process."""

    def __init__(
        self, url: str, *, others: Mapping[str, Callable[[], Awaitable[None]]] | None = None
    ) -> None:
        """
        Args:
            url: the database's ``postgresql://`` address.
            others: more channels, each with what to do when it is notified.
        """
        self._url = url
        self._others = others or {}
        self._waiters: dict[uuid.UUID, set[asyncio.Event]] = defaultdict(set)
        self._ears: list[tuple[frozenset[str], Ear]] = []
        #: Until when (monotonic) an agent is known to write.
        self._typing: dict[uuid.UUID, float] = {}
        self._task: asyncio.Task[None] | None = None

    def attach(self, channels: Collection[str], ear: Ear) -> None:
        """Have ``ear`` hear these channels too, on the same connection; before :meth:`start`."""
        self._ears.append((frozenset(channels), ear))

    def typing_left(self, conversation_id: uuid.UUID) -> float | None:
        """For how many seconds more an agent is known to write in the conversation; None: nobody writes."""
        left = self._typing.get(conversation_id, 0.0) - time.monotonic()
        if left <= 0:
            self._typing.pop(conversation_id, None)
            return None
        return left

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
                self._typing.pop(conversation_id, None)

    async def _listen(self) -> None:
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(self._url, autocommit=True) as connection:
                    wanted = {CHANNEL, TYPING, *self._others}.union(*(channels for channels, _ in self._ears))
                    for channel in sorted(wanted):
                        await connection.execute(f"LISTEN {channel}")
                    self._wake_all()  # something may have happened while nobody listened
                    for _, ear in self._ears:
                        ear("", "")
                    # Also the first time: another process may have changed it since it was read at the start.
                    for channel in self._others:
                        await self._hear(channel, "")
                    async for notice in connection.notifies():
                        await self._hear(notice.channel, notice.payload)
            except psycopg.Error as error:
                logger.warning("the listening connection was lost", error=str(error))
                await asyncio.sleep(_RECONNECT_PAUSE)

    async def _hear(self, channel: str, payload: str) -> None:
        try:
            for channels, ear in self._ears:
                if channel in channels:
                    ear(channel, payload)
            if channel == CHANNEL:
                self._wake(uuid.UUID(payload))
            elif channel == TYPING:
                self._hear_typing(payload)
            elif channel in self._others:
                await self._others[channel]()
        except Exception:
            logger.exception("what a notice asked for failed", channel=channel)

    def _hear_typing(self, payload: str) -> None:
        conversation, who, on = payload.split(":")
        if who == "citizen":  # that is for the desk
            return
        conversation_id = uuid.UUID(conversation)
        if conversation_id in self._waiters:
            self._typing[conversation_id] = time.monotonic() + TYPING_SECONDS if on == "1" else 0.0
            self._wake(conversation_id)

    def _wake(self, conversation_id: uuid.UUID) -> None:
        for event in self._waiters.get(conversation_id, ()):
            event.set()

    def _wake_all(self) -> None:
        for events in self._waiters.values():
            for event in events:
                event.set()
