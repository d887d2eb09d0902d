"""The whole service on a free port, on a fresh database, with a scripted engine in Rasa's place."""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI
from websockets.asyncio.client import ClientConnection, connect

from hotline.app import create_app
from hotline.settings import ROOT, Settings
from tests.conftest import FreshDatabase
from tests.scripted import ScriptedEngine
from tests.serving import serve

TOKEN = "inside"
#: For tests that use the shared service.
on_shared = pytest.mark.asyncio(loop_scope="session")


@dataclass
class Citizen:
    """A widget in one conversation."""

    client: httpx.AsyncClient
    token: str
    started: dict[str, Any]

    async def send(self, text: str | None = None, **body: Any) -> httpx.Response:
        """Send a message."""
        given = {"client_id": uuid.uuid4().hex, "text": text} | body
        return await self._call("POST", "/api/conversations/current/messages", json=given)

    async def poll(self, after: int, wait: float = 0) -> dict[str, Any]:
        """What came after a message."""
        query = {"after": after, "wait": wait}
        response = await self._call("GET", "/api/conversations/current/messages", params=query)
        assert response.status_code == 200
        found: dict[str, Any] = response.json()
        return found

    async def hear(self, after: int, count: int) -> list[dict[str, Any]]:
        """At least ``count`` messages after a message, each polled for once."""
        found: list[dict[str, Any]] = []
        while len(found) < count:
            last = found[-1]["id"] if found else after
            more = (await self.poll(last, wait=10))["messages"]
            assert more, "nothing came within ten seconds"
            found += more
        return found

    async def rate(self, message: int | str, useful: object) -> httpx.Response:
        """Rate an answer."""
        path = f"/api/conversations/current/messages/{message}/feedback"
        return await self._call("POST", path, json={"useful": useful})

    @asynccontextmanager
    async def socket(self, after: int, token: str | None = None) -> AsyncIterator[ClientConnection]:
        """The socket, after hello."""
        async with bare_socket(self.client) as socket:
            await socket.send(json.dumps({"type": "hello", "token": token or self.token, "after": after}))
            yield socket

    async def _call(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}".encode()}
        return await self.client.request(method, path, headers=headers, **options)


def bare_socket(client: httpx.AsyncClient) -> AbstractAsyncContextManager[ClientConnection]:
    """The socket, before hello."""
    url = str(client.base_url.copy_with(scheme="ws")).rstrip("/")
    return connect(f"{url}/api/conversations/current/socket", proxy=None)


@dataclass
class Service:
    """A running service."""

    app: FastAPI
    engine: ScriptedEngine
    client: httpx.AsyncClient

    async def citizen(self) -> Citizen:
        """A new conversation."""
        response = await self.client.post("/api/conversations", json={})
        assert response.status_code == 201
        started = response.json()
        return Citizen(self.client, started["token"], started)

    async def inside(self, method: str, path: str, **options: Any) -> httpx.Response:
        """A call of the internal API, with its secret."""
        headers = {"Authorization": f"Bearer {TOKEN}"}
        return await self.client.request(method, f"/internal{path}", headers=headers, **options)


def settings_for(database_url: str, folder: Path) -> Settings:
    """Settings of a service of its own under ``folder``, with one matter and no model."""
    data = folder / "data"
    (data / "knowledge").mkdir(parents=True)
    for part in ("city", "dispatch"):
        (data / part).symlink_to(ROOT / "data" / part)
    matter = min((ROOT / "data" / "knowledge").glob("*/*.yml"))
    (data / "knowledge" / matter.parent.name).mkdir()
    (data / "knowledge" / matter.parent.name / matter.name).write_bytes(matter.read_bytes())
    return Settings(
        _env_file=None,
        database_url=database_url,
        data_dir=data,
        var_dir=folder / "var",
        widget_dir=folder / "widget",
        internal_token=TOKEN,
        signing_key="key",
        encoder="none",
        engine_patience=5,
        password_time_cost=1,
        password_memory_kib=64,
    )


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Service]:
    """Run a service."""
    engine = ScriptedEngine()
    app = create_app(settings, engine=engine)
    async with serve(app) as url, httpx.AsyncClient(base_url=url, trust_env=False, timeout=15) as client:
        yield Service(app, engine, client)


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Settings of this test's own service."""
    return settings_for(database_url, tmp_path)


Run = Callable[..., AbstractAsyncContextManager[Service]]


@pytest.fixture
def run(settings: Settings) -> Run:
    """Runs a service of the test's own, with other settings when given."""
    return lambda **others: running(settings.model_copy(update=others))


@pytest.fixture
async def service(run: Run) -> AsyncIterator[Service]:
    """A running service of the test's own."""
    async with run() as service:
        yield service


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def shared(
    fresh_database: FreshDatabase, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Service]:
    """One running service for all tests that change nothing but conversations of their own."""
    with fresh_database() as url:
        settings = settings_for(url, tmp_path_factory.mktemp("shared"))
        plenty = {"address_starts": 10_000, "address_rate": 10_000, "address_photos": 10_000}
        async with running(settings.model_copy(update=plenty)) as service:
            yield service
