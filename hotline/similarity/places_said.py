"""The names of places in a text as people write them: estates, roads, schools, markets, works, without a gazetteer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from hotline.language.patterns import lexicon_file, read_lexicon
from hotline.language.reading import simplify

#: A name without its kind has so many characters at most.
_LONGEST = 10
#: 丽发新城小区 and 丽发新城 are one, where this much is left.
_TAILS = ("安置小区", "小区")
_SHORTEST = 2
#: A bus is no place, but tells cases apart as a spot does: K22路.
_BUS = re.compile("[A-Z]{0,2}[0-9]{1,3}")
_DIGITS = "0123456789"
#: What stands in no name, besides the words of the lexicon.
_NO_NAME = r"[^一-鿿A-Za-z0-9]"


@dataclass(frozen=True)
class Names:
    """The names in one text.

    Attributes:
        narrow: an estate, a school, a village, a bus line: one spot.
        roads: much may happen along one.
        wide: a street office, a town, a lake: the neighbourhood at best.
    """

    narrow: frozenset[str] = frozenset()
    roads: frozenset[str] = frozenset()
    wide: frozenset[str] = frozenset()

    @property
    def all(self) -> frozenset[str]:
        """All of them."""
        return self.narrow | self.roads | self.wide


@dataclass(frozen=True)
class _Rules:
    kind: re.Pattern[str]
    before: re.Pattern[str]
    nameless: frozenset[str]
    named: frozenset[str]


@lru_cache(maxsize=2)
def _rules(path: Path) -> _Rules:
    content = {name: words.split() for name, words in read_lexicon(path).items()}
    # Of kinds that begin at one place the longest counts: 家园, not 园.
    kinds = "|".join(
        f"(?P<{width}>{'|'.join(sorted(content[width], key=len, reverse=True))})"
        for width in ("whole", "narrow", "roads", "wide")
    )
    return _Rules(
        kind=re.compile(kinds),
        before=re.compile(rf"^.*(?:{'|'.join(content['before'])}|{_NO_NAME})", re.DOTALL),
        nameless=frozenset(content["nameless"]),
        named=frozenset(content["named"]),
    )


@lru_cache(maxsize=20_000)
def names_in(text: str) -> Names:
    """The names of places in ``text``, each with its kind: ``丽发新城``, ``泰山路``.

    A name that is the kind alone (小区, 这条路) is none. Names of estates lose the word 小区, so that 丽发新城小区 and
    丽发新城 are one.
    """
    rules = _rules(lexicon_file("place_names.yml"))
    plain = simplify(text)
    found: dict[str, set[str]] = {"narrow": set(), "roads": set(), "wide": set()}
    free = 0  # where the last name ended
    for match in rules.kind.finditer(plain):
        kind = match[0]
        if match["whole"]:
            found["roads"].add(kind)
            continue
        name = rules.before.sub("", plain[max(free, match.start() - _LONGEST) : match.start()])
        bus = kind == "路" and _BUS.fullmatch(name)
        name = name if bus else name.lstrip(_DIGITS)
        nameless = name in rules.nameless or len(name) < _SHORTEST - (len(kind) > 1)
        if nameless and name + kind not in rules.named:
            continue  # 南湖医院: 南湖 is none, and the name may still begin there
        found["narrow" if bus else str(match.lastgroup)].add(_without_tail(name + kind))
        free = match.end()
    return Names(*map(frozenset, found.values()))


def _without_tail(name: str) -> str:
    for tail in _TAILS:
        if name.endswith(tail) and len(name) - len(tail) >= _SHORTEST:
            return name.removesuffix(tail)
    return name
