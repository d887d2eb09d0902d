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
import yaml
from sqlalchemy import select

from hotline.database import Database, now
from hotline.dispatch.proposals import Judge
from hotline.dispatch.routing import Place, Proposal
from hotline.similarity.duplicates import Case as Likely
from hotline.similarity.duplicates import Duplicates
from hotline.work_orders.casework import SYSTEM, Casework
from hotline.work_orders.errors import WorkOrderError
from hotline.work_orders.models import WorkOrder, WorkOrderLikeness

logger = structlog.get_logger(__name__)

#: Orders at a time.
_BATCH = 50
#: Likely duplicates are looked for among the orders of so many days, the newest so many.
_DAYS, _MOST = 45, 5000
_TOPICS_KEPT = 5


@dataclass(frozen=True)
class Urgency:
    """``data/dispatch/urgency.yml``: which words make an order urgent."""

    patterns: Sequence[tuple[str, re.Pattern[str]]]
    low_natures: frozenset[str]

    @classmethod
    def load(cls, path: Path) -> Urgency:
        """Read the file."""
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
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
        """Look at all orders nobody has looked at; return how many were looked at here."""
        query = (
            select(WorkOrder)
            .where(WorkOrder.triaged_at.is_(None), WorkOrder.anonymised_at.is_(None))
            .order_by(WorkOrder.id)
            .limit(_BATCH)
        )
        looked = 0
        while True:
            async with self._database.transaction() as session:
                found = (await session.scalars(query)).all()
            if not found:
                return looked
            for order in found:
                looked += await self._look(order)

    async def _look(self, seen: WorkOrder) -> bool:
        topics, proposals = await asyncio.to_thread(self._propose, seen)
        urgency, why = self._urgency.of(seen.nature, seen.what)
        meaning = await asyncio.to_thread(self._duplicates.encode, _likely(seen))
        likenesses = await self._likenesses(seen, meaning, topics)
        async with self._database.transaction() as session:
            order = await session.get_one(WorkOrder, seen.id, with_for_update=True)
            if order.triaged_at is not None:
                return False
            order.triaged_at = self._clock()
            order.meaning = meaning
            order.urgency = urgency
            order.topic = order.topic or max(topics, key=topics.__getitem__)
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
            if proposals and self._sure(order, proposals[0], bool(likenesses)):
                await self._by_itself(session, order, proposals[0])
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

    async def _by_itself(self, session: Any, order: WorkOrder, proposal: Proposal) -> None:
        assisting = [{"unit": unit} for unit in proposal.assisting]
        given = {"unit": proposal.unit, "assisting": assisting, "note": f"自动派单：{proposal.reason}"}
        steps: list[tuple[str, dict[str, Any]]] = [("受理", {"topic": order.topic}), ("派单", given)]
        try:
            async with session.begin_nested():
                for action, fields in steps:
                    await self._casework.carry_out(
                        session, order, SYSTEM, action, fields, request=f"auto:{action}"
                    )
        except WorkOrderError as error:
            logger.error("an order could not be dispatched", order=order.number, error=error.message)

    async def _likenesses(
        self, order: WorkOrder, meaning: bytes, topics: dict[str, float]
    ) -> list[tuple[int, float, str]]:
        since = self._clock() - timedelta(days=_DAYS)
        query = (
            select(WorkOrder)
            .where(
                WorkOrder.id != order.id,
                WorkOrder.created_at >= since,
                WorkOrder.meaning.is_not(None),
                WorkOrder.confidential == order.confidential,
                WorkOrder.status.not_in(("已撤回", "不予受理", "已并案", "已办结")),
            )
            .order_by(WorkOrder.id.desc())
            .limit(_MOST)
        )
        async with self._database.transaction() as session:
            others = (await session.scalars(query)).all()
        if not others:
            return []
        topic = order.topic or max(topics, key=topics.__getitem__)
        mine = _likely(order, meaning=meaning, topic=topic)
        found = await asyncio.to_thread(self._duplicates.propose, mine, [_likely(o) for o in others])
        by_id = {str(o.id): o.id for o in others}
        return [(by_id[p.id], float(p.score), p.reason) for p in found]


def _likely(order: WorkOrder, *, meaning: bytes | None = None, topic: str | None = None) -> Likely:
    raise NotImplementedError
