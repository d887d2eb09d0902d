"""The small steps of which everything that happens to a conversation is made; all in the caller's transaction."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from sqlalchemy import Text, and_, cast, func, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.conversations import history, texts
from hotline.conversations.errors import ConversationError
from hotline.conversations.models import Conversation, Message
from hotline.database import now

#: NOTIFY channel; the payload is the conversation's id.
CHANNEL = "hotline_conversation"
#: Another; the payload is ``<conversation>:<citizen, or the agent's number>:<1 or 0>``.
TYPING = "hotline_typing"

#: Places in the queue: what comes first whatever it waits.
EMERGENCY, RETURNED, USUAL = 2, 1, 0
#: An emergency that was spoken of so long ago still puts the conversation ahead.
_EMERGENCY_LASTS = timedelta(minutes=30)


async def lock(session: AsyncSession, conversation_id: uuid.UUID) -> Conversation:
    """The conversation, for nobody else until the transaction ends.

    Raises:
        ConversationError: there is no such conversation.
    """
    query = select(Conversation).where(Conversation.id == conversation_id).with_for_update()
    found = (await session.scalars(query.execution_options(populate_existing=True))).one_or_none()
    if found is None:
        raise ConversationError("token_invalid", texts.TOKEN_INVALID)
    return found


async def found(session: AsyncSession, conversation_id: uuid.UUID) -> Conversation | None:
    """The conversation as it stands, if there is one."""
    return await session.get(Conversation, conversation_id)


def append(
    session: AsyncSession,
    conversation: Conversation,
    author: str,
    words: str,
    content: dict[str, Any],
    *,
    command: str | None = None,
) -> Message:
    """Add a line to a locked conversation."""
    conversation.last_seq += 1
    conversation.changed_at = now()
    message = Message(
        conversation_id=conversation.id,
        seq=conversation.last_seq,
        author=author,
        text=words,
        content=content,
        command=command,
        state="done",
        created_at=now(),
    )
    session.add(message)
    return message


async def notify(session: AsyncSession, conversation_id: uuid.UUID) -> None:
    """Tell, at commit, that the conversation has changed."""
    await session.execute(text("SELECT pg_notify(:c, :p)"), {"c": CHANNEL, "p": str(conversation_id)})


async def notify_waiting(session: AsyncSession) -> None:
    """Tell all who wait that their places may have changed."""
    await session.execute(
        select(func.pg_notify(CHANNEL, cast(Conversation.id, Text))).where(Conversation.mode == "queued")
    )


async def position(session: AsyncSession, conversation: Conversation) -> int | None:
    """The place in the queue, from 1; None when it does not wait."""
    if conversation.mode != "queued":
        return None
    before = select(func.count()).where(
        Conversation.mode == "queued",
        Conversation.elsewhere.is_not_distinct_from(conversation.elsewhere),
        or_(
            Conversation.priority > conversation.priority,
            and_(
                Conversation.priority == conversation.priority,
                Conversation.queued_at <= conversation.queued_at,
            ),
        ),
    )
    return int(await session.scalar(before) or 1)


async def wait(
    session: AsyncSession, conversation: Conversation, reason: str, *, priority: int, team: str | None = None
) -> int:
    """Put a locked conversation into the queue; return how many are before it."""
    conversation.mode, conversation.agent, conversation.claimed_at = "queued", None, None
    conversation.elsewhere = None
    conversation.queued_at, conversation.queue_reason, conversation.team = now(), reason, team
    if reason == "emergency" or await _in_danger(session, conversation.id):
        priority = EMERGENCY
    conversation.priority = priority
    conversation.changed_at = now()
    # What the citizen wrote meanwhile is for the agent, not for the bot.
    await session.execute(
        update(Message)
        .where(Message.conversation_id == conversation.id, Message.state == "pending")
        .values(state="done")
    )
    await session.flush()
    await history.note_asked(session, conversation, reason)
    return (await position(session, conversation) or 1) - 1


async def _in_danger(session: AsyncSession, conversation_id: uuid.UUID) -> bool:
    query = select(Message.seq).where(
        Message.conversation_id == conversation_id,
        Message.author == "citizen",
        Message.content.has_key("emergency"),
        Message.created_at > now() - _EMERGENCY_LASTS,
    )
    return await session.scalar(query.limit(1)) is not None


async def to_bot(
    session: AsyncSession, conversation: Conversation, words: str, buttons: list[dict[str, Any]]
) -> Message:
    """Let the bot answer again, and tell the citizen so; returns that line."""
    conversation.mode, conversation.priority = "bot", USUAL
    conversation.elsewhere = None
    conversation.agent = conversation.team = conversation.claimed_at = None
    conversation.queued_at = conversation.queue_reason = None
    line = append(session, conversation, "system", words, {"buttons": buttons})
    await history.note_over(session, conversation)
    return line


def check_text(words: str, limit: int) -> str:
    """The words as they can be kept.

    Raises:
        ConversationError: there are none, or more than ``limit`` characters.
    """
    # Neither NUL nor half a surrogate pair can be stored.
    words = words.replace("\x00", "").encode("utf-8", "ignore").decode("utf-8").strip()
    if not words:
        raise ConversationError("empty", texts.EMPTY)
    if len(words) > limit:
        raise ConversationError("too_long", texts.TOO_LONG.format(limit=limit))
    return words
