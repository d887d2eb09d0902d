"""Notices about orders, for when 48 hours have gone by since the citizen wrote: by template or subscription messages."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.channels.wechat.account import Template
from hotline.channels.wechat.fields import fitted
from hotline.conversations.models import Message
from hotline.work_orders.deadlines import SHANGHAI

#: An answer reaches the citizen as the question whether it is good: the order is in 回访 by then.
_STATES = {"answered": "已答复"}


@dataclass(frozen=True, kw_only=True)
class Notice:
    """What there is to tell of an order."""

    #: The same at every try.
    key: str
    number: str
    #: The order's state.
    state: str
    #: What has happened to it, as in ``reply_templates.yml``.
    event: str
    #: As it is said in the conversation.
    text: str
    at: datetime

    @property
    def brief(self) -> str:
        """What it says beside the order's number, which has a field of its own."""
        return re.sub(rf"^(您的)?工单 {self.number} ?|（工单 {self.number}）", "", self.text)

    @property
    def status(self) -> str:
        """The state as the citizen understands it."""
        return _STATES.get(self.event, self.state)

    def template(self, templates: Mapping[str, Template]) -> Template | None:
        """The one for it: of what has happened, of the order's state, or for all others."""
        return templates.get(self.status) or templates.get(self.state) or templates.get("default")


async def notice_of(
    session: AsyncSession, conversation_id: uuid.UUID, first: int, last: int, *, key: str
) -> Notice | None:
    """The newest notice about an order among the lines ``first`` to ``last``."""
    query = (
        select(Message.content, Message.text, Message.created_at)
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
    content, said, at = found
    order, event = content["work_order"], str(content.get("event") or "")
    return Notice(key=key, number=order["number"], state=order["status"], event=event, text=said, at=at)


def fields_of(template: Template, notice: Notice) -> dict[str, str]:
    """What goes into the template's fields."""
    at = notice.at.astimezone(SHANGHAI)
    values = {
        "number": notice.number,
        "status": notice.status,
        "date": f"{at.year}年{at.month}月{at.day}日 {at:%H:%M}",
        "text": notice.brief,
    }
    return {key: fitted(key, values[what]) for key, what in template.fields.items()}
