"""The whole service with people at its consoles: real database, real sockets, a scripted engine in Rasa's place."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect

from hotline.accounts.service import By
from hotline.audit.models import AuditLine
from hotline.audit.service import Wanted, lines
from hotline.conversations.engine import EngineAnswer, Turn
from hotline.database import Database
from hotline.settings import Settings
from tests.channels.conftest import Citizen, Service, running, settings_for

PASSWORD = "我家门前有一条河xiangjiang"
HANDOFF = {"text": "好的，帮您转人工。", "handoff": "queued", "reason": "citizen"}


def hands_over(turn: Turn) -> EngineAnswer:
    """A bot that hands over whoever asks for a person, and repeats what others say."""
    if "人工" in turn.text:
        return EngineAnswer([HANDOFF], {"intent": "human_agent", "confidence": 0.97, "fallback": False})
    return EngineAnswer([{"text": f"答：{turn.text}"}], {"intent": "complaint", "confidence": 0.8})


@dataclass
class Socket:
    """An open live socket of a console."""

    connection: ClientConnection
    heard: list[dict[str, Any]] = field(default_factory=list)
    #: The newest place in the stream.
    stream: str = ""
    seq: int = 0

    async def next(self) -> dict[str, Any]:
        """The next frame."""
        async with asyncio.timeout(15):
            frame: dict[str, Any] = json.loads(await self.connection.recv())
        self.stream = frame.get("stream", self.stream)
        self.seq = frame.get("seq", self.seq)
        self.heard.append(frame)
        return frame

    async def until(self, kind: str, fits: Callable[[dict[str, Any]], bool] = lambda _: True) -> Any:
        """The next frame of this kind that fits; those before it are kept in ``heard``."""
        while True:
            frame = await self.next()
            if frame["type"] == kind and fits(frame):
                return frame

    async def say(self, **frame: Any) -> None:
        """Send a frame."""
        await self.connection.send(json.dumps(frame))


@dataclass
class Console:
    """Somebody at work, logged in."""

    client: httpx.AsyncClient
    number: str
    csrf: str = ""

    async def __call__(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Ask ``/console-api/desk``."""
        headers = {"X-CSRF-Token": self.csrf, "Origin": str(self.client.base_url).removesuffix("/")}
        return await self.client.request(method, f"/console-api/desk{path}", headers=headers, **options)

    async def get(self, path: str = "", **query: Any) -> Any:
        """What ``GET`` answers, which must go well."""
        response = await self("GET", path, params=query)
        assert response.status_code == 200, response.text
        return response.json()

    async def act(self, conversation: str, what: str, /, **body: Any) -> httpx.Response:
        """Do something with a conversation."""
        return await self("POST", f"/conversations/{conversation}/{what}", json=body)

    async def done(self, conversation: str, what: str, /, **body: Any) -> Any:
        """The same, which must go well."""
        response = await self.act(conversation, what, **body)
        assert response.status_code in (200, 201, 204), response.text
        return response.json() if response.content else None

    async def be(self, status: str) -> Any:
        """Come on duty, or go."""
        response = await self("POST", "/presence", json={"status": status})
        assert response.status_code == 200, response.text
        return response.json()["me"]

    async def transcript(self, conversation: str, after: int = 0) -> Any:
        """One conversation."""
        return await self.get(f"/conversations/{conversation}", after=after)

    @asynccontextmanager
    async def live(self, **hello: Any) -> AsyncIterator[Socket]:
        """The live socket, after ``welcome`` and, without a place, ``resync``."""
        async with self.bare() as connection:
            socket = Socket(connection)
            await socket.say(type="hello", **hello)
            assert (await socket.next())["type"] == "welcome"
            if "after" not in hello:
                assert (await socket.next())["type"] == "resync"
            yield socket

    def bare(self, *, origin: str | None = None, cookies: bool = True) -> AbstractAsyncContextManager[Any]:
        """The socket, before hello."""
        base = str(self.client.base_url).rstrip("/")
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.client.cookies.items())} if cookies else {}
        return connect(
            f"ws{base.removeprefix('http')}/console-api/live",
            proxy=None,
            origin=origin or base,  # type: ignore[arg-type]
            additional_headers=headers,
            max_size=None,
        )


@dataclass
class Office:
    """A running service, the people at it, and its database."""

    service: Service
    settings: Settings
    _clients: list[httpx.AsyncClient] = field(default_factory=list)

    @property
    def database(self) -> Database:
        """The service's own database."""
        database: Database = self.service.app.state.database
        return database

    async def console(self, number: str, *roles: str, team: str = "", **others: Any) -> Console:
        """Somebody new, logged in."""
        accounts = self.service.app.state.people.accounts
        _, password = await accounts.do_add(
            number=number, name="王芳", team=team, roles=roles or ("坐席",), by=By(name="1"), **others
        )
        return await self.log_in(number, password, fresh=True)

    async def log_in(
        self, number: str, password: str = PASSWORD, *, fresh: bool = False, at: Service | None = None
    ) -> Console:
        """Somebody's console, at this service or another one on the same database."""
        base = str((at or self.service).client.base_url)
        client = httpx.AsyncClient(base_url=base, trust_env=False, timeout=15)
        self._clients.append(client)
        console = Console(client, number)
        headers = {"Origin": base.rstrip("/")}
        entered = await client.post(
            "/console-api/login", json={"number": number, "password": password}, headers=headers
        )
        assert entered.status_code == 200, entered.text
        console.csrf = entered.json()["session"]["csrf"]
        if fresh:
            changed = await client.post(
                "/console-api/password",
                json={"old": password, "new": PASSWORD},
                headers=headers | {"X-CSRF-Token": console.csrf},
            )
            assert changed.is_success, changed.text
            console.csrf = changed.json()["csrf"]
        return console

    async def agent(self, number: str, *, team: str = "") -> Console:
        """An agent on duty."""
        console = await self.console(number, team=team)
        await console.be("online")
        return console

    async def waiting(self, *lines: str) -> tuple[Citizen, str]:
        """A citizen who waits for a person, having said some lines before."""
        citizen = await self.service.citizen()
        for words in lines:
            await citizen.send(words)
            await citizen.hear(0, 3)
        await citizen.send("转人工")
        found = await citizen.poll(0)
        while found["conversation"]["mode"] == "bot":
            # What has come since this very look, so that nothing is waited for in vain.
            await citizen.poll(found["messages"][-1]["id"], wait=10)
            found = await citizen.poll(0)
        return citizen, str(self.service.app.state.web.conversation(citizen.token))

    async def audited(self, action: str) -> list[AuditLine]:
        """The lines of the audit, oldest first."""
        found, _ = await lines(self.database, Wanted(action=action))
        return list(found)[::-1]

    async def close(self) -> None:
        """Close all consoles."""
        for client in self._clients:
            await client.aclose()


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Settings of this test's own service, with passwords that are quickly compared."""
    return settings_for(database_url, tmp_path).model_copy(
        update={
            "audit_key": "key",
            "password_time_cost": 1,
            "password_memory_kib": 64,
            "password_parallelism": 1,
            "address_logins": 1000,
            "address_starts": 10_000,
            "address_rate": 10_000,
            "conversation_rate": 0,
        }
    )


@pytest.fixture
async def office(settings: Settings) -> AsyncIterator[Office]:
    """A running service."""
    async with running(settings) as service:
        service.engine.script = hands_over
        office = Office(service, settings)
        yield office
        await office.close()


def key() -> str:
    """A fresh client id."""
    return uuid.uuid4().hex
