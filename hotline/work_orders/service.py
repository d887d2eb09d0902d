"""What a citizen may do: hand in an order, follow it, urge, add to, withdraw and rate it.

Every ``do_*`` is one transaction that leaves a line in the timeline.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.attachments.service import bind_to_new_order, of_order
from hotline.conversations.steps import found
from hotline.database import Database, now
from hotline.work_orders import followers, news
from hotline.work_orders.casework import Casework
from hotline.work_orders.deadlines import SHANGHAI
from hotline.work_orders.effects.step import Actor
from hotline.work_orders.errors import WorkOrderError
from hotline.work_orders.followers import Following
from hotline.work_orders.lifecycle import Role
from hotline.work_orders.models import DEMO, WorkOrder, WorkOrderCounter, WorkOrderEvent, WorkOrderTimer
from hotline.work_orders.pointing import pointed
from hotline.work_orders.sources import USUAL, source_of
from hotline.work_orders.timers import wanted

#: A query code has a million values; five wrong tries an hour leave a guesser no chance.
WRONG_CODES = 5
WRONG_CODE_PAUSE = timedelta(hours=1)

#: Of more orders at once it is only told that there are many.
_TOLD_ONE_BY_ONE = 20

logger = structlog.get_logger(__name__)

#: What a citizen does stands under this name; who it was, the order knows.
CITIZEN = Actor(id="citizen", role=Role.CITIZEN)


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
    #: None: by the channel of the conversation.
    source: str | None = None
    #: The number of the agent who took it down on the telephone.
    taken_by: str | None = None
    #: The topic that was chosen; None: it is looked up.
    topic: str | None = None
    #: WGS-84.
    lat: float | None = None
    long: float | None = None
    #: What else was said, for the first line of the timeline.
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Taken:
    """A draft, when it was taken down, and the number it gets.

    Attributes:
        settled: columns of an order that has ended elsewhere and is only kept here.
    """

    draft: Draft
    at: datetime
    number: str
    settled: Mapping[str, Any] = field(default_factory=dict)


class WorkOrders:
    """The work orders of one city."""

    def __init__(
        self, database: Database, casework: Casework, *, clock: Callable[[], datetime] = now
    ) -> None:
        self._database = database
        self.casework = casework
        self._clock = clock

    async def do_create(self, draft: Draft) -> WorkOrder:
        """Make the order of ``draft``, or find the one that was made of it before.

        Raises:
            WorkOrderError: the draft lacks what an order must have.
        """
        self.check_draft(draft)
        draft = await self._of_conversation(draft)
        try:
            async with self._database.transaction() as session:
                await self._insert(session, draft)
        except IntegrityError:
            logger.info("draft was made into an order before", draft=draft.id)
        else:
            await self.casework.call("triage")
        async with self._database.transaction() as session:
            order: WorkOrder = (
                await session.scalars(select(WorkOrder).where(WorkOrder.draft == draft.id))
            ).one()
            return order

    async def _of_conversation(self, draft: Draft) -> Draft:
        """What the conversation tells of the draft: how the case came in, and that it is demo data too."""
        if draft.conversation_id is None:
            return draft
        async with self._database.transaction() as session:
            spoken = await found(session, draft.conversation_id)
        source = draft.source or source_of(spoken.channel if spoken else None)
        demo = spoken is not None and spoken.demo and not draft.id.startswith(DEMO)
        return replace(draft, source=source, id=f"{DEMO}{draft.id}" if demo else draft.id)

    async def _insert(self, session: AsyncSession, draft: Draft) -> None:
        at = self._clock()
        number = await self._next_number(session, at)
        await self.insert_all(session, [Taken(draft=draft, at=at, number=number)])

    async def insert_all(self, session: AsyncSession, taken: Sequence[Taken]) -> list[WorkOrder]:
        """Make orders of checked drafts, in the caller's transaction, each with its first line and its timers."""
        orders = [self._order(one) for one in taken]
        session.add_all(orders)
        await session.flush()
        for one, order in zip(taken, orders, strict=True):
            draft, notes = one.draft, [one.draft.note]
            if draft.conversation_id is not None:
                photos = await bind_to_new_order(session, draft.conversation_id, order.id)
                place = await pointed(session, draft.conversation_id, order=order.id)
                notes.append(f"照片 {photos} 张" if photos else "")
                if place is not None and order.lat is None and place.fits(order.where_text):
                    order.lat, order.long = place.lat, place.long
                    notes.append(place.as_came)
            line = WorkOrderEvent(
                order_id=order.id,
                at=one.at,
                actor=draft.taken_by or "citizen",
                role=Role.AGENT if draft.taken_by else Role.CITIZEN,
                action="提交",
                status="待受理",
                note="；".join(filter(None, notes)),
                request=f"create:{draft.id}",
            )
            timers = [
                WorkOrderTimer(order_id=order.id, kind=timer.kind, due_at=timer.due_at)
                for timer in wanted(order, self.casework.office)
            ]
            session.add_all([line, *timers])
        if len(orders) > _TOLD_ONE_BY_ONE:
            await news.tell(session, "", {order.lead_unit for order in orders})
        else:
            for order in orders:
                await news.tell(session, order.number, {order.lead_unit})
        return orders

    def _order(self, one: Taken) -> WorkOrder:
        draft = one.draft
        order = WorkOrder(
            number=one.number,
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
            status="待受理",
            promised_date=self.casework.office.promise(draft.nature, one.at),
            source=draft.source or USUAL,
            taken_by=draft.taken_by,
            topic=draft.topic,
            lat=draft.lat,
            long=draft.long,
            created_at=one.at,
        )
        for name, value in one.settled.items():
            setattr(order, name, value)
        return order

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

    async def known_in(self, conversation_id: uuid.UUID) -> Sequence[WorkOrder]:
        """The orders made in a conversation and those that it follows, newest first."""
        async with self._database.transaction() as session:
            query = select(WorkOrder).where(followers.known_in(conversation_id))
            return (await session.scalars(query.order_by(WorkOrder.id.desc()))).all()

    async def find(
        self, number: str, *, query_code: str | None = None, conversation_id: uuid.UUID | None = None
    ) -> WorkOrder:
        """The order, for somebody who knows its code or speaks in a conversation that knows it.

        Raises:
            WorkOrderError: no such order, a wrong code (the two look alike), or too many wrong codes.
        """
        async with self._database.transaction() as session:
            query = select(WorkOrder).where(WorkOrder.number == number).with_for_update()
            order = (await session.scalars(query)).one_or_none()
            if order is None:
                raise _no_such_order()
            if conversation_id is not None and (
                order.conversation_id == conversation_id
                or await followers.follows(session, order.id, conversation_id)
            ):
                return order
            if query_code is None:  # that is no guess
                raise _no_such_order()
            if order.wrong_code_at and self._clock() - order.wrong_code_at > WRONG_CODE_PAUSE:
                order.wrong_codes = 0
            if order.wrong_codes >= WRONG_CODES:
                raise WorkOrderError(
                    "too_many_codes", "查询码错了好几次，为了您的信息安全，请一小时后再查，或转人工核实。"
                )
            right = secrets.compare_digest(order.query_code.encode(), query_code.encode())
            order.wrong_codes = 0 if right else order.wrong_codes + 1
            order.wrong_code_at = None if right else self._clock()
        if not right:
            raise _no_such_order()
        return order

    async def do_follow(self, order: WorkOrder, conversation_id: uuid.UUID | None) -> Following:
        """Have the conversation follow an order that :meth:`find` has given it; whether it does."""
        if conversation_id is None:
            return None
        async with self._database.transaction() as session:
            if await found(session, conversation_id) is None:
                return None
            # Nothing happens to the order meanwhile that would be told to nobody.
            locked = await session.get_one(WorkOrder, order.id, with_for_update=True)
            following = await followers.do_follow(session, locked, conversation_id, self._clock())
        if following == "yes":
            await self.casework.call("deliver")
        return following

    async def timeline(self, order: WorkOrder) -> Sequence[WorkOrderEvent]:
        """The order's timeline, oldest first."""
        async with self._database.transaction() as session:
            query = select(WorkOrderEvent).where(WorkOrderEvent.order_id == order.id)
            return (await session.scalars(query.order_by(WorkOrderEvent.id))).all()

    async def photographs(self, order: WorkOrder) -> int:
        """How many photographs the order has."""
        async with self._database.transaction() as session:
            return len(await of_order(session, order.id))

    async def do_urge(self, order: WorkOrder, *, request: str, note: str = "") -> WorkOrder:
        """Record that the citizen urges the order (催办). The same ``request`` leaves one line.

        Raises:
            WorkOrderError: the order has been answered or has ended.
        """
        return await self._do(order, "催办", {"note": note}, request)

    async def do_withdraw(self, order: WorkOrder, *, request: str, note: str = "") -> WorkOrder:
        """Withdraw the order at the citizen's wish (撤回).

        Raises:
            WorkOrderError: the order has been answered or has ended.
        """
        return await self._do(order, "撤回", {"note": note}, request)

    async def do_supplement(self, order: WorkOrder, *, request: str, note: str) -> WorkOrder:
        """Add to the order (补充); one that waited for it goes on.

        Raises:
            WorkOrderError: nothing was said, or the order has been answered or has ended.
        """
        return await self._do(order, "补充", {"note": note}, request)

    async def do_rate(
        self,
        order: WorkOrder,
        *,
        request: str,
        rating: str,
        reason: str = "",
        conversation_id: uuid.UUID | None = None,
    ) -> WorkOrder:
        """Keep whether the citizen is content with the answer (评价).

        Args:
            conversation_id: where it was said; the others that know the order are told what comes of it.

        Raises:
            WorkOrderError: nobody has asked yet, it was rated before, or 不满意 without a reason.
        """
        actor = replace(CITIZEN, conversation=conversation_id)
        return await self._do(order, "评价", {"rating": rating, "reason": reason}, request, actor)

    async def _do(
        self, order: WorkOrder, action: str, fields: dict[str, str], request: str, actor: Actor = CITIZEN
    ) -> WorkOrder:
        return await self.casework.do_act(order.number, actor, action, fields, request=request)

    async def _next_number(self, session: AsyncSession, taken: datetime) -> str:
        return next(await self._numbers(session, taken.astimezone(SHANGHAI).date(), 1))

    async def do_reserve_numbers(self, days: Mapping[date, int]) -> dict[date, Iterator[str]]:
        """So many numbers of each day, for orders that are made soon; those not used are left out for good.

        On its own, and not where the orders are made: nobody waits for a number until many others have theirs.
        """
        async with self._database.transaction() as session:
            # In one order, so that two who reserve do not wait for each other.
            return {day: await self._numbers(session, day, days[day]) for day in sorted(days)}

    async def _numbers(self, session: AsyncSession, day: date, count: int) -> Iterator[str]:
        """``YYYYMMDD-NNNNN``: the day in Asia/Shanghai and a running number."""
        statement = insert(WorkOrderCounter).values(day=day, last=count)
        last = await session.scalar(
            statement.on_conflict_do_update(
                index_elements=[WorkOrderCounter.day], set_={"last": WorkOrderCounter.last + count}
            ).returning(WorkOrderCounter.last)
        )
        assert last is not None
        return (f"{day:%Y%m%d}-{number:05d}" for number in range(last - count + 1, last + 1))


def _no_such_order() -> WorkOrderError:
    """The same words for a number that is not there and a code that is wrong."""
    return WorkOrderError("not_found", "没有查到这个工单，请核对工单号和查询码，一个数字都不能错。")
