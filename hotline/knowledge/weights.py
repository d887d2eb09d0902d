"""The fitted constants of the search. ``rank`` and ``covered`` are printed by ``python bench/ranking.py --fit``.

Measured on tests/evaluation/matters.jsonl (275 questions, 56 of them outside the base) with 64 matters: see
the figures beside each set; ``python bench/ranking.py`` measures them again.
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
    rank=(4.88, 7.29, 0.83, 2.94, 1.6, 9.42, 3.76, 1.84),
    covered=(-2.66, 3.86, 5.78, -0.68, 2.91, 2.83, 1.82, 3.78, 0.09, -6.39, -6.83),
)

LEXICAL_ONLY = Weights(
    sure=0.75,
    rank=(0.0, 0.0, 1.33, 4.91, 3.48, 11.82, 4.8, 1.86),
    covered=(-1.22, 0.0, 0.0, 0.93, 4.02, 3.1, 2.57, 4.14, 0.34, 0.0, -9.72),
)
