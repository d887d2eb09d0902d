"""Notices about orders, for when 48 hours have gone by since the citizen wrote: by template or subscription messages."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.channels.wechat.account import Template
from hotline.conversations.models import Message
from hotline.work_orders.deadlines import SHANGHAI

#: The platform refuses more in a field of the kind ``thing``.
_THING = 20


@dataclass(frozen=True, kw_only=True)
class Notice:
    """What there is to tell of an order."""

    number: str
    status: str
    at: datetime


async def notice_of(
    session: AsyncSession, conversation_id: uuid.UUID, first: int, last: int
) -> Notice | None:
    """The newest notice about an order among the lines ``first`` to ``last``."""
    query = (
        select(Message.content, Message.created_at)
        .where(
            Message.conversation_id == conversation_id,
            Message.seq.between(first, last),
            Message.author == "system",
            Message.content.has_key("work_order"),
        )
        .order_by(Message.seq.desc())
        .limit(1)
    )
    found = (await session.execute(query)).one_or_none()
    if found is None:
        return None
    content, at = found
    order = content["work_order"]
    return Notice(number=order["number"], status=order["status"], at=at)


def fields_of(template: Template, notice: Notice, text: str) -> dict[str, str]:
    """What goes into the template's fields."""
    values = {
        "number": notice.number,
        "status": notice.status,
        "date": notice.at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M"),
        "text": text if len(text) <= _THING else text[: _THING - 1] + "…",
    }
    return {key: values[what] for key, what in template.fields.items()}
