"""A correction takes back, and two questions are told from one story."""

from __future__ import annotations

import pytest

from hotline.knowledge.sentences import corrected, questions


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("不是社保卡，是医保卡", "医保卡"),
        ("我问的不是居民的，是职工的", "职工的"),
        ("不对，不是身份证是居住证", "居住证"),
        ("我说的是居住证不是身份证", "我说的是居住证"),
        ("问的是租房提取，不是买房", "问的是租房提取"),
    ],
)
def test_what_is_taken_back_does_not_count(said: str, meant: str) -> None:
    assert corrected(said) == (meant, True)


@pytest.mark.parametrize(
    "said",
    [
        "是不是要先备案",
        "不是说可以报销吗",
        "我不是本地人，想问居住证怎么办",
        "我不是法人是股东，怎么变更",
        "社保卡怎么补",
        "要不是你们提醒我就忘了",
    ],
)
def test_nothing_is_taken_back_that_was_not(said: str) -> None:
    assert corrected(said) == (said, False)


def test_two_questions_are_parted() -> None:
    assert questions("社保卡丢了怎么补，还有居住证要什么材料") == ["社保卡丢了怎么补", "还有居住证要什么材料"]
    assert questions("社保卡怎么办？居住证要多久？") == ["社保卡怎么办", "居住证要多久"]


@pytest.mark.parametrize(
    "said", ["我妈退休了，想问医保怎么报销", "居住证要什么材料，要多久", "小孩上学怎么报名"]
)
def test_one_question_stays_whole(said: str) -> None:
    assert questions(said) == [said]
