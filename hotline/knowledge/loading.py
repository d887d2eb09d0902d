"""Bringing the base to what the files say, without undoing what editors have published at the console.

- A file that says what it said when it was loaded last changes nothing.
- A changed file whose matter was published from files is published, as it always was.
- A changed file whose matter was published at the console becomes a draft that waits for an editor; so does one that is gone.
- A matter that never had a file is not touched.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.audit.service import record
from hotline.database import now
from hotline.knowledge import versions
from hotline.knowledge.models import FILE, LIVE, MatterVersion, StoredMatter
from hotline.knowledge.schema import Matter

logger = structlog.get_logger(__name__)

_NEW, _CHANGED = "从事项文件载入", "事项文件有改动"
_GONE = "事项文件删掉了"
_OVERTAKEN = "文件又有改动"


@dataclass
class Loaded:
    """Codes of the matters that are changed now, and of those where a draft waits for an editor."""

    changed: list[str] = field(default_factory=list)
    drafted: list[str] = field(default_factory=list)


async def bring(session: AsyncSession, matters: Sequence[Matter]) -> Loaded:
    """Do it, in the caller's transaction, of which :func:`versions.lock` was the first thing."""
    rows = {row.code: row for row in await session.scalars(select(StoredMatter))}
    published = await session.scalars(select(MatterVersion).where(MatterVersion.state == LIVE))
    lives = {version.code: version for version in published}
    titles = {row.title: row.code for row in rows.values() if row.withdrawn_at is None}
    loaded = Loaded()
    for matter in matters:
        content = versions.plain(matter)
        mark = versions.digest(content)
        row, live = rows.get(matter.code), lives.get(matter.code)
        if row is not None and row.file_hash == mark:
            continue
        await _drop_draft(session, matter.code)
        if row is not None and row.withdrawn_at is None and versions.matter_of(row.content) == matter:
            row.file_hash = row.content_hash = mark
            continue
        note = _NEW if row is None else _CHANGED
        fresh = MatterVersion(
            code=matter.code,
            origin=FILE,
            author=FILE,
            changed_by=FILE,
            content=content,
            note=note,
            state="待审核",
        )
        await versions.add(session, fresh)
        taken = titles.get(matter.title, matter.code) != matter.code and live is None
        await _settle(session, fresh, live, loaded, must_wait=taken)
        row = row or await session.get(StoredMatter, matter.code)
        if row is not None:
            row.file_hash = mark
    here = {matter.code for matter in matters}
    for code, row in rows.items():
        if row.file_hash is None or code in here:
            continue
        await _drop_draft(session, code)
        row.file_hash = None
        if row.withdrawn_at is None:
            gone = MatterVersion(
                code=code,
                origin=FILE,
                author=FILE,
                changed_by=FILE,
                content=row.content,
                note=_GONE,
                state="待审核",
            )
            gone.withdraws = True
            await versions.add(session, gone)
            await _settle(session, gone, lives.get(code), loaded)
    return loaded


async def _drop_draft(session: AsyncSession, code: str) -> None:
    draft = await versions.open_one(session, code, of_file=True)
    if draft is not None:
        draft.state, draft.reason, draft.changed_at = "已作废", _OVERTAKEN, now()
        await session.flush()


async def _settle(
    session: AsyncSession,
    version: MatterVersion,
    live: MatterVersion | None,
    loaded: Loaded,
    *,
    must_wait: bool = False,
) -> None:
    """Publish what comes from a file, or leave it to an editor when it would undo an editor's work."""
    version.submitted_at = now()
    if must_wait or (live is not None and live.origin != FILE):
        loaded.drafted.append(version.code)
        logger.warning(
            "a file differs from what was published at the console: it waits for an editor", code=version.code
        )
        await record(
            session,
            actor=FILE,
            role="",
            action="文件改动待审核",
            subject=f"事项-{version.code}",
            detail={"version": version.number, "note": version.note},
        )
        return
    loaded.changed.append(version.code)
    await versions.put_in_force(session, version, publisher=FILE)
