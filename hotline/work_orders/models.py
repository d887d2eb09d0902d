"""Tables of the work orders."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from hotline.database import Base, now

NATURES = ("咨询", "求助", "投诉", "举报", "建议", "表扬")
STATUSES = ("待受理", "已受理", "已派单", "办理中", "已答复", "回访中", "已办结", "已撤回", "不予受理")


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


class WorkOrder(Base):
    """One case (工单). ``draft`` names the filled-in form it came from: one form makes one order."""

    __tablename__ = "work_order"
    __table_args__ = (
        CheckConstraint(_one_of("nature", NATURES), name="nature"),
        CheckConstraint(_one_of("status", STATUSES), name="status"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    number: Mapped[str] = mapped_column(Text, unique=True)
    query_code: Mapped[str] = mapped_column(Text)
    draft: Mapped[str] = mapped_column(Text, unique=True)
    conversation_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
    nature: Mapped[str] = mapped_column(Text)
    #: Taken for the 政企通 desk: an enterprise asks.
    enterprise: Mapped[bool] = mapped_column(default=False)
    what: Mapped[str] = mapped_column(Text)
    where_text: Mapped[str] = mapped_column(Text, default="")
    area_code: Mapped[str | None] = mapped_column(Text)
    street_code: Mapped[str | None] = mapped_column(Text)
    when_text: Mapped[str] = mapped_column(Text, default="")
    name: Mapped[str | None] = mapped_column(Text)
    phone: Mapped[str | None] = mapped_column(Text)
    anonymous: Mapped[bool] = mapped_column(default=False)
    #: The reporter's identity is hidden from the handling unit (举报).
    confidential: Mapped[bool] = mapped_column(default=False)
    #: What was reported may not be shown to the one reported either.
    content_confidential: Mapped[bool] = mapped_column(default=False)
    status: Mapped[str] = mapped_column(Text, default="待受理")
    #: The working day by which an answer is promised, Asia/Shanghai.
    promised_date: Mapped[date]
    created_at: Mapped[datetime] = mapped_column(default=now)
    #: Wrong query codes since the last right one; more than a few close the look-up for a while.
    wrong_codes: Mapped[int] = mapped_column(default=0)
    wrong_code_at: Mapped[datetime | None]


class WorkOrderEvent(Base):
    """One line of an order's timeline. ``request`` makes the same request leave one line only."""

    __tablename__ = "work_order_event"
    __table_args__ = (UniqueConstraint("order_id", "request"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey(WorkOrder.id), index=True)
    at: Mapped[datetime] = mapped_column(default=now)
    #: ``citizen``, ``system``, or an agent's number.
    actor: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text, default="")
    request: Mapped[str] = mapped_column(Text)


class WorkOrderCounter(Base):
    """The last order number given out on one day (Asia/Shanghai)."""

    __tablename__ = "work_order_counter"

    day: Mapped[date] = mapped_column(primary_key=True)
    last: Mapped[int]
