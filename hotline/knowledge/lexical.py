"""A small inverted index: likeness of a bag of pieces to every text, in a few hundred microseconds."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

Scores = NDArray[np.float32]
Analyser = Callable[[str], list[str]]

# BM25's usual constants.
_K1 = 1.2
_B = 0.6


class LexicalIndex:
    """Scores a query against texts. A score lies in 0..1, so that it means the same in every base."""

    def __init__(
        self, texts: Sequence[str], analyse: Analyser, *, saturating: bool = False, by_text: bool = False
    ) -> None:
        """Index ``texts``.

        Args:
            texts: what is searched, in the order of the scores.
            analyse: cuts a text into pieces.
            saturating: False: cosine of TF-IDF vectors, for short texts. True: BM25 as the share of the
                query's weight that is found, for long ones.
            by_text: also keep what each text has, for :meth:`scores_in`.
        """
        self._analyse = analyse
        self._saturating = saturating
        bags = [Counter(analyse(text)) for text in texts]
        self._count = len(bags)
        self._vocabulary: dict[str, int] = {}
        frequencies: list[int] = []
        for bag in bags:
            for piece in bag:
                number = self._vocabulary.setdefault(piece, len(frequencies))
                if number == len(frequencies):
                    frequencies.append(0)
                frequencies[number] += 1
        known = np.asarray(frequencies, dtype=np.float32)
        self._idf: Scores = np.log((1.0 + self._count) / (0.5 + known)).astype(np.float32)
        #: What a piece weighs that no text has: it counts against every text.
        self._idf_unknown = float(np.log((1.0 + self._count) / 0.5))
        self._build(bags, by_text=by_text)

    def _build(self, bags: Sequence[Counter[str]], *, by_text: bool) -> None:
        lengths = np.asarray([sum(bag.values()) for bag in bags], dtype=np.float32)
        mean = float(lengths.mean()) if len(bags) else 1.0
        pieces: list[int] = []
        rows: list[int] = []
        weights: list[float] = []
        for row, bag in enumerate(bags):
            numbers = [self._vocabulary[piece] for piece in bag]
            if self._saturating:
                penalty = _K1 * (1 - _B + _B * float(lengths[row]) / max(mean, 1.0))
                values = [count / (count + penalty) for count in bag.values()]
            else:
                values = [
                    (1 + float(np.log(count))) * float(self._idf[number])
                    for number, count in zip(numbers, bag.values(), strict=True)
                ]
                norm = float(np.sqrt(sum(value * value for value in values))) or 1.0
                values = [value / norm for value in values]
            pieces.extend(numbers)
            rows.extend([row] * len(numbers))
            weights.extend(values)
        self._of_texts: _OfTexts | None = None
        if by_text:
            ends = np.cumsum([len(bag) for bag in bags], dtype=np.int64)
            self._of_texts = _OfTexts(
                np.concatenate([[0], ends]),
                np.asarray(pieces, dtype=np.int32),
                np.asarray(weights, dtype=np.float32),
            )
        self._invert(
            np.asarray(pieces, dtype=np.int64),
            np.asarray(rows, dtype=np.int32),
            np.asarray(weights, dtype=np.float32),
        )

    def _invert(self, pieces: NDArray[np.int64], rows: NDArray[np.int32], weights: Scores) -> None:
        order = np.argsort(pieces, kind="stable")
        self._rows = rows[order]
        self._weights: Scores = weights[order]
        counts = np.bincount(pieces, minlength=len(self._vocabulary))
        self._starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)

    def gathered(self, owner: NDArray[np.intp]) -> LexicalIndex:
        """An index of groups of the texts: a piece weighs in a group what it weighs most in one of its texts.

        No text scores more than its group, so that the groups tell quickly where to look.

        Args:
            owner: the number of each text's group, ascending from 0.
        """
        assert self._of_texts is not None
        texts = self._of_texts
        size = len(self._vocabulary)
        keys = np.repeat(owner, texts.lengths).astype(np.int64) * size + texts.pieces
        order = np.argsort(keys, kind="stable")
        keys = keys[order]
        firsts = np.flatnonzero(np.diff(keys, prepend=-1))
        groups = copy.copy(self)
        groups._count = int(owner[-1]) + 1 if len(owner) else 0
        groups._of_texts = None
        groups._invert(
            keys[firsts] % size,
            (keys[firsts] // size).astype(np.int32),
            np.maximum.reduceat(texts.weights[order], firsts) if len(firsts) else texts.weights,
        )
        return groups

    def matrix(self) -> scipy.sparse.csr_matrix:
        """The texts as rows, the pieces as columns."""
        shape = (self._count, len(self._vocabulary))
        return scipy.sparse.csc_matrix((self._weights, self._rows, self._starts), shape=shape).tocsr()

    def likeness(self) -> Scores:
        """The score of every text against every other, ``(n, n)``; of cosines only."""
        assert not self._saturating
        texts = self.matrix()
        return np.asarray((texts @ texts.T).toarray(), dtype=np.float32)

    def weighed(self, pieces: Iterable[str]) -> tuple[NDArray[np.intp], Scores]:
        """The known pieces of a query and their weights, as in a row of :meth:`matrix`."""
        known, total = self._weigh(pieces)
        values = np.asarray([weight for _, weight in known], dtype=np.float32)
        return np.asarray([number for number, _ in known], dtype=np.intp), values / max(total, 1e-12)

    def scores(self, query: str) -> Scores:
        """One score a text."""
        return self.scores_of(self._analyse(query))

    def scores_of(self, pieces: Iterable[str]) -> Scores:
        """One score a text, for pieces cut already."""
        result: Scores = np.zeros(self._count, dtype=np.float32)
        known, total = self._weigh(pieces)
        for number, weight in known:
            found = slice(self._starts[number], self._starts[number + 1])
            result[self._rows[found]] += weight * self._weights[found]
        return result / total if total > 0 else result

    def scores_in(self, pieces: Iterable[str], ranges: Sequence[tuple[int, int]]) -> Scores:
        """The same scores, of the texts in ``ranges`` (first and last, exclusive) only: one after the other."""
        assert self._of_texts is not None
        weights: Scores = np.zeros(len(self._vocabulary), dtype=np.float32)
        known, total = self._weigh(pieces)
        for number, weight in known:
            weights[number] = weight
        result = self._of_texts.times(weights, ranges)
        return result / total if total > 0 else result

    def _weigh(self, pieces: Iterable[str]) -> tuple[list[tuple[int, float]], float]:
        """The known pieces of a query with their weights, and what the scores are divided by."""
        known = []
        total = 0.0
        for piece, count in Counter(pieces).items():
            number = self._vocabulary.get(piece)
            idf = self._idf_unknown if number is None else float(self._idf[number])
            weight = idf if self._saturating else (1 + float(np.log(count))) * idf
            total += weight if self._saturating else weight * weight
            if number is not None:
                known.append((number, weight))
        return known, total if self._saturating else float(np.sqrt(total))


@dataclass(frozen=True)
class _OfTexts:
    """What each text has: pieces and their weights, one text after the other."""

    starts: NDArray[np.int64]
    pieces: NDArray[np.int32]
    weights: Scores

    @cached_property
    def lengths(self) -> NDArray[np.int64]:
        """How many pieces each text has."""
        return np.diff(self.starts)

    def times(self, weights: Scores, ranges: Sequence[tuple[int, int]]) -> Scores:
        """The sum of the products with ``weights``, one number a piece, of each text in ``ranges``."""
        cuts = [slice(self.starts[first], self.starts[last]) for first, last in ranges]
        products = np.concatenate([self.weights[cut] * weights[self.pieces[cut]] for cut in cuts])
        lengths = np.concatenate([self.lengths[first:last] for first, last in ranges])
        owner = np.repeat(np.arange(len(lengths)), lengths)
        return np.bincount(owner, weights=products, minlength=len(lengths)).astype(np.float32)
