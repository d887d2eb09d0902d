"""The copy of a message that is understood: simplified characters, slips mended, Zhuzhou words in plain Chinese.

It is read by the classifier and the search only. What a citizen wrote is stored, shown and put into work orders as it
was written. Names of persons and places, and numbers, are not touched in the copy either.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from hotline.language.normalise import normalise
from hotline.language.patterns import lexicon_file, read_lexicon
from hotline.language.slips import mend

#: "那个那个那个" of a speech recognition; numerals are left alone.
_STUTTER = re.compile(r"((?:(?![零〇一二三四五六七八九十百千万])[\u4e00-\u9fff]){2,4})\1+")
_HAN = re.compile(r"[\u4e00-\u9fff\uf900-\ufaff]")


@dataclass(frozen=True)
class Piece:
    """A part of a text: where it stands, and how it is read. ``end`` is exclusive."""

    start: int
    end: int
    text: str


@lru_cache(maxsize=1)
def _converter() -> Callable[[str], str]:
    from opencc import OpenCC  # here, because its dictionaries take some time to load

    convert: Callable[[str], str] = OpenCC("t2s").convert
    return convert


def simplify(text: str) -> str:
    """``text`` in simplified characters, one for one, so that places in it stay where they are."""
    if not _HAN.search(text):
        return text
    simple = _converter()(text)
    if len(simple) != len(text):
        simple = "".join(_one(character) for character in text)
    return simple


@lru_cache(maxsize=20_000)
def _one(character: str) -> str:
    simple = _converter()(character)
    return simple if len(simple) == 1 else character


@lru_cache(maxsize=4)
def _dialect(path: Path) -> tuple[re.Pattern[str], tuple[str, ...]]:
    words = read_lexicon(path)["words"]
    return re.compile("|".join(f"({item['re']})" for item in words)), tuple(item["plain"] for item in words)


def pieces(text: str) -> list[Piece]:
    """``text`` cut where a word of the dialect stands; all of it, in order, each piece as it is read."""
    plain = mend(simplify(text))
    pattern, words = _dialect(lexicon_file("dialect.yml"))
    spans: list[Piece] = []
    for match in pattern.finditer(plain):
        spans.append(Piece(match.start(), match.end(), words[(match.lastindex or 1) - 1]))
    return list(_filled(plain, spans))


def _filled(plain: str, spans: list[Piece]) -> Iterator[Piece]:
    edges = [Piece(0, 0, ""), *spans, Piece(len(plain), len(plain), "")]
    for before, after in pairwise(edges):
        if before.end > before.start:
            yield before
        if after.start > before.end:
            yield Piece(before.end, after.start, plain[before.end : after.start])


@lru_cache(maxsize=4096)
def read(text: str) -> str:
    """The copy of ``text`` that is understood."""
    plain = "".join(piece.text for piece in pieces(normalise(text)))
    return _STUTTER.sub(r"\1", plain)
