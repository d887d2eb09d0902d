"""The calendar over HTTP: what is answered, what is refused, and that promises stay."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

CHINESE = re.compile("[一-鿿]")


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client that knows the secret."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    headers = {"Authorization": "Bearer inside"}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://test/internal", headers=headers
    ) as opened:
        yield opened


def body(**others: Any) -> dict[str, Any]:
    """What is said of a day."""
    return {"working": True, "note": "春节调休", "actor": "1001"} | others


async def days(client: httpx.AsyncClient, **params: Any) -> list[str]:
    """The days that are set."""
    found = (await client.get("/calendar", params=params)).json()["days"]
    return [item["day"] for item in found]


async def test_a_day_is_set_listed_and_taken_back(client: httpx.AsyncClient) -> None:
    done = await client.put("/calendar/2027-02-06", json=body())
    assert done.status_code == 200
    (kept,) = done.json()["days"]
    assert kept | {"changed_at": None} == {
        "day": "2027-02-06",
        "working": True,
        "note": "春节调休",
        "changed_by": "1001",
        "changed_at": None,
    }
    assert (await client.get("/calendar")).json()["days"] == [kept]
    assert await days(client, year=2027) == ["2027-02-06"]
    assert await days(client, year=2028) == []

    gone = await client.delete("/calendar/2027-02-06", params={"actor": "1001"})
    assert gone.status_code == 200
    assert await days(client) == []
    again = await client.delete("/calendar/2027-02-06", params={"actor": "1001"})
    assert (again.status_code, "没有另外设过" in again.json()["error"]["message"]) == (404, True)


async def test_every_change_says_that_promised_dates_stay(client: httpx.AsyncClient) -> None:
    notice = {"days": [{"day": "2027-02-07", "working": False}], "actor": "1001"}
    answers = [
        await client.put("/calendar/2027-02-06", json=body()),
        await client.put("/calendar", json=notice),
        await client.delete("/calendar/2027-02-06", params={"actor": "1001"}),
    ]

    assert all("期限不会跟着变" in answer.json()["message"] for answer in answers)


async def test_a_day_in_a_year_that_is_not_announced_comes_with_a_warning(client: httpx.AsyncClient) -> None:
    far = (await client.put("/calendar/2099-02-06", json=body())).json()

    assert "2099 年的放假安排还没有公布" in far["warning"]
    shown = (await client.get("/calendar")).json()
    assert (shown["warning"] == "") is (shown["unannounced_years"] == [])
    assert 2099 not in shown["unannounced_years"]  # nothing is promised so far ahead


async def test_a_notice_is_taken_as_a_whole_or_not_at_all(client: httpx.AsyncClient) -> None:
    good = [
        {"day": "2027-02-06", "working": True, "note": "春节调休"},
        {"day": "2027-02-05", "working": False},
    ]
    bad = [
        [*good, {"day": "2027-02-30", "working": True}],
        [*good, {"day": "2027-02-06", "working": False}],
        [*good, {"day": "1999-02-06", "working": False}],
        [*good, {"day": "2027-02-08"}],
        [],
    ]
    for wrong in bad:
        refused = await client.put("/calendar", json={"days": wrong, "actor": "1001"})
        assert refused.status_code == 422, wrong
        assert CHINESE.search(refused.json()["error"]["message"]), wrong
    assert await days(client) == []

    done = await client.put("/calendar", json={"days": good, "actor": "1001"})
    assert [item["day"] for item in done.json()["days"]] == ["2027-02-05", "2027-02-06"]
    assert await days(client) == ["2027-02-05", "2027-02-06"]


@pytest.mark.parametrize(
    ("day", "wrong"),
    [
        ("2027-02-30", body()),
        ("tomorrow", body()),
        ("1999-02-06", body()),
        ("2101-02-06", body()),
        ("2027-02-06", body(working="也许")),
        ("2027-02-06", body(note="长" * 101)),
        ("2027-02-06", body(note="\x00")),
        ("2027-02-06", body(actor="")),
        ("2027-02-06", body(actor="  ")),
        ("2027-02-06", body(promised="2027-02-06")),
        ("2027-02-06", {"working": True}),
    ],
)
async def test_what_cannot_be_is_refused_in_chinese(
    client: httpx.AsyncClient, day: str, wrong: dict[str, Any]
) -> None:
    refused = await client.put(f"/calendar/{day}", json=wrong)

    assert refused.status_code == 422
    assert CHINESE.search(refused.json()["error"]["message"])
    assert await days(client) == []


async def test_nobody_sets_or_sees_a_day_without_the_secret(client: httpx.AsyncClient) -> None:
    client.headers["Authorization"] = "Bearer guess"

    assert (await client.get("/calendar")).status_code == 401
    assert (await client.put("/calendar/2027-02-06", json=body())).status_code == 401
    assert (await client.put("/calendar", json={"days": [], "actor": "1001"})).status_code == 401
    assert (await client.delete("/calendar/2027-02-06", params={"actor": "1001"})).status_code == 401


async def test_a_year_is_shown_with_its_holidays_and_what_was_set(client: httpx.AsyncClient) -> None:
    await client.put("/calendar/2026-12-24", json=body(working=False, note="搬迁"))
    year = (await client.get("/calendar/years/2026")).json()

    special = {item["day"]: (item["working"], item["name"]) for item in year["special"]}
    assert special["2026-02-17"] == (False, "春节")
    assert special["2026-02-14"] == (True, "春节")  # made up for on a Saturday
    assert special["2026-12-24"] == (False, "")
    assert "2026-11-28" not in special  # a Saturday as usual
    assert [item["note"] for item in year["days"]] == ["搬迁"]
    assert (year["announced"], year["warning"]) == (True, "")

    later = (await client.get("/calendar/years/2099")).json()
    assert not later["announced"]
    assert "2099 年的放假安排还没有公布" in later["warning"]
    assert (await client.get("/calendar/years/1999")).status_code == 422
