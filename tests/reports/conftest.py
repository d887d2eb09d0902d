"""A small office's story, whose figures can be counted by hand."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from hotline.conversations.models import TAKEN_OVER, Conversation, Handover
from hotline.database import Database
from hotline.dispatch.taxonomy import Taxonomy
from hotline.reports.bulletins import Bulletins
from hotline.reports.dimensions import Names
from hotline.reports.service import Reports
from hotline.work_orders.casework import Casework
from hotline.work_orders.effects.step import Actor
from hotline.work_orders.excel.places import PlaceNames
from hotline.work_orders.lifecycle import Role
from hotline.work_orders.models import WorkOrder
from hotline.work_orders.office import Office
from hotline.work_orders.service import CITIZEN, WorkOrders
from tests.conftest import ROOT
from tests.work_orders.conftest import (
    AGENT,
    ANSWER,
    DISPATCHER,
    TAKEN,
    UNIT,
    Clock,
    Do,
    casework,
    clock,
    do,
    draft,
    office,
    orders,
)

__all__ = ["casework", "clock", "do", "office", "orders"]

HOUSING = Actor(id="5009", role=Role.UNIT, unit="housing")


@dataclass
class Story:
    """The orders by name, and what happened to them: see the fixture."""

    orders: dict[str, WorkOrder] = field(default_factory=dict)

    @property
    def numbers(self) -> dict[str, str]:
        """Name by order's number."""
        return {order.number: name for name, order in self.orders.items()}


@pytest.fixture
def reports(database: Database, office: Office, clock: Clock) -> Reports:
    """The figures, by the story's clock."""
    taxonomy = Taxonomy.load(ROOT / "data" / "dispatch" / "taxonomy.yml")
    city = ROOT / "data" / "city" / "zhuzhou"
    names = Names(office, PlaceNames.load(city), dict(taxonomy.areas))
    return Reports(database, names, clock=clock)


@pytest.fixture
def bulletins(database: Database, reports: Reports, clock: Clock) -> Bulletins:
    """The 专报, by the story's clock."""
    return Bulletins(database, reports, clock=clock)


@pytest.fixture
async def story(database: Database, orders: WorkOrders, casework: Casework, do: Do, clock: Clock) -> Story:
    """September 30 to November 2, 2026.

    Taken on September 30: good (answered and praised), slow (answered in November, too late), again (not good the first
    time), direct (answered by the desk), refused, withdrawn, twice (too late, then not good, then good), and at the last
    second of the day last. Taken in October, two seconds later: next. Nobody answers the last two.
    """
    told = Story()
    talk = uuid.uuid4()

    async def take(name: str, **others: object) -> WorkOrder:
        told.orders[name] = await orders.do_create(draft(**({"conversation_id": None} | others)))
        return told.orders[name]

    async def sent(name: str, unit: Actor, **others: object) -> WorkOrder:
        order = await take(name, **others)
        await do(order, AGENT, "受理", topic="0701")
        await do(order, DISPATCHER, "派单", unit=unit.unit)
        return await do(order, unit, "签收")

    async def rated(order: WorkOrder, rating: str) -> None:
        await do(order, CITIZEN, "评价", rating=rating, reason="还是很吵" if rating == "不满意" else "")

    good = await sent("good", UNIT, taken_by="1024", source="电话", street_code="430211001")
    await do(good, UNIT, "答复", answer=ANSWER)
    await rated(good, "满意")
    slow = await sent("slow", UNIT)
    twice = await sent("twice", UNIT, area_code="430202")
    again = await sent("again", HOUSING, nature="求助", area_code=None)
    await do(again, HOUSING, "答复", answer=ANSWER)
    await rated(again, "不满意")
    await do(again, HOUSING, "答复", answer=ANSWER)
    await rated(again, "满意")
    direct = await take("direct", conversation_id=talk, nature="咨询", taken_by="1024")
    await do(direct, AGENT, "直接答复", answer=ANSWER)
    refused = await take("refused")
    await do(refused, AGENT, "不予受理", reason="已经进入诉讼程序", alternative="请向受理的法院询问")
    withdrawn = await take("withdrawn", enterprise=True)
    await do(withdrawn, CITIZEN, "撤回")
    clock.time = datetime.fromisoformat("2026-09-30T15:59:59+00:00")
    await take("last")
    clock.on(seconds=2)
    await take("next")
    clock.time = datetime.fromisoformat("2026-11-02T02:00:00+00:00")
    while await casework.do_fire_timers():
        pass
    await do(slow, UNIT, "答复", answer=ANSWER)
    await rated(slow, "基本满意")
    await do(twice, UNIT, "答复", answer=ANSWER)
    await rated(twice, "不满意")
    await do(twice, UNIT, "答复", answer=ANSWER)
    await rated(twice, "满意")
    await _talk(database, talk)
    return told


async def _talk(database: Database, with_order: uuid.UUID) -> None:
    """Conversations of September 30: one for the bot alone, one it could not answer, one that made an order, three with
    people (after 60 seconds, never, unasked), and a page that was only opened."""
    at = TAKEN + timedelta(hours=1)

    def talk(**others: object) -> Conversation:
        return Conversation(
            **{"id": uuid.uuid4(), "channel": "web", "mode": "bot", "created_at": at, "began_at": at} | others
        )

    waited, left, helped = (talk(bot_answered=True) for _ in range(3))
    alone = [talk(bot_answered=True), talk(bot_answered=False), talk(id=with_order, bot_answered=True)]
    ended = at + timedelta(minutes=9)
    async with database.transaction() as session:
        session.add_all([*alone, waited, left, helped, talk(began_at=None)])
        await session.flush()
        session.add_all(
            [
                Handover(
                    conversation_id=waited.id,
                    reason="citizen",
                    began_at=at,
                    claimed_at=at,
                    agent="1024",
                    replied_at=at + timedelta(seconds=60),
                    ended_at=ended,
                ),
                Handover(conversation_id=left.id, reason="two_failures", began_at=at, ended_at=ended),
                Handover(
                    conversation_id=helped.id,
                    reason=TAKEN_OVER,
                    began_at=at,
                    claimed_at=at,
                    agent="1025",
                    replied_at=at,
                ),
            ]
        )
