"""How well complaints were sorted: shares right, and which classes are taken for which. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hotline.dispatch.taxonomy import Taxonomy, Topic

Values = NDArray[np.float32]

#: The classes of a model that sorts by topic, seen coarser or finer. Codes first: of levels that fit alike it wins.
LEVELS: dict[str, tuple[str, Callable[[Taxonomy, Topic], str]]] = {
    "code": ("事项编号", lambda _, topic: topic.code),
    "name": ("事项名称", lambda _, topic: topic.name),
    "area": ("领域名称", lambda taxonomy, topic: taxonomy.areas[topic.area]),
    "area_code": ("领域编号", lambda _, topic: topic.area),
    "field": ("湖南省一级分类", lambda _, topic: topic.field),
    "path": ("湖南省二级分类", lambda _, topic: topic.path),
}


@dataclass(frozen=True)
class Figures:
    """What a head is worth on some complaints. ``confusions``: meant, taken for, how often; most frequent first."""

    accuracy: float
    top3: float
    macro_f1: float
    count: int
    confusions: tuple[tuple[str, str, int], ...] = ()
    #: Label, how many there were, share of them found; the most frequent label first.
    found: tuple[tuple[str, int, float], ...] = ()

    def as_json(self) -> dict[str, float]:
        """The three figures, to four places."""
        return {
            "accuracy": round(self.accuracy, 4),
            "top3": round(self.top3, 4),
            "macro_f1": round(self.macro_f1, 4),
        }


def measure(probabilities: Values, classes: Sequence[str], meant: Sequence[str]) -> Figures:
    """Compare probabilities, ``(n, classes)``, with what was meant. A label that is no class is never found."""
    order = np.argsort(-probabilities, axis=1, kind="stable")[:, :3]
    taken = [classes[row[0]] for row in order]
    right = [label == first for label, first in zip(meant, taken, strict=True)]
    among = [label in {classes[number] for number in row} for label, row in zip(meant, order, strict=True)]
    meant_counts, taken_counts = Counter(meant), Counter(taken)
    hits = Counter(label for label, is_right in zip(meant, right, strict=True) if is_right)
    f1 = [
        2 * hits[label] / (meant_counts[label] + taken_counts[label]) for label in meant_counts | taken_counts
    ]
    mistakes = Counter(pair for pair in zip(meant, taken, strict=True) if pair[0] != pair[1])
    return Figures(
        accuracy=float(np.mean(right)),
        top3=float(np.mean(among)),
        macro_f1=float(np.mean(f1)),
        count=len(meant),
        confusions=tuple((label, other, count) for (label, other), count in mistakes.most_common()),
        found=tuple((label, count, hits[label] / count) for label, count in meant_counts.most_common()),
    )


def find_level(taxonomy: Taxonomy, labels: Sequence[str]) -> str | None:
    """Which of :data:`LEVELS` the labels of a file are written in; None when most fit none."""
    counts = Counter(labels)
    best, best_share = None, 0.5
    for level, (_, name_of) in LEVELS.items():
        names = {name_of(taxonomy, topic) for topic in taxonomy.topics.values()}
        share = sum(count for label, count in counts.items() if label in names) / max(1, len(labels))
        if share > best_share:
            best, best_share = level, share
    return best


def raise_to_level(
    probabilities: Values, classes: Sequence[str], taxonomy: Taxonomy, level: str
) -> tuple[Values, list[str]]:
    """Sums the probabilities of topic codes up to the names of ``level``."""
    name_of = LEVELS[level][1]
    owners = [name_of(taxonomy, taxonomy.topics[code]) for code in classes]
    names = list(dict.fromkeys(owners))
    sums = np.zeros((len(probabilities), len(names)), dtype=np.float32)
    for column, owner in enumerate(owners):
        sums[:, names.index(owner)] += probabilities[:, column]
    return sums, names


def choose_among(
    probabilities: Values, classes: Sequence[str], allowed: set[str]
) -> tuple[Values, list[str]]:
    """Only the classes in ``allowed``; the rows then do not sum to one."""
    kept = [number for number, name in enumerate(classes) if name in allowed]
    return probabilities[:, kept], [classes[number] for number in kept]
