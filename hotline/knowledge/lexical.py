"""A small inverted index: likeness of a bag of pieces to every text, in a few hundred microseconds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float32]
Analyser = Callable[[str], list[str]]

# BM25's usual constants.
_K1 = 1.2
_B = 0.6


class LexicalIndex:
    """Scores a query against texts. A score lies in 0..1, so that it means the same in every base."""

    def __init__(self, texts: Sequence[str], analyse: Analyser, *, saturating: bool = False) -> None:
        """Index ``texts``.

        Args:
            texts: what is searched, in the order of the scores.
            analyse: cuts a text into pieces.
            saturating: False: cosine of TF-IDF vectors, for short texts. True: BM25 as the share of the
                query's weight that is found, for long ones.
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
        self._build(bags)

    def _build(self, bags: Sequence[Counter[str]]) -> None:
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
        order = np.argsort(np.asarray(pieces, dtype=np.int64), kind="stable")
        self._rows = np.asarray(rows, dtype=np.int32)[order]
        self._weights: Scores = np.asarray(weights, dtype=np.float32)[order]
        counts = np.bincount(np.asarray(pieces, dtype=np.int64), minlength=len(self._vocabulary))
        self._starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)

    def scores(self, query: str) -> Scores:
        """One score a text."""
        return self.scores_of(self._analyse(query))

    def scores_of(self, pieces: Iterable[str]) -> Scores:
        """One score a text, for pieces cut already."""
        bag = Counter(pieces)
        result: Scores = np.zeros(self._count, dtype=np.float32)
        total = 0.0
        for piece, count in bag.items():
            number = self._vocabulary.get(piece)
            idf = self._idf_unknown if number is None else float(self._idf[number])
            weight = idf if self._saturating else (1 + float(np.log(count))) * idf
            total += weight if self._saturating else weight * weight
            if number is not None:
                found = slice(self._starts[number], self._starts[number + 1])
                result[self._rows[found]] += weight * self._weights[found]
        if total > 0:
            result /= total if self._saturating else np.sqrt(total)
        return result
