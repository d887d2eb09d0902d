"""What a complaint is cut into before it is classified: characters, words, the characters of its opening. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import jieba
import numpy as np
import scipy.sparse
from numpy.typing import NDArray
from sklearn.feature_extraction.text import CountVectorizer

from hotline.knowledge.words import STOP_WORDS
from hotline.language.normalise import normalise
from hotline.language.reading import simplify

Values = NDArray[np.float32]

#: Changes whenever a text is cut differently, so that no model meets columns it was not trained on.
VERSION = 1

#: What stands after this many characters changes the topic of no letter.
LONGEST = 800
#: Where letters have their title. Counted once more: measured on letters of Hunan, macro-F1 +0.6 points.
OPENING = 30

_BLANKS = re.compile(r"(?<=[^\x00-\x7f])\s+|\s+(?=[^\x00-\x7f])")
_NUMBER = re.compile(r"\d+")
_KEPT = re.compile(r"[^0-9a-z\u4e00-\u9fff]+")


def prepare(text: str) -> str:
    """``text`` as it is classified: simplified, lower case, and no blanks inside Chinese.

    A history may come segmented by blanks; joined again, it is cut like everything else. A number becomes ``0``: it says
    nothing about the topic, and the model file must not keep telephone and identity numbers.
    """
    # Cut before the slow part; blanks of segmented text count too, so that twice as much is kept at first.
    plain = normalise(text[: 2 * LONGEST + LONGEST // 2])
    joined = _BLANKS.sub("", simplify(plain)).lower()
    return _NUMBER.sub("0", joined)[:LONGEST]


def _grams(text: str, longest: int) -> Iterable[str]:
    for run in _KEPT.sub(" ", text).split():
        for size in range(1, longest + 1):
            for start in range(len(run) - size + 1):
                yield run[start : start + size]


def characters(text: str) -> list[str]:
    """Character 1- to 4-grams, never across punctuation."""
    return list(_grams(text, 4))


def opening(text: str) -> list[str]:
    """Character 1- to 3-grams of the first characters."""
    return list(_grams(text[:OPENING], 3))


def words(text: str) -> list[str]:
    """Words and neighbouring pairs of words, without those that say nothing."""
    kept = [word for word in jieba.cut(_KEPT.sub(" ", text)) if word.strip() and word not in STOP_WORDS]
    return kept + [f"{first} {second}" for first, second in pairwise(kept)]


_ANALYSES: dict[str, Callable[[str], list[str]]] = {
    "characters": characters,
    "words": words,
    "opening": opening,
}


@dataclass(frozen=True)
class Kind:
    """One way to cut, how much it counts, and its share of the columns."""

    name: str
    weight: float
    share: float


KINDS = (Kind("characters", 1.0, 0.7), Kind("words", 0.7, 0.15), Kind("opening", 0.7, 0.15))


@dataclass
class Features:
    """TF-IDF over all kinds, side by side: one row a text."""

    kinds: Sequence[Kind] = KINDS
    #: By kind: the number of each piece's column, ascending.
    vocabularies: list[dict[str, int]] = field(default_factory=list)
    rareness: list[Values] = field(default_factory=list)

    @property
    def width(self) -> int:
        """How many columns a row has."""
        return sum(len(vocabulary) for vocabulary in self.vocabularies)

    def fit(self, texts: Sequence[str], most: int) -> scipy.sparse.csr_matrix:
        """Learn the columns of prepared ``texts``, at most ``most``, and give their rows."""
        parts = []
        for kind in self.kinds:
            counter = CountVectorizer(
                analyzer=_ANALYSES[kind.name],
                min_df=2 if len(texts) > 1 else 1,
                max_features=max(1, int(most * kind.share)),
                dtype=np.float32,
            )
            try:
                counts = counter.fit_transform(texts)
                known = {piece: number for number, piece in enumerate(counter.get_feature_names_out())}
            except ValueError:  # no piece occurs twice
                counts, known = scipy.sparse.csr_matrix((len(texts), 0), dtype=np.float32), {}
            seen = np.bincount(counts.indices, minlength=counts.shape[1])
            rareness = (np.log((1 + len(texts)) / (1 + seen)) + 1).astype(np.float32)
            self.vocabularies.append(known)
            self.rareness.append(rareness)
            parts.append(_weighed(counts, rareness, kind.weight))
        return scipy.sparse.hstack(parts, format="csr", dtype=np.float32)

    def rows(self, texts: Sequence[str]) -> scipy.sparse.csr_matrix:
        """The rows of prepared ``texts``."""
        columns: list[NDArray[np.int32]] = []
        values: list[Values] = []
        ends = [0]
        for text in texts:
            found = self.row(text)
            columns.append(found[0])
            values.append(found[1])
            ends.append(ends[-1] + len(found[0]))
        data = (np.concatenate(values), np.concatenate(columns), np.asarray(ends))
        return scipy.sparse.csr_matrix(data, shape=(len(texts), self.width))

    def row(self, text: str) -> tuple[NDArray[np.int32], Values]:
        """Columns and values of one prepared text."""
        all_columns, all_values = [], []
        start = 0
        for kind, known, rareness in zip(self.kinds, self.vocabularies, self.rareness, strict=True):
            counts: dict[int, int] = {}
            for piece in _ANALYSES[kind.name](text):
                number = known.get(piece)
                if number is not None:
                    counts[number] = counts.get(number, 0) + 1
            columns = np.fromiter(counts.keys(), dtype=np.int32, count=len(counts))
            values = np.fromiter(counts.values(), dtype=np.float32, count=len(counts))
            values = (np.log(values) + 1) * rareness[columns]
            all_values.append(values * (kind.weight / max(float(np.sqrt(values @ values)), 1e-12)))
            all_columns.append(columns + np.int32(start))
            start += len(known)
        return np.concatenate(all_columns), np.concatenate(all_values)


def _weighed(counts: Any, rareness: Values, weight: float) -> Any:
    """Sublinear TF-IDF rows of length ``weight``."""
    rows = counts.tocsr(copy=True)
    rows.data = (np.log(rows.data) + 1) * rareness[rows.indices]
    norms = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1))).ravel()
    scale = scipy.sparse.diags((weight / np.maximum(norms, 1e-12)).astype(np.float32))
    return scale @ rows
