"""The agents' workbench in a real browser: two agents, two citizens who write by the web channel."""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from playwright.sync_api import Locator, Page, Route, expect

from hotline.accounts.service import By
from hotline.conversations.engine import EngineAnswer, Turn
from tests.console.conftest import HERE, PASSWORD, Enter, House, axe, screenshot
from tests.desk.conftest import HANDOFF

SIZES = {"1440": {"width": 1440, "height": 900}, "1100": {"width": 1100, "height": 800}}
NOISE = {"code": "noise", "title": "夜间施工噪声投诉", "confidence": 0.82}
AGENTS = ("6101", "6102")
TRAINEE = "6103"


def bot(turn: Turn) -> EngineAnswer:
    """A bot that hands over whoever asks for a person."""
    if "人工" in turn.text:
        return EngineAnswer([HANDOFF], {"intent": "human_agent", "confidence": 0.97, "fallback": False})
    evidence = {
        "intent": "complaint",
        "confidence": 0.93,
        "fallback": False,
        "matter": NOISE,
        "candidates": [NOISE],
    }
    return EngineAnswer([{"text": f"答：{turn.text}"}], evidence)


@dataclass
class Citizen:
    """Somebody at the web widget."""

    client: httpx.Client
    id: str = ""
    token: str = ""
    heard: list[dict[str, Any]] = field(default_factory=list)

    def _call(self, method: str, **options: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}"}
        path = "/api/conversations/current/messages"
        response = self.client.request(method, path, headers=headers, **options)
        assert response.is_success, response.text
        return response

    def send(self, text: str) -> None:
        """Say something."""
        self._call("POST", json={"client_id": uuid.uuid4().hex, "text": text})

    def until(self, text: str) -> dict[str, Any]:
        """Wait for a line in which something stands."""
        for _ in range(10):
            for one in self.heard:
                if text in one["text"]:
                    return one
            last = self.heard[-1]["id"] if self.heard else 0
            self.heard += self._call("GET", params={"after": last, "wait": 5}).json()["messages"]
        raise AssertionError(f"{text} never came: {self.heard}")

    def all(self) -> list[dict[str, Any]]:
        """All that the citizen can see."""
        found: list[dict[str, Any]] = self._call("GET", params={"after": 0}).json()["messages"]
        return found


@pytest.fixture(scope="module")
def desk(house: House) -> House:
    """The service with a bot that hands over, two agents and a trainee."""
    house.app.state.engine.script = bot
    if AGENTS[0] in house.guests:
        return house

    async def people() -> None:
        everybody = house.app.state.people
        for number, name, role in (
            ("6101", "李明", "坐席"),
            ("6102", "王芳", "坐席"),
            ("6103", "小陈", "跟班学习"),
        ):
            _, given = await everybody.accounts.do_add(
                number=number, name=name, roles=(role,), unit=None, by=By(name="1"), team="一组"
            )
            done = await everybody.logins.do_log_in(number, given, HERE)
            current = await everybody.sessions.find(done.token)
            await everybody.logins.do_change_password(current, given, PASSWORD)

    house.do(people())
    house.guests.update(AGENTS)
    # What proposes topics is loaded for the first draft: longer than a page waits when the machine is busy.
    proposing = house.app.state.desk.drafting._topics("工地噪声")
    asyncio.run_coroutine_threadsafe(proposing, house.loop).result(180)
    return house


@pytest.fixture
def citizen(desk: House) -> Iterator[Any]:
    """Starts conversations; those that are still open afterwards are nobody's business."""
    client = httpx.Client(base_url=desk.url, trust_env=False, timeout=20)

    def started(*said: str) -> Citizen:
        answer = client.post("/api/conversations", json={})
        assert answer.status_code == 201, answer.text
        token = answer.json()["token"]
        found = Citizen(client, str(desk.app.state.web.conversation(token)), token)
        for words in said:
            found.send(words)
            found.until("转人工" if "人工" in words else f"答：{words}")
        return found

    yield started
    client.close()


def on_duty(enter: Enter, number: str, size: str = "1440", path: str = "/conversations") -> Page:
    """An agent at the workbench, 在线."""
    page = enter(number, path, SIZES[size])
    page.get_by_role("button", name="在线", exact=True).click()
    expect(page.get_by_role("button", name="在线", exact=True)).to_have_attribute("aria-pressed", "true")
    return page


def waiting(page: Page, citizen: Citizen) -> Locator:
    """The line of a conversation in the queue."""
    queue = page.get_by_role("region", name="排队等待")
    return queue.locator("li").filter(has=page.locator(f"a[href$='{citizen.id}']"))


def claim(page: Page, citizen: Citizen) -> None:
    """Take a waiting conversation."""
    waiting(page, citizen).get_by_role("button", name="领取会话").click()
    expect(page.get_by_role("heading", name="您在接待")).to_be_visible()


def end(page: Page) -> None:
    """End the conversation that is open."""
    page.get_by_role("button", name="结束会话").click()
    dialog = page.get_by_role("dialog", name="结束会话")
    dialog.get_by_role("button", name="结束会话").click()
    expect(dialog).to_be_hidden()


def write(page: Page, text: str) -> None:
    """Say something to the citizen."""
    composer = page.get_by_label("回复市民")
    composer.fill(text)
    composer.press("Enter")


def test_of_two_who_claim_one_has_it_and_the_other_sees_who(enter: Enter, citizen: Any) -> None:
    first, second = (on_duty(enter, number) for number in AGENTS)
    someone = citizen("楼下工地半夜施工", "转人工")
    expect(waiting(first, someone)).to_contain_text("市民要人工")
    expect(waiting(second, someone)).to_contain_text("市民要人工")
    held: list[Route] = []
    second.route("**/claim", lambda route: held.append(route))
    with second.expect_request("**/claim"):
        waiting(second, someone).get_by_role("button", name="领取会话").click()
    claim(first, someone)
    held[0].continue_()
    pane = second.get_by_role("region", name="会话记录")
    expect(pane.get_by_role("alert").first).to_contain_text("6101")
    expect(pane.get_by_text("坐席 6101 在接待，只能看和写备注。")).to_be_visible()
    expect(second.get_by_label("回复市民")).to_have_count(0)
    expect(waiting(second, someone)).to_have_count(0)
    end(first)


def test_a_note_is_for_colleagues_and_a_transfer_takes_the_conversation_along(
    enter: Enter, citizen: Any
) -> None:
    first, second = (on_duty(enter, number) for number in AGENTS)
    someone = citizen("路灯坏了", "转人工")
    claim(first, someone)
    first.get_by_role("button", name="写备注").click()
    first.get_by_label("备注内容").fill("市民着急，先安抚")
    first.get_by_role("button", name="保存备注").click()
    expect(first.get_by_text("市民着急，先安抚")).to_be_visible()
    first.get_by_role("button", name="转给同事").click()
    first.get_by_role("radio", name=re.compile("王芳 6102")).check()
    first.get_by_label("给接手的人留句话").fill("路灯的事你熟")
    first.get_by_role("dialog").get_by_role("button", name="转给同事").click()
    expect(first.get_by_text("坐席 6102 在接待，只能看和写备注。")).to_be_visible()
    own = second.get_by_role("region", name="我的会话")
    own.locator(f"a[href$='{someone.id}']").click()
    expect(second.get_by_text("市民着急，先安抚")).to_be_visible()
    expect(second.get_by_text("路灯的事你熟")).to_be_visible()
    write(second, "您好，请问是哪条路？")
    someone.until("您好，请问是哪条路？")
    assert not [one for one in someone.all() if "安抚" in one["text"] or "你熟" in one["text"]]
    end(second)


def test_a_canned_reply_an_order_and_back_to_the_bot(enter: Enter, citizen: Any) -> None:
    page = on_duty(enter, "6101")
    someone = citizen("天元区泰山路工地半夜打桩吵得睡不着，我的电话 13800138000", "转人工")
    claim(page, someone)
    expect(page.get_by_role("log").get_by_text("138****8000").first).to_be_visible()
    page.get_by_role("button", name="快捷回复", exact=True).click()
    page.get_by_text("添加我的快捷回复").click()
    page.get_by_label("代码").fill("hi")
    page.get_by_label("内容", exact=True).fill("您好，我是坐席{工号}，正在看您反映的情况。")
    page.get_by_role("button", name="保存快捷回复").click()
    expect(page.get_by_role("button", name="用上快捷回复 hi")).to_be_visible()
    composer = page.get_by_label("回复市民")
    composer.fill("/hi")
    expect(page.get_by_role("option").first).to_contain_text("我是坐席6101")
    composer.press("Enter")
    expect(composer).to_have_value("您好，我是坐席6101，正在看您反映的情况。")
    composer.press("Shift+Enter")
    composer.press("Enter")
    someone.until("我是坐席6101")
    page.get_by_role("button", name="工单", exact=True).click()
    page.get_by_role("button", name="登记工单").click()
    form = page.get_by_role("form", name="工单草稿")
    form.wait_for()
    expect(form.get_by_label("电话")).to_have_value("13800138000")
    form.get_by_label("内容", exact=True).fill("天元区泰山路工地半夜打桩，影响休息")
    form.get_by_label("地点").fill("天元区泰山路工地")
    assert axe(page) == []
    form.get_by_role("button", name="登记工单").click()
    expect(page.get_by_text("回执已发给市民")).to_be_visible()
    orders = page.get_by_role("region", name="这个会话的工单")
    expect(orders.get_by_role("link")).to_have_count(1)
    someone.until("已经帮您登记")
    page.get_by_role("button", name="交还机器人").click()
    page.get_by_label("给下一位接手的人留句话").fill("已登记工单")
    page.get_by_role("dialog").get_by_role("button", name="交还机器人").click()
    expect(page.get_by_role("heading", name="机器人在答")).to_be_visible()
    expect(page.get_by_text("机器人在答，介入后才能回复。")).to_be_visible()
    someone.send("谢谢")
    someone.until("答：谢谢")
    expect(page.get_by_role("log").get_by_text("答：谢谢")).to_be_visible()
    page.get_by_role("button", name="介入", exact=True).click()
    expect(page.get_by_role("heading", name="您在接待")).to_be_visible()
    end(page)


def test_a_lost_connection_loses_and_doubles_nothing(enter: Enter, citizen: Any) -> None:
    page = enter(None, "/login")
    # The socket goes by way of the test, which can cut it, as a network does.
    cut: list[Any] = []
    gone = [False]

    def connected(socket: Any) -> None:
        if gone[0]:
            socket.close(code=1012)
            return
        socket.connect_to_server()
        cut.append(socket)

    page.route_web_socket("**/console-api/live", connected)
    page.get_by_label("工号").fill("6101")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录工作台").click()
    page.get_by_role("button", name="在线", exact=True).click()
    someone = citizen("停水了", "转人工")
    claim(page, someone)
    gone[0] = True
    page.route("**/console-api/desk/conversations/*/messages", lambda route: route.abort())
    cut[-1].close(code=1012)
    expect(page.get_by_text("连接断了，正在重连。")).to_be_visible()
    write(page, "正在帮您问供水公司")
    page.get_by_label("回复市民").fill("写到一半")
    someone.send("已经停了一天")
    expect(page.get_by_text("正在发送……")).to_be_visible()
    screenshot(page, "conversations-lost")
    gone[0] = False
    page.unroute("**/console-api/desk/conversations/*/messages")
    expect(page.get_by_text("连接断了，正在重连。")).to_have_count(0, timeout=30_000)
    log = page.get_by_role("log")
    expect(log.get_by_text("已经停了一天")).to_have_count(1)
    someone.until("正在帮您问供水公司")
    expect(page.get_by_text("正在发送……")).to_have_count(0)
    expect(log.get_by_text("正在帮您问供水公司")).to_have_count(1)
    expect(page.get_by_label("回复市民")).to_have_value("写到一半")
    assert len([one for one in someone.all() if one["text"] == "正在帮您问供水公司"]) == 1
    end(page)


def test_a_trainee_sees_and_cannot_act(enter: Enter, citizen: Any) -> None:
    someone = citizen("小区门口积水", "转人工")
    page = enter(TRAINEE, f"/conversations/{someone.id}")
    expect(page.get_by_role("log").get_by_text("小区门口积水", exact=True)).to_be_visible()
    expect(page.get_by_text("您现在的身份只能看，不能回复。")).to_be_visible()
    expect(page.get_by_label("回复市民")).to_have_count(0)
    for name in ("领取会话", "介入", "写备注", "登记工单", "在线"):
        expect(page.get_by_role("button", name=name, exact=True)).to_have_count(0)
    page.keyboard.press("c")
    expect(page.get_by_role("heading", name="排队等人工")).to_be_visible()
    assert axe(page) == []


@pytest.mark.parametrize("size", SIZES)
def test_the_workbench_is_for_everybody_and_fits(enter: Enter, citizen: Any, size: str) -> None:
    page = on_duty(enter, "6101", size)
    expect(page.get_by_text("请从左边选一个会话")).to_be_visible()
    screenshot(page, f"conversations-none-{size}")
    assert axe(page) == []
    someone = citizen("黄山路工地夜里打桩，电话 13800138000", "转人工")
    citizen("路上有个井盖没了", "转人工")
    claim(page, someone)
    write(page, "您好，我马上帮您登记。")
    page.get_by_text("机器人的理解").first.click()
    page.get_by_role("button", name="写备注").click()
    page.get_by_label("备注内容").fill("连着三天来问")
    page.get_by_role("button", name="保存备注").click()
    expect(page.get_by_text("连着三天来问")).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_label("回复市民").fill("/")
    expect(page.get_by_role("listbox")).to_be_visible()
    screenshot(page, f"conversations-open-{size}")
    assert axe(page) == []
    assert page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")
    page.get_by_label("回复市民").fill("")
    page.get_by_role("button", name="登记工单").click()
    page.get_by_role("form", name="工单草稿").wait_for()
    screenshot(page, f"conversations-order-{size}")
    end(page)
