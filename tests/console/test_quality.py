"""A question that a citizen got no answer to: grouped, tried, reviewed by a second editor, published, and answered."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from hotline.knowledge.answers import Question
from hotline.knowledge.rights import Person
from hotline.knowledge.service import record_unanswered
from tests.console.conftest import Enter, House, axe, screenshot

ASKED = "单位把我的名字从花名册划掉了，钱断了怎么续"
ALIKE = "名字从单位花名册划掉了钱断了怎么接着续"
#: The gate asks 640 questions twice, beside whatever else the machine does.
_GATE_SECONDS = 600
NARROW = {"width": 1100, "height": 800}


@pytest.fixture(autouse=True)
def patience() -> Iterator[None]:
    """A base is built and hundreds of questions are asked beside the pages."""
    expect.set_options(timeout=20_000)
    yield
    expect.set_options(timeout=5_000)


def _citizen_says(house: House, text: str) -> str:
    """A citizen writes on the web and gets what the base says; the reply."""
    return house.do(_said(house, text))


async def _said(house: House, text: str) -> str:
    state = house.app.state
    conversation = await state.conversations.start("web")
    message = await state.conversations.receive(conversation, client_id=uuid.uuid4().hex, text=text)
    found = await state.knowledge.answer(Question(text=text, today=state.knowledge_editing.looking.today))
    evidence = {
        "intent": "ask_matter",
        "confidence": 0.52,
        "fallback": found.outcome == "unknown",
        "matter": {"code": found.matter.code, "title": found.matter.title} if found.matter else None,
    }
    async with state.database.transaction() as session:
        await state.conversations.deliver(session, conversation, message.seq, [found.reply], evidence)
        if found.outcome == "unknown":
            await record_unanswered(
                session,
                message_id=f"{conversation}:{message.seq}",
                conversation_id=str(conversation),
                text=text,
                candidates=found.candidates,
            )
    return str(found.reply["text"])


def test_an_unanswered_question_is_answered_once_two_editors_have_dealt_with_it(
    house: House, enter: Enter
) -> None:
    for text in (ASKED, ALIKE, "我电话13812345678，楼下烧烤摊油烟熏死人你们管不管"):
        assert "没有拿得准的答案" in _citizen_says(house, text)

    editor = enter("6001", "/quality")
    row = editor.get_by_role("row").filter(has_text="花名册")
    expect(row).to_contain_text("没答上 2", timeout=60_000)
    expect(editor.get_by_text("13812345678")).to_have_count(0)
    assert axe(editor) == []
    screenshot(editor, "quality-groups")

    row.get_by_role("link").first.click()
    expect(editor.get_by_text(ASKED).first).to_be_visible()
    editor.get_by_role("checkbox", name=ASKED).check()
    editor.get_by_role("combobox", name="事项").fill("灵活就业")
    editor.get_by_role("option", name="灵活就业").first.click()
    expect(editor.get_by_role("textbox", name="加成问法")).to_have_value(ASKED)
    editor.get_by_role("button", name="先试一试").click()
    expect(editor.get_by_text("个会变")).to_be_visible(timeout=90_000)
    expect(editor.get_by_role("article", name="现在")).to_contain_text("答不上")
    expect(editor.get_by_role("article", name="加上草稿以后")).to_contain_text("直接回答：灵活就业")
    assert axe(editor) == []
    screenshot(editor, "quality-group")
    editor.get_by_role("button", name="加进草稿").click()
    expect(editor.get_by_text("已加进草稿", exact=False).first).to_be_visible()
    expect(editor.locator(".facts")).to_contain_text("处理中")

    # The wrong intent of another sentence.
    editor.goto(f"{house.url}/console/quality?q=烧烤")
    editor.get_by_role("row").filter(has_text="烧烤").get_by_role("link").first.click()
    editor.get_by_role("button", name="改意图").click()
    editor.get_by_role("combobox", name="应该是").fill("投诉")
    editor.get_by_role("option", name="投诉").click()
    editor.get_by_role("button", name="提出纠正").click()
    expect(editor.get_by_text("已提出改为")).to_be_visible()

    second = enter("6002", "/quality/corrections")
    expect(second.get_by_role("row").filter(has_text="烧烤")).to_contain_text("投诉")
    assert axe(second) == []
    screenshot(second, "quality-corrections")
    second.get_by_role("button", name="通过", exact=True).click()
    second.get_by_role("button", name="已通过 1").click()
    expect(second.get_by_role("row").filter(has_text="烧烤")).to_contain_text("6002")
    with second.expect_download() as loading:
        second.get_by_role("button", name="下载训练文件").click()
    written = loading.value.path().read_text(encoding="utf-8")
    assert "intent: complaint" in written
    assert "烧烤摊" in written
    assert "1381" not in written
    second.get_by_role("tab", name="找句子").click()
    expect(second.get_by_role("row").filter(has_text="138****5678")).to_be_visible()
    assert axe(second) == []

    _publish(house)
    assert "灵活就业" in _citizen_says(house, ASKED)
    editor.goto(f"{house.url}/console/quality?state=已处理")
    expect(editor.get_by_role("row").filter(has_text="花名册")).to_contain_text("已处理", timeout=30_000)

    reader = enter("4001", "/quality/release", NARROW)
    expect(reader.get_by_text("灵活就业").first).to_be_visible()
    assert axe(reader) == []
    screenshot(reader, "quality-release")
    reader.goto(f"{house.url}/console/quality?state=已处理")
    reader.get_by_role("link", name="花名册").first.click()
    expect(reader.get_by_role("link", name="看会话").first).to_be_visible()
    expect(reader.get_by_role("button", name="加进草稿")).to_have_count(0)
    assert axe(reader) == []
    screenshot(reader, "quality-group-1100")
    reader.goto(f"{house.url}/console/quality/sandbox")
    reader.get_by_label("要试的问题").fill(f"{ASKED}\n社保卡丢了怎么补")
    reader.get_by_role("button", name="开始试问").click()
    expect(reader.get_by_role("article", name="现在")).to_be_visible(timeout=30_000)
    assert axe(reader) == []
    screenshot(reader, "quality-sandbox")


def _publish(house: House) -> None:
    """The second editor looks at the draft and publishes it; the pages for it have a test of their own."""

    async def published() -> None:
        desk = house.app.state.knowledge_editing
        first, second = (Person(number=number, roles=("知识编辑",)) for number in ("6001", "6002"))
        lines = await desk.looking.lines(first)
        (version,) = [draft for line in lines for draft in line.drafts if draft.origin == "质检"]
        version = await desk.reviewing.do_submit(first, version.id, version.revision)
        version = await desk.reviewing.do_approve(second, version.id, version.revision)
        await desk.publishing.do_publish(second, [(version.id, version.revision)])
        await house.app.state.knowledge.refresh()

    asyncio.run_coroutine_threadsafe(published(), house.loop).result(_GATE_SECONDS)
