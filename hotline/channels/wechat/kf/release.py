"""What waited until the citizen writes goes, when they have."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.channels.wechat import words
from hotline.channels.wechat.models import WechatMessage
from hotline.database import now

#: What could not be brought for so long is news no more.
_MAKES_SENSE = timedelta(days=14)


async def released(session: AsyncSession, openid: str) -> bool:
    """Have what the citizen has not seen sent, put together: each message costs one of the few that may be sent.

    Tells whether there was anything.
    """
    query = (
        select(WechatMessage)
        .where(
            WechatMessage.openid == openid,
            WechatMessage.state.in_(("等市民来信", "未送达")),
            WechatMessage.text != "",
            WechatMessage.created_at > now() - _MAKES_SENSE,
        )
        .order_by(WechatMessage.id)
        .with_for_update(skip_locked=True)
    )
    kept = (await session.scalars(query)).all()
    if not kept:
        return False
    first, last = min(message.first_seq for message in kept), max(message.last_seq for message in kept)
    for message in kept:
        message.state, message.done_at, message.error = "已发送", now(), "和别的一起重新发了"
    session.add_all(
        WechatMessage(openid=openid, first_seq=first, last_seq=last, text=part)
        for part in words.split(words.merged([message.text for message in kept]))
    )
    return True
