"""What waited until the citizen writes goes, when they have."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from hotline.channels.wechat import words
from hotline.channels.wechat.models import WechatMessage
from hotline.channels.wechat.unsaid import kept_for
from hotline.database import now


async def released(session: AsyncSession, openid: str) -> bool:
    """Have what the citizen has not seen sent, put together: each message costs one of the few that may be sent.

    Tells whether there was anything.
    """
    kept = await kept_for(session, openid)
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
