"""One case through every hand, from the complaint to the supervisor's last word, with the clock moved by the test."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hotline.conversations.service import Conversations
from hotline.database import Database
from hotline.work_orders.casework import Casework
from hotline.work_orders.deliveries import Deliveries
from hotline.work_orders.effects.step import Actor
from hotline.work_orders.lifecycle import Role
from hotline.work_orders.lists import Filter, Lists
from hotline.work_orders.office import Office
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

HOUSING = Actor(id="5010", role=Role.UNIT, unit="housing")
THIN = "您好！您反映的事我们去看过了，也找对方谈了话，他们答应以后注意，请您再观察一段时间。株洲市住房和城乡建设局"
SECOND = ANSWER.replace("株洲市生态环境局", "株洲市住房和城乡建设局").replace("9 月 30 日晚", "10 月 27 日晚")


async def test_a_case_goes_through_every_hand(
    database: Database,
    casework: Casework,
    orders: WorkOrders,
    lists: Lists,
    office: Office,
    clock: Clock,
    do: Do,
) -> None:
    conversations = Conversations(database, office.city, max_length=1000, rate=0)
    deliveries = Deliveries(database, conversations, clock=clock)
    conversation = await conversations.start("web")
    heard = 1

    async def told() -> list[str]:
        """What the citizen has been told since last time."""
        nonlocal heard
        await deliveries.do_deliver()
        messages = await conversations.messages(conversation, after=heard)
        heard += len(messages)
        return [message.text for message in messages]

    async def until(moment: datetime) -> None:
        """Let time pass, with everything the system does by itself on the way."""
        while clock.time < moment:
            clock.time = min(clock.time + timedelta(hours=2), moment)
            await casework.do_fire_timers()

    async def at_desk(actor: Actor) -> set[str]:
        return {order["number"] for order in (await lists.orders(actor, Filter())).orders}

    # 受理: a citizen complains on the day before National Day, and nobody looks at it for a day.
    order = await orders.do_create(draft(conversation_id=conversation, phone=None, name=None))
    number = order.number
    assert order.promised_date == date(2026, 10, 13)  # five working days, one of them a Saturday
    assert number in await at_desk(AGENT)
    await until(datetime(2026, 10, 8, 5, tzinfo=UTC))
    assert await steps(lists, number) == ["提交", "受理提醒"]
    await refused("missing", do(order, AGENT, "受理"))
    await do(order, AGENT, "受理", topic="0717")
    assert "10月13日" in (await told())[-1]

    # 会商交办: two departments; the letter goes back once, then a leader approves it.
    letter = {
        "unit": "ecology",
        "assisting": [{"unit": "430211", "duty": "到现场查看"}],
        "reason": "噪声归生态环境，工地在天元区",
        "days": 7,
    }
    await refused("forbidden", do(order, AGENT, "提请会商交办", **letter))
    await do(order, DISPATCHER, "提请会商交办", **letter)
    assert await at_desk(LEADER) == {number}
    await do(order, LEADER, "退回重拟", reason="职责再写清楚")
    letter["assisting"] = [{"unit": "430211", "duty": "夜里十点以后到现场查看并取证"}]
    await do(order, DISPATCHER, "提请会商交办", **letter)
    order = await do(order, LEADER, "审定")
    assert (order.status, order.assignment, order.promised_date) == ("已派单", "会商交办", date(2026, 10, 16))
    assert "株洲市生态环境局" in (await told())[-1]
    assert await at_desk(STRANGER) == set()
    assert await at_desk(UNIT) == await at_desk(HELPER) == {number}

    # 办理: signed, asked back (the clock stands still), added to, an opinion, and more time.
    await do(order, UNIT, "签收")
    await refused("refused", do(order, UNIT, "申请退单", reason="不归我们管"))
    clock.time = datetime(2026, 10, 12, 2, tzinfo=UTC)
    await do(order, UNIT, "挂起", question="请问是哪一栋楼旁边的工地？")
    assert "哪一栋楼" in (await told())[-1]
    await until(datetime(2026, 10, 14, 2, tzinfo=UTC))
    order = await orders.do_supplement(
        await orders.find(number, conversation_id=conversation), request="s", note="三栋旁边的工地"
    )
    assert (order.status, order.promised_date) == ("办理中", date(2026, 10, 20))
    await do(order, HELPER, "会办意见", note="夜里去过，确实在打桩")
    await do(order, UNIT, "申请延期", reason="要等检测报告", days=2)
    assert number in {o["number"] for o in (await lists.orders(DISPATCHER, Filter(asking=True))).orders}
    order = await do(order, DISPATCHER, "同意延期")
    assert order.promised_date == date(2026, 10, 22)
    assert "要等检测报告" in (await told())[-1]

    # 督办: warned of, overdue, watched at rising levels, and given to somebody else.
    await until(datetime(2026, 10, 21, 9, tzinfo=UTC))
    assert (await steps(lists, number))[-1] == "预警"
    await until(datetime(2026, 10, 28, 2, tzinfo=UTC))
    page = await lists.page(number, SUPERVISOR)
    assert (page["overdue"], page["supervision_level"], page["clock"]["state"]) == (True, 2, "逾期")
    assert (await steps(lists, number))[-2:] == ["逾期", "督办"]
    await refused("refused", do(order, UNIT, "申请延期", reason="再等等", days=1))
    order = await do(order, SUPERVISOR, "改派", unit="housing", reason="工地管理由住建牵头")
    assert number not in await at_desk(UNIT)
    assert "株洲市住房和城乡建设局" in (await told())[-1]

    # 答复: a thin answer is looked at and sent back; a good one goes out, late for ever.
    await do(order, HOUSING, "签收")
    await refused("answer_refused", do(order, HOUSING, "答复", answer="已收悉，感谢您的支持与理解。"))
    order = await do(order, HOUSING, "答复", answer=THIN)
    assert order.status == "已答复"
    assert await told() == []
    await do(order, AGENT, "退回答复", reason="查到什么、什么时候办好，请写清楚")
    order = await do(order, HOUSING, "答复", answer=SECOND)
    assert (order.status, order.answered_late) == ("回访中", True)
    assert SECOND in (await told())[-1]

    # 回访: nobody answers at first; then twice 不满意, done again, and at last a supervisor's word.
    await until(clock.time + timedelta(days=3))
    assert "满意吗" in (await told())[-1]
    for turn in (1, 2):
        await refused("refused", do(order, CITIZEN, "评价", rating="不满意"))
        order = await do(order, CITIZEN, "评价", rating="不满意", reason="昨晚还在施工")
        assert (order.status, order.redone, order.overdue_at) == ("办理中", turn, None)
        order = await do(order, HOUSING, "答复", answer=SECOND)
        assert (order.status, order.answered_late) == ("回访中", False)
    order = await do(order, CITIZEN, "评价", rating="不满意", reason="还是吵")
    assert order.status == "待复核"
    assert number in await at_desk(SUPERVISOR)
    order = await do(
        order,
        SUPERVISOR,
        "复核办结",
        reason="已经停工整改，现场测过",
        alternative="可以向上一级信访部门申请复查",
    )
    assert order.status == "已办结"
    assert "申请复查" in (await told())[-1]

    # 办结: nothing more happens by itself, nobody can act, everything stands in the timeline.
    await until(clock.time + timedelta(days=30))
    assert await told() == []
    assert await casework.possible(order, CITIZEN) == []
    await refused("ended", do(order, SUPERVISOR, "督办", reason="再看看"))
    done = await steps(lists, number)
    assert [step for step in done if step in LIFE] == LIFE
    everybody = {event["role"] for event in (await lists.page(number, SUPERVISOR))["events"]}
    assert everybody == {str(role) for role in Role if role is not Role.TRAINEE}


LIFE = [
    "提交", "受理", "提请会商交办", "退回重拟", "提请会商交办", "审定", "签收", "挂起", "补充", "会办意见", "申请延期", "同意延期",
    "逾期", "督办", "改派", "签收", "答复", "退回答复", "答复", "发起回访",
    "评价", "答复", "发起回访", "评价", "答复", "发起回访", "评价", "复核办结",
]  # fmt: skip


async def steps(lists: Lists, number: str) -> list[str]:
    """The actions of the timeline."""
    return [event["action"] for event in (await lists.page(number, SUPERVISOR))["events"]]
