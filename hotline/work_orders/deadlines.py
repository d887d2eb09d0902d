"""Working days (工作日) with 调休, and the promised date. Pure: no clock, no database."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import chinese_calendar

SHANGHAI = ZoneInfo("Asia/Shanghai")

#: Days off that fall on the same date every year (month, day): 《全国年节及纪念日放假办法》, as in force from 2025.
_FIXED_HOLIDAYS = frozenset({(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)})


@dataclass(frozen=True)
class WorkingCalendar:
    """Which days are working days: the city's own lists first, then the State Council's announced holidays.

    For a year that is not announced yet, Monday to Friday count, but for the holidays of fixed date;
    :meth:`announced` tells.
    """

    workdays: Collection[date] = field(default_factory=frozenset)
    holidays: Collection[date] = field(default_factory=frozenset)

    def announced(self, day: date) -> bool:
        """Whether the holidays of this day's year are known."""
        try:
            chinese_calendar.is_workday(day)
        except NotImplementedError:
            return False
        return True

    def is_working_day(self, day: date) -> bool:
        """Whether offices work on ``day``."""
        if day in self.workdays:
            return True
        if day in self.holidays:
            return False
        try:
            return bool(chinese_calendar.is_workday(day))
        except NotImplementedError:
            return day.weekday() < 5 and (day.month, day.day) not in _FIXED_HOLIDAYS

    def add(self, day: date, working_days: int) -> date:
        """The ``working_days``-th working day after ``day``; ``day`` itself does not count.

        Raises:
            ValueError: ``working_days`` is less than 1.
        """
        if working_days < 1:
            raise ValueError("工作日数至少是 1")
        while working_days:
            day += timedelta(days=1)
            working_days -= self.is_working_day(day)
        return day


def promised_date(taken: datetime, working_days: int, calendar: WorkingCalendar) -> date:
    """The day by which an order taken at ``taken`` (any time zone) is promised an answer, in Asia/Shanghai."""
    return calendar.add(taken.astimezone(SHANGHAI).date(), working_days)
