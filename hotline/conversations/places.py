"""What the conversation makes of a place that was pointed out on a map.

While an order is being filled in, its name is an answer like any other words. Else nothing can be understood in it: the citizen is
asked what is the matter there, and the order that follows begins with the place.
"""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.conversations import texts
from hotline.conversations.engine import EngineAnswer
from hotline.conversations.models import Message
from hotline.conversations.photos import open_form
from hotline.database import now

#: What is told later than this is about another place.
_LASTS = timedelta(hours=1)


async def answer(session: AsyncSession, message: Message) -> EngineAnswer | None:
    """The answer to a place; None: it is itself an answer, to what a form has asked."""
    form = await open_form(session, message.conversation_id)
    if form.name is not None:
        return None
    evidence: dict[str, Any] = {
        "intent": None,
        "confidence": 0.0,
        "fallback": False,
        "entities": [],
        "form": None,
        "form_order": None,
    }
    label = message.content["place"]["label"]
    words = texts.PLACE_WHAT_ABOUT.format(place=f"：{label}" if label else "")
    return EngineAnswer([{"text": words, "buttons": texts.PHOTOS_BUTTONS}], evidence)


async def recent(session: AsyncSession, conversation_id: uuid.UUID) -> dict[str, Any] | None:
    """The place that was pointed out last, not long ago: ``text``, ``lat``, ``long``, ``datum``, ``at``; None: there is none."""
    query = (
        select(Message.text, Message.content, Message.created_at)
        .where(
            Message.conversation_id == conversation_id,
            Message.author == "citizen",
            Message.content.has_key("place"),
            Message.created_at > now() - _LASTS,
        )
        .order_by(Message.seq.desc())
        .limit(1)
    )
    found = (await session.execute(query)).one_or_none()
    return None if found is None else {**found.content["place"], "text": found.text, "at": found.created_at}
