"""Putting new questions into groups of the same meaning, a few hundred at a time.

A new question joins the group whose speakers (at most three of its questions) it is like on average; those that join none
are grouped among themselves. Only what is new is compared, so the cost grows with the new ones times the groups.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import structlog
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.conversations.models import Conversation
from hotline.database import Database
from hotline.knowledge.respond import Base
from hotline.knowledge.service import Knowledge
from hotline.language.kept_vectors import KeptVectors
from hotline.quality.likeness import QuestionLikeness, Rareness
from hotline.quality.models import DONE, OPEN, QualityGroup, QualityQuestion, QualitySource
from hotline.quality.settling import settle
from hotline.quality.sources import Found, unseen
from hotline.similarity.clusters import belonging, clusters

logger = structlog.get_logger(__name__)

_AT_ONCE = 300
_SPEAKERS = 3
#: So many of a group's newest questions are looked at for its speakers.
_LOOKED_AT = 30
_NEAREST = 3
_LOCK = 12345012


@dataclass(frozen=True)
class _Speakers:
    group: int
    texts: list[str]


class Grouper:
    """Groups the questions of one hotline."""

    def __init__(self, database: Database, knowledge: Knowledge, cache: Path | None) -> None:
        """
        Args:
            cache: a folder that keeps the questions' vectors over a restart.
        """
        self._database = database
        self._knowledge = knowledge
        self._vectors = KeptVectors(knowledge.encoder, cache and cache / "questions")
        self._rare: tuple[Base, Rareness] | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def at_work(self) -> bool:
        """Whether questions are being grouped."""
        return self._task is not None and not self._task.done()

    async def look(self, patience: float = 2.0) -> bool:
        """Group what is new; whether it is done within ``patience`` seconds. Otherwise it goes on by itself."""
        if not self.at_work:
            self._task = asyncio.create_task(self._all())
        assert self._task is not None
        done, _ = await asyncio.wait({self._task}, timeout=patience)
        return bool(done)

    async def close(self) -> None:
        """Break off; what was grouped stays."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _all(self) -> None:
        try:
            while await self.do_group():
                pass
            async with self._database.transaction() as session:
                await settle(session)
            await asyncio.to_thread(self._vectors.save)
        except Exception:
            logger.exception("questions could not be grouped; the next look tries again")

    async def do_group(self, limit: int = _AT_ONCE) -> int:
        """Group at most so many new questions of each source; how many things were looked at."""
        async with self._database.transaction() as session:
            if not await session.scalar(text(f"SELECT pg_try_advisory_xact_lock({_LOCK})")):
                return 0  # another process is at it
            await drop_demo(session)
            found, nothing = await unseen(session, limit)
            if nothing:
                rows = [{"kind": kind, "ref": ref} for kind, ref in nothing]
                await session.execute(insert(QualitySource).on_conflict_do_nothing(), rows)
            if not found:
                return len(nothing)
            lines = select(QualityQuestion.line, QualityQuestion.id, QualityQuestion.group_id)
            known = {
                line: (number, group)
                for line, number, group in await session.execute(
                    lines.where(QualityQuestion.line.in_([one.line for one in found]))
                )
            }
            fresh = [one for one in found if one.line not in known]
            speakers = await _speakers(session)
            heaps = await asyncio.to_thread(self._place, [one.text for one in fresh], speakers)
            grown: dict[int, datetime] = {}
            for group, members in heaps:
                chosen = [fresh[number] for number in members]
                if group is None:
                    opened = QualityGroup(first_at=chosen[0].at, last_at=chosen[0].at)
                    session.add(opened)
                    await session.flush()
                    group = opened.id
                for one in chosen:
                    await _add(session, group, one)
                grown[group] = max(one.at for one in chosen)
            for one in found:
                if one.line in known:
                    number, group = known[one.line]
                    await _note_told(session, number, one)
                    grown.setdefault(group, one.at)
            await self._count(session, grown)
            return len(found) + len(nothing)

    def _place(
        self, texts: Sequence[str], speakers: Sequence[_Speakers]
    ) -> list[tuple[int | None, list[int]]]:
        """For each group (None: a new one) the numbers of the texts that go into it."""
        if not texts:
            return []
        spoken = [words for one in speakers for words in one.texts]
        likeness = QuestionLikeness([*texts, *spoken], self._vectors.encode, self._rareness())
        columns = iter(range(len(texts), len(texts) + len(spoken)))
        heaps = [[next(columns) for _ in one.texts] for one in speakers]
        placed: defaultdict[int, list[int]] = defaultdict(list)
        alone = []
        for number, heap in enumerate(belonging(likeness, range(len(texts)), heaps)):
            if heap is None:
                alone.append(number)
            else:
                placed[speakers[heap].group].append(number)
        return [*placed.items(), *((None, heap) for heap in clusters(likeness, alone))]

    def _rareness(self) -> Rareness:
        base = self._knowledge.base
        if self._rare is None or self._rare[0] is not base:
            self._rare = base, Rareness(passage.text for passage in base.index.passages)
        return self._rare[1]

    async def _count(self, session: AsyncSession, grown: dict[int, datetime]) -> None:
        """Count the groups anew, and say who speaks for them and what is nearest."""
        question = QualityQuestion
        for number, newest in grown.items():
            group = await session.get_one(QualityGroup, number)
            figures = await session.execute(
                select(func.count(), func.min(question.at), func.max(question.at)).where(
                    question.group_id == number
                )
            )
            group.questions, group.first_at, group.last_at = figures.one()
            channels = await session.execute(
                select(question.channel, func.count())
                .where(question.group_id == number)
                .group_by(question.channel)
            )
            group.channels = {channel: count for channel, count in channels if channel}
            sources = await session.execute(
                select(QualitySource.kind, func.count(func.distinct(QualitySource.question_id)))
                .join(question, question.id == QualitySource.question_id)
                .where(question.group_id == number)
                .group_by(QualitySource.kind)
            )
            group.sources = dict(sources.all())
            if group.state == DONE and group.decided_at is not None and newest > group.decided_at:
                group.state, group.recurred_at = OPEN, newest
            newest_ones = await session.execute(
                select(question.id, question.text)
                .where(question.group_id == number)
                .order_by(question.at.desc(), question.id)
                .limit(_LOOKED_AT)
            )
            rows = [(row.id, row.text) for row in newest_ones]
            order = await asyncio.to_thread(self._central, [words for _, words in rows])
            group.speakers = [rows[place][0] for place in order]
            nearest = await self._knowledge.search(rows[order[0]][1], limit=_NEAREST)
            group.nearest = [
                {"code": one.code, "title": one.title, "confidence": one.confidence} for one in nearest
            ]
            matter = self._knowledge.matter(nearest[0].code) if nearest else None
            group.unit = matter.unit if matter else ""

    def _central(self, texts: Sequence[str]) -> list[int]:
        """The places of the texts that are most like the others, each wording once."""
        if len(texts) == 1:
            return [0]
        likeness = QuestionLikeness(texts, self._vectors.encode, self._rareness())
        score = likeness.score(range(len(texts)), range(len(texts)))
        best = [int(place) for place in np.argsort(-score.mean(axis=1), kind="stable")]
        once = {texts[place]: place for place in reversed(best)}
        return sorted(once.values(), key=best.index)[:_SPEAKERS]


async def _speakers(session: AsyncSession) -> list[_Speakers]:
    groups = await session.execute(
        select(QualityGroup.id, QualityQuestion.text)
        .join(
            QualityQuestion,
            (QualityQuestion.group_id == QualityGroup.id)
            & QualityGroup.speakers.contains(func.to_jsonb(QualityQuestion.id)),
        )
        .order_by(QualityGroup.id, QualityQuestion.id)
    )
    found: dict[int, list[str]] = {}
    for group, words in groups:
        found.setdefault(group, []).append(words)
    return [_Speakers(group, texts) for group, texts in found.items()]


async def _add(session: AsyncSession, group: int, one: Found) -> None:
    row = QualityQuestion(
        group_id=group,
        line=one.line,
        conversation_id=one.conversation_id,
        seq=one.seq,
        text=one.text,
        channel=one.channel,
        at=one.at,
        intent=one.intent,
        confidence=one.confidence,
        matter=one.matter,
        demo=one.demo,
    )
    session.add(row)
    await session.flush()
    await _note_told(session, row.id, one)


async def _note_told(session: AsyncSession, question: int, one: Found) -> None:
    rows = [{"kind": kind, "ref": ref, "question_id": question} for kind, ref in one.told]
    await session.execute(insert(QualitySource).on_conflict_do_nothing(), rows)


async def drop_demo(session: AsyncSession) -> None:
    """Questions of demo conversations go with these, in the caller's transaction."""
    gone = QualityQuestion.demo & QualityQuestion.conversation_id.not_in(select(Conversation.id))
    groups = list(await session.scalars(select(QualityQuestion.group_id).where(gone).distinct()))
    if not groups:
        return
    await session.execute(delete(QualityQuestion).where(gone))
    left = select(QualityQuestion.group_id)
    await session.execute(
        delete(QualityGroup).where(QualityGroup.id.in_(groups), QualityGroup.id.not_in(left))
    )
    counted = select(func.count()).where(QualityQuestion.group_id == QualityGroup.id).scalar_subquery()
    await session.execute(
        update(QualityGroup)
        .where(QualityGroup.id.in_(groups))
        .values(questions=counted)
        .execution_options(synchronize_session=False)
    )
