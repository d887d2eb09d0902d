"""What all that is done with versions of matters needs: finding one, and refusing what may not be done to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.audit.service import record
from hotline.database import Database, now
from hotline.knowledge import editing_texts as texts
from hotline.knowledge import versions
from hotline.knowledge.cautions import Caution
from hotline.knowledge.checking import Trouble, troubles
from hotline.knowledge.differences import changed_fields, difference
from hotline.knowledge.errors import EditingError
from hotline.knowledge.models import OPEN, MatterVersion, StoredMatter
from hotline.knowledge.rights import Person
from hotline.work_orders.deadlines import SHANGHAI

WRITABLE = ("草稿", "已退回")
_MOST_NOTE = 500


@dataclass(frozen=True)
class Standing:
    """A version, the one that is published now, and what keeps it from being published."""

    version: MatterVersion
    live: MatterVersion | None
    troubles: list[Trouble]

    @property
    def stale(self) -> bool:
        """Whether another version was published since this one was begun."""
        return (self.live.number if self.live else None) != self.version.base


class Drafts:
    """The versions of one hotline's matters."""

    def __init__(
        self, database: Database, cautions: list[Caution], *, clock: Callable[[], datetime] = now
    ) -> None:
        """
        Args:
            cautions: what must not be said.
        """
        self.database = database
        self.cautions = cautions
        self.clock = clock

    async def standing(self, version_id: int) -> Standing:
        """A version with all that is to be known about it.

        Raises:
            EditingError: there is none.
        """
        async with self.database.transaction() as session:
            version, live = await self.get(session, version_id, lock=False)
            return Standing(version, live, await self.troubles(session, version))

    async def titles(self) -> dict[str, str]:
        """The codes of the matters in force, by their titles."""
        async with self.database.transaction() as session:
            return await taken_titles(session)

    async def check_ready(
        self, session: AsyncSession, version: MatterVersion, live: MatterVersion | None
    ) -> None:
        """Refuse what cannot be published as it is.

        Raises:
            EditingError: with what is missing.
        """
        if (live.number if live else None) != version.base:
            raise EditingError("stale", texts.STALE.format(number=live.number if live else 0))
        if version.withdraws:
            return
        found = await self.troubles(session, version)
        if found:
            first = "；".join(map(str, found[:3]))
            raise EditingError("invalid", texts.NOT_WHOLE.format(count=len(found), first=first))
        if live is not None and not live.withdraws and not difference(live.content, version.content):
            raise EditingError("refused", texts.NOTHING_CHANGED)

    async def troubles(self, session: AsyncSession, version: MatterVersion) -> list[Trouble]:
        """What keeps a draft from being published."""
        if version.state not in OPEN or version.withdraws:
            return []
        return troubles(version.content, self.cautions, await taken_titles(session))

    async def get(
        self, session: AsyncSession, version_id: int, *, lock: bool = True
    ) -> tuple[MatterVersion, MatterVersion | None]:
        """A version, and what is published of its matter.

        Raises:
            EditingError: there is none.
        """
        if lock:
            await versions.lock(session)
        version = await session.get(MatterVersion, version_id)
        if version is None:
            raise EditingError("not_found", texts.NO_VERSION)
        return version, await versions.live(session, version.code)

    async def judged(
        self,
        session: AsyncSession,
        person: Person,
        version_id: int,
        revision: int,
        states: Sequence[str],
        what: str,
    ) -> MatterVersion:
        """A version about which the person, who has no hand in it, decides.

        Raises:
            EditingError: the person may not, or the version is another than the person saw.
        """
        version, live = await self.get(session, version_id)
        person.check_owns(*units_of(version, live))
        self.check_state(version, states, what)
        self.check_revision(version, revision)
        check_other(person, version, what)
        self.step(version, person)
        return version

    def draft(self, person: Person, content: dict[str, Any], note: str, origin: str) -> MatterVersion:
        """A new draft, not added yet."""
        return MatterVersion(
            code=content["code"],
            state="草稿",
            origin=origin,
            content=content,
            note=note_of(note),
            author=person.number,
            editors=[person.number],
            changed_by=person.number,
            created_at=self.clock(),
            changed_at=self.clock(),
        )

    def touch(self, version: MatterVersion, person: Person) -> None:
        """Note that the person had a hand in it."""
        version.editors = [*(one for one in version.editors if one != person.number), person.number]
        version.state = "草稿"
        self.step(version, person)

    def step(self, version: MatterVersion, person: Person) -> None:
        """Note that something was done with it: whoever saw it before has to look again."""
        version.revision += 1
        version.changed_at, version.changed_by = self.clock(), person.number

    def check_revision(
        self, version: MatterVersion, revision: int, mine: Mapping[str, Any] | None = None
    ) -> None:
        """Refuse who saw an earlier revision.

        Raises:
            EditingError: with who was faster, and where ``mine`` is another now.
        """
        if version.revision == revision:
            return
        fields = changed_fields(version.content, mine) if mine is not None else []
        words = texts.CHANGED.format(
            who=version.changed_by,
            when=version.changed_at.astimezone(SHANGHAI).strftime("%H:%M"),
            what="、".join(fields) or texts.NOT_THE_CONTENT,
        )
        raise EditingError("changed", words)

    @staticmethod
    def check_state(version: MatterVersion, states: Sequence[str], what: str) -> None:
        """Refuse what cannot be done in the version's state.

        Raises:
            EditingError: with the state.
        """
        if version.state not in states:
            words = texts.NOT_A_DRAFT.format(number=version.number, state=version.state, what=what)
            raise EditingError("refused", words)

    async def none_open(self, session: AsyncSession, code: str) -> None:
        """Refuse a second draft.

        Raises:
            EditingError: with the one that is there.
        """
        draft = await versions.open_one(session, code)
        if draft is not None:
            words = texts.DRAFT_THERE.format(state=draft.state, number=draft.number, who=draft.author)
            raise EditingError("taken", words)

    @staticmethod
    async def record(
        session: AsyncSession, person: Person, action: str, version: MatterVersion, **detail: Any
    ) -> None:
        """Add the audit's line."""
        await record(
            session,
            actor=person.number,
            role=person.role,
            action=action,
            subject=f"事项-{version.code}",
            detail={"version": version.number, "title": str(version.content.get("title", ""))} | detail,
        )


def check_other(person: Person, version: MatterVersion, what: str) -> None:
    """Refuse who has had a hand in the version.

    Raises:
        EditingError: it takes two.
    """
    if person.number in (version.author, *version.editors):
        raise EditingError("forbidden", texts.OWN_WORK.format(what=what))


async def taken_titles(session: AsyncSession) -> dict[str, str]:
    """The codes of the matters in force, by their titles."""
    query = select(StoredMatter.title, StoredMatter.code).where(StoredMatter.withdrawn_at.is_(None))
    return {str(title): str(code) for title, code in await session.execute(query)}


def units_of(*found: MatterVersion | None) -> list[str]:
    """The units that the versions name."""
    return [str(version.content.get("unit") or "") for version in found if version is not None]


def note_of(words: str) -> str:
    """A note as it is kept."""
    return words.replace("\0", "").strip()[:_MOST_NOTE]


async def numbered(session: AsyncSession, code: str, number: int) -> MatterVersion | None:
    """One version of a matter, by its number."""
    query = select(MatterVersion).where(MatterVersion.code == code, MatterVersion.number == number)
    return (await session.scalars(query)).one_or_none()
