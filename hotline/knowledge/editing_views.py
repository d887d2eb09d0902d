"""Versions and matters as the console is shown them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from hotline.knowledge.differences import Change, difference
from hotline.knowledge.drafts import WRITABLE, Standing
from hotline.knowledge.editing_shapes import (
    Action,
    ChangeOut,
    DraftOut,
    LineOut,
    TroubleOut,
    VersionOut,
    WholeVersionOut,
    WhoOut,
)
from hotline.knowledge.looking import Line
from hotline.knowledge.models import FILE, OPEN, MatterVersion
from hotline.knowledge.rights import Person


class Views:
    """Makes them for one person, with the names of the people at work."""

    def __init__(self, person: Person, names: Mapping[str, str]) -> None:
        self._person = person
        self._names = names

    def who(self, number: str) -> WhoOut:
        """Somebody at work."""
        return WhoOut(number=number, name=self._names.get(number, ""))

    def line(self, line: Line) -> LineOut:
        """A matter in a list."""
        content, live, edits = line.content, line.live, self._person.edits
        return LineOut(
            code=line.code,
            title=str(content.get("title") or line.code),
            area=content.get("area"),
            unit=line.unit,
            state=line.state,
            number=live.number if live else None,
            origin=live.origin if live and edits else None,
            published_at=live.published_at if live else None,
            valid_to=content.get("valid_to") if live else None,
            review_on=line.review,
            due=line.due if edits else [],
            to_confirm=list(content.get("to_confirm") or ()) if edits else [],
            drafts=[self._draft(draft, live) for draft in line.drafts],
            editable=self._person.owns(line.unit),
        )

    def _draft(self, draft: MatterVersion, live: MatterVersion | None) -> DraftOut:
        return DraftOut(
            id=draft.id,
            number=draft.number,
            state=draft.state,
            origin=draft.origin,
            withdraws=draft.withdraws,
            author=self.who(draft.author),
            changed_at=draft.changed_at,
            stale=draft.base != (live.number if live else None),
        )

    def version(self, version: MatterVersion) -> VersionOut:
        """A version without its content."""
        return VersionOut(
            id=version.id,
            code=version.code,
            number=version.number,
            state=version.state,
            origin=version.origin,
            withdraws=version.withdraws,
            base=version.base,
            revision=version.revision,
            note=version.note,
            reason=version.reason,
            author=self.who(version.author),
            editors=[self.who(number) for number in version.editors],
            changed_by=self.who(version.changed_by),
            reviewer=self.who(version.reviewer) if version.reviewer else None,
            publisher=self.who(version.publisher) if version.publisher else None,
            created_at=version.created_at,
            changed_at=version.changed_at,
            submitted_at=version.submitted_at,
            reviewed_at=version.reviewed_at,
            published_at=version.published_at,
        )

    def whole(
        self,
        standing: Standing,
        others: Collection[MatterVersion],
        *,
        clashes: Sequence[str] = (),
    ) -> WholeVersionOut:
        """A version with its content.

        Args:
            others: all versions of the matter.
            clashes: fields in which a draft and what was published meanwhile differ.
        """
        version, live = standing.version, standing.live
        by_number = {one.number: one for one in others}
        begun = by_number.get(version.base) if version.base is not None else None
        is_open = version.state in OPEN
        against = live if is_open else begun
        since = (
            difference(begun.content, live.content) if standing.stale and is_open and begun and live else []
        )
        return WholeVersionOut(
            **self.version(version).model_dump(),
            content=version.content,
            troubles=[TroubleOut.model_validate(one) for one in standing.troubles],
            changes=changes_out(difference(against.content if against else {}, version.content)),
            since=changes_out(since),
            stale=standing.stale and is_open,
            live_number=live.number if live else None,
            verdict=version.verdict,
            actions=self._actions(standing, others),
            clashes=list(clashes),
        )

    def _actions(self, standing: Standing, others: Collection[MatterVersion]) -> list[Action]:
        person, version, live = self._person, standing.version, standing.live
        units = {str(one.content.get("unit") or "") for one in (version, live) if one is not None}
        if not person.edits or not all(person.owns(unit) for unit in units):
            return []
        had_a_hand = person.number in (version.author, *version.editors)
        found: list[Action] = []
        if version.state in WRITABLE:
            found += ["save", "submit", "discard"]
            if standing.stale:
                found.append("rebase")
        elif version.state in ("待审核", "待发布"):
            if not had_a_hand:
                found.append("approve" if version.state == "待审核" else "publish")
                found.append("send_back")
            if version.origin != FILE:
                found.append("take_back")
        people_write = any(one.state in OPEN and one.origin != FILE for one in others)
        if not people_write:
            found.append("copy")
        return found


def changes_out(changes: Sequence[Change]) -> list[ChangeOut]:
    """A difference."""
    return [ChangeOut.model_validate(change) for change in changes]
