"""Brings sessions where our conversations are: to the staff in 企业微信 and away from them; by whichever process comes first."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog
from sqlalchemy import exists, or_, select
from sqlalchemy.exc import OperationalError

from hotline.channels.wechat.calls import WechatError
from hotline.channels.wechat.kf.account import KfAccount
from hotline.channels.wechat.kf.sessions import OVER, THERE, WAITING, WHERE, Sessions
from hotline.channels.wechat.models import WechatContact, WechatMessage
from hotline.conversations import elsewhere
from hotline.conversations.hub import Hub
from hotline.conversations.models import Conversation
from hotline.conversations.steps import CHANNEL
from hotline.database import Database, now

logger = structlog.get_logger(__name__)

_SWEEP, _GATHER = 5.0, 0.5
#: What was said before goes first, but nobody waits longer for that.
_SAYS = timedelta(seconds=15)
#: Waits between the tries, in seconds; after the last one people at our console are to answer.
_WAITS = (2, 5, 15, 60, 180)
_PEACE = timedelta(hours=1)
_AT_A_TIME = 20

Move = Callable[[str], Awaitable[None]]


class Mover:
    """Moves sessions in this process."""

    def __init__(self, account: KfAccount, sessions: Sessions, database: Database, hub: Hub) -> None:
        self._account = account
        self._sessions = sessions
        self._database = database
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        hub.attach([CHANNEL], lambda channel, payload: self._changed.set())

    def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Stop; whoever starts next goes on."""
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while True:
            self._changed.clear()
            try:
                await self.do_follow()
            except OperationalError as error:
                logger.warning("moving waits for the database", error=str(error.orig).strip())
            except Exception:
                logger.exception("moving failed; it goes on")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), _SWEEP)
            await asyncio.sleep(_GATHER)

    async def do_follow(self) -> None:
        """Move what is not where it belongs."""
        if self._account.seats == "wecom":
            await self._give_away()
            for openid in await self._found(_queued_there):
                await self._move(openid, lambda one: self._sessions.do_move(one, WAITING))
        for openid in await self._found(_left_there):
            await self._move(openid, lambda one: self._sessions.do_move(one, OVER))
        for openid in await self._found(_long_there):
            await self._move(openid, self._sessions.do_look)

    # Below: parts of the above.

    async def _give_away(self) -> None:
        """Who waits for a person waits there from now on: nobody at our console takes them meanwhile."""
        query = (
            select(Conversation.id)
            .join(WechatContact, WechatContact.conversation_id == Conversation.id)
            .where(
                WechatContact.platform == "kf",
                Conversation.mode == "queued",
                Conversation.elsewhere.is_(None),
                or_(WechatContact.next_move_at.is_(None), WechatContact.next_move_at <= now()),
            )
            .limit(_AT_A_TIME)
        )
        async with self._database.transaction() as session:
            found = (await session.scalars(query)).all()
        for conversation_id in found:
            async with self._database.transaction() as session:
                await elsewhere.waits(session, conversation_id, WHERE, begins=False)

    async def _found(self, which: Callable[[], list[object]]) -> list[str]:
        query = (
            select(WechatContact.openid)
            .join(Conversation, Conversation.id == WechatContact.conversation_id)
            .where(WechatContact.platform == "kf", *which())  # type: ignore[arg-type]
            .limit(_AT_A_TIME)
        )
        async with self._database.transaction() as session:
            return list((await session.scalars(query)).all())

    async def _move(self, openid: str, move: Move) -> None:
        try:
            await move(openid)
        except WechatError as error:
            await self._note_failed(openid, error)

    async def _note_failed(self, openid: str, error: WechatError) -> None:
        """Try again later; in the end whoever waits is given to our console."""
        async with self._database.transaction() as session:
            contact = await session.get_one(WechatContact, openid, with_for_update=True)
            given_up = contact.moves >= len(_WAITS)
            wait = _PEACE if given_up else timedelta(seconds=_WAITS[contact.moves])
            contact.moves = 0 if given_up else contact.moves + 1
            contact.next_move_at = now() + wait
            if given_up and contact.service_state not in (WAITING, THERE):
                await elsewhere.waits_here(session, contact.conversation_id)
        log = logger.error if given_up else logger.warning
        log("a session could not be moved", code=error.code, words=error.words, given_up=given_up)


def _due() -> object:
    return or_(WechatContact.next_move_at.is_(None), WechatContact.next_move_at <= now())


def _queued_there() -> list[object]:
    on_its_way = exists().where(WechatMessage.openid == WechatContact.openid, WechatMessage.state == "待发送")
    all_said = (Conversation.last_seq <= WechatContact.told_seq) & ~on_its_way
    return [
        Conversation.mode == "queued",
        Conversation.elsewhere.is_not(None),
        or_(WechatContact.service_state.is_(None), WechatContact.service_state.not_in((WAITING, THERE))),
        or_(all_said, Conversation.queued_at < now() - _SAYS),
        _due(),
    ]


def _left_there() -> list[object]:
    tried_lately = (WechatContact.moves > 0) & (WechatContact.next_move_at > now())
    return [Conversation.mode == "bot", WechatContact.service_state == WAITING, ~tried_lately]


def _long_there() -> list[object]:
    return [
        Conversation.elsewhere.is_not(None),
        WechatContact.service_state.in_((WAITING, THERE)),
        WechatContact.next_move_at <= now(),
    ]
