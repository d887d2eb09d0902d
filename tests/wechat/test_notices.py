"""What happens to an order reaches the citizen also when nothing may be written any more: by the account's templates."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import pytest
from sqlalchemy import select, update

from hotline.channels.wechat.account import Account as Settings
from hotline.channels.wechat.delivery import delivery_of
from hotline.channels.wechat.models import WechatContact, WechatMessage
from hotline.database import now
from hotline.work_orders.casework import SYSTEM
from tests.wechat.conftest import Account, Start
from tests.wechat.phone import Phone
from tests.work_orders.conftest import ANSWER

SEND, TEMPLATE = "/cgi-bin/message/custom/send", "/cgi-bin/message/template/send"
SUBSCRIBE = "/cgi-bin/message/subscribe/bizsend"
AGENT, DISPATCHER = {"role": "坐席", "actor": "1024"}, {"role": "派单员", "actor": "2001"}
UNIT = {"role": "承办单位", "actor": "5001", "unit": "ecology"}
FIELDS = {"character_string1": "number", "phrase2": "status", "time3": "date", "thing4": "text"}
TEMPLATES = {
    "已受理": {"id": "accepted", "fields": FIELDS},
    "已答复": {"id": "answered", "fields": FIELDS},
    "回访中": {"id": "asked", "kind": "subscribe", "fields": {"thing1": "text", "phrase2": "status"}},
}


async def order_of(account: Account, phone: Phone) -> str:
    """The number of an order made in the phone's conversation, which the citizen began just now."""
    await phone.write("路灯不亮")
    conversation = await account.service.app.state.wechat.wechat.conversation_of(phone.openid)
    form = {"id": uuid.uuid4().hex, "nature": "投诉", "what": "工地半夜施工", "where_text": "某小区"}
    body = form | {"conversation_id": str(conversation), "phone": "13800138000"}
    return str((await account.service.inside("POST", "/work-orders", json=body)).json()["number"])


async def silence(account: Account, phone: Phone) -> None:
    """48 hours go by, for the platform and for us."""
    phone.citizen.messages = phone.citizen.events = 0
    phone.citizen.messages_until = phone.citizen.events_until = 0.0
    async with account.service.app.state.database.transaction() as session:
        over = {"allowance_until": now(), "event_allowance_until": now()}
        await session.execute(update(WechatContact).values(over))


async def act(account: Account, number: str, actor: dict[str, str], action: str, **fields: Any) -> str:
    """A step of the office, and word of it on its way; the order's state."""
    body = {"action": action, "fields": fields}
    done = await account.service.inside("POST", f"/orders/{number}/actions", params=actor, json=body)
    assert done.status_code == 200, done.text
    await account.service.app.state.deliveries.do_deliver()
    return str(done.json()["status"])


async def messages(account: Account, phone: Phone) -> list[WechatMessage]:
    """What was to be sent to the phone, oldest first."""
    query = select(WechatMessage).where(WechatMessage.openid == phone.openid).order_by(WechatMessage.id)
    async with account.service.app.state.database.transaction() as session:
        return list(await session.scalars(query))


async def test_each_state_has_its_template_and_the_words_follow_when_the_citizen_writes(start: Start) -> None:
    account = await start(templates=TEMPLATES)
    phone = account.phone()
    number = await order_of(account, phone)
    await silence(account, phone)

    await act(account, number, AGENT, "受理", topic="0701")
    await account.see(lambda: len(phone.citizen.notices) == 1)
    accepted = phone.citizen.notices[0]
    assert accepted["template_id"] == "accepted"
    assert "url" not in accepted, "the public does not reach our page"
    values = {key: field["value"] for key, field in accepted["data"].items()}
    assert (values["character_string1"], values["phrase2"]) == (number, "已受理")
    assert values["thing4"].startswith("已经受理，")
    assert len(values["thing4"]) == 20
    assert account.platform.calls[SEND] == 0

    await act(account, number, DISPATCHER, "派单", unit="ecology")  # for this one there is no template
    await account.see_async(
        lambda: messages(account, phone), lambda found: found[-1].state == "等市民来信" and len(found) == 2
    )
    await act(account, number, UNIT, "签收")
    if (
        await act(account, number, UNIT, "答复", answer=ANSWER + "经复查仍有施工的，我们继续处理。" * 40)
        == "已答复"
    ):
        await act(account, number, AGENT, "发起回访")
    await account.see(lambda: len(phone.citizen.notices) == 2)
    assert phone.citizen.notices[1]["template_id"] == "answered"
    assert phone.citizen.notices[1]["data"]["phrase2"]["value"] == "已答复"
    database = account.service.app.state.database
    await account.service.app.state.work_orders.casework.do_act(
        number, SYSTEM, "回访提醒", {}, request="reminder"
    )
    await account.service.app.state.deliveries.do_deliver()
    await account.see(lambda: len(phone.citizen.notices) == 3)
    assert account.platform.calls[SUBSCRIBE] == 1
    assert phone.citizen.notices[2]["data"]["phrase2"]["value"] == "回访中"
    await asyncio.sleep(0.3)
    assert len(phone.citizen.notices) == 3, "a long answer is told of once"

    answer = await phone.write("怎么样了") or ""
    await account.see(lambda: "答：怎么样了" in "".join(phone.seen[-2:]))
    told = "".join(phone.seen)
    for words in ("已经受理", "已经转给", "噪声污染防治法", "经复查仍有施工的", "您满意吗", "【1】满意"):
        assert told.count(words) >= 1, words
    assert answer.index("已经受理") < answer.index("已经转给")
    async with database.transaction() as session:
        conversation = await account.service.app.state.wechat.wechat.conversation_of(phone.openid)
        way = await delivery_of(session, conversation)
        assert way is not None
        assert list(way.not_seen) == []


async def test_a_notice_that_does_not_arrive_is_seen_with_its_reason(start: Start) -> None:
    account = await start(templates=TEMPLATES | {"default": {"id": "unknown", "fields": FIELDS}})
    account.platform.templates.known = {"accepted", "answered"}
    blocked, refusing, there = account.phone(), account.phone(), account.phone()
    account.platform.templates.refused_by = {refusing.openid}
    numbers = {phone.openid: await order_of(account, phone) for phone in (blocked, refusing, there)}
    for phone in (blocked, refusing, there):
        await silence(account, phone)
        await act(account, numbers[phone.openid], AGENT, "受理", topic="0701")

    async def state_of(phone: Phone, place: int = 0) -> tuple[str, str]:
        found = await messages(account, phone)
        return (found[place].state, found[place].error) if len(found) > place else ("", "")

    for phone in (blocked, there):
        await account.see_async(lambda p=phone: state_of(p), lambda found: found[0] == "已发送")
    refused = await account.see_async(lambda: state_of(refusing), lambda found: found[0] == "未送达")
    assert "拒收" in refused[1]
    assert "43101" in refused[1]
    for phone, status in ((blocked, "failed:user block"), (there, "success")):
        [told] = await messages(account, phone)
        result = {"MsgID": int(told.notice or 0), "Status": status}
        assert await phone.event("TEMPLATESENDJOBFINISH", **result) is None
        assert await phone.event("TEMPLATESENDJOBFINISH", **result) is None
    assert await state_of(blocked) == ("未送达", "市民拒收了公众号的消息")
    assert await state_of(there) == ("已发送", "")
    await there.event("TEMPLATESENDJOBFINISH", MsgID=1, Status="failed: system failed")  # none of ours
    assert await state_of(there) == ("已发送", "")

    # A template that is not there is for the IT people, and the words come all the same.
    await act(account, numbers[there.openid], DISPATCHER, "派单", unit="ecology")
    wrong = await account.see_async(lambda: state_of(there, 1), lambda found: found[0] == "未送达")
    assert wrong[1] == "模板编号不对（40037）"
    assert "已经转给" in (await there.write("在吗") or "")


async def test_who_is_killed_after_sending_a_notice_sends_it_once(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOTLINE_PUBLIC_URL", "https://12345.example.cn")
    account = await start(templates=TEMPLATES)
    phone = account.phone()
    number = await order_of(account, phone)
    await silence(account, phone)
    account.platform.faults[TEMPLATE] = ["lost"]  # it was taken, and nobody here knows
    await act(account, number, AGENT, "受理", topic="0701")
    await account.see_async(
        lambda: messages(account, phone), lambda found: found and found[0].state == "已发送"
    )
    assert account.platform.calls[TEMPLATE] == 2
    assert len(phone.citizen.notices) == 1
    assert phone.citizen.notices[0]["client_msg_id"]
    assert phone.citizen.notices[0]["url"] == "https://12345.example.cn"


def test_a_template_that_cannot_hold_what_it_should_is_found_at_start() -> None:
    with pytest.raises(ValueError, match="phrase2 这种字段放不下 number"):
        Settings.model_validate({"templates": {"已受理": {"id": "t", "fields": {"phrase2": "number"}}}})
    Settings.model_validate({"templates": {"已受理": {"id": "t", "fields": FIELDS | {"keyword5": "text"}}}})
