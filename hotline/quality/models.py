"""Tables of the quality loop. Words of citizens stand in ``quality_question`` and ``quality_proposal`` only, masked."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from hotline.database import Base, now

#: Where a question comes from.
UNANSWERED, USELESS, NOT_UNDERSTOOD = "没答上", "评价没用", "两次没听懂"
SOURCES = (UNANSWERED, USELESS, NOT_UNDERSTOOD)
OPEN, AT_WORK, DONE, NOTHING_TO_DO = "待处理", "处理中", "已处理", "不用处理"
STATES = (OPEN, AT_WORK, DONE, NOTHING_TO_DO)
INTENT, OUTSIDE = "意图", "库外"
KINDS = (INTENT, OUTSIDE)
PROPOSED, APPROVED, REFUSED, TAKEN_BACK = "待复核", "已通过", "已退回", "已撤回"
PROPOSAL_STATES = (PROPOSED, APPROVED, REFUSED, TAKEN_BACK)


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


class QualityGroup(Base):
    """Questions that mean the same. Its figures are counted from its questions whenever one joins."""

    __tablename__ = "quality_group"
    __table_args__ = (CheckConstraint(_one_of("state", STATES), name="state"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    state: Mapped[str] = mapped_column(Text, default=OPEN, index=True)
    note: Mapped[str] = mapped_column(Text, default="")
    decided_by: Mapped[str | None] = mapped_column(Text)
    decided_at: Mapped[datetime | None]
    #: When it was asked again although it was handled.
    recurred_at: Mapped[datetime | None]
    questions: Mapped[int] = mapped_column(default=0)
    first_at: Mapped[datetime] = mapped_column(default=now)
    last_at: Mapped[datetime] = mapped_column(default=now, index=True)
    #: How many come from each source and each channel.
    sources: Mapped[dict[str, int]] = mapped_column(JSONB, default=dict)
    channels: Mapped[dict[str, int]] = mapped_column(JSONB, default=dict)
    #: The ids of the questions that speak for it; the first one is its title.
    speakers: Mapped[list[int]] = mapped_column(JSONB, default=list)
    #: The matters that are nearest (code, title, confidence), and the unit of the first.
    nearest: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    unit: Mapped[str] = mapped_column(Text, default="")


class QualityQuestion(Base):
    """A line of a citizen that was not answered well."""

    __tablename__ = "quality_question"
    __table_args__ = (Index("ix_quality_question_conversation", "conversation_id"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey(QualityGroup.id), index=True)
    #: ``<conversation>:<seq>`` of the line: what is told of by several sources is one question.
    line: Mapped[str] = mapped_column(Text, unique=True)
    conversation_id: Mapped[uuid.UUID | None]
    seq: Mapped[int | None]
    text: Mapped[str] = mapped_column(Text)
    channel: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime]
    #: What was understood.
    intent: Mapped[str | None] = mapped_column(Text)
    confidence: Mapped[float | None]
    #: The matter that was given as the answer.
    matter: Mapped[str | None] = mapped_column(Text)
    demo: Mapped[bool] = mapped_column(default=False)


class QualitySource(Base):
    """What told of a question; each thing that tells is looked at once."""

    __tablename__ = "quality_source"

    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    ref: Mapped[str] = mapped_column(Text, primary_key=True)
    #: None: there was nothing to learn from it.
    question_id: Mapped[int | None] = mapped_column(
        ForeignKey(QualityQuestion.id, ondelete="CASCADE"), index=True
    )


class QualityDraft(Base):
    """What was done about a group in the knowledge base: a version of a matter."""

    __tablename__ = "quality_draft"
    __table_args__ = (Index("ix_quality_draft_group", "group_id"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey(QualityGroup.id, ondelete="CASCADE"))
    version_id: Mapped[int]
    code: Mapped[str] = mapped_column(Text)
    number: Mapped[int]
    #: 问法, 别名 or 新事项, and the words.
    kind: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(default=now)


class QualityProposal(Base):
    """Something that one editor proposes and another approves: the right intent of a sentence, or a question outside the base."""

    __tablename__ = "quality_proposal"
    __table_args__ = (
        CheckConstraint(_one_of("kind", KINDS), name="kind"),
        CheckConstraint(_one_of("state", PROPOSAL_STATES), name="state"),
        Index(
            "uq_quality_proposal_text",
            "kind",
            "text",
            unique=True,
            postgresql_where=text("state IN ('待复核', '已通过')"),
        ),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    #: The intent that was found, how surely, and the right one.
    found: Mapped[str | None] = mapped_column(Text)
    confidence: Mapped[float | None]
    intent: Mapped[str | None] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(Text, default=PROPOSED, index=True)
    conversation_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
    group_id: Mapped[int | None] = mapped_column(ForeignKey(QualityGroup.id, ondelete="SET NULL"))
    by: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(default=now)
    reviewed_by: Mapped[str | None] = mapped_column(Text)
    reviewed_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(Text, default="")
    #: What the gate said of a question outside the base.
    verdict: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    #: Since when it is in the training files; None: not yet.
    released_at: Mapped[datetime | None]


class QualityRelease(Base):
    """One try to put corrections into the training, and what the whole evaluation said of it."""

    __tablename__ = "quality_release"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    at: Mapped[datetime] = mapped_column(default=now)
    by: Mapped[str] = mapped_column(Text)
    passed: Mapped[bool]
    corrections: Mapped[int]
    model: Mapped[str] = mapped_column(Text, default="")
    #: Names with their values, and the names of those that fell.
    figures: Mapped[dict[str, float]] = mapped_column(JSONB, default=dict)
    fallen: Mapped[list[str]] = mapped_column(JSONB, default=list)
