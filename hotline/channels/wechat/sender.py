"""Brings to citizens what was said when no push waited for it: by customer-service messages, which are few.

A message is sent while its row is locked and marked in the same transaction, and all messages to one citizen go one after the
other. Who is killed between sending and marking sends again: a repeated line is better than a lost one.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import structlog
from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.channels.wechat import codes, words
from hotline.channels.wechat.calls import WechatError
from hotline.channels.wechat.models import WechatContact, WechatMessage
from hotline.channels.wechat.notices import notice_of
from hotline.channels.wechat.outlet import Menu, Outlet, Said
from hotline.channels.wechat.unsaid import unsaid_to
from hotline.conversations.hub import Hub
from hotline.conversations.models import Conversation
from hotline.conversations.steps import CHANNEL as CHANGED
from hotline.conversations.steps import notify
from hotline.database import Database, now

logger = structlog.get_logger(__name__)

_LOCK = 12345_12
#: A used-up number and wrong settings are not put right within less, in seconds.
_LATER = 60
#: Waits between the tries, in seconds; after the last one an agent sees 未送达.
_WAITS = (1, 3, 10, 30, 120, 600, 3600)
_SWEEP = 1.0
#: Notices come in bursts; so long after one the next look is taken.
_GATHER = 0.05
_AT_A_TIME = 8
#: After these the platform's own count is used up, or there is none.
_COUNTED = frozenset({"waits", "window", "gone"})


class _Used(NamedTuple):
    """One message of those that may be sent: the column that counts them, and until when they may."""

    which: str
    until: datetime | None


class Sender:
    """Sends in this process; several may."""

    def __init__(self, outlets: Mapping[str, Outlet], database: Database, hub: Hub) -> None:
        """
        Args:
            outlets: by the platform that a contact has.
        """
        self._outlets = outlets
        self._database = database
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        hub.attach([CHANGED], lambda channel, payload: self._changed.set())

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
                await self.do_gather()
                while await self.do_send():
                    pass
            except OperationalError as error:
                logger.warning("sending waits for the database", error=str(error.orig).strip())
            except Exception:
                logger.exception("sending failed; it goes on")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), _SWEEP)
                await asyncio.sleep(_GATHER)

    async def do_gather(self) -> int:
        """Make messages of what was said and no push waits for; return for how many citizens."""
        query = (
            select(WechatContact.openid)
            .join(Conversation, Conversation.id == WechatContact.conversation_id)
            .where(
                Conversation.last_seq > WechatContact.told_seq,
                WechatContact.platform.in_(self._outlets),
                _nobody_waits(),
            )
            .limit(500)
        )
        async with self._database.transaction() as session:
            found = (await session.scalars(query)).all()
        for openid in found:
            await self._gather(openid)
        return len(found)

    async def _gather(self, openid: str) -> None:
        query = (
            select(WechatContact)
            .where(WechatContact.openid == openid, _nobody_waits())
            .with_for_update(skip_locked=True)
        )
        async with self._database.transaction() as session:
            contact = (await session.scalars(query)).one_or_none()
            if contact is None:
                return
            first = contact.told_seq + 1
            unsaid = await unsaid_to(session, contact)
            parts = words.split(words.merged(unsaid.lines))
            for place, part in enumerate(parts, 1):
                # Choices to tap have all that is said over them: one message, or none of this kind.
                choices = unsaid.choices if len(parts) == place == 1 else None
                session.add(
                    WechatMessage(
                        openid=openid, first_seq=first, last_seq=unsaid.last, text=part, choices=choices
                    )
                )
            contact.told_seq = unsaid.last
            if parts:
                await notify(session, contact.conversation_id)

    async def do_send(self) -> int:
        """Send what is due, to some citizens side by side; return how many messages were dealt with."""
        query = (
            select(WechatMessage.openid)
            .join(WechatContact)
            .where(
                WechatMessage.state == "待发送",
                WechatMessage.next_try_at <= now(),
                WechatContact.platform.in_(self._outlets),
            )
            .group_by(WechatMessage.openid)
            .order_by(func.min(WechatMessage.id))
            .limit(_AT_A_TIME)
        )
        async with self._database.transaction() as session:
            citizens = (await session.scalars(query)).all()
        return sum(await asyncio.gather(*(self._send_next(openid) for openid in citizens)))

    async def _send_next(self, openid: str) -> int:
        """Send the citizen the oldest message that waits."""
        query = (
            select(WechatMessage)
            .where(WechatMessage.openid == openid, WechatMessage.state == "待发送")
            .order_by(WechatMessage.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        async with self._database.transaction() as session:
            if not await nothing_under_way(session, openid):  # another process sends to this citizen
                return 0
            message = (await session.scalars(query)).one_or_none()
            if message is None or message.next_try_at > now():
                return 0
            # The citizen's own row is never held while the platform is spoken with: a push may come.
            contact = await self._contact(openid)
            await notify(session, contact.conversation_id)
            if contact.left_at is not None:
                _fail(message, codes.in_words(43004))
                return 1
            outlet, used = self._outlets[contact.platform], await self._use_allowance(openid)
            try:
                if used is not None:
                    await outlet.send(openid, _said(message))
                elif not await self._tell(session, outlet, contact, message):
                    message.state, message.error = "等市民来信", codes.in_words(45047)
                    return 1
            except WechatError as error:
                if used is not None and error.meaning not in _COUNTED:
                    await self._give_back(openid, used)
                await self._refused(session, message, error)
                return 1
            message.state, message.done_at, message.error = "已发送", now(), ""
            message.attempts += 1
            return 1

    async def _contact(self, openid: str) -> WechatContact:
        async with self._database.transaction() as session:
            return await session.get_one(WechatContact, openid)

    async def _use_allowance(self, openid: str) -> _Used | None:
        """Take one of the messages that may be sent; the short-lived ones first."""
        async with self._database.transaction() as session:
            contact = await session.get_one(WechatContact, openid, with_for_update=True)
            at = now()
            if contact.event_allowance > 0 and (contact.event_allowance_until or at) > at:
                contact.event_allowance -= 1
                return _Used("event_allowance", contact.event_allowance_until)
            if contact.allowance > 0 and (contact.allowance_until or at) > at:
                contact.allowance -= 1
                return _Used("allowance", contact.allowance_until)
            return None

    async def _give_back(self, openid: str, used: _Used) -> None:
        """What was not sent does not count, unless the citizen has written meanwhile and it is counted anew."""
        async with self._database.transaction() as session:
            contact = await session.get_one(WechatContact, openid, with_for_update=True)
            if getattr(contact, f"{used.which}_until") == used.until:
                setattr(contact, used.which, getattr(contact, used.which) + 1)

    @staticmethod
    async def _tell(
        session: AsyncSession, outlet: Outlet, contact: WechatContact, message: WechatMessage
    ) -> bool:
        """Tell of an order in the way that is left when there is one; return whether it was."""
        lines = message.first_seq, message.last_seq
        notice = await notice_of(session, contact.conversation_id, *lines, key=f"m{message.id}")
        if notice is None:
            return False
        if await _noticed(session, message):  # of a long answer each part would come with the same notice
            message.brief = True
            return True
        told = await outlet.tell(contact.openid, notice)
        if told is None:
            return False
        message.brief, message.notice = True, told.number
        return True

    async def _refused(self, session: AsyncSession, message: WechatMessage, error: WechatError) -> None:
        message.attempts += 1
        message.error = error.words
        settings = error.meaning == "office" or error.code in codes.OFFICE_WORDS
        level = logging.ERROR if settings else logging.WARNING
        logger.log(level, "a message was not taken", message=message.id, code=error.code, words=message.error)
        if error.meaning == "waits":
            await self._correct(message.openid, allowance=0, event_allowance=0)
            message.state = "等市民来信"
        elif error.meaning == "held":
            message.state = "等市民来信"
        elif error.meaning == "window":
            # By template at the next try, or when the citizen writes.
            await self._correct(message.openid, allowance=0, event_allowance=0)
        elif error.meaning == "gone":
            if error.code == 43004:
                await self._correct(message.openid, left_at=now())
            _fail(message, message.error)
        elif error.meaning == "long":
            self._part(session, message)
        elif error.meaning == "broken" and message.choices is not None:
            message.choices = None  # once more, as text with numbers
        elif error.meaning == "broken" or message.attempts > len(_WAITS):
            _fail(message, message.error)
        else:
            wait = _WAITS[message.attempts - 1]
            if error.meaning in ("later", "office"):
                wait = max(wait, _LATER)
            message.next_try_at = now() + timedelta(seconds=wait)

    async def _correct(self, openid: str, **values: Any) -> None:
        """Note what the platform knows better."""
        async with self._database.transaction() as session:
            await session.execute(
                update(WechatContact).where(WechatContact.openid == openid).values(**values)
            )

    @staticmethod
    def _part(session: AsyncSession, message: WechatMessage) -> None:
        """Send it as two."""
        parts = words.split(message.text, max(words.size(message.text) * 6 // 10, 30))
        if len(parts) < 2:
            _fail(message, message.error)
            return
        message.state, message.done_at, message.error = "已发送", now(), "太长，已拆成几条"
        session.add_all(
            WechatMessage(
                openid=message.openid,
                first_seq=message.first_seq,
                last_seq=message.last_seq,
                text=part,
            )
            for part in parts
        )


async def _noticed(session: AsyncSession, message: WechatMessage) -> bool:
    """Whether a notice has gone out for another part of the same lines."""
    query = select(WechatMessage.id).where(
        WechatMessage.openid == message.openid,
        WechatMessage.first_seq == message.first_seq,
        WechatMessage.brief,
        WechatMessage.id != message.id,
    )
    return await session.scalar(query.limit(1)) is not None


async def nothing_under_way(session: AsyncSession, openid: str) -> bool:
    """Whether nothing is being sent to this citizen; if so, nothing begins until the transaction ends."""
    mine = select(func.pg_try_advisory_xact_lock(_LOCK, func.hashtext(openid)))
    return bool(await session.scalar(mine))


async def lock_sending(session: AsyncSession, openid: str) -> None:
    """Wait until nothing is under way to this citizen, and let nothing begin until the transaction ends."""
    await session.execute(select(func.pg_advisory_xact_lock(_LOCK, func.hashtext(openid))))


def _said(message: WechatMessage) -> Said:
    made = int(message.created_at.timestamp())  # another database counts from one again
    return Said(key=f"m{message.id}-{made}", text=message.text, menu=Menu.read(message.choices))


def _fail(message: WechatMessage, error: str) -> None:
    message.state, message.error, message.done_at = "未送达", error[:500], now()


def _nobody_waits() -> ColumnElement[bool]:
    return or_(WechatContact.waiting_until.is_(None), WechatContact.waiting_until < now())
