"""The place of an order, when the citizen has pointed it out on a map in the conversation."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.conversations import places
from hotline.database import Database
from hotline.datum import to_wgs84
from hotline.work_orders.models import WorkOrder

#: Coordinates with more digits would be more exact than a finger on a map: about a metre.
_DIGITS = 5


@dataclass(frozen=True, kw_only=True)
class Pointed:
    """A place in words, with the numbers as they came and in WGS-84."""

    words: str
    lat: float
    long: float
    #: How the numbers came, for the timeline.
    as_came: str

    def fits(self, where: str) -> bool:
        """Whether an order's place in words is this one."""
        return bool(where.strip()) and (self.words in where or where.strip() in self.words)


async def pointed(
    session: AsyncSession, conversation_id: uuid.UUID, *, order: int | None = None
) -> Pointed | None:
    """What was pointed out last and is no older order's place; None: nothing.

    Args:
        order: the one that is being made.
    """
    found = await places.recent(session, conversation_id)
    if found is None:
        return None
    newest = select(func.max(WorkOrder.created_at)).where(
        WorkOrder.conversation_id == conversation_id, WorkOrder.id.is_distinct_from(order)
    )
    before = await session.scalar(newest)
    if before is not None and before > found["at"]:
        return None
    lat, long = found["lat"], found["long"]
    if found["datum"] == "GCJ-02":
        lat, long = to_wgs84(lat, long)
    return Pointed(
        words=found["text"],
        lat=round(lat, _DIGITS),
        long=round(long, _DIGITS),
        as_came=f"地图位置 {found['lat']}，{found['long']}（{found['datum']}）",
    )


async def place_for(database: Database, conversation_id: uuid.UUID) -> str | None:
    """The words of the place with which an order may begin; None: there is none."""
    async with database.transaction() as session:
        found = await pointed(session, conversation_id)
        return None if found is None else found.words
