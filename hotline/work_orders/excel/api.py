"""HTTP for workbooks of orders. Needs ``app.state.order_lists``, ``.work_orders``, ``.database`` and ``.settings``.

These routes stand before those of the single orders: ``export.xlsx`` is no number.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, UploadFile
from fastapi.responses import FileResponse
from pydantic import BaseModel, ConfigDict
from starlette.background import BackgroundTask
from starlette.types import ASGIApp

from hotline.audit import service as audit
from hotline.database import Database, now
from hotline.dispatch.units import UnknownUnit
from hotline.errors import error_response
from hotline.settings import Settings
from hotline.work_orders.acting import ActorDep, OrdersDep, allow
from hotline.work_orders.errors import WorkOrderError
from hotline.work_orders.excel.export import write_orders
from hotline.work_orders.excel.importing import Import
from hotline.work_orders.excel.names import Names
from hotline.work_orders.excel.places import PlaceNames
from hotline.work_orders.excel.reading import MAX_BYTES, Fault, WorkbookError
from hotline.work_orders.lifecycle import NATURES, STATUSES, Role
from hotline.work_orders.lists import Filter, Lists
from hotline.work_orders.office import Office

router = APIRouter(prefix="/orders", tags=["workbooks of orders"])

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_MAY_EXPORT = (Role.DISPATCHER, Role.UNIT, Role.SUPERVISOR, Role.LEADER)
#: Bytes that stand around the file in a form.
MAX_BODY = MAX_BYTES + 64 * 1024


def too_large(_: str) -> ASGIApp:
    """What is answered to a body above :data:`MAX_BODY`."""
    return error_response(413, "too_long", f"文件太大，最多 {MAX_BYTES >> 20} MB，请分成几个文件。")


def _database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


def _lists(request: Request) -> Lists:
    lists: Lists = request.app.state.order_lists
    return lists


def _names(request: Request, orders: OrdersDep) -> Names:
    settings: Settings = request.app.state.settings
    return Names(orders.casework.office, PlaceNames.load(settings.city_dir))


DatabaseDep = Annotated[Database, Depends(_database)]
ListsDep = Annotated[Lists, Depends(_lists)]
NamesDep = Annotated[Names, Depends(_names)]


class MadeOut(BaseModel):
    """A row that has become an order; ``query_code`` is to be told to the citizen, None of one that has ended."""

    model_config = ConfigDict(from_attributes=True)

    row: int
    external: str | None
    number: str
    query_code: str | None


class ImportedOut(BaseModel):
    """Rows of the workbook, those taken in (or that would be: ``dry_run``), and those that were there before."""

    model_config = ConfigDict(from_attributes=True)

    rows: int
    created: int
    known: int
    orders: list[MadeOut]


def _one_of(given: list[str], known: tuple[str, ...], what: str) -> list[str]:
    for words in given:
        if words not in known:
            raise WorkOrderError("invalid", f"没有“{words}”这个{what}，只有：{'、'.join(known)}。")
    return given


def _unit(words: str | None, office: Office) -> str | None:
    try:
        return office.units.find(words).code if words else None
    except UnknownUnit as error:
        raise WorkOrderError("unknown_unit", str(error)) from None


def _area(words: str | None, places: PlaceNames) -> str | None:
    found = places.find_area(words) if words else None
    if words and found is None:
        raise WorkOrderError("invalid", f"没有“{words}”这个区县，只有：{'、'.join(places.areas.values())}。")
    return found


@router.get("/export.xlsx", response_class=FileResponse)
async def export(
    database: DatabaseDep,
    lists: ListsDep,
    names: NamesDep,
    actor: ActorDep,
    status: Annotated[list[str], Query()] = [],  # noqa: B006
    nature: Annotated[list[str], Query()] = [],  # noqa: B006
    topic: Annotated[str | None, Query(max_length=10)] = None,
    area: Annotated[str | None, Query(max_length=30)] = None,
    of_unit: Annotated[str | None, Query(max_length=60)] = None,
    overdue: bool | None = None,
    supervised: bool | None = None,
    enterprise: bool | None = None,
    since: date | None = None,
    until: date | None = None,
) -> FileResponse:
    """All orders of a filter that the role may see, as a workbook; that it was taken out is audited."""
    allow(actor, *_MAY_EXPORT, doing="导出工单")
    wanted = Filter(
        statuses=_one_of(status, STATUSES, "状态"),
        natures=_one_of(nature, NATURES, "类型"),
        topic=topic,
        area=_area(area, names.places),
        unit=_unit(of_unit, names.office),
        overdue=overdue,
        supervised=supervised,
        enterprise=enterprise,
        since=since,
        until=until,
        everything=True,
    )
    handle, name = await asyncio.to_thread(tempfile.mkstemp, suffix=".xlsx")
    os.close(handle)
    path = Path(name)
    try:
        count = await write_orders(path, lists, actor, wanted, names.office, names.places)
        async with database.transaction() as session:
            detail = {key: value for key, value in _asked(wanted).items() if value}
            if actor.unit:
                detail["by_unit"] = actor.unit
            await audit.record(
                session,
                actor=actor.id,
                role=actor.role,
                action="导出工单",
                subject="工单",
                detail=detail | {"count": count},
            )
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return FileResponse(
        path,
        media_type=XLSX,
        filename="orders.xlsx",
        headers={"Cache-Control": "no-store"},
        background=BackgroundTask(_remove, path),
    )


def _remove(path: Path) -> None:
    with suppress(FileNotFoundError):
        path.unlink()


def _asked(wanted: Filter) -> dict[str, object]:
    """The filter, as JSON can hold it."""
    shown = {}
    for name, value in vars(wanted).items():
        if name not in ("everything", "asking", "words"):
            shown[name] = (
                str(value) if isinstance(value, date) else list(value) if isinstance(value, tuple) else value
            )
    return shown


@router.post("/import")
async def import_(
    file: UploadFile,
    database: DatabaseDep,
    orders: OrdersDep,
    names: NamesDep,
    actor: ActorDep,
    dry_run: bool = False,
) -> ImportedOut:
    """Take in a workbook of orders: all of it, or nothing when something in it is wrong."""
    data = await file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise WorkbookError([Fault(0, "", "文件太大，请分成几个文件。")])
    name = (file.filename or "").replace("\x00", "")[-100:]
    work = Import(database, orders, names)
    return ImportedOut.model_validate(await work.do_import(data, name, actor, at=now(), dry_run=dry_run))
