"""Which side of a matter a question asks for, learnt from examples.

Kernel ridge regression over ``data/lexicon/aspect_examples.yml``: one solution of a linear system, made anew at every
start in a few seconds, nothing to be kept. Patterns (``hotline/language/aspects.py``) are one of its features; on the
examples, which were written by other hands, they alone are right in 59 %, both together in 88 % (5 folds).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hotline.knowledge.ridge import Likeness, solve, targets
from hotline.knowledge.words import words
from hotline.language.aspects import ASPECTS, find_aspects
from hotline.language.encoder import Encoder
from hotline.language.patterns import lexicon_file, read_lexicon
from hotline.language.reading import read

Scores = NDArray[np.float32]
Encode = Callable[[Sequence[str]], Scores]

#: Asks for nothing in particular.
NOTHING = "none"
#: How much of each likeness counts: all characters, those at the end (where the question is), words, meaning, patterns.
_ALL, _END, _WORDS, _MEANING, _PATTERNS = 1.0, 1.0, 0.5, 1.0, 0.3
_RIDGE = 0.3
_END_SIZE = 10
#: A second aspect counts when a pattern of this weight names it.
_NAMED = 3
_AT_ONCE = 2
_DOUBT = 0.15


def _grams(text: str) -> list[str]:
    return [text[start : start + size] for size in (1, 2, 3) for start in range(len(text) - size + 1)]


def _end(text: str) -> list[str]:
    return _grams(text.rstrip("？?。.!！ ，,")[-_END_SIZE:])


class AspectModel:
    """Knows the aspect of a question. Read-only once made."""

    def __init__(
        self, examples: dict[str, list[str]], encoder: Encoder, *, encode: Encode | None = None
    ) -> None:
        """Learn from ``examples``: sentences under the name of their aspect, or :data:`NOTHING`."""
        self._encoder = encoder
        self._labels = list(examples)
        texts = [read(text) for sentences in examples.values() for text in sentences]
        vectors = (encode or encoder.encode)(texts)
        kinds = ((_ALL, _grams), (_END, _end), (_WORDS, words))
        examples_alike = Likeness(texts, vectors, kinds, _MEANING)
        patterns = np.stack([_patterns(text) for text in texts])
        owners = np.repeat(np.arange(len(self._labels)), [len(items) for items in examples.values()])
        likeness = examples_alike.matrix() + _PATTERNS * (patterns @ patterns.T)
        weights = solve(likeness, targets(owners, len(self._labels)), _RIDGE)
        self._linear = examples_alike.collapse(weights)
        self._of_patterns: Scores = _PATTERNS * (patterns.T @ weights)

    def scores(self, text: str) -> dict[str, float]:
        """How much each aspect is asked for; about 1 for the one that is, -1 for one that is not."""
        vector = self._encoder.encode([text])[0]
        found = (
            self._linear.scores(vector, (_grams(text), _end(text), words(text)))
            + _patterns(text) @ self._of_patterns
        )
        return dict(zip(self._labels, map(float, found), strict=True))

    def aspects(self, text: str) -> list[str]:
        """The aspects that ``text`` (as it is read) asks for, at most two, the strongest first."""
        if not text.strip():
            return []
        scores = self.scores(text)
        best = max(scores, key=scores.__getitem__)
        mentions = find_aspects(text)
        # Without a word that asks it takes more to be a question: "想在公园放个大风筝" names no place to go to.
        margin = 0.0 if mentions else _DOUBT
        if scores.get(NOTHING, -1.0) >= scores[best] - margin:
            return []
        named = [item.aspect for item in mentions if item.weight >= _NAMED]
        return list(dict.fromkeys([best, *named]))[:_AT_ONCE]


def _patterns(text: str) -> Scores:
    found = np.zeros(len(ASPECTS), dtype=np.float32)
    for item in find_aspects(text):
        found[ASPECTS.index(item.aspect)] = item.weight / 4
    return found


@lru_cache(maxsize=2)
def _read(path: Path) -> dict[str, list[str]]:
    return {str(name): [str(text) for text in texts] for name, texts in read_lexicon(path).items()}


_models: dict[str, AspectModel] = {}


def aspect_model(encoder: Encoder, *, encode: Encode | None = None) -> AspectModel:
    """The model of the examples in the data folder, one a process and encoder."""
    if encoder.name not in _models:
        examples = _read(lexicon_file("aspect_examples.yml"))
        _models[encoder.name] = AspectModel(examples, encoder, encode=encode)
    return _models[encoder.name]
