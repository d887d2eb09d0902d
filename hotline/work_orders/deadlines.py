"""Working days (工作日) with 调休, office hours, and the clock of an order. Pure: no time of its own, no database."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, Literal
from zoneinfo import ZoneInfo

import chinese_calendar

SHANGHAI = ZoneInfo("Asia/Shanghai")

#: Days off that fall on the same date every year (month, day): 《全国年节及纪念日放假办法》, as in force from 2025.
_FIXED_HOLIDAYS = frozenset({(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)})
#: Days off in a year by the same law. Those on a weekend are made up for, so that a year's notice takes at least so
#: many days from Monday to Friday off (18 in 2025, 19 in 2026).
_DAYS_OFF_A_YEAR = 13
_MOST_HOURS = 10_000

State = Literal["正常", "临期", "逾期", "暂停"]


def _checked(working_days: int) -> int:
    if working_days < 1:
        raise ValueError("工作日数至少是 1")
    return working_days


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("时间要带时区")
    return moment.astimezone(UTC)


def _day(moment: datetime) -> date:
    """The day in Shanghai."""
    return _utc(moment).astimezone(SHANGHAI).date()


@lru_cache(maxsize=4096)
def _national(day: date) -> bool | None:
    """Whether the State Council has offices work on ``day``; None when the package does not know that year."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return None


@dataclass(frozen=True)
class WorkingCalendar:
    """Which days are working days: the city's own lists first, then the State Council's announced holidays.

    For a year that is not announced yet, Monday to Friday count, but for the holidays of fixed date;
    :meth:`announced` tells.
    """

    workdays: Collection[date] = field(default_factory=frozenset)
    holidays: Collection[date] = field(default_factory=frozenset)

    def overlaid(self, *, workdays: Iterable[date], holidays: Iterable[date]) -> WorkingCalendar:
        """The same calendar with other days set on top of its own lists."""
        on, off = frozenset(workdays), frozenset(holidays)
        return WorkingCalendar(
            workdays=(frozenset(self.workdays) - off) | on,
            holidays=(frozenset(self.holidays) - on) | off,
        )

    def announced(self, day: date) -> bool:
        """Whether the holidays of this day's year are known: from the package, or as a whole in the own lists."""
        if _national(day) is not None:
            return True
        own = {each for each in self.holidays if each.year == day.year and each.weekday() < 5}
        return len(own) >= _DAYS_OFF_A_YEAR

    def is_working_day(self, day: date) -> bool:
        """Whether offices work on ``day``."""
        if day in self.workdays:
            return True
        if day in self.holidays:
            return False
        national = _national(day)
        if national is not None:
            return national
        return day.weekday() < 5 and (day.month, day.day) not in _FIXED_HOLIDAYS

    def add(self, day: date, working_days: int) -> date:
        """The ``working_days``-th working day after ``day``; ``day`` itself does not count.

        Raises:
            ValueError: ``working_days`` is less than 1.
        """
        return self._step(day, working_days, timedelta(days=1))

    def before(self, day: date, working_days: int) -> date:
        """The ``working_days``-th working day before ``day``; ``day`` itself does not count.

        Raises:
            ValueError: ``working_days`` is less than 1.
        """
        return self._step(day, working_days, timedelta(days=-1))

    def _step(self, day: date, working_days: int, step: timedelta) -> date:
        left = _checked(working_days)
        while left:
            day += step
            left -= self.is_working_day(day)
        return day

    def count(self, after: date, until: date) -> int:
        """How many working days there are after ``after``, ``until`` included; negative when it is earlier."""
        if until < after:
            return -self.count(until, after)
        days = (after + timedelta(days=n) for n in range(1, (until - after).days + 1))
        return sum(self.is_working_day(day) for day in days)


def unannounced_years(start: date, end: date, calendar: WorkingCalendar) -> list[int]:
    """The years from ``start`` to ``end`` whose holidays are not announced."""
    return [year for year in range(start.year, end.year + 1) if not calendar.announced(date(year, 1, 1))]


def unannounced_warning(years: Sequence[int]) -> str:
    """What is shown beside dates in such years; empty when there are none."""
    if not years:
        return ""
    named = "、".join(str(year) for year in years)
    return (
        f"{named} 年的放假安排还没有公布，或者公布了还没有录入，日期按周一至周五和固定节日先算，公布后请更新"
    )


def promised_date(taken: datetime, working_days: int, calendar: WorkingCalendar) -> date:
    """The day by which an order taken at ``taken`` (any time zone) is promised an answer, in Asia/Shanghai."""
    return calendar.add(_day(taken), working_days)


@dataclass(frozen=True)
class BusinessHours:
    """The hours (Asia/Shanghai) at which offices are open on a working day. The hotline itself never closes.

    A period has its begin and not its end. All moments that come back are in UTC.
    """

    periods: tuple[tuple[time, time], ...] = ((time(9), time(12)), (time(13), time(17)))

    def __post_init__(self) -> None:
        if not self.periods:
            raise ValueError("至少要写一段上班时间")
        moments = [moment for period in self.periods for moment in period]
        if any(moment.tzinfo for moment in moments):
            raise ValueError("上班时间不要写时区")
        # A break may be left out: 12:00 to 12:00.
        if any(end <= begin for begin, end in self.periods) or moments != sorted(moments):
            raise ValueError("上班时间要从早到晚写，不能重叠，也不能过零点")

    @classmethod
    def parse(cls, periods: Any) -> BusinessHours:
        """Make it of what business_hours.yml holds: ``[{from: "09:00", to: "12:00"}, …]``.

        Raises:
            ValueError: in Chinese, what is wrong.
        """
        if not isinstance(periods, list) or not all(isinstance(item, dict) for item in periods):
            raise ValueError('上班时间要写成 {from: "09:00", to: "12:00"} 这样的几行')
        return cls(tuple((_clock_time(item.get("from")), _clock_time(item.get("to"))) for item in periods))

    def opens(self, day: date) -> datetime:
        """The begin of office hours on ``day``, whatever day it is."""
        return _moment(day, self.periods[0][0])

    def closes(self, day: date) -> datetime:
        """The end of office hours on ``day``, whatever day it is."""
        return _moment(day, self.periods[-1][1])

    def open_at(self, moment: datetime, calendar: WorkingCalendar) -> bool:
        """Whether offices are open."""
        return self.next_open(moment, calendar) == moment

    def next_open(self, moment: datetime, calendar: WorkingCalendar) -> datetime:
        """``moment`` itself when offices are open, else when they open next."""
        return next(self._stretches(moment, calendar))[0]

    def span(self, start: datetime, end: datetime, calendar: WorkingCalendar) -> timedelta:
        """How long offices are open between two moments.

        Raises:
            ValueError: ``end`` is before ``start``.
        """
        if end < start:
            raise ValueError("结束时间早于开始时间")
        total = timedelta()
        for begin, close in self._stretches(start, calendar):
            if begin >= end:
                break
            total += min(close, end) - begin
        return total

    def add(self, moment: datetime, hours: float, calendar: WorkingCalendar) -> datetime:
        """The first moment at which offices have been open for ``hours`` since ``moment``.

        Raises:
            ValueError: ``hours`` is negative or absurd.
        """
        if not 0 <= hours <= _MOST_HOURS:
            raise ValueError(f"小时数要在 0 到 {_MOST_HOURS} 之间")
        left = timedelta(hours=hours)
        if not left:
            return _utc(moment)
        for begin, close in self._stretches(moment, calendar):
            if left <= close - begin:
                return begin + left
            left -= close - begin
        raise AssertionError("offices open again and again")

    def _stretches(self, moment: datetime, calendar: WorkingCalendar) -> Iterator[tuple[datetime, datetime]]:
        """When offices are open from ``moment`` on."""
        moment, day = _utc(moment), _day(moment)
        while True:
            for begin, end in self.periods if calendar.is_working_day(day) else ():
                close = _moment(day, end)
                if close > moment:
                    yield max(_moment(day, begin), moment), close
            day += timedelta(days=1)


def _moment(day: date, at: time) -> datetime:
    return datetime.combine(day, at, SHANGHAI).astimezone(UTC)


def _clock_time(value: Any) -> time:
    if (
        isinstance(value, int) and 0 <= value < 24 * 60
    ):  # YAML reads 13:00 without quotes as a number of minutes
        return time(*divmod(value, 60))
    try:
        return datetime.strptime(value, "%H:%M").time()
    except (TypeError, ValueError):
        raise ValueError(f'时间要写成 "09:00" 这样，不能是 {value!r}') from None


@dataclass(frozen=True)
class Clock:
    """The clock of one order: the promised date, and since when it stands still.

    The date changes by :func:`resume`, :func:`extend` and :func:`restart` only, each of which stands for a recorded
    action; the first two never move it back.
    """

    promised: date
    suspended_since: datetime | None = None


def suspend(clock: Clock, at: datetime) -> Clock:
    """Let the clock stand still (挂起).

    Raises:
        ValueError: it stands still already.
    """
    if clock.suspended_since is not None:
        raise ValueError("已经在暂停计时，不能再暂停")
    return replace(clock, suspended_since=_utc(at))


def resume(clock: Clock, at: datetime, calendar: WorkingCalendar) -> Clock:
    """Let the clock run on (恢复): as many working days are left as were when it was suspended.

    The promised date moves by the working days ``d`` with ``suspended.date() < d <= resumed.date()`` (Asia/Shanghai):
    a suspension that ends on the day it began moves nothing.

    Raises:
        ValueError: the clock runs, or ``at`` is before the suspension.
    """
    if clock.suspended_since is None:
        raise ValueError("没有暂停计时，不用恢复")
    if at < clock.suspended_since:
        raise ValueError("恢复的时间早于暂停的时间")
    waited = calendar.count(_day(clock.suspended_since), _day(at))
    return Clock(promised=calendar.add(clock.promised, waited) if waited else clock.promised)


def extend(clock: Clock, days: int, calendar: WorkingCalendar) -> Clock:
    """Move the promised date by ``days`` working days (延期), whether the clock runs or not.

    Raises:
        ValueError: ``days`` is less than 1.
    """
    return replace(clock, promised=calendar.add(clock.promised, days))


def restart(at: datetime, days: int, calendar: WorkingCalendar) -> Clock:
    """A fresh clock (重办), as for an order that comes in at ``at``.

    Raises:
        ValueError: ``days`` is less than 1.
    """
    return Clock(promised=promised_date(at, days, calendar))


def due_moment(promised: date, hours: BusinessHours) -> datetime:
    """When the promise is broken: the end of office hours on that day, in UTC."""
    return hours.closes(promised)


def warn_moment(promised: date, calendar: WorkingCalendar, hours: BusinessHours, days: int) -> datetime:
    """When an order becomes 临期: the begin of office hours ``days`` working days before, in UTC; 0: on the day itself.

    Raises:
        ValueError: ``days`` is negative.
    """
    return hours.opens(calendar.before(promised, days) if days else promised)


def state(
    clock: Clock, now: datetime, calendar: WorkingCalendar, hours: BusinessHours, warn_days: int
) -> State:
    """How an unanswered order stands with its promised date."""
    if clock.suspended_since is not None:
        return "暂停"
    if now >= due_moment(clock.promised, hours):
        return "逾期"
    if now >= warn_moment(clock.promised, calendar, hours, warn_days):
        return "临期"
    return "正常"


def remaining_days(clock: Clock, now: datetime, calendar: WorkingCalendar) -> int:
    """The working days left, today not counted; negative when the promised date is over.

    While the clock stands still, those left when it was suspended.
    """
    return calendar.count(_day(clock.suspended_since or now), clock.promised)


def remaining_words(
    clock: Clock,
    now: datetime,
    calendar: WorkingCalendar,
    hours: BusinessHours,
    *,
    to_citizen: bool = False,
) -> str:
    """What is left, in a few words for who handles the order, or for the citizen."""
    if clock.suspended_since is not None:
        return f"等{'您' if to_citizen else '市民'}补充，暂停计时"
    left = remaining_days(clock, now, calendar)
    if now >= due_moment(clock.promised, hours):
        return f"已超期 {-left} 个工作日" if left else "已超期，不到 1 个工作日"
    if _day(now) == clock.promised:
        return "今天到期"
    # Only when the promised day has become a day off since.
    return f"还剩 {left} 个工作日" if left else "还剩不到 1 个工作日"
