"""What may be done with a work order. Every ``do_*`` is one transaction that leaves a line in the timeline."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import structlog
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.city import City
from hotline.database import Database, now
from hotline.work_orders.deadlines import SHANGHAI, promised_date
from hotline.work_orders.models import WorkOrder, WorkOrderCounter, WorkOrderEvent

#: A query code has a million values; five wrong tries an hour leave a guesser no chance.
WRONG_CODES = 5
WRONG_CODE_PAUSE = timedelta(hours=1)

logger = structlog.get_logger(__name__)

_ENDED = ("已办结", "已撤回", "不予受理")


class WorkOrderError(Exception):
    """What cannot be done, in words for the citizen. ``code`` is for programs."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A filled-in and confirmed form. ``id`` is the form's own: the same form twice makes one order."""

    id: str
    conversation_id: uuid.UUID | None
    nature: str
    what: str
    where_text: str = ""
    area_code: str | None = None
    street_code: str | None = None
    when_text: str = ""
    name: str | None = None
    phone: str | None = None
    anonymous: bool = False
    confidential: bool = False
    content_confidential: bool = False
    enterprise: bool = False


class WorkOrders:
    """The work orders of one city."""

    def __init__(self, database: Database, city: City) -> None:
        self._database = database
        self._city = city

    async def do_create(self, draft: Draft) -> WorkOrder:
        """Make the order of ``draft``, or find the one that was made of it before.

        Raises:
            WorkOrderError: the draft lacks what an order must have.
        """
        self.check_draft(draft)
        try:
            async with self._database.transaction() as session:
                await self._insert(session, draft)
        except IntegrityError:
            logger.info("draft was made into an order before", draft=draft.id)
        async with self._database.transaction() as session:
            order: WorkOrder = (
                await session.scalars(select(WorkOrder).where(WorkOrder.draft == draft.id))
            ).one()
            return order

    async def _insert(self, session: AsyncSession, draft: Draft) -> None:
        taken = now()
        days = self._city.working_days(draft.nature)
        order = WorkOrder(
            number=await self._next_number(session, taken),
            query_code=f"{secrets.randbelow(1_000_000):06d}",
            draft=draft.id,
            conversation_id=draft.conversation_id,
            nature=draft.nature,
            enterprise=draft.enterprise,
            what=draft.what.strip(),
            where_text=draft.where_text.strip(),
            area_code=draft.area_code,
            street_code=draft.street_code,
            when_text=draft.when_text.strip(),
            name=None if draft.anonymous else draft.name,
            phone=None if draft.anonymous else draft.phone,
            anonymous=draft.anonymous,
            confidential=draft.confidential or draft.nature == "举报",
            content_confidential=draft.content_confidential,
            promised_date=promised_date(taken, days, self._city.calendar),
            created_at=taken,
        )
        session.add(order)
        await session.flush()
        _log(session, order.id, "citizen", "提交", "", f"create:{draft.id}", taken)

    def check_draft(self, draft: Draft) -> None:
        """Refuse a draft that lacks what an order must have.

        Raises:
            WorkOrderError: with the words for the citizen.
        """
        if len(draft.what.strip()) < 4:
            raise WorkOrderError("what_missing", "请再说具体一点：发生了什么事？")
        if draft.nature in ("投诉", "举报", "求助") and not draft.where_text.strip():
            raise WorkOrderError("where_missing", "请告诉我事情发生在哪里。")

    async def of_conversation(self, conversation_id: uuid.UUID) -> Sequence[WorkOrder]:
        """The orders made in a conversation, newest first."""
        async with self._database.transaction() as session:
            query = select(WorkOrder).where(WorkOrder.conversation_id == conversation_id)
            return (await session.scalars(query.order_by(WorkOrder.id.desc()))).all()

    async def find(
        self, number: str, *, query_code: str | None = None, conversation_id: uuid.UUID | None = None
    ) -> WorkOrder:
        """The order, for somebody who knows its code or speaks in the conversation it was made in.

        Raises:
            WorkOrderError: no such order, a wrong code (the two look alike), or too many wrong codes.
        """
        async with self._database.transaction() as session:
            query = select(WorkOrder).where(WorkOrder.number == number).with_for_update()
            order = (await session.scalars(query)).one_or_none()
            if order is None:
                raise _not_found()
            if conversation_id is not None and order.conversation_id == conversation_id:
                return order
            if query_code is None:  # that is no guess
                raise _not_found()
            if order.wrong_code_at and now() - order.wrong_code_at > WRONG_CODE_PAUSE:
                order.wrong_codes = 0
            if order.wrong_codes >= WRONG_CODES:
                raise WorkOrderError(
                    "too_many_codes", "查询码错了好几次，为了您的信息安全，请一小时后再查，或转人工核实。"
                )
            right = secrets.compare_digest(order.query_code.encode(), query_code.encode())
            order.wrong_codes = 0 if right else order.wrong_codes + 1
            order.wrong_code_at = None if right else now()
        if not right:
            raise _not_found()
        return order

    async def timeline(self, order: WorkOrder) -> Sequence[WorkOrderEvent]:
        """The order's timeline, oldest first."""
        async with self._database.transaction() as session:
            query = select(WorkOrderEvent).where(WorkOrderEvent.order_id == order.id)
            return (await session.scalars(query.order_by(WorkOrderEvent.id))).all()

    async def do_urge(self, order: WorkOrder, *, request: str, note: str = "") -> WorkOrder:
        """Record that the citizen urges the order (催办). The same ``request`` leaves one line.

        Raises:
            WorkOrderError: the order has ended.
        """
        return await self._add(order, "催办", note, request)

    async def do_withdraw(self, order: WorkOrder, *, request: str, note: str = "") -> WorkOrder:
        """Withdraw the order at the citizen's wish (撤回).

        Raises:
            WorkOrderError: the order has ended.
        """
        return await self._add(order, "撤回", note, request, status="已撤回")

    async def _add(
        self, order: WorkOrder, action: str, note: str, request: str, *, status: str | None = None
    ) -> WorkOrder:
        async with self._database.transaction() as session:
            query = select(WorkOrder).where(WorkOrder.id == order.id).with_for_update()
            current: WorkOrder = (await session.scalars(query)).one()
            same = select(WorkOrderEvent.id).where(
                WorkOrderEvent.order_id == order.id, WorkOrderEvent.request == request
            )
            if await session.scalar(same):
                return current
            if current.status in _ENDED:
                raise WorkOrderError(
                    "ended",
                    f"工单 {current.number} {current.status}了，不能再{action}。需要的话可以重新反映。",
                )
            if status is not None:
                current.status = status
            _log(session, current.id, "citizen", action, note, request, now())
            return current

    async def _next_number(self, session: AsyncSession, taken: datetime) -> str:
        """``YYYYMMDD-NNNNN``: the day in Asia/Shanghai and a running number."""
        day: date = taken.astimezone(SHANGHAI).date()
        statement = insert(WorkOrderCounter).values(day=day, last=1)
        last = await session.scalar(
            statement.on_conflict_do_update(
                index_elements=[WorkOrderCounter.day], set_={"last": WorkOrderCounter.last + 1}
            ).returning(WorkOrderCounter.last)
        )
        return f"{day:%Y%m%d}-{last:05d}"


def _log(
    session: AsyncSession, order_id: int, actor: str, action: str, note: str, request: str, at: datetime
) -> None:
    session.add(
        WorkOrderEvent(order_id=order_id, at=at, actor=actor, action=action, note=note, request=request)
    )


def _not_found() -> WorkOrderError:
    return WorkOrderError("not_found", "没有查到这个工单，请核对工单号和查询码，一个数字都不能错。")
