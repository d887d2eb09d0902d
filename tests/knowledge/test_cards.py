"""How figures, phones, places and laws are said."""

from __future__ import annotations

from datetime import date

import pytest

from hotline.knowledge import wording
from hotline.knowledge.answers import answer_reply
from hotline.knowledge.cards import Asked, part
from hotline.knowledge.schema import Basis, Policy, TimeLimit
from tests.knowledge.conftest import Make


@pytest.mark.parametrize(
    ("limit", "said"),
    [
        ({"number": 5, "kind": "promised"}, "承诺5个工作日"),
        ({"number": 5, "kind": "promised", "confirm": True}, "约5个工作日，以窗口公布为准"),
        ({"number": 20, "kind": "statutory"}, "法定20个工作日内"),
        ({"number": 60, "kind": "statutory", "unit": "day"}, "法定60天内"),
        ({"number": 24, "kind": "promised", "unit": "hour"}, "承诺24小时"),
        ({"number": 1.5, "kind": "promised", "unit": "month"}, "承诺1.5个月"),
        ({"number": 1, "kind": "statutory", "unit": "year"}, "法定1年内"),
    ],
)
def test_a_time_limit_names_its_unit_and_its_kind(limit: dict[str, object], said: str) -> None:
    assert wording.duration(TimeLimit.model_validate(limit)) == said


def test_a_law_is_named_in_full_with_its_article() -> None:
    law = Basis(law="户口登记条例", article="第七条", text="一个月内申报。")
    assert wording.basis(law) == "《户口登记条例》第七条：一个月内申报"
    assert wording.basis(Basis(law="国发〔2024〕3号")) == "国发〔2024〕3号"
    assert wording.basis(Basis(law="关于退休的决定（2024-09-13）")) == "《关于退休的决定》（2024-09-13）"


def test_a_rule_says_the_year_it_holds_for() -> None:
    assert wording.policy(Policy(text="交 400 元。", year="2025")) == "交 400 元（2025年）"
    assert wording.policy(Policy(text="发新卡。", year="2024-08-01 起")) == "发新卡（2024年8月1日起）"
    assert wording.policy(Policy(text="交 400 元。", confirm=True)) == "交 400 元（以窗口公布为准）"


def test_phones_and_places_show_the_day_they_were_checked(make: Make) -> None:
    kite = make("kite")
    assert part(kite, "phone").lead == "咨询请打：0731-20000001（核对于2026年7月21日）。"
    assert part(kite, "phone").items[0].phone == "0731-20000001"
    assert "核对于2026年7月21日" in str(part(kite, "location").items[0].note)
    supervised = part(kite, "phone", Asked("监督电话是多少"))
    assert "0731-20000002" in supervised.lead


def test_materials_say_what_everybody_needs_and_what_depends(make: Make) -> None:
    told = part(make("kite"), "materials")
    assert told.lead == "要准备：身份证、风筝照片；另外有 1 样看情况准备。"
    assert told.lines == [
        "身份证（可用电子证照）",
        "风筝照片",
        "监护人同意书（未成年人放飞时）",
        "登记表（系统自动生成，不用自己准备）",
    ]


def test_a_fee_that_is_to_be_confirmed_says_so(make: Make) -> None:
    assert part(make("boat"), "fee").lead == "每条船收检验费（以窗口公布为准）。"


def test_the_rule_with_the_amount_comes_first_when_an_amount_is_asked(make: Make) -> None:
    kite = make("kite")
    assert part(kite, "policy", Asked("弄坏花草赔多少钱")).lead.startswith("弄坏花草每株赔 20 元")
    assert part(kite, "policy", Asked("一人放几只")).lead.startswith("一人最多")


def test_a_limit_named_in_the_question_comes_first(make: Make) -> None:
    assert part(make("kite"), "time_limit", Asked("加急要多久")).lead == "加急：承诺24小时。"


def test_a_long_answer_stays_short_and_says_that_there_is_more(make: Make) -> None:
    kite = make("kite", process=[f"第{number}步要做的事情有很多很多很多很多很多。" for number in range(60)])
    reply, _ = answer_reply(kite, ["process"], Asked())
    assert len(reply["text"]) <= 600
    assert "没说完的" in reply["text"]
    assert reply["text"].endswith(reply["source"])
    assert len(reply["card"]["sections"][0]["items"]) == 60


def test_a_matter_of_some_districts_says_so(make: Make) -> None:
    reply, _ = answer_reply(make("kite", districts=["芦淞区", "荷塘区"]), ["fee"], Asked())
    assert "只适用于芦淞区、荷塘区" in reply["text"]


def test_days_are_written_as_people_say_them() -> None:
    assert wording.day(date(2026, 7, 1)) == "2026年7月1日"
