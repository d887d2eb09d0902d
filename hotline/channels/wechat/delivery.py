"""What agents see of the way to a citizen's phone: how much may still be written, and what did not arrive."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.channels.wechat.models import WechatContact, WechatMessage
from hotline.database import now

#: States of messages that the citizen has not seen.
NOT_SEEN = ("待发送", "等市民来信", "未送达")


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """The way to one citizen's phone."""

    #: Messages that may still be sent, and until when; 0 and None: only when the citizen writes again.
    left: int
    until: datetime | None
    #: The citizen has left the account: nothing arrives any more.
    gone: bool
    #: What the citizen has not seen, oldest first.
    not_seen: Sequence[WechatMessage]


async def delivery_of(session: AsyncSession, conversation_id: uuid.UUID) -> Delivery | None:
    """The way to the citizen of a conversation; None: it is not on WeChat."""
    query = select(WechatContact).where(WechatContact.conversation_id == conversation_id)
    contact: WechatContact | None = (await session.scalars(query)).one_or_none()
    if contact is None:
        return None
    waiting = select(WechatMessage).where(
        WechatMessage.openid == contact.openid, WechatMessage.state.in_(NOT_SEEN)
    )
    left, until = _allowed(contact)
    return Delivery(
        left=left,
        until=until,
        gone=contact.left_at is not None,
        not_seen=(await session.scalars(waiting.order_by(WechatMessage.id))).all(),
    )


def _allowed(contact: WechatContact) -> tuple[int, datetime | None]:
    """Both allowances together; the time is that of the longer one."""
    at = now()
    left, until = 0, None
    for number, end in (
        (contact.event_allowance, contact.event_allowance_until),
        (contact.allowance, contact.allowance_until),
    ):
        if number > 0 and end is not None and end > at:
            left, until = left + number, end
    return left, until
