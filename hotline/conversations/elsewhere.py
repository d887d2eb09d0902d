"""Conversations that wait, or that a person has, in another system than our console; all in the caller's transaction.

What is said there has reached the citizen there: such lines stand in the transcript and are brought by no channel
(:data:`BROUGHT` in their content). Meanwhile the bot is silent, and nobody may speak here.
"""

from __future__ import annotations

import uuid

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.conversations import history, steps, texts
from hotline.conversations.errors import ConversationError
from hotline.conversations.models import Conversation, Message
from hotline.database import now

#: In the content of a line that the citizen has seen already, or is not to see.
BROUGHT = "brought"
#: In the content of a line that the citizen has taken back.
WITHDRAWN = "withdrawn"


def check(conversation: Conversation) -> None:
    """Refuse to speak in, take or pass on what is elsewhere.

    Raises:
        ConversationError: it is.
    """
    if conversation.elsewhere is not None:
        words = texts.ELSEWHERE if conversation.mode == "human" else texts.WAITS_ELSEWHERE
        raise ConversationError("elsewhere", words.format(where=conversation.elsewhere))


async def taken(session: AsyncSession, conversation_id: uuid.UUID, agent: str, where: str) -> None:
    """A person there has it now: ``agent``, as they are known here."""
    conversation = await steps.lock(session, conversation_id)
    if conversation.elsewhere and conversation.mode == "human" and conversation.agent == agent:
        return
    waited = conversation.mode == "queued"
    conversation.mode, conversation.agent, conversation.team = "human", agent, None
    conversation.elsewhere = where
    words = texts.TAKEN_ELSEWHERE.format(where=where, agent=agent)
    line = steps.append(session, conversation, "system", words, {BROUGHT: True})
    conversation.claimed_at = line.created_at
    await history.note_taken(session, conversation, agent)
    await steps.notify(session, conversation_id)
    if waited:
        await steps.notify_waiting(session)


async def waits(
    session: AsyncSession, conversation_id: uuid.UUID, where: str, *, begins: bool = True
) -> None:
    """It waits there for a person.

    Args:
        begins: False: only if it waits here.
    """
    conversation = await steps.lock(session, conversation_id)
    if conversation.elsewhere == where and conversation.mode == "queued":
        return
    if conversation.mode != "queued":
        if not begins:
            return
        await steps.wait(session, conversation, "elsewhere", priority=steps.USUAL)
    conversation.elsewhere, conversation.changed_at = where, now()
    await steps.notify(session, conversation_id)
    await steps.notify_waiting(session)


async def waits_here(session: AsyncSession, conversation_id: uuid.UUID) -> None:
    """It could not be brought there: it waits here again."""
    conversation = await steps.lock(session, conversation_id)
    if conversation.mode == "queued" and conversation.elsewhere is not None:
        conversation.elsewhere, conversation.changed_at = None, now()
        await steps.notify(session, conversation_id)
        await steps.notify_waiting(session)


async def said(
    session: AsyncSession, conversation_id: uuid.UUID, agent: str, words: str, *, client_id: str
) -> None:
    """A person there has said something to the citizen; the same ``client_id`` is one line."""
    conversation = await steps.lock(session, conversation_id)
    if await _line(session, conversation_id, client_id) is not None:
        return
    message = steps.append(session, conversation, "agent", words, {BROUGHT: True})
    message.agent, message.client_id = agent, client_id
    await history.note_replied(session, conversation)
    await steps.notify(session, conversation_id)


async def ended(session: AsyncSession, conversation_id: uuid.UUID) -> str:
    """Nobody there has it any more: the bot answers again. Returns the words for the citizen; empty: it was here."""
    conversation = await steps.lock(session, conversation_id)
    if conversation.elsewhere is None:
        return ""
    waited = conversation.mode == "queued"
    words = texts.QUEUE_TIMEOUT if waited else texts.HANDED_BACK
    message = await steps.to_bot(session, conversation, words, [])
    message.content = {BROUGHT: True}
    await steps.notify(session, conversation_id)
    if waited:
        await steps.notify_waiting(session)
    return words


async def withdrawn(session: AsyncSession, conversation_id: uuid.UUID, client_id: str) -> None:
    """The citizen has taken a line back. Its words are hidden from now on, and can be revealed like others."""
    conversation = await steps.lock(session, conversation_id)
    line = await _line(session, conversation_id, client_id)
    if line is None or line.content.get(WITHDRAWN):
        return
    line.content = line.content | {WITHDRAWN: True}
    steps.append(session, conversation, "system", texts.WITHDRAWN_LINE, {BROUGHT: True})
    await steps.notify(session, conversation_id)


async def _line(session: AsyncSession, conversation_id: uuid.UUID, client_id: str) -> Message | None:
    query = select(Message).where(Message.conversation_id == conversation_id, Message.client_id == client_id)
    found: Message | None = (await session.scalars(query)).one_or_none()
    return found
