"""Showing personal data in clear, giving them to whom they belong, and taking them out in time.

Everything here leaves a line in the audit, in the transaction in which it is done; never the values.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.attachments.errors import AttachmentError
from hotline.attachments.service import Attachments, of_message, of_order
from hotline.audit import service as audit
from hotline.channels.wechat import forgetting as wechat
from hotline.conversations import forgetting as conversations
from hotline.conversations import steps
from hotline.conversations.models import Message
from hotline.database import Database, now
from hotline.desk import forgetting as notes
from hotline.knowledge import forgetting as questions
from hotline.language.identifiers import mask_phone
from hotline.open311 import forgetting as requests
from hotline.privacy.copies import Kept, Line, as_zip
from hotline.privacy.rules import MAX_REASON, MIN_REASON, Asked, Part, check_reveal
from hotline.quality import forgetting as asked_about
from hotline.work_orders import followers, personal
from hotline.work_orders.acting import allow
from hotline.work_orders.casework import Casework
from hotline.work_orders.effects.step import Actor
from hotline.work_orders.errors import WorkOrderError
from hotline.work_orders.lifecycle import ENDED, Role
from hotline.work_orders.models import WorkOrder

logger = structlog.get_logger(__name__)

#: Who deals with what a person asks for under 个人信息保护法 第四十五条、第四十七条.
_MAY_GIVE_AND_FORGET = (Role.DISPATCHER, Role.SUPERVISOR)


@dataclass(frozen=True, kw_only=True)
class Forgotten:
    """Numbers of the orders whose personal data were taken out, and of those that are still under way."""

    forgotten: tuple[str, ...]
    open: tuple[str, ...]


class Privacy:
    """The personal data of one hotline."""

    def __init__(
        self,
        database: Database,
        casework: Casework,
        attachments: Attachments,
        *,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._database = database
        self._casework = casework
        self._attachments = attachments
        self._clock = clock

    async def do_reveal(
        self, number: str, actor: Actor, fields: Collection[str], reason: str
    ) -> dict[str, Any]:
        """Values of the order in clear, by the names of ``personal.CLEAR``.

        Raises:
            WorkOrderError: it does not concern the actor, may not be seen, or no reason is given. What was refused is
                audited as well.
        """
        try:
            async with self._database.transaction() as session:
                order = await self._casework.seen(session, number, actor)
                if order.anonymised_at is not None:
                    raise WorkOrderError("forgotten", "这张工单的个人信息已经按规定删除了。")
                check_reveal(
                    Asked(
                        role=actor.role,
                        part=_part(order, actor),
                        hidden=order.confidential or order.anonymous,
                        ended=order.status in ENDED,
                        fields=fields,
                        reason=reason,
                    )
                )
                values = await personal.clear_values(session, order, fields)
                await self._record(session, actor, "查看原文", f"工单 {number}", fields=fields, reason=reason)
                return values
        except WorkOrderError as error:
            if error.code == "forbidden":
                async with self._database.transaction() as session:
                    await self._record(
                        session, actor, "查看原文被拒", f"工单 {number}", fields=fields, reason=reason
                    )
            raise

    async def of_person(
        self, session: AsyncSession, actor: Actor, phone: str, number: str | None, reason: str, *, doing: str
    ) -> tuple[str, Sequence[WorkOrder]]:
        """The telephone number as it is spelled here, and the orders it was left with, locked.

        Raises:
            WorkOrderError: the actor may not ask, the number is none, no reason, or there is no such order.
        """
        allow(actor, *_MAY_GIVE_AND_FORGET, doing=doing)
        if not MIN_REASON <= len(reason.strip()) <= MAX_REASON:
            raise WorkOrderError(
                "invalid", f"请写明依据什么办理（{MIN_REASON} 到 {MAX_REASON} 个字），例如：本人书面申请。"
            )
        phone = personal.read_phone(phone)
        orders = await personal.orders_of(session, phone, number=number, lock=True)
        orders = [order for order in orders if order.anonymised_at is None]
        if not orders:
            what = f"用这个电话登记的工单 {number}" if number else "用这个电话登记的工单"
            raise WorkOrderError(
                "not_found", f"没有查到{what}。匿名的、已经删除个人信息的工单，按电话查不到。"
            )
        return phone, orders

    async def do_copy(self, actor: Actor, phone: str, reason: str, *, number: str | None = None) -> bytes:
        """A zip with all that is kept of whoever left this number.

        Raises:
            WorkOrderError: see :meth:`of_person`.
        """
        office = self._casework.office
        async with self._database.transaction() as session:
            phone, orders = await self.of_person(session, actor, phone, number, reason, doing="导出个人信息")
            spoken = {order.conversation_id for order in orders if order.conversation_id}
            said = await conversations.lines_of(session, spoken)
            kept = Kept(
                hotline=office.city.hotline_name,
                phone=phone,
                at=self._clock(),
                orders=orders,
                steps={order.id: await personal.timeline_of(session, order) for order in orders},
                units={order.id: office.units.name(order.lead_unit) for order in orders if order.lead_unit},
                lines=[Line(line.created_at, line.author, line.text) for line in said],
                photographs=await self._photographs(session, orders, said),
                told_in=await self._told_in(session, orders),
            )
            await self._record(
                session,
                actor,
                "导出个人信息",
                f"电话 {mask_phone(phone)}",
                reason=reason,
                orders=[order.number for order in orders],
            )
        return await asyncio.to_thread(as_zip, kept)

    async def _told_in(self, session: AsyncSession, orders: Sequence[WorkOrder]) -> dict[int, list[str]]:
        """Of each order, the channels of the conversations in which it is told how it stands."""
        found = {}
        for order_id, spoken in (await personal.told_in(session, orders)).items():
            talks = [await steps.found(session, one) for one in spoken]
            found[order_id] = [talk.channel for talk in talks if talk is not None]
        return found

    async def _photographs(
        self, session: AsyncSession, orders: Sequence[WorkOrder], said: Sequence[Message]
    ) -> list[tuple[str, bytes]]:
        """What the citizen has sent: with the orders, and with what was said."""
        found = [
            one for order in orders for one in await of_order(session, order.id) if one.role == Role.CITIZEN
        ]
        for line in said:
            if line.author == "citizen" and line.content:
                found += await of_message(session, line.conversation_id, line.seq)
        files = {}
        for place, one in enumerate({one.id: one for one in found}.values(), 1):
            with suppress(AttachmentError):  # its file is gone; that is logged where it is looked for
                files[f"{place:03d}.jpg"] = await self._attachments.read(one)
        return list(files.items())

    async def do_forget_person(
        self, actor: Actor, phone: str, reason: str, *, number: str | None = None
    ) -> Forgotten:
        """Take out at once what is kept of whoever left this number, as far as the orders have ended.

        Raises:
            WorkOrderError: see :meth:`of_person`.
        """
        async with self._database.transaction() as session:
            phone, orders = await self.of_person(session, actor, phone, number, reason, doing="删除个人信息")
            ended = [order for order in orders if order.status in ENDED]
            still = [order.number for order in orders if order.status not in ENDED]
            numbers = [order.number for order in ended]
            if ended:
                await self.forget_orders(session, ended)
            await self._record(
                session,
                actor,
                "删除个人信息",
                f"电话 {mask_phone(phone)}",
                reason=reason,
                orders=numbers,
                open=still,
            )
        logger.info("personal data were taken out", orders=len(ended), open=len(still))
        return Forgotten(forgotten=tuple(numbers), open=tuple(still))

    async def forget_orders(
        self, session: AsyncSession, orders: Sequence[WorkOrder], *, before: datetime | None = None
    ) -> None:
        """Take out what is kept of locked orders, and of the conversations they were made in.

        A conversation in which another order is still under way keeps its words until that has ended.

        Args:
            before: of the conversations, only what is older; None: everything.
        """
        spoken = {order.conversation_id for order in orders if order.conversation_id}
        await self._attachments.do_forget_orders(session, [order.id for order in orders])
        await requests.do_forget(session, [order.draft for order in orders])
        await personal.do_forget(session, orders, self._clock())
        await session.flush()
        await self.forget_conversations(session, spoken, before=before)

    async def forget_conversations(
        self, session: AsyncSession, spoken: Collection[uuid.UUID], *, before: datetime | None = None
    ) -> int:
        """Take out what was said in conversations without an order under way; return how many lines were.

        Args:
            before: only what is older; None: everything.
        """
        # Who has asked to be forgotten does not go on following what is still under way elsewhere.
        busy = await personal.with_open_orders(session, spoken, followed=before is not None)
        quiet = sorted(set(spoken) - busy)
        if not quiet:
            return 0
        lines = await conversations.do_forget(session, quiet, before=before)
        await notes.do_forget(session, quiet, before=before)
        await wechat.do_forget(session, quiet, before=before)
        # Photographs and questions of a conversation that goes on belong to what is said in it now.
        over = sorted(set(quiet) - await conversations.with_words(session, quiet))
        await questions.do_forget(session, over)
        await asked_about.do_forget(session, over)
        await self._attachments.do_forget_conversations(session, over)
        await followers.do_forget(session, over)
        await wechat.do_drop(session, over, who_left=before is not None)
        return lines

    async def drop_who_left(self, session: AsyncSession) -> int:
        """Delete the openids of those who have left their account after what they said was forgotten; how many."""
        spoken = await wechat.left(session)
        busy = await personal.with_open_orders(session, spoken, followed=True)
        over = set(spoken) - busy - await conversations.with_words(session, spoken)
        return await wechat.do_drop(session, over, who_left=True)

    async def _record(
        self, session: AsyncSession, actor: Actor, action: str, subject: str, **detail: Any
    ) -> None:
        given = {name: list(v) if isinstance(v, tuple | set) else v for name, v in detail.items()}
        if actor.unit:
            given["unit"] = actor.unit
        await audit.record(
            session, actor=actor.id, role=actor.role, action=action, subject=subject, detail=given
        )


def _part(order: WorkOrder, actor: Actor) -> Part | None:
    if actor.role is not Role.UNIT:
        return None
    return "主办" if actor.unit == order.lead_unit else "协办"
