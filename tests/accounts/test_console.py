"""The work behind the session: who acts is what the session says, whatever else is said."""

from __future__ import annotations

import io
from typing import Any
from urllib.parse import quote

import pytest
from fastapi import APIRouter, FastAPI
from PIL import Image
from sqlalchemy import text

import hotline.work_orders.staff_api as staff_api
from hotline.database import Database
from hotline.work_orders.service import WorkOrders
from tests.accounts.conftest import Browser, Staff, audited, code_of
from tests.work_orders.conftest import ANSWER, DISPATCHER, UNIT, Do, draft


@pytest.fixture
async def case(orders: WorkOrders, do: Do) -> str:
    """An order in the hands of the unit ``ecology``: its number."""
    order = await orders.do_create(draft(confidential=True, nature="举报"))
    await do(order, DISPATCHER, "受理", topic="0701")
    await do(order, DISPATCHER, "派单", unit="ecology")
    await do(order, UNIT, "签收")
    return order.number


async def test_a_unit_sees_and_does_what_is_its_own(
    browsers: list[Browser], staff: Staff, case: str, database: Database
) -> None:
    own, other, _ = browsers
    await staff.add("5001", "承办单位", unit="ecology")
    await staff.add("5003", "承办单位", unit="health")
    await own.log_in("5001")
    await other.log_in("5003")

    assert [line["number"] for line in (await own("GET", "/orders")).json()["orders"]] == [case]
    assert (await other("GET", "/orders")).json()["orders"] == []
    assert (await other("GET", "/orders", params={"everything": True})).json()["total"] == 0
    assert (await other("GET", "/orders", params={"words": case})).json()["total"] == 0
    assert (await other("GET", "/orders/counts")).json()["by_status"] == {}
    attempts: list[tuple[str, str, dict[str, Any]]] = [
        ("GET", f"/orders/{case}", {}),
        ("POST", f"/orders/{case}/actions", {"json": {"action": "备注", "fields": {"note": "看看"}}}),
        ("POST", f"/orders/{case}/reveal", {"json": {"fields": ["what"], "reason": "核实情况"}}),
    ]
    for method, path, options in attempts:
        assert code_of(await other(method, path, **options)) == (404, "not_found")
    for method, path, options in (
        ("GET", "/orders/undelivered", {}),
        ("POST", "/orders/deliveries/1/told", {}),
        (
            "POST",
            "/orders",
            {"json": {"id": "d", "nature": "求助", "what": "路灯不亮", "where_text": "天元区"}},
        ),
        ("GET", "/audit", {}),
        ("GET", "/audit/export.csv", {}),
        ("GET", "/outside/dead-letters", {}),
        ("POST", "/privacy/export", {"json": {"phone": "13800138000", "reason": "本人书面申请"}}),
        ("POST", "/privacy/forget", {"json": {"phone": "13800138000", "reason": "本人书面申请"}}),
    ):
        assert code_of(await own(method, path, **options)) == (403, "forbidden"), path

    page = (await own("GET", f"/orders/{case}")).json()
    assert "王某" not in str(page)
    done = await own("POST", f"/orders/{case}/actions", json={"action": "答复", "fields": {"answer": ANSWER}})
    assert done.status_code == 200, done.text
    step = done.json()["events"][-1]
    assert (step["action"], step["role"], step["actor"]) == ("答复", "承办单位", "5001")


@pytest.mark.parametrize(
    "said",
    [
        {"role": "领导", "actor": "4001"},
        {"role": "承办单位", "actor": "5001", "unit": "ecology"},
        {"unit": "ecology"},
        {"acting_role": "坐席"},
    ],
)
async def test_nothing_that_is_said_makes_somebody_else_of_one(
    browser: Browser, staff: Staff, case: str, said: dict[str, str]
) -> None:
    await staff.add("5003", "承办单位", unit="health")
    await browser.log_in("5003")
    answer = await browser("GET", f"/orders/{case}", params=said)
    assert answer.status_code in (403, 404)
    headers = {"Authorization": "Bearer inside"}
    answer = await browser("GET", f"/orders/{case}", params=said, headers=headers)
    assert answer.status_code in (403, 404)


async def test_a_photograph_of_another_units_order_is_not_shown(
    browsers: list[Browser], staff: Staff, case: str
) -> None:
    own, other, _ = browsers
    await staff.add("5001", "承办单位", unit="ecology")
    await staff.add("5003", "承办单位", unit="health")
    await own.log_in("5001")
    await other.log_in("5003")
    picture = io.BytesIO()
    Image.new("RGB", (64, 48), "green").save(picture, "JPEG")
    upload = {
        "files": {"file": ("after.jpg", picture.getvalue(), "image/jpeg")},
        "params": {"client_id": "c1"},
    }
    assert code_of(await other("POST", f"/orders/{case}/attachments", **upload)) == (404, "not_found")
    added = await own("POST", f"/orders/{case}/attachments", **upload)
    assert added.status_code == 201, added.text
    path = f"/orders/{case}/attachments/{added.json()['attachments'][0]['id']}"
    assert (await own("GET", path)).headers["content-type"] == "image/jpeg"
    assert code_of(await other("GET", path)) == (404, "not_found")


async def test_whoever_learns_looks_on_and_changes_nothing(browser: Browser, staff: Staff, case: str) -> None:
    await staff.add("9001", "跟班学习")
    await browser.log_in("9001")
    for path in (
        "/orders",
        "/orders/counts",
        f"/orders/{case}",
        "/orders/undelivered",
        "/calendar",
        "/catalogue",
    ):
        assert (await browser("GET", path)).status_code == 200, path
    page = (await browser("GET", f"/orders/{case}")).json()
    assert page["actions"] == []
    for method, path, body in (
        ("POST", f"/orders/{case}/actions", {"action": "备注", "fields": {"note": "学习"}}),
        ("POST", f"/orders/{case}/not-same", {"other": case}),
        ("POST", f"/orders/{case}/reveal", {"fields": ["phone"], "reason": "学习学习"}),
        ("POST", "/orders", {"id": "d", "nature": "求助", "what": "路灯不亮", "where_text": "天元区"}),
        ("POST", "/orders/deliveries/1/told", None),
        ("POST", "/audit/check", None),
        ("POST", "/privacy/forget", {"phone": "13800138000", "reason": "本人书面申请"}),
        ("PUT", "/calendar/2027-02-06", {"working": True}),
    ):
        answer = await browser(method, path, json=body)
        assert code_of(answer) == (403, "forbidden"), path
    for path in ("/audit", "/audit/export.csv", "/orders/export.xlsx", "/outside/dead-letters"):
        assert code_of(await browser("GET", path)) == (403, "forbidden"), path
    assert (await browser("GET", f"/orders/{case}")).json()["version"] == page["version"]


@pytest.mark.parametrize("roles", [["管理员"], ["知识编辑"], ["知识编辑", "管理员"]])
async def test_who_gives_roles_or_edits_knowledge_sees_no_orders(
    browser: Browser, staff: Staff, case: str, roles: list[str]
) -> None:
    await staff.add("1", *roles)
    await browser.log_in("1")
    for method, path in (
        ("GET", "/orders"),
        ("GET", f"/orders/{case}"),
        ("POST", f"/orders/{case}/actions"),
        ("GET", "/orders/undelivered"),
        ("GET", "/hot-issues"),
        ("GET", "/audit"),
    ):
        answer = await browser(method, path, json={"action": "备注"} if method == "POST" else None)
        assert code_of(answer) == (403, "forbidden"), path
        assert "不看也不办工单" in answer.json()["error"]["message"]


async def test_who_has_several_roles_says_in_which_one_he_acts(
    browser: Browser, staff: Staff, case: str, database: Database
) -> None:
    await staff.add("1", "坐席", "督办", "管理员")
    await browser.log_in("1")
    refused = await browser("GET", "/orders")
    assert code_of(refused) == (422, "which_role")
    assert "坐席、督办" in refused.json()["error"]["message"]
    for wrong in ("领导", "管理员", "", "局长" * 50, "%ff%fe"):
        answer = await browser("GET", "/orders", headers={"X-Acting-Role": quote(wrong)})
        assert code_of(answer) == (403, "forbidden"), wrong

    note = {"action": "备注", "fields": {"note": "催一催承办单位"}}
    browser.act_as("督办")
    assert (await browser("POST", f"/orders/{case}/actions", json=note)).json()["events"][-1][
        "role"
    ] == "督办"
    browser.act_as("坐席")
    assert (await browser("POST", f"/orders/{case}/actions", json=note)).json()["events"][-1][
        "role"
    ] == "坐席"
    assert code_of(await browser("GET", "/audit")) == (403, "forbidden")
    del browser.headers["X-Acting-Role"]
    # A link to a file carries no header.
    assert (await browser("GET", "/audit/export.csv", params={"acting_role": "督办"})).status_code == 200
    plain: Any = {b"X-Acting-Role": "督办".encode()}
    assert (await browser.client.get("/console-api/orders", headers=plain)).status_code == 200
    assert [line.role for line in await audited(database, "导出审计")] == ["督办"]


async def test_who_reveals_is_in_the_audit_by_number_and_role(
    browser: Browser, staff: Staff, case: str, database: Database
) -> None:
    await staff.add("2001", "派单员")
    await browser.log_in("2001")
    asked = {"fields": ["phone"], "reason": "回访核实"}
    seen = await browser("POST", f"/orders/{case}/reveal", json=asked)
    assert seen.json()["phone"] == "13800138000"
    assert seen.headers["cache-control"] == "no-store"
    [line] = await audited(database, "查看原文")
    assert (line.actor, line.role) == ("2001", "派单员")


async def test_a_unit_that_is_no_longer_in_the_city_sees_nothing(
    browser: Browser, staff: Staff, database: Database
) -> None:
    await staff.add("5001", "承办单位", unit="ecology")
    await browser.log_in("5001")
    async with database.transaction() as session:
        await session.execute(text("UPDATE hotline.account SET unit = 'gone' WHERE number = '5001'"))
    assert code_of(await browser("GET", "/orders")) == (403, "forbidden")


async def test_where_the_door_knows_nobody_nobody_acts(app: FastAPI, browser: Browser, case: str) -> None:
    open_door = APIRouter(prefix="/open")
    open_door.include_router(staff_api.router)
    app.include_router(open_door)
    said = {"role": "领导", "actor": "4001"}
    answer = await browser.client.get("/open/orders", params=said)
    assert answer.status_code == 401


def test_every_route_of_the_work_asks_who_acts(app: FastAPI) -> None:
    """A route that did not would not look at the unit either."""
    behind = 0
    for path, operations in app.openapi()["paths"].items():
        for method, operation in operations.items():
            parameters = operation.get("parameters", [])
            chooses = any(one["name"] == "x-acting-role" for one in parameters)
            asks = any("x-said-inside" in one["schema"] for one in parameters)
            assert chooses == asks, (method, path)
            behind += chooses
    assert behind > 20
