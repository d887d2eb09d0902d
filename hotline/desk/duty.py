"""Being on duty, how the office works, and what happens at the desk by itself."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.audit.service import record
from hotline.conversations import handover
from hotline.conversations import texts as spoken
from hotline.conversations.errors import ConversationError
from hotline.database import Database, now
from hotline.desk import presence, texts
from hotline.desk import steps as at_desk
from hotline.desk.assignment import Agent, Waiting, assign
from hotline.desk.errors import DeskError
from hotline.desk.presence import OfficeRules
from hotline.desk.rights import Person

_TICK_LOCK = 12345_10


class Duty:
    """Who is on duty at one hotline."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def do_set_status(self, person: Person, status: str) -> None:
        """Come on duty, take a break, or go off duty.

        Raises:
            DeskError: not an agent, or with conversations in hand.
        """
        person.role_for("act")
        async with self._database.transaction() as session:
            await presence.do_set_status(session, person, status)

    async def do_see(self, person: Person) -> None:
        """Note a sign of the person's console."""
        if person.may("act"):
            async with self._database.transaction() as session:
                await presence.do_see(session, person.number)

    async def do_set_limit(self, person: Person, number: str, limit: int | None) -> None:
        """Let an agent have so many conversations at a time; None: as many as the office says.

        Raises:
            DeskError: it is not allowed, there is no such agent, or the number is out of bounds.
        """
        person.role_for("manage")
        if limit is not None:
            presence.check_limit(limit)
        async with self._database.transaction() as session:
            agent = await presence.lock(session, number)
            if agent is None:
                raise DeskError("not_found", texts.NO_AGENT.format(number=number))
            agent.limit = limit
            await presence.tell(session, number)
            await record(
                session,
                actor=person.number,
                role=person.role_for("manage"),
                action="修改接待上限",
                subject=f"坐席-{number}",
                detail={"limit": limit},
            )

    async def do_set_rules(self, person: Person, changes: dict[str, Any]) -> OfficeRules:
        """Work by other rules: ``automatic``, ``limit``, ``grace_seconds``; those left out stay.

        Raises:
            DeskError: it is not allowed, or a number is out of bounds.
        """
        role = person.role_for("manage")
        async with self._database.transaction() as session:
            rules = replace(await presence.rules(session), **changes)
            await presence.do_set_rules(session, rules)
            await record(
                session,
                actor=person.number,
                role=role,
                action="修改坐席台设置",
                subject="坐席台",
                detail=changes,
            )
        return rules

    async def do_tick(self) -> int:
        """See whose consoles are gone, take their conversations back, and hand out what waits.

        One process at a time does it. Returns how many conversations went somewhere.
        """
        async with self._database.transaction() as session:
            if not await session.scalar(select(func.pg_try_advisory_xact_lock(_TICK_LOCK))):
                return 0
            at = now()
            await presence.do_note_gone(session, at)
            rules = await presence.rules(session)
            returned = await self._take_back(session, rules)
            pairs = await self._pairs(session, rules) if rules.automatic else []
        # Each on its own: two who lock several agents and conversations at a time would wait for each other.
        given = [await self._assign(conversation, number) for conversation, number in pairs]
        return returned + sum(given)

    async def _take_back(self, session: AsyncSession, rules: OfficeRules) -> int:
        lost = {a.number: a.gone_at for a in await presence.lost(session, now(), rules.grace_seconds)}
        returned = 0
        relieved: set[str] = set()
        for conversation in await handover.held_since(session, list(lost)) if lost else ():
            number, gone = conversation.agent or "", lost.get(conversation.agent or "")
            # What somebody took without a console, after theirs was gone, is not lost.
            if gone is None or (conversation.claimed_at is not None and conversation.claimed_at > gone):
                continue
            note = texts.GONE_NOTE.format(agent=number)
            await at_desk.write(session, conversation, "gone", number, note)
            await handover.return_to_queue(session, conversation, "agent_gone", spoken.AGENT_GONE)
            await at_desk.record_step(
                session, at_desk.SYSTEM, "act", "坐席掉线退回排队", conversation.id, agent=number
            )
            returned += 1
            relieved.add(number)
        for number in relieved:
            await presence.tell(session, number)
        return returned

    async def _pairs(self, session: AsyncSession, rules: OfficeRules) -> list[tuple[uuid.UUID, str]]:
        waiting = await handover.waiting(session)
        if not waiting:
            return []
        loads = await handover.loads(session)
        agents = [
            Agent(
                number=agent.number,
                team=agent.team,
                load=loads.get(agent.number, 0),
                limit=rules.limit if agent.limit is None else agent.limit,
                idle_since=agent.idle_since,
            )
            for agent in await presence.agents(session)
            if agent.there == "online"
        ]
        return assign([Waiting(id=c.id, team=c.team) for c in waiting], agents)

    async def _assign(self, conversation_id: uuid.UUID, number: str) -> bool:
        """Give a conversation to an agent, if both still are as they were."""
        async with self._database.transaction() as session:
            agent = await presence.lock(session, number)
            rules = await presence.rules(session)
            limit = rules.limit if agent is None or agent.limit is None else agent.limit
            if agent is None or agent.there != "online" or await handover.load(session, number) >= limit:
                return False
            try:
                taken = await handover.claim(session, conversation_id, number)
            except ConversationError:  # somebody was faster
                return False
            if taken.fresh:
                agent.idle_since = now()
                await at_desk.tell_claim(session, taken.conversation, "assigned", None)
                await at_desk.record_step(
                    session, at_desk.SYSTEM, "act", "自动分配会话", conversation_id, agent=number
                )
            return taken.fresh
