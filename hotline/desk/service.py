"""What may be done at the desk. Every ``do_*`` is one transaction with its line in the audit.

Whoever takes something is counted under the lock of their row, then the conversation is locked, then the audit: always in
this order.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.audit.service import record
from hotline.conversations import handover, steps
from hotline.conversations import texts as spoken
from hotline.conversations.errors import ConversationError
from hotline.conversations.models import Conversation, Message
from hotline.conversations.service import Conversations
from hotline.database import Database, now
from hotline.desk import presence, texts, views
from hotline.desk.assignment import Agent, Waiting, assign
from hotline.desk.errors import DeskError
from hotline.desk.models import DeskAgent, DeskNote
from hotline.desk.presence import CHANNEL, OfficeRules
from hotline.desk.rights import Person, Right
from hotline.language.places import Gazetteer
from hotline.privacy.rules import Asked, check_reveal
from hotline.work_orders.lifecycle import Role
from hotline.work_orders.models import WorkOrder
from hotline.work_orders.service import WorkOrders

logger = structlog.get_logger(__name__)

MOST_NOTE = 1000
_TICK_LOCK = 12345_10
#: The bot's conversations are listed for so long after the last word.
_BOT_LISTED = timedelta(hours=24)
#: Of the last so many lines a list line shows the newest, the area and the matter.
_LINES = 12
#: Somebody who looks at the same confidential conversation again is written down again after so long.
_LOOKS_AGAIN = timedelta(minutes=10)
_SYSTEM = Person(number="系统", roles=(str(Role.AGENT),), by_command=True)


class AgentDesk:
    """The desk of one hotline."""

    def __init__(
        self,
        database: Database,
        conversations: Conversations,
        orders: WorkOrders,
        places: Gazetteer,
        *,
        max_length: int,
    ) -> None:
        """
        Args:
            max_length: characters of what an agent says at a time.
        """
        self._database = database
        self._conversations = conversations
        self._orders = orders
        self.places = places
        self._max_length = max_length
        self._looked: dict[tuple[str, uuid.UUID], Any] = {}

    # What there is to see.

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
            last = await self._found(session, before) if before else None
            since = now() - _BOT_LISTED if mode in (None, "bot") else None
            found = await handover.listed(
                session, mode=mode, agent=agent, since=since, before=last, limit=limit + 1
            )
            shown = await self._lines(session, found[:limit])
            return {"conversations": shown, "more": len(found) > limit}

    async def conversation(self, person: Person, conversation_id: uuid.UUID, *, after: int) -> dict[str, Any]:
        """One conversation: its lines after number ``after``, all notes, its orders.

        Raises:
            DeskError: the person sees none, or there is no such conversation.
        """
        person.role_for("see")
        orders = await self._orders.of_conversation(conversation_id)
        async with self._database.transaction() as session:
            # In this order: what comes between the two is told as still to come, not as missed.
            messages = await handover.messages(session, conversation_id, after=after)
            conversation = await self._found(session, conversation_id)
            notes = await self._notes(session, conversation_id)
            (shown,) = await self._lines(session, [conversation])
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
        }

    async def line(self, conversation_id: uuid.UUID) -> dict[str, Any]:
        """One conversation as a list has it."""
        async with self._database.transaction() as session:
            return (await self._lines(session, [await self._found(session, conversation_id)]))[0]

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
        """Write down that somebody reads a conversation out of which a confidential order has come."""
        at = now()
        for conversation_id, orders in looked:
            hidden = [order.number for order in orders if order.confidential]
            key = (person.number, conversation_id)
            before = self._looked.get(key)
            if not hidden or (before is not None and at - before < _LOOKS_AGAIN):
                continue
            await self._record(session, person, "see", "查看保密会话", conversation_id, orders=hidden)
            self._looked = {k: v for k, v in self._looked.items() if at - v < _LOOKS_AGAIN} | {key: at}

    async def may_watch(self, person: Person, conversations: Collection[uuid.UUID]) -> None:
        """Write down the confidential ones of conversations that somebody is about to follow."""
        looked = [(one, await self._orders.of_conversation(one)) for one in conversations]
        async with self._database.transaction() as session:
            await self.note_looking(session, person, looked)

    # What may be done with a conversation.

    async def do_claim(
        self, person: Person, conversation_id: uuid.UUID, *, from_bot: bool = False, note: str = ""
    ) -> None:
        """Take a waiting conversation; with ``from_bot`` also one that the bot has.

        Raises:
            DeskError: not on duty, too many in hand, or not allowed.
            ConversationError: somebody else was faster.
        """
        person.role_for("act")
        how = "take_over" if from_bot else "claim"
        async with self._database.transaction() as session:
            agent = await self._on_duty(session, person)
            taken = await self._claim(session, conversation_id, person.number, from_bot=from_bot)
            if not taken.fresh:
                return
            await self._count(session, taken.conversation, agent)
            if note.strip():
                await self._write(session, taken.conversation, "note", person.number, note)
            await self._tell_claim(session, taken.conversation, how, None)
            action = "接管会话" if taken.mode_before == "bot" else "领取会话"
            await self._record(
                session,
                person,
                "act",
                action,
                conversation_id,
                after=taken.conversation.last_seq,
            )

    async def do_say(
        self, person: Person, conversation_id: uuid.UUID, words: str, *, client_id: str
    ) -> Message:
        """Say something to the citizen; the same ``client_id`` says it once.

        Raises:
            DeskError: it is not allowed.
            ConversationError: the conversation is not this agent's, or the words cannot be sent.
        """
        person.role_for("act")
        async with self._database.transaction() as session:
            await self._found(session, conversation_id)
            message, fresh = await handover.say(
                session,
                conversation_id,
                person.number,
                words,
                client_id=client_id,
                max_length=self._max_length,
            )
            if fresh:
                await self._record(session, person, "act", "答复市民", conversation_id, message=message.seq)
            return message

    async def do_type(self, person: Person, conversation_id: uuid.UUID, on: bool) -> None:
        """Let the citizen and colleagues see that the agent writes.

        Raises:
            DeskError: it is not allowed.
            ConversationError: the conversation is not this agent's.
        """
        person.role_for("act")
        async with self._database.transaction() as session:
            conversation = await self._found(session, conversation_id)
        if conversation.mode != "human" or conversation.agent != person.number:
            raise ConversationError("not_yours", spoken.NOT_YOURS)
        await self._conversations.do_type(conversation_id, person.number, on)

    async def do_note(
        self, person: Person, conversation_id: uuid.UUID, words: str, *, client_id: str
    ) -> DeskNote:
        """Write something for colleagues; the same ``client_id`` writes it once.

        Raises:
            DeskError: it is empty or too long, or not allowed.
        """
        person.role_for("act")
        async with self._database.transaction() as session:
            conversation = await self._locked(session, conversation_id)
            query = select(DeskNote).where(
                DeskNote.conversation_id == conversation_id, DeskNote.client_id == client_id
            )
            known: DeskNote | None = await session.scalar(query)
            if known is not None and known.agent != person.number:
                raise DeskError("taken", texts.NO_NOTE_TWICE)
            if known is not None:
                return known
            note = await self._write(
                session, conversation, "note", person.number, words, client_id=client_id, needed=True
            )
            await self._record(session, person, "act", "写内部备注", conversation_id, note=note.id)
            return note

    async def do_transfer(
        self,
        person: Person,
        conversation_id: uuid.UUID,
        *,
        agent: str | None = None,
        team: str | None = None,
        note: str = "",
    ) -> None:
        """Give the conversation to a colleague, who speaks at once, or to a team, whose members may claim it.

        Raises:
            DeskError: nobody is there to take it, or it is not allowed.
            ConversationError: the conversation is not this agent's.
        """
        person.role_for("act")
        if (agent is None) == (team is None):
            raise DeskError("invalid", texts.ONE_TARGET)
        if agent == person.number:
            raise DeskError("invalid", texts.NOT_TO_ONESELF)
        async with self._database.transaction() as session:
            colleague = await self._colleague(session, agent) if agent else None
            conversation = await self._held(session, conversation_id, person)
            if colleague is not None:
                await self._count(session, conversation, colleague, more=1)
                await self._write(session, conversation, "transfer", person.number, note, to=agent)
                await handover.give(session, conversation, colleague.number, spoken.TRANSFERRED)
                colleague.idle_since = now()
                await self._tell_claim(session, conversation, "transfer", person.number)
            elif team is not None:
                await self._team_there(session, team)
                await self._write(session, conversation, "transfer", person.number, note, to=team)
                await handover.return_to_queue(session, conversation, "transfer", spoken.TO_TEAM, team=team)
            await presence.tell(session, person.number)
            await self._record(session, person, "act", "转交会话", conversation_id, to=agent or team)

    async def do_hand_back(self, person: Person, conversation_id: uuid.UUID, *, note: str = "") -> None:
        """Give the conversation back to the bot; the note is for whoever has it next.

        Raises:
            DeskError: it is not allowed.
            ConversationError: the conversation is not this agent's.
        """
        await self._end(person, conversation_id, "交还机器人", spoken.HANDED_BACK, note=note)

    async def do_close(self, person: Person, conversation_id: uuid.UUID, *, words: str = "") -> None:
        """End the service of a person, with a goodbye; the bot answers what comes later.

        Raises:
            DeskError: it is not allowed.
            ConversationError: the conversation is not this agent's, or the words cannot be sent.
        """
        await self._end(person, conversation_id, "结束会话", spoken.CLOSED, goodbye=words)

    async def do_reveal(
        self, person: Person, conversation_id: uuid.UUID, messages: Collection[int], reason: str
    ) -> list[dict[str, Any]]:
        """Lines in clear, as the privacy rules allow it for orders; who was refused is written down as well.

        Raises:
            DeskError: it is not allowed, or there are no such lines.
            WorkOrderError: not for this role, or no good reason is given.
        """
        role = person.role_for("reveal")
        orders = await self._orders.of_conversation(conversation_id)
        hidden = any(order.confidential or order.anonymous for order in orders)
        async with self._database.transaction() as session:
            await self._found(session, conversation_id)
            asked = Asked(role=Role(role), hidden=hidden, ended=False, fields=["what"], reason=reason)
            check_reveal(asked)
            wanted = sorted(set(messages))
            found = [m for m in await handover.messages(session, conversation_id) if m.seq in wanted]
            if not wanted or len(found) != len(wanted):
                raise DeskError("not_found", texts.NO_MESSAGE)
            await self._record(
                session, person, "reveal", "查看原文", conversation_id, messages=wanted, reason=reason
            )
            return [{"id": message.seq, "text": message.text} for message in found]

    # Who is on duty, and how the office works.

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

    async def do_set_rules(self, person: Person, changes: dict[str, Any]) -> dict[str, Any]:
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
        return self._settings(rules)

    # What happens by itself.

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
        for conversation in await handover.held_since(session, list(lost)) if lost else ():
            number, gone = conversation.agent or "", lost.get(conversation.agent or "")
            # What somebody took without a console, after theirs was gone, is not lost.
            if gone is None or (conversation.claimed_at is not None and conversation.claimed_at > gone):
                continue
            note = texts.GONE_NOTE.format(agent=number)
            await self._write(session, conversation, "gone", number, note)
            await handover.return_to_queue(session, conversation, "agent_gone", spoken.AGENT_GONE)
            await self._record(session, _SYSTEM, "act", "坐席掉线退回排队", conversation.id, agent=number)
            returned += 1
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
                await self._tell_claim(session, taken.conversation, "assigned", None)
                await self._record(session, _SYSTEM, "act", "自动分配会话", conversation_id, agent=number)
            return taken.fresh

    # Below: parts of the above.

    async def _end(
        self,
        person: Person,
        conversation_id: uuid.UUID,
        action: str,
        words: str,
        *,
        note: str = "",
        goodbye: str = "",
    ) -> None:
        person.role_for("act")
        async with self._database.transaction() as session:
            conversation = await self._held(session, conversation_id, person)
            if note.strip():
                await self._write(session, conversation, "hand_back", person.number, note)
            if goodbye.strip():
                said = steps.check_text(goodbye, self._max_length)
                steps.append(session, conversation, "agent", said, {}).agent = person.number
            await handover.to_bot(session, conversation, words)
            await presence.tell(session, person.number)
            await self._record(session, person, "act", action, conversation_id, until=conversation.last_seq)

    async def _claim(
        self, session: AsyncSession, conversation_id: uuid.UUID, agent: str, *, from_bot: bool
    ) -> handover.Taken:
        await self._found(session, conversation_id)
        return await handover.claim(session, conversation_id, agent, from_bot=from_bot)

    async def _on_duty(self, session: AsyncSession, person: Person) -> DeskAgent | None:
        """The row of somebody who takes something, locked; None on the command line."""
        agent = await presence.lock(session, person.number)
        if person.by_command:
            return None
        if agent is None or agent.there == "offline":
            raise DeskError("off_duty", texts.OFF_DUTY)
        return agent

    async def _count(
        self, session: AsyncSession, conversation: Conversation, agent: DeskAgent | None, *, more: int = 0
    ) -> None:
        """Refuse what goes beyond the agent's limit; ``more`` is what is yet to be taken. An emergency never does."""
        if agent is None:
            return
        rules = await presence.rules(session)
        limit = rules.limit if agent.limit is None else agent.limit
        load = await handover.load(session, agent.number) + more
        if load > limit and conversation.priority != steps.EMERGENCY:
            words = texts.COLLEAGUE_FULL if more else texts.FULL
            raise DeskError("full", words.format(agent=agent.number, load=load - 1))
        agent.idle_since = now()

    async def _colleague(self, session: AsyncSession, number: str) -> DeskAgent:
        colleague = await presence.lock(session, number)
        if colleague is None or colleague.there != "online":
            raise DeskError("not_there", texts.COLLEAGUE_NOT_THERE.format(agent=number))
        return colleague

    async def _team_there(self, session: AsyncSession, team: str) -> None:
        there = [a for a in await presence.agents(session) if a.team == team and a.there == "online"]
        if not team or not there:
            raise DeskError("not_there", texts.TEAM_NOT_THERE.format(team=team or "这个组"))

    async def _held(self, session: AsyncSession, conversation_id: uuid.UUID, person: Person) -> Conversation:
        await self._found(session, conversation_id)
        return await handover.held(session, conversation_id, person.number)

    async def _locked(self, session: AsyncSession, conversation_id: uuid.UUID) -> Conversation:
        await self._found(session, conversation_id)
        return await steps.lock(session, conversation_id)

    async def _found(self, session: AsyncSession, conversation_id: uuid.UUID) -> Conversation:
        conversation = await handover.find(session, conversation_id)
        if conversation is None:
            raise DeskError("not_found", texts.NO_CONVERSATION)
        return conversation

    async def _write(
        self,
        session: AsyncSession,
        conversation: Conversation,
        kind: str,
        agent: str,
        words: str,
        *,
        to: str | None = None,
        client_id: str | None = None,
        needed: bool = False,
    ) -> DeskNote:
        words = words.replace("\x00", "").encode("utf-8", "ignore").decode("utf-8").strip()
        if needed and not words:
            raise DeskError("empty", texts.NOTE_EMPTY)
        if len(words) > MOST_NOTE:
            raise DeskError("too_long", texts.NOTE_TOO_LONG.format(most=MOST_NOTE))
        note = DeskNote(
            conversation_id=conversation.id,
            after=conversation.last_seq,
            kind=kind,
            agent=agent,
            to=to,
            text=words,
            client_id=client_id,
            at=now(),
        )
        session.add(note)
        await session.flush()
        await handover.notify_id(session, CHANNEL, f"note:{note.id}")
        return note

    async def _notes(self, session: AsyncSession, conversation_id: uuid.UUID) -> Sequence[DeskNote]:
        query = select(DeskNote).where(DeskNote.conversation_id == conversation_id)
        return (await session.scalars(query.order_by(DeskNote.id))).all()

    async def _tell_claim(
        self, session: AsyncSession, conversation: Conversation, how: str, before: str | None
    ) -> None:
        payload = f"claim:{conversation.id}:{conversation.agent}:{how}:{before or ''}"
        await handover.notify_id(session, CHANNEL, payload)
        await presence.tell(session, conversation.agent or "")

    async def _lines(
        self, session: AsyncSession, conversations: Sequence[Conversation]
    ) -> list[dict[str, Any]]:
        found = await handover.last_lines(session, [c.id for c in conversations], each=_LINES)
        empty: dict[str, Any] = {"last": None}
        return [empty | views.line(c, found.get(c.id, []), self.places) for c in conversations]

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

    async def _record(
        self,
        session: AsyncSession,
        person: Person,
        right: Right,
        action: str,
        conversation_id: uuid.UUID,
        **detail: Any,
    ) -> None:
        role = str(Role.SYSTEM) if person is _SYSTEM else person.role_for(right)
        await record(
            session,
            actor=person.number,
            role=role,
            action=action,
            subject=f"会话 {conversation_id}",
            detail={key: value for key, value in detail.items() if value is not None},
        )
