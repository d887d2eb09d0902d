"""Vectors that are kept over a restart are the same, and a broken file costs time only."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from hotline.language.encoder import Vectors
from hotline.language.kept_vectors import KeptVectors


class Counting:
    """An encoder that counts what it encodes."""

    name, size = "counting", 2

    def __init__(self) -> None:
        self.encoded: list[str] = []

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.encoded += texts
        return np.asarray([[len(text), 1.0] for text in texts], dtype=np.float32).reshape(-1, 2)


def test_a_text_is_encoded_once_also_over_a_restart(tmp_path: Path) -> None:
    first = Counting()
    kept = KeptVectors(first, tmp_path)
    before = kept.encode(["社保卡", "居住证", "社保卡"])
    kept.save()
    assert first.encoded == ["社保卡", "居住证"]
    second = Counting()
    after = KeptVectors(second, tmp_path).encode(["社保卡", "居住证", "社保卡"])
    assert second.encoded == []
    assert np.array_equal(before, after)


def test_what_is_no_longer_used_is_forgotten(tmp_path: Path) -> None:
    kept = KeptVectors(Counting(), tmp_path)
    kept.encode(["旧的", "社保卡"])
    kept.save()
    newer = KeptVectors(Counting(), tmp_path)
    newer.encode(["社保卡", "新的"])
    newer.save()
    last = Counting()
    KeptVectors(last, tmp_path).encode(["社保卡", "新的", "旧的"])
    assert last.encoded == ["旧的"]


def test_a_broken_file_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "vectors-counting.npz").write_bytes(b"PK\x03\x04 broken")
    kept = KeptVectors(Counting(), tmp_path)
    assert kept.encode(["社保卡"]).shape == (1, 2)
    kept.save()
    last = Counting()
    KeptVectors(last, tmp_path).encode(["社保卡"])
    assert last.encoded == []


def test_no_text_is_no_row() -> None:
    assert KeptVectors(Counting(), None).encode([]).shape == (0, 2)
