"""Taking out what the channel keeps of persons: words on their way, and at last the openid; called by ``hotline/privacy``.

All in the caller's transaction. Who writes again afterwards is somebody new.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.channels.wechat.models import WechatContact, WechatMessage, WechatPush
from hotline.conversations.texts import FORGOTTEN
from hotline.database import now

#: Who has only opened the chat may yet write.
_SILENT = timedelta(days=7)


async def do_forget(
    session: AsyncSession, conversations: Collection[uuid.UUID], *, before: datetime | None = None
) -> None:
    """Empty what was sent in these conversations; what still waits there is given up.

    Args:
        before: only what is older; None: everything.
    """
    openids = list(await session.scalars(_openids(conversations)))
    if not openids:
        return
    messages = [WechatMessage.openid.in_(openids), WechatMessage.text != ""]
    replies = [WechatPush.openid.in_(openids), WechatPush.reply != ""]
    if before is not None:
        messages.append(WechatMessage.created_at < before)
        replies.append(WechatPush.created_at < before)
    given_up = {"state": "未送达", "error": FORGOTTEN, "done_at": now()}
    waiting = WechatMessage.state.in_(("待发送", "等市民来信"))
    await session.execute(update(WechatMessage).where(*messages, waiting).values(given_up))
    await session.execute(update(WechatMessage).where(*messages).values(text="", choices=None, brief=False))
    await session.execute(update(WechatPush).where(*replies).values(reply=""))


async def left(session: AsyncSession) -> Sequence[uuid.UUID]:
    """The conversations of those who have left their account; nobody can leave 微信客服, and who is silent there has."""
    query = select(WechatContact.conversation_id).where(_has_left())
    return (await session.scalars(query)).all()


async def do_drop(
    session: AsyncSession, conversations: Collection[uuid.UUID], *, who_left: bool = False
) -> int:
    """Delete the openids of these conversations; return how many there were.

    Args:
        who_left: only of those who have left their account.
    """
    query = _openids(conversations)
    if who_left:
        query = query.where(_has_left())
    openids = list(await session.scalars(query.with_for_update()))
    for table in (WechatMessage, WechatPush, WechatContact):
        await session.execute(delete(table).where(table.openid.in_(openids)))
    return len(openids)


def _has_left() -> ColumnElement[bool]:
    silent = and_(
        WechatContact.platform == "kf",
        WechatContact.created_at < now() - _SILENT,
        or_(WechatContact.allowance_until.is_(None), WechatContact.allowance_until < now()),
    )
    return or_(WechatContact.left_at.is_not(None), silent)


def _openids(conversations: Collection[uuid.UUID]) -> Select[Any]:
    return select(WechatContact.openid).where(WechatContact.conversation_id.in_(conversations))
