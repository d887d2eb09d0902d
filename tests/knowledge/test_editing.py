"""Drafts, review and publishing by two people, on a real PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import psycopg
import pytest

from hotline.audit.service import Wanted as AuditWanted
from hotline.audit.service import lines as audit_lines
from hotline.database import Database
from hotline.knowledge.cautions import read_cautions
from hotline.knowledge.due import Rule
from hotline.knowledge.editing import Editing
from hotline.knowledge.errors import EditingError
from hotline.knowledge.looking import Looking, Wanted, chosen
from hotline.knowledge.models import MatterVersion
from hotline.knowledge.publishing import Publishing
from hotline.knowledge.reviewing import Reviewing
from hotline.knowledge.rights import Person
from hotline.knowledge.schema import Matter
from hotline.knowledge.service import CHANNEL, Knowledge, load_folder
from hotline.quality.gate import Figure, Verdict
from hotline.settings import ROOT

ANNA = Person(number="6001", roles=["知识编辑"])
BERT = Person(number="6002", roles=["知识编辑"])
POND = Person(
    number="5002", roles=["承办单位", "知识编辑"], unit=frozenset({"水产站", "市水产站"}), unit_name="水产站"
)


def verdict(value: float) -> Verdict:
    """What the gate says of a base that gives ``value``."""
    figure = Figure("matters.top1", "给对事项", value, 0.9, 0.95, value >= 0.9, False)
    return Verdict(figure.passed, [figure], [], [], [], 640, 0, 0.1)


class Office:
    """All parts of the editing, over one small base; the gate says what is put into ``says``."""

    def __init__(self, database: Database) -> None:
        cautions = read_cautions(ROOT / "data" / "knowledge")
        self.database = database
        self.knowledge = Knowledge(database, encoder="none")
        self.editing = Editing(database, cautions)
        self.reviewing = Reviewing(database, cautions)
        self.publishing = Publishing(database, cautions, self.knowledge, self._judge)
        self.looking = Looking(database, Rule(days=180, soon_days=30))
        self.says = verdict(0.93)
        self.asked: list[tuple[list[str], list[str]]] = []

    async def _judge(
        self, knowledge: Knowledge, changed: Sequence[Matter], withdrawn: Collection[str] = ()
    ) -> Verdict:
        assert knowledge is self.knowledge
        self.asked.append(([one.code for one in changed], list(withdrawn)))
        return self.says

    async def draft(self, code: str, person: Person = ANNA, **fields: Any) -> MatterVersion:
        """A draft that is written."""
        draft = await self.editing.do_begin(person, code)
        return await self.save(draft, person, **fields)

    async def save(self, draft: MatterVersion, person: Person = ANNA, **fields: Any) -> MatterVersion:
        return await self.editing.do_save(
            person, draft.id, draft.revision, draft.content | fields, "改了内容"
        )

    async def good(self, draft: MatterVersion, author: Person = ANNA) -> MatterVersion:
        """The draft, given to Bert and found good."""
        given = await self.reviewing.do_submit(author, draft.id, draft.revision)
        return await self.reviewing.do_approve(BERT, given.id, given.revision)

    async def published(self, code: str, author: Person = ANNA, **fields: Any) -> MatterVersion:
        """The matter with other fields, published by two people."""
        good = await self.good(await self.draft(code, author, **fields), author)
        return (await self.publishing.do_publish(BERT, [(good.id, good.revision)]))[0]

    async def states(self, code: str) -> list[tuple[int, str, str]]:
        """Number, state and origin of all versions."""
        _, found = await self.looking.matter(ANNA, code)
        return [(one.number, one.state, one.origin) for one in reversed(found)]

    async def content(self, code: str) -> dict[str, Any]:
        """What is published of a matter."""
        line, _ = await self.looking.matter(ANNA, code)
        return dict(line.content)

    async def says_now(self, code: str, field: str) -> Any:
        """What the base holds, fetched anew."""
        await self.knowledge.refresh()
        found = self.knowledge.matter(code)
        return None if found is None else getattr(found, field)


@pytest.fixture
async def office(database: Database, folder: Path) -> Office:
    await load_folder(database, folder)
    return Office(database)


def refuses(code: str) -> Any:
    """An :class:`EditingError` of this code, with Chinese words."""

    def fits(error: BaseException) -> bool:
        return isinstance(error, EditingError) and error.code == code and not error.message.isascii()

    return pytest.raises(EditingError, check=fits)


async def test_what_one_person_wrote_another_finds_good_and_publishes_at_once_for_all(
    office: Office, database_url: str
) -> None:
    draft = await office.draft("kite", summary="风筝证现在当场就能领。")
    with refuses("refused"):
        await office.reviewing.do_approve(BERT, draft.id, draft.revision)
    given = await office.reviewing.do_submit(ANNA, draft.id, draft.revision)
    with refuses("forbidden"):
        await office.reviewing.do_approve(ANNA, given.id, given.revision)
    with refuses("missing"):
        await office.reviewing.do_send_back(BERT, given.id, given.revision, " ")
    back = await office.reviewing.do_send_back(BERT, given.id, given.revision, "请写明在哪里领")
    assert (back.state, back.reason) == ("已退回", "请写明在哪里领")
    draft = await office.save(back, summary="风筝证现在在南门窗口当场就能领。")
    good = await office.good(draft)
    with refuses("forbidden"):
        await office.publishing.do_publish(ANNA, [(good.id, good.revision)])
    assert await office.says_now("kite", "summary") == "放大风筝要先领一张风筝证，网上就能办。"

    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as listener:
        await listener.execute(f"LISTEN {CHANNEL}")
        [live] = await office.publishing.do_publish(BERT, [(good.id, good.revision)])
        assert [one.channel async for one in listener.notifies(timeout=0.5)] == [CHANNEL]
    assert office.asked == [(["kite"], [])]
    assert await office.says_now("kite", "summary") == "风筝证现在在南门窗口当场就能领。"
    assert await office.states("kite") == [(1, "已被替换", "文件"), (2, "已发布", "网页")]
    assert (live.author, live.reviewer, live.publisher) == ("6001", "6002", "6002")
    found, _ = await audit_lines(office.database, AuditWanted(subject="事项-kite"))
    assert [(one.action, one.actor) for one in reversed(found)] == [
        ("新建草稿", "6001"),
        ("修改草稿", "6001"),
        ("提交审核", "6001"),
        ("退回草稿", "6002"),
        ("修改草稿", "6001"),
        ("提交审核", "6001"),
        ("审核通过", "6002"),
        ("发布事项", "6002"),
    ]


async def test_whoever_changed_a_draft_does_not_judge_it(office: Office) -> None:
    draft = await office.draft("kite", summary="风筝证当场就能领。")
    draft = await office.save(draft, BERT, audience="想放大风筝的人。")
    given = await office.reviewing.do_submit(ANNA, draft.id, draft.revision)
    with refuses("forbidden"):
        await office.reviewing.do_approve(BERT, given.id, given.revision)


async def test_of_two_who_write_or_publish_at_once_one_wins_and_the_other_hears_why(office: Office) -> None:
    begun = await asyncio.gather(
        *(office.editing.do_begin(one, "kite") for one in (ANNA, BERT)), return_exceptions=True
    )
    [draft] = [one for one in begun if isinstance(one, MatterVersion)]
    [late] = [one for one in begun if isinstance(one, EditingError)]
    assert (late.code, "第 2 版" in late.message) == ("taken", True)

    saved = await asyncio.gather(
        office.save(draft, ANNA, summary="风筝证当场就能领。"),
        office.save(draft, BERT, unit="风筝管理处"),
        return_exceptions=True,
    )
    [won] = [one for one in saved if isinstance(one, MatterVersion)]
    [lost] = [one for one in saved if isinstance(one, EditingError)]
    assert lost.code == "changed"
    assert "一句话说明" in lost.message
    assert "负责单位" in lost.message
    assert won.revision == 2

    await office.editing.do_save(
        ANNA, won.id, 2, {**won.content, "unit": "公园管理处", "summary": "当场领证。"}, "改了"
    )
    other = await office.draft("boat", summary="木船一年检两次。")
    good = await office.good(other)
    done = await asyncio.gather(
        *(office.publishing.do_publish(BERT, [(good.id, good.revision)]) for _ in range(3)),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in done) == ["EditingError", "EditingError", "list"]


async def test_what_the_gate_refuses_reaches_nobody_and_keeps_the_figures(office: Office) -> None:
    good = await office.good(await office.draft("kite", summary="风筝证当场就能领。"))
    other = await office.good(await office.draft("pond", summary="包鱼塘网上登记。"))
    both = [(good.id, good.revision), (other.id, other.revision)]
    office.says = verdict(0.81)
    with pytest.raises(EditingError) as raised:
        await office.publishing.do_publish(BERT, both)
    assert raised.value.code == "gate"
    assert "给对事项 0.81，要求不低于 0.9（现在 0.95）" in raised.value.message
    assert await office.says_now("kite", "summary") == "放大风筝要先领一张风筝证，网上就能办。"
    standing = await office.editing.standing(good.id)
    assert standing.version.state == "待发布"
    assert standing.version.verdict is not None
    assert standing.version.verdict["figures"][0]["value"] == 0.81

    office.says = verdict(0.93)
    await office.publishing.do_publish(BERT, both)
    assert office.asked[-1] == (["kite", "pond"], [])
    assert await office.says_now("pond", "summary") == "包鱼塘网上登记。"


async def test_a_draft_that_was_overtaken_is_brought_up_to_date_first(office: Office, folder: Path) -> None:
    draft = await office.draft("kite", summary="风筝证当场就能领。", aliases=["放风筝", "风筝证", "纸鸢"])
    path = folder / "life" / "kite.yml"
    text = path.read_text(encoding="utf-8").replace("办理不收费。", "每张收工本费。")
    path.write_text(text.replace("[放风筝, 风筝证]", "[放风筝, 风筝证, 大风筝]"), encoding="utf-8")
    assert await load_folder(office.database, folder) == 1
    with refuses("stale"):
        await office.reviewing.do_submit(ANNA, draft.id, draft.revision)
    assert (await office.editing.standing(draft.id)).stale
    draft, clashes = await office.editing.do_rebase(ANNA, draft.id, draft.revision)
    assert clashes == []
    assert draft.content["summary"] == "风筝证当场就能领。"
    assert draft.content["fee"]["text"] == "每张收工本费。"
    assert draft.content["aliases"] == ["放风筝", "风筝证", "大风筝", "纸鸢"]
    assert (await office.good(draft)).state == "待发布"


async def test_a_draft_may_be_unfinished_but_is_not_given_on_before_it_is_whole(office: Office) -> None:
    draft = await office.editing.do_new(ANNA, {"title": "放孔明灯登记", "unit": "公园管理处"})
    assert draft.code == "fang_kong_ming_deng_deng_ji"
    broken: dict[str, Any] = {
        "title": "小木船年检",
        "phone": [{"number": "110 报警", "use": "咨询"}],
        "fee": {"confirm": True},
    }
    draft = await office.save(draft, **broken, summary="一律免费，以后再说。", samples=["放灯"])
    told = {str(one) for one in (await office.editing.standing(draft.id)).troubles}
    assert "事项名称：和事项 boat 的名称重复" in told
    assert "电话第 1 条的号码：电话号码写法不对，应是 0731-28681541 或 12333 这样" in told
    assert "电话第 1 条的核对日期：没有填" in told
    assert "群众的问法：条数不够，至少要 8 条" in told
    with refuses("invalid"):
        await office.reviewing.do_submit(ANNA, draft.id, draft.revision)
    for misshapen in ({"materials": "身份证"}, {"nonsense": 1}, {"summary": ["a"]}, {"summary": "长" * 6000}):
        with refuses("invalid"):
            await office.save(draft, **misshapen)
    with refuses("refused"):
        same = await office.draft("boat")
        await office.reviewing.do_submit(ANNA, same.id, same.revision)


async def test_withdrawing_and_going_back_are_versions_too(office: Office) -> None:
    await office.published("boat", summary="木船一年检两次。")
    gone = await office.editing.do_begin(ANNA, "boat", withdraw=True, note="不再年检了")
    good = await office.good(gone)
    await office.publishing.do_publish(BERT, [(good.id, good.revision)])
    assert office.asked[-1] == ([], ["boat"])
    assert await office.says_now("boat", "title") is None
    with refuses("refused"):
        await office.editing.do_begin(ANNA, "boat", withdraw=True)
    again = await office.editing.do_begin(BERT, "boat", number=1, note="恢复")
    assert again.content["summary"] == "小木船一年检一次。"
    dropped = await office.reviewing.do_discard(BERT, again.id, again.revision)
    assert dropped.state == "已作废"
    assert [state for _, state, _ in await office.states("boat")] == [
        "已被替换",
        "已被替换",
        "已发布",
        "已作废",
    ]


async def test_a_unit_edits_its_own_matters_and_sees_the_others(office: Office) -> None:
    draft = await office.draft("pond", POND, summary="包鱼塘网上登记。")
    for attempt in (
        office.editing.do_begin(POND, "kite"),
        office.save(draft, POND, unit="公园管理处"),
        office.editing.do_new(POND, {"title": "放孔明灯", "unit": "公园管理处"}),
        office.editing.do_extend(POND, "kite", samples=["放风筝去哪"]),
    ):
        with refuses("forbidden"):
            await attempt
    own = await office.editing.do_new(POND, {"title": "鱼苗领取"})
    assert own.content["unit"] == "水产站"
    lines = await office.looking.lines(POND)
    assert len(lines) == 4
    assert [line.code for line in lines if POND.owns(line.unit)] == ["pond", own.code]
    assert POND.owns("水产站（登记）、公园管理处")
    agent = Person(number="1024", roles=["坐席"])
    assert {line.code for line in await office.looking.lines(agent)} == {"kite", "pond", "boat"}
    for attempt in (office.editing.do_begin(agent, "kite"), office.editing.do_new(agent, {"title": "灯"})):
        with refuses("forbidden"):
            await attempt
    with refuses("forbidden"):
        await office.looking.lines(Person(number="9001", roles=["管理员"]))


async def test_a_sample_from_the_quality_loop_goes_into_the_draft_that_is_there(office: Office) -> None:
    first = await office.editing.do_extend(
        ANNA, "kite", samples=["纸鸢怎么放", "放风筝要办证吗"], note="漏答"
    )
    second = await office.editing.do_extend(BERT, "kite", samples=["我想放纸鸢"], aliases=["纸鸢"])
    assert (first.id, second.origin) == (second.id, "质检")
    assert second.content["samples"][-2:] == ["纸鸢怎么放", "我想放纸鸢"]
    assert second.content["aliases"][-1] == "纸鸢"
    given = await office.reviewing.do_submit(ANNA, second.id, second.revision)
    with refuses("refused"):
        await office.editing.do_extend(ANNA, "kite", samples=["再来一句"])
    assert given.state == "待审核"


async def test_what_is_due_is_listed_and_counted(office: Office) -> None:
    await office.published("boat", review_on="2026-01-01", valid_to="2026-08-01")
    await office.published("pond", POND, review_on="2099-01-01", valid_from="2020-01-01", valid_to=None)
    lines = {line.code: line for line in await office.looking.lines(ANNA)}
    assert lines["boat"].due == ["已失效", "待复核"]
    assert lines["pond"].due == []
    assert str(lines["kite"].review) == "2027-01-17"  # 180 days after its source was checked
    found = chosen(list(lines.values()), Wanted(due="any"))
    assert [line.code for line in found] == ["boat"]
    given = await office.draft("kite", summary="当场领证。")
    await office.reviewing.do_submit(ANNA, given.id, given.revision)
    assert await office.looking.counts(BERT) == {"due": 1, "to_review": 1, "returned": 0, "of_files": 0}
    assert await office.looking.counts(POND) == {"due": 0, "to_review": 0, "returned": 0, "of_files": 0}
