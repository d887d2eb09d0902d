"""Vectors of texts that were encoded before, kept in a file: a start need not encode thousands of sentences anew."""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from hotline.language.encoder import Encoder, Vectors

_BATCH = 64


class KeptVectors:
    """Encodes texts once. The file is read at the first call, and written by :meth:`save`; it may be deleted any time."""

    def __init__(self, encoder: Encoder, folder: Path | None) -> None:
        """Keep the vectors of ``encoder`` in a file of ``folder``; None: in memory only."""
        self._encoder = encoder
        self._path = folder / f"vectors-{encoder.name}.npz" if folder is not None else None
        self._known: dict[bytes, Vectors] | None = None
        self._used: set[bytes] = set()
        self._changed = False

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One row for each text, ``(len(texts), size)``; see :class:`~hotline.language.encoder.Encoder`."""
        known = self._load()
        keys = [hashlib.sha1(text.encode(), usedforsecurity=False).digest() for text in texts]
        fresh = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        waiting = list(fresh.items())
        for start in range(0, len(waiting), _BATCH):
            batch = waiting[start : start + _BATCH]
            rows = self._encoder.encode([text for _, text in batch])
            known.update((key, row) for (key, _), row in zip(batch, rows, strict=True))
            self._changed = True
        self._used.update(keys)
        if not keys:
            return np.zeros((0, self._encoder.size), dtype=np.float32)
        return np.stack([known[key] for key in keys])

    def save(self) -> None:
        """Write what was used since the start, when anything was new. A file that cannot be written is no failure."""
        if self._path is None or not self._changed or self._known is None:
            return
        keys = sorted(self._used)
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            draft = self._path.with_suffix(f".{os.getpid()}.tmp.npz")
            np.savez(
                draft,
                keys=np.frombuffer(b"".join(keys), dtype=np.uint8).reshape(len(keys), -1),
                vectors=np.stack([self._known[key] for key in keys]),
            )
            draft.replace(self._path)
        except OSError:
            return
        self._changed = False

    def _load(self) -> dict[bytes, Vectors]:
        if self._known is None:
            self._known = {}
            if self._path is not None and self._path.exists():
                try:
                    with np.load(self._path) as kept:
                        pairs = zip(kept["keys"], kept["vectors"], strict=True)
                        self._known = {bytes(key): vector for key, vector in pairs}
                except (OSError, ValueError, KeyError, zipfile.BadZipFile):
                    self._known = {}  # broken off while it was written: made anew
        return self._known
