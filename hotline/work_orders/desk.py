"""Reading for those who work on orders: lists by role, the whole case, and what waits for somebody."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.database import Database, now
from hotline.work_orders import views
from hotline.work_orders.casework import Casework
from hotline.work_orders.deadlines import SHANGHAI
from hotline.work_orders.effects.step import Actor
from hotline.work_orders.errors import WorkOrderError, not_found
from hotline.work_orders.lifecycle import BEFORE_ANSWER, OPEN, Role
from hotline.work_orders.models import (
    WorkOrder,
    WorkOrderDelivery,
    WorkOrderEvent,
    WorkOrderLetter,
    WorkOrderLikeness,
    WorkOrderRequest,
    WorkOrderUnit,
)

#: What each role has on its table when it asks for nothing else.
_OWN: dict[Role, tuple[str, ...]] = {
    Role.AGENT: ("待受理", "已答复", "回访中"),
    Role.DISPATCHER: ("待受理", "已受理", "待审定", "已派单", "办理中", "挂起"),
    Role.UNIT: ("已派单", "办理中", "挂起", "已答复"),
    Role.SUPERVISOR: (*BEFORE_ANSWER, "待复核"),
    Role.LEADER: ("待审定",),
}


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
    since: date | None = None
    until: date | None = None
    #: A number, or words of the content or the place.
    words: str | None = None
    #: Everything, not only what is on the role's table.
    everything: bool = False


class Desk:
    """The orders as people at work see them."""

    def __init__(
        self, database: Database, casework: Casework, *, clock: Callable[[], datetime] = now
    ) -> None:
        self._database = database
        self._casework = casework
        self._clock = clock

    async def orders(
        self, actor: Actor, wanted: Filter, *, limit: int = 50, offset: int = 0
    ) -> tuple[list[dict[str, Any]], int]:
        """A page of the list, most urgent first, and how many there are in all."""
        query = self._visible(select(WorkOrder), actor)
        query = self._chosen(query, actor, wanted)
        async with self._database.transaction() as session:
            total = await session.scalar(select(func.count()).select_from(query.subquery()))
            urgent = WorkOrder.urgency == "加急"
            ordered = query.order_by(urgent.desc(), WorkOrder.promised_date, WorkOrder.id)
            found = (await session.scalars(ordered.limit(limit).offset(offset))).all()
        at = self._clock()
        office = self._casework.office
        return [views.line(order, actor, office, at) for order in found], int(total or 0)

    async def page(self, number: str, actor: Actor) -> dict[str, Any]:
        """The whole case as ``actor`` may see it, with what may be done now.

        Raises:
            WorkOrderError: there is no such order, or it does not concern the actor.
        """
        query = self._visible(select(WorkOrder).where(WorkOrder.number == number), actor)
        async with self._database.transaction() as session:
            order = (await session.scalars(query)).one_or_none()
            if order is None:
                raise not_found()
            folder = await self._folder(session, order)
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

    def _visible(self, query: Select[WorkOrder], actor: Actor) -> Select[WorkOrder]:
        """A unit sees its own orders only."""
        if actor.role is not Role.UNIT:
            return query
        assisting = select(WorkOrderUnit.order_id).where(WorkOrderUnit.unit == actor.unit)
        return query.where(or_(WorkOrder.lead_unit == actor.unit, WorkOrder.id.in_(assisting)))

    def _chosen(self, query: Select[WorkOrder], actor: Actor, wanted: Filter) -> Select[WorkOrder]:
        statuses = wanted.statuses or (() if wanted.everything else _OWN.get(actor.role, OPEN))
        if statuses:
            query = query.where(WorkOrder.status.in_(statuses))
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
        if wanted.asking:
            open_requests = select(WorkOrderRequest.order_id).where(WorkOrderRequest.decided_at.is_(None))
            query = query.where(WorkOrder.id.in_(open_requests))
        if wanted.since:
            query = query.where(WorkOrder.created_at >= _midnight(wanted.since))
        if wanted.until:
            query = query.where(WorkOrder.created_at < _midnight(wanted.until + timedelta(days=1)))
        if wanted.words:
            like = f"%{_escaped(wanted.words.strip())}%"
            columns = (WorkOrder.number, WorkOrder.what, WorkOrder.where_text)
            query = query.where(or_(*(column.ilike(like, escape="\\") for column in columns)))
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
        members = select(WorkOrder).where(WorkOrder.merged_into == order.id).order_by(WorkOrder.id)
        main = await session.get(WorkOrder, order.merged_into) if order.merged_into else None
        return {
            "order": order,
            "events": await of(WorkOrderEvent),
            "units": await of(WorkOrderUnit),
            "requests": await of(WorkOrderRequest),
            "letters": await of(WorkOrderLetter),
            "deliveries": await of(WorkOrderDelivery),
            "likenesses": [(a, b) for a, b in (await session.execute(likely)).all()],
            "members": (await session.scalars(members)).all(),
            "main": main.number if main else None,
        }


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)


def _escaped(words: str) -> str:
    return words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
