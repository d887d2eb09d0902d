"""Versions of matters in the database: which there are, the next one, and putting one in force.

Whoever changes them calls :func:`lock` first: there is one writer at a time, files and consoles alike.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.database import now
from hotline.knowledge.models import FILE, LIVE, OPEN, MatterVersion, StoredMatter
from hotline.knowledge.schema import Matter

#: Notified when the base has changed; whoever holds it refreshes.
CHANNEL = "knowledge_changed"
_LOCK = 12345001


async def lock(session: AsyncSession) -> None:
    """Be the only writer until the transaction ends."""
    await session.execute(select(func.pg_advisory_xact_lock(_LOCK)))


async def tell(session: AsyncSession) -> None:
    """Have all who hold the base fetch it anew, once the transaction is through."""
    await session.execute(text(f"NOTIFY {CHANNEL}"))


def plain(matter: Matter) -> dict[str, Any]:
    """The matter as JSON holds it."""
    return matter.model_dump(mode="json")


def digest(content: Mapping[str, Any]) -> str:
    """A hash of what the matter says. Fields that say nothing do not count: a new field changes no old hash."""
    said = {name: value for name, value in content.items() if value not in (None, [], {})}
    canonical = json.dumps(said, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(canonical.encode()).hexdigest()


def matter_of(content: Mapping[str, Any]) -> Matter | None:
    """The matter, when it is whole."""
    try:
        return Matter.model_validate(content)
    except ValidationError:
        return None


async def live(session: AsyncSession, code: str) -> MatterVersion | None:
    """The version that was published last: in force, or the one that withdrew the matter."""
    query = select(MatterVersion).where(MatterVersion.code == code, MatterVersion.state == LIVE)
    return (await session.scalars(query)).one_or_none()


async def open_one(session: AsyncSession, code: str, *, of_file: bool = False) -> MatterVersion | None:
    """The version that is being written: the people's, or the one that a changed file asks for."""
    query = select(MatterVersion).where(
        MatterVersion.code == code,
        MatterVersion.state.in_(OPEN),
        (MatterVersion.origin == FILE) if of_file else (MatterVersion.origin != FILE),
    )
    return (await session.scalars(query)).one_or_none()


async def add(session: AsyncSession, version: MatterVersion) -> MatterVersion:
    """Add a version under the matter's next number, begun from what is published now."""
    published = await live(session, version.code)
    last = await session.scalar(
        select(func.max(MatterVersion.number)).where(MatterVersion.code == version.code)
    )
    version.number = (last or 0) + 1
    version.base = published.number if published else None
    version.content_hash = digest(version.content)
    session.add(version)
    await session.flush()
    return version


async def put_in_force(session: AsyncSession, version: MatterVersion, *, publisher: str) -> None:
    """Make the version the published one; the one before is replaced, and the matter says what the version says."""
    before = await live(session, version.code)
    if before is not None:
        before.state = "已被替换"
        await session.flush()
    at = now()
    version.state, version.publisher, version.changed_by = LIVE, publisher, publisher
    version.published_at = version.changed_at = at
    row = await session.get(StoredMatter, version.code)
    if version.withdraws:
        if row is not None:
            row.withdrawn_at = at
    else:
        matter = Matter.model_validate(version.content)
        if row is None:
            row = StoredMatter(code=matter.code)
            session.add(row)
        row.title, row.area, row.content = matter.title, matter.area, plain(matter)
        row.content_hash = version.content_hash
        row.valid_from, row.valid_to = matter.valid_from, matter.valid_to
        row.loaded_at, row.withdrawn_at = at, None
    await session.flush()


async def publications(session: AsyncSession, ids: Collection[int]) -> dict[int, tuple[str, datetime | None]]:
    """For each of these versions its state, and when it was published."""
    query = select(MatterVersion.id, MatterVersion.state, MatterVersion.published_at)
    rows = await session.execute(query.where(MatterVersion.id.in_(ids)))
    return {number: (state, at) for number, state, at in rows}


async def judged(session: AsyncSession, limit: int) -> Sequence[MatterVersion]:
    """The versions that the release gate has looked at, the latest first."""
    query = select(MatterVersion).where(MatterVersion.verdict.is_not(None))
    return (await session.scalars(query.order_by(MatterVersion.changed_at.desc()).limit(limit))).all()
