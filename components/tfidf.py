"""TF-IDF of n-grams: learnt with scikit-learn, counted without it. No Rasa."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sklearn.feature_extraction.text import TfidfVectorizer

Columns = NDArray[np.int32]
Values = NDArray[np.float32]


def grams(pieces: Sequence[str], smallest: int, longest: int) -> list[str]:
    """The n-grams of pieces."""
    return [
        "\u241f".join(pieces[start : start + size])
        for size in range(smallest, longest + 1)
        for start in range(len(pieces) - size + 1)
    ]


def vectorizer(smallest: int, longest: int, most: int | None) -> TfidfVectorizer:
    """The counter of n-grams that is learnt with; its input are lists of pieces."""
    from sklearn.feature_extraction.text import TfidfVectorizer  # here, because only training needs it

    return TfidfVectorizer(
        analyzer=lambda pieces: grams(pieces, smallest, longest),
        sublinear_tf=True,
        max_features=most,
        dtype=np.float32,
    )


class Tfidf:
    """Rows of length one; nothing is known before :meth:`fit`."""

    def __init__(self, smallest: int, longest: int, most: int | None = None) -> None:
        """n-grams of ``smallest`` to ``longest`` pieces, the ``most`` frequent."""
        self._sizes = (smallest, longest)
        self._most = most
        self._known: dict[str, int] = {}
        self._rareness: Values = np.zeros(0, dtype=np.float32)

    @property
    def width(self) -> int:
        """How many columns a row has."""
        return len(self._rareness)

    def fit(self, rows: Sequence[Sequence[str]]) -> None:
        """Learn which n-grams there are and how rare each is."""
        learnt = vectorizer(*self._sizes, self._most).fit(rows)
        self._known = {gram: int(number) for gram, number in learnt.vocabulary_.items()}
        self._rareness = learnt.idf_.astype(np.float32)

    def row(self, pieces: Sequence[str]) -> tuple[Columns, Values]:
        """What the learnt vectorizer makes of one text, in a tenth of the time."""
        counts: dict[int, int] = {}
        for gram in grams(pieces, *self._sizes):
            number = self._known.get(gram)
            if number is not None:
                counts[number] = counts.get(number, 0) + 1
        columns = np.fromiter(counts.keys(), dtype=np.int32, count=len(counts))
        values = np.fromiter(counts.values(), dtype=np.float32, count=len(counts))
        values = (np.log(values) + 1) * self._rareness[columns]
        return columns, values / max(float(np.sqrt(values @ values)), 1e-12)

    def save(self, folder: Path) -> None:
        """Write what was learnt."""
        (folder / "vocabulary.json").write_text(json.dumps(self._known, ensure_ascii=False), "utf-8")
        np.save(folder / "rareness.npy", self._rareness)

    def load(self, folder: Path) -> None:
        """Read what :meth:`save` wrote."""
        self._known = json.loads((folder / "vocabulary.json").read_text(encoding="utf-8"))
        self._rareness = np.load(folder / "rareness.npy")
