"""What the conversation has said to the citizen and nobody has brought yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.channels.wechat import words
from hotline.channels.wechat.models import WechatContact
from hotline.conversations.elsewhere import BROUGHT
from hotline.conversations.models import Message


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
