"""Figures of one hotline: reports by period, today's board, and the rows behind every number."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import defer

from hotline.conversations.models import Conversation, Handover
from hotline.database import Database, now
from hotline.demo.models import DemoFill
from hotline.desk.texts import REASONS
from hotline.dispatch.taxonomy import Taxonomy
from hotline.reports import board, reckoning
from hotline.reports.counting import COURSE, Counted, count, course, first_day, in_dimension, rows_of, waits
from hotline.reports.dimensions import CHANNELS, DIMENSIONS, Names
from hotline.reports.indicators import INDICATORS, MEASURES, OF_CONVERSATIONS, Indicator, Span
from hotline.reports.periods import Period, local_day
from hotline.reports.scope import Scope
from hotline.reports.shapes import (
    BoardOut,
    CourseOut,
    PeriodOut,
    PointOut,
    ReportOut,
    RowsOut,
    TableOut,
    TalkOut,
)
from hotline.settings import Settings
from hotline.work_orders import views
from hotline.work_orders.effects.step import Actor
from hotline.work_orders.errors import WorkOrderError
from hotline.work_orders.excel.places import PlaceNames
from hotline.work_orders.models import WorkOrder
from hotline.work_orders.office import Office

_TABLES = ("channel", "source", "nature", "desk", "field", "topic", "area", "street", "unit", "reason")
#: Those that a unit, and an agent, have no use for.
_LEFT_OUT: dict[str, tuple[str, ...]] = {
    "unit": ("channel", "reason", "unit", "source"),
    "agent": ("channel", "unit"),
}


@dataclass(frozen=True)
class Compared:
    """A report's counts, and those it is compared with; None: there are no data."""

    now: tuple[Counted, Period]
    before: tuple[Counted, Period] | None
    year: tuple[Counted, Period] | None


class Reports:
    """The figures of one hotline."""

    def __init__(self, database: Database, names: Names, *, clock: Callable[[], datetime] = now) -> None:
        self._database = database
        self.names = names
        self.clock = clock

    @classmethod
    def of(cls, settings: Settings, database: Database, office: Office) -> Reports:
        """Those of the city in ``settings``."""
        taxonomy = Taxonomy.load(settings.data_dir / "dispatch" / "taxonomy.yml")
        names = Names(office, PlaceNames.load(settings.city_dir), dict(taxonomy.areas))
        return cls(database, names)

    @property
    def today(self) -> date:
        """The day in Shanghai."""
        return local_day(self.clock())

    def span(self, period: Period) -> Span:
        """The period in UTC."""
        since, until = period.bounds
        office = self.names.office
        return Span(since, until, office.calendar.add(self.today, office.process.warning_working_days))

    async def report(self, actor: Actor, wanted: Period) -> ReportOut:
        """The report of a period.

        Raises:
            WorkOrderError: the actor sees no figures.
        """
        scope = Scope.of(actor)
        tables = [key for key in _TABLES if key not in self._left_out(scope)]
        async with self._database.transaction() as session:
            found = await self.compare(session, wanted, scope, tables)
            demo = await has_demo(session)
        return ReportOut(
            period=shown(wanted),
            running=wanted.since <= self.today < wanted.until,
            before=shown(found.before[1]) if found.before else None,
            year=shown(found.year[1]) if found.year else None,
            scope=self._whose(scope),
            demo=demo,
            counted_at=self.clock(),
            figures=[
                reckoning.figure(key, found.now, found.before, found.year) for key in self._figures(scope)
            ],
            course=self._course(found.now[0], wanted, scope),
            tables=[self.table(key, found) for key in tables],
        )

    async def compare(
        self, session: AsyncSession, wanted: Period, scope: Scope, tables: list[str]
    ) -> Compared:
        """Count a period, the one before and the same a year before, as far as there are data."""
        today = self.today
        begin = await first_day(session)
        earliest = None if begin is None else local_day(begin)
        measures = {measure.key for measure in MEASURES.values() if not measure.standing}
        mains = {reckoning.main_measure(key) for key in tables}

        async def counted(
            period: Period, apart: set[str], drawn: Period | None = None
        ) -> tuple[Counted, Period]:
            span = self.span(period)
            found = await count(session, span, scope, measures, tables, told_apart=apart, period=drawn)
            await waits(session, found, span, scope)
            return found, period

        async def earlier(period: Period) -> tuple[Counted, Period] | None:
            # Compared with days on which there was no hotline yet, anything would look like growth.
            return await counted(period, mains) if earliest is not None and earliest <= period.since else None

        return Compared(
            await counted(wanted.so_far(today), reckoning.needed(tables), wanted),
            await earlier(wanted.before(today)),
            await earlier(wanted.year_before(today)),
        )

    def table(self, key: str, found: Compared) -> TableOut:
        """The figures of one dimension."""
        before, year = (one and one[0] for one in (found.before, found.year))
        return reckoning.table(key, self.names, found.now[0], before, year)

    async def board(self, actor: Actor) -> BoardOut:
        """Today, up to now.

        Raises:
            WorkOrderError: the actor sees no figures.
        """
        scope = Scope.of(actor, board=True)
        period = Period.of("day", self.today)
        span = self.span(period)
        tables = [key for key in ("channel", "source", "nature", "area") if key not in self._left_out(scope)]
        measures = reckoning.needed(tables) | {key for one in self._figures(scope) for key in _keys(one)}
        async with self._database.transaction() as session:
            found = await count(
                session,
                span,
                scope,
                measures | set(board.STANDING) | set(COURSE),
                tables,
                told_apart=reckoning.needed(tables),
                period=period,
            )
            await waits(session, found, span, scope)
            desk = await board.desk(session, self.clock()) if scope.sees("conversations") else None
            demo = await has_demo(session)
        return BoardOut(
            day=self.today,
            scope=self._whose(scope),
            demo=demo,
            counted_at=self.clock(),
            standing=board.standing(found),
            desk=desk,
            figures=[reckoning.figure(key, (found, period)) for key in self._figures(scope)],
            course=self._course(found, period, scope),
            tables=[reckoning.table(key, self.names, found) for key in tables],
        )

    async def rows(
        self,
        actor: Actor,
        measure: str,
        period: Period,
        *,
        indicator: str | None = None,
        dimension: str | None = None,
        value: str | None = None,
        whole: bool = False,
        limit: int = 50,
        offset: int = 0,
    ) -> RowsOut:
        """The rows that make up a number, newest first: exactly so many as the number says.

        Args:
            indicator: the rate that the number is a part of.
            dimension: only those with ``value`` there.
            whole: as today's board counts.

        Raises:
            WorkOrderError: there is no such number, or the actor does not see it.
        """
        counted = MEASURES.get(measure)
        part = DIMENSIONS.get(dimension) if dimension else None
        rate = INDICATORS.get(indicator) if indicator else None
        if counted is None or (dimension and (part is None or part.of != counted.of)):
            raise WorkOrderError("not_found", "没有这个数字，请从统计页面点开。")
        if indicator and (rate is None or measure not in _keys(indicator)):
            raise WorkOrderError("not_found", "没有这个数字，请从统计页面点开。")
        scope = Scope.of(actor, board=whole)
        if not scope.sees(counted.of):
            raise WorkOrderError("forbidden", f"{actor.role}不看会话的统计。")
        span = self.span(period.so_far(self.today))

        def chosen(key: str) -> Any:
            query = rows_of(MEASURES[key], span, scope)
            return query if part is None else in_dimension(query, part, value)

        async with self._database.transaction() as session:
            totals = {}
            for key in {measure, *(_keys(indicator) if indicator else ())}:
                some = chosen(key).with_only_columns(func.count())
                totals[key] = int(await session.scalar(some) or 0)
            page = await self._page(session, chosen(measure), counted.of, actor, limit, offset)
        return RowsOut(
            measure=measure,
            name=counted.name,
            of=counted.of,
            parts=reckoning.parts(rate, totals) if rate and rate.base else [],
            how=rate.how if rate else "",
            where=part.label(self.names, value) if part else "",
            period=None if counted.standing else shown(period),
            total=totals[measure],
            orders=page if counted.of == "orders" else [],
            talks=page if counted.of != "orders" else [],
        )

    # Below: parts of the above.

    async def _page(
        self, session: AsyncSession, query: Any, of: str, actor: Actor, limit: int, offset: int
    ) -> list[Any]:
        if of == "orders":
            query = query.order_by(WorkOrder.id.desc()).limit(limit).offset(offset)
            query = query.options(defer(WorkOrder.meaning), defer(WorkOrder.proposal))
            office, at = self.names.office, self.clock()
            return [views.line(order, actor, office, at) for order in await session.scalars(query)]
        if of == "conversations":
            query = query.order_by(Conversation.began_at.desc().nulls_last(), Conversation.id)
            talks = (await session.scalars(query.limit(limit).offset(offset))).all()
            # The first time that people had to do with it says why.
            first = (
                select(Handover)
                .where(Handover.conversation_id.in_([talk.id for talk in talks]))
                .order_by(Handover.began_at.desc())
            )
            handed = {one.conversation_id: one for one in await session.scalars(first)}
            return [_talk(talk, handed.get(talk.id)) for talk in talks]
        query = query.order_by(Handover.began_at.desc(), Handover.id.desc()).limit(limit).offset(offset)
        found = (await session.scalars(query)).all()
        which = select(Conversation).where(Conversation.id.in_([one.conversation_id for one in found]))
        of_them = {talk.id: talk for talk in await session.scalars(which)}
        return [_talk(of_them[one.conversation_id], one, at=one.began_at) for one in found]

    def _course(self, found: Counted, wanted: Period, scope: Scope) -> CourseOut:
        keys = [key for key in COURSE if scope.sees(MEASURES[key].of)]
        points = [
            PointOut(
                label=one.label,
                since=one.since,
                until=one.until,
                counts={key: course(found, key, one.begin) for key in keys},
            )
            for one in wanted.steps()
            if one.since <= self.today
        ]
        return CourseOut(step=wanted.step, names={key: MEASURES[key].name for key in keys}, points=points)

    def _figures(self, scope: Scope) -> list[str]:
        if scope.unit is not None:
            return [key for key in INDICATORS if key not in (*OF_CONVERSATIONS, "acceptance", "direct")]
        return list(INDICATORS)

    @staticmethod
    def _left_out(scope: Scope) -> tuple[str, ...]:
        return _LEFT_OUT["unit"] if scope.unit else _LEFT_OUT["agent"] if scope.agent else ()

    def _whose(self, scope: Scope) -> str:
        if scope.unit is not None:
            return f"{self.names.office.units.name(scope.unit)}主办的工单"
        if scope.agent is not None:
            return f"坐席 {scope.agent} 登记的工单、接待的会话"
        return f"{self.names.office.city.hotline_name}全部"


def _keys(indicator: str) -> list[str]:
    one: Indicator = INDICATORS[indicator]
    return [key for key in (one.top, one.base, one.rest) if key]


def _talk(talk: Conversation, handed: Handover | None, at: datetime | None = None) -> TalkOut:
    waited = None
    if handed is not None and handed.replied_at is not None:
        waited = (handed.replied_at - handed.began_at).total_seconds()
    return TalkOut(
        id=talk.id,
        channel=CHANNELS.get(talk.channel, talk.channel),
        at=at or talk.began_at or talk.created_at,
        mode=talk.mode,  # type: ignore[arg-type]
        agent=talk.agent or (handed.agent if handed else None),
        reason=(REASONS | {"taken_over": "坐席主动接管"}).get(handed.reason, handed.reason)
        if handed
        else None,
        waited_seconds=waited,
    )


def shown(period: Period) -> PeriodOut:
    """The period as it leaves the service."""
    return PeriodOut(
        kind=period.kind, since=period.since, until=period.until, days=period.days, words=period.words
    )


async def has_demo(session: AsyncSession) -> bool:
    """Whether there are made-up data."""
    return await session.get(DemoFill, 1) is not None
