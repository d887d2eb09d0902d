from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from hotline.language.emergency import detect_emergency

MESSAGES: dict[str, list[str]] = yaml.safe_load(
    Path(__file__).with_name("emergency_messages.yml").read_text(encoding="utf-8")
)
DANGER = [(kind, text) for kind, texts in MESSAGES.items() if kind != "none" for text in texts]


@pytest.mark.parametrize(("kind", "text"), DANGER)
def test_danger_is_found_and_its_kind(kind: str, text: str) -> None:
    found = detect_emergency(text)
    assert found is not None, "missed"
    assert found.kind == kind
    assert set(found.numbers) <= {"110", "119", "120", "122"}


@pytest.mark.parametrize("text", MESSAGES["none"])
def test_what_only_sounds_dangerous_is_left_alone(text: str) -> None:
    found = detect_emergency(text)
    assert found is None, found


def test_there_are_enough_messages_of_both_kinds() -> None:
    assert len(DANGER) >= 100
    assert len(MESSAGES["none"]) >= 100


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("我家着火了", "119"),
        ("屋里有股臭鸡蛋味", "119"),
        ("烧炭取暖屋里两个人叫不醒", "120"),
        ("我爸叫不醒", "120"),
        ("有人拿刀", "110"),
        ("出车祸了", "122"),
        ("被车撞了，流了好多血", "120"),
        ("对面楼顶边上坐着个人", "110"),
        ("我女儿吃了一瓶安眠药", "120"),
        ("掉河里了", "119"),
        ("电梯里关着人", "119"),
    ],
)
def test_the_number_that_helps_first_comes_first(text: str, number: str) -> None:
    found = detect_emergency(text)
    assert found is not None
    assert found.numbers[0] == number


def test_the_injured_need_an_ambulance_too() -> None:
    found = detect_emergency("有人拿刀砍人，流了好多血")
    assert found is not None
    assert found.numbers[0] == "110"
    assert "120" in found.numbers


@pytest.mark.parametrize(
    "text",
    [
        "本来想问医保报销的，我爸现在突然倒地了喊不应",
        "我要投诉物业，楼道里的电动车现在烧起来了他们也不管",
        "消防通道被堵了，楼上着火了消防车进不来",
        "想咨询一下离婚怎么办，他正在砸门要打我",
        "我反映多次了没人管，今天我就从楼顶跳下去",
        "派出所电话打不通，有人在撬我家的门",
    ],
)
def test_danger_inside_another_request_is_still_found(text: str) -> None:
    assert detect_emergency(text) is not None
