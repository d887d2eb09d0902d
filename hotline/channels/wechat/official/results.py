"""What became of a template message: the platform tells it afterwards (TEMPLATESENDJOBFINISH)."""

from __future__ import annotations

from sqlalchemy import select

from hotline.channels.wechat import texts
from hotline.channels.wechat.models import WechatContact, WechatMessage
from hotline.channels.wechat.push import Push
from hotline.channels.wechat.sender import lock_sending
from hotline.conversations.steps import notify
from hotline.database import Database, now

KIND = "templatesendjobfinish"
_ARRIVED = "success"


async def do_settle(database: Database, push: Push) -> None:
    """Take down that a notice did not arrive; the words still follow when the citizen writes."""
    if push.text == _ARRIVED:
        return
    query = (
        select(WechatMessage)
        .where(
            WechatMessage.openid == push.openid,
            WechatMessage.notice == push.value,
            WechatMessage.brief,
            WechatMessage.state == "已发送",
        )
        .with_for_update()
    )
    async with database.transaction() as session:
        # The platform may be faster than we are in noting the number under which it was sent.
        await lock_sending(session, push.openid)
        message = (await session.scalars(query)).one_or_none()
        if message is None:
            return
        reason = texts.NOT_ARRIVED.get(push.text, texts.NOT_ARRIVED_OTHERWISE.format(status=push.text))
        message.state, message.error, message.done_at = "未送达", reason[:500], now()
        contact = await session.get_one(WechatContact, push.openid)
        await notify(session, contact.conversation_id)
