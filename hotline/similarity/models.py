"""Tables of the hot issues. They hold numbers of orders and no words of citizens."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from hotline.database import Base, now

LEVELS = ("地点", "事项")
STATES = ("进行中", "已平息")
DECISIONS = ("待定", "已确认", "已忽略", "已办结")
TRENDS = ("新出现", "上升", "持平", "下降")


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


class HotIssueRow(Base):
    """One issue, whatever the window. ``key`` is how people call it; it stays while the issue goes on."""

    __tablename__ = "hot_issue"
    __table_args__ = (
        CheckConstraint(_one_of("level", LEVELS), name="level"),
        CheckConstraint(_one_of("decision", DECISIONS), name="decision"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    key: Mapped[str] = mapped_column(Text, unique=True)
    level: Mapped[str] = mapped_column(Text)
    #: Fixed when somebody has confirmed or closed it: reports speak of it.
    title: Mapped[str] = mapped_column(Text)
    place: Mapped[str] = mapped_column(Text, default="")
    topic: Mapped[str | None] = mapped_column(Text)
    area: Mapped[str | None] = mapped_column(Text)
    #: What is said most.
    words: Mapped[list[str]] = mapped_column(JSONB, default=list)
    found_at: Mapped[datetime] = mapped_column(default=now)
    #: The time of its newest order.
    last_at: Mapped[datetime] = mapped_column(index=True)
    decision: Mapped[str] = mapped_column(Text, default="待定", server_default="待定")
    decided_by: Mapped[str | None] = mapped_column(Text)
    decided_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(Text, default="", server_default="")


class HotIssueWindow(Base):
    """The figures of an issue in one window of ``process.yml``, as the last turn that found it there left them."""

    __tablename__ = "hot_issue_window"
    __table_args__ = (
        CheckConstraint(_one_of("state", STATES), name="state"),
        CheckConstraint(_one_of("trend", TRENDS), name="trend"),
    )

    issue_id: Mapped[int] = mapped_column(ForeignKey(HotIssueRow.id), primary_key=True)
    window: Mapped[str] = mapped_column(Text, primary_key=True)
    state: Mapped[str] = mapped_column(Text, index=True)
    callers: Mapped[int]
    before: Mapped[int]
    heat: Mapped[float]
    trend: Mapped[str] = mapped_column(Text)
    since: Mapped[datetime]
    until: Mapped[datetime]
    #: Numbers of its most central orders.
    sample: Mapped[list[str]] = mapped_column(JSONB)
    turned_at: Mapped[datetime]


class HotIssueMember(Base):
    """An order of an issue in a window, and when it came in. Those that have left the window stay."""

    __tablename__ = "hot_issue_member"

    issue_id: Mapped[int] = mapped_column(ForeignKey(HotIssueRow.id), primary_key=True)
    window: Mapped[str] = mapped_column(Text, primary_key=True)
    number: Mapped[str] = mapped_column(Text, primary_key=True, index=True)
    at: Mapped[datetime]
