"""Citizens are told what happened, once, in the chat; what cannot be told is seen."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import update

from hotline.conversations.service import Conversations
from hotline.database import Database
from hotline.work_orders.deliveries import Deliveries
from hotline.work_orders.models import WorkOrder, WorkOrderDelivery
from hotline.work_orders.office import Office
from hotline.work_orders.service import WorkOrders
from tests.work_orders.conftest import ANSWER, Clock, draft, refused
from tests.work_orders.test_casework import deliveries as left

Walk = Callable[[WorkOrder, str], Awaitable[WorkOrder]]


@pytest.fixture
def conversations(database: Database, office: Office) -> Conversations:
    """The conversations of the same database."""
    return Conversations(database, office.city, max_length=1000, rate=0)


@pytest.fixture
def deliveries(database: Database, conversations: Conversations, clock: Clock) -> Deliveries:
    """The deliveries of the same database."""
    return Deliveries(database, conversations, clock=clock)


async def said(conversations: Conversations, conversation: uuid.UUID) -> list[str]:
    """What the conversation shows after the welcome."""
    return [message.text for message in await conversations.messages(conversation, after=1)]


async def test_what_happened_is_told_in_the_conversation_in_order_with_its_buttons(
    conversations: Conversations, deliveries: Deliveries, orders: WorkOrders, walk: Walk
) -> None:
    conversation = await conversations.start("web")
    await walk(await orders.do_create(draft(conversation_id=conversation)), "回访中")

    assert await deliveries.do_deliver() == 3

    messages = await conversations.messages(conversation, after=1)
    assert len(messages) == 3
    assert ANSWER in messages[-1].text
    assert [button["title"] for button in messages[-1].content["buttons"]] == ["满意", "基本满意", "不满意"]


async def test_several_workers_tell_each_thing_once_and_in_its_order(
    database: Database,
    conversations: Conversations,
    office: Office,
    orders: WorkOrders,
    walk: Walk,
    clock: Clock,
) -> None:
    places = [await conversations.start("web") for _ in range(5)]
    for place in places:
        await walk(await orders.do_create(draft(conversation_id=place)), "回访中")
    workers = [Deliveries(database, conversations, clock=clock) for _ in range(4)]

    await asyncio.gather(*(worker.do_deliver() for worker in workers))

    for place in places:
        accepted, dispatched, answered = await said(conversations, place)
        assert "受理" in accepted
        assert "转给" in dispatched
        assert ANSWER in answered


async def test_what_cannot_be_delivered_is_tried_again_and_at_last_shown_to_people(
    deliveries: Deliveries, database: Database, orders: WorkOrders, walk: Walk, clock: Clock
) -> None:
    order = await walk(await orders.do_create(draft()), "已受理")  # its conversation is not there
    for _ in range(20):
        await deliveries.do_deliver()
        clock.on(hours=13)

    (delivery,) = await left(database, order)
    assert (delivery.state, delivery.attempts) == ("未送达", 8)
    assert [d.id for d, _ in await deliveries.undelivered()] == [delivery.id]


async def test_a_delivery_that_fails_does_not_hold_up_the_others(
    deliveries: Deliveries, conversations: Conversations, orders: WorkOrders, walk: Walk
) -> None:
    await walk(await orders.do_create(draft()), "已受理")
    conversation = await conversations.start("web")
    await walk(await orders.do_create(draft(conversation_id=conversation)), "已受理")

    assert await deliveries.do_deliver() == 1
    assert len(await said(conversations, conversation)) == 1


async def test_a_call_is_made_once_and_by_whom_is_kept(
    deliveries: Deliveries, database: Database, orders: WorkOrders, walk: Walk
) -> None:
    order = await walk(
        await orders.do_create(draft(conversation_id=None, taken_by="1024", source="电话")), "已受理"
    )
    ((delivery, _),) = await deliveries.undelivered()

    results = await asyncio.gather(
        *(deliveries.do_tell_by_phone(delivery.id, agent) for agent in ("1024", "1025")),
        return_exceptions=True,
    )

    assert sum(result is None for result in results) == 1
    assert await deliveries.undelivered() == []
    await refused("changed", deliveries.do_tell_by_phone(delivery.id, "1026"))
    await refused("changed", deliveries.do_tell_by_phone(999_999, "1026"))
    assert (await left(database, order))[0].done_by in ("1024", "1025")


async def test_it_may_be_told_later_when_the_conversation_is_there_again(
    deliveries: Deliveries,
    database: Database,
    conversations: Conversations,
    orders: WorkOrders,
    walk: Walk,
    clock: Clock,
) -> None:
    order = await walk(await orders.do_create(draft()), "已受理")
    assert await deliveries.do_deliver() == 0
    conversation = await conversations.start("web")
    async with database.transaction() as session:
        await session.execute(
            update(WorkOrder).where(WorkOrder.id == order.id).values(conversation_id=conversation)
        )
    assert await deliveries.do_deliver() == 0  # not yet its time
    clock.on(minutes=2)

    assert await deliveries.do_deliver() == 1
    (delivery,) = await left(database, order)
    assert isinstance(delivery, WorkOrderDelivery)
    assert (delivery.state, delivery.error) == ("已送达", "")
