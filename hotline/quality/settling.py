"""A group whose drafts citizens have by now is handled."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.audit.service import record
from hotline.database import now
from hotline.knowledge import unanswered, versions
from hotline.quality import texts
from hotline.quality.models import (
    AT_WORK,
    DONE,
    NOTHING_TO_DO,
    UNANSWERED,
    QualityDraft,
    QualityGroup,
    QualityQuestion,
    QualitySource,
)

_DROPPED = "已作废"


async def settle(session: AsyncSession) -> list[int]:
    """Mark the groups at work whose drafts are all published as handled; their ids."""
    query = (
        select(QualityGroup, QualityDraft.version_id)
        .join(QualityDraft, QualityDraft.group_id == QualityGroup.id)
        .where(QualityGroup.state == AT_WORK)
    )
    drafts: defaultdict[int, list[int]] = defaultdict(list)
    groups: dict[int, QualityGroup] = {}
    for group, version in await session.execute(query):
        groups[group.id] = group
        drafts[group.id].append(version)
    states = await versions.publications(session, {one for each in drafts.values() for one in each})
    settled = []
    for number, group in groups.items():
        kept = [states[one] for one in drafts[number] if one in states and states[one][0] != _DROPPED]
        if kept and all(at is not None for _, at in kept):
            await mark(session, group, DONE, texts.PUBLISHED, texts.SYSTEM, _latest(kept))
            await record(
                session,
                actor=texts.SYSTEM,
                role="",
                action="问题组已处理",
                subject=f"问题组-{number}",
                detail={"note": texts.PUBLISHED},
            )
            settled.append(number)
    return settled


async def mark(
    session: AsyncSession,
    group: QualityGroup,
    state: str,
    note: str,
    by: str,
    at: datetime | None = None,
) -> None:
    """Set how it stands with a group, also for the questions that the knowledge base keeps."""
    group.state, group.note, group.decided_by = state, note, by
    group.decided_at = at or now()
    if state in (DONE, NOTHING_TO_DO):
        group.recurred_at = None
    refs = await session.scalars(
        select(QualitySource.ref)
        .join(QualityQuestion, QualityQuestion.id == QualitySource.question_id)
        .where(QualityQuestion.group_id == group.id, QualitySource.kind == UNANSWERED)
    )
    ids = [int(ref) for ref in refs]
    if ids:
        await unanswered.do_handle(session, ids, state in (DONE, NOTHING_TO_DO))


def _latest(kept: Collection[tuple[str, datetime | None]]) -> datetime:
    return max(at for _, at in kept if at is not None)
