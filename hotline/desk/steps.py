"""The small steps of which everything that happens at the desk is made; all in the caller's transaction."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.audit.service import record
from hotline.conversations import handover
from hotline.conversations.models import Conversation
from hotline.conversations.steps import lock
from hotline.database import now
from hotline.desk import presence, texts
from hotline.desk.errors import DeskError
from hotline.desk.models import DeskNote
from hotline.desk.presence import CHANNEL
from hotline.desk.rights import Person, Right
from hotline.work_orders.lifecycle import Role

MOST_NOTE = 1000
#: Who does what happens by itself.
SYSTEM = Person(number="系统", roles=(str(Role.AGENT),), by_command=True)


async def locked(session: AsyncSession, conversation_id: uuid.UUID) -> Conversation:
    """The conversation, for nobody else until the transaction ends.

    Raises:
        DeskError: there is no such conversation.
    """
    await found(session, conversation_id)
    return await lock(session, conversation_id)


async def found(session: AsyncSession, conversation_id: uuid.UUID) -> Conversation:
    """The conversation.

    Raises:
        DeskError: there is no such conversation.
    """
    conversation = await handover.find(session, conversation_id)
    if conversation is None:
        raise DeskError("not_found", texts.NO_CONVERSATION)
    return conversation


async def write(
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
    """Write a line for colleagues behind what was said last.

    Args:
        needed: it must not be empty.

    Raises:
        DeskError: it is empty or too long.
    """
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


async def notes(session: AsyncSession, conversation_id: uuid.UUID) -> Sequence[DeskNote]:
    """What colleagues wrote in a conversation, oldest first."""
    query = select(DeskNote).where(DeskNote.conversation_id == conversation_id)
    return (await session.scalars(query.order_by(DeskNote.id))).all()


async def tell_claim(session: AsyncSession, conversation: Conversation, how: str, before: str | None) -> None:
    """Tell all consoles, at commit, who has the conversation now; ``before``: who had it."""
    payload = f"claim:{conversation.id}:{conversation.agent}:{how}:{before or ''}"
    await handover.notify_id(session, CHANNEL, payload)
    await presence.tell(session, conversation.agent or "")


async def record_step(
    session: AsyncSession,
    person: Person,
    right: Right,
    action: str,
    conversation_id: uuid.UUID,
    **detail: Any,
) -> None:
    """Add the line of the audit; the person's role is the one that has the right."""
    role = str(Role.SYSTEM) if person is SYSTEM else person.role_for(right)
    await record(
        session,
        actor=person.number,
        role=role,
        action=action,
        subject=f"会话 {conversation_id}",
        detail={key: value for key, value in detail.items() if value is not None},
    )
