"""Lists, search and counters show each role what it has to do, and find what is looked for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.work_orders import lists as module
from hotline.work_orders.lists import Filter, Lists
from hotline.work_orders.models import WorkOrder
from hotline.work_orders.search import pairs
from hotline.work_orders.service import WorkOrders
from tests.work_orders.conftest import (
    AGENT,
    DISPATCHER,
    HELPER,
    STRANGER,
    SUPERVISOR,
    UNIT,
    Clock,
    Do,
    draft,
    refused,
)

Walk = Callable[[WorkOrder, str], Awaitable[WorkOrder]]


async def numbers(lists: Lists, words: str, actor: object = AGENT, **others: object) -> set[str]:
    """The numbers of what is found."""
    page = await lists.orders(actor, Filter(words=words, everything=True, **others))  # type: ignore[arg-type]
    assert page.total == len(page.orders)
    return {order["number"] for order in page.orders}


@pytest.fixture(params=[2000, 0], ids=["among the newest", "by the index"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways of searching find the same."""
    monkeypatch.setattr(module, "_RECENT", request.param)


@pytest.mark.usefixtures("way")
async def test_words_of_content_and_place_find_an_order(orders: WorkOrders, lists: Lists) -> None:
    noise = await orders.do_create(draft(what="楼下工地夜里 12 点还在施工", where_text="天元区泰山路街道"))
    lamp = await orders.do_create(draft(what="路灯坏了 50% 没人修_", where_text="荷塘区月塘街道"))

    assert await numbers(lists, "施工") == {noise.number}
    assert await numbers(lists, "泰山路") == {noise.number}
    assert await numbers(lists, "街道") == {noise.number, lamp.number}
    assert await numbers(lists, "路灯 月塘") == {lamp.number}
    assert await numbers(lists, "路灯 泰山") == set()
    # Pairs that all stand in it, though the word does not.
    assert await numbers(lists, "山泰路") == set()
    # Signs that mean something to the database mean themselves.
    assert await numbers(lists, "50%") == {lamp.number}
    assert await numbers(lists, "修_") == {lamp.number}
    assert await numbers(lists, "灯_了") == set()
    assert await numbers(lists, "灯\x00坏") == {lamp.number}


async def test_numbers_and_their_ends_and_telephones_find_an_order(orders: WorkOrders, lists: Lists) -> None:
    first = await orders.do_create(draft())
    second = await orders.do_create(draft(phone="13900139000"))

    assert await numbers(lists, first.number) == {first.number}
    assert await numbers(lists, first.number[:8]) == {first.number, second.number}
    assert await numbers(lists, str(int(second.number[-5:]))) == {second.number}
    assert await numbers(lists, "139 0013 9000") == {second.number}


async def test_one_character_is_too_little_to_look_for(lists: Lists) -> None:
    await refused("too_short", lists.orders(AGENT, Filter(words="灯 坏")))


async def test_a_unit_finds_its_own_orders_only(orders: WorkOrders, lists: Lists, walk: Walk) -> None:
    order = await walk(await orders.do_create(draft()), "办理中")

    assert await numbers(lists, "施工", UNIT) == await numbers(lists, "施工", HELPER) == {order.number}
    assert await numbers(lists, "施工", STRANGER) == set()
    assert await numbers(lists, order.number, STRANGER) == set()


async def test_what_is_urgent_and_due_first_comes_first(
    orders: WorkOrders, lists: Lists, clock: Clock, do: Do
) -> None:
    later = await orders.do_create(draft(id="1"))
    clock.on(days=1)
    urgent = await orders.do_create(draft(id="2"))
    await do(urgent, AGENT, "改紧急程度", urgency="加急")

    page = await lists.orders(DISPATCHER, Filter())
    assert [order["number"] for order in page.orders] == [urgent.number, later.number]
    page = await lists.orders(DISPATCHER, Filter(everything=True))
    assert [order["number"] for order in page.orders] == [urgent.number, later.number]


async def test_pages_follow_each_other_without_gap_or_repetition(orders: WorkOrders, lists: Lists) -> None:
    made = [(await orders.do_create(draft())).number for _ in range(7)]
    for wanted in (Filter(), Filter(everything=True), Filter(words="施工")):
        pages = [await lists.orders(AGENT, wanted, limit=3, offset=offset) for offset in (0, 3, 6, 9)]
        found = [order["number"] for page in pages for order in page.orders]
        assert sorted(found) == made
        assert [page.total for page in pages] == [7] * 4


async def test_who_looks_at_very_many_is_told_that_there_are_more(
    orders: WorkOrders, lists: Lists, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_COUNTED", 3)
    for _ in range(5):
        await orders.do_create(draft())

    page = await lists.orders(AGENT, Filter())
    assert (len(page.orders), page.total, page.more) == (5, 3, True)


async def test_counters_say_what_is_to_be_done(
    orders: WorkOrders, lists: Lists, clock: Clock, do: Do, walk: Walk
) -> None:
    handled = await walk(await orders.do_create(draft()), "办理中")
    await do(handled, UNIT, "申请退单", reason="不归我们管，是住建的事")
    withdrawn = await orders.do_create(draft())
    await orders.do_withdraw(withdrawn, request="w")
    urgent = await orders.do_create(draft())
    await do(urgent, AGENT, "改紧急程度", urgency="加急")
    await do(urgent, SUPERVISOR, "督办", reason="请盯紧")

    counts = await lists.counts(DISPATCHER)
    assert counts.by_status == {"待受理": 1, "办理中": 1}
    assert (counts.urgent, counts.supervised, counts.overdue, counts.near) == (1, 1, 0, 0)
    assert (counts.asking_to_return, counts.asking_to_extend) == (1, 0)
    assert (counts.taken_today, counts.closed_today) == (3, 1)

    clock.time = clock.time + timedelta(days=14)  # the last working day before the promised one
    assert (await lists.counts(DISPATCHER)).near == 2
    clock.on(days=10)
    await do(urgent, AGENT, "备注", note="已经超期，要盯紧")
    later = await lists.counts(DISPATCHER)
    assert (later.overdue, later.near, later.taken_today, later.closed_today) == (1, 1, 0, 0)

    assert (await lists.counts(UNIT)).by_status == {"办理中": 1}
    assert (await lists.counts(STRANGER)).by_status == {}


@given(st.text())
def test_the_pairs_are_the_neighbours(said: str) -> None:
    letters = "".join(said.split()).lower()
    assert all(pair in letters and len(pair) == 2 for pair in pairs(said))
    assert len(pairs(said)) <= max(0, len(letters) - 1)


def test_the_database_makes_the_same_pairs(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        for said in ("泰山路 路灯坏了", "ABC abc", "灯", "", "　空 格\t\n都不算", "𠮷野家😀😀", "哈哈哈哈"):
            (made,) = connection.execute("SELECT hotline.bigrams(%s)", [said]).fetchone() or ((),)
            assert sorted(made) == pairs(said), said
