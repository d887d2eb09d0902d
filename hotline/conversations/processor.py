"""Brings each pending message to the engine, one at a time per conversation, and delivers what it says.

A conversation's messages are answered under an advisory lock that dies with the process, so that another worker
(or the next start) goes on where this one was killed. The engine is given the same message id again and must not
run anything twice; the replies and the mark "answered" are committed together.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError

from hotline.conversations import places, texts
from hotline.conversations.engine import Engine, EngineAnswer, EngineUnavailable, Turn
from hotline.conversations.models import Message
from hotline.conversations.service import Conversations
from hotline.database import Database

logger = structlog.get_logger(__name__)

#: Answers a turn without the engine: text in, answer out.
Fallback = Callable[[str], Awaitable[EngineAnswer]]

_RETRY_PAUSE = 0.4
_SWEEP_PAUSE = 1.0


class Processor:
    """Answers pending messages in this process."""

    def __init__(
        self,
        database: Database,
        conversations: Conversations,
        engine: Engine,
        fallback: Fallback,
        *,
        patience: float,
        queue_timeout: int,
        concurrency: int = 8,
    ) -> None:
        """
        Args:
            patience: seconds a citizen waits for an engine that is starting again, before the fallback answers.
            queue_timeout: minutes until an unclaimed conversation goes back to the bot.
            concurrency: turns at a time; each holds one database connection.
        """
        self._database = database
        self._conversations = conversations
        self._engine = engine
        self._fallback = fallback
        self._patience = patience
        self._queue_timeout = queue_timeout
        self._slots = asyncio.Semaphore(concurrency)
        self._running: dict[uuid.UUID, asyncio.Task[None]] = {}
        self._again: set[uuid.UUID] = set()
        self._closed = False
        #: Since when the engine has been failing (monotonic seconds); None while it answers.
        self._down_since: float | None = None
        self._sweeper: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to look for messages that no process answers (left by one that was killed)."""
        self._sweeper = asyncio.create_task(self._sweep())

    async def close(self) -> None:
        """Stop looking, and break off the turns under way; whoever starts next takes them up."""
        self._closed = True
        if self._sweeper:
            self._sweeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._sweeper
        for task in list(self._running.values()):
            task.cancel()
        await asyncio.gather(*self._running.values(), return_exceptions=True)

    def wake(self, conversation_id: uuid.UUID) -> None:
        """Answer what is pending in this conversation, now."""
        if self._closed:
            return
        if conversation_id in self._running:
            self._again.add(conversation_id)
            return
        task = asyncio.create_task(self._work(conversation_id))
        self._running[conversation_id] = task
        task.add_done_callback(lambda done: self._ended(conversation_id, done))

    def _ended(self, conversation_id: uuid.UUID, task: asyncio.Task[None]) -> None:
        self._running.pop(conversation_id, None)
        if not task.cancelled() and task.exception() is not None:
            logger.error("a turn failed", conversation=str(conversation_id), exc_info=task.exception())
            self._again.discard(conversation_id)  # the sweeper tries again, at its own pace
        elif conversation_id in self._again:
            self._again.discard(conversation_id)
            self.wake(conversation_id)

    async def _work(self, conversation_id: uuid.UUID) -> None:
        async with self._slots:
            while await self._one(conversation_id):
                pass

    async def _one(self, conversation_id: uuid.UUID) -> bool:
        """Answer the oldest pending message; return whether there may be more."""
        async with self._database.transaction() as session:
            mine = await session.scalar(
                text("SELECT pg_try_advisory_xact_lock(hashtextextended(:id, 12345))"),
                {"id": str(conversation_id)},
            )
            if not mine:
                return False
            oldest = (
                select(Message)
                .where(Message.conversation_id == conversation_id, Message.state == "pending")
                .order_by(Message.seq)
                .limit(2)
            )
            found = (await session.scalars(oldest)).all()
            if not found:
                return False
            message = found[0]
            started = time.monotonic()
            if message.content.get("attachments"):
                answer = await self._conversations.answer_photos(session, message)
            elif message.content.get("place"):
                answer = await places.answer(session, message) or await self._answer(message)
            else:
                answer = await self._answer(message)
            evidence: dict[str, Any] = answer.evidence | {
                "milliseconds": round((time.monotonic() - started) * 1000, 1)
            }
            await self._conversations.deliver(session, conversation_id, message.seq, answer.replies, evidence)
        # What has come meanwhile has woken this conversation again.
        return len(found) > 1

    async def _answer(self, message: Message) -> EngineAnswer:
        """The engine's answer; while it is away, wait a while for it, then answer without it."""
        turn = Turn(
            conversation_id=message.conversation_id,
            message_id=f"{message.conversation_id}:{message.seq}",
            text=message.text,
            command=message.command,
        )
        deadline = time.monotonic() + self._patience
        while True:
            try:
                answer = await self._engine.answer(turn)
            except Exception as error:  # whatever it is, a citizen waits, and the same id may be tried again
                if self._down_since is None:
                    self._down_since = time.monotonic()
                    unexpected = None if isinstance(error, EngineUnavailable) else error
                    logger.warning("the engine does not answer", error=str(error), exc_info=unexpected)
                if time.monotonic() > min(deadline, self._down_since + self._patience):
                    return await self._without_engine(message.text)
                await asyncio.sleep(_RETRY_PAUSE)
            else:
                if self._down_since is not None:
                    logger.info("the engine answers again")
                    self._down_since = None
                return answer if answer.replies else await self._without_engine(message.text)

    async def _without_engine(self, words: str) -> EngineAnswer:
        try:
            return await self._fallback(words)
        except Exception:
            logger.exception("the fallback failed")
            return EngineAnswer([{"text": texts.ENGINE_DOWN_NOTHING, "buttons": texts.ENGINE_DOWN_BUTTONS}])

    async def _sweep(self) -> None:
        """Wake conversations with messages nobody has answered, and end stale queues."""
        while True:
            try:
                waiting = select(Message.conversation_id).where(
                    Message.state == "pending",
                    Message.created_at < func.now() - text("interval '1 second'"),
                )
                async with self._database.transaction() as session:
                    found = set((await session.scalars(waiting.limit(500))).all())
                for conversation_id in found - self._running.keys():
                    self.wake(conversation_id)
                if self._queue_timeout:
                    await self._conversations.do_end_stale_queues(self._queue_timeout)
                # Nobody may have written since an outage: its end must not count against the next one's patience.
                if self._down_since is not None and not self._running and await self._engine.ready():
                    self._down_since = None
            except OperationalError as error:
                logger.warning("the sweep waits for the database", error=str(error.orig).strip())
            except Exception:
                logger.exception("the sweep failed; it goes on")
            await asyncio.sleep(_SWEEP_PAUSE)
