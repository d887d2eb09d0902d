"""From what citizens were not answered to what they get."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from sqlalchemy import func, select

from hotline.audit.models import AuditLine
from hotline.conversations.forgetting import do_forget as forget_lines
from hotline.database import Database
from hotline.knowledge.answers import Question
from hotline.knowledge.errors import EditingError
from hotline.knowledge.forgetting import do_forget as forget_questions
from hotline.knowledge.models import UnansweredQuestion
from hotline.knowledge.rights import Person
from hotline.knowledge.service import load_folder
from hotline.quality.errors import QualityError
from hotline.quality.files import write_files
from hotline.quality.forgetting import do_forget
from hotline.quality.groups import Listed, Wanted
from hotline.quality.models import QualityQuestion
from hotline.quality.parts import Quality
from hotline.quality.proposals import Correction
from hotline.quality.sandbox import Addition
from hotline.quality.training_file import corrections_text
from tests.conftest import ROOT
from tests.quality.conftest import AGENT, HE, LEADER, LUO, Say

FLY = ("航模无人机在哪里可以飞", "无人机要到哪里才准飞", "哪些地方可以飞无人机", "想飞无人机去哪里飞得")


async def _groups(quality: Quality, person: Person = HE, **wanted: object) -> list[Listed]:
    await quality.grouper.look(60)
    page = await quality.groups.page(person, Wanted(**wanted))  # type: ignore[arg-type]
    return page.groups


async def test_questions_are_grouped_by_meaning_from_all_sources_and_nothing_is_counted_twice(
    quality: Quality, say: Say, database: Database
) -> None:
    for text in FLY[:3]:
        await say(text, ago=timedelta(days=3))
    await say("孩子的芭蕾舞考级去哪里报名", channel="wechat")
    twice = await say("无人机要到哪里才准飞", "我就问去哪里飞无人机", rated=False, gave_up=True)
    await say("我电话13812345678，社保卡丢了怎么补", rated=False)
    listed = await _groups(quality)
    first = listed[0]
    assert first.group.questions == 5
    assert "无人机" in first.title
    assert first.group.sources == {"没答上": 5, "评价没用": 2, "两次没听懂": 2}
    assert first.group.channels == {"web": 5}
    assert first.group.last_at - first.group.first_at >= timedelta(days=2)
    assert {one.group.questions for one in listed[1:]} == {1}
    rated = next(one for one in listed if "社保卡" in one.title)
    assert "13812345678" not in rated.title
    assert rated.group.sources == {"评价没用": 1}
    assert rated.group.nearest[0]["code"] == "social_security_card"

    await say(FLY[3])
    assert (await _groups(quality))[0].group.questions == 6
    folder = await quality.groups.folder(HE, first.group.id)
    assert len(folder.questions) == 6
    assert any(set(one.sources) == {"没答上", "评价没用", "两次没听懂"} for one in folder.questions)

    async with database.transaction() as session:
        await forget_lines(session, [twice])
        await forget_questions(session, [twice])
        await do_forget(session, [twice])
    await _groups(quality)
    async with database.transaction() as session:
        left = select(func.count()).where(QualityQuestion.conversation_id == twice)
        assert await session.scalar(left) == 0


async def test_a_group_is_handled_by_a_published_sample_and_comes_back_when_it_is_asked_again(
    quality: Quality, say: Say, database: Database
) -> None:
    asked = "单位把我的名字从花名册划掉了，钱断了怎么续"
    await say(asked)
    (listed,) = await _groups(quality)
    number = listed.group.id
    with pytest.raises(QualityError, match="只有知识编辑"):
        await quality.groups.do_mark(LEADER, number, "已处理", "改了")
    with pytest.raises(QualityError, match="不看问答质量"):
        await quality.groups.page(AGENT, Wanted())

    code = "flexible_insurance"
    (before,) = await quality.sandbox.do_try(HE, [asked], additions=[Addition(code, samples=(asked,))])
    assert before.live.outcome == "unknown"
    assert before.candidate is not None
    assert before.candidate.matter is not None
    assert before.candidate.matter.code == code
    assert before.changes

    version = await quality.acting.do_extend(HE, number, code, samples=[asked])
    assert version.state == "草稿"
    assert asked in version.content["samples"]
    folder = await quality.groups.folder(HE, number)
    assert folder.listed.group.state == "处理中"
    assert [(draft.kind, state) for draft, state in folder.drafts] == [("问法", "草稿")]
    (tried,) = await quality.sandbox.do_try(HE, [asked], drafts=[version.id])
    assert tried.candidate is not None
    assert tried.candidate.outcome == "answer"

    desk = quality.desk
    version = await desk.reviewing.do_submit(HE, version.id, version.revision)
    with pytest.raises(EditingError):
        await desk.reviewing.do_approve(HE, version.id, version.revision)
    version = await desk.reviewing.do_approve(LUO, version.id, version.revision)
    (version,) = await desk.publishing.do_publish(LUO, [(version.id, version.revision)])
    assert version.verdict is not None
    assert version.verdict["passed"]
    await quality.knowledge.refresh()
    answer = await quality.knowledge.answer(Question(text=asked, today=desk.looking.today))
    assert answer.matter is not None
    assert answer.matter.code == code

    await _groups(quality)
    folder = await quality.groups.folder(HE, number)
    assert folder.listed.group.state == "已处理"
    async with database.transaction() as session:
        handled = await session.scalar(
            select(UnansweredQuestion.handled_at).where(UnansweredQuestion.text == asked)
        )
    assert handled is not None

    await say(asked, rated=False)
    await _groups(quality)
    again = (await quality.groups.folder(HE, number)).listed.group
    assert again.state == "待处理"
    assert again.recurred_at is not None


async def test_two_editors_make_a_correction_and_a_question_outside_the_base(
    quality: Quality, say: Say, database: Database
) -> None:
    said = "我是王小明，13812345678，楼下烧烤摊油烟熏死人，你们[管不管]"
    proposal = await quality.proposals.do_correct(
        HE, Correction(said, "complaint", found="ask_matter", confidence=0.4)
    )
    assert "13812345678" not in proposal.text
    assert "王小明" not in proposal.text
    for given, words in (
        (Correction(said, "help_request"), "已经有人提过"),
        (Correction("另一句话", "no_such"), "没有这个意图"),
        (Correction("另一句话", "thanks", found="thanks"), "本来就是"),
        (Correction("  ", "thanks"), "写上问法"),
    ):
        with pytest.raises(QualityError, match=words):
            await quality.proposals.do_correct(HE, given)
    with pytest.raises(QualityError, match="另一位"):
        await quality.proposals.do_review(HE, proposal.id, True)
    with pytest.raises(QualityError, match="退回的原因"):
        await quality.proposals.do_review(LUO, proposal.id, False)
    await quality.proposals.do_review(LUO, proposal.id, True)
    rows = await quality.proposals.approved("意图")
    text = corrections_text([(str(row.intent), row.text) for row in rows])
    written = yaml.safe_load(text)["nlu"]
    assert [item["intent"] for item in written] == ["complaint"]
    assert "烧烤摊" in written[0]["examples"]
    assert "[" not in written[0]["examples"]
    assert "已删" not in written[0]["examples"]

    await say("城里骑共享单车办月卡哪里便宜")
    (listed,) = await _groups(quality)
    (outside,) = await quality.proposals.do_propose_outside(HE, listed.group.id, [listed.title], "")
    done = await quality.proposals.do_review(LUO, outside.id, True)
    assert done.verdict is not None
    assert done.verdict["passed"]
    await load_folder(database, ROOT / "data" / "knowledge")  # a new start reads the files: it stays
    await quality.knowledge.refresh()
    assert listed.title in quality.knowledge.base.index.outside_texts

    async with database.transaction() as session:
        actions = set(await session.scalars(select(AuditLine.action)))
    assert {"提出意图", "通过意图", "提出库外", "通过库外"} <= actions


async def test_editors_of_a_unit_see_the_groups_nearest_to_their_matters_only(
    quality: Quality, say: Say
) -> None:
    await say("社保卡丢了怎么补", rated=False)
    await say("门诊看病医保能报好多", rated=False)
    names = quality.desk.names.of("medical_insurance")
    unit = Person(number="5002", roles=("承办单位", "知识编辑"), unit=names, unit_name="市医保局")
    everything, mine = await _groups(quality), await _groups(quality, unit)
    assert len(everything) == 2
    assert len(mine) == 1
    assert "门诊" in mine[0].title
    other = next(one for one in everything if one.group.id != mine[0].group.id)
    with pytest.raises(QualityError, match="处理不了"):
        await quality.groups.folder(unit, other.group.id)


def test_every_intent_has_a_name_that_people_understand(quality: Quality) -> None:
    domain = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
    intents = {next(iter(item)) if isinstance(item, dict) else item for item in domain["intents"]}
    assert set(quality.proposals.intents) - {"nlu_fallback"} == intents - {"nlu_fallback"}


def test_approved_words_go_into_the_files_once_and_leave_the_rest_as_it_was(tmp_path: Path) -> None:
    for folder in ("nlu", "knowledge"):
        (tmp_path / folder).mkdir()
    not_covered = tmp_path / "knowledge" / "not_covered.txt"
    not_covered.write_text("# 别处的事\n护照怎么换\n", encoding="utf-8")
    given = [("complaint", "楼下油烟熏死人"), ("complaint", "楼下油烟熏死人")]
    changed = write_files(tmp_path, given, ["护照怎么换", "共享单车月卡哪里便宜"])
    assert {path.name for path in changed} == {"corrections.yml", "not_covered.txt"}
    text = not_covered.read_text(encoding="utf-8")
    assert text.startswith("# 别处的事\n护照怎么换\n")
    assert text.count("护照怎么换") == 1
    assert text.endswith("共享单车月卡哪里便宜\n")
    assert (tmp_path / "nlu" / "corrections.yml").read_text(encoding="utf-8").count("油烟") == 1
    assert write_files(tmp_path, given, ["共享单车月卡哪里便宜"]) == []
