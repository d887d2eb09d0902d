"""Questions that no matter answers: those of ``not_covered.txt``, and those that editors have found and approved."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.knowledge import versions
from hotline.knowledge.models import FILE, OutsideQuestion

#: Found by editors at the console; no file takes them away.
EDITORS = "质检"


async def bring_outside(session: AsyncSession, outside: Sequence[str]) -> bool:
    """Have those of the file in the database, and none more that came from it; whether anything changed."""
    wanted = set(outside)
    from_file = select(OutsideQuestion.text).where(OutsideQuestion.origin == FILE)
    known = set(await session.scalars(from_file))
    if known - wanted:
        await session.execute(delete(OutsideQuestion).where(OutsideQuestion.text.in_(known - wanted)))
    if wanted - known:
        rows = [{"text": text, "origin": FILE} for text in sorted(wanted - known)]
        statement = insert(OutsideQuestion).on_conflict_do_update(
            index_elements=["text"], set_={"origin": FILE}
        )
        await session.execute(statement, rows)
    return known != wanted


async def add_outside(session: AsyncSession, text: str) -> None:
    """One more, from now on for all who hold the base."""
    statement = insert(OutsideQuestion).values(text=text, origin=EDITORS)
    await session.execute(statement.on_conflict_do_nothing(index_elements=["text"]))
    await versions.tell(session)
