"""The workbench and the citizen's own page side by side in a real browser, as an agent works all day."""

from __future__ import annotations

import io
import re
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import update

from hotline.conversations.hours import HumanHours
from hotline.conversations.steps import append, lock
from hotline.database import now
from hotline.desk.models import DeskAgent
from hotline.desk.rights import Person
from tests.console.cases import Case, Step
from tests.console.conftest import DISPATCHER, Enter, House, axe, screenshot
from tests.console.test_conversations import AGENTS, citizen, claim, desk, end, on_duty, write

__all__ = ["citizen", "desk"]

PHONE = {"width": 420, "height": 800}
Widget = Callable[..., Page]


@pytest.fixture
def widget(browser: Browser, desk: House) -> Iterator[Widget]:
    """Opens the citizen's page and says something there; with 转人工 the citizen then waits."""
    contexts = []
    problems: list[str] = []
    _nobody_waits(desk)

    def opened(*words: str) -> Page:
        context = browser.new_context(viewport=PHONE, locale="zh-CN", timezone_id="Asia/Shanghai")
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto(desk.url)
        for one in words:
            say(page, one)
            waits = re.compile("^已经帮您转人工|^现在不是人工服务时间")
            answer = page.get_by_text(waits if one == "转人工" else f"答：{one}")
            expect(answer).to_be_visible(timeout=15_000)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not problems


def _nobody_waits(house: House) -> None:
    """What other tests have left waiting, or in somebody's hands, is nobody's business here."""
    house.do(house.app.state.web.conversations.do_end_stale_queues(0))
    parts = house.app.state.desk
    for number in AGENTS:
        agent = Person(number=number)
        for line in house.do(parts.looking.state(agent))["mine"]:
            house.do(parts.desk.do_close(agent, uuid.UUID(line["id"])))


def say(page: Page, words: str) -> None:
    """The citizen writes and sends."""
    page.get_by_test_id("input").fill(words)
    page.get_by_test_id("input").press("Enter")


def in_queue(page: Page, words: str) -> Locator:
    """The line of whoever said this last, while waiting."""
    return page.get_by_role("region", name="排队等待").locator("li").filter(has_text=words)


def own(page: Page, words: str) -> Locator:
    """The line of one's own conversation in which this was said last."""
    return page.get_by_role("region", name="我的会话").locator("li").filter(has_text=words)


def take(page: Page, words: str) -> None:
    """Claim the one who said this."""
    in_queue(page, words).get_by_role("button", name="领取会话").click()
    expect(page.get_by_role("heading", name="您在接待")).to_be_visible()
    expect(page.get_by_label("回复市民")).to_be_focused()


def photograph() -> bytes:
    """A picture from a citizen's telephone."""
    content = io.BytesIO()
    Image.new("RGB", (800, 600), "#8a9aa8").save(content, "JPEG")
    return content.getvalue()


def test_agent_and_citizen_see_each_other_write_and_the_agent_sees_all_that_was_sent(
    enter: Enter, widget: Widget
) -> None:
    page = on_duty(enter, "6101")
    someone = widget("石峰区响石岭工地半夜打桩，电话 13800138000", "转人工")
    expect(someone.get_by_test_id("queue")).to_contain_text("第1位")
    # What the citizen said stands in the queue, not what the system said to it.
    expect(in_queue(page, "石峰区响石岭工地半夜打桩，电话 138****8000")).to_have_count(1)
    take(page, "响石岭")
    log = page.get_by_role("log")

    someone.get_by_test_id("photo-input").set_input_files(
        {"name": "p.jpg", "mimeType": "image/jpeg", "buffer": photograph()}
    )
    someone.get_by_test_id("photo-send").click()
    log.get_by_role("button", name="放大第 1 张照片").click()
    picture = page.get_by_role("dialog", name="照片").get_by_role("img", name="第 1 张")
    expect(picture).to_be_visible()
    picture.evaluate("image => image.decode()")
    assert picture.evaluate("image => image.naturalWidth") == 800
    page.keyboard.press("Escape")
    expect(picture).to_be_hidden()

    someone.get_by_test_id("input").press_sequentially("我家在三楼")
    expect(page.get_by_text("市民正在输入")).to_be_visible()
    page.get_by_label("回复市民").press_sequentially("您好")
    expect(someone.get_by_test_id("typing")).to_contain_text("坐席正在输入")
    page.get_by_label("回复市民").fill("")

    log.get_by_text("机器人的理解：投诉 · 93% · 夜间施工噪声投诉").click()
    expect(log.get_by_text("夜间施工噪声投诉（82%）").first).to_be_visible()
    log.get_by_role("button", name="查看第 2 条原文").click()
    asked = page.get_by_role("dialog")
    asked.get_by_label("为什么要看").fill("回电核实地点")
    asked.get_by_role("button", name="确认查看").click()
    expect(log.get_by_text("13800138000")).to_be_visible()

    page.get_by_role("button", name="知识库", exact=True).click()
    page.get_by_label("查什么").fill("社保卡丢了怎么补办")
    page.get_by_label("查什么").press("Enter")
    page.get_by_role("button", name="用这个答案回复").click()
    expect(page.get_by_label("回复市民")).to_have_value(re.compile("来源：.*核对日期.*负责单位："))
    expect(page.get_by_label("回复市民")).to_be_focused()
    screenshot(page, "conversations-knowledge")
    page.get_by_label("回复市民").press("Enter")
    expect(someone.get_by_text("负责单位：").last).to_be_visible()

    page.get_by_role("link", name="打印会话记录").click()
    paper = page.get_by_role("article")
    expect(paper.get_by_text("138****8000").first).to_be_visible()
    assert axe(page) == []
    page.emulate_media(media="print")
    expect(page.get_by_role("navigation", name="主菜单")).to_be_hidden()
    assert "13800138000" not in paper.inner_text()
    page.emulate_media(media="screen")
    page.get_by_role("link", name="回到会话").click()
    end(page)


def test_two_are_answered_by_keyboard_alone_and_nothing_that_is_being_written_is_lost(
    enter: Enter, widget: Widget
) -> None:
    page = on_duty(enter, "6101")
    first, second = widget("路灯坏了", "转人工"), widget("下水道堵了", "转人工")
    expect(in_queue(page, "下水道堵了")).to_have_count(1)
    expect(second.get_by_test_id("queue")).to_contain_text("第2位")
    keys, composer = page.keyboard, page.get_by_label("回复市民")
    page.get_by_role("main").focus()
    for words in ("路灯坏了", "下水道堵了"):
        keys.press("k")
        while (
            not in_queue(page, words).get_by_role("link").evaluate("link => link === document.activeElement")
        ):
            keys.press("k")
        keys.press("Enter")
        expect(page.get_by_role("heading", name="排队等人工")).to_be_visible()
        keys.press("c")
        expect(composer).to_be_focused()
        keys.type(f"您好，{words}在哪里？")
        keys.press("Enter")
        keys.type(f"{words}，写到一半")
        keys.press("Escape")
    expect(first.get_by_text("您好，路灯坏了在哪里？")).to_be_visible()
    expect(second.get_by_text("您好，下水道堵了在哪里？")).to_be_visible()

    say(first, "在公园门口")
    expect(own(page, "在公园门口").get_by_title("1 条未读")).to_be_visible()
    keys.press("u")
    expect(composer).to_have_value("路灯坏了，写到一半")
    expect(composer).to_be_focused()
    expect(page.get_by_title("1 条未读")).to_have_count(0)
    page.reload()
    expect(composer).to_have_value("路灯坏了，写到一半")
    page.get_by_role("main").focus()
    keys.press("u")
    expect(composer).to_have_value("下水道堵了，写到一半")

    # Another window of the same person is told of everything, at once.
    other = page.context.new_page()
    other.goto(page.url.split("/conversations")[0] + "/orders")
    expect(other.get_by_text("会话 2/5")).to_be_visible()
    for left in ("会话 1/5", "会话 0/5"):
        end(page)
        for window in (page, other):
            expect(window.get_by_text(left)).to_be_visible()
        own_left = page.get_by_role("region", name="我的会话").get_by_role("link")
        if own_left.count():
            own_left.first.click()
            expect(page.get_by_role("heading", name="您在接待")).to_be_visible()


def test_what_burns_is_on_top_of_every_page_and_a_unit_hears_of_its_own_orders_at_once(
    enter: Enter, widget: Widget, desk: House
) -> None:
    page = on_duty(enter, "6101")
    page.context.grant_permissions(["notifications"])
    # Whether it makes a noise is asked of the browser's own sounds.
    page.evaluate(
        """() => {
          window.tones = 0;
          const made = AudioContext.prototype.createOscillator;
          AudioContext.prototype.createOscillator = function () { window.tones += 1; return made.call(this); };
        }"""
    )
    expect(page.get_by_role("checkbox", name="桌面通知")).not_to_be_checked()
    page.get_by_text("桌面通知").click()
    expect(page.get_by_role("checkbox", name="桌面通知")).to_be_checked()
    leader, unit, other = (enter(number, "/orders") for number in ("4001", "5001", "5002"))

    someone = widget("我家着火了，快来人", "转人工")
    alarm = "有市民遇到紧急情况（119"
    for seen in (page, leader):
        expect(seen.get_by_text(alarm)).to_be_visible()
    expect(page.get_by_role("region", name="排队等待").locator("li").first).to_contain_text("紧急")
    page.wait_for_function("() => window.tones > 0")
    page.get_by_text("声音提醒").click()
    heard = page.evaluate("() => window.tones")
    leader.keyboard.press("?")
    leader.get_by_role("alert").get_by_role("button", name="知道了").first.click()  # above the dialog
    expect(leader.get_by_text(alarm)).to_have_count(0)
    page.get_by_role("button", name="查看会话").click()
    page.keyboard.press("c")
    expect(page.get_by_role("heading", name="您在接待")).to_be_visible()
    page.reload()
    expect(page.get_by_role("checkbox", name="声音提醒")).not_to_be_checked()
    assert page.evaluate("() => window.tones ?? 0") <= heard
    someone.close()
    end(page)

    before = unit.get_by_role("link", name=re.compile("待签收")).inner_text()
    number = desk.order(
        Case(
            key="",
            what="井盖没了，天黑看不见，刚才有人差点掉下去",
            steps=(Step("坐席", "受理", {"topic": "0701"}),),
        )
    )
    desk.triage()
    for seen in (leader, page):
        expect(seen.get_by_text(re.compile("张加急工单还没办完"))).to_be_visible()
    desk.act(number, DISPATCHER, "派单", unit="ecology")
    expect(unit.get_by_role("link", name=number)).to_be_visible()
    assert unit.get_by_role("link", name=re.compile("待签收")).inner_text() != before
    expect(other.get_by_role("link", name=number)).to_have_count(0)


def test_the_office_gives_out_by_itself_hands_to_a_team_and_takes_back_from_who_is_gone(
    enter: Enter, widget: Widget, desk: House
) -> None:
    first, second = on_duty(enter, "6101"), on_duty(enter, "6102")
    boss = enter("3001", "/duty")
    table = boss.get_by_role("table", name="坐席")
    expect(table.get_by_role("row", name=re.compile("李明 6101"))).to_contain_text("在线")
    assert axe(boss) == []
    screenshot(boss, "duty")
    automatic = boss.get_by_label(re.compile("自动分配"))
    try:
        automatic.check()
        boss.get_by_role("button", name="保存设置").click()
        expect(boss.get_by_text("已保存")).to_be_visible()
        widget("路灯不亮", "转人工")
        widget("路面塌了", "转人工")
        for page in (first, second):
            expect(page.get_by_role("region", name="我的会话").locator("li")).to_have_count(1)
        expect(table.get_by_role("row", name=re.compile("李明 6101"))).to_contain_text("1/5")
    finally:
        automatic.uncheck()
        boss.get_by_role("button", name="保存设置").click()
        expect(automatic).not_to_be_checked()
    for page in (first, second):
        page.get_by_role("region", name="我的会话").get_by_role("link").click()
        end(page)

    someone = widget("公交站牌倒了", "转人工")
    take(first, "公交站牌倒了")
    first.get_by_role("button", name="转给同事").click()
    first.get_by_role("radio", name="一组").check()
    first.get_by_label("给接手的人留句话").fill("一组熟悉公交")
    first.get_by_role("dialog").get_by_role("button", name="转给同事").click()
    expect(in_queue(second, "转给一组")).to_have_count(1)
    expect(someone.get_by_text("正在帮您转给更熟悉这件事的坐席")).to_be_visible()
    take(second, "公交站牌倒了")
    expect(second.get_by_text("一组熟悉公交")).to_be_visible()

    grace = boss.get_by_label("坐席掉线多少秒后，会话退回排队")
    for seconds in ("0", "60"):
        grace.fill(seconds)
        boss.get_by_role("button", name="保存设置").click()
        expect(boss.get_by_text("已保存")).to_be_visible()
        if seconds == "0":
            second.context.close()
            desk.do(_gone(desk, "6102"))
            expect(in_queue(first, "坐席掉线")).to_have_count(1)
    expect(someone.get_by_text("刚才那位坐席的网络断了")).to_be_visible()
    take(first, "坐席掉线")
    expect(someone.get_by_text("坐席 6101 为您服务").last).to_be_visible()
    end(first)


async def _gone(house: House, number: str) -> None:
    """The console of this agent has given no sign for a minute."""
    gone = {"seen_at": now() - timedelta(minutes=1), "gone_at": now()}
    async with house.app.state.database.transaction() as session:
        await session.execute(update(DeskAgent).where(DeskAgent.number == number).values(gone))


def test_who_comes_outside_service_hours_is_told_so(enter: Enter, widget: Widget, desk: House) -> None:
    city = desk.app.state.web.conversations._city
    usual = city.human_hours
    object.__setattr__(city, "human_hours", HumanHours(((0, 1),)))
    try:
        someone = widget("路灯坏了", "转人工")
        expect(someone.get_by_text("现在不是人工服务时间（人工服务时间：每天 0:00–0:01）")).to_be_visible()
        expect(someone.get_by_test_id("queue").get_by_role("link")).to_have_attribute("href", "tel:12345")
    finally:
        object.__setattr__(city, "human_hours", usual)


def test_long_lists_and_long_conversations_are_turned_over_quickly(
    enter: Enter, citizen: Callable[..., object], desk: House
) -> None:
    desk.do(_many(desk, 110))
    page = on_duty(enter, "6101")
    page.get_by_role("button", name="机器人在答").click()
    listed = page.get_by_role("region", name="机器人在答").get_by_role("link")
    expect(listed).to_have_count(50)
    page.get_by_role("button", name="再看 50 条").focus()
    page.keyboard.press("Enter")
    expect(listed).to_have_count(100)
    expect(listed.nth(50)).to_be_focused()
    page.keyboard.press("j")
    expect(listed.nth(51)).to_be_focused()
    page.get_by_role("button", name="再看 50 条").click()
    expect(listed.nth(100)).to_be_visible()

    someone = citizen("路灯坏了", "转人工")
    desk.do(_lines(desk, someone.id, 500))  # type: ignore[attr-defined]
    claim(page, someone)  # type: ignore[arg-type]
    log = page.get_by_role("log")
    expect(log.get_by_text("第 499 句", exact=True)).to_be_in_viewport()
    write(page, "都看到了")
    expect(log.get_by_text("都看到了")).to_be_in_viewport()
    log.evaluate("element => element.scrollTo(0, 0)")
    someone.send("再说一句")  # type: ignore[attr-defined]
    expect(own(page, "再说一句")).to_have_count(1)
    assert log.evaluate("element => element.scrollTop") == 0  # who reads above is left there
    page.get_by_role("button", name="回到最新消息").click()
    expect(log.get_by_text("再说一句")).to_be_in_viewport()
    end(page)


async def _many(house: House, count: int) -> None:
    conversations = house.app.state.web.conversations
    for number in range(count):
        one = await conversations.start("web")
        await conversations.receive(one, client_id=uuid.uuid4().hex, text=f"问题 {number}", limited=False)


async def _lines(house: House, conversation: str, count: int) -> None:
    async with house.app.state.database.transaction() as session:
        held = await lock(session, uuid.UUID(conversation))
        for number in range(count):
            append(session, held, "citizen" if number % 2 else "bot", f"第 {number} 句", {})


@pytest.mark.parametrize("width", [1100, 1280, 1920])
def test_the_workbench_fits(enter: Enter, widget: Widget, width: int) -> None:
    page = on_duty(enter, "6101")
    page.set_viewport_size({"width": width, "height": 900})
    widget("黄山路工地夜里打桩", "转人工")
    take(page, "黄山路工地夜里打桩")
    screenshot(page, f"conversations-fits-{width}")
    bars = [
        page.get_by_role(role, name=name).locator("> *").first  # type: ignore[arg-type]
        for role, name in (("navigation", "会话"), ("region", "会话记录"), ("complementary", "办理"))
    ]
    edges = {round((bar.bounding_box() or {})["y"] + (bar.bounding_box() or {})["height"]) for bar in bars}
    assert len(edges) == 1  # one line from left to right
    for name in ("写备注", "转给同事", "交还机器人", "结束会话"):
        box = page.get_by_role("button", name=name).bounding_box()
        assert box is not None
        assert box["height"] < 36
        assert box["y"] + box["height"] <= min(edges)
    assert page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")
    end(page)
