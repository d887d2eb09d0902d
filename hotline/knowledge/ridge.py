"""Learning from examples by their likeness: kernel ridge regression, solved anew at every start. Pure.

A few thousand example sentences are one system of linear equations: a second or two, and nothing to be kept or shipped.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import scipy.linalg
from numpy.typing import NDArray

from hotline.knowledge.lexical import LexicalIndex

Scores = NDArray[np.float32]
Analyse = Callable[[str], list[str]]


class Likeness:
    """How like a text is to each of some examples: a weighed sum over kinds of pieces, and meaning."""

    def __init__(
        self, texts: Sequence[str], vectors: Scores, kinds: Sequence[tuple[float, Analyse]], meaning: float
    ) -> None:
        """
        Args:
            texts: the examples, as they are read.
            vectors: their meanings, one row each; without columns when there is no encoder.
            kinds: how a text is cut into pieces, and how much that likeness counts.
            meaning: how much likeness in meaning counts.
        """
        self._kinds = [(weight, LexicalIndex(texts, analyse)) for weight, analyse in kinds]
        self._vectors = vectors
        self._meaning = meaning

    def matrix(self) -> Scores:
        """The likeness of every example to every other, ``(n, n)``."""
        found: Scores = self._meaning * (self._vectors @ self._vectors.T)
        for weight, index in self._kinds:
            found += weight * index.likeness()
        return found

    def collapse(self, weights: Scores) -> Linear:
        """What the weighed likenesses to all examples come to: since they are all products, one row for each piece."""
        kinds = [
            (index, np.asarray(weight * (index.matrix().T @ weights), dtype=np.float32))
            for weight, index in self._kinds
        ]
        return Linear(kinds, self._meaning * (self._vectors.T @ weights))


class Linear:
    """A text's score for each column of what was learnt."""

    def __init__(self, kinds: list[tuple[LexicalIndex, Scores]], meaning: Scores) -> None:
        """See :meth:`Likeness.collapse`."""
        self._kinds = kinds
        self._meaning = meaning

    def scores(self, vector: Scores, cut: Sequence[list[str]]) -> Scores:
        """One score a column, ``(columns,)``, for a text's meaning and its pieces, kind by kind."""
        found: Scores = vector @ self._meaning
        for (index, rows), pieces in zip(self._kinds, cut, strict=True):
            columns, values = index.weighed(pieces)
            found = found + values @ rows[columns]
        return found


def targets(owners: NDArray[np.intp], count: int) -> Scores:
    """1 in the column of each example's owner, -1 elsewhere; an owner of -1 has no column."""
    return np.where(owners[:, None] == np.arange(count), 1.0, -1.0).astype(np.float32)


def solve(likeness: Scores, wanted: Scores, ridge: float) -> Scores:
    """The weights with which likenesses give ``wanted``; ``likeness`` is used up."""
    likeness[np.diag_indices_from(likeness)] += ridge
    solved = scipy.linalg.solve(likeness, wanted, assume_a="pos", overwrite_a=True, check_finite=False)
    return np.asarray(solved, dtype=np.float32)


def left_out(likeness: Scores, wanted: Scores, ridge: float) -> Scores:
    """What each example would be given had it not been among them: the closed form of leave-one-out."""
    inverse = np.linalg.inv(likeness.astype(np.float64) + ridge * np.eye(len(likeness)))
    return np.asarray(wanted - (inverse @ wanted) / np.diag(inverse)[:, None], dtype=np.float32)
