"""What is done about a group in the knowledge base: drafts, which others look at and publish."""

from __future__ import annotations

from collections.abc import Sequence

from hotline.knowledge.editing import Editing
from hotline.knowledge.models import MatterVersion
from hotline.knowledge.rights import Person
from hotline.language.identifiers import mask
from hotline.quality import texts
from hotline.quality.errors import QualityError
from hotline.quality.groups import Groups

_ORIGIN = "质检"
SAMPLE, ALIAS, NEW = "问法", "别名", "新事项"
_LONGEST = 200
_MOST = 20


class Acting:
    """Makes drafts for one hotline's groups."""

    def __init__(self, groups: Groups, editing: Editing) -> None:
        self._groups = groups
        self._editing = editing

    async def do_extend(
        self,
        person: Person,
        group: int,
        code: str,
        *,
        samples: Sequence[str] = (),
        aliases: Sequence[str] = (),
    ) -> MatterVersion:
        """Add ways of asking or names to a matter's draft.

        Raises:
            QualityError: the person may not, or there is nothing to add.
            EditingError: the matter is not the person's, or a version of it is being looked at.
        """
        samples, aliases = _clean(samples), _clean(aliases)
        if not samples and not aliases:
            raise QualityError("invalid", texts.TEXT_NEEDED)
        listed = await self._groups.check(person, group)
        version = await self._editing.do_extend(
            person,
            code,
            samples=samples,
            aliases=aliases,
            note=texts.FROM_GROUP.format(title=listed.title[:40]),
            origin=_ORIGIN,
        )
        for kind, words in ((SAMPLE, samples), (ALIAS, aliases)):
            if words:
                await self._groups.note_draft(person, group, version, kind, words)
        return version

    async def do_new_matter(
        self, person: Person, group: int, *, title: str, area: str, unit: str, samples: Sequence[str]
    ) -> MatterVersion:
        """Begin a matter with what the group asks; everything else is written in the knowledge base.

        Raises:
            QualityError: the person may not, or there is no title.
            EditingError: the unit is not the person's.
        """
        if not title.strip():
            raise QualityError("invalid", texts.TITLE_NEEDED)
        listed = await self._groups.check(person, group)
        content = {
            "title": title.strip(),
            "area": area,
            "unit": unit.strip(),
            "samples": _clean(samples),
        }
        note = texts.FROM_GROUP.format(title=listed.title[:40])
        version = await self._editing.do_new(person, content, note=note, origin=_ORIGIN)
        await self._groups.note_draft(person, group, version, NEW, [title.strip()])
        return version


def _clean(said: Sequence[str]) -> list[str]:
    """The words, each once.

    Raises:
        QualityError: too many, one is too long, or has somebody's number in it.
    """
    kept = list(dict.fromkeys(" ".join(one.replace("\0", "").split()) for one in said if one.strip()))
    if len(kept) > _MOST:
        raise QualityError("invalid", texts.TOO_MANY.format(most=_MOST))
    for one in kept:
        if len(one) > _LONGEST:
            raise QualityError("invalid", texts.TEXT_TOO_LONG.format(most=_LONGEST))
        if mask(one) != one or "***" in one:
            raise QualityError("invalid", texts.NUMBERS)
    return kept
