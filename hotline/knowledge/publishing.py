"""Publishing: what somebody else found good goes to citizens, when the release gate lets it through.

The gate asks hundreds of questions and takes seconds, so it stands outside the transaction; when something was published
meanwhile, its verdict is on another base, and it is asked again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.database import Database, now
from hotline.knowledge import editing_texts as texts
from hotline.knowledge import versions
from hotline.knowledge.cautions import Caution
from hotline.knowledge.drafts import Drafts, check_other, units_of
from hotline.knowledge.errors import EditingError
from hotline.knowledge.models import MatterVersion, StoredMatter
from hotline.knowledge.rights import Person
from hotline.knowledge.schema import Matter
from hotline.knowledge.service import Knowledge

_TRIES = 3
_IN_FORCE = StoredMatter.withdrawn_at.is_(None)
#: Figures are told to so many digits.
_DIGITS = 3


class Figure(Protocol):
    """One figure of a verdict."""

    @property
    def label(self) -> str: ...
    @property
    def value(self) -> float: ...
    @property
    def floor(self) -> float | None: ...
    @property
    def live(self) -> float: ...
    @property
    def passed(self) -> bool: ...
    @property
    def is_ceiling(self) -> bool: ...


class Verdict(Protocol):
    """What the release gate says of a change of the base."""

    @property
    def passed(self) -> bool: ...
    @property
    def figures(self) -> Sequence[Figure]: ...
    @property
    def broken(self) -> Sequence[Any]: ...
    def as_json(self) -> dict[str, Any]: ...


#: The release gate: the base, the matters that are new or changed, and the codes of those that go.
Judge = Callable[[Knowledge, Sequence[Matter], Collection[str]], Awaitable[Verdict]]


class Publishing(Drafts):
    """The last step."""

    def __init__(
        self,
        database: Database,
        cautions: list[Caution],
        knowledge: Knowledge,
        judge: Judge,
        *,
        clock: Callable[[], datetime] = now,
    ) -> None:
        """
        Args:
            knowledge: the base of this process.
            judge: the release gate.
        """
        super().__init__(database, cautions, clock=clock)
        self._knowledge = knowledge
        self._judge = judge
        self._one_at_a_time = asyncio.Lock()

    async def do_publish(self, person: Person, wanted: Sequence[tuple[int, int]]) -> list[MatterVersion]:
        """Put versions in force, all of them or none.

        Args:
            wanted: ids, and the revisions that the person saw.

        Raises:
            EditingError: one cannot be published, or the gate refuses; then every one keeps the verdict.
        """
        if not wanted:
            raise EditingError("invalid", texts.NOTHING_CHOSEN)
        async with self._one_at_a_time:
            for _ in range(_TRIES):
                async with self.database.transaction() as session:
                    found = await self._checked(session, person, wanted)
                    before = await _place(session)
                    behind = await self._is_behind(session)
                if behind:
                    await self._knowledge.refresh()
                verdict = await self._judge(
                    self._knowledge,
                    [Matter.model_validate(one.content) for one in found if not one.withdraws],
                    [one.code for one in found if one.withdraws],
                )
                async with self.database.transaction() as session:
                    found = await self._checked(session, person, wanted)
                    for version in found:
                        version.verdict = verdict.as_json()
                    if not verdict.passed:
                        for version in found:
                            await self.record(session, person, "发布被检验拦下", version)
                    elif await _place(session) == before:
                        for version in found:
                            version.revision += 1
                            await versions.put_in_force(session, version, publisher=person.number)
                            action = "撤下事项" if version.withdraws else "发布事项"
                            await self.record(session, person, action, version, note=version.note)
                        await versions.tell(session)
                        return found
                if not verdict.passed:
                    raise EditingError("gate", _words(verdict))
        raise EditingError("busy", texts.GATE_BUSY)

    async def _is_behind(self, session: AsyncSession) -> bool:
        """Whether something was published that this process has not heard of yet."""
        query = select(StoredMatter.code, StoredMatter.content_hash)
        stored = {(code, mark) for code, mark in await session.execute(query.where(_IN_FORCE))}
        held = self._knowledge.matters()
        return stored != {(matter.code, versions.digest(versions.plain(matter))) for matter in held}

    async def _checked(
        self, session: AsyncSession, person: Person, wanted: Sequence[tuple[int, int]]
    ) -> list[MatterVersion]:
        found = []
        for version_id, revision in wanted:
            version, live = await self.get(session, version_id)
            person.check_owns(*units_of(version, live))
            self.check_state(version, ("待发布",), "发布")
            self.check_revision(version, revision)
            check_other(person, version, "发布")
            await self.check_ready(session, version, live)
            found.append(version)
        if len({version.code for version in found}) < len(found):
            raise EditingError("invalid", texts.TWICE)
        return found


async def _place(session: AsyncSession) -> datetime | None:
    """When something was published last."""
    return await session.scalar(select(func.max(MatterVersion.published_at)))


def _words(verdict: Verdict) -> str:
    figures = "".join(
        texts.GATE_FIGURE.format(
            name=figure.label,
            value=round(figure.value, _DIGITS),
            bound="不高于" if figure.is_ceiling else "不低于",
            floor=figure.floor,
            live=round(figure.live, _DIGITS),
        )
        for figure in verdict.figures
        if not figure.passed
    )
    broken = texts.GATE_BROKEN.format(count=len(verdict.broken)) if verdict.broken else ""
    return texts.GATE.format(figures=figures, broken=broken)
