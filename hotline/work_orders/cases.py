"""Orders as cases that can be compared with one another; the way of ``hotline/similarity`` to the orders."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.similarity.likeness import Case
from hotline.work_orders.lifecycle import ENDED
from hotline.work_orders.masking import for_everybody
from hotline.work_orders.models import WorkOrder, WorkOrderEvent

#: These are nobody's new burden: they are handled with another, or are over.
_NOT_MERGED = (*ENDED, "已并案")


@dataclass(frozen=True)
class KeptCase:
    """An order as a case, with the meaning that was kept of it. The case's ``id`` is the order's number."""

    order_id: int
    case: Case
    meaning: bytes


def case_of(order: WorkOrder, topic: str | None) -> Case:
    """The order as a case."""
    return Case(
        id=order.number,
        text=order.what,
        at=order.created_at,
        where=order.where_text,
        area=order.area_code,
        street=order.street_code,
        topic=topic,
        caller=_caller(order.phone, order.conversation_id),
    )


async def likely_same(
    session: AsyncSession, order: WorkOrder, *, since: datetime, most: int
) -> list[KeptCase]:
    """The orders that ``order`` might be merged with, newest first. Confidential ones are compared among themselves."""
    query = _query().where(
        WorkOrder.id != order.id,
        WorkOrder.created_at >= since,
        WorkOrder.confidential == order.confidential,
        WorkOrder.demo if order.demo else ~WorkOrder.demo,
        WorkOrder.status.not_in(_NOT_MERGED),
    )
    return await _kept(session, query.order_by(WorkOrder.id.desc()).limit(most))


async def complained_of(
    session: AsyncSession, *, since: datetime, until: datetime, numbers: Collection[str] = (), most: int
) -> list[KeptCase]:
    """What may be told to many: orders since a moment, the newest first, and those of ``numbers``.

    Never a 举报 and nothing confidential; no praise, and nothing that was withdrawn. A case's weight is how often it was
    urged (催办).
    """
    query = _query(urged=True).where(
        WorkOrder.created_at <= until,
        (WorkOrder.created_at > since) | WorkOrder.number.in_(numbers),
        _open_to_many(),
    )
    return await _kept(session, query.order_by(WorkOrder.id.desc()).limit(most))


async def shown(session: AsyncSession, numbers: Sequence[str]) -> list[dict[str, Any]]:
    """These orders for the hotline's own people, masked, oldest first; what has become confidential is left out."""
    query = select(WorkOrder).where(WorkOrder.number.in_(numbers), _open_to_many()).order_by(WorkOrder.id)
    found = []
    for order in (await session.scalars(query)).all():
        veil = for_everybody(order)
        found.append(
            {
                "number": order.number,
                "status": order.status,
                "what": veil(order.what),
                "where": veil(order.where_text),
                "lead_unit": order.lead_unit,
                "created_at": order.created_at,
            }
        )
    return found


def _open_to_many() -> Any:
    return (
        WorkOrder.confidential.is_(False)
        & WorkOrder.content_confidential.is_(False)
        & WorkOrder.nature.not_in(("举报", "表扬"))
        & (WorkOrder.status != "已撤回")
    )


def _query(*, urged: bool = False) -> Select[Any]:
    """Only what is compared: thousands are read at a time."""
    urgings = (
        select(func.count())
        .where(WorkOrderEvent.order_id == WorkOrder.id, WorkOrderEvent.action == "催办")
        .scalar_subquery()
    )
    columns: list[Any] = [
        WorkOrder.id,
        WorkOrder.number,
        WorkOrder.what,
        WorkOrder.created_at,
        WorkOrder.where_text,
        WorkOrder.area_code,
        WorkOrder.street_code,
        WorkOrder.topic,
        WorkOrder.phone,
        WorkOrder.conversation_id,
        WorkOrder.meaning,
        *([urgings] if urged else []),
    ]
    return select(*columns).where(WorkOrder.meaning.is_not(None))


async def _kept(session: AsyncSession, query: Select[Any]) -> list[KeptCase]:
    found = []
    for id_, number, what, at, where, area, street, topic, phone, talk, meaning, *urged in (
        await session.execute(query)
    ).all():
        case = Case(
            id=number,
            text=what,
            at=at,
            where=where,
            area=area,
            street=street,
            topic=topic,
            caller=_caller(phone, talk),
            weight=float(sum(urged)),
        )
        found.append(KeptCase(id_, case, meaning))
    return found


def _caller(phone: str | None, conversation: object) -> str:
    """By what a caller is counted once; who left nothing is a caller by himself."""
    return phone or (str(conversation) if conversation else "")
