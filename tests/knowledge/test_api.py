"""The internal API, over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from hotline.database import Database
from hotline.knowledge.api import router
from hotline.knowledge.models import MatterUse, UnansweredQuestion
from hotline.knowledge.service import Knowledge, load_folder


@pytest.fixture
async def client(database: Database, folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    await load_folder(database, folder)
    app = FastAPI()
    app.include_router(router, prefix="/internal")
    app.state.database, app.state.knowledge = database, Knowledge(database)
    await app.state.knowledge.refresh()
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test/internal/knowledge") as opened:
        yield opened


async def unanswered(database: Database) -> list[str]:
    async with database.transaction() as session:
        return list(await session.scalars(select(UnansweredQuestion.text)))


async def ask(client: httpx.AsyncClient, text: str, **more: Any) -> dict[str, Any]:
    response = await client.post("/answer", json={"text": text, "message_id": "m-1", **more})
    assert response.status_code == 200
    found: dict[str, Any] = response.json()
    return found


async def test_an_answer_has_all_that_the_channels_need(
    client: httpx.AsyncClient, database: Database
) -> None:
    answer = await ask(client, "风筝证要钱不", matter=None, aspect=None, area=None)
    assert answer["outcome"] == "answer"
    assert answer["matter"]["code"] == "kite"
    assert 0 <= answer["matter"]["confidence"] <= 1
    assert set(answer["reply"]) == {"text", "buttons", "card", "source", "can_rate"}
    assert all(set(button) == {"title", "payload", "style"} for button in answer["reply"]["buttons"])
    assert answer["reply"]["card"]["kind"] == "answer"
    async with database.transaction() as session:
        assert list(await session.scalars(select(MatterUse.code))) == ["kite"]


async def test_an_unknown_question_is_kept_for_the_editors_once(
    client: httpx.AsyncClient, database: Database
) -> None:
    for _ in range(2):
        assert (await ask(client, "飞碟停在哪里合适，电话13812345678"))["outcome"] == "unknown"
    assert await unanswered(database) == ["飞碟停在哪里合适，电话138****5678"]


async def test_a_gap_in_a_known_matter_is_kept_too(client: httpx.AsyncClient, database: Database) -> None:
    assert (await ask(client, "包鱼塘要多少手续费"))["missing"] == ["fee"]
    assert len(await unanswered(database)) == 1


async def test_menus_and_buttons_leave_no_unanswered_question(
    client: httpx.AsyncClient, database: Database
) -> None:
    await ask(client, "生活大事", area="life")
    await ask(client, "看收不收费", command_matter="pond", command_aspect="fee")
    await ask(client, "/ask_matter{}", command_matter="gone")
    assert await unanswered(database) == []


async def test_search_lists_the_nearest_first(client: httpx.AsyncClient) -> None:
    found = (await client.get("/search", params={"q": "木船年检", "limit": 2})).json()
    assert found[0]["code"] == "boat"
    assert len(found) == 2
    assert (await client.get("/search", params={"q": ""})).status_code == 422
    assert (await client.get("/search", params={"q": "船", "limit": 0})).status_code == 422


async def test_matters_are_listed_and_shown(client: httpx.AsyncClient) -> None:
    assert {item["code"] for item in (await client.get("/matters")).json()} == {"kite", "pond", "boat"}
    assert [item["code"] for item in (await client.get("/matters?area=enterprise")).json()] == ["pond"]
    assert (await client.get("/matters?area=nowhere")).status_code == 422
    assert (await client.get("/matters/kite")).json()["unit"] == "公园管理处"
    assert (await client.get("/matters/gone")).status_code == 404


async def test_bad_input_is_refused_and_never_an_error(client: httpx.AsyncClient) -> None:
    for body in [{"text": 5}, {"text": "a" * 5000}, {"nonsense": 1}, [], {"matter": "x" * 100}]:
        assert (await client.post("/answer", json=body)).status_code == 422
    odd = {"text": "\u0000飞碟停在哪里合适", "message_id": "m-2"}
    assert (await client.post("/answer", json=odd)).status_code == 200
