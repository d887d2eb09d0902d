"""The actions' way to the work orders: what is shown, what is masked, what is refused."""

from __future__ import annotations

import re
import uuid
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI

from hotline import errors, internal
from hotline.database import Database
from hotline.settings import Settings
from hotline.work_orders import api
from hotline.work_orders.casework import Casework
from hotline.work_orders.office import Office
from hotline.work_orders.service import WRONG_CODES, WorkOrders

PHONE = "13800138000"
CHINESE = re.compile("[一-鿿]")


@pytest.fixture
async def client(database: Database, office: Office) -> AsyncIterator[httpx.AsyncClient]:
    """A client that knows the secret."""
    app = FastAPI()
    errors.install(app)
    inside = APIRouter(prefix="/internal", dependencies=[Depends(internal.authorized)])
    inside.include_router(api.router)
    app.include_router(inside)
    app.state.settings = Settings(_env_file=None, internal_token="inside")
    app.state.work_orders = WorkOrders(database, Casework(database, office))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    headers = {"Authorization": "Bearer inside"}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://test/internal", headers=headers
    ) as client:
        yield client


def form(**others: Any) -> dict[str, Any]:
    """A confirmed form, as the actions send it."""
    return {
        "id": uuid.uuid4().hex,
        "conversation_id": str(uuid.uuid4()),
        "nature": "投诉",
        "what": f"楼下工地夜里施工，工头电话{PHONE}",
        "where_text": f"天元区某小区，到了打{PHONE}",
        "name": "王某",
        "phone": PHONE,
    } | others


async def created(client: httpx.AsyncClient, **others: Any) -> dict[str, Any]:
    """An order."""
    response = await client.post("/work-orders", json=form(**others))
    assert response.status_code == 200
    order: dict[str, Any] = response.json()
    return order


async def test_the_code_is_shown_only_when_the_order_is_taken(client: httpx.AsyncClient) -> None:
    given = form()
    order = (await client.post("/work-orders", json=given)).json()
    again = (await client.post("/work-orders", json=given)).json()
    assert again == order
    code = order["query_code"]
    assert re.fullmatch(r"\d{6}", code)

    number, here = order["number"], {"conversation_id": given["conversation_id"]}
    shown = [
        (await client.get("/work-orders", params=here)).json()[0],
        (await client.post(f"/work-orders/{number}/lookup", json={"query_code": code})).json(),
        (await client.post(f"/work-orders/{number}/urge", json=here | {"request": "m-1"})).json(),
        (await client.post(f"/work-orders/{number}/withdraw", json=here | {"request": "m-2"})).json(),
    ]

    assert [found["number"] for found in shown] == [number] * 4
    assert [found["query_code"] for found in shown] == [None] * 4


async def test_telephone_numbers_are_masked_everywhere_and_names_not_shown(client: httpx.AsyncClient) -> None:
    given = form()
    here = {"conversation_id": given["conversation_id"]}
    taken = await client.post("/work-orders", json=given)
    number = taken.json()["number"]
    note = {"request": "m-1", "note": f"打我电话{PHONE}"}

    responses = [
        taken,
        await client.post(f"/work-orders/{number}/urge", json=here | note),
        await client.post(f"/work-orders/{number}/lookup", json=here),
        await client.get("/work-orders", params=here),
    ]

    for response in responses:
        assert response.status_code == 200
        assert PHONE not in response.text
        assert "王某" not in response.text
    found = responses[2].json()
    assert "138****8000" in found["what"]
    assert "138****8000" in found["where"]
    assert [event["action"] for event in found["events"]] == ["提交", "催办"]
    assert found["events"][1]["note"] == "打我电话138****8000"


async def test_the_way_of_an_order_from_taking_to_withdrawing(client: httpx.AsyncClient) -> None:
    order = await created(client)
    path, code = f"/work-orders/{order['number']}", {"query_code": order["query_code"]}

    urged = await client.post(f"{path}/urge", json=code | {"request": "m-1"})
    withdrawn = await client.post(f"{path}/withdraw", json=code | {"request": "m-2"})
    late = await client.post(f"{path}/urge", json=code | {"request": "m-3"})

    assert urged.json()["status"] == "待受理"
    assert withdrawn.json()["status"] == "已撤回"
    assert (late.status_code, late.json()["error"]["code"]) == (409, "ended")
    found = (await client.post(f"{path}/lookup", json=code)).json()
    assert [event["action"] for event in found["events"]] == ["提交", "催办", "撤回"]


async def test_wrong_codes_are_refused_alike_and_in_the_end_locked(client: httpx.AsyncClient) -> None:
    order = await created(client)
    path = f"/work-orders/{order['number']}/lookup"
    wrong = {"query_code": f"{(int(order['query_code']) + 1) % 1_000_000:06d}"}

    for _ in range(WRONG_CODES):
        refused = await client.post(path, json=wrong)
        assert refused.status_code == 404
    nowhere = await client.post("/work-orders/20200101-00001/lookup", json=wrong)
    assert (nowhere.status_code, nowhere.json()) == (404, refused.json())
    locked = await client.post(path, json={"query_code": order["query_code"]})

    assert (locked.status_code, locked.json()["error"]["code"]) == (429, "too_many_codes")


BAD_FORMS: list[dict[str, Any]] = [
    {"nature": "咨询投诉"},
    {"nature": None},
    {"what": "吵"},
    {"what": "长" * 4001},
    {"what": "楼下工地\x00夜里施工"},
    {"where_text": ""},
    {"where_text": "长" * 501},
    {"phone": "1" * 21},
    {"name": "长" * 51},
    {"id": ""},
    {"id": "x" * 101},
    {"conversation_id": "x"},
    {"anonymous": "maybe"},
    {"status": "已办结"},
]


async def test_a_bad_form_is_refused_in_chinese_and_takes_no_number(client: httpx.AsyncClient) -> None:
    for bad in BAD_FORMS:
        response = await client.post("/work-orders", json=form(**bad))
        assert response.status_code == 422, bad
        assert CHINESE.search(response.json()["error"]["message"]), bad

    assert (await created(client))["number"].endswith("-00001")


async def test_a_bad_request_is_refused_in_chinese_and_leaves_no_line(client: httpx.AsyncClient) -> None:
    order = await created(client)
    path, code = f"/work-orders/{order['number']}", {"query_code": order["query_code"]}
    for action in ("urge", "withdraw"):
        for bad in (
            {"request": ""},
            {"request": "x" * 101},
            {"request": None},
            {"note": "长" * 501},
        ):
            response = await client.post(f"{path}/{action}", json=code | {"request": "m-1"} | bad)
            assert response.status_code == 422, bad
            assert CHINESE.search(response.json()["error"]["message"]), bad

    found = (await client.post(f"{path}/lookup", json=code)).json()
    assert [event["action"] for event in found["events"]] == ["提交"]
    assert found["status"] == "待受理"


async def test_nothing_is_told_without_the_secret(client: httpx.AsyncClient) -> None:
    order = await created(client)
    client.headers["Authorization"] = "Bearer guess"

    for method, path, body in (
        ("POST", "/work-orders", form()),
        ("GET", "/work-orders", None),
        ("POST", f"/work-orders/{order['number']}/lookup", {"query_code": order["query_code"]}),
        ("POST", f"/work-orders/{order['number']}/withdraw", {"request": "m-1"}),
    ):
        response = await client.request(method, path, json=body)
        assert response.status_code == 401
        assert CHINESE.search(response.json()["error"]["message"])
