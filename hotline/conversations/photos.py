"""What the conversation makes of photographs. The dialogue engine never sees one.

A photograph is a message like any other, but nothing that words are understood in. So it is answered here: what was
asked last stays asked, and the form that is open stays where it is.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.conversations import texts
from hotline.conversations.engine import EngineAnswer
from hotline.conversations.models import Message

#: The engine's name for the form in which an order is taken.
ORDER_FORM = "work_order_form"
#: The service's own command under a photograph that went to an order: it is about something else.
ELSEWHERE = "!photos_elsewhere:"


@dataclass(frozen=True)
class Form:
    """What is being filled in: the form's name, and the number of the order that it is about."""

    name: str | None = None
    order: str | None = None


@dataclass(frozen=True, kw_only=True)
class Placed:
    """Where photographs have gone: to the order ``number``, to the one being filled in, or nowhere yet."""

    number: str | None = None
    promised: bool = False


class Photos(Protocol):
    """What a conversation needs of those who keep photographs and orders; all in the caller's transaction."""

    async def do_send(
        self, session: AsyncSession, conversation_id: uuid.UUID, seq: int, ids: Sequence[uuid.UUID]
    ) -> list[dict[str, object]]:
        """Make uploaded photographs a part of message ``seq``; what the channel shows of each."""
        ...

    async def do_place(
        self, session: AsyncSession, conversation_id: uuid.UUID, seq: int, form: Form
    ) -> Placed:
        """Find the order that the photographs of message ``seq`` belong to."""
        ...

    async def do_take_back(self, session: AsyncSession, conversation_id: uuid.UUID, seq: int) -> str | None:
        """Take them out of that order again; its number."""
        ...

    async def do_release(self, session: AsyncSession, conversation_id: uuid.UUID) -> None:
        """No order is being filled in any more."""
        ...


async def open_form(session: AsyncSession, conversation_id: uuid.UUID) -> Form:
    """What was being filled in after the newest message that the engine has answered."""
    query = (
        select(Message.evidence)
        .where(Message.conversation_id == conversation_id, Message.evidence.has_key("form"))
        .order_by(Message.seq.desc())
        .limit(1)
    )
    evidence: dict[str, Any] = (await session.scalars(query)).one_or_none() or {}
    return Form(evidence.get("form"), evidence.get("form_order"))


async def answer(session: AsyncSession, photos: Photos, message: Message) -> EngineAnswer:
    """Put the photographs of ``message`` where they belong, and say so; ask again what was asked."""
    conversation_id = message.conversation_id
    form = await open_form(session, conversation_id)
    placed = await photos.do_place(session, conversation_id, message.seq, form)
    count = len(message.content["attachments"])
    evidence: dict[str, Any] = {
        "intent": None,
        "confidence": 0.0,
        "fallback": False,
        "entities": [],
        "photos": count,
        "form": form.name,
        "form_order": form.order,
    }
    received = texts.PHOTO_RECEIVED if count == 1 else texts.PHOTOS_RECEIVED.format(count=count)
    question = await _asked(session, message) if form.name else None
    if placed.promised:
        said: dict[str, Any] = {"text": received + texts.PHOTOS_WITH_ORDER}
    elif placed.number:
        buttons = texts.PHOTOS_ELSEWHERE_BUTTONS if question is None else []
        said = {
            "text": received + texts.PHOTOS_TO_ORDER.format(number=placed.number),
            "buttons": [
                button | {"payload": button["payload"] or f"{ELSEWHERE}{message.seq}"} for button in buttons
            ],
        }
    elif question is not None:
        said = {"text": received + texts.PHOTOS_KEPT}
    else:
        said = {"text": received + texts.PHOTOS_WHAT_ABOUT, "buttons": texts.PHOTOS_BUTTONS}
    return EngineAnswer([said] if question is None else [said, question], evidence)


async def _asked(session: AsyncSession, message: Message) -> dict[str, Any] | None:
    """The newest thing that the bot has said before ``message``, to be said again; of a card its first line."""
    query = (
        select(Message)
        .where(
            Message.conversation_id == message.conversation_id,
            Message.author == "bot",
            Message.seq < message.seq,
        )
        .order_by(Message.seq.desc())
        .limit(1)
    )
    newest = (await session.scalars(query)).one_or_none()
    if newest is None or newest.content.get("menu"):
        return None
    words = newest.text
    if newest.content.get("card"):
        words = words.split("\n", 1)[0].rstrip("：") + "。"
    return {"text": words, "buttons": newest.content.get("buttons", [])}
