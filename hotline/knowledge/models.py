"""Tables of the knowledge base."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Identity, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from hotline.database import Base, now

#: Being written, being looked at, sent back, looked at and good.
OPEN = ("草稿", "待审核", "已退回", "待发布")
LIVE = "已发布"
STATES = (*OPEN, LIVE, "已被替换", "已作废")
FILE = "文件"
ORIGINS = (FILE, "网页", "Excel", "质检")


class StoredMatter(Base):
    """One matter (事项) as it is in force. A matter that is withdrawn is marked so, never deleted."""

    __tablename__ = "matter"

    code: Mapped[str] = mapped_column(Text, primary_key=True)
    title: Mapped[str] = mapped_column(Text)
    area: Mapped[str] = mapped_column(Text)
    #: The whole :class:`hotline.knowledge.schema.Matter`, as JSON.
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
    content_hash: Mapped[str] = mapped_column(Text)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    #: Of the file as it was loaded last; None: there is none.
    file_hash: Mapped[str | None] = mapped_column(Text)
    loaded_at: Mapped[datetime] = mapped_column(default=now)
    withdrawn_at: Mapped[datetime | None]


class MatterVersion(Base):
    """Every version of a matter that there was or will be. None is ever deleted; withdrawing is a version as well."""

    __tablename__ = "matter_version"
    __table_args__ = (
        UniqueConstraint("code", "number"),
        CheckConstraint(f"state IN ({', '.join(map(repr, STATES))})", name="state"),
        CheckConstraint(f"origin IN ({', '.join(map(repr, ORIGINS))})", name="origin"),
        Index("uq_matter_version_live", "code", unique=True, postgresql_where=text(f"state = '{LIVE}'")),
        # One that people write, and one that a changed file asks for.
        Index(
            "uq_matter_version_open",
            "code",
            text("(origin = '文件')"),
            unique=True,
            postgresql_where=text(f"state IN ({', '.join(map(repr, OPEN))})"),
        ),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    code: Mapped[str] = mapped_column(Text)
    #: Counts within the matter, from 1.
    number: Mapped[int]
    state: Mapped[str] = mapped_column(Text)
    origin: Mapped[str] = mapped_column(Text)
    #: The matter as JSON; of a draft perhaps not whole yet.
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
    content_hash: Mapped[str] = mapped_column(Text)
    #: With this version nothing is answered any more.
    withdraws: Mapped[bool] = mapped_column(default=False)
    #: The published version that it was begun from.
    base: Mapped[int | None]
    #: Grows with each change of a draft: who saves says which one they saw.
    revision: Mapped[int] = mapped_column(default=1)
    #: What was changed, in the author's words; why it was sent back or dropped.
    note: Mapped[str] = mapped_column(Text, default="")
    reason: Mapped[str] = mapped_column(Text, default="")
    author: Mapped[str] = mapped_column(Text)
    #: Everybody who had a hand in it, and who did something with it last.
    editors: Mapped[list[str]] = mapped_column(JSONB, default=list)
    changed_by: Mapped[str] = mapped_column(Text)
    reviewer: Mapped[str | None] = mapped_column(Text)
    publisher: Mapped[str | None] = mapped_column(Text)
    #: What the release gate said last.
    verdict: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    created_at: Mapped[datetime] = mapped_column(default=now)
    changed_at: Mapped[datetime] = mapped_column(default=now)
    submitted_at: Mapped[datetime | None]
    reviewed_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]


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
    #: ``文件``, or ``质检``: found by editors.
    origin: Mapped[str] = mapped_column(Text, default=FILE, server_default=FILE)
