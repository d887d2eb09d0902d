"""Who has shown an order's number and code in a conversation hears there what happens to it, until it is enough."""

from __future__ import annotations

import asyncio
import uuid

import pytest

from hotline.conversations.models import Conversation
from hotline.conversations.service import Conversations
from hotline.database import Database
from hotline.work_orders import followers
from hotline.work_orders.deliveries import Deliveries
from hotline.work_orders.followers import Followers
from hotline.work_orders.models import WorkOrder, WorkOrderFollower
from hotline.work_orders.office import Office
from hotline.work_orders.service import WorkOrders
from tests.work_orders.conftest import ANSWER, DISPATCHER, UNIT, Clock, Do, draft, refused
from tests.work_orders.test_casework import deliveries as left
from tests.work_orders.test_deliveries import Walk, said


@pytest.fixture
def conversations(database: Database, office: Office) -> Conversations:
    """The conversations of the same database, which know of followed orders."""
    found = Conversations(database, office.city, max_length=1000, rate=0)
    found.following = Followers()
    return found


@pytest.fixture
def deliveries(database: Database, conversations: Conversations, clock: Clock) -> Deliveries:
    """The deliveries of the same database."""
    return Deliveries(database, conversations, clock=clock)


async def shown(orders: WorkOrders, order: WorkOrder, conversation: uuid.UUID) -> str | None:
    """Show number and code in a conversation."""
    found = await orders.find(order.number, query_code=order.query_code, conversation_id=conversation)
    return await orders.do_follow(found, conversation)


async def test_who_called_is_told_in_the_chat_after_showing_the_code_and_rung_up_again_when_it_is_enough(
    orders: WorkOrders,
    conversations: Conversations,
    deliveries: Deliveries,
    database: Database,
    walk: Walk,
    do: Do,
) -> None:
    order = await orders.do_create(draft(conversation_id=None, taken_by="1024", source="电话"))
    order = await walk(order, "已受理")
    assert len(await deliveries.undelivered()) == 1
    here = await conversations.start("wechat")
    await refused("not_found", orders.find(order.number, query_code="x", conversation_id=here))
    await refused("not_found", orders.find(order.number, conversation_id=here))

    assert await shown(orders, order, here) == "yes"

    assert (await orders.find(order.number, conversation_id=here)).id == order.id, "without the code"
    assert [found.number for found in await orders.known_in(here)] == [order.number]
    assert await orders.of_conversation(here) == [], "it was not made here"
    assert await deliveries.undelivered() == [], "the call is spared"
    await do(order, DISPATCHER, "派单", unit="ecology")
    await deliveries.do_deliver()
    accepted, dispatched = await said(conversations, here)
    assert "已经受理" in accepted
    assert "转给" in dispatched

    await conversations.receive(here, client_id="1", text="别再通知了。")
    assert order.number in (await said(conversations, here))[-1]
    await refused("not_found", orders.find(order.number, conversation_id=here))
    await do(order, UNIT, "签收")
    await do(order, UNIT, "答复", answer=ANSWER)
    assert await deliveries.do_deliver() == 0
    assert [delivery.event for delivery, _ in await deliveries.undelivered()] == ["answered"]
    # With nothing to stop these are words like any other.
    again = await conversations.receive(here, client_id="2", text="不再通知")
    assert (again.command, again.state) == (None, "pending")
    assert {d.state for d in await left(database, order) if d.unit is None} == {"已送达", "待电话告知"}


async def test_all_conversations_are_told_once_and_followers_no_more_than_the_code_shows(
    orders: WorkOrders,
    conversations: Conversations,
    database: Database,
    walk: Walk,
    do: Do,
    clock: Clock,
) -> None:
    own, there = await conversations.start("web"), await conversations.start("wechat")
    order = await walk(await orders.do_create(draft(conversation_id=own, name="王建国")), "办理中")
    missing = uuid.uuid4()
    assert await shown(orders, order, own) is None, "it knows the order anyway"
    assert await shown(orders, order, missing) is None, "there is no such conversation"
    assert await shown(orders, order, there) == "yes"
    async with database.transaction() as session:
        session.add(WorkOrderFollower(order_id=order.id, conversation_id=missing))
    workers = [Deliveries(database, conversations, clock=clock) for _ in range(3)]

    await do(order, UNIT, "挂起", question="王建国您好，请说说 13800138000 能打通的时间")
    await asyncio.gather(*(worker.do_deliver() for worker in workers))
    assert await said(conversations, own) == await said(conversations, there) == [], "all of them or none"
    async with database.transaction() as session:
        session.add(Conversation(id=missing, channel="web"))
    clock.on(hours=1)
    await asyncio.gather(*(worker.do_deliver() for worker in workers))

    to_own, to_followers = await said(conversations, own), await said(conversations, there)
    assert len(to_own) == len(to_followers) == 3
    assert "王建国您好，请说说 13800138000" in "".join(to_own)
    assert "王建国" not in "".join(to_followers)
    assert "138****8000" in "".join(to_followers)
    [notice] = [m for m in await conversations.messages(there) if m.content.get("event") == "asked"]
    assert notice.content["work_order"] == {"number": order.number, "status": "挂起"}
    assert [button["title"] for button in notice.content["buttons"]] == ["现在补充"]

    # What comes of a rating is told where it was not said.
    await do(order, UNIT, "恢复")
    order = await do(order, UNIT, "答复", answer=ANSWER)
    await orders.do_rate(order, request="r", rating="不满意", reason="还在施工", conversation_id=there)
    await asyncio.gather(*(worker.do_deliver() for worker in workers))
    assert (await said(conversations, own))[-1].startswith("您对工单")
    assert not [text for text in await said(conversations, there) if text.startswith("您对工单")]


async def test_an_anonymous_order_can_be_followed_and_asked_about_and_has_nobody_to_ring_up(
    orders: WorkOrders,
    conversations: Conversations,
    deliveries: Deliveries,
    database: Database,
    do: Do,
    walk: Walk,
) -> None:
    order = await orders.do_create(
        draft(conversation_id=None, nature="举报", anonymous=True, confidential=True, taken_by="1024")
    )
    order = await walk(order, "办理中")
    await refused("nobody_to_ask", do(order, UNIT, "挂起", question="哪一栋？"))
    here = await conversations.start("wechat")
    await shown(orders, order, here)
    await do(order, UNIT, "挂起", question="哪一栋？")
    await deliveries.do_deliver()
    assert "哪一栋" in (await said(conversations, here))[-1]

    await do(order, UNIT, "恢复")
    await conversations.receive(here, client_id="1", text="退订")
    assert await deliveries.do_deliver() == 0
    assert await deliveries.undelivered() == []
    assert [d.event for d in await left(database, order) if d.unit is None] == ["asked"]


async def test_with_several_one_is_chosen_and_there_is_an_end_to_their_number(
    orders: WorkOrders, conversations: Conversations, monkeypatch: pytest.MonkeyPatch, do: Do
) -> None:
    monkeypatch.setattr(followers, "MOST_ORDERS", 2)
    monkeypatch.setattr(followers, "MOST_CONVERSATIONS", 2)
    here = await conversations.start("wechat")
    made = [await orders.do_create(draft(conversation_id=None)) for _ in range(3)]
    assert [await shown(orders, order, here) for order in made] == ["yes", "yes", "full"]
    await do(made[0], DISPATCHER, "不予受理", reason="不归热线管", alternative="向法院起诉")
    assert await shown(orders, made[2], here) == "yes", "only open ones count"
    assert await shown(orders, made[0], await conversations.start("web")) is None, (
        "nothing happens to it any more"
    )
    others = [await conversations.start("web") for _ in range(2)]
    assert [await shown(orders, made[2], other) for other in others] == ["yes", "full"]

    await conversations.receive(here, client_id="1", text="不再通知")
    offer = (await conversations.messages(here))[-1]
    assert [button["title"] for button in offer.content["buttons"]] == [
        f"不再通知 {made[2].number}",
        f"不再通知 {made[1].number}",
        "都不再通知",
    ]
    await conversations.receive(here, client_id="2", text="2")
    open_ones = [order.number for order in await orders.known_in(here) if order.status == "待受理"]
    assert open_ones == [made[2].number]
    await conversations.receive(here, client_id="3", text="不再通知")
    assert [order.number for order in await orders.known_in(here)] == [made[0].number]


async def test_an_order_has_the_source_of_the_conversation_it_was_made_in(
    orders: WorkOrders, conversations: Conversations
) -> None:
    for channel, source in (("wechat", "微信"), ("phone", "电话"), ("web", "网络")):
        conversation = await conversations.start(channel)
        assert (await orders.do_create(draft(conversation_id=conversation))).source == source
    assert (await orders.do_create(draft(conversation_id=None, source="电话"))).source == "电话"
