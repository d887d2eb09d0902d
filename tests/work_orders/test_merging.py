"""并案: one handling for many callers, none of whom is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from hotline.database import Database
from hotline.work_orders.errors import WorkOrderError
from hotline.work_orders.lists import Lists
from hotline.work_orders.models import WorkOrder
from hotline.work_orders.service import WorkOrders
from tests.work_orders.conftest import AGENT, ANSWER, DISPATCHER, UNIT, Do, draft, refused
from tests.work_orders.test_casework import deliveries, fresh, steps, told

Walk = Callable[[WorkOrder, str], Awaitable[WorkOrder]]


async def merged(orders: WorkOrders, do: Do, main: WorkOrder, count: int = 2) -> list[WorkOrder]:
    """New orders of other callers, put under ``main``."""
    made = [await orders.do_create(draft(phone=f"1380013800{n}")) for n in range(1, count + 1)]
    return [await do(order, AGENT, "并案", target=main.number) for order in made]


async def test_every_caller_gets_the_one_answer_and_is_called_back(
    database: Database, orders: WorkOrders, walk: Walk, do: Do
) -> None:
    main = await walk(await orders.do_create(draft()), "办理中")
    others = await merged(orders, do, main)
    assert [order.status for order in others] == ["已并案", "已并案"]

    await do(main, UNIT, "答复", answer=ANSWER)

    for order in [main, *others]:
        now = await fresh(database, order)
        assert (now.status, now.answer, now.answered_late) == ("回访中", ANSWER, False)
        last = [d for d in await deliveries(database, order) if d.unit is None][-1]
        assert last.event == "answered"
        assert order.number in last.text
    assert await told(database, others[0]) == ["merged", "answered"]


async def test_each_caller_rates_for_himself_and_is_served_again_alone(
    database: Database, orders: WorkOrders, walk: Walk, do: Do
) -> None:
    main = await walk(await orders.do_create(draft()), "办理中")
    content, unhappy = await merged(orders, do, main)
    await do(main, UNIT, "答复", answer=ANSWER)

    await orders.do_rate(await fresh(database, content), request="a", rating="满意")
    again = await orders.do_rate(
        await fresh(database, unhappy), request="b", rating="不满意", reason="我这边还吵"
    )

    assert (again.status, again.lead_unit, again.merged_into) == ("办理中", "ecology", None)
    assert (await fresh(database, content)).status == "已办结"
    assert (await fresh(database, main)).status == "回访中"


async def test_when_the_first_caller_withdraws_the_others_go_on(
    database: Database, orders: WorkOrders, walk: Walk, do: Do
) -> None:
    main = await walk(await orders.do_create(draft()), "已派单")
    heir, other = await merged(orders, do, main)

    await orders.do_withdraw(main, request="m")

    now = await fresh(database, heir)
    assert (now.status, now.lead_unit, now.merged_into) == ("已派单", "ecology", None)
    assert (await fresh(database, other)).merged_into == heir.id
    now = await do(now, UNIT, "签收")
    await do(now, UNIT, "答复", answer=ANSWER)
    assert (await fresh(database, other)).status == "回访中"


async def test_what_is_refused_is_refused_to_all_with_the_reason(
    database: Database, orders: WorkOrders, do: Do
) -> None:
    main = await orders.do_create(draft())
    (other,) = await merged(orders, do, main, 1)

    await do(main, AGENT, "不予受理", reason="案子已经起诉", alternative="请等法院的判决")

    assert (await fresh(database, other)).status == "不予受理"
    last = [d for d in await deliveries(database, other) if d.unit is None][-1]
    assert "案子已经起诉" in last.text
    assert "请等法院的判决" in last.text


async def test_a_merging_can_be_taken_back(database: Database, orders: WorkOrders, do: Do) -> None:
    main = await orders.do_create(draft())
    (other,) = await merged(orders, do, main, 1)
    other = await do(other, DISPATCHER, "解除并案", reason="不是同一个工地")

    assert (other.status, other.merged_into) == ("已受理", None)
    assert await steps(database, other) == [("提交", "待受理"), ("并案", "已并案"), ("解除并案", "已受理")]


async def test_no_rings_no_chains_and_nothing_under_what_has_ended(
    orders: WorkOrders, walk: Walk, do: Do, lists: Lists
) -> None:
    main = await orders.do_create(draft())
    (other,) = await merged(orders, do, main, 1)
    third = await orders.do_create(draft())
    ended = await walk(await orders.do_create(draft()), "已办结")
    secret = await orders.do_create(draft(nature="举报"))

    await refused("refused", do(main, AGENT, "并案", target=third.number))
    await refused("target_merged", do(third, AGENT, "并案", target=other.number))
    await refused("target_ended", do(third, AGENT, "并案", target=ended.number))
    await refused("unknown_target", do(third, AGENT, "并案", target=third.number))
    await refused("unknown_target", do(third, AGENT, "并案", target="20200101-00001"))
    await refused("confidential", do(third, AGENT, "并案", target=secret.number))
    page = await lists.page(main.number, AGENT)
    assert page["members"] == [other.number]


async def test_two_orders_put_under_each_other_at_once_end_in_one_order(
    database: Database, orders: WorkOrders, do: Do
) -> None:
    for _ in range(5):
        one, two = await orders.do_create(draft()), await orders.do_create(draft())
        results = await asyncio.gather(
            do(one, AGENT, "并案", target=two.number),
            do(two, AGENT, "并案", target=one.number),
            return_exceptions=True,
        )
        assert sum(isinstance(result, WorkOrderError) for result in results) == 1
        assert sorted([(await fresh(database, o)).status for o in (one, two)]) == ["已并案", "待受理"]


async def test_answering_while_another_caller_is_being_added_loses_nobody(
    database: Database, orders: WorkOrders, walk: Walk, do: Do
) -> None:
    main = await walk(await orders.do_create(draft()), "办理中")
    others = [await orders.do_create(draft()) for _ in range(4)]

    results = await asyncio.gather(
        *(do(order, AGENT, "并案", target=main.number) for order in others),
        do(main, UNIT, "答复", answer=ANSWER),
        return_exceptions=True,
    )

    assert isinstance(results[-1], WorkOrder)
    for order, result in zip(others, results, strict=False):
        now = await fresh(database, order)
        assert now.status == ("待受理" if isinstance(result, WorkOrderError) else "回访中")
