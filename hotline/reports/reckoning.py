"""From counts to what is shown: rates, shares, changes. Nothing is ever divided by nothing: then there is no figure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hotline.reports.counting import Counted, Counts
from hotline.reports.dimensions import DIMENSIONS, Names
from hotline.reports.indicators import INDICATORS, MEASURES, Indicator
from hotline.reports.periods import Period
from hotline.reports.shapes import ColumnOut, FigureOut, PartOut, RowOut, TableOut


def ratio(top: float, base: float) -> float | None:
    """``top / base``; None when there is nothing to divide by."""
    return top / base if base else None


def change(now: float | None, before: float | None) -> float | None:
    """By how much it has grown: 0.2 is a fifth more; None when it cannot be said."""
    return None if now is None or not before else (now - before) / before


def value(indicator: Indicator, counted: Counted, days: int) -> float | None:
    """The indicator's value."""
    counts = counted.totals
    if indicator.form == "rate":
        return ratio(counts[indicator.top], counts[indicator.base])
    if indicator.form == "seconds":
        return counted.seconds.get(indicator.key)
    if indicator.form == "per_day":
        return counts[indicator.top] / days
    return float(counts[indicator.top])


def rate(key: str, counts: Counts) -> float | None:
    """The rate ``key`` of some counts."""
    indicator = INDICATORS[key]
    return ratio(counts[indicator.top], counts[indicator.base])


def parts(indicator: Indicator, counts: Mapping[str, int]) -> list[PartOut]:
    """The numbers that it is made of, each of which opens its rows."""
    keys = [key for key in (indicator.top, indicator.rest, indicator.base) if key]
    return [PartOut(measure=key, name=MEASURES[key].name, count=counts[key]) for key in keys]


def figure(
    key: str,
    now: tuple[Counted, Period],
    before: tuple[Counted, Period] | None = None,
    year: tuple[Counted, Period] | None = None,
) -> FigureOut:
    """An indicator with what it was before."""
    indicator = INDICATORS[key]

    def of(counted: tuple[Counted, Period] | None) -> float | None:
        return None if counted is None else value(indicator, counted[0], counted[1].days)

    return FigureOut(
        key=key,
        name=indicator.name,
        form=indicator.form,
        how=indicator.how,
        value=of(now),
        parts=parts(indicator, now[0].totals),
        before=of(before),
        year=of(year),
    )


#: (key, name, form, measure that a cell opens). A share is of the total of the measure, a change of what it was before.
_COUNTED = {
    "taken": ("工单", "占比"),
    "dispatched": ("转派", "占比"),
    "talks": ("会话", "占比"),
    "handovers": ("人次", "占比"),
}
_RATES = {
    "source": ("satisfaction",),
    "nature": ("on_time", "satisfaction"),
    "field": ("on_time", "satisfaction"),
    "topic": ("on_time", "satisfaction"),
    "area": ("on_time", "satisfaction"),
    "street": ("on_time", "satisfaction"),
    "desk": ("completion", "on_time", "satisfaction"),
    "unit": ("on_time", "satisfaction", "redo"),
    "channel": ("by_bot", "handed"),
    "reason": (),
}


def main_measure(dimension: str) -> str:
    """What a table of the dimension counts first of all."""
    if dimension == "unit":
        return "dispatched"
    return {"orders": "taken", "conversations": "talks", "handovers": "handovers"}[DIMENSIONS[dimension].of]


def needed(dimensions: list[str]) -> set[str]:
    """The measures of these tables."""
    keys = {main_measure(dimension) for dimension in dimensions}
    for dimension in dimensions:
        for key in _RATES[dimension]:
            keys |= {INDICATORS[key].top, INDICATORS[key].base}
    return keys


def table(
    key: str, names: Names, now: Counted, before: Counted | None = None, year: Counted | None = None
) -> TableOut:
    """The figures of one dimension, the largest first; what nobody has named comes last."""
    dimension, main = DIMENSIONS[key], main_measure(key)
    count_name, share_name = _COUNTED[main]
    columns = [
        ColumnOut(key="count", name=count_name, form="count", measure=main),
        ColumnOut(key="share", name=share_name, form="share", measure=main),
        ColumnOut(key="before", name="环比", form="change", measure=main),
        ColumnOut(key="year", name="同比", form="change", measure=main),
        *(
            ColumnOut(key=one, name=INDICATORS[one].name, form="rate", measure=INDICATORS[one].base)
            for one in _RATES[key]
        ),
    ]
    rows = []
    for found in now.by[key]:
        counts = now.of(key, found)
        cells: list[Any] = [
            counts[main],
            ratio(counts[main], now.totals[main]),
            None if before is None else change(counts[main], before.of(key, found)[main]),
            None if year is None else change(counts[main], year.of(key, found)[main]),
            *(rate(one, counts) for one in _RATES[key]),
        ]
        area = names.places.streets.get(found or "", ("", ""))[1] if key == "street" else None
        rows.append(
            RowOut(value=found or "", label=dimension.label(names, found), parent=area or None, cells=cells)
        )
    rows.sort(key=lambda row: (not row.value, -(row.cells[0] or 0), row.value))
    return TableOut(key=key, name=dimension.name, columns=columns, rows=rows)
