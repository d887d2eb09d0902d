"""How much a message sounds like someone in danger, read as a whole and part by part. No Rasa.

People write of danger among other things ("请问居住证怎么办，另外室友在砸我房门"), so that a long message is also read in
windows of a few clauses.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from components.tfidf import Tfidf
from hotline.language.encoder import Encoder

_SHORT = 24
_WINDOW = 16
_MOST_WINDOWS = 8
_CUT = re.compile(r"[，,。！？!?；;\n ]+")
_BATCH = 64


def windows(text: str) -> list[str]:
    """The parts of a long text, each of a few clauses, overlapping; none of a short one."""
    parts = [part for part in _CUT.split(text) if part]
    if len(text) <= _SHORT or len(parts) < 2:
        return []
    size = max(_WINDOW, len(text) // _MOST_WINDOWS)
    found: dict[str, None] = {}
    first = 0
    while first < len(parts):
        last = first + 1
        while last < len(parts) and len("，".join(parts[first:last])) < size:
            last += 1
        found["，".join(parts[first:last])] = None
        if last == len(parts):
            break
        first += max(1, (last - first) // 2)
    return list(found)


class DangerModel:
    """A linear machine over characters and meaning: danger, or anything else."""

    def __init__(self, encoder: Encoder, *, scale: float, penalty: float) -> None:
        """
        Args:
            encoder: for the meaning.
            scale: how much meaning counts beside characters.
            penalty: the machine's C.
        """
        self._encoder = encoder
        self._scale = scale
        self._penalty = penalty
        self._characters = Tfidf(1, 3)
        self._weights: NDArray[np.float32] = np.zeros(0, dtype=np.float32)
        self._bias = 0.0

    def fit(
        self, texts: Sequence[str], dangerous: Sequence[bool], vectors: NDArray[np.float32] | None = None
    ) -> None:
        """Learn from texts as they are read, and their meanings where these are known already.

        The parts of harmless texts are harmless too, and are learnt from; of a dangerous text nobody said which part is.
        """
        from sklearn.svm import LinearSVC  # here, because only training needs it

        parts = [
            part
            for text, danger in zip(texts, dangerous, strict=True)
            if not danger
            for part in windows(text)
        ]
        meant = np.concatenate([self._meaning(texts) if vectors is None else vectors, self._meaning(parts)])
        texts, dangerous = [*texts, *parts], [*dangerous, *(False for _ in parts)]
        self._characters.fit(texts)
        rows = [self._characters.row(text) for text in texts]
        pointers = np.concatenate([[0], np.cumsum([len(columns) for columns, _ in rows])])
        written = scipy.sparse.csr_matrix(
            (
                np.concatenate([values for _, values in rows]),
                np.concatenate([columns for columns, _ in rows]),
                pointers,
            ),
            shape=(len(texts), self._characters.width),
        )
        both = scipy.sparse.hstack([written, scipy.sparse.csr_matrix(meant * self._scale)], format="csr")
        learnt = LinearSVC(C=self._penalty, class_weight="balanced", random_state=12345)
        learnt.fit(both, np.asarray(dangerous, dtype=bool))
        self._weights = learnt.coef_[0].astype(np.float32)
        self._bias = float(learnt.intercept_[0])

    def _meaning(self, texts: Sequence[str]) -> NDArray[np.float32]:
        batches = [
            self._encoder.encode(texts[start : start + _BATCH]) for start in range(0, len(texts), _BATCH)
        ]
        return np.concatenate(batches) if batches else np.zeros((0, self._encoder.size), dtype=np.float32)

    def scores(self, texts: Sequence[str]) -> list[float]:
        """The margin of each text: above 0 it rather sounds like danger."""
        meant = self._encoder.encode(texts) * self._scale
        found = []
        for text, vector in zip(texts, meant, strict=True):
            columns, values = self._characters.row(text)
            written = float(values @ self._weights[columns])
            found.append(written + float(vector @ self._weights[self._characters.width :]) + self._bias)
        return found

    def read(self, text: str) -> tuple[float, float]:
        """The margin of the whole text, and the largest of its windows (of the whole, when it is short)."""
        [whole] = self.scores([text])
        return whole, max(self.scores(parts)) if (parts := windows(text)) else whole

    @property
    def trained(self) -> bool:
        """Whether it has learnt anything."""
        return len(self._weights) > 0

    def save(self, folder: Path) -> None:
        """Write what was learnt."""
        self._characters.save(folder)
        np.save(folder / "danger.npy", np.append(self._weights, np.float32(self._bias)))

    def load(self, folder: Path) -> None:
        """Read what :meth:`save` wrote."""
        self._characters.load(folder)
        kept = np.load(folder / "danger.npy")
        self._weights, self._bias = kept[:-1], float(kept[-1])
