"""What citizens get now, and what they would get with some drafts: the same questions, side by side."""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from hotline.database import Database, now
from hotline.knowledge.answers import Answer, Question
from hotline.knowledge.checking import as_draft, troubles
from hotline.knowledge.models import OPEN, MatterVersion
from hotline.knowledge.respond import Base, respond
from hotline.knowledge.rights import Person
from hotline.knowledge.schema import Matter
from hotline.knowledge.service import Knowledge
from hotline.knowledge.versions import matter_of
from hotline.quality import texts
from hotline.quality.errors import QualityError
from hotline.quality.rights import check_reads

MOST_QUESTIONS = 30
#: Candidates that are kept: whoever tries one thing tries it again.
_KEPT = 2


@dataclass(frozen=True)
class Addition:
    """Ways of asking and names that a matter would have besides."""

    code: str
    samples: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Tried:
    """One question with the answer that citizens get, and the one they would get; None: nothing was to be changed."""

    text: str
    live: Answer
    candidate: Answer | None

    @property
    def changes(self) -> bool:
        """Whether the citizen would notice."""
        return self.candidate is not None and self.live.reply != self.candidate.reply


class Sandbox:
    """Tries drafts of one hotline's base; nothing is counted or kept."""

    def __init__(self, database: Database, knowledge: Knowledge) -> None:
        self._database = database
        self._knowledge = knowledge
        self._held: OrderedDict[str, Base] = OrderedDict()

    async def do_try(
        self,
        person: Person,
        questions: Sequence[str],
        *,
        drafts: Sequence[int] = (),
        additions: Sequence[Addition] = (),
        outside: Sequence[str] = (),
    ) -> list[Tried]:
        """Ask both.

        Args:
            drafts: ids of versions that are not published yet.
            outside: questions more that no matter answers.

        Raises:
            QualityError: there is nothing to ask, or a draft is gone or not whole.
        """
        check_reads(person)
        asked = list(dict.fromkeys(text.strip() for text in questions if text.strip()))
        if not asked:
            raise QualityError("invalid", texts.NOTHING_TO_TRY)
        if len(asked) > MOST_QUESTIONS:
            raise QualityError("invalid", texts.TOO_MANY.format(most=MOST_QUESTIONS))
        live = self._knowledge.base
        candidate: Base | None = None
        if drafts or additions or outside:
            async with self._database.transaction() as session:
                changed, withdrawn = await self._changes(session, live, drafts, additions)
            candidate = await self._candidate(live, changed, withdrawn, outside)
        return await asyncio.to_thread(_ask, asked, live, candidate)

    async def _changes(
        self, session: AsyncSession, live: Base, drafts: Sequence[int], additions: Sequence[Addition]
    ) -> tuple[list[Matter], list[str]]:
        changed: dict[str, Matter] = {}
        withdrawn = []
        for number in drafts:
            version = await session.get(MatterVersion, number)
            if version is None or version.state not in OPEN:
                raise QualityError("not_found", texts.NO_DRAFT)
            if version.withdraws:
                withdrawn.append(version.code)
                continue
            changed[version.code] = _whole(version.content, version.number)
        for added in additions:
            matter = changed.get(added.code) or live.matter(added.code)
            if matter is None:
                raise QualityError("not_found", texts.NO_DRAFT)
            content = matter.model_dump(mode="json")
            for field, words in (("samples", added.samples), ("aliases", added.aliases)):
                new = [text.strip() for text in words if text.strip()]
                content[field] = list(dict.fromkeys([*content[field], *new]))
            changed[added.code] = Matter.model_validate(as_draft(content, added.code))
        return list(changed.values()), withdrawn

    async def _candidate(
        self, live: Base, changed: Sequence[Matter], withdrawn: Sequence[str], outside: Sequence[str]
    ) -> Base:
        digest = hashlib.sha256(f"{id(live)} {sorted(withdrawn)} {sorted(outside)}".encode())
        for matter in sorted(changed, key=lambda one: one.code):
            digest.update(matter.model_dump_json().encode())
        key = digest.hexdigest()
        held = self._held.pop(key, None) or await self._knowledge.with_changes(changed, withdrawn, outside)
        self._held[key] = held
        while len(self._held) > _KEPT:
            self._held.popitem(last=False)
        return held


def _whole(content: Mapping[str, Any], number: int) -> Matter:
    matter = matter_of(content)
    if matter is None:
        first = next((str(trouble) for trouble in troubles(content, [])), "")
        title = content.get("title") or content.get("code")
        raise QualityError("invalid", texts.NOT_WHOLE.format(title=title, number=number, first=first))
    return matter


def _ask(asked: Sequence[str], live: Base, candidate: Base | None) -> list[Tried]:
    today = now().date()
    return [
        Tried(
            text,
            respond(live, Question(text=text, today=today)),
            respond(candidate, Question(text=text, today=today)) if candidate else None,
        )
        for text in asked
    ]
