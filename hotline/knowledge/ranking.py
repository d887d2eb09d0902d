"""From likenesses to probabilities: which matter is meant, and is any of them meant at all?

``P(matter) = P(the base covers the question) · P(matter | covered)``. The second factor is a softmax over
weighted features, the first a logistic function of how well the best matter fits. Both are fitted by
maximum likelihood (``bench/ranking.py --fit``), so that a probability of .8 is right about 8 times in 10.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hotline.knowledge.index import Index, Query, Scores
from hotline.knowledge.weights import LEXICAL_ONLY, MEANING, NOT_LEARNT, Weights

#: What :func:`evidence` measures of the best matter, after the constant.
EVIDENCE = (
    "constant", "meaning", "meaning_near", "characters", "words", "content", "sounds", "learnt", "named", "lead",
    "outside_meaning", "outside_characters", "length",
)  # fmt: skip


_USUAL_LENGTH = 20


@dataclass(frozen=True)
class Candidate:
    """One matter with the probability that it is the one that is meant."""

    number: int
    confidence: float


@dataclass(frozen=True)
class Ranking:
    """The matters in order of probability. ``covered``: the probability that any of them is meant."""

    candidates: tuple[Candidate, ...]
    covered: float

    def confidence_of(self, number: int) -> float:
        """The probability of one matter; 0 when it is far down the list."""
        return next((item.confidence for item in self.candidates if item.number == number), 0.0)


def weights_for(index: Index) -> Weights:
    """The fitted constants that go with the index's encoder and size."""
    if not index.encoder.size:
        return LEXICAL_ONLY
    return MEANING if index.learns else NOT_LEARNT


def share(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Softmax."""
    powers = np.exp(scores - scores.max())
    return np.asarray(powers / powers.sum(), dtype=np.float64)


def evidence(
    features: Scores, shares: NDArray[np.float64], outside: tuple[float, float], length: int
) -> NDArray[np.float64]:
    """What speaks for the base covering the question: see :data:`EVIDENCE`."""
    best = int(np.argmax(shares))
    row = features[best].astype(np.float64)
    lead = float(shares[best])
    # A long story is less like any text, whatever it is about.
    measured = [row[0], row[1], row[2], row[4], row[5], row[6], row[7], row[8], lead]
    return np.asarray([1.0, *measured, *outside, np.log(max(length, 1) / _USUAL_LENGTH)])


def rank(
    index: Index,
    query: Query,
    *,
    prior: Mapping[int, float] | None = None,
    only: Sequence[bool] | None = None,
    limit: int = 10,
) -> Ranking:
    """Rank the matters for a question.

    Args:
        index: the base.
        query: the question, from :meth:`Index.query`.
        prior: log odds added to a matter, e.g. to the one spoken of before.
        only: which matters count; all when absent.
        limit: candidates kept.
    """
    if not index.matters:
        return Ranking((), 0.0)
    weights = weights_for(index)
    features = index.features(query)
    outside, length = index.outside(query), len(query.text)
    return rank_features(features, outside, length, weights, prior=prior, only=only, limit=limit)


def rank_features(
    features: Scores,
    outside: tuple[float, float],
    length: int,
    weights: Weights,
    *,
    prior: Mapping[int, float] | None = None,
    only: Sequence[bool] | None = None,
    limit: int = 10,
) -> Ranking:
    """The same, for features at hand."""
    scores = features.astype(np.float64) @ np.asarray(weights.rank)
    for number, bonus in (prior or {}).items():
        scores[number] += bonus
    if only is not None:
        scores = np.where(np.asarray(only, dtype=bool), scores, -np.inf)
        if not np.isfinite(scores).any():
            return Ranking((), 0.0)
    shares = share(scores)
    inner = float(evidence(features, shares, outside, length) @ np.asarray(weights.covered))
    covered = float(1.0 / (1.0 + np.exp(-np.clip(inner, -30, 30))))
    kept = min(limit, len(shares))
    top = np.argpartition(shares, -kept)[-kept:]
    top = top[np.argsort(-shares[top], kind="stable")]
    return Ranking(tuple(Candidate(int(number), covered * float(shares[number])) for number in top), covered)
