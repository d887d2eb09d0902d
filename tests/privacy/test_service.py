"""The routes in the whole service: they are there, behind the secret, before those of the single orders."""

from __future__ import annotations

import asyncio
import io
import uuid
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from hotline.conversations.models import Message
from hotline.database import Database
from hotline.jobs.worker import work
from hotline.settings import Settings
from hotline.work_orders.excel.reading import MAX_BYTES
from hotline.work_orders.models import WorkOrder
from tests.channels.conftest import Service, run, service, settings

__all__ = ["run", "service", "settings"]

SUPERVISOR = {"role": "督办", "actor": "3001"}
PHONE = "13800138000"


def form(**others: Any) -> dict[str, Any]:
    """An order as it is taken down on the telephone."""
    return {
        "id": uuid.uuid4().hex,
        "nature": "举报",
        "what": f"某厂夜里偷排废水，电话{PHONE}",
        "where_text": "天元区某厂",
        "name": "王建国",
        "phone": PHONE,
    } | others


async def taken(service: Service) -> str:
    """The number of an order."""
    got = await service.inside("POST", "/orders", params={"role": "坐席", "actor": "1024"}, json=form())
    assert got.status_code == 201, got.text
    return str(got.json()["number"])


async def test_everything_about_personal_data_is_in_the_service(service: Service) -> None:
    number = await taken(service)
    shown = await service.inside(
        "POST",
        f"/orders/{number}/reveal",
        params=SUPERVISOR,
        json={"fields": ["phone"], "reason": "核实举报"},
    )
    assert shown.json() == {"number": number, "phone": PHONE}
    await service.inside("GET", f"/orders/{number}", params=SUPERVISOR)
    book = await service.inside("GET", "/orders/export.xlsx", params=SUPERVISOR)
    assert load_workbook(io.BytesIO(book.content))["工单"]["A2"].value == number
    person = {"phone": PHONE, "reason": "本人书面申请"}
    copy = await service.inside("POST", "/privacy/export", params=SUPERVISOR, json=person)
    assert copy.content.startswith(b"PK")
    forgotten = await service.inside("POST", "/privacy/forget", params=SUPERVISOR, json=person)
    assert forgotten.json() == {"forgotten": [], "open": [number]}
    day = {"working": False, "note": "放假", "actor": "3001"}
    assert (await service.inside("PUT", "/calendar/2027-02-05", json=day)).status_code == 200
    await service.inside("DELETE", "/calendar/2027-02-05", params={"actor": "3001"})
    lines = (await service.inside("GET", "/audit", params=SUPERVISOR)).json()["lines"]
    assert [line["action"] for line in reversed(lines)] == [
        "查看原文",
        "查看保密工单",
        "导出工单",
        "导出个人信息",
        "删除个人信息",
        "设置节假日",
        "取消节假日设置",
    ]
    checked = (await service.inside("POST", "/audit/check", params=SUPERVISOR)).json()
    assert (checked["count"], checked["faults"]) == (7, [])


INSIDE = (
    ("POST", "/internal/orders/20261125-00001/reveal"),
    ("GET", "/internal/orders/export.xlsx"),
    ("POST", "/internal/orders/import"),
    ("POST", "/internal/privacy/export"),
    ("POST", "/internal/privacy/forget"),
    ("GET", "/internal/audit"),
    ("GET", "/internal/audit/export.csv"),
    ("POST", "/internal/audit/check"),
)


async def test_without_the_secret_nothing_is_told(service: Service) -> None:
    for method, path in INSIDE:
        refused = await service.client.request(method, path, params=SUPERVISOR)
        assert refused.status_code == 401, path


async def test_what_was_said_and_understood_is_masked_at_the_desk(
    database: Database, service: Service
) -> None:
    conversations = service.app.state.conversations
    spoken = await conversations.start("web")
    await conversations.receive(spoken, client_id="1", text=f"我的电话是{PHONE}")
    async with database.transaction() as session:
        message = await session.get_one(Message, (spoken, 2))
        message.evidence = {
            "entities": [{"entity": "phone", "value": PHONE}],
            "candidates": [{"title": PHONE}],
        }
    got = await service.inside("GET", f"/desk/{spoken}")
    assert got.status_code == 200
    assert "138****8000" in got.text
    assert PHONE not in got.text


async def test_a_workbook_may_be_larger_than_other_requests_but_not_endless(service: Service) -> None:
    book = Workbook()
    book.active.title = "工单"
    book.active.append(["类型", "内容"])
    for number in range(1500):
        book.active.append(["建议", f"第{number}条：" + "".join(uuid.uuid4().hex for _ in range(20))])
    out = io.BytesIO()
    book.save(out)
    assert len(out.getvalue()) > 300_000, "above what other requests may be"
    files = {"file": ("a.xlsx", out.getvalue(), "application/octet-stream")}
    done = await service.inside("POST", "/orders/import", params=SUPERVISOR, files=files, timeout=120)
    assert done.status_code == 200, done.text
    assert done.json()["created"] == 1500
    large = {"file": ("a.xlsx", b"\0" * (MAX_BYTES + 100_000), "application/octet-stream")}
    refused = await service.inside("POST", "/orders/import", params=SUPERVISOR, files=large)
    assert (refused.status_code, "10 MB" in refused.json()["error"]["message"]) == (413, True)


async def test_the_worker_forgets_when_it_is_called(
    database: Database, settings: Settings, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The job is registered with the worker, which is a process of its own in earnest."""
    number = await taken(service)
    async with database.transaction() as session:
        order = await session.get_one(WorkOrder, 1)
        assert order.number == number
        old = order.created_at.replace(year=order.created_at.year - 4)
        order.status, order.closed_at, order.created_at = "已撤回", old, old
    # Who is responsible is not asked here, and learning it takes a minute.
    monkeypatch.setattr("hotline.jobs.worker.load_judge", lambda *_: None)
    working = asyncio.create_task(work(settings))
    try:
        await service.app.state.work_orders.casework.call("retention")
        async with asyncio.timeout(60):
            while not working.done():
                async with database.transaction() as session:
                    if (await session.get_one(WorkOrder, 1)).anonymised_at is not None:
                        break
                await asyncio.sleep(0.1)
    finally:
        working.cancel()
        [ended] = await asyncio.gather(working, return_exceptions=True)
    assert not isinstance(ended, Exception), ended
    assert (Path(settings.var_dir) / "audit" / "anchor.json").exists()
