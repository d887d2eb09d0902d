"""What waited until the citizen writes goes, when they have."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from hotline.channels.wechat import words
from hotline.channels.wechat.kf.sessions import THERE, WAITING
from hotline.channels.wechat.models import WechatContact, WechatMessage
from hotline.conversations.steps import notify
from hotline.database import Database, now

#: What could not be brought for so long is news no more.
_MAKES_SENSE = timedelta(days=14)


async def do_release(database: Database, openid: str) -> None:
    """Send what the citizen has not seen, put together: each message costs one of the few that may be sent."""
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
    async with database.transaction() as session:
        contact = await session.get_one(WechatContact, openid)
        if contact.service_state in (WAITING, THERE):
            return
        kept = (await session.scalars(query)).all()
        if not kept:
            return
        parts = words.split(words.merged([message.text for message in kept]))
        first, last = min(m.first_seq for m in kept), max(m.last_seq for m in kept)
        for message in kept:
            message.state, message.done_at, message.error = "已发送", now(), "和别的一起重新发了"
        session.add_all(
            WechatMessage(openid=openid, first_seq=first, last_seq=last, text=part) for part in parts
        )
        await notify(session, contact.conversation_id)
