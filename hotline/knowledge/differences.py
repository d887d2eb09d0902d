"""What differs between two versions, field by field, in words; and putting two changes of the same matter together. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

from pydantic import ValidationError

from hotline.knowledge.fields import FIELDS, name_of, shown
from hotline.knowledge.schema import Matter

Content = Mapping[str, Any]
#: What is left of a field that nothing was done to is told in so many lines around a change.
_AROUND = 1


@dataclass(frozen=True)
class Line:
    """One line of a difference: taken away, added, or left as it was; ``…`` stands for many that were left."""

    sign: Literal["-", "+", "=", "…"]
    text: str


@dataclass(frozen=True)
class Change:
    """What was changed in one field."""

    field: str
    name: str
    lines: list[Line]


def normal(content: Content) -> dict[str, Any]:
    """The content with all fields, as the schema writes them where it can be read."""
    try:
        return Matter.model_validate(content).model_dump(mode="json")
    except ValidationError:
        return {name: content.get(name) for name in ("code", *FIELDS)}


def difference(before: Content, after: Content) -> list[Change]:
    """The fields that differ, in the order of the form."""
    one, other = normal(before), normal(after)
    changes = []
    for field in FIELDS:
        old, new = shown(field, one.get(field)), shown(field, other.get(field))
        if old != new:
            changes.append(Change(field, name_of(field), _lines(old, new)))
    return changes


def _lines(old: list[str], new: list[str]) -> list[Line]:
    lines: list[Line] = []
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            same = old[a:b]
            if len(same) > 2 * _AROUND + 1:
                left = len(same) - 2 * _AROUND
                lines += [Line("=", text) for text in same[:_AROUND]]
                lines.append(Line("…", str(left)))
                same = same[-_AROUND:]
            lines += [Line("=", text) for text in same]
            continue
        lines += [Line("-", text) for text in old[a:b]]
        lines += [Line("+", text) for text in new[c:d]]
    return lines


def changed_fields(before: Content, after: Content) -> list[str]:
    """The names of the fields that differ."""
    return [change.name for change in difference(before, after)]


def merge(base: Content, theirs: Content, mine: Content) -> tuple[dict[str, Any], list[str]]:
    """What ``mine`` changed since ``base``, done to ``theirs``.

    Returns:
        The content; and the names of the fields that both have changed in different ways: there ``mine`` stays.
    """
    one, two, three = normal(base), normal(theirs), normal(mine)
    merged: dict[str, Any] = dict(three)
    clashes = []
    for field in FIELDS:
        was, their, my = one.get(field), two.get(field), three.get(field)
        if my == was:
            merged[field] = their
        elif their not in (was, my):
            if isinstance(was, list) and isinstance(their, list) and isinstance(my, list):
                both = _both(was, their, my)
                if both is not None:
                    merged[field] = both
                    continue
            clashes.append(name_of(field))
    return merged, clashes


def _both(was: list[Any], their: list[Any], my: list[Any]) -> list[Any] | None:
    """Both lists' additions, when neither took away or changed what was there."""
    if any(item not in their or item not in my for item in was):
        return None
    return their + [item for item in my if item not in their]
