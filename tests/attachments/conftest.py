"""A running service, citizens who send photographs, and people at work who look at them."""

from __future__ import annotations

import asyncio
import os
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from hotline.attachments.service import Attachments
from hotline.attachments.service import Limits as PhotoLimits
from hotline.attachments.storage import Storage
from hotline.conversations.engine import EngineAnswer, Turn
from hotline.database import Database
from tests.attachments.pictures import jpeg
from tests.channels.conftest import Citizen, Service, run, service, settings, shared

__all__ = ["run", "service", "settings", "shared"]

AGENT = {"role": "坐席", "actor": "1024"}
DISPATCHER = {"role": "派单员", "actor": "2001"}
UNIT = {"role": "承办单位", "actor": "5001", "unit": "ecology"}
HELPER = {"role": "承办单位", "actor": "5002", "unit": "430211"}
STRANGER = {"role": "承办单位", "actor": "5003", "unit": "health"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the photographs of :func:`attachments` are."""
    return tmp_path / "photographs"


@pytest.fixture
def attachments(database: Database, folder: Path) -> Attachments:
    """The photographs of one database, without a service around."""
    return Attachments(
        database, Storage(folder), PhotoLimits(max_pixels=64_000_000, per_message=3, per_day=30)
    )


def files_in(folder: Path) -> list[Path]:
    """All files under a folder."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


def grow_old(folder: Path) -> None:
    """Let all files under a folder be two hours old."""
    for path in files_in(folder):
        os.utime(path, (time.time() - 7200,) * 2)


async def upload(citizen: Citizen, data: bytes | None = None, **options: Any) -> httpx.Response:
    """Upload a photograph."""
    client_id = options.pop("client_id", uuid.uuid4().hex)
    return await citizen._call(
        "POST",
        "/api/attachments",
        params={"client_id": client_id},
        **({"content": jpeg() if data is None else data} | options),
    )


async def kept(citizen: Citizen, data: bytes | None = None, **options: Any) -> str:
    """The id of a photograph that was uploaded."""
    response = await upload(citizen, data, **options)
    assert response.status_code == 201, response.text
    return str(response.json()["attachment"]["id"])


async def send_photos(citizen: Citizen, count: int = 1) -> dict[str, Any]:
    """Upload photographs and send them in one message; the message."""
    marks = ["red", "blue", "green", "yellow"]
    ids = [await kept(citizen, jpeg(mark=marks[place], quality=60 + place)) for place in range(count)]
    response = await citizen.send(attachments=ids)
    assert response.status_code == 202, response.text
    message: dict[str, Any] = response.json()["message"]
    return message


async def answers(citizen: Citizen, to: dict[str, Any]) -> list[dict[str, Any]]:
    """The bot's answers to a message, once it is answered."""
    return await later(citizen, to["id"], lambda message: message["reply_to"] == to["id"])


async def later(
    citizen: Citizen, after: int, wanted: Callable[[dict[str, Any]], bool]
) -> list[dict[str, Any]]:
    """The messages after one that are wanted, as soon as there is one."""
    async with asyncio.timeout(20):
        while True:
            # A poll may come back with nothing: the notice of the citizen's own message wakes it as well.
            found = [one for one in (await citizen.poll(after, wait=10))["messages"] if wanted(one)]
            if found:
                return found


async def order_of(service: Service, citizen: Citizen, **others: Any) -> str:
    """Hand an order in for a citizen, as the actions do; its number."""
    return str((await handed_in(service, citizen, **others))["number"])


async def handed_in(service: Service, citizen: Citizen, **others: Any) -> dict[str, Any]:
    """The same; what the actions are told of it."""
    form = {
        "id": uuid.uuid4().hex,
        "conversation_id": str(conversation_of(service, citizen)),
        "nature": "投诉",
        "what": "小区楼下工地夜里十二点还在施工",
        "where_text": "天元区某小区",
    } | others
    response = await service.inside("POST", "/work-orders", json=form)
    assert response.status_code == 200, response.text
    order: dict[str, Any] = response.json()
    return order


def conversation_of(service: Service, citizen: Citizen) -> uuid.UUID:
    """The conversation that a citizen's token speaks for."""
    found: uuid.UUID = service.app.state.web.conversation(citizen.token)
    return found


async def page_of(service: Service, number: str, actor: dict[str, str]) -> dict[str, Any]:
    """The case as ``actor`` sees it."""
    response = await service.inside("GET", f"/orders/{number}", params=actor)
    assert response.status_code == 200, response.text
    page: dict[str, Any] = response.json()
    return page


async def do(
    service: Service, number: str, actor: dict[str, str], action: str, **fields: Any
) -> dict[str, Any]:
    """One step with an order; the case after it."""
    body = {"action": action, "fields": fields, "request": uuid.uuid4().hex}
    response = await service.inside("POST", f"/orders/{number}/actions", params=actor, json=body)
    assert response.status_code == 200, response.text
    page: dict[str, Any] = response.json()
    return page


def in_form(
    name: str | None, question: str = "事情发生在哪里？", order: str | None = None
) -> Callable[[Turn], EngineAnswer]:
    """A script of an engine that has a form open, and asks."""

    def script(turn: Turn) -> EngineAnswer:
        buttons = [{"title": "说不清", "payload": "说不清"}]
        return EngineAnswer(
            [{"text": "好的。"}, {"text": question, "buttons": buttons}],
            {"intent": "complaint", "form": name, "form_order": order},
        )

    return script
