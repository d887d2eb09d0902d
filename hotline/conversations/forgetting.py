"""Taking the words out of conversations that are kept no longer, also where Rasa keeps them.

The lines stay, with their authors, times and ratings: they are counted. Called in the caller's transaction.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import exists, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.conversations import texts
from hotline.conversations.models import Conversation, Message

#: Rasa's table of its trackers; see components/tracker_store.py.
_TRACKERS = "rasa.events"


async def with_old_words(session: AsyncSession, limit: datetime) -> Sequence[uuid.UUID]:
    """The conversations that have lines from before ``limit`` whose words are still there."""
    old = exists().where(
        Message.conversation_id == Conversation.id,
        Message.created_at < limit,
        Message.text != texts.FORGOTTEN,
    )
    query = select(Conversation.id).where(Conversation.created_at < limit, old)
    return (await session.scalars(query.order_by(Conversation.id))).all()


async def do_forget(
    session: AsyncSession, conversations: Collection[uuid.UUID], *, before: datetime | None = None
) -> int:
    """Take out what was said in these conversations; return how many lines were.

    Args:
        before: only lines older than this; None: all.
    """
    which = [Message.conversation_id.in_(conversations), Message.text != texts.FORGOTTEN]
    if before is not None:
        which.append(Message.created_at < before)
    statement = (
        update(Message)
        .where(*which)
        .values(text=texts.FORGOTTEN, command=None, content={}, evidence=None, state="done")
        .returning(Message.seq)
    )
    gone = len((await session.scalars(statement)).all())
    await do_forget_trackers(session, conversations, before=before)
    return gone


async def with_words(session: AsyncSession, conversations: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Those of the conversations in which some words are still there."""
    query = select(Message.conversation_id).where(
        Message.conversation_id.in_(conversations), Message.text != texts.FORGOTTEN
    )
    return set(await session.scalars(query.distinct()))


async def lines_of(session: AsyncSession, conversations: Collection[uuid.UUID]) -> Sequence[Message]:
    """All lines of these conversations, in their order."""
    query = select(Message).where(Message.conversation_id.in_(conversations))
    return (await session.scalars(query.order_by(Message.conversation_id, Message.seq))).all()


async def do_forget_trackers(
    session: AsyncSession, conversations: Collection[uuid.UUID], *, before: datetime | None = None
) -> None:
    """Delete Rasa's events of these conversations: they hold the same words, and slots with names and numbers.

    Rasa itself reads them anew at the next message; a conversation it has in memory it forgets with its restart or when a
    thousand others have spoken. Where Rasa has never run there is nothing to delete.
    """
    if await session.scalar(select(func.to_regclass(_TRACKERS))) is None:
        return
    statement = f"DELETE FROM {_TRACKERS} WHERE sender_id = ANY(:senders)"
    values: dict[str, object] = {"senders": [str(one) for one in conversations]}
    if before is not None:
        statement += " AND timestamp < :before"
        values["before"] = before.timestamp()
    await session.execute(text(statement), values)
