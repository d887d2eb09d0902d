"""A work order and the citizen's WeChat belong together: taken, asked about with one tap, followed, told."""

from __future__ import annotations

import itertools
import re
import time
from typing import Any

from tests.wechat.actions import acting
from tests.wechat.conftest import Account, Start
from tests.wechat.phone import Phone

AGENT = {"role": "坐席", "actor": "1024"}
_seconds = itertools.count(int(time.time()) - 50)
MENU = [{"name": "我的", "lines": [{"name": "查进度", "say": "查进度"}]}]


async def press(phone: Phone) -> str | None:
    """Press 查进度 in the menu, each time in a second of its own."""
    return await phone.event("CLICK", EventKey="say:查进度", CreateTime=next(_seconds))


async def act(account: Account, number: str, action: str, **fields: Any) -> None:
    """A step of the office, and word of it on its way."""
    body = {"action": action, "fields": fields}
    done = await account.service.inside("POST", f"/orders/{number}/actions", params=AGENT, json=body)
    assert done.status_code == 200, done.text
    await account.service.app.state.deliveries.do_deliver()


async def test_one_tap_shows_the_progress_and_who_has_the_code_is_told_as_well(start: Start) -> None:
    account = await start(menu=MENU)
    mother, son = account.phone(), account.phone()
    async with acting(str(account.service.client.base_url)) as actions:
        # They need the service's address, so it is there before them.
        account.service.app.state.processor._engine = actions
        assert "还没有提交过工单" in (await press(son) or "")
        await mother.write("你好")
        receipt = await mother.write("确认提交") or ""
        found = re.search(r"工单号 (\d{8}-\d{5})，查询码 (\d{6})", receipt)
        assert found, receipt
        number, code = found.groups()
        listed = (await account.service.inside("GET", f"/orders/{number}", params=AGENT)).json()
        assert listed["source"] == "微信"
        progress = await press(mother) or ""
        assert f"工单 {number}（投诉）：待受理" in progress
        assert "不再通知" not in progress, "it is her own"

        shown = await son.write(f"帮我妈查一下，{number}，查询码 {code}") or ""
        assert "待受理" in shown
        assert "以后办到哪一步，会在这里告诉您" in shown
        assert "13800138000" not in shown
        again = await press(son) or ""
        assert f"工单 {number}（投诉）：待受理" in again
        assert code not in again

        await act(account, number, "受理", topic="0701")
        for phone in (mother, son):
            await account.see(lambda phone=phone: f"您的工单 {number} 已经受理" in phone.seen[-1])

        # A second order: now there is a choice, and a number chooses.
        await son.write("确认提交")
        offered = await press(son) or ""
        assert "您有 2 件工单" in offered
        assert re.search(rf"【2】{number}", offered)
        assert f"工单 {number}（投诉）：已受理" in (await son.write("2") or "")
        place = re.search(r"【(\d)】不再通知", son.seen[-1])
        assert place
        assert "不在这里通知您了" in (await son.write(place[1]) or "")
        before = len(son.seen)
        await act(account, number, "不予受理", reason="这件事已经立案", alternative="请等法院通知")
        await account.see(lambda: "这件事已经立案" in mother.seen[-1])
        assert len(son.seen) == before
