"""From the bot to an agent and back: the citizen at a phone with WeChat, the agent at the workbench in a real browser.

The citizen's pushes come to another process's worth of service than the one that the console is at: they share the database only.
"""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import expect

from hotline.app import create_app
from tests.conftest import ROOT
from tests.console.conftest import Enter, House, screenshot
from tests.console.test_conversations import bot, desk, end, on_duty, write
from tests.scripted import ScriptedEngine
from tests.serving import serve
from tests.wechat.conftest import connect
from tests.wechat.phone import Phone, Wire
from tests.wechat.platform import APP_ID, ORIGINAL_ID, Platform

__all__ = ["desk"]


@dataclass
class Citizen:
    """A phone, used from beside the service's loop."""

    house: House
    phone: Phone
    conversation: uuid.UUID | None = None

    def write(self, text: str) -> str | None:
        """Type something; what came back at once."""
        return self.house.do(self.phone.write(text))

    def until(self, text: str) -> None:
        """Wait until something was seen."""

        async def wait() -> None:
            async with asyncio.timeout(15):
                while not any(text in seen for seen in self.phone.seen):
                    await asyncio.sleep(0.05)

        self.house.do(wait())

    def sees(self, *lines: str) -> None:
        """Wait until exactly these were seen, each once."""

        async def wait() -> None:
            async with asyncio.timeout(15):
                while len(self.phone.seen) < len(lines):
                    await asyncio.sleep(0.05)

        self.house.do(wait())
        for shown, wanted in zip(self.phone.seen, lines, strict=True):
            assert wanted in shown


@pytest.fixture
def citizen(desk: House, tmp_path: Path) -> Iterator[Citizen]:
    """Somebody at WeChat, served by another worker of the hotline."""
    stack = AsyncExitStack()

    async def open_account() -> Phone:
        data = tmp_path / "data"
        data.mkdir()
        for part in (ROOT / "data").iterdir():
            (data / part.name).symlink_to(part)
        platform = Platform()
        api = await stack.enter_async_context(serve(platform.app))
        settings = desk.app.state.settings.model_copy(update={"data_dir": data, "var_dir": tmp_path / "var"})
        connect(settings, {"app_id": APP_ID, "original_id": ORIGINAL_ID, "api": api, "mode": "safe"})
        engine = ScriptedEngine()
        engine.script = bot
        url = await stack.enter_async_context(serve(create_app(settings, engine=engine)))
        wire = Wire(platform, [url])
        stack.push_async_callback(wire.client.aclose)
        return Phone(wire)

    yield Citizen(desk, desk.do(open_account()))
    desk.do(_closed(stack))


async def _closed(stack: AsyncExitStack) -> None:
    await stack.aclose()


def test_a_citizen_at_wechat_goes_to_an_agent_and_back_to_the_bot(enter: Enter, citizen: Citizen) -> None:
    page = on_duty(enter, "6101")
    assert citizen.write("楼下工地半夜打桩") == "答：楼下工地半夜打桩"
    waiting = citizen.write("转人工")
    assert waiting is not None
    assert "人工" in waiting
    queue = page.get_by_role("region", name="排队等待")
    line = queue.get_by_role("listitem").filter(has_text="打桩")
    expect(line).to_contain_text("微信")
    line.get_by_role("button", name="领取会话").click()
    expect(page.get_by_role("heading", name="您在接待")).to_be_visible()
    citizen.sees("答：楼下工地", "人工", "6101")

    # The agent asks, the citizen answers: nothing of the bot in between, and each line once.
    write(page, "您好，工地在哪条路上？")
    citizen.sees("答：楼下工地", "人工", "6101", "【坐席 6101】您好，工地在哪条路上？")
    assert citizen.write("泰山路，电话 13800138000") is None
    log = page.get_by_role("log")
    expect(log.get_by_text("泰山路，电话 138****8000")).to_be_visible()
    pane = page.get_by_role("region", name="会话记录")
    point = {"Location_X": "27.8274", "Location_Y": "113.134", "Scale": 16, "Label": "天元区泰山路工地"}
    citizen.house.do(citizen.phone.push("location", **point))
    expect(log.get_by_text("天元区泰山路工地", exact=True)).to_be_visible()
    expect(log.get_by_text("地图上的位置：北纬 27.8274，东经 113.134（GCJ-02）")).to_be_visible()
    expect(pane.get_by_text(re.compile("微信：还能发 5 条"))).to_be_visible()
    for number in range(1, 7):
        write(page, f"第 {number} 句")
        expect(log.get_by_role("listitem").filter(has_text=f"第 {number} 句")).to_contain_text("坐席 6101")
        if number < 6:  # what is said in one breath would go as one message
            citizen.until(f"第 {number} 句")
    # Five arrive one by one; the sixth waits, the agent sees it, and it comes when the citizen writes.
    expect(log.get_by_role("listitem").filter(has_text="第 6 句")).to_contain_text("等市民来信")
    screenshot(page, "wechat-handover")
    assert not [seen for seen in citizen.phone.seen if "第 6 句" in seen]
    assert "第 5 句" in citizen.phone.seen[-1]
    more = citizen.write("还在吗")
    assert more is not None
    assert "第 6 句" in more
    expect(pane.get_by_text("等市民来信")).to_have_count(0)

    page.get_by_role("button", name="交还机器人").click()
    page.get_by_label("给下一位接手的人留句话").fill("已问清地点")
    page.get_by_role("dialog").get_by_role("button", name="交还机器人").click()
    expect(page.get_by_role("heading", name="机器人在答")).to_be_visible()
    answered = citizen.write("谢谢")
    assert answered is not None
    assert "答：谢谢" in answered
    seen = "\n".join(citizen.phone.seen)
    for number in range(1, 7):
        assert seen.count(f"第 {number} 句") == 1
    assert seen.count("智能助手") == 1

    page.get_by_role("button", name="介入", exact=True).click()
    expect(page.get_by_role("heading", name="您在接待")).to_be_visible()
    citizen.house.do(citizen.phone.event("unsubscribe"))
    expect(pane.get_by_text("市民已取消关注，消息送不到。")).to_be_visible()
    end(page)
