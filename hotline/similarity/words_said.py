"""The words of a letter to the office that carry meaning, and how rare they are in Chinese."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import jieba

from hotline.language.patterns import lexicon_file, read_lexicon


@lru_cache(maxsize=20_000)
def content_words(text: str) -> tuple[str, ...]:
    """Chinese words of two characters and more, in their order, without those of every letter.

    Kept: the same orders are looked at in every turn, and cutting is what takes long.
    """
    common = _common(lexicon_file("letters.yml"))
    words = (word for word in jieba.cut(text) if len(word) > 1 and not word.isascii())
    return tuple(word for word in words if word not in common)


@lru_cache(maxsize=20_000)
def weighed_words(text: str) -> Mapping[str, float]:
    """The same as a unit row. A word weighs more the rarer it is in Chinese, so that two texts are as alike in any company."""
    counts = Counter(content_words(text))
    row = {word: (1 + math.log(count)) * rareness(word) for word, count in counts.items()}
    norm = math.sqrt(sum(weight * weight for weight in row.values())) or 1
    return {word: weight / norm for word, weight in row.items()}


def is_word(word: str) -> bool:
    """Whether it is in the dictionary, and not only a guess where a word may end."""
    return bool(jieba.dt.FREQ.get(word))


def rareness(word: str) -> float:
    """The logarithm of how few of a word there are, by jieba's counts of 60 million; 7 (政府) to 18."""
    return math.log(jieba.dt.total / (jieba.dt.FREQ.get(word) or 1))


@lru_cache(maxsize=2)
def _common(path: Path) -> frozenset[str]:
    return frozenset(read_lexicon(path)["common"].split())
