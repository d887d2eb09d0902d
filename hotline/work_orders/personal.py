"""The personal data in the orders: shown in clear, found by telephone number, and taken out for good.

Called by ``hotline/privacy``, in its transactions; who may and why is decided there.
"""

from __future__ import annotations

import re
import secrets
import uuid
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.audit import service as audit
from hotline.language.erasing import erase, erased
from hotline.language.identifiers import find_identifiers
from hotline.work_orders import followers
from hotline.work_orders.effects.step import Actor
from hotline.work_orders.errors import WorkOrderError
from hotline.work_orders.lifecycle import ENDED, OPEN, Role
from hotline.work_orders.masking import names_of
from hotline.work_orders.models import (
    WorkOrder,
    WorkOrderDelivery,
    WorkOrderEvent,
    WorkOrderFollower,
    WorkOrderLetter,
    WorkOrderLikeness,
    WorkOrderRequest,
    WorkOrderUnit,
)

#: What can be shown in clear, as it is called in front of people.
CLEAR = {
    "name": "姓名",
    "phone": "电话",
    "what": "内容",
    "where": "地点",
    "when": "时间",
    "answer": "答复",
    "rating_reason": "评价理由",
    "notes": "经过",
}
#: Who opens the same confidential order again within this time has opened it once.
_SAME_VISIT = timedelta(minutes=10)


async def clear_values(session: AsyncSession, order: WorkOrder, fields: Collection[str]) -> dict[str, Any]:
    """The values of ``fields``, which are keys of :data:`CLEAR`, as they were given."""
    values: dict[str, Any] = {
        "name": order.name,
        "phone": order.phone,
        "what": order.what,
        "where": order.where_text,
        "when": order.when_text,
        "answer": order.answer,
        "rating_reason": order.rating_reason,
    }
    if "notes" in fields:
        values["notes"] = [
            {"at": line.at.isoformat(), "role": line.role, "action": line.action, "note": line.note}
            for line in await _rows(session, WorkOrderEvent, [order.id])
            if line.note
        ]
    return {name: values[name] for name in CLEAR if name in fields}


async def note_reading(session: AsyncSession, order: WorkOrder, actor: Actor) -> None:
    """Record that ``actor`` has opened a confidential order."""
    if not order.confidential:
        return
    said = {"actor": actor.id, "action": "查看保密工单", "subject": f"工单 {order.number}"}
    if not await audit.recorded_lately(session, **said, within=_SAME_VISIT):
        detail = {"unit": actor.unit} if actor.unit else {}
        await audit.record(session, **said, role=actor.role, detail=detail)


def read_phone(typed: str) -> str:
    """The canonical spelling of a telephone number, however it is typed.

    Raises:
        WorkOrderError: it is none.
    """
    found = [item.value for item in find_identifiers(typed) if item.kind == "phone"]
    if len(found) != 1:
        raise WorkOrderError("bad_phone", "电话号码不对，请写 11 位手机号，或者带区号的座机号。")
    return found[0]


async def orders_of(
    session: AsyncSession, phone: str, *, number: str | None = None, lock: bool = False
) -> Sequence[WorkOrder]:
    """The orders that were left with this telephone number, oldest first.

    Args:
        phone: as :func:`read_phone` gives it; in the orders it may be written in other ways.
        number: only this order.
    """
    digits = re.sub(r"\D", "", phone)
    kept = func.regexp_replace(WorkOrder.phone, "[^0-9]", "", "g")
    query = select(WorkOrder).where(kept.in_([digits, f"86{digits}", f"0086{digits}"]))
    if number is not None:
        query = query.where(WorkOrder.number == number)
    query = query.order_by(WorkOrder.id)
    return (await session.scalars(query.with_for_update() if lock else query)).all()


async def timeline_of(session: AsyncSession, order: WorkOrder) -> Sequence[WorkOrderEvent]:
    """What the citizen may know of the order's way: the public lines, and all that was said by the citizen."""
    lines = await _rows(session, WorkOrderEvent, [order.id])
    return [line for line in lines if line.public or line.role == Role.CITIZEN]


async def ended_before(session: AsyncSession, limit: datetime, *, most: int) -> Sequence[WorkOrder]:
    """Ended orders whose personal data are to go, locked; those that somebody else works on come next time."""
    query = (
        select(WorkOrder)
        .where(WorkOrder.closed_at < limit, WorkOrder.status.in_(ENDED), WorkOrder.anonymised_at.is_(None))
        .order_by(WorkOrder.closed_at, WorkOrder.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    return (await session.scalars(query)).all()


async def with_open_orders(
    session: AsyncSession, conversations: Collection[uuid.UUID], *, followed: bool
) -> set[uuid.UUID]:
    """Those of the conversations in which an order is still under way.

    Args:
        followed: count what was made elsewhere and is followed there, too.
    """
    query = select(WorkOrder.conversation_id).where(
        WorkOrder.conversation_id.in_(conversations), WorkOrder.status.in_(OPEN)
    )
    found = {found for found in await session.scalars(query) if found is not None}
    return found | (await followers.with_open_orders(session, conversations) if followed else set())


async def told_in(session: AsyncSession, orders: Sequence[WorkOrder]) -> dict[int, list[uuid.UUID]]:
    """By the orders' ids, the conversations in which it is told how they stand."""
    found = {order.id: [order.conversation_id] if order.conversation_id else [] for order in orders}
    for follower in await _rows(session, WorkOrderFollower, found):
        found[follower.order_id].append(follower.conversation_id)
    return found


async def do_forget(session: AsyncSession, orders: Sequence[WorkOrder], at: datetime) -> None:
    """Take out of locked orders all that points to a person; what is counted stays.

    The number stays as well: who knows it finds that there was such an order, and nothing of whom.
    """
    by_id = {order.id: order for order in orders}
    names = {order.id: names_of(order) for order in orders}
    links = {
        order_id: tuple(map(str, spoken)) for order_id, spoken in (await told_in(session, orders)).items()
    }

    def citizen(order_id: int, words: str) -> str:
        return erase(words, names=names[order_id])

    def office(order_id: int, words: str) -> str:
        return erase(words, names=names[order_id], landlines=False)

    for line in await _rows(session, WorkOrderEvent, by_id):
        how = citizen if line.role == Role.CITIZEN else office
        line.note = how(line.order_id, line.note)
        line.detail = erased(line.detail, partial(office, line.order_id))
        if any(link in line.request for link in links[line.order_id]):
            line.request = f"forgotten:{line.id}"
    for delivery in await _rows(session, WorkOrderDelivery, by_id):
        delivery.text = office(delivery.order_id, delivery.text)
        delivery.content = erased(delivery.content, partial(office, delivery.order_id))
        delivery.error, delivery.said_in = "", None
    for request in await _rows(session, WorkOrderRequest, by_id):
        request.reason = office(request.order_id, request.reason)
        request.decision_note = office(request.order_id, request.decision_note)
    for letter in await _rows(session, WorkOrderLetter, by_id):
        letter.body = office(letter.order_id, letter.body)
        letter.lead_duty = office(letter.order_id, letter.lead_duty)
        letter.decision_note = office(letter.order_id, letter.decision_note)
        letter.assisting = erased(letter.assisting, partial(office, letter.order_id))
    for share in await _rows(session, WorkOrderUnit, by_id):
        share.duty = office(share.order_id, share.duty)
        share.opinion = share.opinion and office(share.order_id, share.opinion)
    # The words two cases share are kept with the one and with the other.
    either = or_(WorkOrderLikeness.order_id.in_(by_id), WorkOrderLikeness.other_id.in_(by_id))
    for likeness in await session.scalars(select(WorkOrderLikeness).where(either)):
        likeness.reason = erase(likeness.reason, names=[name for found in names.values() for name in found])
    await session.execute(delete(WorkOrderFollower).where(WorkOrderFollower.order_id.in_(by_id)))
    for order in orders:
        _forget(order, at)


def _forget(order: WorkOrder, at: datetime) -> None:
    names = names_of(order)

    def citizen(words: str) -> str:
        return erase(words, names=names)

    def office(words: str) -> str:
        return erase(words, names=names, landlines=False)

    order.what, order.where_text, order.when_text = map(
        citizen, (order.what, order.where_text, order.when_text)
    )
    order.answer = order.answer and office(order.answer)
    order.rating_reason = order.rating_reason and citizen(order.rating_reason)
    order.proposal = order.proposal and erased(order.proposal, office)
    # The form's id begins with the conversation's; other ids keep an order from being taken twice.
    if order.conversation_id is not None and str(order.conversation_id) in order.draft:
        order.draft = f"forgotten:{order.id}"
    order.name = order.phone = order.conversation_id = order.meaning = order.lat = order.long = None
    # Nobody knows this one.
    order.query_code = secrets.token_hex(16)
    order.anonymised_at = at
    order.version += 1


async def _rows(session: AsyncSession, table: Any, order_ids: Collection[int]) -> Sequence[Any]:
    query = select(table).where(table.order_id.in_(order_ids)).order_by(*table.__table__.primary_key)
    return (await session.scalars(query)).all()
