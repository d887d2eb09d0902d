"""What people at work read of the knowledge base: lists, counters, a matter with its versions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import select

from hotline.database import Database, now
from hotline.knowledge import editing_texts as texts
from hotline.knowledge.due import Due, Rule, dues, review_day
from hotline.knowledge.errors import EditingError
from hotline.knowledge.models import FILE, LIVE, OPEN, MatterVersion
from hotline.knowledge.rights import Person, parties
from hotline.knowledge.schema import AREA_NAMES
from hotline.work_orders.deadlines import SHANGHAI

#: What an editor may ask the list for beside the states of drafts.
State = Literal["已发布", "已撤下", "未发布"]
PUBLISHED: State = "已发布"
WITHDRAWN: State = "已撤下"
NEW: State = "未发布"
WAITING = "在审"
STATES = (PUBLISHED, WITHDRAWN, NEW, *OPEN, WAITING)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which matters; None: all. ``due``: one of :data:`hotline.knowledge.due.DUES`, or ``any``."""

    area: str | None = None
    unit: str | None = None
    state: str | None = None
    due: str | None = None
    words: str | None = None


@dataclass(frozen=True)
class Line:
    """One matter in a list. ``drafts``: the versions that are being written or looked at."""

    code: str
    content: Mapping[str, Any]
    live: MatterVersion | None
    drafts: list[MatterVersion]
    due: list[Due]
    review: date | None

    @property
    def state(self) -> State:
        """What citizens have of it."""
        if self.live is None:
            return NEW
        return WITHDRAWN if self.live.withdraws else PUBLISHED

    @property
    def unit(self) -> str:
        """The unit, as the matter names it."""
        return str(self.content.get("unit") or "")


class Looking:
    """Reads of one hotline's base."""

    def __init__(self, database: Database, rule: Rule, *, clock: Callable[[], datetime] = now) -> None:
        self._database = database
        self.rule = rule
        self._clock = clock

    @property
    def today(self) -> date:
        """The day in Shanghai."""
        return self._clock().astimezone(SHANGHAI).date()

    async def lines(self, person: Person) -> list[Line]:
        """All matters that the person may see, by area and title; who edits nothing sees what is published only.

        Raises:
            EditingError: the person has nothing to do with it.
        """
        person.check_reads()
        states = (LIVE, *OPEN) if person.edits else (LIVE,)
        async with self._database.transaction() as session:
            query = (
                select(MatterVersion).where(MatterVersion.state.in_(states)).order_by(MatterVersion.number)
            )
            found = list(await session.scalars(query))
        lives = {one.code: one for one in found if one.state == LIVE}
        drafts: dict[str, list[MatterVersion]] = {}
        for one in found:
            if one.state != LIVE:
                drafts.setdefault(one.code, []).append(one)
        lines = []
        for code in {one.code for one in found}:
            line = self._line(code, lives.get(code), drafts.get(code, []))
            if person.edits or line.state == PUBLISHED:
                lines.append(line)
        places = list(AREA_NAMES)
        return sorted(
            lines,
            key=lambda line: (
                places.index(line.content["area"]) if line.content.get("area") in places else len(places),
                line.code,
            ),
        )

    def _line(self, code: str, live: MatterVersion | None, drafts: list[MatterVersion]) -> Line:
        # What is published is what the list tells; of a matter that never was, its draft.
        content = live.content if live is not None else drafts[-1].content
        in_force = live is not None and not live.withdraws
        due: list[Due] = dues(content, self.rule, self.today) if in_force else []
        review = review_day(content, self.rule) if in_force else None
        return Line(code, content, live, drafts, due, review)

    async def matter(self, person: Person, code: str) -> tuple[Line, list[MatterVersion]]:
        """One matter, and all its versions, the newest first.

        Raises:
            EditingError: there is none that the person may see.
        """
        person.check_reads()
        async with self._database.transaction() as session:
            query = select(MatterVersion).where(MatterVersion.code == code)
            found = list(await session.scalars(query.order_by(MatterVersion.number.desc())))
        live = next((one for one in found if one.state == LIVE), None)
        if not found or (not person.edits and (live is None or live.withdraws)):
            raise EditingError("not_found", texts.NO_MATTER)
        open_ones = [one for one in found if one.state in OPEN]
        line = self._line(code, live, open_ones if live is not None else open_ones or found[:1])
        return line, found if person.edits else []

    async def counts(self, person: Person) -> dict[str, int]:
        """For the menu: of what the person edits, what is due, what waits for a decision, and what came back."""
        if not person.edits:
            return {"due": 0, "to_review": 0, "returned": 0, "of_files": 0}
        counted: Counter[str] = Counter()
        for line in await self.lines(person):
            if not person.owns(line.unit):
                continue
            counted["due"] += bool(line.due)
            for draft in line.drafts:
                own = person.number in (draft.author, *draft.editors)
                counted["to_review"] += draft.state in ("待审核", "待发布") and not own
                counted["returned"] += draft.state == "已退回" and own
                counted["of_files"] += draft.origin == FILE
        return {name: counted[name] for name in ("due", "to_review", "returned", "of_files")}


def chosen(lines: list[Line], wanted: Wanted) -> list[Line]:
    """The lines of a filter."""
    return [line for line in lines if _fits(line, wanted)]


def _fits(line: Line, wanted: Wanted) -> bool:
    if wanted.area and line.content.get("area") != wanted.area:
        return False
    if wanted.unit and wanted.unit not in (line.unit, *parties(line.unit)):
        return False
    states = {line.state, *(draft.state for draft in line.drafts)}
    if wanted.state == WAITING and states.isdisjoint(("待审核", "待发布")):
        return False
    if wanted.state not in (None, "", WAITING, *states):
        return False
    if wanted.due and (not line.due if wanted.due == "any" else wanted.due not in line.due):
        return False
    return not wanted.words or _says(line, wanted.words)


def _says(line: Line, words: str) -> bool:
    """Whether each of the words stands in the title, another name, the code, the summary or the unit."""
    content = line.content
    names = [
        content.get("title"),
        *(content.get("aliases") or ()),
        content.get("summary"),
        line.unit,
        line.code,
    ]
    text = " ".join(str(name) for name in names if name).lower()
    return all(word in text for word in words.lower().split())
