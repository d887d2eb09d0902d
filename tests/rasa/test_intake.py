"""Taking a work order: every answer, correction and way out, without Rasa."""

from __future__ import annotations

from pathlib import Path

import pytest

from actions import intake
from hotline.language.places import Gazetteer

CITY = Path(__file__).resolve().parents[2] / "data" / "city" / "zhuzhou"


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return Gazetteer.load(CITY)


def fill(gazetteer: Gazetteer, nature: str, *answers: str, first: str = "") -> dict[str, str | None]:
    """Give the answers in turn, and return the slots."""
    slots: dict[str, str | None] = {"order_nature": nature, **intake.begin(first, gazetteer)}
    for answer in answers:
        asked = intake.next_slot(slots)
        assert asked is not None, f"nothing was asked, but the citizen said {answer}"
        slots.update(intake.take(asked, answer, slots, gazetteer).slots)
    return slots


def test_a_complaint_that_tells_what_is_only_asked_the_rest(gazetteer: Gazetteer) -> None:
    slots = fill(
        gazetteer,
        "投诉",
        "荷塘区月塘街道石子头社区 3 栋",
        "最近几天",
        "13800000000",
        "王先生",
        "确认提交",
        first="小区消防通道被车堵了没人管",
    )
    assert slots["order_what"] == "小区消防通道被车堵了没人管"
    assert slots["order_where"] == "荷塘区月塘街道石子头社区 3 栋"
    assert slots["order_district"] == "荷塘区"
    assert slots["order_place"] is not None
    assert slots["order_place"].startswith("430202|430202001")
    assert slots["order_contact"] == "13800000000"
    assert slots["order_name"] == "王先生"
    assert intake.next_slot(slots) is None


def test_a_place_in_the_first_words_is_not_asked_again(gazetteer: Gazetteer) -> None:
    slots = fill(gazetteer, "投诉", first="芦淞区建设街道这边半夜还在施工吵得睡不着")
    assert slots["order_district"] == "芦淞区"
    assert intake.next_slot(slots) == "order_when"


def test_an_unknown_place_is_kept_as_written_and_the_district_is_asked(gazetteer: Gazetteer) -> None:
    slots = fill(gazetteer, "求助", "路灯坏了一个星期了", "幸福里小区北门")
    assert slots["order_where"] == "幸福里小区北门"
    assert intake.next_slot(slots) == "order_district"
    slots.update(intake.take("order_district", "天元区", slots, gazetteer).slots)
    assert slots["order_district"] == "天元区"
    assert slots["order_where"] == "幸福里小区北门"


def test_suggestions_and_praise_are_not_asked_where_and_when(gazetteer: Gazetteer) -> None:
    slots = fill(gazetteer, "建议", "建议在公园多装几把椅子给老人坐", "匿名")
    assert intake.next_slot(slots) == "order_confirmed"


def test_a_wrong_number_is_asked_again_and_a_spaced_one_is_taken(gazetteer: Gazetteer) -> None:
    step = intake.take("order_contact", "1380000", {}, gazetteer)
    assert not step.understood
    assert step.say
    assert intake.take("order_contact", "138 0000 0000", {}, gazetteer).slots == {
        "order_contact": "13800000000"
    }


@pytest.mark.parametrize("words", ["匿名", "不想留电话", "不留了", "保密"])
def test_a_citizen_may_stay_anonymous(words: str, gazetteer: Gazetteer) -> None:
    slots = fill(gazetteer, "表扬", "表扬社区干部帮忙修好了水管", words)
    assert slots["order_contact"] == intake.ANONYMOUS
    assert intake.next_slot(slots) == "order_confirmed"


@pytest.mark.parametrize(
    ("words", "name", "value"),
    [
        ("不对，电话是13900000000", "order_contact", "13900000000"),
        ("不对,电话是13900000000", "order_contact", "13900000000"),
        ("错了 电话应该是 139 0000 0000", "order_contact", "13900000000"),
        ("不对 是13900000000", "order_contact", "13900000000"),
        ("地点改成天元区泰山路街道", "order_where", "天元区泰山路街道"),
        ("称呼改成李女士", "order_name", "李女士"),
        ("时间改成昨天晚上", "order_when", "昨天晚上"),
    ],
)
def test_a_correction_changes_the_one_field_it_names(
    words: str, name: str, value: str, gazetteer: Gazetteer
) -> None:
    slots: dict[str, str | None] = {
        "order_nature": "投诉",
        "order_what": "楼上装修噪音很大",
        "order_where": "荷塘区月塘街道",
        "order_district": "荷塘区",
        "order_place": "430202|430202001",
        "order_when": "今天",
        "order_contact": "13800000000",
        "order_name": "王先生",
    }
    step = intake.take("order_confirmed", words, slots, gazetteer)
    assert step.slots[name] == value
    changed = {key for key, new in step.slots.items() if slots.get(key) != new}
    assert changed <= {name, "order_district", "order_place"}
    assert step.outcome is None


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("电话改一下", "order_contact"),
        ("不对，电话错了", "order_contact"),
        ("地点不对", "order_where"),
        ("改一下地址", "order_where"),
        ("我想改一下时间", "order_when"),
    ],
)
def test_a_field_that_is_only_named_is_asked_again(words: str, name: str, gazetteer: Gazetteer) -> None:
    slots = fill(gazetteer, "投诉", "楼上装修噪音很大", "荷塘区月塘街道", "今天", "13800000000", "王先生")
    slots.update(intake.take("order_confirmed", words, slots, gazetteer).slots)
    assert intake.next_slot(slots) == name


def test_a_place_corrected_moves_the_district_with_it(gazetteer: Gazetteer) -> None:
    slots = fill(gazetteer, "投诉", "楼上装修噪音很大", "荷塘区月塘街道", "今天", "匿名")
    slots.update(intake.take("order_confirmed", "地点改成天元区泰山路街道", slots, gazetteer).slots)
    assert slots["order_district"] == "天元区"


@pytest.mark.parametrize(
    "words", ["取消", "算了", "算了不反映了", "我不投诉了", "取消登记", "不填了", "退出"]
)
@pytest.mark.parametrize("asked", intake.ORDER)
def test_the_form_can_be_left_at_every_question(words: str, asked: str, gazetteer: Gazetteer) -> None:
    assert intake.take(asked, words, {"order_nature": "投诉"}, gazetteer).outcome == "cancelled"


@pytest.mark.parametrize(
    "words", ["不是我一个人反映，整栋楼都有意见", "物业说了不算了事", "取消了公交车站很不方便"]
)
def test_a_story_is_not_taken_for_a_way_out(words: str, gazetteer: Gazetteer) -> None:
    step = intake.take("order_what", words, {"order_nature": "投诉"}, gazetteer)
    assert step.outcome is None
    assert step.slots["order_what"] == words


@pytest.mark.parametrize(
    "words",
    ["确认提交", "对", "没错", "要得", "好的", "可以", "是的。", "好的提交", "对，没问题", "可以，提交吧"],
)
def test_yes_in_many_words_submits(words: str, gazetteer: Gazetteer) -> None:
    assert intake.take("order_confirmed", words, {"order_nature": "投诉"}, gazetteer).outcome == "submitted"


@pytest.mark.parametrize("words", ["不对", "改一下", "我再想想", "好像不对", "可以改一下吗"])
def test_anything_but_yes_does_not_submit(words: str, gazetteer: Gazetteer) -> None:
    step = intake.take("order_confirmed", words, {"order_nature": "投诉"}, gazetteer)
    assert step.outcome is None
    assert step.say
