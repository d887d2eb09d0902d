"""What is not looked at yet: questions without an answer, badly rated answers, handovers after two failures."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.conversations import questions as conversations
from hotline.conversations.questions import Line
from hotline.knowledge.models import UnansweredQuestion
from hotline.knowledge.unanswered import unanswered
from hotline.language.identifiers import mask
from hotline.quality.models import NOT_UNDERSTOOD, UNANSWERED, USELESS, QualitySource
from hotline.work_orders.models import WorkOrder

#: More is said in a complaint, which is no question for the editors.
_LONGEST = 300


@dataclass
class Found:
    """A citizen's line that was not answered well, with all that told of it: kind and ref."""

    line: str
    conversation_id: uuid.UUID | None
    seq: int | None
    text: str
    channel: str
    at: datetime
    demo: bool = False
    intent: str | None = None
    confidence: float | None = None
    matter: str | None = None
    told: list[tuple[str, str]] = field(default_factory=list)


def confidential() -> Select[Any]:
    """Conversations in which somebody reported something and must stay hidden: nothing of them is shown to editors."""
    return select(WorkOrder.conversation_id).where(
        WorkOrder.confidential, WorkOrder.conversation_id.is_not(None)
    )


async def unseen(session: AsyncSession, limit: int) -> tuple[list[Found], list[tuple[str, str]]]:
    """The oldest of each source that were not looked at, and the kinds and refs of what there is nothing to learn from."""
    asked = await unanswered(session, _known(UNANSWERED), limit)
    rated = await conversations.badly_rated(session, _known(USELESS), limit)
    failed = await conversations.not_understood(session, _known(NOT_UNDERSTOOD), limit)
    places = {item.id: _place(item) for item in asked}
    lines = await conversations.lines_of(session, [place for place in places.values() if place is not None])
    by_place = {(line.conversation_id, line.seq): line for line in lines}
    hidden = set(await session.scalars(confidential()))
    found: dict[str, Found] = {}
    nothing: list[tuple[str, str]] = []

    def take(kind: str, ref: str, one: Found) -> None:
        if one.conversation_id in hidden or not 1 < len(one.text.strip()) <= _LONGEST:
            nothing.append((kind, ref))
        else:
            found.setdefault(one.line, one).told.append((kind, ref))

    for item in asked:
        place = places[item.id]
        take(UNANSWERED, str(item.id), _of_unanswered(item, place and by_place.get(place)))
    for kind, told in ((USELESS, rated), (NOT_UNDERSTOOD, failed)):
        for line in told:
            take(kind, line.ref, _of_line(line))
    return list(found.values()), nothing


def _known(kind: str) -> Callable[[ColumnElement[Any]], ColumnElement[bool]]:
    def known(ref: ColumnElement[Any]) -> ColumnElement[bool]:
        return exists(select(QualitySource.kind).where(QualitySource.kind == kind, QualitySource.ref == ref))

    return known


def _place(item: UnansweredQuestion) -> tuple[uuid.UUID, int] | None:
    conversation, _, seq = item.message_id.rpartition(":")
    try:
        return uuid.UUID(conversation), int(seq)
    except ValueError:
        return None


def _of_unanswered(item: UnansweredQuestion, line: Line | None) -> Found:
    if line is None:  # asked without a conversation, or forgotten
        return Found(f"question:{item.id}", None, None, item.text, "", item.created_at)
    found = _of_line(line)
    # The text of "none of these" is what was asked before.
    found.text = item.text
    return found


def _of_line(line: Line) -> Found:
    evidence = line.evidence or {}
    matter = evidence.get("matter") or {}
    return Found(
        f"{line.conversation_id}:{line.seq}",
        line.conversation_id,
        line.seq,
        mask(line.text).replace("\0", ""),
        line.channel,
        line.at,
        line.demo,
        evidence.get("intent"),
        evidence.get("confidence"),
        matter.get("code"),
    )
