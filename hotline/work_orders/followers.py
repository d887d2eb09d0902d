"""Who follows an order: the conversations in which somebody has shown its number and code.

There it is found without them from then on, and what happens to it is told there as well: never more than its page shows to
whoever has the code. The conversation that the order was made in knows it anyway, and is no follower.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, delete, select, union_all, update
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.work_orders.lifecycle import OPEN
from hotline.work_orders.models import WorkOrder, WorkOrderDelivery, WorkOrderFollower

#: Open orders that one conversation may follow, and conversations that may follow one order.
MOST_ORDERS = 20
MOST_CONVERSATIONS = 10

#: ``yes``: the conversation follows it; ``full``: it cannot, one of the two has too many; None: there is nothing to follow.
Following = Literal["yes", "full"] | None


async def conversations_of(session: AsyncSession, order_id: int) -> set[uuid.UUID]:
    """The conversations that follow the order."""
    query = select(WorkOrderFollower.conversation_id).where(WorkOrderFollower.order_id == order_id)
    return set(await session.scalars(query))


async def follows(session: AsyncSession, order_id: int, conversation_id: uuid.UUID) -> bool:
    """Whether this conversation follows the order."""
    return await session.get(WorkOrderFollower, (order_id, conversation_id)) is not None


async def open_numbers(session: AsyncSession, conversation_id: uuid.UUID) -> Sequence[str]:
    """The numbers of the open orders that a conversation follows, newest first."""
    query = select(WorkOrder.number).where(
        WorkOrder.id.in_(_followed_in(conversation_id)), WorkOrder.status.in_(OPEN)
    )
    return (await session.scalars(query.order_by(WorkOrder.id.desc()))).all()


async def with_open_orders(session: AsyncSession, conversations: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Those of the conversations that follow an open order."""
    query = (
        select(WorkOrderFollower.conversation_id)
        .join(WorkOrder, WorkOrder.id == WorkOrderFollower.order_id)
        .where(WorkOrderFollower.conversation_id.in_(conversations), WorkOrder.status.in_(OPEN))
    )
    return set(await session.scalars(query))


async def do_follow(
    session: AsyncSession, order: WorkOrder, conversation_id: uuid.UUID, at: datetime
) -> Following:
    """Have the conversation follow a locked order, in the caller's transaction.

    The citizen whom an agent was to ring up is told there instead.
    """
    if await follows(session, order.id, conversation_id):
        return "yes"
    if conversation_id == order.conversation_id or order.status not in OPEN:
        return None
    if len(await open_numbers(session, conversation_id)) >= MOST_ORDERS:
        return "full"
    if len(await conversations_of(session, order.id)) >= MOST_CONVERSATIONS:
        return "full"
    session.add(WorkOrderFollower(order_id=order.id, conversation_id=conversation_id, since=at))
    calls = update(WorkOrderDelivery).where(
        WorkOrderDelivery.order_id == order.id,
        WorkOrderDelivery.unit.is_(None),
        WorkOrderDelivery.state == "待电话告知",
    )
    await session.execute(calls.values(state="待送达", next_try_at=at))
    return "yes"


async def do_forget(session: AsyncSession, conversations: Collection[uuid.UUID]) -> None:
    """Have these conversations follow nothing any more, in the caller's transaction."""
    which = WorkOrderFollower.conversation_id.in_(conversations)
    await session.execute(delete(WorkOrderFollower).where(which))


class Followers:
    """What a conversation asks when a citizen wants to hear no more of an order; in the caller's transaction."""

    async def followed(self, session: AsyncSession, conversation_id: uuid.UUID) -> Sequence[str]:
        """The numbers of the open orders that it follows, newest first."""
        return await open_numbers(session, conversation_id)

    async def do_stop(
        self, session: AsyncSession, conversation_id: uuid.UUID, numbers: Collection[str]
    ) -> None:
        """Follow these no more. Who has left a telephone number is rung up again."""
        orders = select(WorkOrder.id).where(WorkOrder.number.in_(numbers))
        which = WorkOrderFollower.conversation_id == conversation_id, WorkOrderFollower.order_id.in_(orders)
        await session.execute(delete(WorkOrderFollower).where(*which))


def known_in(conversation_id: uuid.UUID) -> ColumnElement[bool]:
    """Those made in a conversation, and those that it follows."""
    made = select(WorkOrder.id).where(WorkOrder.conversation_id == conversation_id)
    # An OR of both would go through all orders.
    return WorkOrder.id.in_(union_all(made, _followed_in(conversation_id)))


def _followed_in(conversation_id: uuid.UUID) -> Select[Any]:
    return select(WorkOrderFollower.order_id).where(WorkOrderFollower.conversation_id == conversation_id)
