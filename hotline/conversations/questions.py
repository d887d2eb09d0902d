"""What citizens said that the bot did not deal with well: for the quality loop. Photographs and buttons are no questions."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, String, cast, func, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from hotline.conversations import texts
from hotline.conversations.models import Conversation, Handover, Message

#: Of a conversation in which the bot gave up, so many lines are looked at.
_LINES = 2


@dataclass(frozen=True)
class Line:
    """A citizen's line. ``ref``: what told of it; ``matter``: what was answered."""

    ref: str
    conversation_id: uuid.UUID
    seq: int
    text: str
    at: datetime
    channel: str
    demo: bool
    evidence: dict[str, Any] | None


Known = Callable[[ColumnElement[Any]], ColumnElement[bool]]
"""Whether a ref was looked at before, as SQL."""


async def badly_rated(session: AsyncSession, known: Known, limit: int) -> list[Line]:
    """The question before each answer that a citizen called useless."""
    rated = aliased(Message)
    ref = func.concat(cast(rated.conversation_id, String), ":", rated.seq)
    line = (
        select(Message)
        .where(
            Message.conversation_id == rated.conversation_id,
            Message.seq <= func.coalesce(rated.reply_to, rated.seq),
            *_typed(),
        )
        .order_by(Message.seq.desc())
        .limit(1)
        .lateral()
    )
    said = aliased(Message, line)
    query = (
        select(ref, said, Conversation.channel, Conversation.demo)
        .select_from(rated)
        .join(Conversation, Conversation.id == rated.conversation_id)
        .join(line, true())
        .where(rated.feedback.is_(False), ~known(ref))
        .order_by(rated.created_at)
        .limit(limit)
    )
    return [_line(*row) for row in await session.execute(query)]


async def not_understood(session: AsyncSession, known: Known, limit: int) -> list[Line]:
    """The last lines that the bot gave up on before it passed the conversation on after two failures."""
    ref = func.concat(cast(Handover.id, String), ":")
    line = (
        select(Message)
        .where(
            Message.conversation_id == Handover.conversation_id,
            Message.created_at <= Handover.began_at,
            Message.evidence["fallback"].as_boolean().is_(True),
            *_typed(),
        )
        .order_by(Message.seq.desc())
        .limit(_LINES)
        .lateral()
    )
    said = aliased(Message, line)
    full = func.concat(ref, said.seq)
    query = (
        select(full, said, Conversation.channel, Conversation.demo)
        .select_from(Handover)
        .join(Conversation, Conversation.id == Handover.conversation_id)
        .join(line, true())
        .where(Handover.reason == "two_failures", ~known(full))
        .order_by(Handover.began_at)
        .limit(limit)
    )
    return [_line(*row) for row in await session.execute(query)]


async def lines_of(session: AsyncSession, lines: Sequence[tuple[uuid.UUID, int]]) -> list[Line]:
    """These lines, as far as they are there."""
    if not lines:
        return []
    conversations = {conversation for conversation, _ in lines}
    query = (
        select(Message, Conversation.channel, Conversation.demo)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(Message.conversation_id.in_(conversations), Message.seq.in_({seq for _, seq in lines}))
    )
    wanted = set(lines)
    found = [_line("", *row) for row in await session.execute(query)]
    return [line for line in found if (line.conversation_id, line.seq) in wanted]


async def recent(
    session: AsyncSession,
    *,
    hidden: Select[Any],
    intent: str | None = None,
    words: str = "",
    unsure_below: float | None = None,
    before: datetime | None = None,
    limit: int = 50,
) -> list[Line]:
    """What citizens typed lately and how it was understood, newest first.

    Args:
        hidden: conversations that are not shown.
        unsure_below: only lines whose intent was less sure than this.
    """
    query = (
        select(Message, Conversation.channel, Conversation.demo)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(*_typed(), Message.evidence["intent"].as_string().is_not(None))
        .where(Message.conversation_id.not_in(hidden))
    )
    if intent:
        query = query.where(Message.evidence["intent"].as_string() == intent)
    if words:
        query = query.where(Message.text.contains(words, autoescape=True))
    if unsure_below is not None:
        query = query.where(Message.evidence["confidence"].as_float() < unsure_below)
    if before is not None:
        query = query.where(Message.created_at < before)
    found = await session.execute(query.order_by(Message.created_at.desc()).limit(limit))
    return [_line("", *row) for row in found]


def _typed() -> tuple[Any, ...]:
    return (
        Message.author == "citizen",
        Message.command.is_(None),
        Message.text.not_in(("", texts.FORGOTTEN)),
        ~Message.content.has_key("attachments"),
    )


def _line(ref: str, said: Message, channel: str, demo: bool) -> Line:
    return Line(
        str(ref),
        said.conversation_id,
        said.seq,
        said.text,
        said.created_at,
        channel,
        bool(demo),
        said.evidence,
    )
