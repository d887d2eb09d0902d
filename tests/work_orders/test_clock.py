"""The clock of an order: what suspending, extending and redoing do to the promised date, and how it stands."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from hotline.work_orders.deadlines import (
    SHANGHAI,
    BusinessHours,
    Clock,
    WorkingCalendar,
    due_moment,
    extend,
    promised_date,
    remaining_days,
    remaining_words,
    restart,
    resume,
    state,
    suspend,
    warn_moment,
)

CHINA = WorkingCalendar()
HOURS = BusinessHours()

DAYS = st.dates(date(2024, 1, 1), date(2028, 12, 31))
MOMENTS = st.datetimes(
    datetime(2024, 1, 1),
    datetime(2028, 12, 31),
    timezones=st.sampled_from([UTC, SHANGHAI, ZoneInfo("America/New_York")]),
)
LATER = st.timedeltas(timedelta(), timedelta(days=60))
CALENDARS = st.builds(
    WorkingCalendar,
    workdays=st.frozensets(DAYS, max_size=5),
    holidays=st.frozensets(DAYS, max_size=20),
)
#: Clocks that run; the promised date may have become a day off, or be long over.
CLOCKS = DAYS.map(Clock)


def at(text: str) -> datetime:
    """A moment in Shanghai."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def day(text: str) -> date:
    return date.fromisoformat(text)


def after(moment: datetime, pause: timedelta) -> datetime:
    """The moment after a pause, in the same time zone; summer time does not disturb it."""
    return (moment.astimezone(UTC) + pause).astimezone(moment.tzinfo)


def waited(clock: Clock, since: datetime, until: datetime, calendar: WorkingCalendar) -> Clock:
    """The clock after a suspension."""
    return resume(suspend(clock, since), until, calendar)


@pytest.mark.parametrize(
    ("suspended", "resumed", "promised"),
    [
        ("2026-03-03T10:00", "2026-03-03T16:00", "2026-03-06"),  # within a day
        ("2026-03-03T10:00", "2026-03-04T00:00", "2026-03-09"),  # Wednesday has begun
        ("2026-03-03T10:00", "2026-03-05T09:00", "2026-03-10"),
        ("2026-03-06T18:00", "2026-03-08T09:00", "2026-03-06"),  # a weekend only
        ("2026-03-06T18:00", "2026-03-09T09:00", "2026-03-09"),
        ("2026-03-03T10:00", "2026-03-31T10:00", "2026-04-03"),  # four weeks
    ],
)
def test_the_promised_date_moves_by_the_working_days_that_were_waited(
    suspended: str, resumed: str, promised: str
) -> None:
    assert waited(Clock(day("2026-03-06")), at(suspended), at(resumed), CHINA) == Clock(day(promised))


def test_a_suspension_over_national_day_moves_by_working_days_only() -> None:
    # From 9/30 to 10/10 there are three: 10/8, 10/9, and 10/10, a Saturday on which offices work.
    clock = waited(Clock(day("2026-10-08")), at("2026-09-30T10:00"), at("2026-10-10T10:00"), CHINA)

    assert clock.promised == day("2026-10-12")


@given(CALENDARS, CLOCKS, MOMENTS, LATER)
def test_as_many_working_days_are_left_after_a_suspension_as_before(
    calendar: WorkingCalendar, clock: Clock, since: datetime, pause: timedelta
) -> None:
    stopped = suspend(clock, since)
    until = after(since, pause)
    running = resume(stopped, until, calendar)

    left = remaining_days(clock, since, calendar)
    assert remaining_days(stopped, until, calendar) == left
    assert remaining_days(running, until, calendar) == left
    assert running.suspended_since is None
    assert running.promised >= clock.promised


@given(CALENDARS, CLOCKS, MOMENTS, LATER)
def test_suspending_alone_moves_nothing_and_a_moved_date_is_a_working_day(
    calendar: WorkingCalendar, clock: Clock, since: datetime, pause: timedelta
) -> None:
    stopped = suspend(clock, since)
    running = resume(stopped, after(since, pause), calendar)

    assert stopped.promised == clock.promised
    assert running.promised == clock.promised or calendar.is_working_day(running.promised)


@given(CALENDARS, CLOCKS, MOMENTS, LATER, LATER)
def test_two_suspensions_without_a_break_are_one(
    calendar: WorkingCalendar, clock: Clock, since: datetime, first: timedelta, second: timedelta
) -> None:
    middle, until = after(since, first), after(since, first + second)
    twice = waited(waited(clock, since, middle, calendar), middle, until, calendar)

    assert twice == waited(clock, since, until, calendar)


@given(CALENDARS, CLOCKS, MOMENTS, LATER, st.integers(1, 20))
def test_extending_before_in_and_after_a_suspension_is_the_same(
    calendar: WorkingCalendar, clock: Clock, since: datetime, pause: timedelta, days: int
) -> None:
    until = after(since, pause)
    before = waited(extend(clock, days, calendar), since, until, calendar)
    within = resume(extend(suspend(clock, since), days, calendar), until, calendar)
    later = extend(waited(clock, since, until, calendar), days, calendar)

    assert before == within == later
    assert later.promised > clock.promised


@given(CALENDARS, CLOCKS, st.integers(1, 20), st.integers(1, 20))
def test_an_extension_gives_exactly_its_working_days(
    calendar: WorkingCalendar, clock: Clock, first: int, second: int
) -> None:
    extended = extend(clock, first, calendar)

    assert calendar.count(clock.promised, extended.promised) == first
    assert extend(extended, second, calendar) == extend(clock, first + second, calendar)


@given(CALENDARS, CLOCKS, MOMENTS, LATER, st.sampled_from([UTC, SHANGHAI, ZoneInfo("America/New_York")]))
def test_the_time_zone_in_which_a_moment_is_written_changes_nothing(
    calendar: WorkingCalendar, clock: Clock, since: datetime, pause: timedelta, zone: ZoneInfo
) -> None:
    since = since.astimezone(UTC)
    until = after(since, pause)
    other_since, other_until = since.astimezone(zone), until.astimezone(zone)

    assert suspend(clock, since) == suspend(clock, other_since)
    assert waited(clock, since, until, calendar) == waited(clock, other_since, other_until, calendar)
    assert restart(since, 5, calendar) == restart(other_since, 5, calendar)
    assert state(clock, since, calendar, HOURS, 1) == state(clock, other_since, calendar, HOURS, 1)
    words = remaining_words(clock, since, calendar, HOURS)
    assert words == remaining_words(clock, other_since, calendar, HOURS)


def test_the_days_of_a_suspension_are_days_in_shanghai() -> None:
    # 16:00 UTC is midnight in Shanghai: the suspension ends on the day after it began.
    since = datetime(2026, 3, 3, 15, 0, tzinfo=UTC)

    for minutes, promised in ((59, "2026-03-06"), (60, "2026-03-09")):
        clock = waited(Clock(day("2026-03-06")), since, since + timedelta(minutes=minutes), CHINA)
        assert clock.promised == day(promised)


@given(CALENDARS, MOMENTS, st.integers(1, 20))
def test_redoing_begins_as_for_an_order_that_comes_in_now(
    calendar: WorkingCalendar, moment: datetime, days: int
) -> None:
    clock = restart(moment, days, calendar)

    assert clock == Clock(promised_date(moment, days, calendar))
    assert remaining_days(clock, moment, calendar) == days


RUNNING = Clock(day("2026-03-06"))
STOPPED = Clock(day("2026-03-06"), at("2026-03-03T10:00"))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda: suspend(STOPPED, at("2026-03-04T10:00")), "已经在暂停计时"),
        (lambda: resume(RUNNING, at("2026-03-04T10:00"), CHINA), "没有暂停计时"),
        (lambda: resume(STOPPED, at("2026-03-03T09:59"), CHINA), "早于"),
        (lambda: extend(RUNNING, 0, CHINA), "工作日"),
        (lambda: extend(RUNNING, -1, CHINA), "工作日"),
        (lambda: restart(at("2026-03-04T10:00"), 0, CHINA), "工作日"),
        (lambda: suspend(RUNNING, datetime(2026, 3, 4, 10)), "时区"),
        (lambda: warn_moment(RUNNING.promised, CHINA, HOURS, -1), "工作日"),
    ],
)
def test_what_cannot_be_done_is_refused_in_chinese(wrong: Callable[[], object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        wrong()


def test_an_order_is_due_when_offices_close_and_warned_of_when_they_open() -> None:
    due, warn = due_moment(day("2026-10-08"), HOURS), warn_moment(day("2026-10-08"), CHINA, HOURS, 1)

    assert (due, due.utcoffset()) == (at("2026-10-08T17:00"), timedelta())
    assert (warn, warn.utcoffset()) == (at("2026-09-30T09:00"), timedelta())
    assert warn_moment(day("2026-10-08"), CHINA, HOURS, 2) == at("2026-09-29T09:00")
    assert warn_moment(day("2026-10-08"), CHINA, HOURS, 0) == at("2026-10-08T09:00")


@pytest.mark.parametrize(
    ("moment", "stands", "words"),
    [
        ("2026-03-03T20:00", "正常", "还剩 3 个工作日"),
        ("2026-03-05T08:59", "正常", "还剩 1 个工作日"),
        ("2026-03-05T09:00", "临期", "还剩 1 个工作日"),
        ("2026-03-06T00:00", "临期", "今天到期"),
        ("2026-03-06T16:59", "临期", "今天到期"),
        ("2026-03-06T17:00", "逾期", "已超期，不到 1 个工作日"),
        ("2026-03-08T12:00", "逾期", "已超期，不到 1 个工作日"),  # a Sunday
        ("2026-03-09T00:30", "逾期", "已超期 1 个工作日"),
        ("2026-03-13T12:00", "逾期", "已超期 5 个工作日"),
    ],
)
def test_how_an_order_promised_for_a_friday_stands(moment: str, stands: str, words: str) -> None:
    assert state(RUNNING, at(moment), CHINA, HOURS, 1) == stands
    assert remaining_words(RUNNING, at(moment), CHINA, HOURS) == words


def test_while_something_is_asked_of_the_citizen_the_order_is_neither_near_nor_late() -> None:
    long_after = at("2026-05-06T10:00")

    assert state(STOPPED, long_after, CHINA, HOURS, 1) == "暂停"
    assert remaining_words(STOPPED, long_after, CHINA, HOURS) == "等市民补充，暂停计时"
    assert remaining_words(STOPPED, long_after, CHINA, HOURS, to_citizen=True) == "等您补充，暂停计时"
    assert remaining_days(STOPPED, long_after, CHINA) == 3


def test_a_promised_day_that_became_a_day_off_still_has_words() -> None:
    # Only a recorded action moves the date.
    calendar = WorkingCalendar(holidays={day("2026-03-06")})

    assert remaining_words(RUNNING, at("2026-03-05T10:00"), calendar, HOURS) == "还剩不到 1 个工作日"
    assert remaining_words(RUNNING, at("2026-03-06T10:00"), calendar, HOURS) == "今天到期"


@given(CALENDARS, CLOCKS, MOMENTS, LATER, st.integers(0, 5))
def test_time_alone_leads_from_normal_to_near_to_late_and_never_back(
    calendar: WorkingCalendar, clock: Clock, moment: datetime, later: timedelta, warn_days: int
) -> None:
    order = ["正常", "临期", "逾期"]
    first = state(clock, moment, calendar, HOURS, warn_days)
    second = state(clock, after(moment, later), calendar, HOURS, warn_days)

    assert order.index(first) <= order.index(second)
    assert (first == "逾期") == remaining_words(clock, moment, calendar, HOURS).startswith("已超期")


@given(CALENDARS, MOMENTS, LATER, st.integers(1, 20))
def test_an_order_that_had_a_day_left_is_not_late_right_after_a_suspension(
    calendar: WorkingCalendar, since: datetime, pause: timedelta, days: int
) -> None:
    clock = restart(since, days, calendar)
    until = after(since, pause)
    assume(state(clock, since, calendar, HOURS, 1) != "逾期")

    assert state(waited(clock, since, until, calendar), until, calendar, HOURS, 1) != "逾期"
