"""The fitted constants of the search. Do not edit by hand: ``python bench/ranking.py --fit`` prints them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Weights:
    """``rank`` goes with ``index.FEATURES``, ``covered`` with ``ranking.EVIDENCE``."""

    rank: tuple[float, ...]
    covered: tuple[float, ...]


MEANING = Weights(
    rank=(10.0, 8.0, 5.0, 5.0, 3.0, 3.0, 3.0, 4.0),
    covered=(-6.0, 4.0, 2.0, 3.0, 2.0, 2.0, 1.0, 2.0, 2.0),
)

LEXICAL_ONLY = Weights(
    rank=(0.0, 0.0, 8.0, 8.0, 5.0, 4.0, 4.0, 5.0),
    covered=(-4.0, 0.0, 0.0, 4.0, 3.0, 3.0, 2.0, 2.0, 2.0),
)
