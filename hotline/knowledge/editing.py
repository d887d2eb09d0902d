"""Drafts of matters: begun, written, brought up to date. What happens to them then: :mod:`.reviewing`, :mod:`.publishing`.

Who writes says which revision they saw; who saw an older one is told what was changed since, and nothing is written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pypinyin import lazy_pinyin
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.knowledge import editing_texts as texts
from hotline.knowledge import versions
from hotline.knowledge.checking import as_draft
from hotline.knowledge.differences import changed_fields, merge
from hotline.knowledge.drafts import WRITABLE, Drafts, note_of, numbered, units_of
from hotline.knowledge.errors import EditingError
from hotline.knowledge.models import MatterVersion
from hotline.knowledge.rights import Person

_CODE = re.compile(r"[a-z][a-z0-9_]{2,40}")
_LONGEST_MADE = 30


class Editing(Drafts):
    """Writing drafts."""

    async def do_new(
        self,
        person: Person,
        content: Mapping[str, Any],
        *,
        code: str | None = None,
        note: str = "",
        origin: str = "网页",
    ) -> MatterVersion:
        """Begin a matter that was not there; without a code, one is made from the title.

        Raises:
            EditingError: it has no title, the code is taken, or it is another unit's.
        """
        title = str(content.get("title") or "").strip()
        if not title:
            raise EditingError("invalid", texts.TITLE_NEEDED)
        if person.edits and person.unit_name and not content.get("unit"):
            content = {**content, "unit": person.unit_name}
        person.check_owns(str(content.get("unit") or ""))
        if code is not None and not _CODE.fullmatch(code):
            raise EditingError("invalid", texts.BAD_CODE)
        async with self.database.transaction() as session:
            await versions.lock(session)
            if code is None:
                code = await _free_code(session, title)
            elif await _is_known(session, code):
                raise EditingError("taken", texts.CODE_TAKEN.format(code=code))
            draft = self.draft(person, as_draft(content, code), note, origin)
            await versions.add(session, draft)
            await self.record(session, person, "新建事项", draft)
            return draft

    async def do_begin(
        self,
        person: Person,
        code: str,
        *,
        number: int | None = None,
        content: Mapping[str, Any] | None = None,
        withdraw: bool = False,
        note: str = "",
        origin: str = "网页",
    ) -> MatterVersion:
        """Begin a draft of a matter.

        Args:
            number: from this earlier version; else from what is published.
            content: what is to be in it instead.
            withdraw: it takes the matter away.

        Raises:
            EditingError: there is no such matter or version, it is not the person's, or there is a draft already.
        """
        async with self.database.transaction() as session:
            await versions.lock(session)
            live = await versions.live(session, code)
            source = live if number is None else await numbered(session, code, number)
            if source is None:
                raise EditingError("not_found", texts.NO_MATTER if number is None else texts.NO_VERSION)
            person.check_owns(*units_of(source, live))
            await self.none_open(session, code)
            if withdraw and live is None:
                raise EditingError("refused", texts.NEVER_PUBLISHED)
            if withdraw and live is not None and live.withdraws:
                raise EditingError("refused", texts.WITHDRAWN_ALREADY)
            kept = as_draft(content if content is not None else source.content, code)
            person.check_owns(str(kept.get("unit") or ""))
            draft = self.draft(person, kept, note, origin)
            draft.withdraws = withdraw
            await versions.add(session, draft)
            detail = {"from": source.number} | ({"withdraws": True} if withdraw else {})
            await self.record(session, person, "新建草稿", draft, **detail)
            return draft

    async def do_extend(
        self,
        person: Person,
        code: str,
        *,
        samples: Sequence[str] = (),
        aliases: Sequence[str] = (),
        note: str = "",
        origin: str = "质检",
    ) -> MatterVersion:
        """Add ways of asking and names to a matter: to its draft, or to a new one. What is there already is left out.

        Raises:
            EditingError: there is no such matter, it is not the person's, or a version of it is being looked at.
        """
        async with self.database.transaction() as session:
            await versions.lock(session)
            live, draft = await versions.live(session, code), await versions.open_one(session, code)
            source = draft or live
            if source is None:
                raise EditingError("not_found", texts.NO_MATTER)
            person.check_owns(*units_of(source, live))
            if draft is not None and draft.state not in WRITABLE:
                words = texts.DRAFT_UNDER_REVIEW.format(number=draft.number, state=draft.state)
                raise EditingError("refused", words)
            content = dict(source.content)
            for field, added in (("samples", samples), ("aliases", aliases)):
                there = list(content.get(field) or [])
                new = [text.strip() for text in added if text.strip()]
                content[field] = list(dict.fromkeys([*there, *new]))
            content = as_draft(content, code)
            detail = {"samples": len(samples), "aliases": len(aliases)}
            if draft is None:
                draft = self.draft(person, content, note, origin)
                await versions.add(session, draft)
                await self.record(session, person, "新建草稿", draft, **detail)
            else:
                self.touch(draft, person)
                draft.content, draft.content_hash = content, versions.digest(content)
                draft.note = note_of("；".join(part for part in (draft.note, note) if part))
                await self.record(session, person, "修改草稿", draft, **detail)
            return draft

    async def do_save(
        self, person: Person, version_id: int, revision: int, content: Mapping[str, Any], note: str
    ) -> MatterVersion:
        """Write a draft; it may be unfinished.

        Raises:
            EditingError: somebody else has saved meanwhile, it is not the person's, or it is no draft any more.
        """
        async with self.database.transaction() as session:
            version, live = await self.get(session, version_id)
            person.check_owns(*units_of(version, live))
            kept = as_draft(content, version.code)
            person.check_owns(str(kept.get("unit") or ""))
            self.check_state(version, WRITABLE, "修改")
            self.check_revision(version, revision, kept)
            fields = changed_fields(version.content, kept)
            if fields or note_of(note) != version.note:
                self.touch(version, person)
                version.content, version.content_hash, version.note = (
                    kept,
                    versions.digest(kept),
                    note_of(note),
                )
                await self.record(session, person, "修改草稿", version, fields=fields)
            return version

    async def do_rebase(
        self, person: Person, version_id: int, revision: int
    ) -> tuple[MatterVersion, list[str]]:
        """Take what was published meanwhile into a draft. Where both changed the same, the draft stays as it is.

        Returns:
            The draft, and the names of the fields where both changed the same.

        Raises:
            EditingError: as with :meth:`do_save`.
        """
        async with self.database.transaction() as session:
            version, live = await self.get(session, version_id)
            person.check_owns(*units_of(version, live))
            self.check_state(version, WRITABLE, "并入新版本")
            self.check_revision(version, revision)
            clashes: list[str] = []
            if live is not None and live.number != version.base:
                begun = await numbered(session, version.code, version.base or 0)
                base = begun.content if begun else {}
                merged, clashes = merge(base, live.content, version.content)
                self.touch(version, person)
                version.content = as_draft(merged, version.code)
                version.content_hash, version.base = versions.digest(version.content), live.number
                await self.record(session, person, "并入新版本", version, clashes=clashes)
            return version, clashes


async def _is_known(session: AsyncSession, code: str) -> bool:
    query = select(MatterVersion.id).where(MatterVersion.code == code).limit(1)
    return await session.scalar(query) is not None


async def _free_code(session: AsyncSession, title: str) -> str:
    """A code that nothing has yet, from how the title sounds."""
    heard = re.sub(r"[^a-z0-9]+", "_", "_".join(lazy_pinyin(title)).lower()).strip("_")
    stem = re.sub(r"^[^a-z]+", "", heard)[:_LONGEST_MADE].strip("_")
    stem = stem if len(stem) > 2 else f"matter_{stem}".rstrip("_")
    code, turn = stem, 1
    while await _is_known(session, code):
        turn += 1
        code = f"{stem}_{turn}"
    return code
