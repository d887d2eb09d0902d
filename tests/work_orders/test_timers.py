"""What the system does by itself: in time, once, and also after a restart."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import func, select

from hotline.database import Database
from hotline.work_orders.casework import Casework
from hotline.work_orders.models import WorkOrder, WorkOrderEvent
from hotline.work_orders.office import Office
from hotline.work_orders.process import Process, SupervisionLevel
from hotline.work_orders.service import WorkOrders
from tests.work_orders.conftest import ANSWER, SUPERVISOR, UNIT, Clock, Do, draft
from tests.work_orders.test_casework import deliveries, fresh, steps, waiting

Walk = Callable[[WorkOrder, str], Awaitable[WorkOrder]]
#: The promised date of an order taken on 30 September is Tuesday, 13 October.
DUE = datetime(2026, 10, 13, 9, 0, tzinfo=UTC)


@pytest.fixture
def office(office: Office) -> Office:
    """An office with three levels of 督办, reached 0, 1 and 3 working days after the promised date."""
    levels = [("热线督办", 0), ("二级督办", 1), ("三级督办", 3)]
    supervision = tuple(SupervisionLevel(name=name, after_working_days=days) for name, days in levels)
    return replace(office, process=Process(supervision=supervision))


async def count(database: Database, order: WorkOrder, action: str) -> int:
    """How often ``action`` stands in the timeline."""
    query = select(func.count()).where(WorkOrderEvent.order_id == order.id, WorkOrderEvent.action == action)
    async with database.transaction() as session:
        return int(await session.scalar(query) or 0)


async def test_an_order_is_warned_of_overdue_and_watched_by_rising_levels(
    database: Database, casework: Casework, orders: WorkOrders, walk: Walk, clock: Clock
) -> None:
    order = await walk(await orders.do_create(draft()), "办理中")
    expected = [
        (datetime(2026, 10, 12, 0, 59, tzinfo=UTC), [], 0),
        (datetime(2026, 10, 12, 1, 0, tzinfo=UTC), ["预警"], 0),
        (datetime(2026, 10, 13, 8, 59, tzinfo=UTC), ["预警"], 0),
        (DUE, ["预警", "逾期"], 1),
        (datetime(2026, 10, 14, 9, 0, tzinfo=UTC), ["预警", "逾期", "督办"], 2),
        (datetime(2026, 10, 16, 9, 0, tzinfo=UTC), ["预警", "逾期", "督办", "督办"], 3),
        (datetime(2026, 11, 16, 9, 0, tzinfo=UTC), ["预警", "逾期", "督办", "督办"], 3),
    ]
    for at, done, level in expected:
        clock.time = at
        await casework.do_fire_timers()
        now = await fresh(database, order)
        assert [action for action, _ in await steps(database, order)][4:] == done, at
        assert now.supervision_level == level
    assert now.overdue_at == DUE
    inbox = [d.event for d in await deliveries(database, order) if d.unit == "ecology"]
    assert inbox == ["dispatched", "warning", "overdue", "supervised", "supervised"]


async def test_a_late_answer_stays_late_and_one_in_time_stays_in_time(
    database: Database, casework: Casework, orders: WorkOrders, walk: Walk, do: Do, clock: Clock
) -> None:
    late, good = [await walk(await orders.do_create(draft()), "办理中") for _ in range(2)]
    clock.time = datetime(2026, 10, 13, 8, 59, tzinfo=UTC)
    good = await do(good, UNIT, "答复", answer=ANSWER)
    clock.time = DUE  # no timer has fired yet: the step itself finds that the time is over
    late = await do(late, UNIT, "答复", answer=ANSWER)
    clock.on(days=1)
    await casework.do_fire_timers()

    assert (good.answered_late, (await fresh(database, good)).overdue_at) == (False, None)
    assert (late.answered_late, late.overdue_at) == (True, DUE)
    assert await count(database, late, "逾期") == 1


async def test_a_standing_clock_does_not_run_out(
    database: Database, casework: Casework, orders: WorkOrders, walk: Walk, do: Do, clock: Clock
) -> None:
    order = await do(await walk(await orders.do_create(draft()), "办理中"), UNIT, "挂起", question="哪一栋？")
    clock.time = datetime(2026, 10, 15, 1, 0, tzinfo=UTC)
    await casework.do_fire_timers()
    order = await orders.do_supplement(order, request="m", note="3 栋")

    assert order.overdue_at is None
    assert order.promised_date == date(2026, 10, 22)  # seven working days lay in between


async def test_what_stood_still_on_its_last_day_is_not_late_by_its_end(
    database: Database, casework: Casework, orders: WorkOrders, walk: Walk, do: Do, clock: Clock
) -> None:
    order = await walk(await orders.do_create(draft()), "办理中")
    clock.time = datetime(2026, 10, 13, 2, 0, tzinfo=UTC)  # Tuesday morning, the day that was promised
    order = await do(order, UNIT, "挂起", question="哪一栋？")
    clock.time = datetime(2026, 10, 13, 12, 0, tzinfo=UTC)  # after office hours
    order = await orders.do_supplement(order, request="m", note="3 栋")
    await casework.do_fire_timers()

    assert order.promised_date == date(2026, 10, 14)
    assert (await fresh(database, order)).overdue_at is None


async def test_several_workers_and_repeated_turns_fire_each_timer_once(
    database: Database, office: Office, orders: WorkOrders, walk: Walk, clock: Clock
) -> None:
    made = [await walk(await orders.do_create(draft()), "办理中") for _ in range(6)]
    clock.time = datetime(2026, 10, 14, 9, 0, tzinfo=UTC)
    workers = [Casework(database, office, clock=clock) for _ in range(4)]

    for _ in range(3):
        await asyncio.gather(*(worker.do_fire_timers() for worker in workers))

    for order in made:
        assert await count(database, order, "预警") <= 1
        assert await count(database, order, "逾期") == 1
        assert await count(database, order, "督办") == 1


async def test_a_timer_survives_everything_but_its_cause(
    database: Database, office: Office, orders: WorkOrders, walk: Walk, do: Do, clock: Clock
) -> None:
    order = await walk(await orders.do_create(draft()), "办理中")
    assert await waiting(database, order) == {"预警", "逾期"}
    # Another process, started long after.
    clock.time = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)
    other = Casework(database, office, clock=clock)
    await other.do_fire_timers()
    await other.do_fire_timers()

    now = await fresh(database, order)
    assert now.overdue_at == DUE
    assert now.supervision_level == 3
    await do(order, UNIT, "答复", answer=ANSWER)
    assert await waiting(database, order) == {"回访提醒", "回访期满"}


async def test_who_does_not_accept_or_sign_is_reminded(
    database: Database, casework: Casework, orders: WorkOrders, walk: Walk, clock: Clock
) -> None:
    slow = await orders.do_create(draft())
    unsigned = await walk(await orders.do_create(draft()), "已派单")
    clock.on(hours=5)  # 15:00 in Shanghai: four office hours later
    await casework.do_fire_timers()
    assert await count(database, slow, "受理提醒") == 1
    assert await count(database, unsigned, "签收提醒") == 0
    clock.on(days=8)
    await casework.do_fire_timers()
    assert await count(database, unsigned, "签收提醒") == 1
    assert await count(database, slow, "受理提醒") == 1


async def test_a_supervisor_may_be_ahead_of_the_timers(
    database: Database, casework: Casework, orders: WorkOrders, walk: Walk, do: Do, clock: Clock
) -> None:
    order = await walk(await orders.do_create(draft()), "办理中")
    order = await do(order, SUPERVISOR, "督办", reason="群众反映强烈", level=3)
    clock.time = datetime(2026, 11, 1, 1, 0, tzinfo=UTC)
    await casework.do_fire_timers()
    await casework.do_fire_timers()

    assert (await fresh(database, order)).supervision_level == 3
    assert await count(database, order, "督办") == 1
