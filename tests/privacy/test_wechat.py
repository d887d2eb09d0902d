"""At WeChat, too, nothing is left of who is to be forgotten; and the openid stands nowhere but where it is needed."""

from __future__ import annotations

import io
import json
import uuid
import zipfile
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from hotline.channels.wechat.forgetting import left
from hotline.channels.wechat.models import WechatContact, WechatMessage
from hotline.database import Database, now
from hotline.privacy.retention import Retention
from tests.channels.conftest import Service
from tests.privacy.conftest import PHONE, audited
from tests.privacy.test_retention import everything
from tests.wechat.conftest import Start, start

__all__ = ["start"]

SUPERVISOR = {"role": "督办", "actor": "3001"}
PERSON = {"phone": PHONE, "reason": "本人书面申请"}


async def taken(service: Service, conversation: uuid.UUID | None, **others: Any) -> dict[str, Any]:
    """An order of this conversation, with its code."""
    form = {"id": uuid.uuid4().hex, "nature": "建议", "what": "建议多装几盏路灯", "phone": PHONE} | others
    form["conversation_id"] = conversation and str(conversation)
    got = await service.inside("POST", "/work-orders", json=form)
    assert got.status_code == 200, got.text
    found: dict[str, Any] = got.json()
    return found


async def follow(service: Service, order: Mapping[str, Any], conversation: uuid.UUID) -> None:
    """Show number and code in a conversation."""
    body = {"query_code": order["query_code"], "conversation_id": str(conversation)}
    got = await service.inside("POST", f"/work-orders/{order['number']}/lookup", json=body)
    assert got.json()["following"] == "yes", got.text


async def withdraw(service: Service, order: Mapping[str, Any]) -> None:
    """End an order."""
    body = {"query_code": order["query_code"], "request": uuid.uuid4().hex}
    got = await service.inside("POST", f"/work-orders/{order['number']}/withdraw", json=body)
    assert got.json()["status"] == "已撤回", got.text


async def kept(database: Database, openid: str) -> tuple[bool, list[str]]:
    """Whether the openid is known, and the words that wait for it or were sent to it."""
    async with database.transaction() as session:
        messages = select(WechatMessage.text).where(WechatMessage.openid == openid)
        known = await session.get(WechatContact, openid) is not None
        return known, list(await session.scalars(messages))


async def test_who_is_forgotten_is_forgotten_at_wechat_and_the_copy_names_no_openid(
    start: Start, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    account = await start(menu=[{"name": "我的", "lines": [{"name": "查进度", "say": "查进度"}]}])
    service, state = account.service, account.service.app.state
    mother, son, stranger = account.phone(), account.phone(), account.phone()
    for phone in (mother, son, stranger):
        await phone.write("路灯不亮")
        await phone.event("CLICK", EventKey="say:查进度")
    spoken = {
        phone.openid: await state.wechat.wechat.conversation_of(phone.openid) for phone in (mother, son)
    }
    own = await taken(service, spoken[mother.openid])
    called = await taken(service, None)
    other = await taken(service, None, phone="13800138009")
    await follow(service, own, spoken[son.openid])
    await follow(service, called, spoken[mother.openid])
    await follow(service, other, spoken[mother.openid])
    params = {"role": "坐席", "actor": "1024"}
    body = {"action": "受理", "fields": {"topic": "0701"}}
    assert (
        await service.inside("POST", f"/orders/{own['number']}/actions", params=params, json=body)
    ).is_success
    await state.deliveries.do_deliver()
    await account.see(lambda: "已经受理" in mother.seen[-1] and "已经受理" in son.seen[-1])

    copy = await service.inside("POST", "/privacy/export", params=SUPERVISOR, json=PERSON)
    archive = zipfile.ZipFile(io.BytesIO(copy.content))
    told = {o["number"]: o["told_in"] for o in json.loads(archive.read("个人信息.json"))["orders"]}
    assert told == {own["number"]: ["微信", "微信"], called["number"]: ["微信"]}
    book = load_workbook(io.BytesIO(archive.read("个人信息.xlsx")))
    assert book["工单"]["O2"].value == "微信、微信"
    table = await service.inside("GET", "/orders/export.xlsx", params=SUPERVISOR)
    page = await service.inside("GET", f"/orders/{own['number']}", params=params)
    talk = await service.inside("GET", f"/desk/{spoken[mother.openid]}")
    for answer in (copy, table, page, talk):
        assert answer.is_success
        content = b"".join(_unpacked(answer.content))
        assert mother.openid.encode() not in content
        assert son.openid.encode() not in content
    stored = (await everything(database)).replace(f'"openid":"{mother.openid}"', "")
    assert mother.openid not in stored, "in columns of its own alone"

    # Under way: nothing is taken out, and she is told further on.
    await service.inside("POST", "/privacy/forget", params=SUPERVISOR, json=PERSON)
    assert (await kept(database, mother.openid))[1] != [""]
    await withdraw(service, own)
    done = await service.inside("POST", "/privacy/forget", params=SUPERVISOR, json=PERSON)
    assert done.json() == {"forgotten": [own["number"]], "open": [called["number"]]}
    assert await kept(database, mother.openid) == (False, [])
    assert str(spoken[mother.openid]) not in await _followers(database)
    assert mother.openid not in await everything(database)
    assert (await kept(database, son.openid))[0], "somebody else, who was told of her order"
    assert str(spoken[son.openid]) not in await _followers(database), "of which nothing is told any more"
    welcome = await mother.write("你好")
    assert welcome == "答：你好", "she is somebody new"
    assert await state.wechat.wechat.conversation_of(mother.openid) != spoken[mother.openid]

    # In time, and without being asked: words first, and the openid of who has left.
    await son.event("unsubscribe")
    await follow(service, other, spoken[son.openid])
    later = now() + timedelta(days=366)
    retention = Retention(
        database, state.privacy, state.work_orders.casework.office.process, clock=lambda: later
    )
    await retention.do_retain()
    assert (await kept(database, son.openid))[0], "an order is still under way"
    await withdraw(service, other)
    await retention.do_retain()
    assert await kept(database, son.openid) == (False, [])
    assert await kept(database, stranger.openid) == (True, []), "words are gone, the account is still there"
    await stranger.event("unsubscribe")
    await retention.do_retain()
    assert await kept(database, stranger.openid) == (False, [])
    async with database.transaction() as session:
        assert list(await left(session)) == []
    gone = await everything(database)
    assert son.openid not in gone
    assert stranger.openid not in gone
    [line] = await audited(database, action="匿名化")
    assert (line.subject, line.detail) == ("取消关注的市民", {"contacts": 1})
    printed = capsys.readouterr()
    assert not any(phone.openid in printed.out + printed.err for phone in (mother, son, stranger))


async def _followers(database: Database) -> str:
    return "\n".join(line for line in (await everything(database)).splitlines() if '"since":' in line)


def _unpacked(content: bytes) -> list[bytes]:
    """The content itself, or what is in it when it is packed, also packed in packed."""
    if not content.startswith(b"PK"):
        return [content]
    archive = zipfile.ZipFile(io.BytesIO(content))
    return [part for name in archive.namelist() for part in _unpacked(archive.read(name))]
