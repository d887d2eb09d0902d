"""Working days with 调休, office hours, and the date that is promised."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.city import City
from hotline.settings import ROOT
from hotline.work_orders.deadlines import (
    SHANGHAI,
    BusinessHours,
    WorkingCalendar,
    promised_date,
    unannounced_warning,
    unannounced_years,
)

CHINA = WorkingCalendar()
HOURS = BusinessHours()
#: From before the announced years to after them.
DAYS = st.dates(date(2003, 1, 1), date(2031, 12, 31))
#: Calendars with some days of their own.
CALENDARS = st.builds(
    WorkingCalendar,
    workdays=st.frozensets(DAYS, max_size=5),
    holidays=st.frozensets(DAYS, max_size=20),
)
#: Moments within the announced years, to the minute.
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2026, 11, 30)).map(
    lambda moment: moment.replace(second=0, microsecond=0, tzinfo=SHANGHAI)
)
#: Hours, a whole number of minutes.
SPANS = st.integers(0, 60 * 60).map(lambda minutes: minutes / 60)


def at(text: str) -> datetime:
    """A moment in Shanghai."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


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


@given(CALENDARS, DAYS, st.integers(1, 30))
def test_going_back_comes_to_the_day_from_which_so_many_working_days_are_ahead(
    calendar: WorkingCalendar, day: date, working_days: int
) -> None:
    earlier = calendar.before(day, working_days)

    assert calendar.is_working_day(earlier)
    assert calendar.count(earlier, day) == working_days - (not calendar.is_working_day(day))


@given(CALENDARS, DAYS, st.integers(-40, 40), st.integers(-40, 40))
def test_counts_of_working_days_add_up_in_both_directions(
    calendar: WorkingCalendar, day: date, first: int, second: int
) -> None:
    middle, end = day + timedelta(days=first), day + timedelta(days=first + second)

    assert calendar.count(day, middle) + calendar.count(middle, end) == calendar.count(day, end)
    assert calendar.count(middle, day) == -calendar.count(day, middle)


@given(CALENDARS, st.frozensets(DAYS, max_size=9), st.frozensets(DAYS, max_size=9), DAYS)
def test_days_laid_over_a_calendar_win_and_leave_all_others(
    calendar: WorkingCalendar, on: frozenset[date], off: frozenset[date], other: date
) -> None:
    off -= on
    over = calendar.overlaid(workdays=on, holidays=off)

    assert all(over.is_working_day(day) for day in on)
    assert not any(over.is_working_day(day) for day in off)
    if other not in on | off:
        assert over.is_working_day(other) is calendar.is_working_day(other)


def test_a_year_that_is_not_announced_is_named_beside_its_dates() -> None:
    years = unannounced_years(date(2025, 11, 25), date(2100, 1, 1), CHINA)

    assert years[-1] == 2100
    assert not {2025, 2026} & set(years)
    assert unannounced_warning([]) == ""
    assert unannounced_warning([2099, 2100]).startswith("2099、2100 年的放假安排还没有公布")
    assert "公布后请更新" in unannounced_warning([2099])


def test_a_year_counts_as_announced_when_its_whole_notice_is_in_the_citys_own_list() -> None:
    national_day = {date(2099, 10, day) for day in (1, 2, 5, 6, 7)}
    spring = {date(2099, 1, day) for day in (1, 21, 22, 23, 26, 27)}
    rest = {date(2099, 4, 6), date(2099, 5, 1), date(2099, 6, 22)}
    some, all_days = (
        WorkingCalendar(holidays=national_day),
        WorkingCalendar(holidays=national_day | spring | rest),
    )

    assert unannounced_years(date(2099, 1, 1), date(2099, 12, 31), some) == [2099]
    assert unannounced_years(date(2099, 1, 1), date(2099, 12, 31), all_days) == []


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-03-02T08:59", False),
        ("2026-03-02T09:00", True),
        ("2026-03-02T11:59", True),
        ("2026-03-02T12:00", False),
        ("2026-03-02T13:00", True),
        ("2026-03-02T17:00", False),
        ("2026-10-01T10:00", False),  # a holiday
        ("2026-10-10T10:00", True),  # 调休
    ],
)
def test_offices_are_open_in_their_hours_on_working_days(moment: str, is_open: bool) -> None:
    assert HOURS.open_at(at(moment), CHINA) is is_open
    assert HOURS.open_at(at(moment).astimezone(UTC), CHINA) is is_open


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        ("2026-03-02T10:30", "2026-03-02T10:30"),
        ("2026-03-02T12:30", "2026-03-02T13:00"),
        ("2026-03-06T17:00", "2026-03-09T09:00"),  # over the weekend
        ("2026-09-30T18:00", "2026-10-08T09:00"),  # over National Day
    ],
)
def test_who_comes_outside_the_hours_is_told_when_offices_open(moment: str, opens: str) -> None:
    assert HOURS.next_open(at(moment), CHINA) == at(opens)


@pytest.mark.parametrize(
    ("moment", "hours", "then"),
    [
        ("2026-03-02T09:00", 3, "2026-03-02T12:00"),
        ("2026-03-02T10:00", 4, "2026-03-02T15:00"),  # the break does not count
        ("2026-03-02T16:00", 4, "2026-03-03T12:00"),
        ("2026-03-02T20:00", 7, "2026-03-03T17:00"),
        ("2026-09-30T16:30", 1, "2026-10-08T09:30"),
        ("2026-03-02T12:30", 0, "2026-03-02T12:30"),
    ],
)
def test_hours_are_hours_in_which_offices_are_open(moment: str, hours: float, then: str) -> None:
    assert HOURS.add(at(moment), hours, CHINA) == at(then)
    assert HOURS.add(at(moment), hours, CHINA).utcoffset() == timedelta()


@given(MOMENTS, SPANS, SPANS)
def test_hours_added_are_the_hours_between(moment: datetime, first: float, second: float) -> None:
    then = HOURS.add(moment, first, CHINA)

    assert then >= moment
    assert HOURS.span(moment, then, CHINA) == timedelta(hours=first)
    assert HOURS.add(then, second, CHINA) >= then
    both = timedelta(hours=first) + timedelta(hours=second)
    assert HOURS.span(moment, HOURS.add(then, second, CHINA), CHINA) == both
    if first:  # the first such moment
        assert HOURS.span(moment, then - timedelta(minutes=1), CHINA) < timedelta(hours=first)


@given(
    MOMENTS, st.timedeltas(timedelta(), timedelta(days=30)), st.timedeltas(timedelta(), timedelta(days=30))
)
def test_the_time_between_adds_up_and_is_never_more_than_by_the_clock(
    moment: datetime, first: timedelta, second: timedelta
) -> None:
    middle, end = moment + first, moment + first + second
    parts = HOURS.span(moment, middle, CHINA) + HOURS.span(middle, end, CHINA)

    assert parts == HOURS.span(moment, end, CHINA)
    assert timedelta() <= parts <= first + second


@given(MOMENTS)
def test_when_offices_open_next_they_are_open_and_were_not_in_between(moment: datetime) -> None:
    opens = HOURS.next_open(moment, CHINA)

    assert HOURS.open_at(opens, CHINA)
    assert HOURS.span(moment, opens, CHINA) == timedelta()


@pytest.mark.parametrize(
    "wrong",
    [
        (),
        ((time(12), time(9)),),
        ((time(9), time(9)),),
        ((time(13), time(17)), (time(9), time(12))),
        ((time(9), time(13)), (time(12), time(17))),
    ],
)
def test_hours_that_cannot_be_are_refused(wrong: tuple[tuple[time, time], ...]) -> None:
    with pytest.raises(ValueError, match="上班时间"):
        BusinessHours(wrong)


def test_moments_without_a_time_zone_and_impossible_spans_are_refused() -> None:
    with pytest.raises(ValueError, match="时区"):
        HOURS.next_open(datetime(2026, 3, 2, 9), CHINA)
    with pytest.raises(ValueError, match="时区"):
        promised_date(datetime(2026, 3, 2, 9), 1, CHINA)
    with pytest.raises(ValueError, match="早于"):
        HOURS.span(at("2026-03-03T09:00"), at("2026-03-02T09:00"), CHINA)
    for hours in (-1, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="小时数"):
            HOURS.add(at("2026-03-02T09:00"), hours, CHINA)


def test_office_hours_may_be_written_with_or_without_quotes() -> None:
    # YAML reads 13:00 without quotes as the number 780, and 09:00 as a text.
    written = [{"from": "09:00", "to": 720}, {"from": 780, "to": 1020}]

    assert BusinessHours.parse(written) == HOURS


def test_every_city_has_office_hours_and_a_wrong_file_is_named(tmp_path: Path) -> None:
    assert City.load(ROOT / "data" / "city" / "zhuzhou").business_hours.periods

    (tmp_path / "hotline.yml").write_text("{city: 甲, name: 甲市12345热线}", encoding="utf-8")
    (tmp_path / "deadlines.yml").write_text("deadlines: []", encoding="utf-8")
    (tmp_path / "holidays.yml").write_text("{workdays: [], holidays: []}", encoding="utf-8")
    assert City.load(tmp_path).business_hours == HOURS

    for wrong in ("", "periods: 九点", "periods: [{from: 早上, to: '12:00'}]", "periods: [{from: '09:00'}]"):
        (tmp_path / "business_hours.yml").write_text(wrong, encoding="utf-8")
        with pytest.raises(ValueError, match=r"business_hours\.yml：[^a-zA-Z]"):
            City.load(tmp_path)
