"""What the office sees of the hot issues, and what it decides about them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import and_, func, not_, select

from hotline.audit.service import record
from hotline.database import Database, now
from hotline.similarity.errors import HotIssueError
from hotline.similarity.models import HotIssueMember, HotIssueRow, HotIssueWindow
from hotline.work_orders.acting import allow
from hotline.work_orders.cases import shown
from hotline.work_orders.effects.step import Actor
from hotline.work_orders.lifecycle import Role

Decision = Literal["确认", "忽略", "办结"]
READERS = (Role.AGENT, Role.DISPATCHER, Role.SUPERVISOR, Role.LEADER, Role.TRAINEE)
DECIDERS = (Role.DISPATCHER, Role.SUPERVISOR, Role.LEADER)
_NEEDS_NOTE = {"忽略": "请写明为什么忽略这个热点。", "办结": "请写明这个热点是怎么处理的。"}
_LONGEST_TITLE = 40


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which issues; None: all, but what was ignored, or is closed and has not gone on, only when it is asked for."""

    window: str | None = None
    state: str | None = None
    decision: str | None = None
    level: str | None = None
    area: str | None = None


@dataclass(frozen=True)
class Listed:
    """An issue with its figures in one window; ``orders``: how many it has there."""

    issue: HotIssueRow
    figures: HotIssueWindow
    orders: int
    sample: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Folder:
    """An issue with all its windows, and its orders with the names of the windows in which they count."""

    issue: HotIssueRow
    windows: Sequence[Listed]
    members: Sequence[Mapping[str, Any]] = field(default=())


class HotIssues:
    """The hot issues of one city."""

    def __init__(self, database: Database, *, clock: Callable[[], datetime] = now) -> None:
        self._database = database
        self._clock = clock

    async def issues(
        self, actor: Actor, wanted: Wanted, *, limit: int = 50, offset: int = 0
    ) -> tuple[list[Listed], int]:
        """A page of the list, what goes on first and the hottest of it first, and how many there are in all.

        Raises:
            WorkOrderError: the actor may not see them.
        """
        allow(actor, *READERS, doing="查看热点")
        query = select(HotIssueRow, HotIssueWindow).join(
            HotIssueWindow, HotIssueWindow.issue_id == HotIssueRow.id
        )
        columns = {
            HotIssueWindow.window: wanted.window,
            HotIssueWindow.state: wanted.state,
            HotIssueRow.decision: wanted.decision,
            HotIssueRow.level: wanted.level,
            HotIssueRow.area: wanted.area,
        }
        query = query.where(*(column == value for column, value in columns.items() if value is not None))
        if wanted.decision is None:
            over = and_(HotIssueRow.decision == "已办结", HotIssueRow.last_at <= HotIssueRow.decided_at)
            query = query.where(HotIssueRow.decision != "已忽略", not_(over))
        goes_on = HotIssueWindow.state == "进行中"
        ordered = query.order_by(
            goes_on.desc(), HotIssueWindow.heat.desc(), HotIssueRow.id.desc(), HotIssueWindow.window
        )
        async with self._database.transaction() as session:
            total = await session.scalar(select(func.count()).select_from(query.subquery()))
            rows = (await session.execute(ordered.limit(limit).offset(offset))).all()
            found = [await self._listed(session, issue, figures) for issue, figures in rows]
        return found, int(total or 0)

    async def page(self, key: str, actor: Actor) -> Folder:
        """One issue with its windows and its orders.

        Raises:
            HotIssueError: there is none of this key.
            WorkOrderError: the actor may not see it.
        """
        allow(actor, *READERS, doing="查看热点")
        async with self._database.transaction() as session:
            issue = await _found(session, key)
            rows = await session.scalars(
                select(HotIssueWindow)
                .where(HotIssueWindow.issue_id == issue.id)
                .order_by(HotIssueWindow.window)
            )
            windows = [await self._listed(session, issue, row) for row in rows]
            members: dict[str, list[str]] = {}
            query = select(HotIssueMember.number, HotIssueMember.window).where(
                HotIssueMember.issue_id == issue.id
            )
            for number, window in await session.execute(query.order_by(HotIssueMember.window)):
                members.setdefault(number, []).append(window)
            orders = await shown(session, list(members))
        return Folder(issue, windows, [order | {"windows": members[order["number"]]} for order in orders])

    async def do_decide(
        self, key: str, actor: Actor, decision: Decision, note: str, title: str = ""
    ) -> HotIssueRow:
        """Confirm an issue, ignore it so that it does not come again, or close it until there is a newer order.

        The later decision counts. ``title``: how it is called from now on; an ignored one needs no other name.

        Raises:
            HotIssueError: there is none of this key, the note is missing, or the title is too long.
            WorkOrderError: the actor may not decide.
        """
        allow(actor, *DECIDERS, doing=f"{decision}热点")
        note, title = note.strip(), " ".join(title.split())
        if decision in _NEEDS_NOTE and not note:
            raise HotIssueError("missing", _NEEDS_NOTE[decision])
        if len(title) > _LONGEST_TITLE:
            raise HotIssueError("invalid", f"热点的名称最多 {_LONGEST_TITLE} 个字。")
        async with self._database.transaction() as session:
            issue = await _found(session, key, lock=True)
            issue.decision, issue.note = f"已{decision}", note
            issue.decided_by, issue.decided_at = actor.id, self._clock()
            before = issue.title
            if title and decision != "忽略":
                issue.title = title
            renamed = {} if issue.title == before else {"before": before}
            await record(
                session,
                actor=actor.id,
                role=actor.role,
                action=f"{decision}热点",
                subject=f"热点 {key}",
                detail={"title": issue.title, "note": note} | renamed,
            )
            return issue

    async def _listed(self, session: Any, issue: HotIssueRow, figures: HotIssueWindow) -> Listed:
        count = select(func.count()).where(
            HotIssueMember.issue_id == issue.id,
            HotIssueMember.window == figures.window,
            HotIssueMember.at >= figures.since,
        )
        orders = await session.scalar(count)
        return Listed(issue, figures, int(orders or 0), await shown(session, figures.sample))


async def _found(session: Any, key: str, *, lock: bool = False) -> HotIssueRow:
    query = select(HotIssueRow).where(HotIssueRow.key == key)
    issue: HotIssueRow | None = await session.scalar(query.with_for_update() if lock else query)
    if issue is None:
        raise HotIssueError("not_found", "没有找到这个热点，请核对编号。")
    return issue
