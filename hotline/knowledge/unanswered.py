"""The questions without a sure answer, as they wait for the editors; see :func:`.service.record_unanswered`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, String, cast, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.database import now
from hotline.knowledge.models import UnansweredQuestion


async def unanswered(
    session: AsyncSession, known: Callable[[ColumnElement[Any]], ColumnElement[bool]], limit: int
) -> Sequence[UnansweredQuestion]:
    """The oldest of them whose id (as text) was not looked at before, as ``known`` says in SQL."""
    query = select(UnansweredQuestion).where(~known(cast(UnansweredQuestion.id, String)))
    return (await session.scalars(query.order_by(UnansweredQuestion.id).limit(limit))).all()


async def do_handle(session: AsyncSession, ids: Collection[int], handled: bool) -> None:
    """Note that editors are through with them, or are not any more."""
    which = update(UnansweredQuestion).where(UnansweredQuestion.id.in_(ids))
    await session.execute(which.values(handled_at=now() if handled else None))
