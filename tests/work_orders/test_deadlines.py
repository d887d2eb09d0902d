"""Working days with 调休, and the date that is promised."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.work_orders.deadlines import SHANGHAI, WorkingCalendar, promised_date

CHINA = WorkingCalendar()
#: From before the announced years to after them.
DAYS = st.dates(date(2003, 1, 1), date(2031, 12, 31))
#: Calendars with some days of their own.
CALENDARS = st.builds(
    WorkingCalendar,
    workdays=st.frozensets(DAYS, max_size=5),
    holidays=st.frozensets(DAYS, max_size=20),
)


@pytest.mark.parametrize(
    ("day", "working"),
    [
        (date(2026, 9, 30), True),  # the Wednesday before National Day
        (date(2026, 10, 1), False),
        (date(2026, 10, 7), False),
        (date(2026, 10, 8), True),
        (date(2026, 10, 10), True),  # 调休: a Saturday on which offices work
        (date(2026, 10, 11), False),
        (date(2026, 9, 20), True),  # 调休: a Sunday
        (date(2026, 2, 17), False),  # 春节
        (date(2026, 2, 14), True),  # 调休: a Saturday
        (date(2025, 1, 26), True),  # 调休: a Sunday
        (date(2025, 10, 8), False),  # eight days off in 2025
    ],
)
def test_offices_work_when_the_state_council_says(day: date, working: bool) -> None:
    assert CHINA.is_working_day(day) is working


@pytest.mark.parametrize(
    ("day", "working_days", "promised"),
    [
        (date(2026, 9, 30), 1, date(2026, 10, 8)),
        (date(2026, 9, 30), 2, date(2026, 10, 9)),
        (date(2026, 9, 30), 3, date(2026, 10, 10)),  # the working Saturday counts
        (date(2026, 9, 30), 5, date(2026, 10, 13)),
        (date(2026, 10, 3), 1, date(2026, 10, 8)),  # taken on a holiday
        (date(2026, 9, 18), 1, date(2026, 9, 20)),  # a Friday, and the working Sunday after it
        (date(2026, 3, 2), 5, date(2026, 3, 9)),  # an ordinary week
    ],
)
def test_an_order_is_promised_by_working_days(day: date, working_days: int, promised: date) -> None:
    assert CHINA.add(day, working_days) == promised


def test_a_year_that_is_not_announced_falls_back_to_weekdays_and_fixed_holidays() -> None:
    assert CHINA.announced(date(2026, 10, 1))
    assert not CHINA.announced(date(2099, 10, 1))
    assert [CHINA.is_working_day(date(2099, 9, 28) + timedelta(days=n)) for n in range(7)] == (
        [True] * 3 + [False] * 4
    )
    assert CHINA.add(date(2099, 9, 30), 5) == date(2099, 10, 9)


def test_the_citys_own_days_come_first() -> None:
    city = WorkingCalendar(workdays={date(2026, 10, 3)}, holidays={date(2026, 10, 8), date(2099, 10, 1)})

    assert city.add(date(2026, 9, 30), 1) == date(2026, 10, 3)
    assert city.add(date(2026, 9, 30), 2) == date(2026, 10, 9)
    assert not city.is_working_day(date(2099, 10, 1))


@pytest.mark.parametrize(
    ("taken", "promised"),
    [
        # 15:59 UTC is 23:59 in Shanghai; a minute later it is the next day there.
        (datetime(2026, 3, 2, 15, 59, tzinfo=UTC), date(2026, 3, 3)),
        (datetime(2026, 3, 2, 16, 0, tzinfo=UTC), date(2026, 3, 4)),
        (datetime(2026, 3, 2, 23, 59, tzinfo=SHANGHAI), date(2026, 3, 3)),
    ],
)
def test_the_day_an_order_is_taken_is_the_day_in_shanghai(taken: datetime, promised: date) -> None:
    assert promised_date(taken, 1, CHINA) == promised


@pytest.mark.parametrize("working_days", [0, -1])
def test_no_order_is_promised_for_the_day_it_is_taken(working_days: int) -> None:
    with pytest.raises(ValueError, match="工作日"):
        CHINA.add(date(2026, 3, 2), working_days)


@given(CALENDARS, DAYS, st.integers(1, 30))
def test_a_promised_date_is_a_working_day_with_exactly_so_many_between(
    calendar: WorkingCalendar, day: date, working_days: int
) -> None:
    promised = calendar.add(day, working_days)

    assert calendar.is_working_day(promised)
    after = (day + timedelta(days=n) for n in range(1, (promised - day).days + 1))
    assert sum(calendar.is_working_day(each) for each in after) == working_days


@given(CALENDARS, DAYS, st.integers(0, 40), st.integers(1, 20), st.integers(0, 10))
def test_who_comes_later_or_gets_more_days_is_never_promised_earlier(
    calendar: WorkingCalendar, day: date, later: int, working_days: int, more: int
) -> None:
    promised = calendar.add(day, working_days)

    assert calendar.add(day + timedelta(days=later), working_days) >= promised
    assert calendar.add(day, working_days + more) >= promised
    assert (calendar.add(day, working_days + more) > promised) is (more > 0)


@given(CALENDARS, DAYS, st.integers(1, 15), st.integers(1, 15))
def test_days_may_be_added_in_two_steps(
    calendar: WorkingCalendar, day: date, first: int, second: int
) -> None:
    assert calendar.add(calendar.add(day, first), second) == calendar.add(day, first + second)
