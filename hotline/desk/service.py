"""What may be done at the desk. Every ``do_*`` is one transaction with its line in the audit.

Whoever takes something is counted under the lock of their row, then the conversation is locked, then the audit: always in
this order.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.conversations import handover, history, steps
from hotline.conversations import texts as spoken
from hotline.conversations.errors import ConversationError
from hotline.conversations.models import Conversation, Message
from hotline.conversations.service import Conversations
from hotline.database import Database, now
from hotline.desk import presence, texts
from hotline.desk import steps as at_desk
from hotline.desk.errors import DeskError
from hotline.desk.models import DeskAgent, DeskNote
from hotline.desk.rights import Person
from hotline.privacy.rules import Asked, check_reveal
from hotline.work_orders.lifecycle import Role
from hotline.work_orders.service import WorkOrders


class AgentDesk:
    """The desk of one hotline."""

    def __init__(
        self, database: Database, conversations: Conversations, orders: WorkOrders, *, max_length: int
    ) -> None:
        """
        Args:
            max_length: characters of what an agent says at a time.
        """
        self._database = database
        self._conversations = conversations
        self._orders = orders
        self._max_length = max_length

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
                await at_desk.write(session, taken.conversation, "note", person.number, note)
            await at_desk.tell_claim(session, taken.conversation, how, None)
            action = "接管会话" if taken.mode_before == "bot" else "领取会话"
            await at_desk.record_step(
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
            await at_desk.found(session, conversation_id)
            message, fresh = await handover.say(
                session,
                conversation_id,
                person.number,
                words,
                client_id=client_id,
                max_length=self._max_length,
            )
            if fresh:
                await at_desk.record_step(
                    session, person, "act", "答复市民", conversation_id, message=message.seq
                )
            return message

    async def do_type(self, person: Person, conversation_id: uuid.UUID, on: bool) -> None:
        """Let the citizen and colleagues see that the agent writes.

        Raises:
            DeskError: it is not allowed.
            ConversationError: the conversation is not this agent's.
        """
        person.role_for("act")
        async with self._database.transaction() as session:
            conversation = await at_desk.found(session, conversation_id)
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
            conversation = await at_desk.locked(session, conversation_id)
            query = select(DeskNote).where(
                DeskNote.conversation_id == conversation_id, DeskNote.client_id == client_id
            )
            known: DeskNote | None = await session.scalar(query)
            if known is not None and known.agent != person.number:
                raise DeskError("taken", texts.NO_NOTE_TWICE)
            if known is not None:
                return known
            note = await at_desk.write(
                session, conversation, "note", person.number, words, client_id=client_id, needed=True
            )
            await at_desk.record_step(session, person, "act", "写内部备注", conversation_id, note=note.id)
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
                await at_desk.write(session, conversation, "transfer", person.number, note, to=agent)
                await handover.give(session, conversation, colleague.number, spoken.TRANSFERRED)
                colleague.idle_since = now()
                await at_desk.tell_claim(session, conversation, "transfer", person.number)
            elif team is not None:
                await self._team_there(session, team)
                await at_desk.write(session, conversation, "transfer", person.number, note, to=team)
                await handover.return_to_queue(session, conversation, "transfer", spoken.TO_TEAM, team=team)
            await presence.tell(session, person.number)
            await at_desk.record_step(session, person, "act", "转交会话", conversation_id, to=agent or team)

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
        orders = await self._orders.known_in(conversation_id)
        hidden = any(order.confidential or order.anonymous for order in orders)
        async with self._database.transaction() as session:
            await at_desk.found(session, conversation_id)
            asked = Asked(role=Role(role), hidden=hidden, ended=False, fields=["what"], reason=reason)
            check_reveal(asked)
            wanted = sorted(set(messages))
            found = [m for m in await handover.messages(session, conversation_id) if m.seq in wanted]
            if not wanted or len(found) != len(wanted):
                raise DeskError("not_found", texts.NO_MESSAGE)
            await at_desk.record_step(
                session, person, "reveal", "查看原文", conversation_id, messages=wanted, reason=reason
            )
            return [{"id": message.seq, "text": message.text} for message in found]

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
        orders = await self._orders.of_conversation(conversation_id)
        async with self._database.transaction() as session:
            conversation = await self._held(session, conversation_id, person)
            if note.strip():
                await at_desk.write(session, conversation, "hand_back", person.number, note)
            if goodbye.strip():
                said = steps.check_text(goodbye, self._max_length)
                steps.append(session, conversation, "agent", said, {}).agent = person.number
                await history.note_replied(session, conversation)
            left = await handover.form_left(session, conversation_id)
            # One of which an order was made meanwhile is not gone on with.
            goes_on = left is not None and all(order.created_at < left for order in orders)
            await handover.to_bot(session, conversation, words, spoken.GO_ON_BUTTONS if goes_on else ())
            await presence.tell(session, person.number)
            await at_desk.record_step(
                session, person, "act", action, conversation_id, until=conversation.last_seq
            )

    async def _claim(
        self, session: AsyncSession, conversation_id: uuid.UUID, agent: str, *, from_bot: bool
    ) -> handover.Taken:
        await at_desk.found(session, conversation_id)
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
        await at_desk.found(session, conversation_id)
        return await handover.held(session, conversation_id, person.number)
