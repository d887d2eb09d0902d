"""Small ways of saying things."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

_SHANGHAI = timezone(timedelta(hours=8))


def day(value: str) -> str:
    """``2026-12-01`` as 12月1日; with the year when it is not this one."""
    parsed = date.fromisoformat(value)
    today = datetime.now(_SHANGHAI).date()
    short = f"{parsed.month}月{parsed.day}日"
    return short if parsed.year == today.year else f"{parsed.year}年{short}"


def moment(value: str) -> str:
    """An ISO time in UTC as 11月24日 14:05, Asia/Shanghai."""
    parsed = datetime.fromisoformat(value.replace("Z", "+00:00")).astimezone(_SHANGHAI)
    return f"{parsed.month}月{parsed.day}日 {parsed:%H:%M}"
