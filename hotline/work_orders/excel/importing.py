"""Taking a workbook of orders in: all of its rows or none, and none of them twice."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import structlog
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.audit import service as audit
from hotline.database import Database
from hotline.work_orders.acting import allow
from hotline.work_orders.deadlines import SHANGHAI
from hotline.work_orders.effects.step import Actor
from hotline.work_orders.excel.names import Names
from hotline.work_orders.excel.reading import ImportRow, read_rows
from hotline.work_orders.lifecycle import Role
from hotline.work_orders.models import WorkOrder, WorkOrderEvent
from hotline.work_orders.service import Taken, WorkOrders

logger = structlog.get_logger(__name__)

_MAY_IMPORT = (Role.DISPATCHER, Role.SUPERVISOR)
_LOCK = 12345_03
#: Orders in one statement.
_BATCH = 500


@dataclass(frozen=True, kw_only=True)
class Made:
    """What a row has become. No code: the order has ended, and nobody follows it."""

    row: int
    external: str | None
    number: str
    query_code: str | None


@dataclass(frozen=True, kw_only=True)
class Imported:
    """What an import has done, or would do: rows in all, those taken in, and those that were there before."""

    rows: int
    created: int
    known: int
    orders: tuple[Made, ...] = ()


class Import:
    """Imports into one hotline."""

    def __init__(self, database: Database, orders: WorkOrders, names: Names) -> None:
        self._database = database
        self._orders = orders
        self._names = names

    async def do_import(
        self, data: bytes, file: str, actor: Actor, *, at: datetime, dry_run: bool = False
    ) -> Imported:
        """Take in the rows of a workbook.

        Args:
            file: its name, for the audit.
            dry_run: only look whether it could be taken in.

        Raises:
            WorkOrderError: the actor may not, or the workbook has mistakes (then nothing is taken in).
        """
        allow(actor, *_MAY_IMPORT, doing="导入工单")
        rows = await asyncio.to_thread(read_rows, data, self._names, at)
        for row in rows:
            self._orders.check_draft(row.draft)
        async with self._database.transaction() as session:
            known = await self._known(session, rows)
        new = [row for row in rows if row.draft.id not in known]
        if dry_run or not new:
            return Imported(rows=len(rows), created=len(new), known=len(rows) - len(new))
        days = Counter(_day(row, at) for row in new)
        numbers = await self._orders.do_reserve_numbers(days)
        taken = [_taken(row, at, numbers[_day(row, at)]) for row in new]
        made = await self._insert(new, taken, file, actor, at, rows=len(rows))
        await self._orders.casework.call("triage")
        logger.info("orders were imported", rows=len(rows), created=len(made))
        return Imported(rows=len(rows), created=len(made), known=len(rows) - len(made), orders=tuple(made))

    async def _insert(
        self,
        new: Sequence[ImportRow],
        taken: Sequence[Taken],
        file: str,
        actor: Actor,
        at: datetime,
        *,
        rows: int,
    ) -> list[Made]:
        made: list[Made] = []
        async with self._database.transaction() as session:
            # The same file may be on its way twice; the second then finds all of it known.
            await session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            known = await self._known(session, new)
            both = [pair for pair in zip(new, taken, strict=True) if pair[0].draft.id not in known]
            for start in range(0, len(both), _BATCH):
                some = both[start : start + _BATCH]
                orders = await self._orders.insert_all(session, [one for _, one in some])
                for (row, _), order in zip(some, orders, strict=True):
                    session.add_all(_lines(row, order, actor, at))
                    code = None if row.settled else order.query_code
                    made.append(
                        Made(row=row.row, external=row.external, number=order.number, query_code=code)
                    )
                await session.flush()
            detail = {"file": file, "rows": rows, "created": len(made), "known": rows - len(made)}
            await audit.record(
                session, actor=actor.id, role=actor.role, action="导入工单", subject="工单", detail=detail
            )
        return made

    @staticmethod
    async def _known(session: AsyncSession, rows: Sequence[ImportRow]) -> set[str]:
        drafts = [row.draft.id for row in rows]
        return set(await session.scalars(select(WorkOrder.draft).where(WorkOrder.draft.in_(drafts))))


def _day(row: ImportRow, at: datetime) -> date:
    return (row.at or at).astimezone(SHANGHAI).date()


def _taken(row: ImportRow, at: datetime, numbers: Iterator[str]) -> Taken:
    return Taken(draft=row.draft, at=row.at or at, number=next(numbers), settled=row.settled)


def _lines(row: ImportRow, order: WorkOrder, actor: Actor, at: datetime) -> Iterator[WorkOrderEvent]:
    """What the timeline of an imported order says beside that it was taken down."""
    if order.answered_at is not None:
        yield WorkOrderEvent(
            order_id=order.id,
            at=order.answered_at,
            actor="import",
            role=Role.UNIT,
            unit=order.lead_unit,
            action="答复",
            status="已答复",
            note=order.answer or "",
            public=False,
            request="import:answer",
        )
    source = f"原编号 {row.external}" if row.external else "没有原编号"
    yield WorkOrderEvent(
        order_id=order.id,
        at=at,
        actor=actor.id,
        role=actor.role,
        action="导入",
        status=order.status,
        note=f"从表格导入，{source}",
        public=False,
        request="import",
    )
