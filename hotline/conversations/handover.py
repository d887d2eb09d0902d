"""From the bot to a person and back. Every step is in the caller's transaction, with the conversation locked.

What else belongs to it at the desk (notes, the audit, who is on duty) is ``hotline/desk``.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Text, and_, cast, func, literal, select, true, values
from sqlalchemy import column as sql_column
from sqlalchemy.dialects.postgresql import UUID
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlalchemy.types import Integer

from hotline.conversations import elsewhere, history, steps, texts
from hotline.conversations.errors import ConversationError
from hotline.conversations.models import Conversation, Message
from hotline.conversations.photos import ORDER_FORM

#: How many lines before the news may be told again because the bot's answer brought what it understood of them.
_UNDERSTOOD_LATE = 12


@dataclass(frozen=True)
class Taken:
    """A conversation that an agent has now, and how it stood before; ``fresh``: it was not this agent's yet."""

    conversation: Conversation
    mode_before: str
    fresh: bool


async def claim(
    session: AsyncSession, conversation_id: uuid.UUID, agent: str, *, from_bot: bool = False
) -> Taken:
    """Give a waiting conversation to ``agent``; of several who ask at once, one gets it.

    Args:
        from_bot: also one that the bot has: the bot is silent from now on.

    Raises:
        ConversationError: it is not waiting (any more), with the words who has it.
    """
    conversation = await steps.lock(session, conversation_id)
    before = conversation.mode
    elsewhere.check(conversation)
    if before == "human" and conversation.agent == agent:
        return Taken(conversation, before, False)
    if before == "human":
        raise ConversationError("not_waiting", texts.TAKEN.format(agent=conversation.agent))
    if before == "bot" and not from_bot:
        raise ConversationError("not_waiting", texts.NOT_WAITING)
    await give(session, conversation, agent, texts.CLAIMED)
    if before == "queued":
        await steps.notify_waiting(session)
    return Taken(conversation, before, True)


async def give(session: AsyncSession, conversation: Conversation, agent: str, words: str) -> None:
    """Let ``agent`` speak in a locked conversation, and tell the citizen so."""
    conversation.mode, conversation.agent, conversation.team = "human", agent, None
    conversation.elsewhere = None
    line = steps.append(session, conversation, "system", words.format(agent=agent), {})
    conversation.claimed_at = line.created_at
    await history.note_taken(session, conversation, agent)
    await steps.notify(session, conversation.id)


async def held(session: AsyncSession, conversation_id: uuid.UUID, agent: str) -> Conversation:
    """The conversation, locked, of the agent who has it.

    Raises:
        ConversationError: it is somebody else's, or nobody's.
    """
    conversation = await steps.lock(session, conversation_id)
    elsewhere.check(conversation)
    if conversation.mode != "human" or conversation.agent != agent:
        raise ConversationError("not_yours", texts.NOT_YOURS)
    return conversation


async def say(
    session: AsyncSession,
    conversation_id: uuid.UUID,
    agent: str,
    words: str,
    *,
    client_id: str,
    max_length: int,
) -> tuple[Message, bool]:
    """Say something to the citizen as ``agent``; the same ``client_id`` says it once. Tells whether it was said now.

    Raises:
        ConversationError: the conversation is not this agent's, or the words cannot be sent.
    """
    conversation = await steps.lock(session, conversation_id)
    same = select(Message).where(Message.conversation_id == conversation_id, Message.client_id == client_id)
    known: Message | None = (await session.scalars(same)).one_or_none()
    if known is not None and known.author == "agent" and known.agent == agent:
        return known, False
    elsewhere.check(conversation)
    if known is not None or conversation.mode != "human" or conversation.agent != agent:
        raise ConversationError("not_yours", texts.NOT_YOURS)
    message = steps.append(session, conversation, "agent", steps.check_text(words, max_length), {})
    message.agent, message.client_id = agent, client_id
    await history.note_replied(session, conversation)
    await steps.notify(session, conversation_id)
    return message, True


async def tell_once(
    session: AsyncSession, conversation_id: uuid.UUID, words: str, content: dict[str, Any], *, key: str
) -> bool:
    """Have the service say something in the conversation; the same ``key`` says it once. Tells whether it was said now."""
    conversation = await steps.lock(session, conversation_id)
    same = select(Message.seq).where(Message.conversation_id == conversation_id, Message.client_id == key)
    if await session.scalar(same) is not None:
        return False
    steps.append(session, conversation, "system", words, content).client_id = key
    await steps.notify(session, conversation_id)
    return True


async def to_bot(
    session: AsyncSession,
    conversation: Conversation,
    words: str,
    buttons: Sequence[dict[str, Any]] = (),
) -> None:
    """Give a locked conversation back to the bot, with these words for the citizen."""
    await steps.to_bot(session, conversation, words, list(buttons))
    await steps.notify(session, conversation.id)


async def form_left(session: AsyncSession, conversation_id: uuid.UUID) -> datetime | None:
    """When the citizen left an order half filled in for a person; None: there is none that was left last."""
    query = (
        select(Message.evidence, Message.created_at)
        .where(Message.conversation_id == conversation_id, Message.evidence.has_key("form"))
        .order_by(Message.seq.desc())
        .limit(2)
    )
    found = (await session.execute(query)).all()
    if len(found) < 2 or found[0].evidence["form"] or found[0].evidence.get("intent") != "human_agent":
        return None
    left: datetime = found[0].created_at
    return left if found[1].evidence["form"] == ORDER_FORM else None


async def return_to_queue(
    session: AsyncSession, conversation: Conversation, reason: str, words: str, *, team: str | None = None
) -> None:
    """Put a locked conversation that a person had back into the queue, ahead of those that nobody had."""
    ahead = await steps.wait(session, conversation, reason, priority=steps.RETURNED, team=team)
    place = texts.AHEAD.format(ahead=ahead) if ahead else texts.NEXT
    steps.append(session, conversation, "system", words + place, {"buttons": texts.QUEUE_BUTTONS})
    await steps.notify_waiting(session)


async def waiting(session: AsyncSession) -> Sequence[Conversation]:
    """The conversations that wait here, in the order in which they are to be claimed."""
    query = select(Conversation).where(Conversation.mode == "queued", Conversation.elsewhere.is_(None))
    return (await session.scalars(query.order_by(Conversation.priority.desc(), Conversation.queued_at))).all()


async def waiting_count(session: AsyncSession, priority: int) -> tuple[int, int]:
    """How many wait, and how many of them with at least this priority."""
    urgent = func.count().filter(Conversation.priority >= priority)
    here = (Conversation.mode == "queued", Conversation.elsewhere.is_(None))
    row = (await session.execute(select(func.count(), urgent).where(*here))).one()
    return int(row[0]), int(row[1])


async def loads(session: AsyncSession) -> dict[str, int]:
    """How many conversations each agent has; who has none is left out."""
    query = select(Conversation.agent, func.count()).where(_at_our_console())
    return {
        str(agent): int(count) for agent, count in await session.execute(query.group_by(Conversation.agent))
    }


async def load(session: AsyncSession, agent: str) -> int:
    """How many conversations ``agent`` has."""
    query = select(func.count()).where(_at_our_console(), Conversation.agent == agent)
    return int(await session.scalar(query) or 0)


async def held_since(session: AsyncSession, agents: Collection[str]) -> Sequence[Conversation]:
    """The conversations of these agents, locked; those that somebody else is changing just now are left out."""
    query = select(Conversation).where(_at_our_console(), Conversation.agent.in_(agents))
    locked = query.order_by(Conversation.id).with_for_update(skip_locked=True)
    return (await session.scalars(locked.execution_options(populate_existing=True))).all()


async def listed(
    session: AsyncSession,
    *,
    mode: str | None = None,
    agent: str | None = None,
    since: datetime | None = None,
    before: Conversation | None = None,
    limit: int = 50,
) -> Sequence[Conversation]:
    """Conversations, newest change first.

    Args:
        since: only those that have changed since.
        before: only those that come after this one in the list.
    """
    query = select(Conversation)
    if mode:
        query = query.where(Conversation.mode == mode)
    if agent:
        query = query.where(Conversation.agent == agent)
    if since:
        query = query.where(Conversation.changed_at > since)
    if before:
        place = func.row(Conversation.changed_at, Conversation.id)
        query = query.where(place < func.row(before.changed_at, before.id))
    order = query.order_by(Conversation.changed_at.desc(), Conversation.id.desc())
    return (await session.scalars(order.limit(limit))).all()


async def find(session: AsyncSession, conversation_id: uuid.UUID) -> Conversation | None:
    """The conversation, when there is one."""
    return await session.get(Conversation, conversation_id)


async def messages(session: AsyncSession, conversation_id: uuid.UUID, *, after: int = 0) -> Sequence[Message]:
    """The messages with numbers above ``after``, in order."""
    query = select(Message).where(Message.conversation_id == conversation_id, Message.seq > after)
    return (await session.scalars(query.order_by(Message.seq))).all()


async def last_lines(
    session: AsyncSession, conversations: Collection[uuid.UUID], *, each: int, author: str | None = None
) -> dict[uuid.UUID, list[Message]]:
    """The last ``each`` lines of each conversation (by ``author``), oldest first."""
    lines = select(Message).where(Message.conversation_id == Conversation.id)
    if author:
        lines = lines.where(Message.author == author)
    last = lines.order_by(Message.seq.desc()).limit(each).lateral()
    line = aliased(Message, last)
    query = (
        select(line).select_from(Conversation).join(last, true()).where(Conversation.id.in_(conversations))
    )
    found: dict[uuid.UUID, list[Message]] = {}
    for message in await session.scalars(query):
        found.setdefault(message.conversation_id, []).append(message)
    for each_lines in found.values():
        each_lines.sort(key=lambda message: message.seq)
    return found


async def news(session: AsyncSession, told: dict[uuid.UUID, int]) -> list[tuple[Conversation, list[Message]]]:
    """How these conversations stand, and what was said in each after the line that was told last; one query for all.

    A line told before comes again when the bot's answer has brought what it understood of it.

    Args:
        told: of each conversation, the number of the last line that is known; -1: only the newest is wanted.
    """
    given = (
        values(sql_column("id", UUID(as_uuid=True)), sql_column("seq", Integer), name="told")
        .data(list(told.items()))
        .alias("told")
    )
    begin = func.coalesce(func.nullif(given.c.seq, -1), Conversation.last_seq - 1)
    query = (
        select(Conversation, Message)
        .join(given, given.c.id == Conversation.id)
        .outerjoin(
            Message,
            (Message.conversation_id == Conversation.id) & (Message.seq > begin - literal(_UNDERSTOOD_LATE)),
        )
        .order_by(Conversation.changed_at, Conversation.id, Message.seq)
    )
    found: dict[uuid.UUID, tuple[Conversation, list[Message]]] = {}
    for conversation, message in await session.execute(query):
        lines = found.setdefault(conversation.id, (conversation, []))[1]
        if message is not None:
            lines.append(message)
    return [(conversation, _new(conversation, lines, told)) for conversation, lines in found.values()]


def _new(conversation: Conversation, lines: list[Message], told: dict[uuid.UUID, int]) -> list[Message]:
    last = told[conversation.id]
    last = conversation.last_seq - 1 if last == -1 else last
    answered = {line.reply_to for line in lines if line.seq > last}
    return [line for line in lines if line.seq > last or (line.seq in answered and line.evidence)]


async def notify_id(session: AsyncSession, channel: str, payload: str) -> None:
    """Tell others, at commit, what has changed: ids only."""
    await session.execute(select(func.pg_notify(channel, cast(payload, Text))))


def _at_our_console() -> ColumnElement[bool]:
    return and_(Conversation.mode == "human", Conversation.elsewhere.is_(None))
