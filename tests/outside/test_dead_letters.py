"""What cannot be delivered is seen, and a person has it tried again or gives it up; over HTTP and on the command line."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner, Result

from hotline.conversations.service import Conversations
from hotline.database import Database
from hotline.outside.cli import app as commands
from hotline.outside.sending import Sender
from hotline.outside.service import Outside
from hotline.outside.systems import Systems
from hotline.settings import get_settings
from hotline.work_orders.deliveries import Deliveries
from hotline.work_orders.models import WorkOrder
from hotline.work_orders.office import Office
from hotline.work_orders.service import CITIZEN, WorkOrders
from tests.outside.conftest import Start, Take
from tests.outside.other_system import OtherSystem
from tests.work_orders.conftest import DISPATCHER, Clock

Do = Callable[..., Awaitable[WorkOrder]]
Rows = Callable[..., list[tuple[Any, ...]]]

CLERK = {"role": "派单员", "actor": "2001"}
SUPERVISOR = {"role": "督办", "actor": "3001"}


@pytest.fixture
def inside(client: httpx.AsyncClient) -> httpx.AsyncClient:
    """Knows the secret."""
    client.headers["Authorization"] = "Bearer inside"
    return client


@pytest.fixture
def deliveries(database: Database, office: Office, clock: Clock) -> Deliveries:
    """What people have to ring up."""
    conversations = Conversations(database, office.city, max_length=1000, rate=0)
    return Deliveries(database, conversations, clock=clock)


async def letters(inside: httpx.AsyncClient, **params: str) -> list[dict[str, Any]]:
    """The dead letters that are shown."""
    response = await inside.get("/internal/outside/dead-letters", params=CLERK | params)
    assert response.status_code == 200, response.text
    shown: list[dict[str, Any]] = response.json()["dead_letters"]
    return shown


async def act(inside: httpx.AsyncClient, letter: object, what: str, **options: Any) -> httpx.Response:
    """retry, or give-up."""
    params = options.pop("params", CLERK)
    path = f"/internal/outside/dead-letters/{letter}/{what}"
    return await inside.post(path, params=params, **options)


async def calls(deliveries: Deliveries) -> list[str]:
    """The calls to units that people are asked to make."""
    return [delivery.text for delivery, _ in await deliveries.undelivered() if delivery.unit is not None]


async def test_a_dead_letter_is_shown_a_person_is_asked_to_ring_and_a_retry_delivers_it(
    take: Take,
    sender: Sender,
    other: OtherSystem,
    inside: httpx.AsyncClient,
    deliveries: Deliveries,
    rows: Rows,
) -> None:
    order = await take()
    other.fail(400, "缺少所属网格")
    await sender.do_send()

    (letter,) = await letters(inside)
    assert letter | {"id": 0, "created_at": ""} == {
        "id": 0,
        "number": order.number,
        "system": "tianyuan",
        "system_name": "天元区社会治理平台",
        "kind": "order",
        "attempts": 1,
        "error": "对方返回 400：缺少所属网格",
        "created_at": "",
    }
    (call,) = await calls(deliveries)
    assert call.startswith(f"工单 {order.number}：没有送到天元区社会治理平台（对方返回 400：缺少所属网格）")
    assert "天元区人民政府" in call
    assert rows("SELECT status, lead_unit FROM work_order") == [("已派单", "430211")]

    assert (await act(inside, letter["id"], "retry")).status_code == 204
    assert await letters(inside) == []
    assert await calls(deliveries) == []
    assert await sender.do_send() == 1
    assert list(other.orders) == [order.number]
    assert rows("SELECT actor, action FROM audit_line") == [("2001", "重发给外部系统")]


async def test_one_that_fails_again_is_shown_and_rung_up_again(
    take: Take, sender: Sender, other: OtherSystem, inside: httpx.AsyncClient, deliveries: Deliveries
) -> None:
    await take()
    other.fail(400, times=2)
    await sender.do_send()
    (first,) = await letters(inside)

    await act(inside, first["id"], "retry")
    await sender.do_send()

    assert [letter["id"] for letter in await letters(inside)] == [first["id"]]
    assert len(await calls(deliveries)) == 1


async def test_the_unit_has_been_rung_up_and_the_order_is_given_up_with_all_that_came_after(
    take: Take,
    do: Do,
    sender: Sender,
    other: OtherSystem,
    inside: httpx.AsyncClient,
    deliveries: Deliveries,
    orders: WorkOrders,
    rows: Rows,
) -> None:
    order = await take()
    other.fail(400)
    await sender.do_send()
    await do(order, CITIZEN, "催办")
    (letter,) = await letters(inside)

    done = await act(inside, letter["id"], "give-up", json={"reason": "已电话告知区平台值班员"})

    assert done.status_code == 204
    assert await letters(inside) == []
    assert await calls(deliveries) == []
    assert rows("SELECT DISTINCT state FROM outside_message") == [("已放弃",)]
    (*_, last) = await orders.timeline(order)
    assert (last.action, last.role, last.actor) == ("备注", "派单员", "2001")
    assert last.note == "不再发给天元区社会治理平台：已电话告知区平台值班员"
    # What happens from now on is told by people as well.
    await do(order, CITIZEN, "催办")
    await sender.do_send()
    assert len(other.requests) == 1
    # Given out anew, it is sent anew.
    await do(order, DISPATCHER, "改派", unit="430211001", reason="街道办理")
    await sender.do_send()
    assert list(other.orders) == [order.number]


async def test_an_event_that_is_given_up_lets_the_next_go(
    take: Take, do: Do, sender: Sender, other: OtherSystem, inside: httpx.AsyncClient
) -> None:
    order = await take()
    await sender.do_send()
    await do(order, CITIZEN, "催办")
    await do(order, CITIZEN, "补充", note="在三号楼")
    other.fail(422, "不支持催办")
    await sender.do_send()
    assert other.kinds(order.number) == []  # in their order, or not at all
    (letter,) = await letters(inside)

    await act(inside, letter["id"], "give-up", params=SUPERVISOR, json={"reason": "已电话催办"})
    await sender.do_send()

    assert other.kinds(order.number) == ["supplement"]


async def test_that_an_order_is_taken_away_is_told_to_the_unit_that_had_it(
    take: Take,
    do: Do,
    sender: Sender,
    other: OtherSystem,
    inside: httpx.AsyncClient,
    deliveries: Deliveries,
) -> None:
    order = await take("430211001")
    await sender.do_send()
    await do(order, DISPATCHER, "改派", unit="ecology", reason="归生态环境局")
    other.fail(400)
    await sender.do_send()

    (call,) = await calls(deliveries)
    assert "嵩山路街道办事处" in call
    (letter,) = await letters(inside)
    await act(inside, letter["id"], "give-up", json={"reason": "已电话告知不用再办"})
    # Given back, the platform hears of it: there it is closed by now.
    await do(order, DISPATCHER, "改派", unit="430211001", reason="还是街道办")
    await sender.do_send()
    assert [[unit["code"] for unit in event["units"]] for event in other.events[order.number]] == [
        ["430211001"]
    ]


async def test_each_dead_letter_is_dealt_with_once(
    take: Take, sender: Sender, other: OtherSystem, inside: httpx.AsyncClient, rows: Rows
) -> None:
    await take()
    other.fail(400)
    await sender.do_send()
    (letter,) = await letters(inside)

    tries = [act(inside, letter["id"], "retry"), act(inside, letter["id"], "retry")]
    tries += [act(inside, letter["id"], "give-up", json={"reason": "已电话告知"}) for _ in range(2)]
    answers = await asyncio.gather(*tries)

    assert sorted(answer.status_code for answer in answers) == [204, 404, 404, 404]
    assert rows("SELECT count(*) FROM audit_line") == [(1,)]


async def test_only_those_who_dispatch_and_supervise_see_and_decide(
    take: Take, sender: Sender, other: OtherSystem, inside: httpx.AsyncClient
) -> None:
    await take()
    other.fail(400)
    await sender.do_send()
    (letter,) = await letters(inside)

    for role in ({"role": "坐席"}, {"role": "领导"}, {"role": "承办单位", "unit": "430211"}):
        params = role | {"actor": "1"}
        seen = await inside.get("/internal/outside/dead-letters", params=params)
        done = await act(inside, letter["id"], "retry", params=params)
        gone = await act(inside, letter["id"], "give-up", params=params, json={"reason": "不发了"})
        assert [seen.status_code, done.status_code, gone.status_code] == [403] * 3
        assert not seen.json()["error"]["message"].isascii()
    del inside.headers["Authorization"]
    assert (await act(inside, letter["id"], "retry")).status_code == 401


BAD_CALLS: list[tuple[object, str, dict[str, Any], int]] = [
    (999, "retry", {}, 404),
    (999, "give-up", {"json": {"reason": "已电话告知"}}, 404),
    (0, "retry", {}, 422),
    (2**40, "retry", {}, 422),
    ("x", "retry", {}, 422),
    (1, "give-up", {}, 422),
    (1, "give-up", {"json": {"reason": "  "}}, 422),
    (1, "give-up", {"json": {"reason": "长" * 501}}, 422),
    (1, "give-up", {"json": {"reason": "好的", "more": 1}}, 422),
    (1, "give-up", {"json": {"reason": "\x00\x00好"}}, 422),
]


async def test_what_cannot_be_is_refused_in_chinese(
    take: Take, sender: Sender, other: OtherSystem, inside: httpx.AsyncClient
) -> None:
    await take()
    other.fail(400)
    await sender.do_send()

    for letter, what, options, status in BAD_CALLS:
        refused = await act(inside, letter, what, **options)
        assert refused.status_code == status, (letter, what, options)
        assert not refused.json()["error"]["message"].isascii()

    assert len(await letters(inside)) == 1


async def test_how_each_system_stands_is_seen(
    take: Take, do: Do, sender: Sender, other: OtherSystem, inside: httpx.AsyncClient, clock: Clock
) -> None:
    order = await take()
    await sender.do_send()
    await do(order, CITIZEN, "催办")
    await take()
    other.fail(400)
    other.fail(500, "维护中")
    await sender.do_send()

    shown = (await inside.get("/internal/outside/dead-letters", params=CLERK)).json()["systems"]

    assert shown == [
        {
            "code": "tianyuan",
            "name": "天元区社会治理平台",
            "waiting": 1,
            "dead": 1,
            "error": "对方返回 500：维护中",
            "last_delivered_at": "2026-09-30T02:00:00Z",
        }
    ]


async def test_a_letter_to_a_system_that_is_gone_can_only_be_given_up(
    take: Take, start: Start, inside: httpx.AsyncClient, systems: Systems, clock: Clock
) -> None:
    await take()
    systems._by_code.clear()
    clock.on(hours=1)
    await start(systems, adapters={}).do_send()
    (letter,) = await letters(inside)

    refused = await act(inside, letter["id"], "retry")
    assert (refused.status_code, "没有接入" in refused.json()["error"]["message"]) == (409, True)
    done = await act(inside, letter["id"], "give-up", json={"reason": "改在热线里办"})
    assert done.status_code == 204


async def test_what_has_arrived_is_emptied_after_a_month_and_what_was_made_anonymous_is_at_once(
    take: Take, do: Do, sender: Sender, outside: Outside, clock: Clock, rows: Rows, database: Database
) -> None:
    order, other_order = await take(), await take()
    await sender.do_send()
    await do(other_order, CITIZEN, "催办")
    clock.on(days=29)
    await outside.do_tidy()
    assert rows("SELECT count(*) FROM outside_message WHERE body = '{}'") == [(0,)]

    clock.on(days=2)
    async with database.transaction() as session:
        (await session.get_one(WorkOrder, other_order.id)).anonymised_at = clock()
    await outside.do_tidy()

    assert rows("SELECT kind, state FROM outside_message WHERE body = '{}' ORDER BY id") == [
        ("order", "已送达"),
        ("order", "已送达"),
        ("urge", "已放弃"),
    ]
    # The system is known to have the order all the same.
    await do(order, CITIZEN, "催办")
    assert rows("SELECT kind, state FROM outside_message ORDER BY id DESC LIMIT 1") == [("urge", "待发送")]


async def test_numbers_that_can_be_used_no_more_are_forgotten(
    client: httpx.AsyncClient, other: OtherSystem, outside: Outside, clock: Clock, rows: Rows
) -> None:
    await other.post(client, "/outside/v1/ping", {})
    clock.on(minutes=10)
    await outside.do_tidy()
    assert rows("SELECT count(*) FROM outside_nonce") == [(1,)]
    clock.on(minutes=6)
    await outside.do_tidy()
    assert rows("SELECT count(*) FROM outside_nonce") == [(0,)]


Run = Callable[..., Awaitable[Result]]


@pytest.fixture
def run(client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Calls ``hotline outside`` as an official would."""
    monkeypatch.setenv("HOTLINE_INTERNAL_TOKEN", "inside")
    get_settings.cache_clear()

    async def call(*arguments: str) -> Result:
        words = [*arguments, "--url", str(client.base_url)]
        return await asyncio.to_thread(CliRunner().invoke, commands, words)

    yield call
    get_settings.cache_clear()


async def test_dead_letters_are_listed_retried_and_given_up_on_the_command_line(
    take: Take, sender: Sender, other: OtherSystem, run: Run
) -> None:
    orders = [await take() for _ in range(3)]
    other.fail(400, "缺少所属网格", times=3)
    await sender.do_send()

    listed = (await run("list")).output
    assert "天元区社会治理平台（tianyuan）：等待发送 0 条，死信 3 条，上次送达 从来没有" in listed
    assert all(order.number in listed for order in orders)
    assert "缺少所属网格" in listed
    assert "共 3 条死信" in listed
    ids = [line.split()[0] for line in listed.splitlines() if "  工单 " in line]

    gone = await run("give-up", ids[0], "--by", "2001", "--reason", "已电话告知")
    assert (gone.exit_code, gone.output) == (0, "记下了，不再发。\n")
    again = await run("give-up", ids[0], "--by", "2001", "--reason", "已电话告知")
    assert (again.exit_code, "已经有人处理过" in again.output) == (1, True)
    assert (await run("retry", ids[1], "--by", "2001")).exit_code == 0
    assert (await run("retry", "--system", "tianyuan", "--by", "2001")).exit_code == 0
    assert (await run("retry", "--by", "2001")).exit_code == 2
    assert "共 0 条死信" in (await run("list")).output

    assert await sender.do_send() == 2
    assert set(other.orders) == {order.number for order in orders[1:]}
    assert (await run("list", "--as", "坐席")).exit_code == 1
