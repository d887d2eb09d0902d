"""热线专报: drafted from the figures, put into words, released, and from then on as it was."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.audit.service import record
from hotline.database import Database, now
from hotline.language.identifiers import mask
from hotline.reports.bulletin_words import Level, Section, sections
from hotline.reports.hot import issues_of
from hotline.reports.indicators import Span
from hotline.reports.models import DRAFT, RELEASED, Bulletin, BulletinVersion
from hotline.reports.periods import Period
from hotline.reports.service import Reports
from hotline.work_orders.acting import allow
from hotline.work_orders.effects.step import Actor
from hotline.work_orders.errors import WorkOrderError
from hotline.work_orders.lifecycle import BEFORE_ANSWER, Role
from hotline.work_orders.models import WorkOrder

WRITERS = (Role.SUPERVISOR,)
READERS = (Role.SUPERVISOR, Role.LEADER, Role.DISPATCHER, Role.TRAINEE)
#: They see it while it is still written at.
OF_DRAFTS = (Role.SUPERVISOR, Role.LEADER)
#: One number is given after the other.
_LOCK = 12345_13
MOST_CASES = 10


@dataclass(frozen=True, kw_only=True)
class Change:
    """What somebody has written into a section. None: as it was."""

    key: str
    text: str | None = None
    #: Of the typical cases: ``{"title", "text"}`` each.
    cases: Sequence[Mapping[str, str]] | None = field(default=None)


class Bulletins:
    """The 专报 of one hotline."""

    def __init__(self, database: Database, reports: Reports, *, clock: Callable[[], datetime] = now) -> None:
        self._database = database
        self._reports = reports
        self._clock = clock

    async def all(self, actor: Actor) -> Sequence[Bulletin]:
        """Those that the actor may read, the newest first.

        Raises:
            WorkOrderError: none.
        """
        allow(actor, *READERS, doing="查看热线专报")
        query = select(Bulletin).order_by(Bulletin.until.desc(), Bulletin.id.desc())
        if actor.role not in OF_DRAFTS:
            query = query.where(Bulletin.state == RELEASED)
        async with self._database.transaction() as session:
            return (await session.scalars(query.limit(500))).all()

    async def page(self, bulletin: int, actor: Actor) -> tuple[Bulletin, Sequence[BulletinVersion]]:
        """One with its versions, the newest first; of those without the words.

        Raises:
            WorkOrderError: there is none, or the actor may not read it.
        """
        allow(actor, *READERS, doing="查看热线专报")
        async with self._database.transaction() as session:
            found = await session.get(Bulletin, bulletin)
            if found is None or (found.state == DRAFT and actor.role not in OF_DRAFTS):
                raise _not_found()
            query = select(BulletinVersion).where(BulletinVersion.bulletin_id == bulletin)
            versions = (await session.scalars(query.order_by(BulletinVersion.version.desc()))).all()
            return found, versions

    async def do_draft(self, actor: Actor, period: Period) -> Bulletin:
        """Begin one, with its figures and the words around them.

        Raises:
            WorkOrderError: the actor may not, the period is yet to come, or there is a draft of it.
        """
        allow(actor, *WRITERS, doing="起草热线专报")
        if period.since > self._reports.today:
            raise WorkOrderError("invalid", "这段时间还没有到，没有数字可以写。")
        content = await self._counted(actor, period)
        async with self._database.transaction() as session:
            await self._alone(session)
            same = select(Bulletin.id).where(
                Bulletin.state == DRAFT, Bulletin.since == period.since, Bulletin.until == period.until
            )
            if await session.scalar(same) is not None:
                raise WorkOrderError("taken", f"{period.words}的专报已经有草稿了，请接着改那一份。")
            bulletin = Bulletin(
                kind=period.kind,
                since=period.since,
                until=period.until,
                year=period.until.year,
                state=DRAFT,
                version=1,
                content=content,
                made_by=actor.id,
                made_at=self._clock(),
                changed_by=actor.id,
                changed_at=self._clock(),
                counted_at=self._clock(),
            )
            session.add(bulletin)
            await session.flush()
            await self._keep(session, bulletin, actor, "起草")
            return bulletin

    async def do_edit(self, bulletin: int, actor: Actor, version: int, changes: Sequence[Change]) -> Bulletin:
        """Write other words into a draft. Numbers of people are masked in what is kept.

        Raises:
            WorkOrderError: the actor may not, it is released, somebody was faster, or there is no such section.
        """
        allow(actor, *WRITERS, doing="修改热线专报")
        async with self._database.transaction() as session:
            found = await self._draft(session, bulletin, version)
            content = [dict(section) for section in found.content]
            by_key = {section["key"]: section for section in content}
            for change in changes:
                if change.key not in by_key:
                    raise WorkOrderError("not_found", "专报里没有这个部分。")
                _write(by_key[change.key], change)
            if content == found.content:
                return found
            found.content = content
            await self._keep(session, found, actor, "修改")
            return found

    async def do_recount(self, bulletin: int, actor: Actor, version: int) -> Bulletin:
        """Count anew for a draft; what somebody has written stays.

        Raises:
            WorkOrderError: the actor may not, it is released, or somebody was faster.
        """
        allow(actor, *WRITERS, doing="修改热线专报")
        before, _ = await self.page(bulletin, actor)
        content = await self._counted(actor, _period(before))
        async with self._database.transaction() as session:
            found = await self._draft(session, bulletin, version)
            kept = {section["key"]: section for section in found.content}
            for section in content:
                old = kept.get(section["key"])
                if old is not None and old["edited"]:
                    section["text"], section["edited"] = old["text"], True
                if old is not None and "cases" in old:
                    section["cases"] = old["cases"]
            found.content, found.counted_at = content, self._clock()
            await self._keep(session, found, actor, "重新取数")
            return found

    async def do_release(self, bulletin: int, actor: Actor, version: int) -> Bulletin:
        """Give it its number; from now on nothing changes in it.

        Raises:
            WorkOrderError: the actor may not, it is released, somebody was faster, or its period is not over.
        """
        allow(actor, *WRITERS, doing="发布热线专报")
        async with self._database.transaction() as session:
            await self._alone(session)
            found = await self._draft(session, bulletin, version)
            if found.until > self._reports.today:
                raise WorkOrderError("invalid", f"{_period(found).words}还没有过完，过完以后再发布。")
            last = select(func.max(Bulletin.issue)).where(Bulletin.year == found.year)
            found.issue = int(await session.scalar(last) or 0) + 1
            found.state, found.released_by, found.released_at = RELEASED, actor.id, self._clock()
            await self._keep(session, found, actor, "发布")
            return found

    # Below: parts of the above.

    async def _counted(self, actor: Actor, period: Period) -> list[Section]:
        report = await self._reports.report(actor, period)
        names = self._reports.names
        async with self._database.transaction() as session:
            span = self._reports.span(period.so_far(self._reports.today))
            issues = await issues_of(session, span)
            levels = await self._levels(session, span)
        units = {issue.unit: names.office.units.name(issue.unit) for issue in issues if issue.unit}
        return sections(report, issues, levels, units, names.office.city.hotline_name)

    async def _levels(self, session: AsyncSession, span: Span) -> list[Level]:
        query = (
            select(
                WorkOrder.supervision_level,
                func.count(),
                func.count().filter(WorkOrder.status == "已办结"),
                func.count().filter(WorkOrder.status.in_(BEFORE_ANSWER)),
            )
            .where(span.holds(WorkOrder.created_at), WorkOrder.supervision_level > 0)
            .group_by(WorkOrder.supervision_level)
            .order_by(WorkOrder.supervision_level)
        )
        process = self._reports.names.office.process
        return [
            Level(process.level_name(level), int(count), int(closed), int(waiting))
            for level, count, closed, waiting in (await session.execute(query)).all()
        ]

    async def _alone(self, session: AsyncSession) -> None:
        await session.execute(select(func.pg_advisory_xact_lock(_LOCK)))

    async def _draft(self, session: AsyncSession, bulletin: int, version: int) -> Bulletin:
        found = await session.get(Bulletin, bulletin, with_for_update=True)
        if found is None:
            raise _not_found()
        if found.state == RELEASED:
            raise WorkOrderError("state", "这一期已经发布，不能再改；有更正请在下一期说明。")
        if found.version != version:
            raise WorkOrderError(
                "changed", f"{found.changed_by} 刚刚改过这份专报，请重新打开再改，免得盖掉对方写的。"
            )
        return found

    async def _keep(self, session: AsyncSession, bulletin: Bulletin, actor: Actor, what: str) -> None:
        """Count the change, keep how it reads now, and write it into the audit."""
        if what != "起草":
            bulletin.version += 1
        bulletin.changed_by, bulletin.changed_at = actor.id, self._clock()
        session.add(
            BulletinVersion(
                bulletin_id=bulletin.id,
                version=bulletin.version,
                content=bulletin.content,
                by=actor.id,
                at=self._clock(),
                what=what,
            )
        )
        await record(
            session,
            actor=actor.id,
            role=actor.role,
            action=f"{what}热线专报",
            subject=f"专报 {bulletin.id}",
            detail={"period": _period(bulletin).words, "version": bulletin.version, "issue": bulletin.issue},
        )


def _write(section: Section, change: Change) -> None:
    if change.text is not None and _clean(change.text) != section["text"]:
        section["text"], section["edited"] = _clean(change.text), True
    if change.cases is not None:
        if "cases" not in section:
            raise WorkOrderError("invalid", "典型案例写在“典型案例”那一部分。")
        cases = [{key: _clean(case[key]) for key in ("title", "text")} for case in change.cases]
        section["cases"] = [case for case in cases if case["title"] or case["text"]]


def _clean(words: str) -> str:
    """As it can be kept, with the numbers of people hidden; those of offices are for everybody."""
    words = words.replace("\x00", "").encode("utf-8", "ignore").decode("utf-8").strip()
    return mask(words, landlines=False)


def _period(bulletin: Bulletin) -> Period:
    return Period(bulletin.kind, bulletin.since, bulletin.until)  # type: ignore[arg-type]


def title_of(bulletin: Bulletin) -> str:
    """``2026年11月``."""
    return _period(bulletin).words


def _not_found() -> WorkOrderError:
    return WorkOrderError("not_found", "没有找到这份专报。")
