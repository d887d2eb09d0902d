"""The audit for supervisors and leaders. Needs ``app.state.audit``, a :class:`hotline.audit.chain.Chain`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict

from hotline.audit import service
from hotline.audit.chain import Chain
from hotline.audit.csv_text import HEADER, csv_line, row_of
from hotline.database import Database
from hotline.work_orders.acting import ActorDep, allow
from hotline.work_orders.lifecycle import Role

router = APIRouter(prefix="/audit", tags=["audit"])

_MAY_READ = (Role.SUPERVISOR, Role.LEADER)


def _database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


def _chain(request: Request) -> Chain:
    chain: Chain = request.app.state.audit
    return chain


def _wanted(
    by: Annotated[str | None, Query(max_length=50)] = None,
    action: Annotated[str | None, Query(max_length=50)] = None,
    subject: Annotated[str | None, Query(max_length=100)] = None,
    since: date | None = None,
    until: date | None = None,
) -> service.Wanted:
    return service.Wanted(actor=by, action=action, subject=subject, since=since, until=until)


DatabaseDep = Annotated[Database, Depends(_database)]
ChainDep = Annotated[Chain, Depends(_chain)]
WantedDep = Annotated[service.Wanted, Depends(_wanted)]


class LineOut(BaseModel):
    """One thing somebody did."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    at: datetime
    actor: str
    role: str
    action: str
    subject: str
    detail: dict[str, Any]


class LinesOut(BaseModel):
    """A page, newest first. ``next`` is the ``before`` of the next page; None: there is none."""

    total: int
    lines: list[LineOut]
    next: int | None


class FaultOut(BaseModel):
    """A place where the audit does not hold."""

    model_config = ConfigDict(from_attributes=True)

    line: int | None
    message: str


class CheckedOut(BaseModel):
    """What a check has found; no faults: nobody has changed anything since the check before."""

    model_config = ConfigDict(from_attributes=True)

    count: int
    last: int
    digest: str
    faults: list[FaultOut]


@router.get("")
async def lines(
    database: DatabaseDep,
    actor: ActorDep,
    wanted: WantedDep,
    before: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> LinesOut:
    """Who did what, newest first."""
    allow(actor, *_MAY_READ, doing="查看审计记录")
    found, total = await service.lines(database, wanted, before=before, limit=limit)
    more = found[-1].id if len(found) == limit else None
    return LinesOut(total=total, lines=[LineOut.model_validate(line) for line in found], next=more)


@router.get("/export.csv")
async def export(database: DatabaseDep, actor: ActorDep, wanted: WantedDep) -> StreamingResponse:
    """The same as a table for Excel, oldest first. That it was taken out is recorded first."""
    allow(actor, *_MAY_READ, doing="导出审计记录")
    asked = {name: str(value) for name, value in vars(wanted).items() if value is not None}
    async with database.transaction() as session:
        await service.record(
            session, actor=actor.id, role=actor.role, action="导出审计", subject="审计记录", detail=asked
        )

    async def text() -> AsyncIterator[str]:
        yield "\ufeff" + csv_line(HEADER)
        async for line in service.stream(database, wanted):
            yield csv_line(row_of(line))

    headers = {"Content-Disposition": 'attachment; filename="audit.csv"', "Cache-Control": "no-store"}
    return StreamingResponse(text(), media_type="text/csv; charset=utf-8", headers=headers)


@router.post("/check")
async def check(chain: ChainDep, actor: ActorDep) -> CheckedOut:
    """Look through the whole audit for changes."""
    allow(actor, *_MAY_READ, doing="核对审计记录")
    return CheckedOut.model_validate(await chain.do_check())
