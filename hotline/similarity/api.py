"""The hot issues for the hotline's own people. Needs ``app.state.hot_issues``, a :class:`hotline.similarity.service.HotIssues`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from hotline.similarity.hot_issues import sentence
from hotline.similarity.models import HotIssueRow
from hotline.similarity.service import Decision, HotIssues, Listed, Wanted
from hotline.work_orders.acting import ActorDep, OrdersDep
from hotline.work_orders.office import Office

router = APIRouter(prefix="/hot-issues", tags=["hot issues"])


def _service(request: Request) -> HotIssues:
    service: HotIssues = request.app.state.hot_issues
    return service


def _office(orders: OrdersDep) -> Office:
    return orders.casework.office


ServiceDep = Annotated[HotIssues, Depends(_service)]
OfficeDep = Annotated[Office, Depends(_office)]


class OrderOut(BaseModel):
    """An order of an issue; numbers and names in its words are masked."""

    number: str
    status: str
    what: str
    where: str
    lead_unit: str | None
    created_at: datetime


class MemberOut(OrderOut):
    """The same, with the windows in which it counts or counted."""

    windows: list[str]


class IssueOut(BaseModel):
    """What an issue is, and what was decided about it."""

    key: str
    level: Literal["地点", "事项"]
    title: str
    place: str
    topic: str | None
    topic_name: str | None
    area: str | None
    area_name: str | None
    words: list[str] = Field(description="What is said most.")
    found_at: datetime
    last_at: datetime
    decision: Literal["待定", "已确认", "已忽略", "已办结"]
    decided_by: str | None
    decided_at: datetime | None
    note: str


class FiguresOut(BaseModel):
    """How an issue stands in one window; of one that has ended, as it stood last."""

    model_config = ConfigDict(from_attributes=True)

    window: str
    state: Literal["进行中", "已平息"]
    sentence: str = Field(description="How it is said in a report.")
    callers: int = Field(description="Distinct callers in the window.")
    before: int = Field(description="The same in the window before.")
    orders: int
    heat: float
    trend: Literal["新出现", "上升", "持平", "下降"]
    since: datetime
    until: datetime
    turned_at: datetime
    sample: list[OrderOut]


class ListedOut(IssueOut, FiguresOut):
    """A line of the list."""


class ListOut(BaseModel):
    """A page of the list."""

    total: int
    issues: list[ListedOut]


class FolderOut(IssueOut):
    """An issue with its windows and its orders, oldest first."""

    windows: list[FiguresOut]
    members: list[MemberOut]


class DecisionIn(BaseModel):
    """``忽略`` and ``办结`` need a note; a ``title`` is how it is called from now on."""

    model_config = ConfigDict(extra="forbid")

    decision: Decision
    note: Annotated[str, Field(max_length=500)] = ""
    title: Annotated[str, Field(max_length=100)] = ""


@router.get("")
async def issues(
    service: ServiceDep,
    office: OfficeDep,
    actor: ActorDep,
    window: Annotated[str | None, Query(max_length=20)] = None,
    state: Annotated[Literal["进行中", "已平息"] | None, Query()] = None,
    decision: Annotated[Literal["待定", "已确认", "已忽略", "已办结"] | None, Query()] = None,
    level: Annotated[Literal["地点", "事项"] | None, Query()] = None,
    area: Annotated[str | None, Query(max_length=20)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> ListOut:
    """What is hot, the hottest first; what was ignored or is closed only when it is asked for."""
    wanted = Wanted(window=window, state=state, decision=decision, level=level, area=area)
    found, total = await service.issues(actor, wanted, limit=limit, offset=offset)
    lines = [_issue(one.issue, office).model_dump() | _figures(one).model_dump() for one in found]
    return ListOut(total=total, issues=[ListedOut(**line) for line in lines])


@router.get("/{key}")
async def issue(key: str, service: ServiceDep, office: OfficeDep, actor: ActorDep) -> FolderOut:
    """One issue with all that belongs to it."""
    folder = await service.page(key, actor)
    return FolderOut(
        **_issue(folder.issue, office).model_dump(),
        windows=[_figures(window) for window in folder.windows],
        members=[MemberOut.model_validate(member) for member in folder.members],
    )


@router.post("/{key}/decide")
async def decide(
    key: str, body: DecisionIn, service: ServiceDep, office: OfficeDep, actor: ActorDep
) -> IssueOut:
    """Confirm an issue, ignore it so that it does not come again, or close it until there is a newer order."""
    return _issue(await service.do_decide(key, actor, body.decision, body.note, body.title), office)


def _issue(row: HotIssueRow, office: Office) -> IssueOut:
    return IssueOut(
        key=row.key,
        level=row.level,  # type: ignore[arg-type]
        title=row.title,
        place=row.place,
        topic=row.topic,
        topic_name=office.topics.get(row.topic) if row.topic else None,
        area=row.area,
        area_name=office.units.name(row.area).removesuffix("人民政府") if row.area else None,
        words=row.words,
        found_at=row.found_at,
        last_at=row.last_at,
        decision=row.decision,  # type: ignore[arg-type]
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        note=row.note,
    )


def _figures(listed: Listed) -> FiguresOut:
    figures = listed.figures
    return FiguresOut(
        window=figures.window,
        state=figures.state,  # type: ignore[arg-type]
        sentence=sentence(listed.issue.title, figures.callers, figures.window),
        callers=figures.callers,
        before=figures.before,
        orders=listed.orders,
        heat=figures.heat,
        trend=figures.trend,  # type: ignore[arg-type]
        since=figures.since,
        until=figures.until,
        turned_at=figures.turned_at,
        sample=[OrderOut.model_validate(order) for order in listed.sample],
    )
