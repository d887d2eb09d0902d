"""What is kept of a handover when it happens, for the figures; all in the caller's transaction, the conversation locked."""

from __future__ import annotations

from sqlalchemy import Update, func, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.conversations.models import TAKEN_OVER, Conversation, Handover
from hotline.database import now


async def note_asked(session: AsyncSession, conversation: Conversation, reason: str) -> None:
    """A person is wanted. One that goes on goes on: who is sent back into the queue has waited since the first time."""
    statement = insert(Handover).values(conversation_id=conversation.id, reason=reason, began_at=now())
    await session.execute(
        statement.on_conflict_do_nothing(
            index_elements=["conversation_id"], index_where=Handover.ended_at.is_(None)
        )
    )


async def note_taken(session: AsyncSession, conversation: Conversation, agent: str) -> None:
    """An agent has it now, also one who came unasked."""
    await note_asked(session, conversation, TAKEN_OVER)
    await session.execute(
        _open(conversation).values(agent=agent, claimed_at=func.coalesce(Handover.claimed_at, now()))
    )


async def note_replied(session: AsyncSession, conversation: Conversation) -> None:
    """An agent has said something; the first time counts."""
    await session.execute(_open(conversation).where(Handover.replied_at.is_(None)).values(replied_at=now()))


async def note_over(session: AsyncSession, conversation: Conversation) -> None:
    """The bot has the conversation again, or nobody came."""
    await session.execute(_open(conversation).values(ended_at=now()))


def _open(conversation: Conversation) -> Update:
    return (
        update(Handover)
        .where(Handover.conversation_id == conversation.id, Handover.ended_at.is_(None))
        .execution_options(synchronize_session=False)
    )
