"""Sends what waits for other systems.

A message is sent while its row is locked, and marked in the same transaction. Who is killed between the two leaves it
waiting: it is sent again under the same key, and the other side does nothing twice.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import structlog
from sqlalchemy import ColumnElement, exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from hotline.audit.service import record
from hotline.database import Database, now
from hotline.dispatch.units import Units
from hotline.outside.adapter import Message, NotDelivered, OutsideSystem
from hotline.outside.models import OutsideMessage
from hotline.outside.systems import System, Systems
from hotline.work_orders.deliveries import leave_call, settle_call
from hotline.work_orders.models import WorkOrder

logger = structlog.get_logger(__name__)

#: So many failures one after the other end a system's turn: it is down, and the next turn comes in a minute.
_PATIENCE = 3
#: Messages looked up at a time.
_PAGE = 100
#: So many of them in other hands, and they are looked up anew.
_MISSES = 10
#: A system that is not in our file may be in that of a process that was started later: so long that one is waited for.
_GRACE = timedelta(hours=1)


class Sender:
    """Sends to all systems."""

    def __init__(
        self,
        database: Database,
        systems: Systems,
        adapters: Mapping[str, OutsideSystem],
        units: Units,
        *,
        clock: Callable[[], datetime] = now,
    ) -> None:
        """
        Args:
            database: one connection is held for each system while something is sent to it.
            adapters: how each system is reached, by code.
        """
        self._database = database
        self._systems = systems
        self._adapters = adapters
        self._units = units
        self._clock = clock
        self._busy: set[str] = set()
        #: Systems that were called while they were busy: something may have come after the last look.
        self._again: set[str] = set()

    async def close(self) -> None:
        """Give the connections to the systems back."""
        for adapter in self._adapters.values():
            await adapter.close()

    async def do_send(self) -> int:
        """Send all that is due, to all systems side by side; return how many messages arrived.

        A system that another call in this process is sending to is left to that one.
        """
        await self._bury_unreachable()
        codes = {system.code for system in self._systems}
        self._again |= codes & self._busy
        idle = [system for system in self._systems if system.code not in self._busy]
        return sum(await asyncio.gather(*(self._send_to(system) for system in idle)))

    async def _send_to(self, system: System) -> int:
        self._busy.add(system.code)
        arrived = failures = 0
        try:
            while failures < _PATIENCE:
                self._again.discard(system.code)
                due = await self._due(system)
                tried = missed = 0
                while due and missed < _MISSES and failures < _PATIENCE:
                    outcome = await self._send_one(system, due.pop(0))
                    if outcome is None:
                        missed += 1
                        random.shuffle(due)  # another worker is here, too: do not walk behind it
                        continue
                    tried += 1
                    arrived += outcome
                    failures = 0 if outcome else failures + 1
                if not tried and system.code not in self._again:
                    break
        except Exception:
            # The other systems' messages go on; this one's are tried at the next turn.
            logger.exception("sending to a system failed", system=system.code)
        finally:
            self._busy.discard(system.code)
            self._again.discard(system.code)
        return arrived

    async def _due(self, system: System) -> list[int]:
        """Messages that may go now, some at a time: with many waiting, looking costs more than sending."""
        query = select(OutsideMessage.id).where(OutsideMessage.system == system.code, *self._may_go())
        query = query.order_by(OutsideMessage.next_try_at, OutsideMessage.id).limit(_PAGE)
        async with self._database.transaction() as session:
            return list((await session.scalars(query)).all())

    async def _send_one(self, system: System, message_id: int) -> bool | None:
        """Send one message; return whether it arrived, None when it is in other hands or not to be sent any more."""
        query = select(OutsideMessage).where(OutsideMessage.id == message_id, *self._may_go())
        async with self._database.transaction() as session:
            locked = query.with_for_update(of=OutsideMessage, skip_locked=True)
            message = (await session.scalars(locked)).one_or_none()
            if message is None:
                return None
            try:
                given = Message(
                    number=message.body["number"], kind=message.kind, key=message.key, body=message.body
                )
                external_id = await self._adapters[system.code].send(given)
            except NotDelivered as error:
                await self._put_off(session, system, message, error)
                return False
            except Exception as error:
                logger.exception("a message could not be sent", message=message.id)
                failed = NotDelivered(f"发送时出错（{type(error).__name__}）", again=True)
                await self._put_off(session, system, message, failed)
                return False
            await self._arrived(session, system, message, external_id)
            return True

    def _may_go(self) -> list[ColumnElement[bool]]:
        """It is due, and all before it of its order have arrived."""
        earlier = aliased(OutsideMessage)
        before = exists().where(
            earlier.order_id == OutsideMessage.order_id,
            earlier.system == OutsideMessage.system,
            earlier.id < OutsideMessage.id,
            earlier.state.in_(("待发送", "死信")),
        )
        return [OutsideMessage.state == "待发送", OutsideMessage.next_try_at <= self._clock(), ~before]

    async def _arrived(
        self, session: AsyncSession, system: System, message: OutsideMessage, external_id: str | None
    ) -> None:
        at = self._clock()
        message.state, message.done_at, message.error = "已送达", at, ""
        message.external_id = external_id
        message.attempts += 1
        if message.call_id is not None:
            await settle_call(session, message.call_id, "system", at=at)
        if message.body.get("caller"):
            number = message.body["number"]
            await record(
                session,
                actor="system",
                role="系统",
                action="把诉求人电话交给外部系统",
                subject=f"工单 {number}",
                detail={"system": system.code},
            )

    async def _put_off(
        self, session: AsyncSession, system: System, message: OutsideMessage, failure: NotDelivered
    ) -> None:
        at = self._clock()
        message.attempts += 1
        message.error = failure.message[:500]
        logger.warning(
            "a message did not arrive", message=message.id, system=system.code, error=message.error
        )
        waits = self._systems.retry_seconds
        if not failure.again or message.attempts > len(waits):
            await self._bury(session, message, system.name)
            return
        wait = timedelta(seconds=waits[message.attempts - 1])
        message.next_try_at = at + max(wait, failure.after or timedelta())
        if failure.after:
            await self._leave_in_peace(session, system, at + failure.after)

    async def _leave_in_peace(self, session: AsyncSession, system: System, until: datetime) -> None:
        """Send the system nothing before ``until``."""
        waiting = (
            select(OutsideMessage.id)
            .where(
                OutsideMessage.system == system.code,
                OutsideMessage.state == "待发送",
                OutsideMessage.next_try_at < until,
            )
            .with_for_update(skip_locked=True)
        )
        later = update(OutsideMessage).where(OutsideMessage.id.in_(waiting)).values(next_try_at=until)
        await session.execute(later, execution_options={"synchronize_session": False})

    async def _bury(self, session: AsyncSession, message: OutsideMessage, name: str) -> None:
        """Make it a dead letter, and have a person ring the unit up: the order stays where it is."""
        message.state = "死信"
        order = await session.get_one(WorkOrder, message.order_id)
        unit = await self._unit(session, message)
        text = (
            f"没有送到{name}（{message.error}）。请打电话告诉{self._units.name(unit)}，再重发或放弃这条消息。"
        )
        message.call_id = await leave_call(session, order, unit, text, event="outside_dead", at=self._clock())

    @staticmethod
    async def _unit(session: AsyncSession, message: OutsideMessage) -> str:
        """The unit that has to know: the one that has the order, or had it until this message."""
        query = select(OutsideMessage.units).where(
            OutsideMessage.order_id == message.order_id,
            OutsideMessage.system == message.system,
            OutsideMessage.id <= message.id,
            OutsideMessage.units != [],
        )
        return (await session.scalars(query.order_by(OutsideMessage.id.desc()).limit(1))).one()[0]

    async def _bury_unreachable(self) -> None:
        """What waits for a system that is no longer connected is for a person."""
        query = select(OutsideMessage).where(
            OutsideMessage.state == "待发送",
            OutsideMessage.next_try_at <= self._clock() - _GRACE,
            OutsideMessage.system.not_in([system.code for system in self._systems]),
        )
        async with self._database.transaction() as session:
            for message in (await session.scalars(query.with_for_update(skip_locked=True))).all():
                message.error = f"outside.yml 里已经没有系统 {message.system}"
                await self._bury(session, message, f"系统 {message.system} ")
