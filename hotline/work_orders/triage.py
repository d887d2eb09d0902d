"""What happens to an order right after it was taken down: its topic, urgency and unit, and others like it.

What the system is sure enough of (``process.yml``) it accepts and dispatches by itself; the rest waits for a person,
with the proposal, its confidence and its reason.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.database import Database, now
from hotline.dispatch.proposals import Judge
from hotline.dispatch.routing import Place, Proposal
from hotline.similarity.duplicates import Duplicates
from hotline.work_orders.cases import case_of, likely_same
from hotline.work_orders.casework import SYSTEM, Casework
from hotline.work_orders.errors import WorkOrderError
from hotline.work_orders.models import WorkOrder, WorkOrderLikeness
from hotline.yaml_files import read_yaml

logger = structlog.get_logger(__name__)

#: Orders at a time.
_BATCH = 50
#: Likely duplicates are looked for among the orders of so many days, the newest so many.
_DAYS, _MOST = 45, 5000
_TOPICS_KEPT = 5
#: A topic less likely than this is proposed, and not taken for granted in lists and counts.
_LIKELY = 0.5


@dataclass(frozen=True)
class Urgency:
    """``data/dispatch/urgency.yml``: which words make an order urgent."""

    patterns: Sequence[tuple[str, re.Pattern[str]]]
    low_natures: frozenset[str]

    @classmethod
    def load(cls, path: Path) -> Urgency:
        """Read the file."""
        content = read_yaml(path)
        patterns = [(item["why"], re.compile(item["pattern"])) for item in content["urgent"]]
        return cls(patterns, frozenset(content["low_natures"]))

    def of(self, nature: str, what: str) -> tuple[str, str]:
        """加急, 一般 or 低, and why."""
        if nature in self.low_natures:
            return "低", ""
        why = next((why for why, pattern in self.patterns if pattern.search(what)), "")
        return ("加急", why) if why else ("一般", "")


class Triage:
    """Looks at new orders."""

    def __init__(
        self,
        database: Database,
        casework: Casework,
        judge: Judge,
        duplicates: Duplicates,
        urgency: Urgency,
        *,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._database = database
        self._casework = casework
        self._judge = judge
        self._duplicates = duplicates
        self._urgency = urgency
        self._clock = clock

    async def do_triage(self) -> int:
        """Look at all orders nobody has looked at; return how many were looked at here.

        An order that cannot be looked at holds up no other; it is tried again at the next turn.
        """
        looked, failed = 0, set[int]()
        while True:
            query = (
                select(WorkOrder)
                .where(
                    WorkOrder.triaged_at.is_(None),
                    WorkOrder.anonymised_at.is_(None),
                    WorkOrder.id.not_in(failed),
                )
                .order_by(WorkOrder.id)
                .limit(_BATCH)
            )
            async with self._database.transaction() as session:
                found = (await session.scalars(query)).all()
            if not found:
                return looked
            for order in found:
                try:
                    looked += await self._look(order)
                except Exception:
                    logger.exception("an order could not be looked at", order=order.number)
                    failed.add(order.id)

    async def _look(self, seen: WorkOrder) -> bool:
        topics, proposals = await asyncio.to_thread(self._propose, seen)
        urgency, why = self._urgency.of(seen.nature, seen.what)
        topic = seen.topic or max(topics, key=topics.__getitem__)
        meaning, likenesses = await self._compare(seen, topic)
        async with self._database.transaction() as session:
            order = await session.get_one(WorkOrder, seen.id, with_for_update=True)
            if order.triaged_at is not None:
                return False
            order.triaged_at = self._clock()
            order.meaning = meaning
            order.urgency = urgency
            if order.topic is None and topics[topic] >= _LIKELY:
                order.topic = topic
            order.proposal = {
                "topics": [
                    {
                        "topic": code,
                        "name": self._casework.office.topics.get(code, code),
                        "probability": round(p, 3),
                    }
                    for code, p in sorted(topics.items(), key=lambda item: -item[1])[:_TOPICS_KEPT]
                ],
                "units": [asdict(p) | {"name": self._casework.office.units.name(p.unit)} for p in proposals],
                "urgency": why,
            }
            for other, score, reason in likenesses:
                session.add(WorkOrderLikeness(order_id=order.id, other_id=other, score=score, reason=reason))
            await session.flush()
            await self._casework.tell(session, order)
            if proposals and self._sure(order, proposals[0], bool(likenesses)):
                await self._by_itself(session, order, topic, proposals[0])
            return True

    def _propose(self, order: WorkOrder) -> tuple[dict[str, float], list[Proposal]]:
        topics = self._judge.topics(order.what)
        place = Place(order.area_code, order.street_code)
        return topics, self._judge.propose(order.what, topics, place)

    def _sure(self, order: WorkOrder, proposal: Proposal, likely_same: bool) -> bool:
        """Whether no person is needed. A likely duplicate is for a person: it may be merged instead."""
        rule = self._casework.office.process.automatic_dispatch
        return (
            order.status == "待受理"
            and not likely_same
            and not order.confidential
            and order.nature in rule.natures
            and rule.threshold < 1
            and proposal.confidence >= rule.threshold
        )

    async def _by_itself(
        self, session: AsyncSession, order: WorkOrder, topic: str, proposal: Proposal
    ) -> None:
        number = order.number
        assisting = [{"unit": unit} for unit in proposal.assisting]
        given = {"unit": proposal.unit, "assisting": assisting, "note": f"自动派单：{proposal.reason}"}
        steps: list[tuple[str, dict[str, Any]]] = [("受理", {"topic": topic}), ("派单", given)]
        try:
            async with session.begin_nested():
                for action, fields in steps:
                    await self._casework.carry_out(
                        session, order, SYSTEM, action, fields, request=f"auto:{action}"
                    )
        except WorkOrderError as error:
            logger.error("an order could not be dispatched", order=number, error=error.message)

    async def _compare(self, order: WorkOrder, topic: str) -> tuple[bytes, list[tuple[int, float, str]]]:
        """What to keep of the order's meaning, and the orders that are likely the same case."""
        case = case_of(order, topic)
        meaning = await asyncio.to_thread(self._duplicates.encode, case)
        since = self._clock() - timedelta(days=_DAYS)
        async with self._database.transaction() as session:
            others = await likely_same(session, order, since=since, most=_MOST)
        compared = [(other.case, other.meaning) for other in others]
        found = await asyncio.to_thread(self._duplicates.propose, case, compared, meaning=meaning)
        ids = {other.case.id: other.order_id for other in others}
        return meaning, [(ids[proposal.id], proposal.score, proposal.reason) for proposal in found]
