"""A dialogue engine for the tests, as small as one can be and as strict as Rasa is: one message id runs once."""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter
from collections.abc import Callable

from hotline.conversations.engine import EngineAnswer, EngineUnavailable, Turn

Script = Callable[[Turn], EngineAnswer]


def echo(turn: Turn) -> EngineAnswer:
    """Say what was said."""
    return EngineAnswer([{"text": f"答：{turn.text}"}], {"intent": "echo"})


class ScriptedEngine:
    """Answers by a script; can be held, be away, or break."""

    def __init__(self, script: Script = echo) -> None:
        self.script = script
        #: Every call, in order; the same turn may be asked for again.
        self.calls: list[Turn] = []
        #: The ids that were really run.
        self.ran: list[str] = []
        self.away = False
        self.broken: type[Exception] | None = None
        #: Conversations whose turns wait for :meth:`release`; None: all.
        self.held: set[uuid.UUID] | None = set()
        #: The most turns of one conversation, and of all, that were ever under way at once.
        self.most_in_one = self.most = 0
        self._under_way: Counter[uuid.UUID] = Counter()
        self._answers: dict[str, EngineAnswer] = {}
        self._changed = asyncio.Condition()

    async def answer(self, turn: Turn) -> EngineAnswer:
        """See :class:`hotline.conversations.engine.Engine`."""
        self.calls.append(turn)
        await self._tell()
        if self.away:
            raise EngineUnavailable("away")
        if self.broken is not None:
            raise self.broken("broken")
        self._under_way[turn.conversation_id] += 1
        self.most_in_one = max(self.most_in_one, *self._under_way.values())
        self.most = max(self.most, self._under_way.total())
        try:
            async with self._changed:
                await self._changed.wait_for(lambda: not self._holds(turn.conversation_id))
            if turn.message_id not in self._answers:
                self.ran.append(turn.message_id)
                self._answers[turn.message_id] = self.script(turn)
            return self._answers[turn.message_id]
        finally:
            self._under_way[turn.conversation_id] -= 1

    async def ready(self) -> bool:
        """See :class:`hotline.conversations.engine.Engine`."""
        await self._tell()
        return not self.away

    def hold(self, *conversations: uuid.UUID) -> None:
        """Let turns of these conversations, or of all, wait."""
        self.held = set(conversations) or None

    async def release(self) -> None:
        """Let all turns go on."""
        self.held = set()
        await self._tell()

    async def called(self, times: int) -> None:
        """Wait until the engine was asked ``times`` times in all."""
        async with asyncio.timeout(10), self._changed:
            await self._changed.wait_for(lambda: len(self.calls) >= times)

    def _holds(self, conversation_id: uuid.UUID) -> bool:
        return self.held is None or conversation_id in self.held

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()
