"""Figures over HTTP. Needs ``app.state.reports``, a :class:`hotline.reports.service.Reports`, and ``app.state.database``."""

from __future__ import annotations

import asyncio
import os
import tempfile
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import FileResponse
from starlette.background import BackgroundTask

from hotline.audit import service as audit
from hotline.reports.excel import write_report
from hotline.reports.periods import BadPeriod, Kind, Period
from hotline.reports.service import Reports
from hotline.reports.shapes import BoardOut, ReportOut, RowsOut
from hotline.work_orders.acting import ActorDep
from hotline.work_orders.errors import WorkOrderError
from hotline.work_orders.excel.api import XLSX, DatabaseDep

router = APIRouter(prefix="/reports", tags=["figures"])


def reports_of(request: Request) -> Reports:
    """The figures of the application."""
    reports: Reports = request.app.state.reports
    return reports


ReportsDep = Annotated[Reports, Depends(reports_of)]
Word = Annotated[str | None, Query(max_length=30, pattern=r"^[\w-]*$")]


def period_of(
    reports: ReportsDep,
    kind: Kind = "month",
    day: date | None = None,
    since: date | None = None,
    until: date | None = None,
) -> Period:
    """The period that is asked for: the one in which ``day`` (today) lies, or for ``range`` from ``since`` to ``until``.

    Raises:
        WorkOrderError: there is no such period.
    """
    try:
        if kind == "range":
            if since is None or until is None:
                raise BadPeriod("请选开始和结束的日期。")
            return Period.between(since, until)
        return Period.of(kind, day or reports.today)
    except BadPeriod as error:
        raise WorkOrderError("invalid", str(error)) from None


PeriodDep = Annotated[Period, Depends(period_of)]


@router.get("")
async def report(reports: ReportsDep, actor: ActorDep, period: PeriodDep) -> ReportOut:
    """The figures of a period, with 环比 and 同比."""
    return await reports.report(actor, period)


@router.get("/board")
async def board(reports: ReportsDep, actor: ActorDep) -> BoardOut:
    """Today, up to now."""
    return await reports.board(actor)


@router.get("/rows")
async def rows(
    reports: ReportsDep,
    actor: ActorDep,
    period: PeriodDep,
    measure: Annotated[str, Query(max_length=30)],
    indicator: Word = None,
    dimension: Word = None,
    value: Word = None,
    board: bool = False,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> RowsOut:
    """What makes up a number: exactly so many rows as it says. ``value`` empty: those with nothing in ``dimension``."""
    return await reports.rows(
        actor,
        measure,
        period,
        indicator=indicator,
        dimension=dimension,
        value=value,
        whole=board,
        limit=limit,
        offset=offset,
    )


@router.get("/export.xlsx", response_class=FileResponse)
async def export(
    reports: ReportsDep, actor: ActorDep, period: PeriodDep, database: DatabaseDep
) -> FileResponse:
    """The same figures as a workbook; that it was taken out is audited."""
    found = await reports.report(actor, period)
    handle, name = await asyncio.to_thread(tempfile.mkstemp, suffix=".xlsx")
    os.close(handle)
    path = Path(name)
    try:
        await asyncio.to_thread(write_report, path, found)
        async with database.transaction() as session:
            await audit.record(
                session,
                actor=actor.id,
                role=actor.role,
                action="导出统计报表",
                subject=period.words,
                detail={"since": str(period.since), "until": str(period.until), "scope": found.scope},
            )
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return FileResponse(
        path,
        media_type=XLSX,
        filename="report.xlsx",
        headers={"Cache-Control": "no-store"},
        background=BackgroundTask(_remove, path),
    )


def _remove(path: Path) -> None:
    with suppress(FileNotFoundError):
        path.unlink()
