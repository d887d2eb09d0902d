"""A year as people look at it: the days on which it is otherwise than Monday to Friday, and why. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import chinese_calendar

from hotline.work_orders.deadlines import WorkingCalendar


@dataclass(frozen=True)
class SpecialDay:
    """One day; ``name``: the holiday it belongs to, as far as it is known."""

    day: date
    working: bool
    name: str


def special_days(calendar: WorkingCalendar, year: int) -> Iterator[SpecialDay]:
    """Weekdays off and weekends at work, in their order."""
    day = date(year, 1, 1)
    while day.year == year:
        working = calendar.is_working_day(day)
        if working != (day.weekday() < 5):
            yield SpecialDay(day, working, _name(day))
        day += timedelta(days=1)


def _name(day: date) -> str:
    try:
        _, english = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:  # that year is not announced yet
        return ""
    return next((one.chinese for one in chinese_calendar.Holiday if one.value == english), "")
