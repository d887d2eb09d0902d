"""A day that somebody sets holds at once and everywhere, and can be taken back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import date, timedelta

import pytest

from hotline.calendar.service import CHANNEL, MAX_DAYS, CalendarError, CalendarService, SetDay
from hotline.conversations.hub import Hub
from hotline.database import Database
from hotline.work_orders.deadlines import WorkingCalendar
from tests.calendar.conftest import BASE

FRIDAY, SATURDAY, MONDAY = date(2026, 3, 6), date(2026, 3, 7), date(2026, 3, 9)
#: As a notice might name the days off of one year.
NOTICE = [SetDay(date(2099, 10, day), False, "国庆节") for day in (1, 2, 5, 6, 7)] + [
    SetDay(date(2099, 1, 1) + timedelta(days=n), False, "春节") for n in range(20, 36)
]


async def test_nothing_set_is_the_citys_file_over_the_announced_holidays(service: CalendarService) -> None:
    assert await service.load() == BASE
    assert service.calendar == BASE


async def test_a_set_day_stands_over_the_file_and_the_announced_holidays(service: CalendarService) -> None:
    await service.do_set(FRIDAY, True, "照常上班", "1001")
    await service.do_set(SATURDAY, False, "", "1001")
    await service.do_set(date(2026, 10, 1), True, "", "1001")

    for calendar in (service.calendar, await service.load()):
        assert calendar.is_working_day(FRIDAY)
        assert not calendar.is_working_day(SATURDAY)
        assert calendar.is_working_day(date(2026, 10, 1))
        assert not calendar.is_working_day(date(2026, 10, 2))


async def test_setting_again_replaces_and_says_who_did_it_last(service: CalendarService) -> None:
    first = await service.do_set(MONDAY, False, "停电", "1001")
    second = await service.do_set(MONDAY, True, "", "1002")

    assert service.calendar.is_working_day(MONDAY)
    (kept,) = await service.days()
    assert (kept.day, kept.working, kept.note, kept.changed_by) == (MONDAY, True, "", "1002")
    assert kept.changed_at == second.changed_at > first.changed_at


async def test_what_is_taken_back_leaves_what_held_before(service: CalendarService) -> None:
    await service.do_set(FRIDAY, True, "", "1001")
    await service.do_unset(FRIDAY, "1001")

    assert service.calendar == BASE
    assert not await service.days()
    with pytest.raises(CalendarError, match="没有另外设过") as refused:
        await service.do_unset(FRIDAY, "1001")
    assert refused.value.code == "not_found"


async def test_a_whole_notice_is_set_or_nothing(service: CalendarService) -> None:
    kept = await service.do_set_all(NOTICE, "1001")

    assert [item.day for item in kept] == sorted(item.day for item in NOTICE)
    assert all(not service.calendar.is_working_day(item.day) for item in NOTICE)
    assert service.calendar.announced(date(2099, 1, 1))

    for wrong in (
        [],
        [SetDay(MONDAY, False), SetDay(date(1999, 1, 1), False)],
        [SetDay(MONDAY, False), SetDay(FRIDAY, False, "长" * 101)],
        [SetDay(MONDAY, False), SetDay(MONDAY, True)],
        [SetDay(MONDAY + timedelta(days=n), False) for n in range(MAX_DAYS + 1)],
    ):
        with pytest.raises(CalendarError, match=r"[一-鿿]"):
            await service.do_set_all(wrong, "1001")
    assert len(await service.days()) == len(NOTICE)


async def test_days_are_listed_in_order_of_all_years_or_one(service: CalendarService) -> None:
    for day in (date(2027, 2, 6), MONDAY, date(2027, 1, 4)):
        await service.do_set(day, True, "", "1001")

    assert [item.day for item in await service.days()] == [MONDAY, date(2027, 1, 4), date(2027, 2, 6)]
    assert [item.day for item in await service.days(2027)] == [date(2027, 1, 4), date(2027, 2, 6)]


async def test_years_are_named_until_their_notice_is_set(service: CalendarService) -> None:
    days = (date(2098, 1, 1), date(2099, 12, 31))
    assert {2098, 2099} <= set(service.unannounced(days))
    assert not {2098, 2099} & set(service.unannounced())  # nothing is promised so far ahead

    await service.do_set_all(NOTICE, "1001")

    assert 2098 in service.unannounced(days)
    assert 2099 not in service.unannounced(days)


async def test_two_who_set_the_same_days_together_both_come_through(service: CalendarService) -> None:
    other = [SetDay(item.day, True, "另一个人") for item in reversed(NOTICE)]

    await asyncio.gather(service.do_set_all(NOTICE, "1001"), service.do_set_all(other, "1002"))

    days = await service.days()
    assert len(days) == len(NOTICE)
    assert len({item.changed_by for item in days}) == 1  # one after the other, not mixed
    assert all(service.calendar.is_working_day(item.day) is item.working for item in days)


class Elsewhere:
    """The calendar of another process, which hears of changes by the database only."""

    def __init__(self, database: Database) -> None:
        self.heard = asyncio.Event()
        self.given: list[WorkingCalendar] = []
        self.service = CalendarService(database, BASE, changed=self.given.append)
        self.hub = Hub(database.url, others={CHANNEL: self.refresh})

    async def refresh(self) -> None:
        await self.service.refresh()
        self.heard.set()

    async def until(self, day: date, working: bool) -> None:
        """Wait, not for ever, for a calendar that says so."""
        async with asyncio.timeout(10):
            while self.service.calendar.is_working_day(day) is not working:
                await self.heard.wait()
                self.heard.clear()


@pytest.fixture
async def elsewhere(database: Database, service: CalendarService) -> AsyncIterator[Elsewhere]:
    """Another process that surely listens by now."""
    process = Elsewhere(database)
    process.hub.start()
    async with asyncio.timeout(10):
        while not process.heard.is_set():
            await service.do_set(date(2026, 1, 5), True, "", "1001")
            await asyncio.sleep(0.02)
    yield process
    await process.hub.close()


async def test_a_change_is_known_in_the_other_processes(
    service: CalendarService, elsewhere: Elsewhere
) -> None:
    await service.do_set(MONDAY, False, "", "1001")
    await elsewhere.until(MONDAY, False)
    assert elsewhere.given[-1] == elsewhere.service.calendar

    await service.do_unset(MONDAY, "1001")
    await elsewhere.until(MONDAY, True)
