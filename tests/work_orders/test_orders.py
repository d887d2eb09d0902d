"""One form makes one order; who may see it and what may be done with it."""

from __future__ import annotations

import asyncio
import re
import uuid
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import update

from hotline.city import City
from hotline.database import Database, now
from hotline.work_orders.casework import Casework
from hotline.work_orders.errors import WorkOrderError
from hotline.work_orders.lifecycle import NATURES
from hotline.work_orders.models import WorkOrder
from hotline.work_orders.office import Office
from hotline.work_orders.service import WRONG_CODES, WorkOrders
from tests.work_orders.conftest import TAKEN, Clock, draft, refused


async def actions(orders: WorkOrders, order: WorkOrder) -> list[str]:
    """The actions of the order's timeline."""
    return [event.action for event in await orders.timeline(order)]


async def test_an_order_has_a_number_a_code_and_a_promised_date(orders: WorkOrders) -> None:
    order = await orders.do_create(draft())

    assert order.number == "20260930-00001"
    assert re.fullmatch(r"\d{6}", order.query_code)
    assert order.status == "待受理"
    assert order.promised_date == date(2026, 10, 13)
    assert order.created_at == TAKEN
    (event,) = await orders.timeline(order)
    assert (event.action, event.actor, event.at) == ("提交", "citizen", TAKEN)


async def test_each_nature_is_promised_its_own_days(
    database: Database, city: City, office: Office, clock: Clock
) -> None:
    own = replace(office, city=replace(city, deadlines={"咨询": 1, "投诉": 3}))
    orders = WorkOrders(database, Casework(database, own, clock=clock), clock=clock)

    assert (await orders.do_create(draft(nature="咨询"))).promised_date == date(2026, 10, 8)
    assert (await orders.do_create(draft(nature="投诉"))).promised_date == date(2026, 10, 10)


async def test_the_same_draft_twice_is_one_order(orders: WorkOrders) -> None:
    form = draft()

    first = await orders.do_create(form)
    again = await orders.do_create(replace(form, what="改了说法的同一张单子"))

    assert (again.number, again.query_code, again.what) == (first.number, first.query_code, form.what)
    assert await actions(orders, first) == ["提交"]


async def test_the_same_draft_ten_times_at_once_is_one_order(orders: WorkOrders) -> None:
    form = draft()

    made = await asyncio.gather(*(orders.do_create(form) for _ in range(10)))

    assert {order.number for order in made} == {"20260930-00001"}
    assert len({order.query_code for order in made}) == 1
    assert await actions(orders, made[0]) == ["提交"]
    assert (await orders.do_create(draft())).number == "20260930-00002"


async def test_numbers_run_without_gaps_and_begin_anew_each_day(orders: WorkOrders, clock: Clock) -> None:
    forms = [draft() for _ in range(8)]

    # Each form twice, all at once: repeats take no number.
    made = await asyncio.gather(*(orders.do_create(form) for form in [*forms, *forms]))
    assert {order.number for order in made} == {f"20260930-{n:05d}" for n in range(1, 9)}

    clock.time = datetime(2026, 9, 30, 15, 59, 59, tzinfo=UTC)  # a second before midnight in Shanghai
    assert (await orders.do_create(draft())).number == "20260930-00009"
    clock.time += timedelta(seconds=1)
    assert (await orders.do_create(draft())).number == "20261001-00001"


async def test_a_draft_that_is_refused_takes_no_number(orders: WorkOrders) -> None:
    await refused("what_missing", orders.do_create(draft(what=" 吵 ")))
    for nature in ("投诉", "举报", "求助"):
        await refused("where_missing", orders.do_create(draft(nature=nature, where_text="　")))

    assert (await orders.do_create(draft(nature="建议", where_text=""))).number == "20260930-00001"


async def test_who_reports_is_always_hidden_others_when_they_wish(orders: WorkOrders) -> None:
    for nature in NATURES:
        plain = await orders.do_create(draft(nature=nature))
        wished = await orders.do_create(draft(nature=nature, confidential=True))

        assert plain.confidential is (nature == "举报"), nature
        assert wished.confidential is True, nature


async def test_who_stays_anonymous_leaves_no_name(orders: WorkOrders) -> None:
    order = await orders.do_create(draft(anonymous=True))

    assert (order.anonymous, order.name) == (True, None)
    assert (await orders.do_create(draft())).name == "王某"


async def test_an_order_is_found_by_its_code_or_in_its_conversation(orders: WorkOrders) -> None:
    order = await orders.do_create(draft())

    by_code = await orders.find(order.number, query_code=order.query_code)
    here = await orders.find(order.number, conversation_id=order.conversation_id)

    assert by_code.id == here.id == order.id
    elsewhere = uuid.uuid4()
    found = await orders.find(order.number, query_code=order.query_code, conversation_id=elsewhere)
    assert found.id == order.id


def wrong(order: WorkOrder) -> str:
    """A code that is not the order's."""
    return f"{(int(order.query_code) + 1) % 1_000_000:06d}"


async def test_a_wrong_code_looks_like_no_order_at_all(orders: WorkOrders) -> None:
    order = await orders.do_create(draft())

    looks = [
        await refused("not_found", orders.find(order.number, query_code=wrong(order))),
        await refused("not_found", orders.find("20260930-99999", query_code=order.query_code)),
        await refused("not_found", orders.find(order.number, query_code="")),
        await refused("not_found", orders.find(order.number, query_code="一二三四五六")),
        await refused("not_found", orders.find(order.number, conversation_id=uuid.uuid4())),
        await refused("not_found", orders.find("", query_code="000000")),
    ]

    assert len({error.message for error in looks}) == 1


async def test_an_order_without_conversation_belongs_to_no_conversation(orders: WorkOrders) -> None:
    order = await orders.do_create(draft(conversation_id=None))

    await refused("not_found", orders.find(order.number))
    await refused("not_found", orders.find(order.number, conversation_id=uuid.uuid4()))
    assert (await orders.find(order.number, query_code=order.query_code)).id == order.id


async def test_five_wrong_codes_lock_an_order_for_an_hour(orders: WorkOrders, clock: Clock) -> None:
    order = await orders.do_create(draft())
    for _ in range(WRONG_CODES):
        await refused("not_found", orders.find(order.number, query_code=wrong(order)))

    # Now not even the right code opens it; tries while it is locked do not make it longer.
    clock.time += timedelta(minutes=59)
    await refused("too_many_codes", orders.find(order.number, query_code=order.query_code))
    await refused("too_many_codes", orders.find(order.number, query_code=wrong(order)))
    # The conversation it was made in needs no code.
    assert await orders.find(order.number, conversation_id=order.conversation_id)
    clock.time += timedelta(minutes=1, seconds=1)
    assert (await orders.find(order.number, query_code=order.query_code)).id == order.id


async def test_after_the_hour_there_are_five_tries_again(orders: WorkOrders, clock: Clock) -> None:
    order = await orders.do_create(draft())
    for _ in range(2):
        for _ in range(WRONG_CODES):
            await refused("not_found", orders.find(order.number, query_code=wrong(order)))
        await refused("too_many_codes", orders.find(order.number, query_code=order.query_code))
        clock.time += timedelta(hours=1, seconds=1)


async def test_many_guesses_at_once_are_all_counted(orders: WorkOrders) -> None:
    order = await orders.do_create(draft())

    guesses = [orders.find(order.number, query_code=wrong(order)) for _ in range(12)]
    outcomes = await asyncio.gather(*guesses, return_exceptions=True)

    codes = [error.code for error in outcomes if isinstance(error, WorkOrderError)]
    assert sorted(codes) == ["not_found"] * WRONG_CODES + ["too_many_codes"] * 7


async def test_a_right_code_forgives_the_wrong_ones_before(orders: WorkOrders) -> None:
    order = await orders.do_create(draft())
    for _ in range(3):
        for _ in range(WRONG_CODES - 1):
            await refused("not_found", orders.find(order.number, query_code=wrong(order)))
        await orders.find(order.number, query_code=order.query_code)


async def test_asking_without_a_code_is_no_guess(orders: WorkOrders) -> None:
    order = await orders.do_create(draft())

    for _ in range(WRONG_CODES + 1):
        await refused("not_found", orders.find(order.number, conversation_id=uuid.uuid4()))

    assert await orders.find(order.number, query_code=order.query_code)


async def test_the_orders_of_a_conversation_are_found_newest_first(orders: WorkOrders) -> None:
    here = uuid.uuid4()
    made = [await orders.do_create(draft(conversation_id=here)) for _ in range(3)]
    await orders.do_create(draft())
    await orders.do_create(draft(conversation_id=None))

    found = await orders.of_conversation(here)

    assert [order.number for order in found] == [order.number for order in reversed(made)]


async def test_each_request_leaves_exactly_one_line(orders: WorkOrders) -> None:
    order = await orders.do_create(draft())

    again = [orders.do_urge(order, request="m-1", note="三天了没人管") for _ in range(10)]
    await asyncio.gather(*again)
    await orders.do_urge(order, request="m-2")
    for _ in range(2):
        withdrawn = await orders.do_withdraw(order, request="m-3")
        assert withdrawn.status == "已撤回"

    assert await actions(orders, order) == ["提交", "催办", "催办", "撤回"]
    assert (await orders.timeline(order))[1].note == "三天了没人管"


async def test_the_same_request_means_another_line_in_another_order(orders: WorkOrders) -> None:
    for order in (await orders.do_create(draft()), await orders.do_create(draft())):
        await orders.do_urge(order, request="m-1")
        assert await actions(orders, order) == ["提交", "催办"]


@pytest.mark.parametrize("status", ["已办结", "已撤回", "不予受理"])
async def test_an_order_that_has_ended_is_neither_urged_nor_withdrawn(
    database: Database, orders: WorkOrders, status: str
) -> None:
    order = await orders.do_create(draft())
    async with database.transaction() as session:
        await session.execute(update(WorkOrder).values(status=status))

    for call in (orders.do_urge, orders.do_withdraw):
        error = await refused("ended", call(order, request="m-1"))
        assert order.number in error.message
        assert status in error.message

    assert await actions(orders, order) == ["提交"]
    # It may still be looked at.
    assert (await orders.find(order.number, query_code=order.query_code)).status == status


async def test_of_an_urging_and_a_withdrawal_at_once_none_is_lost(orders: WorkOrders) -> None:
    order = await orders.do_create(draft())

    outcomes = await asyncio.gather(
        *(orders.do_urge(order, request=f"m-{n}") for n in range(5)),
        orders.do_withdraw(order, request="m-9"),
        return_exceptions=True,
    )

    failed = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert all(isinstance(error, WorkOrderError) and error.code == "ended" for error in failed)
    found = await actions(orders, order)
    assert found == ["提交", *["催办"] * (5 - len(failed)), "撤回"]


def test_the_real_clock_is_in_utc() -> None:
    assert now().utcoffset() == timedelta(0)
