"""Who is on duty, how much each has in hand, and what happens when a console gives no sign any more.

All of it is in the database, so that any process knows what another's consoles say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.conversations import handover
from hotline.database import now
from hotline.desk import texts
from hotline.desk.errors import DeskError
from hotline.desk.models import DeskAgent, DeskSetting
from hotline.desk.rights import Person

#: NOTIFY channel of the desk; the payload is ``<kind>:<ids>``.
CHANNEL = "hotline_desk"
PING_SECONDS = 15
GONE_SECONDS = 45
#: A sign is written down once in so many seconds.
_PRECISION = 10
_MOST_LIMIT, _MOST_GRACE = 50, 600


@dataclass(frozen=True, kw_only=True)
class OfficeRules:
    """How the office works; these are the defaults."""

    automatic: bool = False
    limit: int = 5
    grace_seconds: int = 60


async def rules(session: AsyncSession) -> OfficeRules:
    """How the office works now."""
    row = await session.get(DeskSetting, 1)
    if row is None:
        return OfficeRules()
    return OfficeRules(automatic=row.automatic, limit=row.limit, grace_seconds=row.grace_seconds)


async def do_set_rules(session: AsyncSession, changed: OfficeRules) -> None:
    """Work by other rules from now on.

    Raises:
        DeskError: a number is out of bounds.
    """
    check_limit(changed.limit)
    if not 0 <= changed.grace_seconds <= _MOST_GRACE:
        raise DeskError("invalid", texts.BAD_GRACE)
    values = {
        "automatic": changed.automatic,
        "limit": changed.limit,
        "grace_seconds": changed.grace_seconds,
    }
    statement = insert(DeskSetting).values(id=1, **values)
    await session.execute(statement.on_conflict_do_update(index_elements=["id"], set_=values))
    await handover.notify_id(session, CHANNEL, "settings:")


def check_limit(limit: int) -> None:
    """Refuse a limit that makes no sense.

    Raises:
        DeskError: it is not from 0 to 50.
    """
    if not 0 <= limit <= _MOST_LIMIT:
        raise DeskError("invalid", texts.TOO_MANY_DIGITS)


async def agents(session: AsyncSession) -> Sequence[DeskAgent]:
    """All who have ever been on duty, those who are there first."""
    query = select(DeskAgent).order_by(DeskAgent.status == "offline", DeskAgent.number)
    return (await session.scalars(query)).all()


async def lock(session: AsyncSession, number: str) -> DeskAgent | None:
    """The agent's row, for nobody else until the transaction ends: what an agent takes is counted one by one."""
    query = select(DeskAgent).where(DeskAgent.number == number).with_for_update()
    found: DeskAgent | None = await session.scalar(query.execution_options(populate_existing=True))
    return found


async def do_set_status(session: AsyncSession, person: Person, status: str) -> DeskAgent:
    """Come on duty, take a break, or go off duty.

    Raises:
        DeskError: to go off duty with conversations in hand.
    """
    at = now()
    known = {"name": person.name, "team": person.team}
    statement = insert(DeskAgent).values(
        number=person.number, status="offline", since=at, seen_at=at, idle_since=at, **known
    )
    await session.execute(statement.on_conflict_do_update(index_elements=["number"], set_=known))
    agent = await lock(session, person.number)
    assert agent is not None
    if status == "offline":
        held = await handover.load(session, person.number)
        if held:
            raise DeskError("still_talking", texts.STILL_TALKING.format(load=held))
    if status != agent.status:
        agent.status, agent.since = status, at
        if status == "online":
            agent.idle_since = at
    agent.seen_at, agent.gone_at = at, None
    await session.flush()
    await tell(session, agent.number)
    return agent


async def do_see(session: AsyncSession, number: str) -> bool:
    """Note a sign of the agent's console; tells whether the agent counts as on duty.

    Somebody whose signs had stopped is where they were before: the console is what went away, not the person.
    """
    agent = await session.get(DeskAgent, number, populate_existing=True)
    if agent is None or agent.status == "offline":
        return False
    at = now()
    if agent.gone_at is None and (at - agent.seen_at).total_seconds() < _PRECISION:
        return True
    agent = await lock(session, number)
    assert agent is not None
    back = agent.gone_at is not None
    agent.seen_at, agent.gone_at = at, None
    await session.flush()
    if back:
        await tell(session, number)
    return True


async def do_note_gone(session: AsyncSession, at: datetime) -> list[str]:
    """Note whose consoles give no sign any more; return their numbers."""
    silent = select(DeskAgent.number).where(
        DeskAgent.status != "offline",
        DeskAgent.gone_at.is_(None),
        DeskAgent.seen_at < at - timedelta(seconds=GONE_SECONDS),
    )
    statement = (
        update(DeskAgent)
        .where(DeskAgent.number.in_(silent.with_for_update(skip_locked=True)))
        .values(gone_at=at)
        .returning(DeskAgent.number)
    )
    numbers = list((await session.scalars(statement)).all())
    for number in numbers:
        await tell(session, number)
    return numbers


async def lost(session: AsyncSession, at: datetime, grace_seconds: int) -> list[DeskAgent]:
    """Those whose signs stopped so long ago that they are waited for no longer."""
    limit = at - timedelta(seconds=grace_seconds)
    query = select(DeskAgent).where(DeskAgent.gone_at.is_not(None), DeskAgent.gone_at <= limit)
    return list((await session.scalars(query)).all())


async def tell(session: AsyncSession, number: str) -> None:
    """Tell all consoles, at commit, that it stands otherwise with this agent."""
    await handover.notify_id(session, CHANNEL, f"presence:{number}")
