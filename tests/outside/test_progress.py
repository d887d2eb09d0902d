"""What another system reports becomes its unit's actions; whoever else speaks is not heard."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from hotline.work_orders.lifecycle import Role
from hotline.work_orders.lists import Lists
from hotline.work_orders.models import WorkOrder
from hotline.work_orders.service import CITIZEN, WorkOrders
from tests.outside.conftest import Take
from tests.outside.other_system import OtherSystem
from tests.work_orders.conftest import ANSWER, DISPATCHER, Clock

Do = Callable[..., Awaitable[WorkOrder]]


async def timeline(orders: WorkOrders, order: WorkOrder) -> list[tuple[str, str | None, str]]:
    """What the units did: action, unit, actor."""
    return [
        (event.action, event.unit, event.actor)
        for event in await orders.timeline(order)
        if event.role == Role.UNIT
    ]


def words_of(response: httpx.Response) -> str:
    """The Chinese words of a refusal."""
    message: str = response.json()["error"]["message"]
    assert not message.isascii()
    return message


async def test_progress_walks_an_order_from_the_unit_to_the_answer(
    take: Take, do: Do, client: httpx.AsyncClient, other: OtherSystem, orders: WorkOrders, lists: Lists
) -> None:
    order = await take("430211", "430211001")
    steps: list[tuple[str, dict[str, Any], str]] = [
        ("签收", {"by": "李四"}, "办理中"),
        ("备注", {"note": "已经派网格员去看"}, "办理中"),
        ("会办意见", {"note": "街道已到现场"}, "办理中"),
        ("挂起", {"question": "请问是哪一栋？"}, "挂起"),
        ("恢复", {}, "办理中"),
        ("申请延期", {"reason": "要等设备", "days": 3}, "办理中"),
        ("答复", {"answer": ANSWER}, "已答复"),
    ]
    for kind, fields, status in steps:
        done = await other.report(client, order.number, kind=kind, **fields)
        assert done.status_code == 200, done.text
        # An answer without doubts goes on to the citizen by itself.
        assert done.json()["status"] in (status, "回访中")
        assert done.json()["number"] == order.number

    assert await timeline(orders, order) == [
        ("签收", "430211", "tianyuan/李四"),
        ("备注", "430211", "tianyuan/"),
        ("会办意见", "430211001", "tianyuan/"),
        ("挂起", "430211", "tianyuan/"),
        ("恢复", "430211", "tianyuan/"),
        ("申请延期", "430211", "tianyuan/"),
        ("答复", "430211", "tianyuan/"),
    ]
    page = await lists.page(order.number, DISPATCHER)
    assert page["answer"] is not None
    assert [request["days"] for request in page["requests"]] == [3]


async def test_a_unit_may_give_an_order_back(
    take: Take, client: httpx.AsyncClient, other: OtherSystem, lists: Lists
) -> None:
    order = await take()

    done = await other.report(client, order.number, kind="申请退单", reason="属于市城管局")

    assert done.status_code == 200
    assert (await lists.page(order.number, DISPATCHER))["requests"][0]["reason"] == "属于市城管局"


async def test_the_same_report_again_is_answered_and_does_nothing(
    take: Take, client: httpx.AsyncClient, other: OtherSystem, orders: WorkOrders
) -> None:
    order = await take()
    report = {"id": "ty-1", "kind": "签收"}

    answers = await asyncio.gather(*(other.report(client, order.number, **report) for _ in range(5)))

    assert [answer.status_code for answer in answers] == [200] * 5
    assert len(await timeline(orders, order)) == 1


async def test_what_the_lifecycle_does_not_allow_is_refused_with_its_reason(
    take: Take, do: Do, client: httpx.AsyncClient, other: OtherSystem
) -> None:
    order = await take("430211", "430211001")

    early = await other.report(client, order.number, kind="答复", answer=ANSWER)
    assert (early.status_code, "不能答复" in words_of(early)) == (409, True)
    assisting = await other.report(client, order.number, kind="签收", unit="430211001")
    assert (assisting.status_code, "主办单位" in words_of(assisting)) == (409, True)
    await other.report(client, order.number, kind="签收")
    empty = await other.report(client, order.number, kind="答复", answer="已收悉，感谢您的支持！")
    assert (empty.status_code, "答复还不能提交" in words_of(empty)) == (409, True)
    long = await other.report(client, order.number, kind="申请延期", reason="忙", days=300)
    assert (long.status_code, "工作日" in words_of(long)) == (409, True)
    await do(order, CITIZEN, "撤回")
    ended = await other.report(client, order.number, kind="答复", answer=ANSWER)
    assert (ended.status_code, "已撤回" in words_of(ended)) == (409, True)


async def test_a_refused_report_may_come_again_when_it_is_allowed(
    take: Take, client: httpx.AsyncClient, other: OtherSystem
) -> None:
    order = await take()
    answer = {"id": "ty-9", "kind": "答复", "answer": ANSWER}

    assert (await other.report(client, order.number, **answer)).status_code == 409
    await other.report(client, order.number, kind="签收")
    assert (await other.report(client, order.number, **answer)).status_code == 200


async def test_an_order_that_is_not_the_system_s_looks_like_none(
    take: Take, client: httpx.AsyncClient, other: OtherSystem
) -> None:
    strange = await take("ecology")
    undispatched = await take(None)

    answers = [
        await other.report(client, number, kind="签收")
        for number in (
            strange.number,
            undispatched.number,
            "20260930-99999",
            "x",
            "%00",
            "%EF%BC%91",
        )
    ]

    assert [answer.status_code for answer in answers] == [404] * len(answers)
    assert len({words_of(answer) for answer in answers}) == 1


async def test_an_order_that_was_taken_away_is_the_system_s_no_more(
    take: Take, do: Do, client: httpx.AsyncClient, other: OtherSystem
) -> None:
    order = await take()
    await do(order, DISPATCHER, "改派", unit="ecology", reason="归生态环境局")

    assert (await other.report(client, order.number, kind="签收")).status_code == 404


async def test_a_unit_must_be_the_system_s_and_the_order_s(
    take: Take, client: httpx.AsyncClient, other: OtherSystem
) -> None:
    order = await take("430211", "430211001", "ecology")

    for unit in ("ecology", "430203", "nobody"):
        wrong = await other.report(client, order.number, kind="会办意见", note="看过了", unit=unit)
        assert (wrong.status_code, "430211" in words_of(wrong)) == (422, True)


BAD_BODIES: list[Any] = [
    b"",
    b"{",
    b"\xff\xfe",
    b"[]",
    b"null",
    b'"\xe7\xad\xbe\xe6\x94\xb6"',
    b"[" * 20_000,
    {"kind": "签收"},
    {"id": "1"},
    {"id": "1", "kind": "办结"},
    {"id": "", "kind": "签收"},
    {"id": "一 二", "kind": "签收"},
    {"id": "1", "kind": "签收", "answer": "多了"},
    {"id": "1", "kind": "答复"},
    {"id": "1", "kind": "答复", "answer": "   "},
    {"id": "1", "kind": "答复", "answer": 3},
    {"id": "1", "kind": "答复", "answer": "长" * 9000},
    {"id": "1", "kind": "申请延期", "reason": "忙", "days": "3"},
    {"id": "1", "kind": "申请延期", "reason": "忙", "days": True},
    {"id": "1", "kind": "申请延期", "reason": "忙", "days": -1},
    {"id": "1", "kind": "签收", "by": "名" * 41},
    {"id": "1", "kind": "签收", "by": "\x00"},
    b'{"id": "1", "kind": "\\u7b7e\\u6536", "by": "\\ud800"}',
]


async def test_a_bad_body_is_refused_in_chinese(
    take: Take, client: httpx.AsyncClient, other: OtherSystem, orders: WorkOrders
) -> None:
    order = await take()

    for body in BAD_BODIES:
        refused = await other.post(client, f"/outside/v1/orders/{order.number}/progress", body)
        assert refused.status_code == 422, (body, refused.text)
        words_of(refused)

    assert await timeline(orders, order) == []


async def test_words_that_cannot_be_stored_are_cleaned(
    take: Take, client: httpx.AsyncClient, other: OtherSystem, orders: WorkOrders
) -> None:
    order = await take()

    done = await other.report(client, order.number, kind="备注", note="看\x00过了")

    assert done.status_code == 200
    assert [event.note for event in await orders.timeline(order)][-1] == "看过了"


async def test_what_is_too_large_is_not_even_read(
    take: Take, client: httpx.AsyncClient, other: OtherSystem
) -> None:
    order = await take()

    refused = await other.report(client, order.number, kind="备注", note="x" * 40_000)

    assert refused.status_code == 413
    words_of(refused)


TAMPERED: list[dict[str, Any]] = [
    {"body": b'{"id": "1", "kind": "\xe6\x81\xa2\xe5\xa4\x8d"}'},
    {"signature": "v1=" + "0" * 64},
    {"signature": ""},
    {"signature": ("é" * 10).encode("latin-1")},
    {"system": "nobody"},
    {"system": ""},
    {"timestamp": "1790733601"},
    {"timestamp": "soon"},
    {"nonce": "another-nonce-of-good-length"},
    {"nonce": ""},
    {"target": "/outside/v1/orders/20260930-00002/progress"},
    {"target": "/outside/v1/orders/20260930-00001/progress?x=1"},
]


async def test_whose_signature_is_wrong_is_not_heard(
    take: Take, client: httpx.AsyncClient, other: OtherSystem, orders: WorkOrders
) -> None:
    order, second = await take(), await take()
    assert [order.number, second.number] == ["20260930-00001", "20260930-00002"]

    target = f"/outside/v1/orders/{order.number}/progress"
    for tampered in TAMPERED:
        refused = await other.post(client, target, {"id": "1", "kind": "签收"}, tampered=tampered)
        assert refused.status_code == 401, tampered
        words_of(refused)

    assert await timeline(orders, order) == await timeline(orders, second) == []


async def test_without_a_signature_nothing_is_said_about_orders(
    take: Take, client: httpx.AsyncClient
) -> None:
    order = await take()

    answers = [
        await client.post(f"/outside/v1/orders/{number}/progress", content=body)
        for number in (order.number, "20260930-99999")
        for body in (b"", b'{"id": "1"}')
    ]

    assert [answer.status_code for answer in answers] == [401] * 4
    assert len({answer.text for answer in answers}) == 1


async def test_the_hotline_s_own_key_does_not_open_its_door(
    take: Take, client: httpx.AsyncClient, other: OtherSystem
) -> None:
    order = await take()
    other.speaks = other.hears

    assert (await other.report(client, order.number, kind="签收")).status_code == 401


async def test_a_request_that_was_overheard_is_refused(
    take: Take, do: Do, client: httpx.AsyncClient, other: OtherSystem, orders: WorkOrders, clock: Clock
) -> None:
    order = await take()
    target, report = f"/outside/v1/orders/{order.number}/progress", {"id": "1", "kind": "签收"}
    at, nonce = int(clock().timestamp()), "overheard-0123456789"
    assert (await other.post(client, target, report, at=at, nonce=nonce)).status_code == 200

    again = await other.post(client, target, report, at=at, nonce=nonce)
    assert (again.status_code, "已经来过" in words_of(again)) == (401, True)
    # Long after, when its number is forgotten, it is too old.
    clock.on(minutes=6)
    late = await other.post(client, target, report, at=at, nonce=nonce)
    assert (late.status_code, "5 分钟" in words_of(late)) == (401, True)
    assert len(await timeline(orders, order)) == 1


async def test_of_many_who_replay_at_once_one_is_heard(
    take: Take, client: httpx.AsyncClient, other: OtherSystem, clock: Clock
) -> None:
    order = await take()
    target, report = f"/outside/v1/orders/{order.number}/progress", {"id": "1", "kind": "签收"}
    one: dict[str, Any] = {"at": int(clock().timestamp()), "nonce": "overheard-0123456789"}

    answers = await asyncio.gather(*(other.post(client, target, report, **one) for _ in range(8)))

    assert sorted(answer.status_code for answer in answers) == [200, *[401] * 7]


async def test_clocks_may_be_five_minutes_apart(
    take: Take, client: httpx.AsyncClient, other: OtherSystem, clock: Clock
) -> None:
    order = await take()
    target, report = f"/outside/v1/orders/{order.number}/progress", {"id": "1", "kind": "签收"}

    for seconds, status in ((299, 200), (-299, 200), (302, 401), (-302, 401)):
        answer = await other.post(client, target, report, at=int(clock().timestamp()) + seconds)
        assert answer.status_code == status, seconds
        if status == 401:
            assert "2026-09-30T10:00:00+08:00" in words_of(answer)


async def test_the_other_side_can_try_its_key_out(client: httpx.AsyncClient, other: OtherSystem) -> None:
    good = await other.post(client, "/outside/v1/ping", {})
    assert (good.status_code, good.json()) == (200, {"system": "tianyuan", "name": "天元区社会治理平台"})
    other.speaks = "x" * 40
    assert (await other.post(client, "/outside/v1/ping", {})).status_code == 401


async def test_what_a_system_did_itself_is_not_told_to_it(
    take: Take, do: Do, client: httpx.AsyncClient, other: OtherSystem, sender: Any
) -> None:
    order = await take("430211", "430211001")
    await other.report(client, order.number, kind="签收")
    await other.report(client, order.number, kind="会办意见", note="街道已到现场")
    await other.report(client, order.number, kind="挂起", question="哪一栋？")
    await other.report(client, order.number, kind="恢复")

    await sender.do_send()

    assert list(other.orders) == [order.number]
    assert other.kinds(order.number) == []


async def test_an_assisting_unit_s_opinion_reaches_the_lead_s_system(
    take: Take, do: Do, other: OtherSystem, sender: Any
) -> None:
    from hotline.work_orders.effects.step import Actor

    led, helped = await take("430211", "ecology"), await take("ecology", "430211")
    for order, unit in ((led, "ecology"), (helped, "430211")):
        actor = Actor(id="7", role=Role.UNIT, unit=unit)
        await do(order, actor, "会办意见", note="现场看过了")

    await sender.do_send()

    assert other.kinds(led.number) == ["opinion"]
    assert other.kinds(helped.number) == []
