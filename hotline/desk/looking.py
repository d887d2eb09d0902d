"""What there is to see at the desk: the queue, the conversations, who is on duty."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from hotline.channels.wechat.delivery import CHANNEL as WECHAT
from hotline.channels.wechat.delivery import delivery_of, stuck, undelivered_in
from hotline.conversations import handover
from hotline.conversations.models import Conversation
from hotline.conversations.service import Conversations
from hotline.database import Database, now
from hotline.desk import presence, views
from hotline.desk import steps as at_desk
from hotline.desk.models import DeskAgent
from hotline.desk.presence import OfficeRules
from hotline.desk.rights import Person
from hotline.language.places import Gazetteer
from hotline.work_orders.models import WorkOrder
from hotline.work_orders.service import WorkOrders

#: The bot's conversations are listed for so long after the last word.
_BOT_LISTED = timedelta(hours=24)
#: Of the last so many lines a list line shows the newest, the area and the matter.
_LINES = 12
#: Messages in the list of those that did not arrive.
_STUCK = 200
#: Somebody who looks at the same confidential conversation again is written down again after so long.
_LOOKS_AGAIN = timedelta(minutes=10)


class Looking:
    """The desk of one hotline, as one looks at it."""

    def __init__(
        self, database: Database, conversations: Conversations, orders: WorkOrders, places: Gazetteer
    ) -> None:
        self._database = database
        self._conversations = conversations
        self._orders = orders
        self._places = places
        self._looked: dict[tuple[str, uuid.UUID], datetime] = {}

    async def state(self, person: Person) -> dict[str, Any]:
        """The queue, one's own conversations, and who is on duty."""
        person.role_for("presence")
        async with self._database.transaction() as session:
            waiting: Sequence[Conversation] = []
            mine: Sequence[Conversation] = []
            if person.may("see"):
                waiting = await handover.waiting(session)
                mine = await handover.listed(session, mode="human", agent=person.number, limit=200)
            shown = await self._lines(session, [*waiting, *mine])
            rules = await presence.rules(session)
            agents = await self._agents(session, rules)
            return {
                "me": await self._me(session, person, rules),
                "settings": self._settings(rules),
                "queue": shown[: len(waiting)],
                "mine": shown[len(waiting) :],
                "agents": agents,
                "teams": sorted({agent["team"] for agent in agents if agent["team"]}),
            }

    async def conversations(
        self,
        person: Person,
        *,
        mode: str | None = None,
        agent: str | None = None,
        before: uuid.UUID | None = None,
        limit: int = 50,
    ) -> dict[str, Any]:
        """Conversations, newest change first; those of the bot as long as they are young.

        Raises:
            DeskError: the person sees none, or ``before`` is not there.
        """
        person.role_for("see")
        async with self._database.transaction() as session:
            last = await at_desk.found(session, before) if before else None
            since = now() - _BOT_LISTED if mode in (None, "bot") else None
            found = await handover.listed(
                session, mode=mode, agent=agent, since=since, before=last, limit=limit + 1
            )
            shown = await self._lines(session, found[:limit])
            return {"conversations": shown, "more": len(found) > limit}

    async def conversation(self, person: Person, conversation_id: uuid.UUID, *, after: int) -> dict[str, Any]:
        """One conversation: its lines after number ``after``, all notes, the orders it has made or follows.

        Raises:
            DeskError: the person sees none, or there is no such conversation.
        """
        person.role_for("see")
        orders = await self._orders.known_in(conversation_id)
        async with self._database.transaction() as session:
            # In this order: what comes between the two is told as still to come, not as missed.
            messages = await handover.messages(session, conversation_id, after=after)
            conversation = await at_desk.found(session, conversation_id)
            notes = await at_desk.notes(session, conversation_id)
            (shown,) = await self._lines(session, [conversation])
            on_wechat = conversation.channel == WECHAT
            delivery = await delivery_of(session, conversation_id) if on_wechat else None
            await self.note_looking(session, person, [(conversation_id, orders)])
        may = views.possible(conversation, person.number) if person.may("act") else []
        if person.may("reveal") and "reveal" not in may:
            may.append("reveal")
        return {
            "conversation": shown,
            "messages": [views.message(item) for item in messages],
            "notes": [views.note(item) for item in notes],
            "orders": [
                {
                    "number": order.number,
                    "status": order.status,
                    "nature": order.nature,
                    "confidential": order.confidential,
                }
                for order in orders
            ],
            "may": may,
            "delivery": views.delivery(delivery),
        }

    async def undelivered(self, person: Person) -> dict[str, Any]:
        """The newest messages that are not on the citizens' phones.

        Raises:
            DeskError: the person sees no conversations.
        """
        person.role_for("see")
        async with self._database.transaction() as session:
            found, total = await stuck(session, limit=_STUCK)
        return {"messages": [views.stuck(item) for item in found], "total": total}

    async def line(self, conversation_id: uuid.UUID) -> dict[str, Any]:
        """One conversation as a list has it."""
        async with self._database.transaction() as session:
            return (await self._lines(session, [await at_desk.found(session, conversation_id)]))[0]

    async def me(self, person: Person) -> dict[str, Any]:
        """How it stands with the person."""
        async with self._database.transaction() as session:
            return await self._me(session, person, await presence.rules(session))

    async def agents(self, person: Person) -> list[dict[str, Any]]:
        """Who is on duty, and with how much in hand.

        Raises:
            DeskError: it is not for this person.
        """
        person.role_for("presence")
        async with self._database.transaction() as session:
            return await self._agents(session, await presence.rules(session))

    async def settings(self, person: Person) -> dict[str, Any]:
        """How the office works.

        Raises:
            DeskError: it is not for this person.
        """
        person.role_for("presence")
        async with self._database.transaction() as session:
            return self._settings(await presence.rules(session))

    async def note_looking(
        self,
        session: AsyncSession,
        person: Person,
        looked: Collection[tuple[uuid.UUID, Sequence[WorkOrder]]],
    ) -> None:
        """Write down that somebody reads a conversation that knows of a confidential order."""
        at = now()
        for conversation_id, orders in looked:
            hidden = [order.number for order in orders if order.confidential]
            key = (person.number, conversation_id)
            before = self._looked.get(key)
            if not hidden or (before is not None and at - before < _LOOKS_AGAIN):
                continue
            await at_desk.record_step(session, person, "see", "查看保密会话", conversation_id, orders=hidden)
            self._looked = {k: v for k, v in self._looked.items() if at - v < _LOOKS_AGAIN} | {key: at}

    async def may_watch(self, person: Person, conversations: Collection[uuid.UUID]) -> None:
        """Write down the confidential ones of conversations that somebody is about to follow."""
        looked = [(one, await self._orders.known_in(one)) for one in conversations]
        async with self._database.transaction() as session:
            await self.note_looking(session, person, looked)

    async def _lines(
        self, session: AsyncSession, conversations: Sequence[Conversation]
    ) -> list[dict[str, Any]]:
        found = await handover.last_lines(session, [c.id for c in conversations], each=_LINES)
        on_wechat = [c.id for c in conversations if c.channel == WECHAT]
        undelivered = await undelivered_in(session, on_wechat) if on_wechat else {}
        empty: dict[str, Any] = {"last": None}
        return [
            empty | views.line(c, found.get(c.id, []), self._places, undelivered=undelivered.get(c.id, 0))
            for c in conversations
        ]

    async def _agents(self, session: AsyncSession, rules: OfficeRules) -> list[dict[str, Any]]:
        loads = await handover.loads(session)
        return [
            views.agent(agent, loads.get(agent.number, 0), rules) for agent in await presence.agents(session)
        ]

    async def _me(self, session: AsyncSession, person: Person, rules: OfficeRules) -> dict[str, Any]:
        agent = await session.get(DeskAgent, person.number, populate_existing=True)
        return {
            "number": person.number,
            "name": person.name,
            "team": person.team,
            "may": person.rights,
            "status": agent.there if agent else "offline",
            "load": await handover.load(session, person.number),
            "limit": rules.limit if agent is None or agent.limit is None else agent.limit,
        }

    def _settings(self, rules: OfficeRules) -> dict[str, Any]:
        return {
            "automatic": rules.automatic,
            "limit": rules.limit,
            "grace_seconds": rules.grace_seconds,
            "in_service_hours": self._conversations.in_service_hours,
            "service_hours": self._conversations.service_hours,
        }
