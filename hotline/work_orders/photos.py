"""What photographs mean to orders: which order they go to, who adds them, and who may see them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.attachments import service as attachments
from hotline.attachments.service import Attachments, Sender
from hotline.conversations.photos import ORDER_FORM, Form, Placed
from hotline.database import Database
from hotline.work_orders import masking
from hotline.work_orders.casework import Casework
from hotline.work_orders.effects.step import Actor
from hotline.work_orders.followers import known_in
from hotline.work_orders.lifecycle import OPEN, Act, NotAllowed, Role, find
from hotline.work_orders.models import WorkOrder, WorkOrderEvent

CITIZEN = Actor(id="citizen", role=Role.CITIZEN)


class OrderPhotos:
    """The photographs of the orders; also what a conversation asks when a citizen sends some."""

    def __init__(self, database: Database, casework: Casework, attachments: Attachments) -> None:
        self._database = database
        self._casework = casework
        self._attachments = attachments

    async def do_send(
        self, session: AsyncSession, conversation_id: uuid.UUID, seq: int, ids: Sequence[uuid.UUID]
    ) -> list[dict[str, object]]:
        """Make uploaded photographs a part of a message; what the channel shows of each.

        Raises:
            AttachmentError: see :meth:`Attachments.do_send`.
        """
        sent = await self._attachments.do_send(session, conversation_id, seq, ids)
        return [
            {"id": str(one.id), "width": one.width, "height": one.height, "size": one.size} for one in sent
        ]

    async def do_place(
        self, session: AsyncSession, conversation_id: uuid.UUID, seq: int, form: Form
    ) -> Placed:
        """Find the order that a message's photographs belong to, in the caller's transaction.

        While an order is filled in, that one; else the order that is being talked about, or the newest open one, as
        补充; else none yet.
        """
        photographs = await attachments.of_message(session, conversation_id, seq)
        free = [one for one in photographs if one.order_id is None]
        if len(free) < len(photographs):  # the form was handed in while they were on their way
            bound = next(one.order_id for one in photographs if one.order_id is not None)
            order = await session.get_one(WorkOrder, bound)
            return Placed(number=order.number)
        if form.name == ORDER_FORM:
            for one in free:
                one.promised = True
            return Placed(promised=bool(free))
        found = await self._open_order(session, conversation_id, form.order)
        if found is None or not free:
            return Placed()
        for one in free:
            one.order_id = found.id
        note = f"补充照片 {len(free)} 张"
        await self._supplement(session, found, note, request=f"photos:{conversation_id}:{seq}")
        return Placed(number=found.number)

    async def do_take_back(self, session: AsyncSession, conversation_id: uuid.UUID, seq: int) -> str | None:
        """Take a message's photographs out of their order again: they are about something else. The order's number."""
        photographs = await attachments.of_message(session, conversation_id, seq)
        bound = [one for one in photographs if one.order_id is not None]
        if not bound:
            return None
        order = await session.get_one(WorkOrder, bound[0].order_id, with_for_update=True)
        for one in bound:
            one.order_id = None
        note = f"取回照片 {len(bound)} 张，市民说是另一件事"
        request = f"photos-back:{conversation_id}:{seq}"
        await self._casework.add_line(session, order, CITIZEN, "补充", note, request=request)
        return order.number

    async def do_release(self, session: AsyncSession, conversation_id: uuid.UUID) -> None:
        """No order is being filled in any more."""
        await attachments.release(session, conversation_id)

    async def do_add(self, number: str, actor: Actor, files: Sequence[bytes], *, request: str) -> int:
        """Add photographs of somebody at work to an order; the same ``request`` adds them once. Return how many.

        Raises:
            AttachmentError: one is no picture that can be opened, or there are too many.
            WorkOrderError: there is no such order, or it does not concern the actor.
        """
        pictures = await self._attachments.pictures(files)
        async with self._database.transaction() as session:
            order = await self._casework.seen(session, number, actor, lock=True)
            same = select(WorkOrderEvent.id).where(
                WorkOrderEvent.order_id == order.id, WorkOrderEvent.request == request
            )
            if await session.scalar(same):
                return 0
            sender = Sender(id=actor.id, role=actor.role, unit=actor.unit)
            await self._attachments.do_add(session, order.id, pictures, sender, request=request)
            fields = {"note": f"上传照片 {len(pictures)} 张"}
            await self._casework.carry_out(session, order, actor, "备注", fields, request=request)
        return len(pictures)

    async def read(
        self, number: str, attachment_id: uuid.UUID, actor: Actor, *, thumbnail: bool = False
    ) -> bytes:
        """A photograph of an order or of one that was merged into it, for ``actor``.

        Raises:
            WorkOrderError: there is no such order, or it does not concern the actor.
            AttachmentError: there is no such photograph, or the actor may not see it.
        """
        async with self._database.transaction() as session:
            order = await self._casework.seen(session, number, actor)
            merged = select(WorkOrder).where(WorkOrder.merged_into == order.id)
            owners = {owner.id: owner for owner in (order, *(await session.scalars(merged)).all())}
        found = await self._attachments.find_at_orders(attachment_id, order_ids=owners)
        concerned = (order, owners[found.order_id or order.id])
        if not all(masking.sees_photograph(one, found.role, actor) for one in concerned):
            raise attachments.not_found()
        return await self._attachments.read(found, thumbnail=thumbnail)

    async def _open_order(
        self, session: AsyncSession, conversation_id: uuid.UUID, number: str | None
    ) -> WorkOrder | None:
        """The open order known in this conversation that is talked about, else the newest; locked."""
        query = select(WorkOrder).where(known_in(conversation_id), WorkOrder.status.in_(OPEN))
        named_first = (WorkOrder.number == (number or "")).desc()
        query = query.order_by(named_first, WorkOrder.id.desc()).limit(1)
        return (await session.scalars(query.with_for_update())).one_or_none()

    async def _supplement(self, session: AsyncSession, order: WorkOrder, note: str, *, request: str) -> None:
        """补充, as the lifecycle has it; once the order is answered, a line beside it."""
        fields = {"note": note}
        try:
            case = await self._casework.case(session, order)
            find(case, Act(action="补充", role=Role.CITIZEN, fields=fields))
        except NotAllowed:
            await self._casework.add_line(session, order, CITIZEN, "补充", note, request=request)
        else:
            await self._casework.carry_out(session, order, CITIZEN, "补充", fields, request=request)
