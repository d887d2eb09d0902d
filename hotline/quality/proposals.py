"""What one editor proposes and another approves: right intents of sentences, and questions that no matter answers."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.audit.service import record
from hotline.conversations.questions import Line, recent
from hotline.database import Database, now
from hotline.knowledge.outside_questions import add_outside
from hotline.knowledge.rights import Person
from hotline.knowledge.service import Knowledge
from hotline.quality import texts
from hotline.quality.cleaning import cleaned
from hotline.quality.errors import QualityError
from hotline.quality.gate import judge
from hotline.quality.groups import found
from hotline.quality.intents import Intent, read_intents
from hotline.quality.models import (
    APPROVED,
    INTENT,
    OUTSIDE,
    PROPOSAL_STATES,
    PROPOSED,
    REFUSED,
    TAKEN_BACK,
    QualityProposal,
)
from hotline.quality.rights import check_edits, check_reads
from hotline.quality.sources import confidential
from hotline.quality.wording import verdict_words

LONGEST = 300
_MOST_NOTE = 300


@dataclass(frozen=True)
class Correction:
    """A sentence with the intent that was found, and the right one."""

    text: str
    intent: str
    found: str | None = None
    confidence: float | None = None
    note: str = ""
    conversation_id: uuid.UUID | None = None
    group_id: int | None = None


class Proposals:
    """The proposals of one hotline."""

    def __init__(self, database: Database, knowledge: Knowledge, data_dir: Path) -> None:
        self._database = database
        self._knowledge = knowledge
        self._data_dir = data_dir

    @property
    def intents(self) -> dict[str, Intent]:
        """All intents there are."""
        return read_intents(self._data_dir)

    async def page(
        self, person: Person, *, kind: str | None = None, state: str | None = None, limit: int = 100
    ) -> tuple[list[QualityProposal], dict[str, int]]:
        """The proposals, newest first, and how many are in each state.

        Raises:
            QualityError: the person has nothing to do with it.
        """
        check_reads(person)
        async with self._database.transaction() as session:
            which = [QualityProposal.kind == kind] if kind else []
            counted = await session.execute(
                select(QualityProposal.state, func.count()).where(*which).group_by(QualityProposal.state)
            )
            counts = dict.fromkeys(PROPOSAL_STATES, 0) | dict(counted.all())
            if state:
                which.append(QualityProposal.state == state)
            query = select(QualityProposal).where(*which).order_by(QualityProposal.id.desc()).limit(limit)
            return list(await session.scalars(query)), counts

    async def lines(
        self,
        person: Person,
        *,
        intent: str | None = None,
        words: str = "",
        unsure_below: float | None = None,
        before: datetime | None = None,
        limit: int = 50,
    ) -> list[Line]:
        """What citizens typed lately, masked, with what was understood; nothing of confidential conversations.

        Raises:
            QualityError: the person is no editor of all matters.
        """
        check_edits(person)
        if person.unit is not None:
            raise QualityError("forbidden", texts.NOT_FOR_YOU.format(roles="、".join(person.roles)))
        async with self._database.transaction() as session:
            found_lines = await recent(
                session,
                hidden=confidential(),
                intent=intent,
                words=words,
                unsure_below=unsure_below,
                before=before,
                limit=limit,
            )
        return found_lines

    async def do_correct(self, person: Person, given: Correction) -> QualityProposal:
        """Propose the right intent of a sentence.

        Raises:
            QualityError: the person may not, the intent is none or the same, or somebody has said so already.
        """
        check_edits(person)
        text = self._clean(given.text)
        if given.intent not in self.intents:
            raise QualityError("invalid", texts.NO_INTENT)
        if given.intent == given.found:
            name = self.intents[given.intent].name
            raise QualityError("invalid", texts.SAME_INTENT.format(intent=name))
        row = QualityProposal(
            kind=INTENT,
            text=text,
            found=given.found if given.found in self.intents else None,
            confidence=given.confidence,
            intent=given.intent,
            note=given.note.replace("\0", "").strip()[:_MOST_NOTE],
            conversation_id=given.conversation_id,
            group_id=given.group_id,
            by=person.number,
        )
        async with self._database.transaction() as session:
            await self._add(session, person, row)
        return row

    async def do_propose_outside(
        self, person: Person, group: int | None, said: Sequence[str], note: str
    ) -> list[QualityProposal]:
        """Propose that no matter answers these questions.

        Raises:
            QualityError: the person may not, a matter answers one of them, or somebody has said so already.
        """
        check_edits(person)
        rows = []
        for text in dict.fromkeys(self._clean(one) for one in said if one.strip()):
            rows.append(
                QualityProposal(
                    kind=OUTSIDE,
                    text=text,
                    note=note.replace("\0", "").strip()[:_MOST_NOTE],
                    group_id=group,
                    by=person.number,
                )
            )
        if not rows:
            raise QualityError("invalid", texts.TEXT_NEEDED)
        async with self._database.transaction() as session:
            if group is not None:
                await found(session, person, group, lock=True)
            for row in rows:
                await self._add(session, person, row)
        return rows

    async def do_review(
        self, person: Person, number: int, approve: bool, reason: str = ""
    ) -> QualityProposal:
        """Approve what somebody else has proposed, or send it back. A question outside the base counts from then on, when
        the gate lets it.

        Raises:
            QualityError: the person may not, it is not waiting any more, the reason is missing, or the gate refuses.
        """
        check_edits(person)
        reason = reason.replace("\0", "").strip()[:_MOST_NOTE]
        if not approve and not reason:
            raise QualityError("invalid", texts.REASON_NEEDED)
        async with self._database.transaction() as session:
            row = await self._waiting(session, number, "复核")
            if row.by == person.number:
                raise QualityError("forbidden", texts.OWN_WORK)
            kind, text = row.kind, row.text
        verdict: dict[str, Any] | None = None
        if approve and kind == OUTSIDE:
            judged = await judge(self._knowledge, [], outside=[text])
            verdict = judged.as_json()
            if not judged.passed:
                raise QualityError("gate", verdict_words(judged, texts.OUTSIDE_FALLS))
        async with self._database.transaction() as session:
            row = await self._waiting(session, number, "复核")
            row.state, row.reason = (APPROVED if approve else REFUSED), reason
            row.reviewed_by, row.reviewed_at = person.number, now()
            row.verdict = verdict
            if approve and kind == OUTSIDE:
                await add_outside(session, text)
            await self._record(session, person, f"{'通过' if approve else '退回'}{kind}", row)
            return row

    async def do_take_back(self, person: Person, number: int) -> QualityProposal:
        """Take back what one has proposed.

        Raises:
            QualityError: somebody else has, or it is not waiting any more.
        """
        check_edits(person)
        async with self._database.transaction() as session:
            row = await self._waiting(session, number, "撤回")
            if row.by != person.number:
                raise QualityError("forbidden", texts.ONLY_OWN)
            row.state, row.reviewed_at = TAKEN_BACK, now()
            await self._record(session, person, f"撤回{row.kind}", row)
            return row

    async def approved(self, kind: str) -> list[QualityProposal]:
        """All that is approved, in the order in which it was proposed."""
        return await approved(self._database, kind)

    @staticmethod
    def _clean(text: str) -> str:
        """The words without what points to a person: they go into files.

        Raises:
            QualityError: nothing is left, or it is too long.
        """
        kept = cleaned(text)
        if len(kept) < 2:
            raise QualityError("invalid", texts.TEXT_NEEDED)
        if len(kept) > LONGEST:
            raise QualityError("invalid", texts.TEXT_TOO_LONG.format(most=LONGEST))
        return kept

    async def _add(self, session: AsyncSession, person: Person, row: QualityProposal) -> None:
        same = select(QualityProposal).where(
            QualityProposal.kind == row.kind,
            QualityProposal.text == row.text,
            QualityProposal.state.in_((PROPOSED, APPROVED)),
        )
        there = await session.scalar(same)
        if there is not None:
            raise QualityError("taken", texts.ALREADY.format(state=there.state, by=there.by))
        session.add(row)
        await session.flush()
        await self._record(session, person, f"提出{row.kind}", row)

    @staticmethod
    async def _waiting(session: AsyncSession, number: int, what: str) -> QualityProposal:
        row: QualityProposal | None = await session.get(QualityProposal, number, with_for_update=True)
        if row is None:
            raise QualityError("not_found", texts.NO_PROPOSAL)
        if row.state != PROPOSED:
            raise QualityError("changed", texts.NOT_PROPOSED.format(state=row.state, what=what))
        return row

    @staticmethod
    async def _record(session: AsyncSession, person: Person, action: str, row: QualityProposal) -> None:
        detail: dict[str, Any] = {"text": row.text}
        if row.kind == INTENT:
            detail |= {"found": row.found, "intent": row.intent}
        if row.reason:
            detail["reason"] = row.reason
        await record(
            session,
            actor=person.number,
            role=person.role,
            action=action,
            subject=f"质检-{row.id}",
            detail=detail,
        )


async def approved(database: Database, kind: str) -> list[QualityProposal]:
    """All that is approved, in the order in which it was proposed."""
    async with database.transaction() as session:
        query = select(QualityProposal).where(QualityProposal.kind == kind, QualityProposal.state == APPROVED)
        return list(await session.scalars(query.order_by(QualityProposal.id)))
