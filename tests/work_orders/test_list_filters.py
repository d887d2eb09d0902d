"""The lists of the console ask for what the counters count."""

from __future__ import annotations

from datetime import datetime

from hotline.work_orders.lists import Filter, Lists
from hotline.work_orders.models import WorkOrder
from hotline.work_orders.service import WorkOrders
from tests.work_orders.conftest import AGENT, DISPATCHER, SUPERVISOR, UNIT, Clock, Do, draft


async def _given_to_unit(orders: WorkOrders, do: Do) -> WorkOrder:
    order = await orders.do_create(draft())
    await do(order, AGENT, "受理", topic="0701")
    await do(order, DISPATCHER, "派单", unit="ecology")
    return await do(order, UNIT, "签收")


async def _listed(lists: Lists, wanted: Filter) -> list[str]:
    page = await lists.orders(DISPATCHER, wanted)
    assert page.total == len(page.orders)
    return [line["number"] for line in page.orders]


async def test_requests_are_listed_by_what_is_asked_for(orders: WorkOrders, lists: Lists, do: Do) -> None:
    back, longer = await _given_to_unit(orders, do), await _given_to_unit(orders, do)
    await do(back, UNIT, "申请退单", reason="不属于我单位职责")
    await do(longer, UNIT, "申请延期", reason="要检测", days=3)
    assert await _listed(lists, Filter(asking_for="退单")) == [back.number]
    assert await _listed(lists, Filter(asking_for="延期")) == [longer.number]
    assert set(await _listed(lists, Filter(asking=True))) == {back.number, longer.number}
    counts = await lists.counts(DISPATCHER)
    assert (counts.asking_to_return, counts.asking_to_extend) == (1, 1)


async def test_near_ones_are_listed_as_they_are_counted(
    orders: WorkOrders, lists: Lists, do: Do, clock: Clock
) -> None:
    order = await _given_to_unit(orders, do)
    assert await _listed(lists, Filter(near=True)) == []
    assert (await lists.counts(DISPATCHER)).near == 0
    clock.time = datetime.combine(order.promised_date, clock.time.timetz())
    later = await orders.do_create(draft())
    assert await _listed(lists, Filter(near=True)) == [order.number]
    assert (await lists.counts(DISPATCHER)).near == 1
    assert later.number != order.number


async def test_urgent_and_supervised_ones_are_listed_alone(orders: WorkOrders, lists: Lists, do: Do) -> None:
    plain, urgent, watched = [await _given_to_unit(orders, do) for _ in range(3)]
    await do(urgent, DISPATCHER, "改紧急程度", urgency="加急")
    await do(watched, SUPERVISOR, "督办", reason="久拖不办")
    assert await _listed(lists, Filter(urgent=True)) == [urgent.number]
    assert await _listed(lists, Filter(level=1)) == [watched.number]
    assert set(await _listed(lists, Filter(level=0))) == {plain.number, urgent.number}


async def test_the_desk_sees_what_was_doubtful_about_an_answer(
    orders: WorkOrders, lists: Lists, do: Do
) -> None:
    order = await _given_to_unit(orders, do)
    answer = (
        "经现场核实，该工地夜里十点以后确有施工，已要求停工整改，我们会在近期再去复查，请您留意现场情况。"
    )
    await do(order, UNIT, "答复", answer=answer)
    page = await lists.page(order.number, DISPATCHER)
    (line,) = [event for event in page["events"] if event["action"] == "答复"]
    assert line["findings"]
    assert all(not finding.isascii() for finding in line["findings"])
