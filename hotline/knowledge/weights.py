"""The fitted constants of the search. ``rank`` and ``covered`` are printed by ``python bench/ranking.py --fit``.

Measured by ``python bench/ranking.py`` on data/evaluation/matters*.jsonl (640 questions that nothing was fitted to, 106
of them outside the base) with 64 matters: with the encoder top-1 .964, top-3 .996, 2.4 % of the sure answers wrong; not
learnt .949, .991, 1.6 %, with a seventh fewer sure answers; by words alone .957, .991, 2.2 %, with a tenth fewer.
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
    sure=0.6,
    rank=(6.04, 5.93, 0.48, 0.31, 1.23, 4.16, 1.82, 5.11, 0.0),
    covered=(0.99, 3.74, 4.21, 0.03, 1.08, 1.86, 2.26, 1.89, 1.67, 0.11, -6.42, -4.67, 2.44),
)

#: For a base that is too large to be learnt from (``--not-learnt``).
NOT_LEARNT = Weights(
    sure=0.65,
    rank=(7.56, 9.43, 2.11, 4.01, 3.57, 6.6, 3.03, 0.0, 0.58),
    covered=(-0.51, 3.97, 4.88, 0.0, 1.58, 2.51, 2.33, 0.0, 2.31, 0.57, -7.19, -5.0, 2.39),
)

#: Without an encoder (``--encoder none``).
LEXICAL_ONLY = Weights(
    sure=0.75,
    rank=(0.0, 0.0, 1.26, 1.74, 2.49, 6.02, 2.97, 6.85, 0.0),
    covered=(0.91, 0.0, 0.0, 0.57, 1.04, 2.43, 3.41, 1.0, 1.99, 1.88, 0.0, -7.18, 3.0),
)
