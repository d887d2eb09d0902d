"""Sorts complaints into topics or units, with probabilities that can be believed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hotline.dispatch.evaluation import Figures, measure
from hotline.dispatch.features import Features, prepare
from hotline.dispatch.machines import Table, fit_mixture, learn, mix, unseen_scores
from hotline.language.encoder import Encoder, NoEncoder
from hotline.language.kept_vectors import KeptVectors

Values = NDArray[np.float32]
Progress = Callable[[str], None]

#: Changes whenever the same examples give another model.
VERSION = 1

#: Numbers in the table of weights; at two bytes each a file stays under 30 MB.
_LARGEST_TABLE = 12_000_000
#: With more examples a class than this, meanings add nothing (measured on letters of Hunan: 20 a class +1.6 points,
#: 40 a class -0.7, 200 a class -0.3), and encoding is what takes long.
_FEW = 50
#: The encoder reads about 110 characters at a time; the first pieces of a letter say what it is about.
_PIECE = 110
_PIECES = 3
_BATCH = 256


class TrainingError(ValueError):
    """The examples cannot be learnt from; the message is Chinese."""


@dataclass
class Classifier:
    """Gives every class a probability. Made by :meth:`train`, or read by ``model_file``.

    Attributes:
        classes: the labels, in the order of the columns of :meth:`probabilities`.
        middle: the mean of the examples' meanings, which is taken off.
        tested: what cross-validation found.
    """

    classes: list[str]
    features: Features
    table: Table
    middle: Values
    encoder: Encoder
    tested: Figures

    @classmethod
    def train(
        cls,
        texts: Sequence[str],
        labels: Sequence[str],
        *,
        encoder: Encoder | None = None,
        kept: KeptVectors | None = None,
        progress: Progress = lambda _: None,
    ) -> Classifier:
        """Learn from examples.

        Args:
            texts: complaints as they were written, or segmented by blanks.
            labels: the class of each.
            encoder: gives meanings; None: words only. Not used when there are many examples.
            kept: encodes texts in its place, and keeps what it encoded.
            progress: is told in Chinese what is done next.

        Raises:
            TrainingError: fewer than two classes, or fewer than four texts.
        """
        classes = sorted(set(labels))
        if len(classes) < 2:
            raise TrainingError("只有一个类别，没有什么可学的。请提供至少两个类别的工单。")
        if len(texts) < 2 * len(classes) and len(texts) < 10:
            raise TrainingError(f"只有 {len(texts)} 条有类别的工单，太少了，学不出来。")
        numbers = {label: number for number, label in enumerate(classes)}
        owners = np.asarray([numbers[label] for label in labels], dtype=np.intp)
        if encoder is None or len(texts) > _FEW * len(classes):
            encoder, kept = NoEncoder(), None

        progress("读字词")
        prepared = [prepare(text) for text in texts]
        features = Features()
        rows = features.fit(prepared, _LARGEST_TABLE // len(classes))
        if encoder.size:
            progress("读意思")
        vectors = _meanings(prepared, (kept or encoder).encode, encoder.size)
        middle: Values = vectors.mean(axis=0)
        vectors = vectors - middle
        progress("交叉检验")
        unseen = unseen_scores(rows, vectors, owners, len(classes))
        mixture = fit_mixture(unseen, owners)
        tested = measure(np.tensordot(mixture, unseen, axes=1), classes, labels)
        progress("学习全部工单")
        table = mix(learn(rows, vectors, owners, len(classes)), mixture)
        return cls(classes, features, table, middle, encoder, tested)

    def probabilities(self, texts: Sequence[str]) -> Values:
        """``(len(texts), len(classes))``; each row sums to one."""
        found = np.zeros((len(texts), len(self.classes)), dtype=np.float32)
        for start in range(0, len(texts), _BATCH):
            prepared = [prepare(text) for text in texts[start : start + _BATCH]]
            vectors = _meanings(prepared, self.encoder.encode, self.encoder.size) - self.middle
            scores = self.table.scores(self.features.rows(prepared), vectors)
            scores = np.exp(scores - scores.max(axis=1, keepdims=True))
            found[start : start + _BATCH] = scores / scores.sum(axis=1, keepdims=True)
        return found


def _meanings(prepared: Sequence[str], encode: Callable[[Sequence[str]], Values], size: int) -> Values:
    """The meaning of each text: of long ones, the mean of their first pieces."""
    found = np.zeros((len(prepared), size), dtype=np.float32)
    if not size:
        return found
    pieces: list[str] = []
    owners: list[int] = []
    for number, text in enumerate(prepared):
        for start in range(0, max(1, min(len(text), _PIECE * _PIECES)), _PIECE):
            pieces.append(text[start : start + _PIECE])
            owners.append(number)
    np.add.at(found, owners, encode(pieces))
    lengths = np.linalg.norm(found, axis=1, keepdims=True)
    scaled: Values = found / np.maximum(lengths, 1e-9)
    return scaled
