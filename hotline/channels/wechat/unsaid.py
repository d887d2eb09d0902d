"""What the conversation has said to the citizen and nobody has brought yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.channels.wechat import words
from hotline.channels.wechat.models import WechatContact, WechatMessage
from hotline.conversations.elsewhere import BROUGHT
from hotline.conversations.models import Message
from hotline.database import now

#: What could not be brought for so long is news no more.
_MAKES_SENSE = timedelta(days=14)


@dataclass(frozen=True, kw_only=True)
class Unsaid:
    """Lines as WeChat can show them, and the number of the conversation's last line."""

    lines: Sequence[str]
    last: int
    #: The choices at their end, as ``wechat_message.choices`` keeps them; None: there are none.
    choices: dict[str, Any] | None


async def unsaid_to(session: AsyncSession, contact: WechatContact) -> Unsaid:
    """All that is still to be brought to ``contact``, whose row is locked."""
    query = (
        select(Message)
        .where(Message.conversation_id == contact.conversation_id, Message.seq > contact.told_seq)
        .order_by(Message.seq)
    )
    found = (await session.scalars(query)).all()
    ours = [message for message in found if message.author != "citizen" and not message.content.get(BROUGHT)]
    shown = [(message.author, message.agent, message.text, message.content) for message in ours]
    lines = [words.spoken(*one) for one in shown]
    choices = None
    titles = words.titles(ours[-1].content) if ours else []
    if titles:
        head = words.merged([*lines[:-1], words.spoken(*shown[-1], choices=False)])
        choices = {"head": head, "titles": titles}
    return Unsaid(lines=lines, last=found[-1].seq if found else contact.told_seq, choices=choices)


async def kept_for(
    session: AsyncSession, openid: str, *, also_on_their_way: bool = False
) -> Sequence[WechatMessage]:
    """Messages that the citizen has not seen, or only in brief, oldest first, locked; also those given up, if not long ago."""
    states = ("等市民来信", "未送达", "待发送") if also_on_their_way else ("等市民来信", "未送达")
    query = select(WechatMessage).where(
        WechatMessage.openid == openid,
        or_(WechatMessage.state.in_(states), WechatMessage.brief),
        WechatMessage.text != "",
        WechatMessage.created_at > now() - _MAKES_SENSE,
    )
    return (await session.scalars(query.order_by(WechatMessage.id).with_for_update(skip_locked=True))).all()
