"""What a person may ask for: a copy of what is kept, and to be forgotten."""

from __future__ import annotations

import asyncio
import io
import json
import uuid
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from openpyxl import load_workbook
from sqlalchemy import select
from typer.testing import CliRunner, Result

from hotline.attachments.models import Attachment
from hotline.attachments.service import Attachments
from hotline.conversations import texts
from hotline.conversations.service import Conversations
from hotline.database import Database
from hotline.privacy.cli import app as commands
from hotline.settings import get_settings
from hotline.work_orders.models import WorkOrder
from hotline.work_orders.service import CITIZEN, WorkOrders
from tests.attachments.pictures import jpeg
from tests.privacy.conftest import NAME, PHONE, audited, params
from tests.serving import serve
from tests.work_orders.conftest import AGENT, DISPATCHER, LEADER, SUPERVISOR, UNIT, Do, draft

REASON = "本人书面申请，已回拨核实"


async def ended(orders: WorkOrders, do: Do, **others: Any) -> WorkOrder:
    """An order that its citizen has withdrawn."""
    order = await orders.do_create(draft(**({"name": NAME, "phone": PHONE} | others)))
    return await do(order, CITIZEN, "撤回", note=f"{NAME}不办了，{PHONE}")


async def ask(
    client: httpx.AsyncClient, what: str, phone: str = PHONE, *, actor: Any = DISPATCHER, **others: Any
) -> httpx.Response:
    body = {"phone": phone, "reason": REASON} | others
    return await client.post(f"/privacy/{what}", params=params(actor), json=body)


def opened(content: bytes) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(content))


@pytest.mark.parametrize(
    "phone", [PHONE, "+86 138-0013-8000", "１３８００１３８０００", "一三八零零一三八零零零"]
)
async def test_the_copy_has_all_that_is_kept_and_is_found_however_the_number_is_typed(
    database: Database,
    client: httpx.AsyncClient,
    orders: WorkOrders,
    conversations: Conversations,
    do: Do,
    phone: str,
) -> None:
    spoken = await conversations.start("web")
    await conversations.receive(spoken, client_id="1", text=f"我是{NAME}，=1+1")
    mine = await ended(orders, do, conversation_id=spoken, what="=工地夜里施工", phone="+86 138 0013 8000")
    under_way = await orders.do_create(draft(conversation_id=None, name=NAME, phone=PHONE))
    others = await ended(orders, do, phone="13800138001")

    got = await ask(client, "export", phone)
    assert got.status_code == 200, got.text
    assert got.headers["cache-control"] == "no-store"
    archive = opened(got.content)
    assert set(archive.namelist()) == {"说明.txt", "个人信息.json", "个人信息.xlsx"}
    assert PHONE in archive.read("说明.txt").decode("utf-8-sig")

    content = json.loads(archive.read("个人信息.json"))
    assert [order["number"] for order in content["orders"]] == [mine.number, under_way.number]
    assert content["orders"][0]["name"] == NAME
    assert content["orders"][0]["steps"][-1] == {
        "at": content["orders"][0]["steps"][-1]["at"],
        "action": "撤回",
        "note": f"{NAME}不办了，{PHONE}",
    }
    assert [line["text"] for line in content["messages"]][-1] == f"我是{NAME}，=1+1"
    assert others.number not in got.content.decode("latin-1")

    book = load_workbook(io.BytesIO(archive.read("个人信息.xlsx")))
    assert book.sheetnames == ["工单", "办理经过", "对话"]
    assert [row[0].value for row in book["工单"].iter_rows(min_row=2)] == [mine.number, under_way.number]
    what = book["工单"]["G2"]
    assert (what.value, what.data_type) == ("=工地夜里施工", "s")

    [line] = await audited(database, action="导出个人信息")
    assert (line.actor, line.subject) == (DISPATCHER.id, "电话 138****8000")
    assert line.detail == {"reason": REASON, "orders": [mine.number, under_way.number]}


async def test_photographs_go_along(
    client: httpx.AsyncClient,
    database: Database,
    orders: WorkOrders,
    conversations: Conversations,
    attachments: Attachments,
    do: Do,
) -> None:
    spoken = await conversations.start("web")
    await attachments.do_keep(spoken, jpeg(), client_id="p1")
    order = await ended(orders, do, conversation_id=spoken)
    async with database.transaction() as session:
        kept = (await session.scalars(select(Attachment))).one()
        kept.order_id, kept.message_seq = order.id, 1
    archive = opened((await ask(client, "export")).content)
    assert archive.read("照片/001.jpg").startswith(b"\xff\xd8")
    assert json.loads(archive.read("个人信息.json"))["photographs"] == ["001.jpg"]


async def test_only_the_order_that_is_named(client: httpx.AsyncClient, orders: WorkOrders, do: Do) -> None:
    first, second = await ended(orders, do), await ended(orders, do)
    archive = opened((await ask(client, "export", order=second.number)).content)
    content = json.loads(archive.read("个人信息.json"))
    assert [order["number"] for order in content["orders"]] == [second.number]
    assert (await ask(client, "forget", order=first.number)).json() == {
        "forgotten": [first.number],
        "open": [],
    }
    wrong = await ask(client, "export", "13800138001", order=second.number)
    assert wrong.status_code == 404


async def test_what_has_ended_is_forgotten_at_once_and_what_is_under_way_is_named(
    database: Database,
    client: httpx.AsyncClient,
    orders: WorkOrders,
    conversations: Conversations,
    do: Do,
) -> None:
    quiet, busy = await conversations.start("web"), await conversations.start("web")
    for spoken in (quiet, busy):
        await conversations.receive(spoken, client_id="1", text=f"我是{NAME}")
    done = await ended(orders, do, conversation_id=quiet)
    shared = await ended(orders, do, conversation_id=busy)
    under_way = await orders.do_create(draft(conversation_id=busy, name=NAME, phone=PHONE))

    got = await ask(client, "forget")
    assert got.json() == {"forgotten": [done.number, shared.number], "open": [under_way.number]}
    async with database.transaction() as session:
        gone = await session.get_one(WorkOrder, done.id)
        kept = await session.get_one(WorkOrder, under_way.id)
    assert (gone.name, gone.phone, gone.conversation_id) == (None, None, None)
    assert gone.anonymised_at is not None
    assert (kept.name, kept.phone) == (NAME, PHONE)
    assert {line.text for line in await conversations.messages(quiet)} == {texts.FORGOTTEN}
    assert any(NAME in line.text for line in await conversations.messages(busy)), "needed for the other order"

    [line] = await audited(database, action="删除个人信息")
    assert line.detail == {
        "reason": REASON,
        "orders": [done.number, shared.number],
        "open": [under_way.number],
    }
    again = await ask(client, "forget")
    assert again.json() == {"forgotten": [], "open": [under_way.number]}
    await do(under_way, CITIZEN, "撤回")
    assert (await ask(client, "forget")).json() == {"forgotten": [under_way.number], "open": []}
    assert {line.text for line in await conversations.messages(busy)} == {texts.FORGOTTEN}
    assert (await ask(client, "export")).status_code == 404, "nothing is found by the number any more"
    shown = await client.post(
        f"/orders/{done.number}/reveal",
        params=params(AGENT),
        json={"fields": ["phone"], "reason": REASON},
    )
    assert (shown.status_code, shown.json()["error"]["code"]) == (409, "forgotten")


@pytest.mark.parametrize("what", ["export", "forget"])
async def test_who_may_not_ask_gets_nothing(
    database: Database, client: httpx.AsyncClient, orders: WorkOrders, do: Do, what: str
) -> None:
    order = await ended(orders, do)
    for actor in (AGENT, UNIT, LEADER):
        refused = await ask(client, what, actor=actor)
        assert refused.status_code == 403
        assert PHONE not in refused.text
    for bad in ({"reason": "要"}, {"reason": ""}, {"reason": "长" * 201}, {"more": 1}, {"phone": None}):
        assert (await ask(client, what, **bad)).status_code == 422
    for phone in ("", "12345", "1380013800", "王某", f"{PHONE} 13800138001", "1" * 41):
        refused = await ask(client, what, phone)
        assert refused.status_code == 422
        assert not refused.json()["error"]["message"].isascii()
    assert (await ask(client, what, "13800138009")).status_code == 404
    async with database.transaction() as session:
        assert (await session.get_one(WorkOrder, order.id)).anonymised_at is None
    assert not await audited(database)


@pytest.fixture
def secret(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The commands know the test's secret."""
    monkeypatch.setenv("HOTLINE_INTERNAL_TOKEN", "inside")
    get_settings.cache_clear()
    yield
    get_settings.cache_clear()


@pytest.mark.usefixtures("secret")
async def test_the_commands_export_and_forget(
    app: FastAPI, orders: WorkOrders, do: Do, tmp_path: Path
) -> None:
    first, second = await ended(orders, do), await orders.do_create(draft(name=NAME, phone=PHONE))
    async with serve(app) as url:

        async def call(*arguments: str, sure: str = "") -> Result:
            words = [*arguments, "--phone", PHONE, "--reason", REASON, "--by", "2001", "--url", url]
            return await asyncio.to_thread(CliRunner().invoke, commands, words, input=sure)

        file = tmp_path / f"{uuid.uuid4().hex}.zip"
        done = await call("export", "--output", str(file))
        assert (done.exit_code, "只能交给本人" in done.output) == (0, True), done.output
        assert first.number in opened(file.read_bytes()).read("个人信息.json").decode()
        assert file.stat().st_mode & 0o077 == 0

        refused = await call("export", "--output", str(file), "--as", "领导")
        assert (refused.exit_code, "领导不能导出个人信息" in refused.output) == (1, True)
        stopped = await call("forget", sure="n\n")
        assert stopped.exit_code == 1
        partly = await call("forget", sure="y\n")
        assert partly.exit_code == 1
        assert f"已删除 1 张工单里的个人信息：{first.number}" in partly.output
        assert f"还在办，没有删：{second.number}" in partly.output
        await do(second, CITIZEN, "撤回")
        assert (await call("forget", "--yes", "--as", SUPERVISOR.role)).exit_code == 0
        nobody = await call("forget", "--yes")
        assert (nobody.exit_code, "没有查到" in nobody.output) == (1, True)
