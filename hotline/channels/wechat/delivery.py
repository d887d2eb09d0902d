"""What agents see of the way to a citizen's phone: how much may still be written, and what did not arrive."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.channels.wechat.models import WechatContact, WechatMessage
from hotline.database import now

#: Conversations of this channel have one.
CHANNEL = "wechat"
#: States of messages that the citizen has not seen.
NOT_SEEN = ("待发送", "等市民来信", "未送达")
#: Those that nobody can see as under way.
STUCK = ("未送达", "等市民来信")
#: Somebody should do something about what did not arrive; after so long nobody does, and lists stop telling of it.
_ASKS_FOR_CARE = timedelta(days=7)


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """The way to one citizen's phone."""

    #: Messages that may still be sent, and until when; 0 and None: only when the citizen writes again.
    left: int
    until: datetime | None
    #: The citizen has left the account: nothing arrives any more.
    gone: bool
    #: People in 企业微信 have the session: what is said here waits until it is over and the citizen writes.
    held: bool
    #: What the citizen has not seen, oldest first.
    not_seen: Sequence[WechatMessage]

    @property
    def undelivered(self) -> int:
        """How many messages of late did not arrive."""
        since = now() - _ASKS_FOR_CARE
        return sum(message.state == "未送达" and message.created_at > since for message in self.not_seen)


@dataclass(frozen=True, kw_only=True)
class Stuck:
    """A message that did not arrive, and where it was said."""

    message: WechatMessage
    conversation_id: uuid.UUID
    gone: bool


async def delivery_of(session: AsyncSession, conversation_id: uuid.UUID) -> Delivery | None:
    """The way to the citizen of a conversation; None: it is not on WeChat."""
    return (await deliveries_of(session, [conversation_id])).get(conversation_id)


async def deliveries_of(
    session: AsyncSession, conversations: Collection[uuid.UUID]
) -> dict[uuid.UUID, Delivery]:
    """The ways to the citizens of those conversations that are on WeChat; one query."""
    not_seen = (WechatMessage.openid == WechatContact.openid) & WechatMessage.state.in_(NOT_SEEN)
    query = (
        select(WechatContact, WechatMessage)
        .outerjoin(WechatMessage, not_seen)
        .where(WechatContact.conversation_id.in_(conversations))
        .order_by(WechatMessage.id)
    )
    contacts: dict[uuid.UUID, tuple[WechatContact, list[WechatMessage]]] = {}
    for contact, message in await session.execute(query):
        _, waiting = contacts.setdefault(contact.conversation_id, (contact, []))
        if message is not None:
            waiting.append(message)
    found: dict[uuid.UUID, Delivery] = {}
    for conversation_id, (contact, waiting) in contacts.items():
        left, until = _allowed(contact)
        found[conversation_id] = Delivery(
            left=left,
            until=until,
            gone=contact.left_at is not None,
            held=contact.is_there,
            not_seen=waiting,
        )
    return found


async def undelivered_in(session: AsyncSession, conversations: Collection[uuid.UUID]) -> dict[uuid.UUID, int]:
    """How many messages of late did not arrive, of the conversations where there are any; one query."""
    query = (
        select(WechatContact.conversation_id, func.count())
        .join(WechatMessage, WechatMessage.openid == WechatContact.openid)
        .where(
            WechatContact.conversation_id.in_(conversations),
            WechatMessage.state == "未送达",
            WechatMessage.created_at > now() - _ASKS_FOR_CARE,
        )
        .group_by(WechatContact.conversation_id)
    )
    return {row[0]: row[1] for row in await session.execute(query)}


async def stuck(session: AsyncSession, *, limit: int) -> tuple[list[Stuck], int]:
    """The newest messages that did not arrive or wait until the citizen writes, and how many there are."""
    wanted: ColumnElement[bool] = WechatMessage.state.in_(STUCK)
    query = (
        select(WechatMessage, WechatContact.conversation_id, WechatContact.left_at)
        .join(WechatContact, WechatContact.openid == WechatMessage.openid)
        .where(wanted)
        .order_by(WechatMessage.id.desc())
        .limit(limit)
    )
    found = [
        Stuck(message=message, conversation_id=conversation_id, gone=left_at is not None)
        for message, conversation_id, left_at in await session.execute(query)
    ]
    total = len(found)
    if total == limit:
        total = await session.scalar(select(func.count()).where(wanted)) or total
    return found, total


def _allowed(contact: WechatContact) -> tuple[int, datetime | None]:
    """What the last message allows; only without it what the last press does, which is over in a minute."""
    at = now()
    if contact.left_at is not None:
        return 0, None
    for number, end in (
        (contact.allowance, contact.allowance_until),
        (contact.event_allowance, contact.event_allowance_until),
    ):
        if number > 0 and end is not None and end > at:
            return number, end
    return 0, None
