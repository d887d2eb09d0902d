from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from hotline.language.aspects import ASPECTS, detect_aspects, without_aspect_words

QUESTIONS: dict[str, list[str]] = yaml.safe_load(
    Path(__file__).with_name("aspect_questions.yml").read_text(encoding="utf-8")
)
CASES = [(aspect, text) for aspect, texts in QUESTIONS.items() for text in texts]


@pytest.mark.parametrize(("aspect", "text"), CASES)
def test_the_aspect_asked_for_comes_first(aspect: str, text: str) -> None:
    assert (detect_aspects(text) or ["none"])[0] == aspect


def test_every_aspect_is_tried() -> None:
    assert set(QUESTIONS) - {"none"} == set(ASPECTS)
    assert len(CASES) >= 120


@pytest.mark.parametrize(
    ("text", "aspects"),
    [
        ("要带什么材料，在哪里办", {"materials", "location"}),
        ("多久能办好，要钱吗", {"time_limit", "fee"}),
        ("网上能办吗？要准备什么资料？", {"channel", "materials"}),
        ("咨询电话是多少，几点上班", {"phone", "location"}),
        ("什么条件可以申请，一个月多少钱", {"conditions", "policy"}),
    ],
)
def test_two_questions_in_one_sentence_are_both_found(text: str, aspects: set[str]) -> None:
    assert set(detect_aspects(text)[:2]) == aspects


def test_how_to_do_it_gives_way_to_a_clear_aspect() -> None:
    assert detect_aspects("材料怎么弄") == ["materials"]
    assert detect_aspects("怎么弄") == ["process"]


@pytest.mark.parametrize(
    "text",
    [
        "那要多久呢", "要带么子", "冇得身份证行不", "到哪里搞", "要好多钱", "网上能办吗", "打哪个电话", "搞好久",
        "材料呢", "怎么办", "请问一下流程是什么", "那在哪里办理呢？", "有什么条件没有", "我要准备哪些资料啊",
        "几天能办好", "收费不", "电话多少", "依据是什么", "周末上班吗", "要不要带户口本", "那具体要怎么申请呢",
    ],
)  # fmt: skip
def test_a_bare_follow_up_has_no_subject(text: str) -> None:
    assert without_aspect_words(text) == ""


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("社保卡在哪里办", "社保卡"),
        ("那公积金要多久", "公积金"),
        ("残疾证怎么申请", "残疾"),
        ("失业金能领多少钱", "失业"),
        ("双胞胎呢", "双胞胎"),
        ("异地就医备案网上能办吗", "异地"),
        ("身份证丢了怎么补办", "身份证"),
        ("居住证要带什么材料", "居住证"),
    ],
)
def test_a_new_subject_is_kept(text: str, subject: str) -> None:
    assert subject in without_aspect_words(text).replace(" ", "")
