"""Reading for those who work on orders: lists by role, the whole case, and what waits for somebody."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    func,
    literal_column,
    not_,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer

from hotline.attachments.service import of_order as photographs_of
from hotline.database import Database, now
from hotline.work_orders import search, shapes, views
from hotline.work_orders.casework import Casework
from hotline.work_orders.deadlines import SHANGHAI
from hotline.work_orders.effects.step import Actor
from hotline.work_orders.errors import WorkOrderError, not_found
from hotline.work_orders.lifecycle import BEFORE_ANSWER, OPEN, Role
from hotline.work_orders.models import (
    WORDS,
    WorkOrder,
    WorkOrderDelivery,
    WorkOrderEvent,
    WorkOrderLetter,
    WorkOrderLikeness,
    WorkOrderRequest,
    WorkOrderUnit,
)
from hotline.work_orders.personal import note_reading

#: What each role has on its table when it asks for nothing else.
_OWN: dict[Role, tuple[str, ...]] = {
    Role.AGENT: ("待受理", "已答复", "回访中"),
    Role.DISPATCHER: ("待受理", "已受理", "待审定", "已派单", "办理中", "挂起"),
    Role.UNIT: ("已派单", "办理中", "挂起", "已答复"),
    Role.SUPERVISOR: (*BEFORE_ANSWER, "待复核"),
    Role.LEADER: ("待审定",),
}
#: Counting goes on to here; nobody turns so many pages.
_COUNTED = 2000
#: So many of the newest orders are looked through for words, before the index is asked.
_RECENT = 2000
#: The same of a unit's own: nearly always all that it has, so that the index is not asked as well.
_RECENT_OF_UNIT = 5000
#: Written as the index has it.
_URGENT: Any = literal_column("(urgency = '加急') DESC")


@dataclass(frozen=True, kw_only=True)
class Filter:
    """Which orders; None or empty: all that the role may see."""

    statuses: Sequence[str] = ()
    natures: Sequence[str] = ()
    topic: str | None = None
    area: str | None = None
    unit: str | None = None
    overdue: bool | None = None
    supervised: bool | None = None
    enterprise: bool | None = None
    #: Only orders with a request (退单, 延期) that waits for a decision.
    asking: bool = False
    #: Only orders with a request of this kind that waits: 退单, 延期.
    asking_for: str | None = None
    #: Only those to be answered within the days of the warning (临期), as :class:`Counts` counts them.
    near: bool = False
    urgent: bool = False
    #: The level of 督办.
    level: int | None = None
    since: date | None = None
    until: date | None = None
    #: A number, or words of the content or the place.
    words: str | None = None
    #: Everything, not only what is on the role's table.
    everything: bool = False


@dataclass(frozen=True)
class Page:
    """A page of a list. ``total`` is how many there are; when ``more``, at least so many."""

    orders: list[shapes.Line]
    total: int
    more: bool


@dataclass(frozen=True, kw_only=True)
class Counts:
    """How many orders are in which state. All but the last two are about open ones; 今天 is the day in Shanghai."""

    by_status: dict[str, int]
    urgent: int
    overdue: int
    #: To be answered within the days of the warning (临期).
    near: int
    supervised: int
    asking_to_return: int
    asking_to_extend: int
    taken_today: int
    closed_today: int


@dataclass(frozen=True, kw_only=True)
class Whole:
    """An order with what is kept beside it: codes of its assisting units, and the number it is merged into."""

    order: WorkOrder
    assisting: Sequence[str]
    main: str | None


class Lists:
    """The orders as people at work see them."""

    def __init__(
        self, database: Database, casework: Casework, *, clock: Callable[[], datetime] = now
    ) -> None:
        self._database = database
        self._casework = casework
        self._clock = clock

    async def orders(self, actor: Actor, wanted: Filter, *, limit: int = 50, offset: int = 0) -> Page:
        """A page of a list.

        What is on the role's table comes most urgent first, what is looked for among all orders newest first.

        Raises:
            WorkOrderError: the words to look for are too short.
        """
        typed = (wanted.words or "").replace("\x00", "").strip()
        query = self._chosen(select(WorkOrder).where(_visible(actor)), actor, wanted)
        identified = search.identified(typed)
        words = search.terms(typed) if typed and identified is None else []
        if identified is not None:
            query = query.where(identified)
        if typed and not search.is_number(typed) and actor.role is Role.UNIT:
            # Finding is knowing: who is looked for by name or number is not found where he is hidden.
            hidden = or_(WorkOrder.confidential, WorkOrder.anonymous, WorkOrder.content_confidential)
            query = query.where(not_(hidden))
        async with self._database.transaction() as session:
            if words:
                ids, total, more = await _search(session, query, words, offset + limit, actor)
                query = select(WorkOrder).where(WorkOrder.id.in_(ids[offset:])).order_by(WorkOrder.id.desc())
            else:
                some: Select[Any] = query.with_only_columns(literal_column("1"), maintain_column_froms=True)
                counted = select(func.count()).select_from(some.limit(_COUNTED + 1).subquery())
                total = int(await session.scalar(counted) or 0)
                more, total = total > _COUNTED, min(total, _COUNTED)
                newest = wanted.everything or typed
                urgent = (_URGENT, WorkOrder.promised_date, WorkOrder.id)
                order = (WorkOrder.id.desc(),) if newest else urgent
                # Turning far, the indexes alone are gone through: an order's words are read for this page only.
                page: Select[Any] = query.with_only_columns(WorkOrder.id, maintain_column_froms=True)
                page = page.order_by(*order).limit(limit).offset(offset)
                query = select(WorkOrder).where(WorkOrder.id.in_(page)).order_by(*order)
            # Neither stands in a list.
            query = query.options(defer(WorkOrder.meaning), defer(WorkOrder.proposal))
            found = (await session.scalars(query)).all()
        at, office = self._clock(), self._casework.office
        return Page([views.line(order, actor, office, at) for order in found], total, more)

    async def every(self, actor: Actor, wanted: Filter, *, batch: int = 500) -> AsyncIterator[list[Whole]]:
        """All orders of a filter (its words are not looked at), oldest first, ``batch`` at a time.

        Each batch is read on its own: no connection is held while somebody works on the one before.
        """
        chosen = self._chosen(select(WorkOrder).where(_visible(actor)), actor, wanted)
        chosen = chosen.options(defer(WorkOrder.meaning), defer(WorkOrder.proposal))
        last = 0
        while True:
            query = chosen.where(WorkOrder.id > last).order_by(WorkOrder.id).limit(batch)
            async with self._database.transaction() as session:
                orders = (await session.scalars(query)).all()
                ids = [order.id for order in orders]
                shares = select(WorkOrderUnit).where(WorkOrderUnit.order_id.in_(ids))
                units: dict[int, list[str]] = {}
                for share in await session.scalars(shares.order_by(WorkOrderUnit.unit)):
                    units.setdefault(share.order_id, []).append(share.unit)
                mains = {order.merged_into for order in orders if order.merged_into}
                named = select(WorkOrder.id, WorkOrder.number).where(WorkOrder.id.in_(mains))
                numbers = {row.id: row.number for row in await session.execute(named)}
            if not orders:
                return
            last = ids[-1]
            yield [
                Whole(
                    order=order,
                    assisting=units.get(order.id, []),
                    main=numbers.get(order.merged_into) if order.merged_into else None,
                )
                for order in orders
            ]

    async def counts(self, actor: Actor) -> Counts:
        """How much there is to do of what ``actor`` may see."""
        today = self._clock().astimezone(SHANGHAI).date()
        figures = (
            select(
                WorkOrder.status,
                func.count(),
                func.count().filter(WorkOrder.urgency == "加急"),
                func.count().filter(WorkOrder.status.in_(BEFORE_ANSWER), WorkOrder.overdue_at.is_not(None)),
                func.count().filter(self._is_near()),
                func.count().filter(WorkOrder.supervision_level > 0),
            )
            .where(WorkOrder.closed_at.is_(None), _visible(actor))
            .group_by(WorkOrder.status)
        )
        asking = (
            select(WorkOrderRequest.kind, func.count())
            .join(WorkOrder, WorkOrder.id == WorkOrderRequest.order_id)
            .where(WorkOrderRequest.decided_at.is_(None), _visible(actor))
            .group_by(WorkOrderRequest.kind)
        )
        count = select(func.count()).where(_visible(actor))
        taken = count.where(WorkOrder.created_at >= _midnight(today))
        closed = count.where(WorkOrder.closed_at >= _midnight(today))
        async with self._database.transaction() as session:
            rows = (await session.execute(figures)).all()
            asked = {row[0]: row[1] for row in await session.execute(asking)}
            taken_today, closed_today = await session.scalar(taken), await session.scalar(closed)
        urgent, overdue, soon, supervised = (sum(int(row[place]) for row in rows) for place in range(2, 6))
        return Counts(
            by_status={row[0]: row[1] for row in sorted(rows, key=lambda row: OPEN.index(row[0]))},
            urgent=urgent,
            overdue=overdue,
            near=soon,
            supervised=supervised,
            asking_to_return=asked.get("退单", 0),
            asking_to_extend=asked.get("延期", 0),
            taken_today=int(taken_today or 0),
            closed_today=int(closed_today or 0),
        )

    async def page(self, number: str, actor: Actor) -> shapes.OfficeCase | shapes.Case:
        """The whole case as ``actor`` may see it, with what may be done now. Who opens a confidential one is audited.

        Raises:
            WorkOrderError: there is no such order, or it does not concern the actor.
        """
        query = select(WorkOrder).where(WorkOrder.number == number, _visible(actor))
        async with self._database.transaction() as session:
            order = (await session.scalars(query)).one_or_none()
            if order is None:
                raise not_found()
            folder = await self._folder(session, order)
            await note_reading(session, order, actor)
        possible = await self._casework.possible(order, actor)
        return views.page(
            views.Folder(**folder, possible=possible), actor, self._casework.office, self._clock()
        )

    async def do_dismiss_likeness(self, number: str, other: str, actor: Actor) -> None:
        """Note that two orders are not the same case, so that they are not proposed again.

        Raises:
            WorkOrderError: they were not proposed, or the actor may not decide.
        """
        if actor.role not in (Role.AGENT, Role.DISPATCHER):
            raise WorkOrderError("forbidden", "是不是同一件事，由坐席或派单员来定。")
        async with self._database.transaction() as session:
            ids = select(WorkOrder.id).where(WorkOrder.number == number).scalar_subquery()
            others = select(WorkOrder.id).where(WorkOrder.number == other).scalar_subquery()
            query = select(WorkOrderLikeness).where(
                WorkOrderLikeness.order_id == ids, WorkOrderLikeness.other_id == others
            )
            likeness = (await session.scalars(query.with_for_update())).one_or_none()
            if likeness is None:
                raise WorkOrderError("not_found", "没有找到这条疑似重复。")
            likeness.same, likeness.decided_by = False, actor.id

    def _is_near(self) -> ColumnElement[bool]:
        today = self._clock().astimezone(SHANGHAI).date()
        office = self._casework.office
        near = office.calendar.add(today, office.process.warning_working_days)
        return and_(
            WorkOrder.status.in_(BEFORE_ANSWER),
            WorkOrder.suspended_at.is_(None),
            WorkOrder.overdue_at.is_(None),
            WorkOrder.promised_date <= near,
        )

    def _chosen(self, query: Select[WorkOrder], actor: Actor, wanted: Filter) -> Select[WorkOrder]:
        statuses = wanted.statuses or (() if wanted.everything else _OWN.get(actor.role, OPEN))
        if statuses:
            query = query.where(WorkOrder.status.in_(statuses))
        if statuses and set(statuses) <= set(OPEN):
            query = query.where(WorkOrder.closed_at.is_(None))  # says the same, and has an index
        if wanted.natures:
            query = query.where(WorkOrder.nature.in_(wanted.natures))
        if wanted.topic:
            query = query.where(WorkOrder.topic.startswith(wanted.topic, autoescape=True))
        if wanted.area:
            query = query.where(WorkOrder.area_code == wanted.area)
        if wanted.unit:
            query = query.where(WorkOrder.lead_unit == wanted.unit)
        if wanted.overdue is not None:
            query = query.where(WorkOrder.overdue_at.is_not(None) == wanted.overdue)
        if wanted.supervised is not None:
            query = query.where((WorkOrder.supervision_level > 0) == wanted.supervised)
        if wanted.enterprise is not None:
            query = query.where(WorkOrder.enterprise == wanted.enterprise)
        if wanted.asking or wanted.asking_for:
            open_requests = select(WorkOrderRequest.order_id).where(WorkOrderRequest.decided_at.is_(None))
            if wanted.asking_for:
                open_requests = open_requests.where(WorkOrderRequest.kind == wanted.asking_for)
            query = query.where(WorkOrder.id.in_(open_requests))
        if wanted.near:
            query = query.where(self._is_near())
        if wanted.urgent:
            query = query.where(WorkOrder.urgency == "加急")
        if wanted.level is not None:
            query = query.where(WorkOrder.supervision_level == wanted.level)
        if wanted.since:
            query = query.where(WorkOrder.created_at >= _midnight(wanted.since))
        if wanted.until:
            query = query.where(WorkOrder.created_at < _midnight(wanted.until + timedelta(days=1)))
        return query

    async def _folder(self, session: AsyncSession, order: WorkOrder) -> dict[str, Any]:
        async def of(table: Any) -> Sequence[Any]:
            query = select(table).where(table.order_id == order.id).order_by(*table.__table__.primary_key)
            return (await session.scalars(query)).all()

        likely = (
            select(WorkOrderLikeness, WorkOrder)
            .join(WorkOrder, WorkOrder.id == WorkOrderLikeness.other_id)
            .where(WorkOrderLikeness.order_id == order.id)
            .order_by(WorkOrderLikeness.score.desc())
        )
        merged = select(WorkOrder).where(WorkOrder.merged_into == order.id).order_by(WorkOrder.id)
        members = (await session.scalars(merged)).all()
        main = await session.get(WorkOrder, order.merged_into) if order.merged_into else None
        return {
            "order": order,
            "events": await of(WorkOrderEvent),
            "units": await of(WorkOrderUnit),
            "requests": await of(WorkOrderRequest),
            "letters": await of(WorkOrderLetter),
            "deliveries": await of(WorkOrderDelivery),
            "photographs": await photographs_of(session, order.id, *(member.id for member in members)),
            "likenesses": [(a, b) for a, b in (await session.execute(likely)).all()],
            "members": members,
            "main": main.number if main else None,
        }


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)


def _visible(actor: Actor) -> ColumnElement[bool]:
    """A unit sees its own orders only."""
    if actor.role is not Role.UNIT:
        return true()
    leading = select(WorkOrder.id).where(WorkOrder.lead_unit == actor.unit)
    assisting = select(WorkOrderUnit.order_id).where(WorkOrderUnit.unit == actor.unit)
    # An OR of both would go through all orders of all units.
    return WorkOrder.id.in_(union_all(leading, assisting))


async def _search(
    session: AsyncSession, query: Select[WorkOrder], words: Sequence[str], wanted: int, actor: Actor
) -> tuple[Sequence[int], int, bool]:
    """The ids of the newest ``wanted`` orders in which all words stand, how many were counted, and whether there are more.

    Common words are found among the newest orders, without going through all that have them; rare ones by the index.
    """
    depth = _RECENT_OF_UNIT if actor.role is Role.UNIT else _RECENT
    newest = query.order_by(WorkOrder.id.desc()).limit(depth)
    columns = (WorkOrder.id, WORDS.label("said"))
    recent = newest.with_only_columns(*columns, maintain_column_froms=True).subquery()
    stands = search.stand_in(recent.c.said, words)
    found = select(
        func.array_agg(aggregate_order_by(recent.c.id, recent.c.id.desc())).filter(stands),
        func.count(),
        func.min(recent.c.id),
    )
    row = (await session.execute(found.select_from(recent))).one()
    ids: list[int] = row[0] or []
    all_seen = row[1] < depth
    most = max(_COUNTED, wanted)
    if not all_seen and len(ids) < wanted:
        older = query.where(search.have_pairs_of(words), search.stand_in(WORDS, words))
        if row[2] is not None:
            older = older.where(WorkOrder.id < row[2])  # the newer ones have been looked through
        indexed: Select[Any] = older.with_only_columns(WorkOrder.id, maintain_column_froms=True)
        indexed = indexed.order_by(WorkOrder.id.desc()).limit(most + 1 - len(ids))
        ids += (await session.scalars(indexed)).all()
        all_seen = len(ids) <= most
    return ids[:wanted], len(ids) - (not all_seen and len(ids) > wanted), not all_seen
