"""The casework as it is, without what matters only to somebody who looks on: thousands of actions a minute."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.work_orders.casework import Casework
from hotline.work_orders.models import WorkOrder, WorkOrderTimer
from hotline.work_orders.timers import Timer, wanted


class QuickCasework(Casework):
    """Tells nobody, and writes an order's timers down when its life is over; see :meth:`do_set_timers`."""

    async def tell(
        self, session: AsyncSession, order: WorkOrder, *, also: Collection[str | None] = ()
    ) -> None:
        """Nobody is told of each step of the past."""

    async def set_timers(self, session: AsyncSession, order: WorkOrder) -> None:
        """Later."""

    async def do_set_timers(self, session: AsyncSession, order: WorkOrder) -> None:
        """Write down what is still to come."""
        await super().set_timers(session, order)

    def due(self, order: WorkOrder, fired: Collection[Timer]) -> Timer | None:
        """What the system has to do first of what it has not done yet."""
        waiting = [timer for timer in wanted(order, self.office) if timer not in fired]
        return min(waiting, key=lambda timer: timer.due_at, default=None)

    async def do_fire(self, session: AsyncSession, order: WorkOrder, timer: Timer) -> None:
        """Do it.

        Raises:
            WorkOrderError: see :meth:`fire`.
        """
        query = select(WorkOrderTimer).where(
            WorkOrderTimer.order_id == order.id,
            WorkOrderTimer.kind == timer.kind,
            WorkOrderTimer.due_at == timer.due_at,
        )
        row = (await session.scalars(query)).one_or_none()
        if row is None:
            row = WorkOrderTimer(order_id=order.id, kind=timer.kind, due_at=timer.due_at)
            session.add(row)
            await session.flush()
        await self.fire(session, order, row)
