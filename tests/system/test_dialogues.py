"""Whole dialogues through the running hotline: what a citizen says, and what must come of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.running import Running
from tests.system.test_commands import run


def talk(hotline: Running, *said: str) -> list[dict[str, Any]]:
    """Say this in one conversation, and return what each turn gave; ``words`` holds all replies of a turn."""
    line = json.dumps({"id": 1, "turns": [{"user": words} for words in said]}, ensure_ascii=False)
    [found] = run(hotline, "chat", [line])
    turns: list[dict[str, Any]] = found["turns"]
    for turn in turns:
        turn["words"] = "\n".join(reply["text"] for reply in turn["replies"])
    return turns


def test_follow_ups_keep_the_matter_and_a_new_matter_switches(hotline: Running) -> None:
    turns = talk(hotline, "孩子今年上小学要准备什么材料", "那要多久?", "怎么收费", "那退休呢", "要带么子")
    assert [turn["matter"]["code"] for turn in turns] == ["school_enrollment"] * 3 + ["retirement"] * 2
    assert [turn["aspect"] for turn in turns[:3]] == ["materials", "time_limit", "fee"]
    assert "约30个工作日，以窗口公布为准" in turns[1]["words"]
    assert "不收费" in turns[2]["words"]
    assert all("来源：" in turn["words"] and "2026-07-21" in turn["words"] for turn in turns[:3])


def test_a_form_bears_a_question_a_correction_and_an_emergency(hotline: Running) -> None:
    turns = talk(
        hotline,
        "小区消防通道被车堵了没人管",
        "荷塘区月塘街道石子头社区3栋",
        "居住证要什么材料",
        "屋里有股臭鸡蛋味",
        "今天",
        "13800001234",
        "不对,电话是13900001234",
        "王先生",
        "确认提交",
        "确认提交",
    )
    assert turns[2]["matter"]["code"] == "residence_permit"
    assert "什么时候" in turns[2]["words"], "the form goes on after the answer"
    assert turns[3]["handoff"] == "emergency"
    assert "什么时候" in turns[3]["words"], "the form goes on after the numbers to call"
    summary = turns[7]["words"]
    assert "13900001234" in summary
    assert "13800001234" not in summary
    assert "石子头" in summary
    assert turns[8]["work_order"]["number"] == turns[9]["work_order"]["number"]
    assert turns[9]["handoff"] is None, "the second confirmation makes nothing"


def test_a_form_left_for_a_person_is_gone_on_with_by_its_button(hotline: Running) -> None:
    said = ("路灯坏了半个月没人修", "天元区泰山路街道", "转人工", "不等了", "留下工单", "最近几天")
    turns = talk(hotline, *said)
    assert turns[2]["mode"] == "queued"
    assert "路灯坏了半个月没人修" in turns[4]["words"]
    assert "什么时候" in turns[4]["words"], "neither what nor where is asked again"
    assert "电话" in turns[5]["words"]


def test_an_order_can_be_urged_and_withdrawn_after_asking_once_more(hotline: Running) -> None:
    turns = talk(
        hotline,
        "路灯坏了半个月没人修",
        "天元区泰山路街道",
        "最近几天",
        "匿名",
        "确认提交",
        "催一下",
        "我要撤单",
        "不撤回",
        "我要撤单",
        "撤回",
        "查进度",
    )
    statuses = [turn["work_order"] and turn["work_order"]["status"] for turn in turns[4:]]
    assert all(status in ("待受理", "已派单") for status in statuses[:5]), statuses
    assert statuses[5:] == ["已撤回"] * 2
    assert "催办" in turns[-1]["words"]
    assert "撤回" in turns[-1]["words"]


def test_asking_for_an_order_can_be_left_for_something_else(hotline: Running) -> None:
    turns = talk(hotline, "查进度", "居住证怎么办", "查进度", "我要投诉楼上装修噪音太大", "取消")
    assert turns[1]["matter"]["code"] == "residence_permit"
    assert "在哪里" in turns[3]["words"]
    assert "没有提交" in turns[4]["words"]


def test_a_wrong_number_is_told_and_opens_nothing(hotline: Running) -> None:
    turns = talk(hotline, "查进度", "20200101-00001", "123456")
    assert "没有查到" in turns[2]["words"]
    assert turns[2]["work_order"] is None


def test_two_failures_in_a_row_offer_people_and_yes_takes_the_offer(hotline: Running) -> None:
    turns = talk(hotline, "驾驶证过期了怎么换", "护照在哪里办", "好的")
    assert turns[0]["fallback"]
    assert turns[1]["fallback"]
    assert {"转人工", "登记工单"} <= {button["title"] for button in turns[1]["replies"][0]["buttons"]}
    assert turns[2]["mode"] == "queued"


def test_the_queue_can_be_left_in_words(hotline: Running) -> None:
    turns = talk(hotline, "转人工", "有人吗", "不等了", "你好")
    assert [turn["mode"] for turn in turns] == ["queued", "queued", "bot", "bot"]
    assert turns[1]["replies"] == [], "the bot is silent while the citizen waits for a human"
    assert turns[3]["intent"] == "greet"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("我要上访，信访件怎么交", "信访"),
        ("个税退税怎么弄", "12366"),
        ("法院判决我不服怎么办", "法院"),
        ("银行乱扣我的钱", "金融服务接诉即办"),
        ("你们几点上班", "24 小时"),
        ("你是机器人吗", "是机器人"),
    ],
)
def test_what_is_not_the_hotlines_own_is_told_with_where_to_go(
    hotline: Running, words: str, expected: str
) -> None:
    [turn] = talk(hotline, words)
    assert expected in turn["words"]
