"""What today's board shows of this very moment."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from hotline.conversations import handover
from hotline.desk import presence
from hotline.reports.counting import Counted
from hotline.reports.indicators import MEASURES
from hotline.reports.shapes import DeskOut, OnDutyOut, PartOut

#: Counted as it is now.
STANDING = ("open", "near", "overdue", "waiting", "in_hand")
_OF_ORDERS = ("open", "near", "overdue")


def standing(found: Counted) -> list[PartOut]:
    """The orders that are still to be done."""
    return [PartOut(measure=key, name=MEASURES[key].name, count=found.totals[key]) for key in _OF_ORDERS]


async def desk(session: AsyncSession, at: datetime) -> DeskOut:
    """Who waits and who works."""
    waiting = await handover.waiting(session)
    loads = await handover.loads(session)
    longest = max(((at - one.queued_at).total_seconds() for one in waiting if one.queued_at), default=0)
    agents = [agent for agent in await presence.agents(session) if agent.there != "offline"]
    return DeskOut(
        waiting=len(waiting),
        longest_seconds=max(0, int(longest)),
        in_hand=sum(loads.values()),
        on_duty=[
            OnDutyOut(
                number=agent.number,
                name=agent.name,
                team=agent.team,
                status=agent.there,  # type: ignore[arg-type]
                load=loads.get(agent.number, 0),
            )
            for agent in agents
        ],
    )
