"""Cutting the ties between the questions the editors keep and the conversations they were asked in."""

from __future__ import annotations

import uuid
from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.knowledge.models import UnansweredQuestion
from hotline.language.erasing import erase


async def do_forget(session: AsyncSession, conversations: Collection[uuid.UUID]) -> None:
    """Keep what was asked, and nothing of who asked it, in the caller's transaction."""
    which = UnansweredQuestion.conversation_id.in_([str(one) for one in conversations])
    for question in await session.scalars(select(UnansweredQuestion).where(which)):
        question.text = erase(question.text)
        question.message_id = f"forgotten:{question.id}"
        question.conversation_id = None
