"""How figures are said. What there is no figure for is —, never nought."""

from __future__ import annotations

from hotline.reports.indicators import Form
from hotline.reports.reckoning import change
from hotline.reports.shapes import ColumnForm, FigureOut

NONE = "—"
DEMO = "含演示数据，不是真实情况。"
HOW_COMPARED = (
    "环比是和上一期比，同比是和去年同期比：件数、时长比增减的百分数，比率比相差的百分点。本期没过完的，和对应的前几天比；"
    "对应的时段热线还没有数据，或者那时是零，写作“—”。"
)
_HOUR, _MINUTE = 3600, 60


def value(form: Form, figure: float | None) -> str:
    """``1284``, ``96.12%``, ``42.8``, ``1分20秒``."""
    if figure is None:
        return NONE
    if form == "rate":
        return percent(figure)
    if form == "seconds":
        return duration(figure)
    return f"{figure:.1f}" if form == "per_day" else str(int(figure))


def percent(share: float) -> str:
    """``96.12%``."""
    return f"{share * 100:.2f}%"


def duration(seconds: float) -> str:
    """``45秒``, ``1分20秒``, ``2小时5分``."""
    whole = round(seconds)
    if whole < _MINUTE:
        return f"{whole}秒"
    if whole < _HOUR:
        return f"{whole // _MINUTE}分{whole % _MINUTE}秒"
    return f"{whole // _HOUR}小时{whole % _HOUR // _MINUTE}分"


def signed(grown: float | None) -> str:
    """``+12.3%``."""
    return NONE if grown is None else f"{grown * 100:+.1f}%"


def points(now: float | None, before: float | None) -> str:
    """``+1.2个百分点``."""
    if now is None or before is None:
        return NONE
    return f"{(now - before) * 100:+.2f}个百分点"


def compared(figure: FigureOut, before: float | None) -> str:
    """What has become of it since."""
    if figure.form == "rate":
        return points(figure.value, before)
    return signed(change(figure.value, before))


def cell(form: ColumnForm, figure: float | None) -> str:
    """A cell of a table."""
    if form == "count":
        return str(int(figure or 0))
    if figure is None:
        return NONE
    return signed(figure) if form == "change" else percent(figure)
