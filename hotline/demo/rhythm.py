"""When people call: the rhythm of the day and of the week. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from random import Random

from hotline.work_orders.deadlines import SHANGHAI, WorkingCalendar

#: How many call in each hour of the day, in shares.
_HOURS = (1, 0.6, 0.4, 0.3, 0.3, 0.6, 2, 5, 11, 14, 13, 9, 6, 7, 10, 11, 10, 8, 6, 6, 5.5, 4.5, 3, 1.8)
_DAY_OFF = 0.55
#: Mondays bring what has gathered.
_MONDAY = 1.15


def moments(
    random: Random, calendar: WorkingCalendar, until: datetime, *, days: int, per_day: float
) -> Iterator[datetime]:
    """Moments of the last ``days`` days up to ``until``, in order; about ``per_day`` on a usual working day."""
    last = until.astimezone(SHANGHAI).date()
    found = []
    for back in range(days):
        day = last - timedelta(days=back)
        share = _share(day, calendar) * random.uniform(0.88, 1.12)
        found += [_moment(random, day) for _ in range(round(per_day * share))]
    return iter(sorted(moment for moment in found if moment < until))


def _share(day: date, calendar: WorkingCalendar) -> float:
    if not calendar.is_working_day(day):
        return _DAY_OFF
    return _MONDAY if day.weekday() == 0 else 1.0


def _moment(random: Random, day: date) -> datetime:
    (hour,) = random.choices(range(24), _HOURS)
    begin = datetime.combine(day, time(hour), SHANGHAI)
    return begin + timedelta(seconds=random.randrange(3600))
