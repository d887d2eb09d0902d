"""Heaps of cases that are about the same thing at the same place, found block by block so that memory stays small."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial.distance import squareform

#: Two cases are linked from this score on; chains of links are cut where the mean score within falls below the other.
_LINKED, _TOGETHER = 0.50, 0.50
#: With a heap larger than this only stronger links count: what is cut is looked at as a whole.
_LARGEST, _STRONGER = 1500, 0.05
_ROWS = 512


class Likeness(Protocol):
    """How alike numbered things are: 0..1, from :data:`_LINKED` on likely the same; see ``likeness.py`` for cases."""

    def score(self, rows: Any, columns: Any) -> NDArray[np.float32]:
        """``(len(rows), len(columns))``."""
        ...


def clusters(likeness: Likeness, members: Sequence[int]) -> list[list[int]]:
    """Part ``members`` into heaps; most are alone."""
    all_ = np.asarray(members, dtype=np.intp)
    if not len(all_):
        return []
    links = _links(likeness, all_)
    found: list[list[int]] = []
    waiting = [(np.arange(len(all_), dtype=np.intp), _LINKED)]
    while waiting:
        part, least = waiting.pop()
        for heap in _joined(links, part, least):
            if len(heap) > _LARGEST and least < 1:
                waiting.append((heap, least + _STRONGER))
            elif 2 < len(heap) <= _LARGEST:  # more than that are the same word by word
                found += _cut(likeness, all_[heap])
            else:
                found.append([int(number) for number in all_[heap]])
    return found


def belonging(likeness: Likeness, cases: Sequence[int], heaps: Sequence[Sequence[int]]) -> list[int | None]:
    """For each of ``cases`` the heap it would be in, by its mean score with the heap's members; None: in none of them."""
    best: list[int | None] = [None] * len(cases)
    if not heaps or not len(cases):
        return best
    # One column a member, heap after heap.
    columns = [number for heap in heaps for number in heap]
    starts = np.cumsum([0, *(len(heap) for heap in heaps[:-1])])
    sizes = np.array([len(heap) for heap in heaps])
    for start in range(0, len(cases), _ROWS):
        score = likeness.score(cases[start : start + _ROWS], columns)
        mean = np.add.reduceat(score, starts, axis=1) / sizes
        for row, heap in enumerate(mean.argmax(axis=1)):
            if mean[row, heap] >= _TOGETHER:
                best[start + row] = int(heap)
    return best


def _links(likeness: Likeness, members: NDArray[np.intp]) -> coo_matrix:
    """Scores from :data:`_LINKED` on, each pair once."""
    rows, columns, values = [], [], []
    for start in range(0, len(members), _ROWS):
        score = likeness.score(members[start : start + _ROWS], members[start:])
        row, column = np.nonzero(score >= _LINKED)
        later = column > row
        rows.append(row[later] + start)
        columns.append(column[later] + start)
        values.append(score[row[later], column[later]])
    shape = (len(members), len(members))
    return coo_matrix((np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), shape=shape)


def _joined(links: coo_matrix, part: NDArray[np.intp], least: float) -> list[NDArray[np.intp]]:
    """The heaps into which links of ``least`` join ``part``."""
    inside = links.tocsr()[part][:, part].tocoo()
    strong = inside.data >= least
    kept = coo_matrix((inside.data[strong], (inside.row[strong], inside.col[strong])), shape=inside.shape)
    _, labels = connected_components(kept, directed=False)
    order = np.argsort(labels, kind="stable")
    ends = np.flatnonzero(np.diff(labels[order])) + 1
    return [part[heap] for heap in np.split(order, ends)]


def _cut(likeness: Likeness, heap: NDArray[np.intp]) -> list[list[int]]:
    """Part a heap where the mean score is small."""
    distance = 1 - likeness.score(heap, heap).astype(np.float64)
    distance = (distance + distance.T) / 2
    np.fill_diagonal(distance, 0)
    tree = linkage(squareform(distance, checks=False), method="average")
    labels = fcluster(tree, 1 - _TOGETHER, criterion="distance")
    return [[int(n) for n in heap[labels == label]] for label in np.unique(labels)]
