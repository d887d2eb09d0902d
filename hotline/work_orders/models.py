"""Tables of the work orders."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ColumnClause,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
    literal_column,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column

from hotline.database import Base, now
from hotline.work_orders.lifecycle import NATURES, NO_RATING, RATINGS, STATUSES

URGENCIES = ("低", "一般", "加急")
#: How a case came in.
SOURCES = ("网络", "微信", "电话", "领导接听", "人大代表通道", "上级交办", "开放接口")
ASSIGNMENTS = ("即交即办", "会商交办", "领导交办")
REQUESTS = ("退单", "延期")
LETTERS = ("办理函", "专题报告")
#: 待电话告知: there is no conversation to write to; an agent rings the citizen up.
DELIVERY_STATES = ("待送达", "已送达", "未送达", "待电话告知")
#: How the drafts of demo orders begin: they are shown as what they are, and nothing of them leaves the house.
DEMO = "demo-"


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


#: What the search looks at; the index is on the same words.
WORDS: ColumnClause[str] = literal_column("what || '|' || where_text")


class WorkOrder(Base):
    """One case (工单). ``draft`` names the filled-in form it came from: one form makes one order."""

    __tablename__ = "work_order"
    __table_args__ = (
        CheckConstraint(_one_of("nature", NATURES), name="nature"),
        CheckConstraint(_one_of("status", STATUSES), name="status"),
        CheckConstraint(_one_of("urgency", URGENCIES), name="urgency"),
        CheckConstraint(_one_of("source", SOURCES), name="source"),
        CheckConstraint(_one_of("assignment", ASSIGNMENTS), name="assignment"),
        CheckConstraint(_one_of("rating", (*RATINGS, NO_RATING)), name="rating"),
        Index("ix_work_order_untriaged", "created_at", postgresql_where=text("triaged_at IS NULL")),
        # What is still open, in the order of the lists.
        Index(
            "ix_work_order_open",
            text("(urgency = '加急') DESC"),
            "promised_date",
            "id",
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index("ix_work_order_unit_newest", "lead_unit", "id"),
        Index("ix_work_order_area_newest", "area_code", "id"),
        # Operators of their own for what begins with something, whatever the database's collation.
        Index("ix_work_order_topic", "topic", "id", postgresql_ops={"topic": "text_pattern_ops"}),
        Index("ix_work_order_number_begin", "number", postgresql_ops={"number": "text_pattern_ops"}),
        Index("ix_work_order_tail", text("split_part(number, '-', 2)")),
        Index(
            "ix_work_order_words",
            text("hotline.bigrams((what || '|') || where_text)"),
            postgresql_using="gin",
            postgresql_with={"fastupdate": "off"},
        ),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    number: Mapped[str] = mapped_column(Text, unique=True)
    query_code: Mapped[str] = mapped_column(Text)
    draft: Mapped[str] = mapped_column(Text, unique=True)
    conversation_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
    source: Mapped[str] = mapped_column(Text, default="网络", server_default="网络")
    #: The number of the agent who took it down; empty when the citizen wrote it.
    taken_by: Mapped[str | None] = mapped_column(Text)
    nature: Mapped[str] = mapped_column(Text)
    #: Taken for the 政企通 desk: an enterprise asks.
    enterprise: Mapped[bool] = mapped_column(default=False)
    what: Mapped[str] = mapped_column(Text)
    where_text: Mapped[str] = mapped_column(Text, default="")
    area_code: Mapped[str | None] = mapped_column(Text)
    street_code: Mapped[str | None] = mapped_column(Text)
    #: WGS-84, when the place was pointed out on a map.
    lat: Mapped[float | None]
    long: Mapped[float | None]
    when_text: Mapped[str] = mapped_column(Text, default="")
    name: Mapped[str | None] = mapped_column(Text)
    phone: Mapped[str | None] = mapped_column(Text, index=True)
    anonymous: Mapped[bool] = mapped_column(default=False)
    #: The reporter's identity is hidden from the handling unit (举报).
    confidential: Mapped[bool] = mapped_column(default=False)
    #: What was reported may not be shown to the one reported either.
    content_confidential: Mapped[bool] = mapped_column(default=False)
    status: Mapped[str] = mapped_column(Text, default="待受理", index=True)
    #: Counts the changes: who acts on an older count has not seen the newest state.
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    urgency: Mapped[str] = mapped_column(Text, default="一般", server_default="一般")
    #: Code in data/dispatch/taxonomy.yml.
    topic: Mapped[str | None] = mapped_column(Text)
    assignment: Mapped[str | None] = mapped_column(Text)
    #: The unit that leads (主办单位); the assisting ones are in WorkOrderUnit.
    lead_unit: Mapped[str | None] = mapped_column(Text)
    #: The office has decided who is responsible: the unit may not return it again.
    designated: Mapped[bool] = mapped_column(default=False, server_default="false")
    #: The working day by which an answer is promised, Asia/Shanghai. Changed by recorded actions only.
    promised_date: Mapped[date]
    created_at: Mapped[datetime] = mapped_column(default=now, index=True)
    accepted_at: Mapped[datetime | None]
    dispatched_at: Mapped[datetime | None]
    signed_at: Mapped[datetime | None]
    #: Since when the clock stands still.
    suspended_at: Mapped[datetime | None]
    #: When the promised date passed without an answer. Set once; 重办 begins anew.
    overdue_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    #: Fixed when the answer is given.
    answered_late: Mapped[bool | None]
    answer: Mapped[str | None] = mapped_column(Text)
    callback_at: Mapped[datetime | None]
    #: Empty as long as the order is open.
    closed_at: Mapped[datetime | None] = mapped_column(index=True)
    rating: Mapped[str | None] = mapped_column(Text)
    rating_reason: Mapped[str | None] = mapped_column(Text)
    extended: Mapped[int] = mapped_column(default=0, server_default="0")
    redone: Mapped[int] = mapped_column(default=0, server_default="0")
    #: 督办: 0 none, then the city's levels from 1.
    supervision_level: Mapped[int] = mapped_column(default=0, server_default="0")
    merged_into: Mapped[int | None] = mapped_column(ForeignKey("hotline.work_order.id"), index=True)
    #: When topic, unit and likely duplicates were looked up, and what was found.
    triaged_at: Mapped[datetime | None]
    proposal: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    #: What the case means, for finding others like it; packed by hotline/similarity/likeness.py.
    meaning: Mapped[bytes | None] = mapped_column(LargeBinary)
    #: When the personal data were taken out.
    anonymised_at: Mapped[datetime | None]
    #: Wrong query codes since the last right one; more than a few close the look-up for a while.
    wrong_codes: Mapped[int] = mapped_column(default=0)
    wrong_code_at: Mapped[datetime | None]

    @hybrid_property
    def demo(self) -> bool:
        """Whether nobody has ever complained of it: it was made by ``hotline demo``."""
        return self.draft.startswith(DEMO)


class WorkOrderEvent(Base):
    """One line of an order's timeline. ``request`` makes the same request leave one line only."""

    __tablename__ = "work_order_event"
    __table_args__ = (UniqueConstraint("order_id", "request"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey(WorkOrder.id), index=True)
    at: Mapped[datetime] = mapped_column(default=now, index=True)
    #: ``citizen``, ``system``, or the number of the one who acted.
    actor: Mapped[str] = mapped_column(Text)
    role: Mapped[str] = mapped_column(Text, default="市民", server_default="市民")
    unit: Mapped[str | None] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text)
    #: The state after it.
    status: Mapped[str] = mapped_column(Text, default="待受理", server_default="待受理")
    note: Mapped[str] = mapped_column(Text, default="")
    #: What the action was given.
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default="{}")
    #: Whether the citizen sees it.
    public: Mapped[bool] = mapped_column(default=True, server_default="true")
    request: Mapped[str] = mapped_column(Text)


class WorkOrderUnit(Base):
    """An assisting unit (协办单位) of an order, its duty and its opinion (会办意见)."""

    __tablename__ = "work_order_unit"

    order_id: Mapped[int] = mapped_column(ForeignKey(WorkOrder.id), primary_key=True)
    unit: Mapped[str] = mapped_column(Text, primary_key=True, index=True)
    duty: Mapped[str] = mapped_column(Text)
    opinion: Mapped[str | None] = mapped_column(Text)
    opinion_at: Mapped[datetime | None]


class WorkOrderRequest(Base):
    """What a unit asks the office to decide: 退单 or 延期."""

    __tablename__ = "work_order_request"
    __table_args__ = (
        CheckConstraint(_one_of("kind", REQUESTS), name="kind"),
        Index(
            "uq_work_order_request_waiting",
            "order_id",
            "kind",
            unique=True,
            postgresql_where=text("decided_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey(WorkOrder.id), index=True)
    kind: Mapped[str] = mapped_column(Text)
    unit: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    days: Mapped[int | None]
    asked_at: Mapped[datetime] = mapped_column(default=now)
    granted: Mapped[bool | None]
    decided_by: Mapped[str | None] = mapped_column(Text)
    decided_at: Mapped[datetime | None]
    decision_note: Mapped[str] = mapped_column(Text, default="")


class WorkOrderLetter(Base):
    """A paper that is approved before it goes out: 办理函 (会商交办) or 专题报告 (领导交办)."""

    __tablename__ = "work_order_letter"
    __table_args__ = (CheckConstraint(_one_of("kind", LETTERS), name="kind"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey(WorkOrder.id), index=True)
    kind: Mapped[str] = mapped_column(Text)
    lead: Mapped[str] = mapped_column(Text)
    #: ``[{"unit": …, "duty": …}]``
    assisting: Mapped[list[dict[str, str]]] = mapped_column(JSONB, default=list)
    lead_duty: Mapped[str] = mapped_column(Text, default="")
    #: Working days given to the units from the approval.
    days: Mapped[int]
    body: Mapped[str] = mapped_column(Text)
    drafted_by: Mapped[str] = mapped_column(Text)
    drafted_at: Mapped[datetime] = mapped_column(default=now)
    approved: Mapped[bool | None]
    decided_by: Mapped[str | None] = mapped_column(Text)
    decided_at: Mapped[datetime | None]
    decision_note: Mapped[str] = mapped_column(Text, default="")


class WorkOrderTimer(Base):
    """Something the system does to an order at a moment. It follows from the order's state and fires once."""

    __tablename__ = "work_order_timer"
    __table_args__ = (
        UniqueConstraint("order_id", "kind", "due_at"),
        Index("ix_work_order_timer_waiting", "due_at", postgresql_where=text("fired_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey(WorkOrder.id))
    #: The action of the lifecycle's table that it does.
    kind: Mapped[str] = mapped_column(Text)
    due_at: Mapped[datetime]
    fired_at: Mapped[datetime | None]


class WorkOrderDelivery(Base):
    """Something to be told to the citizen (unit empty) or to a unit; its state is apart from the order's."""

    __tablename__ = "work_order_delivery"
    __table_args__ = (
        CheckConstraint(_one_of("state", DELIVERY_STATES), name="state"),
        Index("ix_work_order_delivery_waiting", "next_try_at", postgresql_where=text("state = '待送达'")),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey(WorkOrder.id), index=True)
    unit: Mapped[str | None] = mapped_column(Text, index=True)
    event: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    content: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    state: Mapped[str] = mapped_column(Text, default="待送达")
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(default=now)
    next_try_at: Mapped[datetime] = mapped_column(default=now)
    done_at: Mapped[datetime | None]
    #: The conversation of the citizen who has acted there, and was answered at once: it is told to the others only.
    said_in: Mapped[uuid.UUID | None]
    #: Who rang the citizen up.
    done_by: Mapped[str | None] = mapped_column(Text)


class WorkOrderFollower(Base):
    """A conversation in which somebody has shown the order's number and code, and hears what happens to it."""

    __tablename__ = "work_order_follower"

    order_id: Mapped[int] = mapped_column(ForeignKey(WorkOrder.id), primary_key=True)
    conversation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True, index=True)
    since: Mapped[datetime] = mapped_column(default=now)


class WorkOrderLikeness(Base):
    """Another order that is likely the same case (疑似重复), proposed at intake and decided by a person."""

    __tablename__ = "work_order_likeness"

    order_id: Mapped[int] = mapped_column(ForeignKey(WorkOrder.id), primary_key=True)
    other_id: Mapped[int] = mapped_column(ForeignKey(WorkOrder.id), primary_key=True, index=True)
    score: Mapped[float]
    reason: Mapped[str] = mapped_column(Text)
    #: False: somebody looked and it is another case.
    same: Mapped[bool | None]
    decided_by: Mapped[str | None] = mapped_column(Text)


class WorkOrderCounter(Base):
    """The last order number given out on one day (Asia/Shanghai)."""

    __tablename__ = "work_order_counter"

    day: Mapped[date] = mapped_column(primary_key=True)
    last: Mapped[int]


class SavedFilter(Base):
    """A list with its filters as somebody at work has kept it; each person's own."""

    __tablename__ = "saved_filter"
    __table_args__ = (UniqueConstraint("owner", "name"),)

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    #: The number of the person (工号).
    owner: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    query: Mapped[dict[str, str]] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column(default=now)
