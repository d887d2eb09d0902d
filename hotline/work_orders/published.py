"""What of the orders may be shown to everybody, for the open interface: never a 举报, never what is confidential."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, false, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, aliased

from hotline.database import Database
from hotline.work_orders.lifecycle import ENDED
from hotline.work_orders.models import WorkOrder, WorkOrderEvent

#: What leaves an answer behind; the citizen gets it with 发起回访 only.
_ANSWERING = ("答复", "直接答复", "并案答复")


@dataclass(frozen=True, kw_only=True)
class Audience:
    """Who reads. Only orders with one of ``topics`` are shown, and of these what the other fields allow."""

    topics: Collection[str]
    #: Ways in whose orders are shown; None: all.
    sources: Collection[str] | None = ()
    #: Drafts that begin so are the reader's own.
    own: str | None = None
    #: Steps that are shown, of those that are public; what is not named here is not shown.
    actions: Collection[str]


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which orders. Times: from the first to the second, which is not included; None: no limit."""

    #: These and no others, when given.
    numbers: Sequence[str] | None = None
    topics: Collection[str] | None = None
    ended: bool | None = None
    created: tuple[datetime | None, datetime | None] = (None, None)
    #: When the public last saw a step.
    updated: tuple[datetime | None, datetime | None] = (None, None)


@dataclass(frozen=True, kw_only=True)
class Seen:
    """An order and the last step the public sees of it."""

    order: WorkOrder
    last: WorkOrderEvent


@dataclass(frozen=True, kw_only=True)
class Told:
    """A step the public sees; ``answer`` is the one that was given with it or before."""

    order: WorkOrder
    event: WorkOrderEvent
    answer: str | None


class Published:
    """Reads orders for everybody."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def orders(self, audience: Audience, wanted: Wanted, *, limit: int, offset: int = 0) -> list[Seen]:
        """The orders that ``audience`` may see, newest first."""
        last = aliased(WorkOrderEvent)
        newest = (
            select(func.max(WorkOrderEvent.id))
            .where(WorkOrderEvent.order_id == WorkOrder.id, _shown(audience))
            .correlate(WorkOrder)
            .scalar_subquery()
        )
        query = select(WorkOrder, last).join(last, last.id == newest).where(_visible(audience))
        if wanted.numbers is not None:
            query = query.where(WorkOrder.number.in_(wanted.numbers))
        if wanted.topics is not None:
            query = query.where(WorkOrder.topic.in_(wanted.topics))
        if wanted.ended is not None:
            ended = WorkOrder.status.in_(ENDED)
            query = query.where(ended if wanted.ended else ~ended)
        query = query.where(*_between(WorkOrder.created_at, wanted.created))
        query = query.where(*_between(last.at, wanted.updated))
        if wanted.updated[0] is not None:
            # Says nothing new, but is found by the time of the steps: of 100,000 orders only a few changed lately.
            lately = select(WorkOrderEvent.order_id).where(WorkOrderEvent.at >= wanted.updated[0])
            query = query.where(WorkOrder.id.in_(lately))
        query = query.order_by(WorkOrder.id.desc()).limit(limit).offset(offset)
        async with self._database.transaction() as session:
            return [Seen(order=o, last=e) for o, e in (await session.execute(query)).all()]

    async def steps(
        self,
        audience: Audience,
        span: tuple[datetime | None, datetime | None],
        *,
        without: Collection[str] = (),
        limit: int,
        offset: int = 0,
    ) -> list[Told]:
        """The steps of such orders that happened in ``span``, oldest first.

        Args:
            without: actions that are left out, though they are shown elsewhere.
        """
        query = (
            select(WorkOrder, WorkOrderEvent)
            .join(WorkOrderEvent, WorkOrderEvent.order_id == WorkOrder.id)
            .where(_visible(audience), _shown(audience), WorkOrderEvent.action.not_in(without))
        )
        query = query.where(*_between(WorkOrderEvent.at, span))
        query = query.order_by(WorkOrderEvent.at, WorkOrderEvent.id).limit(limit).offset(offset)
        async with self._database.transaction() as session:
            found = (await session.execute(query)).all()
            answers = await _answers(session, {order.id for order, _ in found})
        return [
            Told(
                order=order,
                event=event,
                answer=next((said for at, said in answers.get(order.id, []) if at <= event.id), None),
            )
            for order, event in found
        ]

    async def of_drafts(self, drafts: Collection[str]) -> dict[str, WorkOrder]:
        """The orders that were made of ``drafts``, by draft; for the one who sent them."""
        async with self._database.transaction() as session:
            found = await session.scalars(select(WorkOrder).where(WorkOrder.draft.in_(drafts)))
            return {order.draft: order for order in found}


def _shown(audience: Audience) -> ColumnElement[bool]:
    return and_(WorkOrderEvent.public, WorkOrderEvent.action.in_(audience.actions))


def _visible(audience: Audience) -> ColumnElement[bool]:
    allowed: list[ColumnElement[bool]] = [false()]
    if audience.sources is None:
        allowed = []
    elif audience.sources:
        allowed.append(WorkOrder.source.in_(audience.sources))
    if allowed and audience.own:
        allowed.append(WorkOrder.draft.startswith(audience.own, autoescape=True))
    conditions = [
        ~WorkOrder.demo,
        WorkOrder.nature != "举报",
        WorkOrder.confidential.is_(False),
        WorkOrder.content_confidential.is_(False),
        WorkOrder.topic.in_(audience.topics),
    ]
    return and_(*conditions, or_(*allowed)) if allowed else and_(*conditions)


def _between(
    column: InstrumentedAttribute[datetime], span: tuple[datetime | None, datetime | None]
) -> list[ColumnElement[bool]]:
    since, until = span
    conditions = [] if since is None else [column >= since]
    return conditions if until is None else [*conditions, column < until]


async def _answers(session: AsyncSession, orders: Collection[int]) -> dict[int, list[tuple[int, str]]]:
    """What was answered, newest first: order's id → (step's id, words)."""
    query = (
        select(WorkOrderEvent.order_id, WorkOrderEvent.id, WorkOrderEvent.note)
        .where(WorkOrderEvent.order_id.in_(orders), WorkOrderEvent.action.in_(_ANSWERING))
        .order_by(WorkOrderEvent.id.desc())
    )
    found: dict[int, list[tuple[int, str]]] = {}
    for order, at, note in (await session.execute(query)).all():
        found.setdefault(order, []).append((at, note))
    return found
