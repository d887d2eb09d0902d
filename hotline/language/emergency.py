"""Whether someone is in danger right now, and which number helps first.

Recall comes first: a missed emergency is worse than one too many. What only sounds like one (a blocked fire lane, the
price of an ambulance, a fire of last year) is told apart by ``data/lexicon/emergency.yml``, which holds all patterns.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from hotline.language.patterns import Groups, lexicon_file, read_lexicon

Kind = Literal["fire", "gas", "medical", "crime", "traffic", "self_harm", "drowning", "other"]

#: Who is in danger writes little, or says that it is happening now. Of 4,173 long letters to a government that were
#: tried, 2 % spoke of some past or feared danger; without this rule they would be taken for emergencies.
_LONG = 60
#: Characters on either side of a word for "now" that are read in a long message.
_NEAR = 50


@dataclass(frozen=True)
class Emergency:
    """A danger: ``numbers`` in the order in which they are to be called, ``why`` the pattern that fired."""

    kind: Kind
    numbers: tuple[str, ...]
    why: str


@dataclass(frozen=True)
class _Pattern:
    kind: Kind
    numbers: tuple[str, ...]
    find: re.Pattern[str]
    needs: re.Pattern[str] | None
    unless: re.Pattern[str] | None
    sure: bool
    why: str


@dataclass(frozen=True)
class _Lexicon:
    now: re.Pattern[str]
    injured: re.Pattern[str]
    harmless: tuple[re.Pattern[str], ...]
    over: re.Pattern[str]
    patterns: tuple[_Pattern, ...]


@lru_cache(maxsize=4)
def _load(path: Path) -> _Lexicon:
    content = read_lexicon(path)
    groups = Groups(content["groups"], path.name)

    def optional(item: dict[str, Any], key: str) -> re.Pattern[str] | None:
        return groups.compile(item[key]) if key in item else None

    patterns = tuple(
        _Pattern(
            kind,
            tuple(item.get("numbers", section["numbers"])),
            groups.compile(item["any"]),
            optional(item, "needs"),
            optional(item, "unless"),
            bool(item.get("sure", False)),
            item["why"],
        )
        for kind, section in content["kinds"].items()
        for item in section["patterns"]
    )
    return _Lexicon(
        now=groups.compile(content["now"]),
        injured=groups.compile(content["injured"]),
        harmless=tuple(groups.compile(item["re"]) for item in content["harmless"]),
        over=groups.compile("|".join(f"(?:{item['re']})" for item in content["over"])),
        patterns=patterns,
    )


def detect_emergency(text: str) -> Emergency | None:
    """The danger that ``text`` speaks of; ``None`` when there is none, or when it is over.

    When several kinds are named, the first in the file is the kind, and the numbers of the others follow its own.
    """
    lexicon = _load(lexicon_file("emergency.yml"))
    found = _found(lexicon, text)
    if not found:
        return None
    numbers = [number for pattern in found for number in pattern.numbers]
    first = found[0]
    if lexicon.injured.search(text) and first.kind not in ("fire", "gas", "crime", "drowning"):
        numbers.insert(0, "120")
    elif lexicon.injured.search(text):
        numbers.append("120")
    return Emergency(first.kind, tuple(dict.fromkeys(numbers)), first.why)


def _found(lexicon: _Lexicon, text: str) -> list[_Pattern]:
    left = _without(lexicon, text)
    near = left
    if len(text) > _LONG:
        spans = (match.span() for match in lexicon.now.finditer(text))
        near = "。".join(text[max(0, start - _NEAR) : end + _NEAR] for start, end in spans)
        near = _without(lexicon, near)
    elif lexicon.over.search(text) is not None and lexicon.now.search(text) is None:
        near = ""
    return [
        pattern
        for pattern in lexicon.patterns
        if pattern.find.search(left if pattern.sure else near)
        and (pattern.needs is None or pattern.needs.search(text))
        and (pattern.unless is None or not pattern.unless.search(text))
    ]


def _without(lexicon: _Lexicon, text: str) -> str:
    for harmless in lexicon.harmless:
        text = harmless.sub("　", text)
    return text
