"""What people see and do about messages that could not be delivered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.audit.service import record
from hotline.database import Database, now
from hotline.outside.errors import OutsideError
from hotline.outside.messages import ORDER
from hotline.outside.models import OutsideMessage, OutsideNonce
from hotline.outside.signature import SKEW
from hotline.outside.systems import Systems
from hotline.work_orders.casework import Casework
from hotline.work_orders.deliveries import settle_call
from hotline.work_orders.effects.step import Actor
from hotline.work_orders.models import WorkOrder

#: What has arrived is kept to be looked at for so long; then only that it has arrived.
_KEEP = timedelta(days=30)
#: Dead letters that are shown at a time.
MOST_LISTED = 200


@dataclass(frozen=True, kw_only=True)
class DeadLetter:
    """A message that waits for a person."""

    id: int
    number: str
    system: str
    system_name: str
    kind: str
    attempts: int
    error: str
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How it stands with one system."""

    code: str
    name: str
    waiting: int
    dead: int
    #: Why the last try of what waits has failed; empty: nothing has.
    error: str
    last_delivered_at: datetime | None


class Outside:
    """The messages to all systems, for those who look after them."""

    def __init__(
        self,
        database: Database,
        systems: Systems,
        casework: Casework,
        *,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._database = database
        self._systems = systems
        self._casework = casework
        self._clock = clock

    async def dead_letters(self, *, system: str | None = None) -> tuple[list[DeadLetter], int]:
        """What waits for a person, oldest first (200 at most), and how many there are."""
        query = (
            select(OutsideMessage, WorkOrder.number)
            .join(WorkOrder, WorkOrder.id == OutsideMessage.order_id)
            .where(OutsideMessage.state == "死信")
        )
        if system is not None:
            query = query.where(OutsideMessage.system == system)
        async with self._database.transaction() as session:
            total = await session.scalar(select(func.count()).select_from(query.subquery()))
            rows = (await session.execute(query.order_by(OutsideMessage.id).limit(MOST_LISTED))).all()
        return [self._letter(message, number) for message, number in rows], int(total or 0)

    def _letter(self, message: OutsideMessage, number: str) -> DeadLetter:
        return DeadLetter(
            id=message.id,
            number=number,
            system=message.system,
            system_name=self._name(message.system),
            kind=message.kind,
            attempts=message.attempts,
            error=message.error,
            created_at=message.created_at,
        )

    def _name(self, code: str) -> str:
        system = self._systems.get(code)
        return system.name if system else code

    async def standings(self) -> list[Standing]:
        """How it stands with each system that is connected or has messages open."""
        m = OutsideMessage
        failed = and_(m.state == "待发送", m.error != "")
        query = select(
            m.system,
            func.count().filter(m.state == "待发送"),
            func.count().filter(m.state == "死信"),
            func.max(m.error).filter(failed),
            func.max(m.done_at).filter(m.state == "已送达"),
        ).group_by(m.system)
        async with self._database.transaction() as session:
            rows = {row[0]: row for row in (await session.execute(query)).all()}
        codes = [system.code for system in self._systems]
        codes += [code for code, row in rows.items() if code not in codes and (row[1] or row[2])]
        found = []
        for code in codes:
            _, waiting, dead, error, last = rows.get(code, (code, 0, 0, None, None))
            found.append(
                Standing(
                    code=code,
                    name=self._name(code),
                    waiting=waiting,
                    dead=dead,
                    error=error or "",
                    last_delivered_at=last,
                )
            )
        return found

    async def do_retry(self, message_id: int, actor: Actor) -> None:
        """Have a dead letter tried again, from the first wait on.

        Raises:
            OutsideError: it is no dead letter, or its system is not connected.
        """
        async with self._database.transaction() as session:
            message, order = await self._dead(session, message_id)
            if self._systems.get(message.system) is None:
                raise OutsideError(
                    "refused", f"系统 {message.system} 没有接入，不能重发；请放弃，并电话告知承办单位。"
                )
            at = self._clock()
            message.state, message.attempts, message.next_try_at = "待发送", 0, at
            if message.call_id is not None:  # should it fail again, there will be another
                await settle_call(session, message.call_id, actor.id, at=at)
                message.call_id = None
            await self._note(session, actor, "重发给外部系统", order, message, {})
        await self._casework.call("outside")

    async def do_give_up(self, message_id: int, actor: Actor, reason: str) -> None:
        """Give a dead letter up: a person has told the unit. What came after an order that is given up goes with it.

        Raises:
            OutsideError: it is no dead letter.
        """
        async with self._database.transaction() as session:
            message, order = await self._dead(session, message_id)
            given_up: Sequence[OutsideMessage] = [message]
            if message.kind == ORDER:
                later = select(OutsideMessage).where(
                    OutsideMessage.order_id == message.order_id,
                    OutsideMessage.system == message.system,
                    OutsideMessage.state.in_(("待发送", "死信")),
                )
                given_up = (await session.scalars(later.with_for_update())).all()
            at = self._clock()
            for one in given_up:
                one.state, one.done_at = "已放弃", at
                if one.call_id is not None:
                    await settle_call(session, one.call_id, actor.id, at=at)
            words = f"不再发给{self._name(message.system)}：{reason}"
            await self._casework.carry_out(
                session, order, actor, "备注", {"note": words}, request=f"outside:give-up:{message_id}"
            )
            await self._note(session, actor, "放弃发给外部系统", order, message, {"reason": reason})
        await self._casework.call("outside")  # what came after it may go now

    @staticmethod
    async def _dead(session: AsyncSession, message_id: int) -> tuple[OutsideMessage, WorkOrder]:
        """The dead letter and its order, both locked."""
        dead = select(OutsideMessage).where(OutsideMessage.id == message_id, OutsideMessage.state == "死信")
        seen = (await session.scalars(dead)).one_or_none()
        if seen is not None:
            # The order first, as every action does. Who sends has the message first: that one is not waited for.
            order = await session.get_one(WorkOrder, seen.order_id, with_for_update=True)
            locked = dead.with_for_update(skip_locked=True).execution_options(populate_existing=True)
            message = (await session.scalars(locked)).one_or_none()
            if message is not None:
                return message, order
        raise OutsideError("not_found", "没有这条死信，或者已经有人处理过了。")

    @staticmethod
    async def _note(
        session: AsyncSession,
        actor: Actor,
        action: str,
        order: WorkOrder,
        message: OutsideMessage,
        more: dict[str, Any],
    ) -> None:
        detail = {"system": message.system, "message": message.id, "error": message.error} | more
        subject = f"工单 {order.number}"
        await record(session, actor=actor.id, role=actor.role, action=action, subject=subject, detail=detail)

    async def do_tidy(self) -> None:
        """Forget numbers that cannot be used again, and citizens' words that are not needed any more."""
        at = self._clock()
        finished = and_(OutsideMessage.state.in_(("已送达", "已放弃")), OutsideMessage.done_at < at - _KEEP)
        anonymous = OutsideMessage.order_id.in_(
            select(WorkOrder.id).where(WorkOrder.anonymised_at.is_not(None))
        )
        async with self._database.transaction() as session:
            await session.execute(delete(OutsideNonce).where(OutsideNonce.seen_at < at - 3 * SKEW))
            await session.execute(
                update(OutsideMessage)
                .where(anonymous, OutsideMessage.state.in_(("待发送", "死信")))
                .values(state="已放弃", done_at=at)
            )
            await session.execute(
                update(OutsideMessage).where(finished | anonymous, OutsideMessage.body != {}).values(body={})
            )
