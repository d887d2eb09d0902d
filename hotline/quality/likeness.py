"""How alike questions are: by meaning, and by the characters that do not ask. Pure but for the encoder.

Weights and the bound were chosen on 2,000 sample questions of the base: two thirds of them come into groups, and in these
84 of 100 have the matter of most in their group. By meaning alone it is 58: "社保卡丢了" and "医保卡丢了" are near.
"""

from __future__ import annotations

import math
import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from hotline.knowledge.index import Encode
from hotline.language.aspects import without_aspect_words
from hotline.language.reading import read

_MEANING, _CHARACTERS = 0.7, 0.3
#: Pieces of text are counted in so many boxes: two in one box are rare enough.
_BOXES = 1 << 16


@lru_cache(maxsize=20_000)
def pieces(text: str) -> tuple[str, ...]:
    """The characters and pairs of what a question is about; all of them when it only asks."""
    own = without_aspect_words(text).replace(" ", "") or text
    return tuple(own[start : start + size] for size in (1, 2) for start in range(len(own) - size + 1))


class Rareness:
    """How rare a piece is among the texts of the base."""

    def __init__(self, texts: Iterable[str]) -> None:
        held = [set(pieces(read(text))) for text in texts]
        self._counts = Counter(piece for found in held for piece in found)
        self._texts = len(held)

    def weigh(self, text: str) -> dict[str, float]:
        """The pieces of ``text`` as a unit row."""
        counts = Counter(pieces(text))
        row = {
            piece: (1 + math.log(count)) * math.log(1 + (self._texts + 1) / (self._counts[piece] + 1))
            for piece, count in counts.items()
        }
        norm = math.sqrt(sum(weight * weight for weight in row.values())) or 1.0
        return {piece: weight / norm for piece, weight in row.items()}


class QuestionLikeness:
    """The likeness of some questions, by their numbers; see :class:`hotline.similarity.clusters.Likeness`."""

    def __init__(self, texts: Sequence[str], encode: Encode, rareness: Rareness) -> None:
        clean = [read(text) for text in texts]
        self._vectors = encode(clean)
        rows, columns, values = [], [], []
        for number, text in enumerate(clean):
            for piece, weight in rareness.weigh(text).items():
                rows.append(number)
                columns.append(zlib.crc32(piece.encode()) % _BOXES)
                values.append(weight)
        shape = (len(clean), _BOXES)
        self._pieces = csr_matrix((np.asarray(values, dtype=np.float32), (rows, columns)), shape=shape)

    def score(self, rows: Any, columns: Any) -> NDArray[np.float32]:
        """0..1, ``(len(rows), len(columns))``; from 0.5 on they ask the same."""
        rows, columns = np.asarray(rows, dtype=np.intp), np.asarray(columns, dtype=np.intp)
        shared = (self._pieces[rows] @ self._pieces[columns].T).toarray()
        if not self._vectors.shape[1]:  # no encoder: the characters alone
            return np.asarray(shared.clip(0, 1), dtype=np.float32)
        meant = self._vectors[rows] @ self._vectors[columns].T
        return np.asarray((_MEANING * meant + _CHARACTERS * shared).clip(0, 1), dtype=np.float32)
