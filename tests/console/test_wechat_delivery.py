"""A conversation on WeChat at the workbench: how much may still be written, and what did not arrive."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import update

from hotline.channels.wechat.models import WechatContact, WechatMessage
from hotline.conversations import steps
from hotline.conversations.models import Conversation
from hotline.database import now
from tests.console.conftest import Enter, House, axe, screenshot
from tests.console.test_conversations import SIZES, desk, end, on_duty, write

__all__ = ["desk"]

GONE = "市民取消了关注或拒收（43004）"
NONE_LEFT = "能主动发的条数用完了，市民再来信时一并发出（45047）"


class Phone:
    """A citizen at WeChat, and what the sender notes of the way to them."""

    def __init__(self, house: House, openid: str) -> None:
        self._house = house
        self._openid = openid
        self.conversation: uuid.UUID = house.do(house.app.state.conversations.start("wechat"))
        house.do(self._wait())

    async def _wait(self) -> None:
        async with self._house.app.state.database.transaction() as session:
            allowed = {"allowance": 3, "allowance_until": now() + timedelta(hours=47)}
            session.add(WechatContact(openid=self._openid, conversation_id=self.conversation, **allowed))
            waiting = await steps.lock(session, self.conversation)
            said = "天元区泰山路的路灯坏了三天了，什么时候来修？"
            steps.append(session, waiting, "citizen", said, {})
            await steps.wait(session, waiting, "citizen", priority=steps.USUAL)
            await steps.notify(session, self.conversation)

    def note(self, *, lines: int = 0, message: dict[str, Any] | None = None, **contact: Any) -> None:
        """The sender notes something, and tells of the conversation.

        Args:
            lines: how many of the last lines a new ``message`` is to bring; 0: the messages that are there change.
        """
        self._house.do(self._note(lines, message or {}, contact))

    async def _note(self, lines: int, message: dict[str, Any], contact: dict[str, Any]) -> None:
        async with self._house.app.state.database.transaction() as session:
            if contact:
                own = WechatContact.openid == self._openid
                await session.execute(update(WechatContact).where(own).values(**contact))
            if lines:
                last = (await session.get_one(Conversation, self.conversation)).last_seq
                first = last - lines + 1
                row = WechatMessage(
                    openid=self._openid, first_seq=first, last_seq=last, text="明早 13800138000 来修"
                )
                for name, value in message.items():
                    setattr(row, name, value)
                session.add(row)
            elif message:
                open_ones = (WechatMessage.openid == self._openid) & (WechatMessage.state != "未送达")
                await session.execute(update(WechatMessage).where(open_ones).values(**message))
            await steps.notify(session, self.conversation)


def tell(page: Page, text: str) -> Locator:
    """Say something to the citizen; the line, once the service has it."""
    write(page, text)
    line = said(page, text)
    expect(line).to_contain_text("坐席 6101")
    return line


def said(page: Page, text: str) -> Locator:
    """A line of the transcript."""
    return page.get_by_role("log").get_by_role("listitem").filter(has_text=text)


@pytest.mark.parametrize("size", SIZES)
def test_who_answers_at_wechat_sees_what_may_be_written_and_what_did_not_arrive(
    enter: Enter, desk: House, size: str
) -> None:
    page = on_duty(enter, "6101", size)
    phone = Phone(desk, f"o-{size}")
    link = page.locator(f"a[href$='{phone.conversation}']")
    queue = page.get_by_role("region", name="排队等待")
    queue.get_by_role("listitem").filter(has=link).get_by_role("button", name="领取会话").click()
    pane = page.get_by_role("region", name="会话记录")
    expect(pane.get_by_text(re.compile("微信：还能发 3 条，到.+:"))).to_be_visible()

    line = tell(page, "师傅明早八点到")
    expect(line.get_by_text("发送中")).to_have_count(0)
    phone.note(lines=1, message={"state": "待发送"}, allowance=2)
    expect(line.get_by_text("发送中", exact=True)).to_be_visible()
    screenshot(page, f"wechat-sending-{size}")
    phone.note(message={"state": "已发送"}, allowance=1)
    expect(line.get_by_text("发送中")).to_have_count(0)
    expect(pane.get_by_text(re.compile("微信：只剩 1 条（到.+），请把话说完整再发"))).to_be_visible()
    screenshot(page, f"wechat-one-left-{size}")
    assert axe(page) == []

    lost = tell(page, "请您在家等一下，修之前会给您打电话")
    phone.note(lines=1, message={"state": "等市民来信", "error": NONE_LEFT}, allowance=0)
    expect(lost.get_by_text("等市民来信（额度用完")).to_be_visible()
    expect(pane.get_by_text("市民再来信时一并送到。急事请打电话")).to_be_visible()
    screenshot(page, f"wechat-none-left-{size}")
    assert axe(page) == []

    # The citizen writes again: what waited has gone along.
    phone.note(message={"state": "已发送"}, allowance=5)
    expect(pane.get_by_text("微信：还能发 5 条")).to_be_visible()
    expect(pane.get_by_text("等市民来信")).to_have_count(0)

    phone.note(lines=1, message={"state": "未送达", "error": GONE}, left_at=now(), allowance=0)
    for number in range(8):
        tell(page, f"再说第 {number} 句，师傅的车牌和电话稍后告诉您")
    expect(pane.get_by_text("市民已取消关注，消息送不到。")).to_be_visible()
    expect(pane.get_by_role("alert")).to_contain_text("有 1 条消息没有送到")
    expect(link.get_by_text("未送达")).to_be_visible()
    expect(lost).not_to_be_in_viewport()
    pane.get_by_role("button", name="查看没送到的话").click()
    expect(lost).to_be_in_viewport()
    expect(lost).to_be_focused()
    expect(lost.get_by_text(f"未送达：{GONE}")).to_be_visible()
    screenshot(page, f"wechat-lost-{size}")
    assert axe(page) == []
    assert page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")

    page.get_by_role("navigation", name="主菜单").get_by_role("link", name="未送达消息").click()
    row = page.get_by_role("row").filter(has_text="未送达").filter(has=link)
    expect(row).to_contain_text("明早 138****8000 来修")
    expect(row).to_contain_text(GONE)
    screenshot(page, f"wechat-undelivered-{size}")
    assert axe(page) == []
    row.get_by_role("link", name="打开会话").click()
    expect(page.get_by_role("heading", name="您在接待")).to_be_visible()
    end(page)
