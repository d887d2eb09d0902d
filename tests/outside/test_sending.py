"""Orders reach another system once, in order, whatever it does; over real HTTP, with a clock that the test moves."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.database import Database
from hotline.outside.http_adapter import HttpSystem
from hotline.outside.models import OutsideMessage
from hotline.outside.outbox import Outbox
from hotline.outside.sending import Sender
from hotline.outside.systems import System, Systems
from hotline.work_orders.casework import Casework
from hotline.work_orders.effects.step import Actor
from hotline.work_orders.lifecycle import Role
from hotline.work_orders.models import WorkOrder
from hotline.work_orders.office import Office
from hotline.work_orders.service import CITIZEN, WorkOrders
from tests.conftest import ROOT
from tests.outside.conftest import KEYS, UNITS, WAITS, Start, Take, system_at
from tests.outside.other_system import OtherSystem
from tests.serving import serve
from tests.work_orders.conftest import AGENT, ANSWER, DISPATCHER, SUPERVISOR, Clock, draft

Do = Callable[..., Awaitable[WorkOrder]]
Rows = Callable[..., list[tuple[Any, ...]]]

UNIT = Actor(id="5001", role=Role.UNIT, unit="430211")


def states(rows: Rows) -> list[tuple[str, str, int]]:
    """Every message: kind, state, how often it was tried."""
    return rows("SELECT kind, state, attempts FROM outside_message ORDER BY id")


async def test_an_order_arrives_once_with_what_the_unit_needs(
    take: Take, sender: Sender, other: OtherSystem, rows: Rows
) -> None:
    order = await take("430211", "430211001", what="楼下工地夜里施工，工头电话13800138000", when_text="昨晚")

    assert await sender.do_send() == 1
    assert await sender.do_send() == 0

    assert len(other.requests) == 1
    body = other.orders[order.number]
    assert body["id"] == other.requests[0].key
    assert body | {"id": "", "note": ""} == {
        "id": "",
        "number": order.number,
        "nature": "投诉",
        "enterprise": False,
        "topic": {"code": "0701", "name": body["topic"]["name"]},
        "description": "楼下工地夜里施工，工头电话138****8000",
        "place": {"text": "天元区某小区", "area": "430211", "street": None},
        "when": "昨晚",
        "urgency": "一般",
        "status": "已派单",
        "promised_date": order.promised_date.isoformat(),
        "overdue": False,
        "supervision": None,
        "assignment": "即交即办",
        "confidential": False,
        "content_confidential": False,
        "caller": None,
        "units": [
            {"code": "430211", "name": "天元区人民政府", "part": "主办", "duty": ""},
            {"code": "430211001", "name": "嵩山路街道办事处", "part": "协办", "duty": "现场查看"},
        ],
        "note": "",
        "attachments": [],
        "created_at": "2026-09-30T10:00:00+08:00",
        "dispatched_at": "2026-09-30T10:00:00+08:00",
    }
    assert rows("SELECT state, external_id FROM outside_message") == [("已送达", f"TY-{order.number}")]


async def test_an_order_of_units_without_a_system_leaves_nothing(take: Take, do: Do, rows: Rows) -> None:
    order = await take("ecology")
    await do(order, CITIZEN, "催办")

    assert states(rows) == []


async def test_an_assisting_unit_s_system_gets_the_order_too(
    take: Take, sender: Sender, other: OtherSystem
) -> None:
    order = await take("ecology", "430211001")

    await sender.do_send()

    assert [unit["part"] for unit in other.orders[order.number]["units"]] == ["协办"]


@pytest.mark.parametrize(
    "form",
    [{"nature": "举报"}, {"confidential": True}, {"anonymous": True}],
)
async def test_who_must_stay_hidden_is_in_no_message(
    take: Take, do: Do, sender: Sender, other: OtherSystem, form: dict[str, Any], systems: Systems
) -> None:
    allow(systems)
    order = await take(what="我叫王某，电话13800138000，某厂夜里偷排", **form)
    await do(order, CITIZEN, "补充", note="我是王某，还是打13800138000")

    await sender.do_send()

    assert len(other.requests) == 2
    for request in other.requests:
        written = str(request.body)
        assert "王某" not in written
        assert "13800138000" not in written
        assert "8000" not in written
    assert other.orders[order.number]["caller"] is None


def allow(systems: Systems) -> None:
    """Let all systems have the caller's telephone number."""
    for code, system in list(systems._by_code.items()):
        systems._by_code[code] = system.model_copy(update={"caller_phone": True})


async def test_the_telephone_is_given_to_who_may_have_it_and_that_is_on_record(
    take: Take, sender: Sender, other: OtherSystem, systems: Systems, rows: Rows
) -> None:
    allow(systems)
    order = await take()

    await sender.do_send()

    assert other.orders[order.number]["caller"] == {"name": "王*", "phone": "13800138000"}
    assert rows("SELECT actor, action, subject, detail FROM audit_line") == [
        ("system", "把诉求人电话交给外部系统", f"工单 {order.number}", {"system": "tianyuan"})
    ]


async def test_confidential_content_goes_to_the_leading_unit_alone(
    take: Take, do: Do, sender: Sender, other: OtherSystem
) -> None:
    secret = {"nature": "举报", "content_confidential": True, "what": "某科科长收了红包"}
    led = await take("430211", "430211001", **secret)
    helped = await take("ecology", "430211001", **secret)
    await do(helped, CITIZEN, "补充", note="还有烟酒")

    await sender.do_send()

    assert "红包" in str(other.orders[led.number])
    assert "红包" not in str(other.orders[helped.number])
    assert "天元区某小区" not in str(other.orders[helped.number])
    assert "烟酒" not in str(other.events[helped.number])


async def test_what_happens_afterwards_follows_in_its_order(
    take: Take, do: Do, sender: Sender, other: OtherSystem, clock: Clock
) -> None:
    order = await take()
    await do(order, CITIZEN, "催办", note="快一点")
    await do(order, UNIT, "签收")
    await do(order, CITIZEN, "补充", note="在三号楼")
    await do(order, UNIT, "申请延期", reason="要等设备", days=3)
    await do(order, DISPATCHER, "同意延期")
    await do(order, SUPERVISOR, "督办", reason="市民反映强烈")
    await do(order, UNIT, "答复", answer=ANSWER)
    await do(order, CITIZEN, "评价", rating="不满意", reason="还在施工")
    await do(order, UNIT, "答复", answer=ANSWER)
    await do(order, CITIZEN, "评价", rating="满意")

    await sender.do_send()

    assert other.kinds(order.number) == ["urge", "supplement", "extended", "supervised", "redo", "closed"]
    supplement, extended, supervised, redo, closed = other.events[order.number][1:]
    assert (supplement["text"], supplement["status"]) == ("在三号楼", "办理中")
    assert extended["promised_date"] > other.orders[order.number]["promised_date"]
    assert supervised["supervision"] == {"level": 1, "name": "热线督办"}
    assert (redo["action"], redo["status"], redo["text"]) == ("评价", "办理中", "不满意：还在施工")
    assert (closed["status"], closed["text"]) == ("已办结", "满意")


async def test_an_order_that_is_taken_away_and_given_back_is_the_same_order_over_there(
    take: Take, do: Do, sender: Sender, other: OtherSystem
) -> None:
    order = await take()
    await do(order, UNIT, "申请退单", reason="属街道职责")
    await do(order, DISPATCHER, "同意退单")
    await do(order, CITIZEN, "催办")
    await do(order, DISPATCHER, "派单", unit="430211001")
    await do(order, DISPATCHER, "改派", unit="ecology", reason="扬尘归生态环境局")
    await do(order, CITIZEN, "撤回")

    await sender.do_send()

    events = other.events[order.number]
    assert [event["kind"] for event in events] == ["reassigned"] * 3
    assert [[unit["code"] for unit in event["units"]] for event in events] == [[], ["430211001"], []]


async def test_a_withdrawn_and_a_merged_order_are_known_over_there(
    take: Take, do: Do, sender: Sender, other: OtherSystem
) -> None:
    withdrawn, merged, main = await take(), await take(), await take("ecology")
    await do(withdrawn, CITIZEN, "撤回", note="已经好了")
    await do(merged, AGENT, "并案", target=main.number)

    await sender.do_send()

    assert other.kinds(withdrawn.number) == ["withdrawn"]
    assert other.kinds(merged.number) == ["reassigned"]
    assert other.events[merged.number][0]["units"] == []


async def test_a_merged_order_that_is_done_again_is_sent_to_the_unit_that_gets_it(
    take: Take, do: Do, sender: Sender, other: OtherSystem
) -> None:
    main, merged = await take(), await take("ecology")
    await do(merged, AGENT, "并案", target=main.number)
    await do(main, UNIT, "签收")
    await do(main, UNIT, "答复", answer=ANSWER)
    await do(merged, CITIZEN, "评价", rating="不满意", reason="我这边还在吵")

    await sender.do_send()

    assert set(other.orders) == {main.number, merged.number}
    assert other.orders[merged.number]["status"] == "办理中"


async def test_an_action_that_is_undone_leaves_no_message(
    take: Take, casework: Casework, database: Database, rows: Rows
) -> None:
    order = await take(None)

    class Undone(Exception):
        pass

    async def dispatched_and_undone(session: AsyncSession) -> None:
        mine = await session.get_one(WorkOrder, order.id, with_for_update=True)
        await casework.carry_out(session, mine, DISPATCHER, "派单", {"unit": "430211"}, request="r")
        raise Undone

    with pytest.raises(Undone):
        async with database.transaction() as session:
            await dispatched_and_undone(session)

    assert states(rows) == []


async def test_the_waits_are_those_of_the_file_and_then_it_is_a_dead_letter(
    take: Take, sender: Sender, other: OtherSystem, clock: Clock, rows: Rows
) -> None:
    await take()
    other.fail(500, "数据库满了", times=4)

    for wait in WAITS:
        assert await sender.do_send() == 0
        clock.on(seconds=wait - 1)
        tried = len(other.requests)
        await sender.do_send()
        assert len(other.requests) == tried, "it was tried too early"
        clock.on(seconds=1)
    assert states(rows) == [("order", "待发送", 3)]
    await sender.do_send()

    assert states(rows) == [("order", "死信", 4)]
    assert rows("SELECT error FROM outside_message") == [("对方返回 500：数据库满了",)]
    clock.on(days=30)
    await sender.do_send()
    assert len(other.requests) == 4


async def test_it_goes_through_when_the_system_is_well_again(
    take: Take, sender: Sender, other: OtherSystem, clock: Clock, rows: Rows
) -> None:
    order = await take()
    other.fail(503, times=2)
    for wait in (0, *WAITS[:2]):
        clock.on(seconds=wait)
        await sender.do_send()

    assert list(other.orders) == [order.number]
    assert len({request.key for request in other.requests}) == 1
    assert states(rows) == [("order", "已送达", 3)]
    assert rows("SELECT error FROM outside_message") == [("",)]


@pytest.mark.parametrize(
    ("break_", "words"),
    [
        (lambda other: other.hang_up(), "断开"),
        (lambda other: other.fail(500), "500"),
        (lambda other: other.say("<html><title>维护中</title></html>"), "不是约定的格式：维护中"),
        (lambda other: other.say(""), "不是约定的格式"),
        (lambda other: other.say("{" * 60000), "不是约定的格式"),
        (lambda other: other.say("x" * 300_000), "不是约定的格式"),
        (lambda other: other.fail(302, location="https://elsewhere.example/login"), "302"),
    ],
)
async def test_what_is_no_receipt_is_tried_again(
    take: Take,
    sender: Sender,
    other: OtherSystem,
    clock: Clock,
    rows: Rows,
    break_: Callable[[OtherSystem], None],
    words: str,
) -> None:
    order = await take()
    break_(other)

    assert await sender.do_send() == 0
    assert words in rows("SELECT error FROM outside_message")[0][0]
    clock.on(seconds=WAITS[0])
    assert await sender.do_send() == 1
    assert list(other.orders) == [order.number]


async def test_one_that_answers_too_late_is_asked_again_and_does_nothing_twice(
    take: Take, start: Start, other: OtherSystem, other_url: str, clock: Clock, rows: Rows
) -> None:
    hurried = Systems([system_at(other_url, timeout_seconds=1.5)], retry_seconds=WAITS)
    sender = start(hurried)
    order = await take()
    answering = asyncio.Event()
    other.plans.append(answering.wait)

    assert await sender.do_send() == 0
    assert rows("SELECT error FROM outside_message") == [("等了太久，对方没有答完",)]
    answering.set()
    async with asyncio.timeout(10):
        while not other.orders:  # it keeps the order all the same
            await asyncio.sleep(0.01)
    clock.on(seconds=WAITS[0])
    assert await sender.do_send() == 1

    assert list(other.orders) == [order.number]
    assert rows("SELECT state, external_id FROM outside_message") == [("已送达", f"TY-{order.number}")]


async def test_a_slow_system_within_its_time_is_no_failure(
    take: Take, sender: Sender, other: OtherSystem, rows: Rows
) -> None:
    await take()
    other.sleep(0.5)

    assert await sender.do_send() == 1
    assert states(rows) == [("order", "已送达", 1)]


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("as_date", [False, True])
async def test_a_system_that_asks_for_peace_has_it_with_all_its_orders(
    take: Take,
    sender: Sender,
    other: OtherSystem,
    clock: Clock,
    rows: Rows,
    status: int,
    as_date: bool,
) -> None:
    orders = [await take(), await take(), await take()]
    until = "Wed, 30 Sep 2026 03:00:00 GMT" if as_date else "3600"
    other.fail(status, "太忙", retry_after=until)

    await sender.do_send()
    assert len(other.requests) == 1
    clock.on(seconds=3599)
    await sender.do_send()
    assert len(other.requests) == 1
    clock.on(seconds=1)
    assert await sender.do_send() == 3

    assert set(other.orders) == {order.number for order in orders}


async def test_a_strange_retry_after_does_no_harm(
    take: Take, sender: Sender, other: OtherSystem, clock: Clock
) -> None:
    for after in ("soon", "-5", "99999999999", "Mon, 99 Foo 2026", "Wed, 30 Sep 1026 03:00:00 GMT"):
        await take()
        other.fail(429, retry_after=after)
        assert await sender.do_send() == 0
        clock.on(seconds=WAITS[0])
        assert await sender.do_send() == 1, after


async def test_what_the_other_side_refuses_is_a_dead_letter_at_once_with_its_words(
    take: Take, sender: Sender, other: OtherSystem, rows: Rows
) -> None:
    statuses = (400, 401, 403, 404, 410, 422)
    for status in statuses:
        await take()
        other.fail(status, "缺少所属网格，请打13800138000")
    # A refusal is a failure, too: three end the turn.
    await sender.do_send()
    await sender.do_send()

    assert states(rows) == [("order", "死信", 1)] * len(statuses)
    errors = [error for (error,) in rows("SELECT error FROM outside_message ORDER BY id")]
    assert errors == [f"对方返回 {status}：缺少所属网格，请打138****8000" for status in statuses]


async def test_already_there_is_delivered(take: Take, sender: Sender, other: OtherSystem, rows: Rows) -> None:
    order = await take()
    other.orders[order.number] = {}

    assert await sender.do_send() == 1
    assert rows("SELECT state, external_id FROM outside_message") == [("已送达", f"TY-{order.number}")]


async def test_an_event_waits_until_the_order_was_taken_over(
    take: Take, do: Do, sender: Sender, other: OtherSystem, clock: Clock, rows: Rows
) -> None:
    order = await take()
    await do(order, CITIZEN, "催办")
    other.fail(500)

    await sender.do_send()
    await sender.do_send()
    assert [request.path for request in other.requests] == ["/hotline/orders"]
    clock.on(seconds=WAITS[0])
    await sender.do_send()

    assert [request.path for request in other.requests[1:]] == [
        "/hotline/orders",
        f"/hotline/orders/{order.number}/events",
    ]
    assert states(rows) == [("order", "已送达", 2), ("urge", "已送达", 1)]


async def test_a_message_that_fails_does_not_hold_up_other_orders(
    take: Take, do: Do, sender: Sender, other: OtherSystem
) -> None:
    first, second = await take(), await take()
    other.fail(400)

    await sender.do_send()

    assert list(other.orders) == [second.number]
    await do(first, CITIZEN, "催办")
    await do(second, CITIZEN, "催办")
    await sender.do_send()
    assert set(other.events) == {second.number}


async def test_a_system_that_is_down_is_left_after_three_tries_and_comes_again(
    take: Take, sender: Sender, other: OtherSystem, clock: Clock
) -> None:
    orders = [await take() for _ in range(5)]
    other.fail(500, times=3)

    await sender.do_send()
    assert len(other.requests) == 3
    clock.on(seconds=WAITS[0])
    assert await sender.do_send() == 5
    assert set(other.orders) == {order.number for order in orders}


async def test_a_broken_system_does_not_delay_another(
    database: Database, office: Office, clock: Clock, do: Do, other: OtherSystem, other_url: str, start: Start
) -> None:
    broken = OtherSystem(KEYS.send, KEYS.receive[0], code="lusong", clock=lambda: clock().timestamp())
    async with serve(broken.app()) as url:
        hanging = System(
            code="lusong",
            name="芦淞区",
            base=f"{url}/hotline",
            units=("430203",),
            allow_http=True,
            timeout_seconds=30,
        )
        systems = Systems([hanging, system_at(other_url)], retry_seconds=WAITS)
        casework = Casework(database, office, observers=[Outbox(systems, office).observe], clock=clock)
        orders = WorkOrders(database, casework, clock=clock)
        broken.slowness = 60
        arrived: list[str] = []
        for unit in ("430203", "430203", "430203", "430211", "430211"):
            order = await orders.do_create(draft())
            for actor, action, fields in (
                (AGENT, "受理", {"topic": "0701"}),
                (DISPATCHER, "派单", {"unit": unit}),
            ):
                await casework.do_act(order.number, actor, action, fields, request=f"{action}{order.number}")
            arrived.append(order.number)
        sender = start(systems)

        turn = asyncio.create_task(sender.do_send())
        async with asyncio.timeout(20):
            while len(other.orders) < 2:
                await asyncio.sleep(0.01)
        assert not turn.done()
        # And one that comes while the broken one is still being tried.
        await casework.do_act(arrived[-1], CITIZEN, "催办", {}, request="urge")
        async with asyncio.timeout(20):
            assert await sender.do_send() == 1
        assert not turn.done()
        turn.cancel()
        await asyncio.gather(turn, return_exceptions=True)


async def test_several_workers_send_each_message_once_and_keep_the_order(
    take: Take, do: Do, start: Start, other: OtherSystem, rows: Rows
) -> None:
    orders = [await take() for _ in range(8)]
    for order in orders:
        await do(order, CITIZEN, "催办", note="一")
        await do(order, CITIZEN, "补充", note="二")
    other.slowness = 0.02
    workers = [start() for _ in range(4)]

    arrived = await asyncio.gather(*(worker.do_send() for worker in workers))

    # One that looks while all the rest is in others' hands goes home; what is left is sent all the same.
    assert sum(arrived) == 24
    assert len(other.requests) == 24
    assert len({request.key for request in other.requests}) == 24
    assert sum(count > 0 for count in arrived) > 1
    assert all(other.kinds(order.number) == ["urge", "supplement"] for order in orders)
    assert {state for _, state, _ in states(rows)} == {"已送达"}


async def test_one_process_looks_again_when_it_is_called_while_it_sends(
    take: Take, do: Do, sender: Sender, other: OtherSystem
) -> None:
    order = await take()
    other.slowness = 0.3
    turn = asyncio.create_task(sender.do_send())
    async with asyncio.timeout(5):
        while not other.requests:
            await asyncio.sleep(0.01)
    await do(order, CITIZEN, "催办")

    assert await sender.do_send() == 0
    assert await turn == 2
    assert other.kinds(order.number) == ["urge"]


class Killed(BaseException):
    """What ``kill -9`` looks like from inside: nothing after it is done."""


class Mortal(Sender):
    """Is killed between sending and marking."""

    killed = False

    async def _arrived(
        self, session: AsyncSession, system: System, message: OutsideMessage, external_id: str | None
    ) -> None:
        if not self.killed:
            self.killed = True
            raise Killed
        await super()._arrived(session, system, message, external_id)


async def test_who_is_killed_between_sending_and_marking_sends_again_and_nothing_is_done_twice(
    take: Take, do: Do, start: Start, other: OtherSystem, rows: Rows
) -> None:
    order = await take()
    await do(order, CITIZEN, "催办")
    with pytest.raises(Killed):
        await start(kind=Mortal).do_send()
    assert list(other.orders) == [order.number]
    assert states(rows) == [("order", "待发送", 0), ("urge", "待发送", 0)]

    next_worker = start()
    assert await next_worker.do_send() == 2

    assert other.requests[0].key == other.requests[1].key
    assert len(other.requests) == 3
    assert other.kinds(order.number) == ["urge"]
    assert states(rows) == [("order", "已送达", 1), ("urge", "已送达", 1)]


async def test_who_is_killed_after_an_event_sends_it_again_and_it_is_done_once(
    take: Take, do: Do, start: Start, other: OtherSystem
) -> None:
    order = await take()
    await start().do_send()
    await do(order, CITIZEN, "催办")
    with pytest.raises(Killed):
        await start(kind=Mortal).do_send()

    assert await start().do_send() == 1

    assert [request.path for request in other.requests].count(f"/hotline/orders/{order.number}/events") == 2
    assert other.kinds(order.number) == ["urge"]


async def test_what_waits_for_a_system_that_is_gone_is_for_a_person(
    take: Take, start: Start, clock: Clock, rows: Rows
) -> None:
    order = await take()
    sender = start(Systems([]))
    await sender.do_send()
    assert states(rows) == [("order", "待发送", 0)]  # another worker may know it already
    clock.on(hours=1)
    await sender.do_send()

    assert states(rows) == [("order", "死信", 0)]
    text = rows("SELECT text FROM work_order_delivery WHERE state = '未送达'")[0][0]
    assert order.number in text
    assert "天元区人民政府" in text


async def test_a_mistake_of_ours_holds_up_one_message_and_not_the_worker(
    take: Take, start: Start, other: OtherSystem, other_url: str, clock: Clock, rows: Rows
) -> None:
    class Clumsy(HttpSystem):
        async def send(self, message: Any) -> str | None:
            if message.number == first.number:
                raise ZeroDivisionError
            return await super().send(message)

    first, second = await take(), await take()
    sender = start(adapters={"tianyuan": Clumsy(system_at(other_url), KEYS.send, clock=clock)})

    assert await sender.do_send() == 1
    assert list(other.orders) == [second.number]
    assert rows("SELECT error FROM outside_message ORDER BY id LIMIT 1") == [
        ("发送时出错（ZeroDivisionError）",)
    ]


def test_the_units_of_the_tests_are_in_the_data(office: Office) -> None:
    assert all(unit in office.units for unit in UNITS)


async def test_a_worker_that_is_killed_while_the_other_side_works_loses_nothing_and_doubles_nothing(
    take: Take, do: Do, sender: Sender, other: OtherSystem, other_url: str, database_url: str, rows: Rows
) -> None:
    order = await take()
    await do(order, CITIZEN, "催办")
    killed = asyncio.Event()
    other.plans.append(killed.wait)
    command = [sys.executable, "-m", "tests.outside.worker", database_url, other_url]
    worker = await asyncio.create_subprocess_exec(*command, cwd=ROOT)
    async with asyncio.timeout(120):  # it has much to import
        while not other.requests:
            await asyncio.sleep(0.01)
    # While it waits for the answer, nobody else sends the same.
    assert await sender.do_send() == 0
    worker.kill()
    await worker.wait()
    killed.set()
    assert states(rows) == [("order", "待发送", 0), ("urge", "待发送", 0)]

    async with asyncio.timeout(30):
        while await sender.do_send() == 0:  # until the database has noticed that the worker is gone
            await asyncio.sleep(0.05)

    assert [request.key for request in other.requests[:2]] == [other.requests[0].key] * 2
    assert list(other.orders) == [order.number]
    assert other.kinds(order.number) == ["urge"]
    assert [state for _, state, _ in states(rows)] == ["已送达", "已送达"]
