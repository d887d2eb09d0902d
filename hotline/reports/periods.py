"""The days a report is about, in Asia/Shanghai, and those it is compared with. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, get_args

from hotline.work_orders.deadlines import SHANGHAI

Kind = Literal["day", "week", "month", "quarter", "year", "range"]
Step = Literal["hour", "day", "week", "month"]
KINDS: tuple[Kind, ...] = get_args(Kind)
#: Days of the longest range.
MOST_DAYS = 1100
_FIRST, _LAST = date(2000, 1, 1), date(2099, 12, 31)
_HALF_A_MONTH, _HALF_A_YEAR = 31, 200


class BadPeriod(ValueError):
    """There is no such period; the message is Chinese."""


@dataclass(frozen=True)
class Stretch:
    """One step of a period: its days within the period, and the begin (in Shanghai, without a zone) it is counted by."""

    label: str
    begin: datetime
    since: date
    until: date


@dataclass(frozen=True)
class Period:
    """From ``since`` to ``until``, both included."""

    kind: Kind
    since: date
    until: date

    @classmethod
    def of(cls, kind: Kind, day: date) -> Period:
        """The day, the week from Monday to Sunday, the month … in which ``day`` lies.

        Raises:
            BadPeriod: the day is out of bounds.
        """
        _check_bounds(day)
        return cls._around(kind, day)

    @classmethod
    def _around(cls, kind: Kind, day: date) -> Period:
        """The same of any day: what is compared with may lie outside the bounds."""
        if kind == "week":
            monday = day - timedelta(days=day.weekday())
            return cls(kind, monday, monday + timedelta(days=6))
        if kind in ("day", "range"):
            return cls(kind, day, day)
        months = {"month": 1, "quarter": 3, "year": 12}[kind]
        first = date(day.year, (day.month - 1) // months * months + 1, 1)
        return cls(kind, first, _months_on(first, months) - timedelta(days=1))

    @classmethod
    def between(cls, since: date, until: date) -> Period:
        """Any days.

        Raises:
            BadPeriod: they are the wrong way round, too many, or out of bounds.
        """
        _check_bounds(since)
        _check_bounds(until)
        if until < since:
            raise BadPeriod("结束日期早于开始日期，请重新选。")
        if (until - since).days >= MOST_DAYS:
            raise BadPeriod(f"一次最多看 {MOST_DAYS} 天，请把日期选短一些。")
        return cls("range", since, until)

    @property
    def days(self) -> int:
        """How many."""
        return (self.until - self.since).days + 1

    @property
    def bounds(self) -> tuple[datetime, datetime]:
        """From when, and until when (not included), in UTC."""
        return midnight(self.since), midnight(self.until + timedelta(days=1))

    @property
    def step(self) -> Step:
        """How finely it is drawn."""
        if self.days == 1:
            return "hour"
        if self.days <= _HALF_A_MONTH * 2:
            return "day"
        return "week" if self.days <= _HALF_A_YEAR else "month"

    def steps(self) -> list[Stretch]:
        """Its steps, in their order."""
        if self.step == "hour":
            at = datetime.combine(self.since, time())
            return [Stretch(f"{n}时", at.replace(hour=n), self.since, self.since) for n in range(24)]
        found = []
        day = self.since
        while day <= self.until:
            begin, last = self._step_of(day)
            label = f"{day.month}月" if self.step == "month" else f"{day.month}/{day.day}"
            last = min(last, self.until)
            found.append(Stretch(label, datetime.combine(begin, time()), day, last))
            day = last + timedelta(days=1)
        return found

    def _step_of(self, day: date) -> tuple[date, date]:
        if self.step == "week":
            monday = day - timedelta(days=day.weekday())
            return monday, monday + timedelta(days=6)
        if self.step == "month":
            return day.replace(day=1), _months_on(day.replace(day=1), 1) - timedelta(days=1)
        return day, day

    def so_far(self, today: date) -> Period:
        """As much of it as is over or goes on; a period yet to come is left as it is."""
        return Period(self.kind, self.since, min(self.until, today)) if self.since <= today else self

    def before(self, today: date) -> Period:
        """The one before (环比); of a period that goes on, as many days of it from its begin."""
        if self.kind in ("day", "week", "range"):
            back = timedelta(days=7 if self.kind == "week" else self.days)
            whole = Period(self.kind, self.since - back, self.until - back)
        else:
            whole = Period._around(self.kind, self.since - timedelta(days=1))
        return self._as_far(whole, today)

    def year_before(self, today: date) -> Period:
        """The same a year before (同比); of a period that goes on, as many days of it from its begin."""
        if self.kind in ("month", "quarter", "year"):
            whole = Period._around(self.kind, _a_year_back(self.since))
        elif self.kind == "week":  # the same days of the week
            whole = Period(self.kind, self.since - timedelta(weeks=52), self.until - timedelta(weeks=52))
        else:
            whole = Period(self.kind, _a_year_back(self.since), _a_year_back(self.until))
        return self._as_far(whole, today)

    def _as_far(self, whole: Period, today: date) -> Period:
        if not self.since <= today < self.until:
            return whole
        return Period(self.kind, whole.since, min(whole.until, whole.since + (today - self.since)))

    @property
    def words(self) -> str:
        """``2026年11月``, ``2026年第4季度``; of a part of it, and of weeks, ``2026年11月23日至11月29日``."""
        whole = self.kind != "range" and Period._around(self.kind, self.since) == self
        if whole and self.kind == "year":
            return f"{self.since.year}年"
        if whole and self.kind == "quarter":
            return f"{self.since.year}年第{(self.since.month + 2) // 3}季度"
        if whole and self.kind == "month":
            return f"{self.since.year}年{self.since.month}月"
        first = f"{self.since.year}年{self.since.month}月{self.since.day}日"
        if self.days == 1:
            return first
        year = "" if self.until.year == self.since.year else f"{self.until.year}年"
        return f"{first}至{year}{self.until.month}月{self.until.day}日"


def midnight(day: date) -> datetime:
    """When the day begins in Shanghai, in UTC."""
    return datetime.combine(day, time(), SHANGHAI).astimezone(UTC)


def local_day(moment: datetime) -> date:
    """The day in Shanghai."""
    return moment.astimezone(SHANGHAI).date()


def _check_bounds(day: date) -> None:
    if not _FIRST <= day <= _LAST:
        raise BadPeriod(f"日期要在 {_FIRST.year} 年到 {_LAST.year} 年之间。")


def _months_on(first: date, months: int) -> date:
    years, month = divmod(first.month - 1 + months, 12)
    return date(first.year + years, month + 1, 1)


def _a_year_back(day: date) -> date:
    """The same day a year ago; of 29 February the 28th."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)
