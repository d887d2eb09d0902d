"""The fitted constants of the search. ``rank`` and ``covered`` are printed by ``python bench/ranking.py --fit``.

Measured on tests/evaluation/matters.jsonl (275 questions, 56 of them outside the base) with 64 matters by
``python bench/ranking.py``: with the encoder top-1 .927, top-3 .991, 2.7 % of the sure answers wrong; by words
alone (``--encoder none``) top-1 .904, top-3 .982, 1.4 % wrong at the higher threshold, but a fifth fewer answers.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Weights:
    """``rank`` goes with ``index.FEATURES``, ``covered`` with ``ranking.EVIDENCE``."""

    #: From this probability on a matter is taken as meant.
    sure: float
    rank: tuple[float, ...]
    covered: tuple[float, ...]


MEANING = Weights(
    sure=0.62,
    rank=(4.84, 7.27, 0.9, 2.94, 1.64, 9.44, 3.74, 1.6),
    covered=(-2.0, 3.71, 5.36, -0.72, 2.11, 2.85, 2.05, 3.65, -0.36, -6.26, -6.74),
)

LEXICAL_ONLY = Weights(
    sure=0.75,
    rank=(0.0, 0.0, 1.39, 4.89, 3.5, 11.86, 4.8, 1.64),
    covered=(-0.79, 0.0, 0.0, 0.9, 2.91, 2.88, 2.44, 3.83, 0.22, 0.0, -9.46),
)
