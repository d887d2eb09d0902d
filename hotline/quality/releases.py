"""What was measured: the tries to train with corrections, and what the gate said before publications."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from hotline.audit.service import record
from hotline.database import Database, now
from hotline.knowledge.rights import Person
from hotline.knowledge.versions import judged
from hotline.quality.models import APPROVED, INTENT, QualityProposal, QualityRelease
from hotline.quality.rights import check_reads


@dataclass(frozen=True)
class Judged:
    """A version of a matter with what the gate said of it last."""

    code: str
    number: int
    title: str
    state: str
    at: datetime
    verdict: Mapping[str, Any]


@dataclass(frozen=True)
class State:
    """How it stands with releases. ``waiting``: approved corrections that no training has seen."""

    releases: list[QualityRelease]
    verdicts: list[Judged]
    waiting: int


class Releases:
    """The releases of one hotline."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def state(self, person: Person, limit: int = 10) -> State:
        """The newest first.

        Raises:
            QualityError: the person has nothing to do with it.
        """
        check_reads(person)
        async with self._database.transaction() as session:
            releases = await session.scalars(
                select(QualityRelease).order_by(QualityRelease.id.desc()).limit(limit)
            )
            waiting = await session.scalar(
                select(func.count()).where(
                    QualityProposal.kind == INTENT,
                    QualityProposal.state == APPROVED,
                    QualityProposal.released_at.is_(None),
                )
            )
            versions = [
                Judged(
                    version.code,
                    version.number,
                    str(version.content.get("title", "")),
                    version.state,
                    version.changed_at,
                    version.verdict or {},
                )
                for version in await judged(session, limit)
                if not person.edits or person.owns(str(version.content.get("unit") or ""))
            ]
            return State(list(releases), versions, int(waiting or 0))

    async def do_record(
        self,
        *,
        by: str,
        passed: bool,
        model: str,
        figures: Mapping[str, float],
        fallen: Sequence[str],
        used: Sequence[int],
    ) -> None:
        """Keep what a release has come to.

        Args:
            used: ids of the corrections that were in it.
        """
        async with self._database.transaction() as session:
            session.add(
                QualityRelease(
                    by=by,
                    passed=passed,
                    corrections=len(used),
                    model=model,
                    figures=dict(figures),
                    fallen=list(fallen),
                )
            )
            if passed:
                rows = await session.scalars(select(QualityProposal).where(QualityProposal.id.in_(used)))
                for row in rows:
                    row.released_at = row.released_at or now()
            await record(
                session,
                actor=by,
                role="",
                action="发布训练" if passed else "训练被检验拦下",
                subject="对话模型",
                detail={"corrections": len(used), "fallen": list(fallen)},
            )
