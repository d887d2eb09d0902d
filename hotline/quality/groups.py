"""The groups of questions: looking at them, and saying how it stands with one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.audit.service import record
from hotline.database import Database
from hotline.knowledge import versions
from hotline.knowledge.models import MatterVersion
from hotline.knowledge.rights import Person
from hotline.quality import texts
from hotline.quality.cleaning import cleaned
from hotline.quality.errors import QualityError
from hotline.quality.models import (
    AT_WORK,
    DONE,
    NOTHING_TO_DO,
    OPEN,
    STATES,
    QualityDraft,
    QualityGroup,
    QualityProposal,
    QualityQuestion,
    QualitySource,
)
from hotline.quality.rights import check_edits, check_reads, sees
from hotline.quality.settling import mark
from hotline.quality.sources import confidential

#: Those that are shown unless another state is asked for.
_OPEN_STATES = (OPEN, AT_WORK)
_MOST_NOTE = 500


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which groups; None: all. ``recurred``: only those asked again after they were handled."""

    state: str | None = None
    source: str | None = None
    channel: str | None = None
    unit: str | None = None
    words: str | None = None
    recurred: bool = False
    #: ``count`` or ``last``.
    sort: str = "count"


@dataclass(frozen=True)
class Listed:
    """A group with the questions that speak for it."""

    group: QualityGroup
    speakers: list[str]

    @property
    def title(self) -> str:
        """What it is called: the question most like the others."""
        return self.speakers[0] if self.speakers else ""


@dataclass(frozen=True)
class Page:
    """A page of the list, how many there are in all, how many in each state, and what the filters offer."""

    groups: list[Listed]
    total: int
    states: dict[str, int]
    recurred: int
    channels: list[str]
    units: list[str]


@dataclass(frozen=True)
class Asked:
    """A question of a group, and the sources that told of it."""

    question: QualityQuestion
    sources: list[str]
    #: An editor has proposed another intent for it.
    corrected: str | None = None


@dataclass(frozen=True)
class Folder:
    """A group with its newest questions and what was done about it."""

    listed: Listed
    questions: list[Asked]
    more: int
    drafts: list[tuple[QualityDraft, str]]
    outside: list[QualityProposal]


class Groups:
    """The groups of one hotline."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(self, person: Person, wanted: Wanted, *, limit: int = 50, offset: int = 0) -> Page:
        """A page of the list.

        Raises:
            QualityError: the person has nothing to do with it.
        """
        check_reads(person)
        async with self._database.transaction() as session:
            units = list(await session.scalars(select(QualityGroup.unit).distinct()))
            mine = [unit for unit in units if sees(person, unit)]
            base = [QualityGroup.questions > 0]
            if len(mine) < len(units):
                base.append(QualityGroup.unit.in_(mine))
            where = [*base, *_conditions(wanted)]
            states = await session.execute(
                select(QualityGroup.state, func.count()).where(*base).group_by(QualityGroup.state)
            )
            recurred = await session.scalar(
                select(func.count()).where(
                    *base, QualityGroup.recurred_at.is_not(None), QualityGroup.state.in_(_OPEN_STATES)
                )
            )
            total = await session.scalar(select(func.count()).select_from(QualityGroup).where(*where))
            order: list[Any] = [QualityGroup.last_at.desc(), QualityGroup.id]
            if wanted.sort == "count":
                order.insert(0, QualityGroup.questions.desc())
            if not wanted.state:  # what comes again comes first
                order.insert(0, QualityGroup.recurred_at.is_not(None).desc())
            query = select(QualityGroup).where(*where).order_by(*order)
            groups = list(await session.scalars(query.limit(limit).offset(offset)))
            channels = await session.scalars(select(QualityQuestion.channel).distinct())
            return Page(
                await _listed(session, groups),
                int(total or 0),
                dict.fromkeys(STATES, 0) | dict(states.all()),
                int(recurred or 0),
                sorted(channel for channel in channels if channel),
                sorted(unit for unit in mine if unit),
            )

    async def folder(self, person: Person, number: int, *, limit: int = 60) -> Folder:
        """One group.

        Raises:
            QualityError: there is none, or it is not for the person.
        """
        async with self._database.transaction() as session:
            group = await found(session, person, number)
            (listed,) = await _listed(session, [group])
            shown = QualityQuestion.conversation_id.is_(None) | QualityQuestion.conversation_id.not_in(
                confidential()
            )
            rows = (
                await session.scalars(
                    select(QualityQuestion)
                    .where(QualityQuestion.group_id == number, shown)
                    .order_by(QualityQuestion.at.desc(), QualityQuestion.id)
                    .limit(limit)
                )
            ).all()
            ids = [row.id for row in rows]
            told: dict[int, list[str]] = {}
            sources = select(QualitySource.question_id, QualitySource.kind).distinct()
            for question, kind in await session.execute(
                sources.where(QualitySource.question_id.in_(ids)).order_by(QualitySource.kind)
            ):
                told.setdefault(question or 0, []).append(kind)
            corrected = await _corrected(session, [row.text for row in rows])
            drafts = (
                await session.scalars(
                    select(QualityDraft).where(QualityDraft.group_id == number).order_by(QualityDraft.id)
                )
            ).all()
            states = await versions.publications(session, {draft.version_id for draft in drafts})
            outside = await session.scalars(
                select(QualityProposal)
                .where(QualityProposal.group_id == number, QualityProposal.kind == "库外")
                .order_by(QualityProposal.id)
            )
            return Folder(
                listed,
                [Asked(row, told.get(row.id, []), corrected.get(row.text)) for row in rows],
                max(0, group.questions - len(rows)),
                [(draft, states.get(draft.version_id, ("", None))[0]) for draft in drafts],
                list(outside),
            )

    async def do_mark(self, person: Person, number: int, state: str, note: str) -> None:
        """Say how it stands with a group.

        Raises:
            QualityError: the person may not, the note is missing, or there is no such group or state.
        """
        note = note.replace("\0", "").strip()[:_MOST_NOTE]
        if state not in STATES:
            raise QualityError("invalid", texts.NO_GROUP)
        if state in (DONE, NOTHING_TO_DO) and not note:
            raise QualityError("invalid", texts.NOTE_NEEDED)
        async with self._database.transaction() as session:
            group = await found(session, person, number, lock=True)
            before = group.state
            await mark(session, group, state, note, person.number)
            await audit(session, person, "问题组改状态", number, {"from": before, "to": state, "note": note})

    async def note_draft(
        self, person: Person, number: int, version: MatterVersion, kind: str, words: Sequence[str]
    ) -> None:
        """Keep that something was done about a group in the knowledge base; it is being worked at now.

        Raises:
            QualityError: there is no such group.
        """
        async with self._database.transaction() as session:
            group = await found(session, person, number, lock=True)
            for text in words:
                session.add(
                    QualityDraft(
                        group_id=number,
                        version_id=version.id,
                        code=version.code,
                        number=version.number,
                        kind=kind,
                        text=text,
                        by=person.number,
                    )
                )
            await mark(session, group, AT_WORK, group.note, person.number)
            detail = {"matter": version.code, "version": version.number, "kind": kind}
            await audit(session, person, "问题组建草稿", number, detail)

    async def check(self, person: Person, number: int) -> Listed:
        """A group that the person may do something about.

        Raises:
            QualityError: there is none, or the person may not.
        """
        check_edits(person)
        async with self._database.transaction() as session:
            (listed,) = await _listed(session, [await found(session, person, number)])
            return listed


async def found(session: AsyncSession, person: Person, number: int, *, lock: bool = False) -> QualityGroup:
    """The group, for somebody who may see it; with ``lock`` for somebody who changes it.

    Raises:
        QualityError: there is none, or it is not for the person.
    """
    (check_edits if lock else check_reads)(person)
    group: QualityGroup | None = await session.get(QualityGroup, number, with_for_update=lock or None)
    if group is None:
        raise QualityError("not_found", texts.NO_GROUP)
    if not sees(person, group.unit):
        raise QualityError("forbidden", texts.NOT_YOUR_GROUP.format(unit=group.unit))
    return group


async def audit(
    session: AsyncSession, person: Person, action: str, group: int, detail: dict[str, Any]
) -> None:
    """A line about a group."""
    await record(
        session,
        actor=person.number,
        role=person.role,
        action=action,
        subject=f"问题组-{group}",
        detail=detail,
    )


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    states = (wanted.state,) if wanted.state else _OPEN_STATES
    where: list[ColumnElement[bool]] = [QualityGroup.state.in_(states)]
    if wanted.source:
        where.append(QualityGroup.sources.has_key(wanted.source))
    if wanted.channel:
        where.append(QualityGroup.channels.has_key(wanted.channel))
    if wanted.unit:
        where.append(QualityGroup.unit == wanted.unit)
    if wanted.recurred:
        where.append(QualityGroup.recurred_at.is_not(None))
    if wanted.words:
        said = select(QualityQuestion.group_id).where(
            QualityQuestion.text.contains(wanted.words, autoescape=True)
        )
        where.append(QualityGroup.id.in_(said))
    return where


async def _listed(session: AsyncSession, groups: Sequence[QualityGroup]) -> list[Listed]:
    ids = {number for group in groups for number in group.speakers}
    rows = await session.execute(
        select(QualityQuestion.id, QualityQuestion.text).where(QualityQuestion.id.in_(ids))
    )
    said = cast(dict[int, str], dict(rows.all()))
    return [Listed(group, [said[number] for number in group.speakers if number in said]) for group in groups]


async def _corrected(session: AsyncSession, said: Sequence[str]) -> dict[str, str]:
    by_clean = {cleaned(text): text for text in said}
    query = select(QualityProposal.text, QualityProposal.intent).where(
        QualityProposal.kind == "意图",
        QualityProposal.state.in_(("待复核", "已通过")),
        QualityProposal.text.in_(by_clean),
    )
    return {by_clean[text]: str(intent) for text, intent in await session.execute(query)}
