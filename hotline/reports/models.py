"""Tables of the 热线专报: what was reported to the leaders, and how it came to its words."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from hotline.database import Base, now

DRAFT, RELEASED = "草稿", "已发布"


class Bulletin(Base):
    """One issue. A trigger refuses any change of one that is released."""

    __tablename__ = "bulletin"
    __table_args__ = (
        CheckConstraint(f"state IN ('{DRAFT}', '{RELEASED}')", name="state"),
        CheckConstraint("(state = '已发布') = (issue IS NOT NULL)", name="issue"),
        UniqueConstraint("year", "issue"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    #: A kind of :class:`hotline.reports.periods.Period`.
    kind: Mapped[str] = mapped_column(Text)
    since: Mapped[date]
    until: Mapped[date]
    #: The year whose issues it is counted among: that in which the period ends.
    year: Mapped[int]
    #: Given at the release: no number is missing.
    issue: Mapped[int | None]
    state: Mapped[str] = mapped_column(Text, default=DRAFT)
    #: Counts the changes, as those of an order.
    version: Mapped[int] = mapped_column(default=1)
    #: The sections, each with its words and its table; see hotline/reports/bulletin_words.py.
    content: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    made_by: Mapped[str] = mapped_column(Text)
    made_at: Mapped[datetime] = mapped_column(default=now)
    changed_by: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime] = mapped_column(default=now)
    #: When its figures were counted.
    counted_at: Mapped[datetime] = mapped_column(default=now)
    released_by: Mapped[str | None] = mapped_column(Text)
    released_at: Mapped[datetime | None]


class BulletinVersion(Base):
    """How an issue read after a change."""

    __tablename__ = "bulletin_version"

    bulletin_id: Mapped[int] = mapped_column(ForeignKey(Bulletin.id), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    by: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(default=now)
    #: What was done: 起草 修改 重新取数 发布.
    what: Mapped[str] = mapped_column(Text)
