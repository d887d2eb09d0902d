"""Counts: one query for all measures by all dimensions, over the rows of one kind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, literal_column, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.conversations.models import Conversation, Handover
from hotline.reports.dimensions import DIMENSIONS, Dimension
from hotline.reports.indicators import (
    HANDED,
    INDICATORS,
    MEASURES,
    ORDERED,
    Measure,
    Of,
    Span,
    has_begun,
)
from hotline.reports.periods import Period
from hotline.reports.scope import Scope
from hotline.work_orders.models import WorkOrder

#: The table of each kind.
TABLES: dict[Of, Any] = {"orders": WorkOrder, "conversations": Conversation, "handovers": Handover}
_ZONE: Any = literal_column("'Asia/Shanghai'")

#: What the course of a period shows, and the moments that count.
COURSE: dict[str, Any] = {
    "talks": Conversation.began_at,
    "taken": WorkOrder.created_at,
    "closed": WorkOrder.closed_at,
}

Counts = dict[str, int]


@dataclass
class Counted:
    """What was counted in one span. ``by``: dimension → value → measure → count; values that nothing has are missing."""

    totals: Counts = field(default_factory=lambda: defaultdict(int))
    by: dict[str, dict[str | None, Counts]] = field(default_factory=lambda: defaultdict(dict))
    #: Seconds, by indicator.
    seconds: dict[str, float | None] = field(default_factory=dict)

    def of(self, dimension: str, value: str | None) -> Counts:
        """The counts of one value; all zero when it has none."""
        return self.by[dimension].get(value) or defaultdict(int)


def rows_of(measure: Measure, span: Span, scope: Scope) -> Select[Any]:
    """The rows that the measure counts."""
    query: Select[Any] = select(TABLES[measure.of]).where(measure.holds(span))
    if measure.of == "orders" and not measure.standing:
        query = query.where(has_begun(span))
    return scope.within(query, measure.of)


async def count(
    session: AsyncSession,
    span: Span,
    scope: Scope,
    measures: Collection[str],
    dimensions: Collection[str] = (),
    *,
    told_apart: Collection[str] = (),
    period: Period | None = None,
) -> Counted:
    """Count these measures all together, and those of ``told_apart`` by these dimensions.

    Args:
        period: also by its steps (:data:`COURSE`).
    """
    found = Counted()
    for of in TABLES:
        parts = [DIMENSIONS[key] for key in dimensions if DIMENSIONS[key].of == of]
        if period is not None:
            parts += [_step(key, period) for key in COURSE if MEASURES[key].of == of]
        for standing in (False, True):
            wanted = [m for m in map(MEASURES.__getitem__, measures) if (m.of, m.standing) == (of, standing)]
            if not wanted or not scope.sees(of):
                continue
            few = [m for m in wanted if m.key in told_apart or m.key in COURSE] if parts else []
            if standing or of != "orders" or not few:
                await _count(session, found, of, wanted, [] if standing else parts, span, scope)
                continue
            # Every count by every dimension is dear: few are wanted.
            await _count(session, found, of, few, parts, span, scope)
            await _count(session, found, of, wanted, [], span, scope)
    return found


def _step(key: str, period: Period) -> Dimension:
    """The steps of a period as a dimension; its values are their begins in Shanghai, without a zone."""
    begin = _begin(period.step, COURSE[key])
    of = MEASURES[key].of
    return Dimension(key=f"step_{key}", name=period.step, of=of, column=begin, empty="", call=lambda *_: "")


def _begin(step: str, moment: Any) -> Any:
    return func.date_trunc(literal_column(f"'{step}'"), func.timezone(_ZONE, moment))


def _column(dimension: Dimension, span: Span) -> Any:
    """What stands there, also where conversations are looked at elsewhere than in their table."""
    if dimension.key == "channel":
        return span.talk.channel
    return _begin(dimension.name, span.talk.began_at) if dimension.key == "step_talks" else dimension.column


def course(found: Counted, key: str, begin: datetime) -> int:
    """How many there were in the step that begins then."""
    # The values are moments here.
    return found.by[f"step_{key}"].get(begin, {}).get(key, 0)  # type: ignore[call-overload, no-any-return]


async def _count(
    session: AsyncSession,
    found: Counted,
    of: Of,
    measures: Sequence[Measure],
    dimensions: Sequence[Dimension],
    span: Span,
    scope: Scope,
) -> None:
    table: Any = TABLES[of]
    if of == "conversations":
        table, span = _looked_at(measures[0].standing, span, scope)
    flags: list[Any] = [measure.holds(span).label(f"is_{measure.key}") for measure in measures]
    for dimension in dimensions:
        flags.append(_column(dimension, span).label(f"by_{dimension.key}"))
    inner: Select[Any] = select(*flags).select_from(table)
    if of == "orders":
        inner = inner.where(WorkOrder.closed_at.is_(None) if measures[0].standing else has_begun(span))
    elif of == "handovers":
        inner = inner.where(span.holds(Handover.began_at))
    if of != "conversations":
        inner = scope.within(inner, of)
    rows = inner.subquery()
    counts = [func.count().filter(rows.c[f"is_{measure.key}"]) for measure in measures]
    columns = [rows.c[f"by_{dimension.key}"] for dimension in dimensions]
    if not columns:
        _keep(found.totals, measures, (await session.execute(select(*counts))).one())
        return
    sets = func.grouping_sets(tuple_(), *(tuple_(column) for column in columns))
    which = func.grouping(*columns)
    query: Select[Any] = select(which, *columns, *counts).group_by(sets)
    everything = 2 ** len(columns) - 1
    for group, *line in await session.execute(query):
        values, numbers = line[: len(columns)], line[len(columns) :]
        if group == everything:
            _keep(found.totals, measures, numbers)
            continue
        place = next(n for n in range(len(columns)) if not group >> (len(columns) - 1 - n) & 1)
        if any(numbers):
            kept: Counts = defaultdict(int)
            _keep(kept, measures, numbers)
            found.by[dimensions[place].key][values[place]] = kept


def _looked_at(standing: bool, span: Span, scope: Scope) -> tuple[Any, Span]:
    """The conversations in question, each of which is asked once whether it was handed over and whether it made an order."""
    columns: list[Any] = [Conversation.id, Conversation.channel, Conversation.mode, Conversation.began_at]
    columns += [Conversation.bot_answered, HANDED.label("handed"), ORDERED.label("ordered")]
    counted = Conversation.mode != "bot" if standing else span.holds(Conversation.began_at)
    query: Select[Any] = select(*columns).where(counted)
    talk = scope.within(query, "conversations").cte("talk").prefix_with("MATERIALIZED")
    return talk, replace(span, talk=talk.c, handed=talk.c.handed, ordered=talk.c.ordered)


def _keep(counts: Counts, measures: Sequence[Measure], numbers: Sequence[Any]) -> None:
    counts |= {measure.key: int(number or 0) for measure, number in zip(measures, numbers, strict=True)}


async def waits(session: AsyncSession, found: Counted, span: Span, scope: Scope) -> None:
    """Add how long people waited for a person."""
    wanted = [one for one in INDICATORS.values() if one.form == "seconds"]
    if not scope.sees("handovers"):
        return
    waited = func.extract("epoch", Handover.replied_at - Handover.began_at)
    columns = [func.percentile_cont(one.quantile).within_group(waited) for one in wanted]
    query = scope.within(select(*columns).where(MEASURES["replied"].holds(span)), "handovers")
    line = (await session.execute(query)).one()
    found.seconds |= {
        one.key: None if value is None else float(value) for one, value in zip(wanted, line, strict=True)
    }


async def first_day(session: AsyncSession) -> datetime | None:
    """When the first thing that can be counted happened."""
    orders = select(func.min(WorkOrder.created_at)).scalar_subquery()
    talks = select(func.min(Conversation.began_at)).scalar_subquery()
    found: datetime | None = await session.scalar(select(func.least(orders, talks)))
    return found


def in_dimension(query: Select[Any], dimension: Dimension, value: str | None) -> Select[Any]:
    """Only the rows that have this value there; None or empty: nothing."""
    return query.where(dimension.column == value if value else dimension.column.is_(None))
