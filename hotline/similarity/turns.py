"""The job ``hot_issues``: looks at the orders of each window and keeps what is hot, under one key as long as it goes on."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from itertools import count

import structlog
from sqlalchemy import ColumnElement, Integer, cast, delete, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.database import Database, now
from hotline.language.encoder import Encoder, NoEncoder
from hotline.similarity.hot_issues import HotIssue, Known, Names, Rules, Window, find
from hotline.similarity.likeness import unpacked
from hotline.similarity.models import HotIssueMember, HotIssueRow, HotIssueWindow
from hotline.work_orders.cases import KeptCase, complained_of
from hotline.work_orders.deadlines import SHANGHAI
from hotline.work_orders.office import Office
from hotline.work_orders.process import HotWindow

logger = structlog.get_logger(__name__)

#: One turn at a time, in however many workers.
_LOCK = 12345_02
#: So many orders are looked at in one turn; the oldest are left out.
_MOST = 20_000
#: By so many of its newest orders an issue is recognised that was quiet for longer than the windows.
_RECOGNISED_BY = 20


@dataclass(frozen=True)
class _Look:
    """One window, and what is hot in it."""

    rule: HotWindow
    window: Window
    found: Sequence[HotIssue]


class Turns:
    """Looks for hot issues, turn by turn."""

    def __init__(
        self,
        database: Database,
        office: Office,
        encoder: Encoder | None,
        *,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._database = database
        self._office = office
        self._encoder = encoder or NoEncoder()
        self._clock = clock

    async def do_turn(self) -> int:
        """Look once; return how many issues go on in any window. Another turn that is under way makes this one none."""
        at = self._clock()
        rules = self._office.process.hot_issues
        windows = [(rule, window_of(rule, at)) for rule in sorted(rules.windows, key=lambda one: -one.days)]
        async with self._database.transaction() as session:
            if not await session.scalar(text("SELECT pg_try_advisory_xact_lock(:lock)"), {"lock": _LOCK}):
                return 0
            known, recognised_by = await self._known(session, at - timedelta(days=rules.remembered_days))
            kept = await complained_of(
                session,
                since=min(window.before.begin for _, window in windows),
                until=at,
                numbers=recognised_by,
                most=_MOST,
            )
            keys = await _fresh_keys(session, at)
            looks = await asyncio.to_thread(self._look, kept, windows, known, keys)
            # The longest window comes first: an issue is described by it.
            issues = {issue.key: issue for look in reversed(looks) for issue in look.found}
            ids = await _keep(session, issues, at)
            for look in looks:
                await _keep_figures(session, look, ids, at)
                await _keep_members(session, look, ids)
            # A window that is no longer in process.yml has ended for all.
            await _end(session, HotIssueWindow.window.not_in([rule.name for rule in rules.windows]))
        logger.info("looked for hot issues", orders=len(kept), issues=len(issues))
        return len(issues)

    async def _known(self, session: AsyncSession, since: datetime) -> tuple[list[Known], set[str]]:
        """The issues that may go on, and the orders by which they are recognised."""
        rows = (await session.scalars(select(HotIssueRow).where(HotIssueRow.last_at >= since))).all()
        members: dict[int, dict[str, datetime]] = defaultdict(dict)
        query = select(HotIssueMember.issue_id, HotIssueMember.number, HotIssueMember.at)
        for issue, number, at in await session.execute(
            query.where(HotIssueMember.issue_id.in_([row.id for row in rows]))
        ):
            members[issue][number] = at
        recognised_by = set[str]()
        for orders in members.values():
            recognised_by |= set(sorted(orders, key=orders.__getitem__)[-_RECOGNISED_BY:])
        known = [
            Known(row.key, row.level, frozenset(members[row.id]), row.topic, row.area)  # type: ignore[arg-type]
            for row in rows
        ]
        return known, recognised_by

    def _look(
        self,
        kept: Sequence[KeptCase],
        windows: Sequence[tuple[HotWindow, Window]],
        known: Sequence[Known],
        keys: Iterator[str],
    ) -> list[_Look]:
        """The longest window first: the others find its issues and their keys."""
        by_key = {one.key: one for one in known}
        cases = [one.case for one in kept]
        vectors = unpacked([one.meaning for one in kept], self._encoder.size)
        units = self._office.units
        areas = {case.area: units.name(case.area).removesuffix("人民政府") for case in cases if case.area}
        names = Names(self._office.topics, areas)
        looks = []
        for rule, window in windows:
            found = find(cases, vectors, window, names=names, known=list(by_key.values()))
            found = [issue if issue.key else replace(issue, key=next(keys)) for issue in found]
            for issue in found:
                before = by_key[issue.key].members if issue.key in by_key else frozenset()
                members = before | frozenset(issue.members)
                by_key[issue.key] = Known(issue.key, issue.level, members, issue.topic, issue.area)
            looks.append(_Look(rule, window, found))
        return looks


def window_of(rule: HotWindow, at: datetime) -> Window:
    """The rule's last days, of which today in Shanghai is one, until ``at``."""
    today = datetime.combine(at.astimezone(SHANGHAI).date(), time(), SHANGHAI)
    # The begin is not included.
    begin = today - timedelta(days=rule.days - 1, microseconds=1)
    return Window(begin, at, Rules(rule.days, rule.callers, rule.matter_callers, rule.half_life))


async def _fresh_keys(session: AsyncSession, at: datetime) -> Iterator[str]:
    """Keys that were never given: ``R20260930-1`` …"""
    day = f"R{at.astimezone(SHANGHAI):%Y%m%d}-"
    given = func.max(cast(func.split_part(HotIssueRow.key, "-", 2), Integer))
    last = await session.scalar(select(given).where(HotIssueRow.key.startswith(day)))
    return (f"{day}{number}" for number in count((last or 0) + 1))


async def _keep(session: AsyncSession, issues: Mapping[str, HotIssue], at: datetime) -> dict[str, int]:
    """Write what the issues are; return their rows' ids by key."""
    rows = {
        row.key: row for row in await session.scalars(select(HotIssueRow).where(HotIssueRow.key.in_(issues)))
    }
    for key, issue in issues.items():
        row = rows.get(key)
        if row is None:
            row = rows[key] = HotIssueRow(key=key, level=issue.level, found_at=at, decision="待定")
            session.add(row)
        if row.decision not in ("已确认", "已办结"):
            row.title = issue.title
        row.place, row.topic, row.area, row.words = issue.place, issue.topic, issue.area, list(issue.words)
        row.last_at = issue.until
    await session.flush()
    return {key: row.id for key, row in rows.items()}


async def _keep_figures(session: AsyncSession, look: _Look, ids: Mapping[str, int], at: datetime) -> None:
    """Write the figures of one window; what was not found has ended there."""
    for issue in look.found:
        await session.merge(
            HotIssueWindow(
                issue_id=ids[issue.key],
                window=look.rule.name,
                state="进行中",
                callers=issue.callers,
                before=issue.before,
                heat=issue.heat,
                trend=issue.trend,
                since=issue.since,
                until=issue.until,
                sample=list(issue.sample),
                turned_at=at,
            )
        )
    found = [ids[issue.key] for issue in look.found]
    await _end(session, HotIssueWindow.window == look.rule.name, HotIssueWindow.issue_id.not_in(found))


async def _keep_members(session: AsyncSession, look: _Look, ids: Mapping[str, int]) -> None:
    """Bring the orders within the window in line; those that have left it stay."""
    for issue in look.found:
        mine = (HotIssueMember.issue_id == ids[issue.key], HotIssueMember.window == look.rule.name)
        kept = set(
            await session.scalars(
                select(HotIssueMember.number).where(*mine, HotIssueMember.at > look.window.begin)
            )
        )
        if gone := kept - set(issue.members):
            await session.execute(delete(HotIssueMember).where(*mine, HotIssueMember.number.in_(gone)))
        new = [
            {"issue_id": ids[issue.key], "window": look.rule.name, "number": number, "at": at}
            for number, at in zip(issue.members, issue.times, strict=True)
            if number not in kept
        ]
        if new:
            await session.execute(insert(HotIssueMember), new)


async def _end(session: AsyncSession, *which: ColumnElement[bool]) -> None:
    going = update(HotIssueWindow).where(HotIssueWindow.state == "进行中", *which)
    await session.execute(going.values(state="已平息"))
