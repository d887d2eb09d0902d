"""Carries out what the lifecycle allows: one transaction an action, with its line in the timeline.

A row's lock makes concurrent actions on one order come one after the other; the second finds the new state and is
told who was faster. Whoever sends the ``version`` that was on the screen is refused when the order has changed since.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import structlog
from psycopg import errors as psycopg_errors
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.database import Database, now
from hotline.work_orders import news
from hotline.work_orders.deadlines import SHANGHAI, due_moment
from hotline.work_orders.effects import EFFECTS
from hotline.work_orders.effects.step import Actor, Refused, Step
from hotline.work_orders.errors import WorkOrderError, not_found
from hotline.work_orders.followers import conversations_of
from hotline.work_orders.lifecycle import BEFORE_ANSWER, ENDED, Act, Case, NotAllowed, Role, find, possible
from hotline.work_orders.models import (
    WorkOrder,
    WorkOrderEvent,
    WorkOrderRequest,
    WorkOrderTimer,
    WorkOrderUnit,
)
from hotline.work_orders.office import Office
from hotline.work_orders.timers import action_of, wanted

logger = structlog.get_logger(__name__)

SYSTEM = Actor(id="system", role=Role.SYSTEM)
_DEADLOCK_TRIES = 4

#: Is told of every action, in its transaction and with the order locked; what it raises undoes the action.
Observer = Callable[[AsyncSession, WorkOrder, WorkOrderEvent], Awaitable[None]]


async def duties(session: AsyncSession, order: WorkOrder) -> dict[str, str]:
    """The order's assisting units, each with its duty."""
    query = select(WorkOrderUnit.unit, WorkOrderUnit.duty).where(WorkOrderUnit.order_id == order.id)
    rows = (await session.execute(query.order_by(WorkOrderUnit.unit))).all()
    return {row.unit: row.duty for row in rows}


class Casework:
    """All that happens to an order after it was taken down."""

    def __init__(
        self,
        database: Database,
        office: Office,
        *,
        call: Callable[[str], Awaitable[None]] | None = None,
        observers: Sequence[Observer] = (),
        then: Sequence[str] = ("deliver",),
        clock: Callable[[], datetime] = now,
    ) -> None:
        """
        Args:
            call: has a job of ``hotline/jobs`` done now; without it they come at their turns.
            observers: what else is to be written down with every action.
            then: the jobs to call when an action is done.
        """
        self._database = database
        self.office = office
        self._call = call
        self._observers = observers
        self._then = then
        self._clock = clock

    async def call(self, job: str) -> None:
        """Have ``job`` done now, if somebody can be told."""
        if self._call is not None:
            await self._call(job)

    async def do_act(
        self,
        number: str,
        actor: Actor,
        action: str,
        fields: Mapping[str, Any] | None = None,
        *,
        request: str,
        version: int | None = None,
    ) -> WorkOrder:
        """Do ``action`` to the order ``number``; the same ``request`` does it once.

        Args:
            fields: what the action needs, by the names of ``lifecycle.FIELDS``.
            version: the order's version that the actor has seen; None when that does not matter.

        Raises:
            WorkOrderError: it may not be done now, or not by this actor, or something is missing.
        """
        for attempt in range(1, _DEADLOCK_TRIES + 1):
            try:
                order = await self._act(number, actor, action, dict(fields or {}), request, version)
            except OperationalError as error:
                # Two mergings that cross each other; the database has let one of them go on.
                deadlock = isinstance(error.orig, psycopg_errors.DeadlockDetected)
                if not deadlock or attempt == _DEADLOCK_TRIES:
                    raise
                await asyncio.sleep(0.05 * attempt)
            else:
                for job in self._then:
                    await self.call(job)
                return order
        raise AssertionError("unreachable")

    async def _act(
        self,
        number: str,
        actor: Actor,
        action: str,
        fields: dict[str, Any],
        request: str,
        version: int | None,
    ) -> WorkOrder:
        async with self._database.transaction() as session:
            order = await self._lock(session, number, target=fields.get("target"))
            if order is None or not self._concerns(order, await self._assisting(session, order), actor):
                raise not_found()
            same = select(WorkOrderEvent.id).where(
                WorkOrderEvent.order_id == order.id, WorkOrderEvent.request == request
            )
            if await session.scalar(same):
                return order
            if version is not None and version != order.version:
                raise WorkOrderError("changed", await self._news(session, order))
            await self.carry_out(session, order, actor, action, fields, request=request)
            return order

    async def carry_out(
        self,
        session: AsyncSession,
        order: WorkOrder,
        actor: Actor,
        action: str,
        fields: Mapping[str, Any],
        *,
        request: str,
    ) -> None:
        """Do it to a locked order, in the caller's transaction: state, timeline, timers, and what is to be told.

        Raises:
            WorkOrderError: see :meth:`do_act`.
        """
        at = self._clock()
        await self._note_overdue(session, order, at)
        case = await self.case(session, order)
        concerned = {order.lead_unit, *case.assisting}
        act = Act(action=action, role=actor.role, unit=actor.unit, fields=fields)
        try:
            row = find(case, act)
        except NotAllowed as refused:
            raise await self._refusal(session, order, refused) from None
        step = Step(
            session=session,
            order=order,
            act=act,
            actor=actor,
            row=row,
            at=at,
            office=self.office,
            followers=await conversations_of(session, order.id),
        )
        try:
            await step.take(EFFECTS.get(action))
        except Refused as refused_:
            raise WorkOrderError(refused_.code, refused_.message) from None
        order.version += 1
        event = WorkOrderEvent(
            order_id=order.id,
            at=at,
            actor=actor.id,
            role=actor.role,
            unit=actor.unit,
            action=action,
            status=order.status,
            note=step.note,
            detail=step.detail,
            public=row.public,
            request=request,
        )
        session.add(event)
        await self.set_timers(session, order)
        for observer in self._observers:
            await observer(session, order, event)
        # Also those who have it no longer: it leaves their list.
        await self.tell(session, order, also=concerned)
        for number, (other, what, given) in enumerate(step.others, 1):
            target = await session.get(WorkOrder, other, with_for_update=True, populate_existing=True)
            if target is not None:
                follow = f"{request}>{order.number}:{number}"
                await self.carry_out(session, target, SYSTEM, what, given, request=follow)

    async def add_line(
        self,
        session: AsyncSession,
        order: WorkOrder,
        actor: Actor,
        action: str,
        note: str,
        *,
        request: str,
        public: bool = True,
    ) -> None:
        """Note something about a locked order that is no step of the lifecycle, in the caller's transaction."""
        order.version += 1
        event = WorkOrderEvent(
            order_id=order.id,
            at=self._clock(),
            actor=actor.id,
            role=actor.role,
            unit=actor.unit,
            action=action,
            status=order.status,
            note=note,
            detail={},
            public=public,
            request=request,
        )
        session.add(event)
        for observer in self._observers:
            await observer(session, order, event)
        await self.tell(session, order)

    async def tell(
        self, session: AsyncSession, order: WorkOrder, *, also: Collection[str | None] = ()
    ) -> None:
        """Tell, at commit, that the order has changed.

        Args:
            also: units that had to do with it before.
        """
        concerned = {order.lead_unit, *also, *await self._assisting(session, order)}
        await news.tell(session, order.number, concerned)

    async def seen(
        self, session: AsyncSession, number: str, actor: Actor, *, lock: bool = False
    ) -> WorkOrder:
        """The order, for somebody who has to do with it.

        Raises:
            WorkOrderError: there is no such order, or it does not concern the actor.
        """
        query = select(WorkOrder).where(WorkOrder.number == number)
        order = (await session.scalars(query.with_for_update() if lock else query)).one_or_none()
        if order is None or not self._concerns(order, await self._assisting(session, order), actor):
            raise not_found()
        return order

    async def set_timers(self, session: AsyncSession, order: WorkOrder) -> None:
        """Bring the order's timers in line with its state."""
        due = {(timer.kind, timer.due_at) for timer in wanted(order, self.office)}
        query = select(WorkOrderTimer).where(WorkOrderTimer.order_id == order.id)
        for timer in (await session.scalars(query)).all():
            if timer.fired_at is None and (timer.kind, timer.due_at) not in due:
                await session.delete(timer)
            due.discard((timer.kind, timer.due_at))
        session.add_all(WorkOrderTimer(order_id=order.id, kind=kind, due_at=at) for kind, at in due)

    async def do_fire_timers(self, *, most: int = 200) -> int:
        """Do what is due; each timer fires once, however many processes look. Return how many fired here."""
        async with self._database.transaction() as session:
            query = (
                select(WorkOrderTimer.id, WorkOrderTimer.order_id)
                .where(WorkOrderTimer.fired_at.is_(None), WorkOrderTimer.due_at <= self._clock())
                .order_by(WorkOrderTimer.due_at, WorkOrderTimer.id)
                .limit(most)
            )
            due = (await session.execute(query)).all()
        fired = 0
        for timer, order in due:
            try:
                fired += await self._fire(timer, order)
            except WorkOrderError as error:
                # The state has moved on without taking the timer back: that would be a mistake of ours.
                logger.error("a timer could not fire", timer=timer, error=error.message)
        return fired

    async def _fire(self, timer_id: int, order_id: int) -> bool:
        async with self._database.transaction() as session:
            # The order first, as every action does; only then its timer.
            order = await session.get(WorkOrder, order_id, with_for_update=True)
            timer = await session.get(WorkOrderTimer, timer_id, with_for_update=True)
            if order is None or timer is None or timer.fired_at is not None:
                return False
            await self.fire(session, order, timer)
            return True

    async def fire(self, session: AsyncSession, order: WorkOrder, timer: WorkOrderTimer) -> None:
        """Do what ``timer`` is for to its locked order, in the caller's transaction.

        Raises:
            WorkOrderError: the state has moved on without taking the timer back.
        """
        timer.fired_at = self._clock()
        await session.flush()
        action, level = action_of(timer.kind)
        if action == "逾期" and order.overdue_at is None:
            await self._note_overdue(session, order, timer.fired_at)
            return
        fields: dict[str, Any] = {}
        if level is not None:
            fields = {
                "level": level,
                "reason": f"逾期未答复，自动升为{self.office.process.level_name(level)}",
            }
        await self.carry_out(session, order, SYSTEM, action, fields, request=f"timer:{timer.id}")

    async def _note_overdue(self, session: AsyncSession, order: WorkOrder, at: datetime) -> None:
        """Fix that the promised date has passed, at the first thing that happens after it."""
        if order.status not in BEFORE_ANSWER or order.overdue_at or order.suspended_at:
            return
        due = due_moment(order.promised_date, self.office.hours)
        if at < due:
            return
        order.overdue_at = due
        request = f"overdue:{order.promised_date}:{order.redone}"
        await self.carry_out(session, order, SYSTEM, "逾期", {}, request=request)

    async def case(self, session: AsyncSession, order: WorkOrder) -> Case:
        """What the guards look at."""
        # One question to the database: it is asked at every action, and for every order that is shown.
        units = select(func.array_agg(WorkOrderUnit.unit)).where(WorkOrderUnit.order_id == order.id)
        waiting = select(func.array_agg(WorkOrderRequest.kind)).where(
            WorkOrderRequest.order_id == order.id, WorkOrderRequest.decided_at.is_(None)
        )
        merged = select(func.count()).where(WorkOrder.merged_into == order.id, WorkOrder.status == "已并案")
        asked = select(units.scalar_subquery(), waiting.scalar_subquery(), merged.scalar_subquery())
        assisting, pending, members = (await session.execute(asked)).one()
        return Case(
            status=order.status,
            nature=order.nature,
            lead=order.lead_unit,
            assisting=frozenset(assisting or ()),
            designated=order.designated,
            return_closed=self._return_closed(order),
            overdue=order.overdue_at is not None,
            extended=order.extended,
            redone=order.redone,
            pending=frozenset(pending or ()),
            members=members,
            limits=self.office.process.limits,
        )

    async def units_of(self, number: str) -> tuple[str | None, frozenset[str]]:
        """The lead unit and the assisting ones of an order.

        Raises:
            WorkOrderError: there is no such order.
        """
        async with self._database.transaction() as session:
            query = select(WorkOrder).where(WorkOrder.number == number)
            order = (await session.scalars(query)).one_or_none()
            if order is None:
                raise not_found()
            return order.lead_unit, await self._assisting(session, order)

    async def possible(self, order: WorkOrder, actor: Actor) -> list[str]:
        """What ``actor`` may do to the order now."""
        async with self._database.transaction() as session:
            case = await self.case(session, order)
            if not self._concerns(order, case.assisting, actor):
                return []
            return possible(case, actor.role, actor.unit)

    def _return_closed(self, order: WorkOrder) -> bool:
        if order.signed_at is None:
            return False
        days = self.office.process.return_working_days
        last = self.office.calendar.add(order.signed_at.astimezone(SHANGHAI).date(), days)
        return self._clock() > due_moment(last, self.office.hours)

    async def _assisting(self, session: AsyncSession, order: WorkOrder) -> frozenset[str]:
        return frozenset(await duties(session, order))

    @staticmethod
    def _concerns(order: WorkOrder, assisting: frozenset[str], actor: Actor) -> bool:
        """A unit has to do with its own orders only."""
        return actor.role is not Role.UNIT or actor.unit == order.lead_unit or actor.unit in assisting

    async def _lock(self, session: AsyncSession, number: str, *, target: object) -> WorkOrder | None:
        """The order, locked together with the one it is to be merged into, always in the same order."""
        numbers = [number, target] if isinstance(target, str) else [number]
        query = select(WorkOrder).where(WorkOrder.number.in_(numbers)).order_by(WorkOrder.id)
        found: Sequence[WorkOrder] = (await session.scalars(query.with_for_update())).all()
        return next((order for order in found if order.number == number), None)

    async def _refusal(self, session: AsyncSession, order: WorkOrder, refused: NotAllowed) -> WorkOrderError:
        if refused.code != "state":
            code = {"role": "forbidden", "missing": "missing", "unknown": "unknown"}.get(
                refused.code, "refused"
            )
            return WorkOrderError(code, refused.message)
        code = "ended" if order.status in ENDED else "changed"
        words = refused.message.replace("工单现在", f"工单 {order.number} 现在", 1).removesuffix("。")
        return WorkOrderError(code, words + await self._last_step(session, order))

    async def _news(self, session: AsyncSession, order: WorkOrder) -> str:
        last = await self._last_step(session, order)
        return f"您打开以后，这张工单有了变化，现在是“{order.status}”{last}请刷新再办。"

    async def _last_step(self, session: AsyncSession, order: WorkOrder) -> str:
        query = select(WorkOrderEvent).where(WorkOrderEvent.order_id == order.id)
        last = (await session.scalars(query.order_by(WorkOrderEvent.id.desc()).limit(1))).one_or_none()
        if last is None or last.role == Role.CITIZEN:
            return "。"
        who = "系统" if last.role == Role.SYSTEM else f"{last.role} {last.actor} "
        at = last.at.astimezone(SHANGHAI)
        return f"（{who}在 {at.month}月{at.day}日 {at:%H:%M} 做了“{last.action}”）。"
