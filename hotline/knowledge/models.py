"""Tables of the knowledge base."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Identity, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from hotline.database import Base, now


class StoredMatter(Base):
    """One matter (事项), as it was loaded last. A matter whose file is gone is withdrawn, never deleted."""

    __tablename__ = "matter"

    code: Mapped[str] = mapped_column(Text, primary_key=True)
    title: Mapped[str] = mapped_column(Text)
    area: Mapped[str] = mapped_column(Text)
    #: The whole :class:`hotline.knowledge.schema.Matter`, as JSON.
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
    content_hash: Mapped[str] = mapped_column(Text)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    loaded_at: Mapped[datetime] = mapped_column(default=now)
    withdrawn_at: Mapped[datetime | None]


class MatterUse(Base):
    """How often a matter was given as an answer on one day; the menus show the most asked ones first."""

    __tablename__ = "matter_use"

    code: Mapped[str] = mapped_column(Text, primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    answers: Mapped[int] = mapped_column(default=0)


class UnansweredQuestion(Base):
    """A question the knowledge base had no sure answer to, for its editors."""

    __tablename__ = "unanswered_question"
    __table_args__ = (
        Index("ix_unanswered_question_open", "created_at", postgresql_where=text("handled_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    #: Of the citizen's message; the same message asked again adds nothing.
    message_id: Mapped[str] = mapped_column(Text, unique=True)
    conversation_id: Mapped[str | None] = mapped_column(Text)
    #: What was asked, telephone and identity numbers masked.
    text: Mapped[str] = mapped_column(Text)
    #: The matters that came nearest: code, title, confidence.
    candidates: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    #: What the conversation was about: matter, aspect, area.
    context: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    created_at: Mapped[datetime] = mapped_column(default=now)
    handled_at: Mapped[datetime | None]


class OutsideQuestion(Base):
    """A question that no matter answers, from ``not_covered.txt``: what is like it is not answered either."""

    __tablename__ = "outside_question"

    text: Mapped[str] = mapped_column(Text, primary_key=True)
