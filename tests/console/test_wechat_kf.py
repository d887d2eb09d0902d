"""A conversation that somebody answers in 企业微信, at the workbench: who has it, and why nothing can be said here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from playwright.sync_api import expect
from sqlalchemy import update

from hotline.channels.wechat.kf.sessions import OVER, THERE, WAITING, WHERE
from hotline.channels.wechat.models import WechatContact
from hotline.conversations import elsewhere
from tests.console.conftest import Enter, House, axe, screenshot
from tests.console.test_conversations import SIZES, desk, end, on_duty
from tests.console.test_wechat_delivery import Phone, tell

__all__ = ["desk"]


@pytest.mark.parametrize("size", SIZES)
def test_while_people_in_wecom_have_a_conversation_agents_see_it_and_are_told_where_to_answer(
    enter: Enter, desk: House, size: str
) -> None:
    phone = Phone(desk, f"wm-{size}")

    def happens(state: int, what: Callable[..., Awaitable[Any]], *given: Any, **named: Any) -> None:
        async def change() -> None:
            async with desk.app.state.database.transaction() as session:
                own = WechatContact.conversation_id == phone.conversation
                await session.execute(update(WechatContact).where(own).values(service_state=state))
                await what(session, phone.conversation, *given, **named)

        desk.do(change())

    page = on_duty(enter, "6101", size)
    link = page.locator(f"a[href$='{phone.conversation}']")
    queue = page.get_by_role("region", name="排队等待")
    expect(queue.locator("li").filter(has=link)).to_be_visible()

    # It waits there: nobody here is to take it.
    happens(WAITING, elsewhere.waits, WHERE)
    expect(queue.locator("li").filter(has=link)).to_have_count(0)
    page.goto(page.url.split("/conversations")[0] + f"/conversations/{phone.conversation}")
    pane = page.get_by_role("region", name="会话记录")
    expect(pane.get_by_role("heading", name="在企业微信客服那边排队")).to_be_visible()
    expect(pane.get_by_role("button", name="领取会话")).to_have_count(0)
    page.reload()
    expect(page.get_by_role("button", name="在线", exact=True)).to_be_visible()
    expect(pane.get_by_role("button", name="写备注")).to_be_visible()
    expect(pane.get_by_role("heading", name="在企业微信客服那边排队")).to_be_visible()
    screenshot(page, f"kf-waiting-{size}")

    happens(THERE, elsewhere.taken, "企微", WHERE)
    happens(THERE, elsewhere.said, "企微", "您好，师傅明早八点到。", client_id=f"k{size}")
    expect(pane.get_by_role("heading", name="企业微信客服（企微）在接待")).to_be_visible()
    expect(pane.get_by_role("log")).to_contain_text("师傅明早八点到")
    expect(pane.get_by_text("微信：会话在企业微信客服那里。")).to_be_visible()
    expect(pane.get_by_text("请在企业微信客服那边答复")).to_be_visible()
    expect(page.get_by_label("回复市民")).to_have_count(0)
    expect(pane.get_by_role("button", name="写备注")).to_be_visible()
    screenshot(page, f"kf-there-{size}")
    assert axe(page) == []
    assert page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")

    happens(OVER, elsewhere.ended)
    expect(pane.get_by_role("heading", name="机器人在答")).to_be_visible()
    pane.get_by_role("button", name="介入").click()
    tell(page, "还有什么要帮您的吗")
    end(page)
