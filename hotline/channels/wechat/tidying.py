"""Forgets what the channel needs no more."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete

from hotline.channels.wechat.models import WechatMessage, WechatNonce, WechatPush
from hotline.database import Database, now

#: The platform repeats a push within seconds; whoever looks into a complaint has a week.
_PUSHES = timedelta(days=7)
#: Longer than the oldest request that is taken.
_NONCES = timedelta(days=1)
#: What was sent stands in the conversation as well.
_SENT = timedelta(days=30)


async def do_tidy(database: Database) -> None:
    """Forget signed requests, pushes and sent messages of long ago."""
    at = now()
    async with database.transaction() as session:
        await session.execute(delete(WechatNonce).where(WechatNonce.at < at - _NONCES))
        await session.execute(delete(WechatPush).where(WechatPush.created_at < at - _PUSHES))
        sent = WechatMessage.state == "已发送"
        await session.execute(delete(WechatMessage).where(sent, WechatMessage.done_at < at - _SENT))
