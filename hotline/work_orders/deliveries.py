"""Brings to citizens what the orders have left for them. A delivery's state is apart from its order's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from hotline.conversations.service import Conversations
from hotline.database import Database, now
from hotline.work_orders.errors import WorkOrderError
from hotline.work_orders.followers import conversations_of
from hotline.work_orders.masking import for_everybody
from hotline.work_orders.models import WorkOrder, WorkOrderDelivery

logger = structlog.get_logger(__name__)

#: Waits between the tries, in minutes; after the last one an agent has to see to it.
_WAITS = (1, 2, 5, 15, 60, 180, 720)


async def leave_call(
    session: AsyncSession, order: WorkOrder, unit: str, text: str, *, event: str, at: datetime
) -> int:
    """Have a person ring ``unit`` up: what was for it could not be brought to it. Return the delivery's number."""
    delivery = WorkOrderDelivery(
        order_id=order.id,
        unit=unit,
        event=event,
        text=f"工单 {order.number}：{text}",
        state="未送达",
        created_at=at,
        next_try_at=at,
    )
    session.add(delivery)
    await session.flush()
    return delivery.id


async def settle_call(session: AsyncSession, delivery_id: int, by: str, *, at: datetime) -> None:
    """Take back what :func:`leave_call` asked for, unless it was done."""
    delivery = await session.get(WorkOrderDelivery, delivery_id, with_for_update=True)
    if delivery is not None and delivery.state == "未送达":
        delivery.state, delivery.done_at, delivery.done_by = "已送达", at, by


class Deliveries:
    """What is to be told, and whether it was."""

    def __init__(
        self, database: Database, conversations: Conversations, *, clock: Callable[[], datetime] = now
    ) -> None:
        self._database = database
        self._conversations = conversations
        self._clock = clock

    async def do_deliver(self) -> int:
        """Deliver all that is waiting; return how many were delivered here.

        What is said and that it was said are committed together: however many processes deliver, and whichever is
        killed, each is said once.
        """
        delivered = 0
        while (one := await self._next()) is not None:
            delivered += await self._deliver(one)
        return delivered

    async def _next(self) -> int | None:
        # What has happened to an order is told in its order, however many processes tell.
        before = aliased(WorkOrderDelivery)
        earlier = exists().where(
            before.order_id == WorkOrderDelivery.order_id,
            before.state == "待送达",
            before.id < WorkOrderDelivery.id,
        )
        query = (
            select(WorkOrderDelivery.id)
            .where(
                WorkOrderDelivery.state == "待送达",
                WorkOrderDelivery.next_try_at <= self._clock(),
                ~earlier,
            )
            .order_by(WorkOrderDelivery.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        async with self._database.transaction() as session:
            found: int | None = await session.scalar(query)
            return found

    async def _deliver(self, delivery_id: int) -> bool:
        try:
            async with self._database.transaction() as session:
                delivery = await session.get(WorkOrderDelivery, delivery_id, with_for_update=True)
                if delivery is None or delivery.state != "待送达":
                    return False
                order = await session.get_one(WorkOrder, delivery.order_id)
                if not await self._tell(session, order, delivery):  # nobody follows it any more
                    if order.phone is None or order.anonymous or delivery.said_in is not None:
                        await session.delete(delivery)
                    delivery.state = "待电话告知"
                    return False
                delivery.state, delivery.done_at, delivery.error = "已送达", self._clock(), ""
            return True
        except Exception as error:  # whatever it is, it is tried again, and seen when it goes on
            logger.warning("a delivery failed", delivery=delivery_id, error=str(error))
            await self._put_off(delivery_id, str(error))
            return False

    async def _tell(self, session: AsyncSession, order: WorkOrder, delivery: WorkOrderDelivery) -> bool:
        """Tell all conversations that know the order, each what it may know; whether there are any."""
        veil = for_everybody(order, landlines=False)
        own = order.conversation_id
        known = await conversations_of(session, order.id) | ({own} if own else set())
        # In one order, so that two deliveries do not wait for each other.
        places = sorted(known - {delivery.said_in})
        for place in places:
            # A follower has the code, and need not be the one who called.
            text = delivery.text if place == own else veil(delivery.text)
            await self._conversations.tell(session, place, text, delivery.content)
        return bool(places)

    async def _put_off(self, delivery_id: int, error: str) -> None:
        async with self._database.transaction() as session:
            delivery = await session.get_one(WorkOrderDelivery, delivery_id, with_for_update=True)
            delivery.attempts += 1
            delivery.error = error[:500]
            if delivery.attempts > len(_WAITS):
                delivery.state = "未送达"
            else:
                delivery.next_try_at = self._clock() + timedelta(minutes=_WAITS[delivery.attempts - 1])

    async def undelivered(self) -> Sequence[tuple[WorkOrderDelivery, WorkOrder]]:
        """What a person has to see to: citizens to ring up, and deliveries that failed for good; oldest first."""
        query = (
            select(WorkOrderDelivery, WorkOrder)
            .join(WorkOrder, WorkOrder.id == WorkOrderDelivery.order_id)
            .where(WorkOrderDelivery.state.in_(("待电话告知", "未送达")))
            .order_by(WorkOrderDelivery.id)
        )
        async with self._database.transaction() as session:
            return [(delivery, order) for delivery, order in (await session.execute(query)).all()]

    async def do_tell_by_phone(self, delivery_id: int, agent: str) -> None:
        """Note that ``agent`` has rung the citizen up.

        Raises:
            WorkOrderError: there is nothing to tell, or it was told.
        """
        async with self._database.transaction() as session:
            delivery = await session.get(WorkOrderDelivery, delivery_id, with_for_update=True)
            if delivery is None or delivery.state not in ("待电话告知", "未送达"):
                raise WorkOrderError("changed", "这条已经告知过了，或者没有这条。")
            delivery.state, delivery.done_at, delivery.done_by = "已送达", self._clock(), agent
