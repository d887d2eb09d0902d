"""Seeing personal data in clear: who may, with which reason, and what stays behind in the audit."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

import httpx
import pytest

from hotline.audit.chain import Chain
from hotline.database import Database
from hotline.privacy.rules import Asked, Part, as_table, check_reveal
from hotline.settings import Settings
from hotline.work_orders.effects.step import Actor
from hotline.work_orders.errors import WorkOrderError
from hotline.work_orders.lifecycle import Role
from hotline.work_orders.models import WorkOrder
from hotline.work_orders.personal import CLEAR
from hotline.work_orders.service import CITIZEN, WorkOrders
from tests.conftest import ROOT
from tests.privacy.conftest import NAME, PHONE, Act, audited, params
from tests.work_orders.conftest import (
    AGENT,
    DISPATCHER,
    HELPER,
    LEADER,
    STRANGER,
    SUPERVISOR,
    UNIT,
    Do,
    draft,
)

REASON = "电话回访，核实地点"


def outcome(
    role: Role,
    *,
    part: Part | None = None,
    hidden: bool = False,
    ended: bool = False,
    fields: Collection[str] = ("phone",),
    reason: str = "需要联系市民，核实具体的地点",
) -> str:
    """``seen``, or the code of the refusal."""
    try:
        check_reveal(Asked(role=role, part=part, hidden=hidden, ended=ended, fields=fields, reason=reason))
    except WorkOrderError as error:
        return error.code if not error.message.isascii() else "not Chinese"
    return "seen"


@pytest.mark.parametrize("role", [Role.AGENT, Role.DISPATCHER, Role.SUPERVISOR])
def test_the_hotlines_own_people_may_see_any_order(role: Role) -> None:
    assert outcome(role) == "seen"
    assert outcome(role, hidden=True, ended=True, fields=list(CLEAR)) == "seen"


def test_a_unit_may_where_it_has_the_case_in_hand_and_nobody_asked_to_stay_hidden() -> None:
    assert outcome(Role.UNIT, part="主办", fields=list(CLEAR)) == "seen"
    assert outcome(Role.UNIT, part="主办", hidden=True) == "forbidden"
    assert outcome(Role.UNIT, part="主办", ended=True) == "forbidden"
    assert outcome(Role.UNIT, part="协办", fields=["what", "where"]) == "seen"
    assert outcome(Role.UNIT, part="协办", fields=["what", "phone"]) == "forbidden"
    assert outcome(Role.UNIT, part="协办", hidden=True, fields=["where"]) == "forbidden"


def test_a_leader_gives_a_longer_reason_and_sees_nobody_who_is_hidden() -> None:
    assert outcome(Role.LEADER) == "seen"
    assert outcome(Role.LEADER, reason="领导要看") == "invalid"
    assert outcome(Role.LEADER, hidden=True) == "forbidden"


@pytest.mark.parametrize("role", [Role.CITIZEN, Role.SYSTEM])
def test_nobody_else_may(role: Role) -> None:
    assert outcome(role) == "forbidden"


@pytest.mark.parametrize("reason", ["", "看看", "   看    ", "长" * 201])
def test_without_a_reason_nothing_is_seen(reason: str) -> None:
    assert outcome(Role.AGENT, reason=reason) == "invalid"


@pytest.mark.parametrize("fields", [[], ["query_code"], ["phone", "draft"]])
def test_only_what_is_named_is_seen(fields: list[str]) -> None:
    assert outcome(Role.AGENT, fields=fields) == "invalid"


def test_the_table_in_the_docs_is_the_one_in_force() -> None:
    assert as_table() in (ROOT / "docs" / "privacy.md").read_text(encoding="utf-8")


async def at_unit(orders: WorkOrders, act: Act, **others: Any) -> WorkOrder:
    """An order that the unit handles, and another unit assists in."""
    order = await orders.do_create(
        draft(**({"name": NAME, "phone": PHONE, "what": f"工地夜里施工，电话{PHONE}"} | others))
    )
    await act(order.number, AGENT, "受理", topic="0701")
    await act(
        order.number,
        DISPATCHER,
        "派单",
        unit="ecology",
        assisting=[{"unit": "430211", "duty": "现场查看"}],
    )
    await act(order.number, UNIT, "签收")
    return order


async def reveal(
    client: httpx.AsyncClient, order: WorkOrder, actor: Actor, *fields: str, reason: str = REASON
) -> httpx.Response:
    return await client.post(
        f"/orders/{order.number}/reveal",
        params=params(actor),
        json={"fields": list(fields), "reason": reason},
    )


async def test_what_is_seen_is_in_the_audit_and_its_value_is_not(
    database: Database, client: httpx.AsyncClient, orders: WorkOrders, act: Act, do: Do
) -> None:
    order = await at_unit(orders, act)
    await do(order, CITIZEN, "补充", note=f"找{NAME}，{PHONE}")
    got = await reveal(client, order, AGENT, "phone", "name", "what", "notes", reason=f"拨打{PHONE}回访")
    assert got.status_code == 200
    assert got.headers["cache-control"] == "no-store"
    seen = got.json()
    assert (seen["phone"], seen["name"]) == (PHONE, NAME)
    assert seen["what"].endswith(PHONE)
    assert seen["notes"][-1]["note"] == f"找{NAME}，{PHONE}"
    assert set(seen) == {"number", "phone", "name", "what", "notes"}, "nothing that was not asked for"
    [line] = await audited(database, action="查看原文")
    assert (line.actor, line.role, line.subject) == (AGENT.id, "坐席", f"工单 {order.number}")
    assert line.detail == {"fields": ["phone", "name", "what", "notes"], "reason": "拨打138****8000回访"}
    unit = await reveal(client, order, UNIT, "phone")
    assert unit.json() == {"number": order.number, "phone": PHONE}
    assert (await audited(database, action="查看原文"))[-1].detail["unit"] == "ecology"
    written = json.dumps([line.detail for line in await audited(database)], ensure_ascii=False)
    assert PHONE not in written
    assert NAME not in written


async def test_what_was_refused_is_in_the_audit_too(
    database: Database, client: httpx.AsyncClient, orders: WorkOrders, act: Act
) -> None:
    order = await at_unit(orders, act, nature="举报")
    for actor in (UNIT, HELPER, LEADER):
        refused = await reveal(client, order, actor, "name", "phone", reason="想知道是谁举报的我们单位")
        assert refused.status_code == 403
        assert "保密" in refused.json()["error"]["message"]
    found = await audited(database, action="查看原文被拒")
    assert [line.actor for line in found] == [UNIT.id, HELPER.id, LEADER.id]
    assert not await audited(database, action="查看原文")
    assert (await reveal(client, order, SUPERVISOR, "name")).json()["name"] == NAME


async def test_another_units_order_is_not_even_there(
    database: Database, client: httpx.AsyncClient, orders: WorkOrders, act: Act
) -> None:
    order = await at_unit(orders, act)
    refused = await reveal(client, order, STRANGER, "phone")
    nowhere = await client.post(
        "/orders/20200101-00001/reveal",
        params=params(UNIT),
        json={"fields": ["phone"], "reason": REASON},
    )
    assert (refused.status_code, refused.json()) == (nowhere.status_code, nowhere.json())
    assert refused.status_code == 404
    assert not await audited(database)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"fields": ["phone"]},
        {"fields": "phone", "reason": REASON},
        {"fields": ["phone"], "reason": "看"},
        {"fields": [], "reason": REASON},
        {"fields": ["nothing"], "reason": REASON},
        {"fields": ["phone"] * 11, "reason": REASON},
        {"fields": ["phone"], "reason": "长" * 1001},
        {"fields": ["phone"], "reason": REASON, "all": True},
        {"fields": ["phone\x00"], "reason": "\x00\x00\x00\x00\x00"},
    ],
)
async def test_a_bad_question_shows_nothing_and_leaves_no_line(
    database: Database, client: httpx.AsyncClient, orders: WorkOrders, body: dict[str, Any]
) -> None:
    order = await orders.do_create(draft())
    refused = await client.post(f"/orders/{order.number}/reveal", params=params(AGENT), json=body)
    assert refused.status_code == 422
    assert not refused.json()["error"]["message"].isascii()
    assert not await audited(database)


async def test_who_opens_a_confidential_order_is_noted_once_a_visit(
    database: Database, client: httpx.AsyncClient, orders: WorkOrders, act: Act
) -> None:
    order = await orders.do_create(draft(nature="举报"))
    plain = await orders.do_create(draft())
    for _ in range(3):
        assert (await client.get(f"/orders/{order.number}", params=params(SUPERVISOR))).status_code == 200
        await client.get(f"/orders/{plain.number}", params=params(SUPERVISOR))
    await client.get(f"/orders/{order.number}", params=params(LEADER))
    assert (await client.get(f"/orders/{order.number}", params=params(UNIT))).status_code == 404
    found = await audited(database)
    assert [(line.action, line.actor, line.subject) for line in found] == [
        ("查看保密工单", SUPERVISOR.id, f"工单 {order.number}"),
        ("查看保密工单", LEADER.id, f"工单 {order.number}"),
    ]


async def test_the_audit_of_it_all_holds(
    database: Database, settings: Settings, client: httpx.AsyncClient, orders: WorkOrders, act: Act
) -> None:
    order = await at_unit(orders, act, nature="举报")
    for actor in (AGENT, UNIT, LEADER, SUPERVISOR):
        await reveal(client, order, actor, "phone")
        await client.get(f"/orders/{order.number}", params=params(actor))
    checked = await Chain.of(database, settings).do_check()
    assert checked.faults == ()
    assert checked.count >= 6
