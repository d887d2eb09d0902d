"""When people answer, and not only the bot. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from hotline.work_orders.deadlines import SHANGHAI, WorkingCalendar

_DAY = 24 * 60
_CLOCK = re.compile(r"([01]?\d|2[0-4]):([0-5]\d)")


@dataclass(frozen=True)
class HumanHours:
    """The agents' hours in Shanghai. ``periods`` are minutes of the day, the end not included."""

    periods: tuple[tuple[int, int], ...] = ((0, _DAY),)
    working_days_only: bool = False

    @classmethod
    def parse(cls, content: Any) -> HumanHours:
        """Make it of ``human_service`` in business_hours.yml; nothing there is round the clock.

        Raises:
            ValueError: in Chinese, what is wrong.
        """
        if content is None:
            return cls()
        periods = content.get("periods") if isinstance(content, dict) else None
        if not isinstance(periods, list) or not periods or not all(isinstance(p, dict) for p in periods):
            raise ValueError('人工服务时间（human_service）要写成 {from: "08:00", to: "20:00"} 这样的几行')
        days = content.get("days", "every")
        if days not in ("every", "working"):
            raise ValueError("人工服务的日子（days）只能写 every（每天）或 working（工作日）")
        read = tuple((_minutes(period.get("from")), _minutes(period.get("to"))) for period in periods)
        edges = [minute for period in read for minute in period]
        if any(begin >= end for begin, end in read) or edges != sorted(edges):
            raise ValueError("人工服务时间要从早到晚写，前后不能重叠；到半夜十二点写 24:00")
        return cls(read, days == "working")

    def open_at(self, moment: datetime, calendar: WorkingCalendar) -> bool:
        """Whether agents are on duty."""
        local = moment.astimezone(SHANGHAI)
        if self.working_days_only and not calendar.is_working_day(local.date()):
            return False
        minute = local.hour * 60 + local.minute
        return any(begin <= minute < end for begin, end in self.periods)

    @property
    def words(self) -> str:
        """For citizens: 全天, or 工作日 9:00–12:00、13:00–17:00."""
        if self.periods == ((0, _DAY),):
            return "工作日全天" if self.working_days_only else "全天"
        times = "、".join(f"{_spelled(begin)}–{_spelled(end)}" for begin, end in self.periods)
        return f"{'工作日' if self.working_days_only else '每天'} {times}"


def _minutes(written: Any) -> int:
    found = _CLOCK.fullmatch(written) if isinstance(written, str) else None
    minutes = int(found[1]) * 60 + int(found[2]) if found else _DAY + 1
    if minutes > _DAY:
        raise ValueError(f'人工服务时间 {written} 不对，请写成带引号的 "08:00"')
    return minutes


def _spelled(minutes: int) -> str:
    return f"{minutes // 60}:{minutes % 60:02d}"
