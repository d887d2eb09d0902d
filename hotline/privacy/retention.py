"""The job ``retention``: taking personal data out of what is kept no longer, every night, in batches.

The days are the office's (``process.yml``). Each batch is one transaction with its line in the audit; a job that breaks
off goes on where it stopped, and what is done is not done again.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from hotline.audit import service as audit
from hotline.audit.chain import Chain
from hotline.conversations import forgetting as conversations
from hotline.database import Database, now
from hotline.privacy.service import Privacy
from hotline.work_orders import personal
from hotline.work_orders.casework import SYSTEM
from hotline.work_orders.process import Process

logger = structlog.get_logger(__name__)

#: Orders, and conversations, in one transaction.
_ORDERS, _CONVERSATIONS = 200, 500


class Retention:
    """Forgets in time, and looks whether the audit of it holds."""

    def __init__(
        self,
        database: Database,
        privacy: Privacy,
        process: Process,
        chain: Chain | None = None,
        *,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._database = database
        self._privacy = privacy
        self._process = process
        self._chain = chain
        self._clock = clock

    async def do_retain(self) -> int:
        """Forget all that is due; return how many orders and lines of conversations were."""
        forgotten = await self._orders() + await self._conversations()
        await self._who_left()
        if self._chain is not None:
            checked = await self._chain.do_check()
            if checked.faults:
                logger.error("the audit does not hold", faults=[fault.message for fault in checked.faults])
        return forgotten

    async def _orders(self) -> int:
        limit = self._clock() - timedelta(days=self._process.retention_days)
        spoken_before = self._clock() - timedelta(days=self._process.conversation_retention_days)
        forgotten = 0
        while True:
            async with self._database.transaction() as session:
                orders = await personal.ended_before(session, limit, most=_ORDERS)
                if not orders:
                    return forgotten
                numbers = [order.number for order in orders]
                await self._privacy.forget_orders(session, orders, before=spoken_before)
                await audit.record(
                    session,
                    actor=SYSTEM.id,
                    role=SYSTEM.role,
                    action="匿名化",
                    subject="到期的工单",
                    detail={"orders": numbers, "days": self._process.retention_days},
                )
            forgotten += len(orders)
            logger.info("orders were made anonymous", orders=len(orders))

    async def _conversations(self) -> int:
        limit = self._clock() - timedelta(days=self._process.conversation_retention_days)
        async with self._database.transaction() as session:
            spoken = await conversations.with_old_words(session, limit)
        forgotten = 0
        for start in range(0, len(spoken), _CONVERSATIONS):
            some = spoken[start : start + _CONVERSATIONS]
            async with self._database.transaction() as session:
                lines = await self._privacy.forget_conversations(session, some, before=limit)
                if lines:
                    await audit.record(
                        session,
                        actor=SYSTEM.id,
                        role=SYSTEM.role,
                        action="清除对话原文",
                        subject="到期的对话",
                        detail={"lines": lines, "days": self._process.conversation_retention_days},
                    )
            forgotten += lines
        return forgotten

    async def _who_left(self) -> None:
        async with self._database.transaction() as session:
            dropped = await self._privacy.drop_who_left(session)
            if dropped:
                await audit.record(
                    session,
                    actor=SYSTEM.id,
                    role=SYSTEM.role,
                    action="匿名化",
                    subject="取消关注的市民",
                    detail={"contacts": dropped},
                )
