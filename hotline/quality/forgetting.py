"""Cutting the ties between what editors look at and the conversations it was said in."""

from __future__ import annotations

import uuid
from collections.abc import Collection

from sqlalchemy import delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.language.erasing import erase
from hotline.quality.models import UNANSWERED, QualityProposal, QualityQuestion, QualitySource


async def do_forget(session: AsyncSession, conversations: Collection[uuid.UUID]) -> None:
    """Keep what was asked, and nothing of who asked it, in the caller's transaction."""
    asked = select(QualityQuestion).where(QualityQuestion.conversation_id.in_(conversations))
    for question in await session.scalars(asked):
        question.text = erase(question.text)
        question.line = f"forgotten:{question.id}"
        question.conversation_id = question.seq = None
        told = select(QualitySource).where(QualitySource.question_id == question.id)
        for number, source in enumerate((await session.scalars(told)).all()):
            # The refs name the conversation; what told of it is forgotten as well and tells no more.
            if ":" in source.ref:
                source.ref = f"forgotten:{question.id}:{number}"
    said = select(QualityProposal).where(QualityProposal.conversation_id.in_(conversations))
    for proposal in await session.scalars(said):
        proposal.text = erase(proposal.text)
        proposal.conversation_id = None


async def do_remove(
    session: AsyncSession, conversations: Collection[uuid.UUID], questions: Collection[int]
) -> None:
    """Leave nothing of conversations that are about to be deleted, in the caller's transaction.

    Args:
        questions: ids of the unanswered questions that were asked in them.
    """
    named = [str(one) for one in conversations]
    asked = QualitySource.kind == UNANSWERED
    ours = or_(
        asked & QualitySource.ref.in_([str(one) for one in questions]),
        ~asked & func.split_part(QualitySource.ref, ":", 1).in_(named),
    )
    await session.execute(delete(QualitySource).where(ours))
    await session.execute(delete(QualityProposal).where(QualityProposal.conversation_id.in_(conversations)))
