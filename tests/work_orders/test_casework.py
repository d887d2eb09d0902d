"""An order from hand to hand: what each step leaves behind, who is told, and who may do nothing."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select

from hotline.database import Database
from hotline.work_orders.casework import Casework
from hotline.work_orders.errors import WorkOrderError
from hotline.work_orders.lists import Filter, Lists
from hotline.work_orders.models import (
    WorkOrder,
    WorkOrderDelivery,
    WorkOrderEvent,
    WorkOrderLetter,
    WorkOrderTimer,
)
from hotline.work_orders.service import CITIZEN, WorkOrders
from tests.work_orders.conftest import (
    AGENT,
    ANSWER,
    DISPATCHER,
    HELPER,
    LEADER,
    STRANGER,
    SUPERVISOR,
    UNIT,
    Clock,
    Do,
    draft,
    refused,
)

Walk = Callable[[WorkOrder, str], Awaitable[WorkOrder]]


async def told(database: Database, order: WorkOrder) -> list[str]:
    """The events the citizen was told of, in order."""
    return [d.event for d in await deliveries(database, order) if d.unit is None]


async def deliveries(database: Database, order: WorkOrder) -> Sequence[WorkOrderDelivery]:
    """All that the order has left to be told."""
    query = select(WorkOrderDelivery).where(WorkOrderDelivery.order_id == order.id)
    async with database.transaction() as session:
        return (await session.scalars(query.order_by(WorkOrderDelivery.id))).all()


async def steps(database: Database, order: WorkOrder) -> list[tuple[str, str]]:
    """The timeline: action and the state after it."""
    query = select(WorkOrderEvent).where(WorkOrderEvent.order_id == order.id)
    async with database.transaction() as session:
        found = (await session.scalars(query.order_by(WorkOrderEvent.id))).all()
    return [(event.action, event.status) for event in found]


async def fresh(database: Database, order: WorkOrder) -> WorkOrder:
    """The order as it stands now."""
    async with database.transaction() as session:
        return await session.get_one(WorkOrder, order.id)


async def waiting(database: Database, order: WorkOrder) -> set[str]:
    """The kinds of the timers that will fire."""
    query = select(WorkOrderTimer.kind).where(
        WorkOrderTimer.order_id == order.id, WorkOrderTimer.fired_at.is_(None)
    )
    async with database.transaction() as session:
        return set((await session.scalars(query)).all())


async def test_the_plain_way_from_taking_to_closing(
    database: Database, orders: WorkOrders, walk: Walk, clock: Clock
) -> None:
    order = await walk(await orders.do_create(draft()), "已办结")

    assert await steps(database, order) == [
        ("提交", "待受理"),
        ("受理", "已受理"),
        ("派单", "已派单"),
        ("签收", "办理中"),
        ("答复", "已答复"),
        ("发起回访", "回访中"),
        ("评价", "已办结"),
    ]
    # The rating was given in the chat and is answered there.
    assert await told(database, order) == ["accepted", "dispatched", "answered"]
    assert (order.rating, order.answered_late, order.closed_at) == ("满意", False, clock.time)
    assert order.answer == ANSWER
    assert await waiting(database, order) == set()
    assert order.version == len(await steps(database, order))


async def test_the_citizen_gets_the_answer_in_full_with_three_buttons(
    database: Database, orders: WorkOrders, walk: Walk
) -> None:
    order = await walk(await orders.do_create(draft()), "回访中")

    last = [d for d in await deliveries(database, order) if d.unit is None][-1]
    assert ANSWER in last.text
    assert order.number in last.text
    assert [button["title"] for button in last.content["buttons"]] == ["满意", "基本满意", "不满意"]


async def test_nothing_is_decided_with_a_name_or_a_state_that_is_not_there(
    orders: WorkOrders, do: Do
) -> None:
    order = await orders.do_create(draft())

    await refused("unknown_topic", do(order, AGENT, "受理", topic="8888"))
    order = await do(order, AGENT, "受理", topic="0701")
    await refused("unknown_unit", do(order, DISPATCHER, "派单", unit="月球办事处"))
    await refused("forbidden", do(order, AGENT, "派单", unit="ecology"))
    await refused("unknown", do(order, AGENT, "删除"))
    await refused("changed", do(order, LEADER, "审定"))
    await refused("missing", do(order, AGENT, "不予受理", reason="已经起诉"))
    order = await do(
        order, AGENT, "不予受理", reason="已经在打官司", alternative="请等法院的判决，或问办案的法官"
    )
    assert order.status == "不予受理"
    await refused("ended", do(order, DISPATCHER, "派单", unit="ecology"))


async def test_of_two_dispatchers_one_wins_and_the_other_hears_who(orders: WorkOrders, do: Do) -> None:
    order = await do(await orders.do_create(draft()), AGENT, "受理", topic="0701")

    results = await asyncio.gather(
        *(do(order, DISPATCHER, "派单", unit=unit) for unit in ("ecology", "housing", "430211", "health")),
        return_exceptions=True,
    )

    lost = [result for result in results if isinstance(result, WorkOrderError)]
    assert len(lost) == 3
    assert all(error.code == "changed" for error in lost)
    assert all("派单员 2001" in error.message and "“派单”" in error.message for error in lost)


async def test_who_looks_at_an_old_page_is_told(casework: Casework, orders: WorkOrders, do: Do) -> None:
    order = await orders.do_create(draft())
    seen = order.version
    await do(order, AGENT, "改紧急程度", urgency="加急")

    error = await refused(
        "changed",
        casework.do_act(order.number, AGENT, "受理", {"topic": "0701"}, request="r", version=seen),
    )
    assert "刷新" in error.message


async def test_the_same_request_is_done_once(
    casework: Casework, orders: WorkOrders, database: Database
) -> None:
    order = await orders.do_create(draft())

    await asyncio.gather(
        *(casework.do_act(order.number, AGENT, "受理", {"topic": "0701"}, request="once") for _ in range(5))
    )

    assert [action for action, _ in await steps(database, order)] == ["提交", "受理"]


async def test_a_unit_sees_and_touches_its_own_orders_only(
    casework: Casework, orders: WorkOrders, lists: Lists, walk: Walk, do: Do
) -> None:
    order = await walk(await orders.do_create(draft()), "办理中")

    await refused("not_found", do(order, STRANGER, "备注", note="看一看"))
    await refused("not_found", lists.page(order.number, STRANGER))
    assert await casework.possible(order, STRANGER) == []
    for actor, count in ((UNIT, 1), (HELPER, 1), (STRANGER, 0)):
        page = await lists.orders(actor, Filter(everything=True))
        assert (len(page.orders), page.total, page.more) == (count, count, False)
    await do(order, HELPER, "会办意见", note="已到现场看过，属实")
    await refused("refused", do(order, HELPER, "答复", answer=ANSWER))


async def test_a_return_is_asked_for_and_decided(
    database: Database, orders: WorkOrders, walk: Walk, do: Do, lists: Lists
) -> None:
    order = await walk(await orders.do_create(draft()), "办理中")
    order = await do(order, UNIT, "申请退单", reason="施工归住建部门管")
    await refused("refused", do(order, UNIT, "答复", answer=ANSWER))
    asking = (await lists.orders(DISPATCHER, Filter(asking=True))).orders
    assert [item["number"] for item in asking] == [order.number]

    order = await do(order, DISPATCHER, "驳回退单", reason="噪声由你单位牵头")
    assert (order.status, order.designated, order.lead_unit) == ("办理中", True, "ecology")
    await refused("refused", do(order, UNIT, "申请退单", reason="还是想退"))

    other = await walk(await orders.do_create(draft()), "办理中")
    await do(other, UNIT, "申请退单", reason="施工归住建部门管")
    other = await do(other, DISPATCHER, "同意退单")
    assert (other.status, other.lead_unit, other.signed_at) == ("已受理", None, None)
    await refused("not_found", lists.page(other.number, UNIT))
    other = await do(other, DISPATCHER, "派单", unit="housing")
    assert await told(database, other) == ["accepted", "dispatched", "dispatched"]


async def test_a_unit_returns_within_a_working_day_of_signing(
    orders: WorkOrders, walk: Walk, do: Do, clock: Clock
) -> None:
    order = await walk(await orders.do_create(draft()), "办理中")
    clock.on(days=8)  # 8 October, 10 o'clock: the next working day
    await do(order, UNIT, "申请退单", reason="不归我们")

    other = await walk(await orders.do_create(draft()), "办理中")
    clock.on(days=1, hours=8)
    await refused("refused", do(other, UNIT, "申请退单", reason="不归我们"))


async def test_a_reassigned_order_goes_on_elsewhere_and_the_citizen_knows(
    database: Database, orders: WorkOrders, walk: Walk, do: Do, lists: Lists
) -> None:
    order = await walk(await orders.do_create(draft()), "办理中")
    await refused("same_unit", do(order, DISPATCHER, "改派", unit="ecology", reason="再看看"))
    order = await do(order, DISPATCHER, "改派", unit="株洲市住房和城乡建设局", reason="归住建管")

    assert (order.status, order.lead_unit) == ("已派单", "housing")
    assert await told(database, order) == ["accepted", "dispatched", "reassigned"]
    await refused("not_found", lists.page(order.number, UNIT))


async def test_a_suspended_clock_gives_the_days_back(
    database: Database, orders: WorkOrders, walk: Walk, do: Do, clock: Clock
) -> None:
    order = await walk(await orders.do_create(draft()), "办理中")
    assert order.promised_date == date(2026, 10, 13)
    order = await do(order, UNIT, "挂起", question="请告诉我们是几栋楼下的工地")
    assert await waiting(database, order) == {"恢复"}

    clock.on(days=9)  # Friday, 9 October: two working days later
    order = await orders.do_supplement(order, request="m-1", note="3 栋楼下，靠马路那一边")

    assert (order.status, order.suspended_at) == ("办理中", None)
    assert order.promised_date == date(2026, 10, 15)
    assert "逾期" in await waiting(database, order)
    assert await told(database, order) == ["accepted", "dispatched", "asked"]
    inbox = [d.text for d in await deliveries(database, order) if d.unit == "ecology"]
    assert any("靠马路" in text for text in inbox)


async def test_who_does_not_add_anything_is_not_waited_for_for_ever(
    database: Database, casework: Casework, orders: WorkOrders, walk: Walk, do: Do, clock: Clock
) -> None:
    order = await do(await walk(await orders.do_create(draft()), "办理中"), UNIT, "挂起", question="哪一栋？")
    clock.on(days=30)

    assert await casework.do_fire_timers() == 1

    order = await fresh(database, order)
    assert order.status == "办理中"
    assert (await told(database, order))[-1] == "resumed"
    assert order.promised_date > date(2026, 10, 13)


async def test_an_extension_is_asked_granted_and_told_with_its_reason(
    database: Database, orders: WorkOrders, walk: Walk, do: Do
) -> None:
    order = await walk(await orders.do_create(draft()), "办理中")
    await do(order, UNIT, "申请延期", reason="要等检测报告", days=3)
    order = await do(order, DISPATCHER, "同意延期")

    assert (order.promised_date, order.extended) == (date(2026, 10, 16), 1)
    last = [d for d in await deliveries(database, order) if d.unit is None][-1]
    assert last.event == "extended"
    assert "要等检测报告" in last.text
    assert "10月16日" in last.text
    await refused("refused", do(order, UNIT, "申请延期", reason="还要等", days=3))


async def test_joint_handling_goes_out_when_a_leader_approves_the_letter(
    database: Database, orders: WorkOrders, do: Do, lists: Lists, clock: Clock
) -> None:
    order = await do(await orders.do_create(draft()), AGENT, "受理", topic="0701")
    given: dict[str, Any] = {
        "unit": "ecology",
        "assisting": [{"unit": "housing", "duty": "核查施工许可"}, {"unit": "430211", "duty": "现场值守"}],
        "reason": "噪声、施工许可分属两家，经会商由生态环境局牵头",
        "days": 8,
    }
    order = await do(order, DISPATCHER, "提请会商交办", **given)
    assert (order.status, order.lead_unit) == ("待审定", None)
    order = await do(order, LEADER, "退回重拟", reason="请写清住建局的职责")
    order = await do(order, DISPATCHER, "提请会商交办", **given)
    clock.on(days=8)
    order = await do(order, LEADER, "审定")

    assert (order.status, order.lead_unit, order.assignment) == ("已派单", "ecology", "会商交办")
    assert order.designated
    assert order.promised_date == date(2026, 10, 19)  # 8 working days from the approval on 8 October
    seen = await lists.page(order.number, HELPER)
    assert [(u["unit"], u["duty"]) for u in seen["assisting"]] == [
        ("430211", "现场值守"),
        ("housing", "核查施工许可"),
    ]
    query = select(WorkOrderLetter).where(WorkOrderLetter.order_id == order.id).order_by(WorkOrderLetter.id)
    async with database.transaction() as session:
        letters = (await session.scalars(query)).all()
    assert [letter.approved for letter in letters] == [False, True]
    assert all(
        words in letters[1].body for words in ("办理函", "核查施工许可", "8 个工作日", "株洲市生态环境局")
    )
    assert "13800138000" not in letters[1].body


async def test_a_leaders_assignment_is_watched_from_the_beginning(orders: WorkOrders, do: Do) -> None:
    order = await do(await orders.do_create(draft()), AGENT, "受理", topic="0701")
    await do(order, DISPATCHER, "提请领导交办", unit="ecology", report="多次反映，涉及面广")
    order = await do(order, LEADER, "审定")
    assert (order.assignment, order.supervision_level) == ("领导交办", 1)

    call = await orders.do_create(draft(source="电话", conversation_id=None, taken_by="1024"))
    call = await do(call, LEADER, "现场交办", unit="430211")
    assert (call.status, call.source, call.assignment, call.supervision_level) == (
        "已派单",
        "领导接听",
        "领导交办",
        1,
    )


async def test_an_enterprises_order_is_on_the_list_of_supervised_ones(orders: WorkOrders, walk: Walk) -> None:
    order = await walk(await orders.do_create(draft(enterprise=True)), "已派单")
    assert order.supervision_level == 1


async def test_an_answer_that_says_nothing_does_not_go_out(
    database: Database, orders: WorkOrders, walk: Walk, do: Do
) -> None:
    order = await walk(await orders.do_create(draft()), "办理中")

    for answer in ("已收悉，感谢您的支持。", f"来电人王某，电话13800138000。{ANSWER}"):
        await refused("answer_refused", do(order, UNIT, "答复", answer=answer))

    assert (await fresh(database, order)).status == "办理中"
    assert "answered" not in await told(database, order)


async def test_a_doubtful_answer_waits_for_the_desk_and_may_be_sent_back(
    database: Database, orders: WorkOrders, walk: Walk, do: Do
) -> None:
    order = await walk(await orders.do_create(draft()), "办理中")
    doubtful = "我们已经派人去看过那个地方了，情况都知道了，后面会想办法处理好的，请您放心，再等一等吧。"
    order = await do(order, UNIT, "答复", answer=doubtful)
    assert order.status == "已答复"
    assert "answered" not in await told(database, order)

    order = await do(order, AGENT, "退回答复", reason="请写明结果和时间")
    assert (order.status, order.answer, order.answered_late) == ("办理中", None, None)
    order = await do(order, UNIT, "答复", answer=ANSWER)
    assert order.status == "回访中"


async def test_who_is_not_satisfied_gets_it_again_and_at_last_a_supervisor(
    database: Database, orders: WorkOrders, walk: Walk, do: Do, clock: Clock
) -> None:
    order = await walk(await orders.do_create(draft()), "回访中")
    clock.on(days=8)
    for again in (1, 2):
        order = await orders.do_rate(order, request=uuid.uuid4().hex, rating="不满意", reason="没有解决")
        assert (order.status, order.redone, order.answered_at) == ("办理中", again, None)
        assert order.promised_date == date(2026, 10, 14)
        assert order.supervision_level >= 1
        order = await do(order, UNIT, "答复", answer=ANSWER)
    order = await orders.do_rate(order, request="last", rating="不满意", reason="还是没有解决")
    assert order.status == "待复核"
    await refused("forbidden", do(order, UNIT, "复核办结", reason="x", alternative="y"))
    order = await do(order, SUPERVISOR, "复核办结", reason="已依法处理", alternative="可以向信访部门申请复查")

    assert (order.status, order.rating) == ("已办结", "不满意")
    last = [d for d in await deliveries(database, order) if d.unit is None][-1]
    assert "信访部门" in last.text


async def test_a_callback_without_an_echo_is_repeated_and_closes_marked_so(
    database: Database, casework: Casework, orders: WorkOrders, walk: Walk, clock: Clock
) -> None:
    order = await walk(await orders.do_create(draft()), "回访中")
    clock.on(days=10)
    await casework.do_fire_timers()
    assert (await told(database, order))[-1] == "callback_reminder"
    clock.on(days=10)
    await casework.do_fire_timers()

    order = await fresh(database, order)
    assert (order.status, order.rating) == ("已办结", "未评价")
    await refused("ended", orders.do_rate(order, request="late", rating="满意"))


async def test_reporters_stay_hidden_from_the_units(
    database: Database, orders: WorkOrders, lists: Lists, walk: Walk
) -> None:
    order = await walk(
        await orders.do_create(draft(nature="举报", what="某作坊夜里偷排废水，联系我 13800138000")), "办理中"
    )

    for actor in (UNIT, HELPER):
        seen = str(await lists.page(order.number, actor))
        assert "13800138000" not in seen
        assert "138****8000" not in str((await lists.page(order.number, actor))["caller"])
        assert "王" not in seen
    seen = await lists.page(order.number, DISPATCHER)
    assert seen["caller"] == {"name": "王*", "phone": "138****8000", "anonymous": False}


async def test_what_is_told_to_units_never_names_the_caller(
    database: Database, orders: WorkOrders, walk: Walk
) -> None:
    order = await walk(await orders.do_create(draft(nature="举报")), "办理中")
    await orders.do_urge(order, request="m", note="怎么还没有结果")

    for delivery in await deliveries(database, order):
        if delivery.unit is not None:
            assert "13800138000" not in delivery.text
            assert "王某" not in delivery.text


async def test_who_left_a_number_only_is_put_on_the_list_of_calls(
    database: Database, orders: WorkOrders, walk: Walk
) -> None:
    by_phone = await walk(
        await orders.do_create(draft(conversation_id=None, taken_by="1024", source="电话")), "已派单"
    )
    nobody = await walk(
        await orders.do_create(draft(conversation_id=None, anonymous=True, taken_by="1024", source="电话")),
        "已派单",
    )

    assert {d.state for d in await deliveries(database, by_phone) if d.unit is None} == {"待电话告知"}
    assert [d for d in await deliveries(database, nobody) if d.unit is None] == []


async def test_a_citizens_step_is_answered_in_the_chat_and_not_told_twice(
    database: Database, orders: WorkOrders, walk: Walk
) -> None:
    order = await walk(await orders.do_create(draft()), "已派单")
    before = await told(database, order)
    await orders.do_supplement(order, request="m-1", note="昨晚又吵到两点")
    await orders.do_urge(order, request="m-2")
    await orders.do_withdraw(order, request="m-3")

    assert await told(database, order) == before


async def test_bad_values_leave_no_trace(database: Database, orders: WorkOrders, walk: Walk, do: Do) -> None:
    order = await walk(await orders.do_create(draft()), "办理中")
    version = order.version
    for fields in ({"note": 5}, {"note": ["x"]}, {"note": {"a": 1}}):
        await refused("invalid", do(order, AGENT, "备注", **fields))
    await refused("missing", do(order, AGENT, "备注", note="  "))
    await refused("invalid", do(order, SUPERVISOR, "督办", reason="拖着不办", level=9))
    await refused("invalid", do(order, AGENT, "改紧急程度", urgency="十万火急"))

    assert (await fresh(database, order)).version == version
    assert [action for action, _ in await steps(database, order)][-1] == "签收"


async def test_a_citizen_cannot_do_what_is_for_the_desk(orders: WorkOrders, do: Do) -> None:
    order = await orders.do_create(draft())
    for action in ("受理", "派单", "督办", "备注", "答复", "逾期"):
        await refused("forbidden", do(order, CITIZEN, action, note="x"))


async def test_the_citizen_sees_where_an_order_went_and_the_office_also_why(
    orders: WorkOrders, lists: Lists, do: Do
) -> None:
    order = await do(await orders.do_create(draft()), AGENT, "受理", topic="0701")
    await do(order, DISPATCHER, "派单", unit="ecology", note="按派单目录由生态环境主办")

    (public,) = [event.note for event in await orders.timeline(order) if event.action == "派单"]
    assert public == "株洲市生态环境局"
    (inside,) = [e["note"] for e in (await lists.page(order.number, UNIT))["events"] if e["action"] == "派单"]
    assert inside == "株洲市生态环境局。按派单目录由生态环境主办"
