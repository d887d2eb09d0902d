"""People at work on a real database, and their browsers at a real server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from fastapi import FastAPI

from hotline import errors
from hotline.accounts import console
from hotline.accounts.models import Account
from hotline.accounts.people import People
from hotline.accounts.service import By
from hotline.accounts.sessions import Current, Where
from hotline.attachments.service import Attachments
from hotline.attachments.uploads import Uploads
from hotline.audit.chain import Chain
from hotline.audit.models import AuditLine
from hotline.audit.service import Wanted, lines
from hotline.calendar.service import CalendarService
from hotline.city import City
from hotline.conversations.service import Conversations
from hotline.database import Database
from hotline.outside.service import Outside
from hotline.outside.systems import Systems
from hotline.privacy.service import Privacy
from hotline.settings import Settings
from hotline.work_orders.casework import Casework
from hotline.work_orders.deliveries import Deliveries
from hotline.work_orders.lists import Lists
from hotline.work_orders.office import Office
from hotline.work_orders.photos import OrderPhotos
from hotline.work_orders.service import WorkOrders
from tests.conftest import ROOT
from tests.serving import serve
from tests.work_orders.conftest import (  # noqa: F401
    Clock,
    casework,
    clock,
    do,
    lists,
    orders,
    walk,
)

BOSS = By(name="1")
PASSWORD = "我家门前有一条河xiangjiang"
HERE = Where(address="192.168.100.20", device="Windows 上的 Edge")
EDGE = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings with passwords that are quickly compared."""
    return Settings(
        _env_file=None,
        var_dir=tmp_path / "var",
        internal_token="inside",
        signing_key="key",
        audit_key="key",
        password_time_cost=1,
        password_memory_kib=64,
        password_parallelism=1,
        address_logins=1000,
    )


@pytest.fixture(scope="session")
def whole_office() -> Office:
    """株洲's office, read once."""
    return Office.load(ROOT / "data", ROOT / "data" / "city" / "zhuzhou")


@pytest.fixture
def office(whole_office: Office, city: City) -> Office:
    """The same, with the tests' own city: every order in five working days."""
    return replace(whole_office, city=city, calendar=city.calendar)


@pytest.fixture
def people(settings: Settings, database: Database, office: Office, clock: Clock) -> People:  # noqa: F811
    """The accounts of one hotline, with a clock to be moved."""
    return People.of(settings, database, office.units, hotline="测试市12345热线", clock=clock)


@dataclass
class Staff:
    """Makes people who have a password of their own."""

    people: People

    async def add(self, number: str, *roles: str, unit: str | None = None, name: str = "王芳") -> Account:
        """Somebody who could log in now."""
        account, password = await self.people.accounts.do_add(
            number=number, name=name, roles=roles, unit=unit, by=BOSS
        )
        current = await self.enter(account, password)
        await self.people.logins.do_change_password(current, password, PASSWORD)
        return await self.people.accounts.find(number)

    async def enter(self, account: Account, password: str = PASSWORD) -> Current:
        """The person's session, after a login."""
        done = await self.people.logins.do_log_in(account.number, password, HERE)
        found = await self.people.sessions.find(done.token)  # type: ignore[union-attr]
        assert found is not None
        return found


@pytest.fixture
def staff(people: People) -> Staff:
    """Makes people."""
    return Staff(people)


@pytest.fixture
def app(
    settings: Settings,
    database: Database,
    people: People,
    office: Office,
    casework: Casework,  # noqa: F811
    orders: WorkOrders,  # noqa: F811
    lists: Lists,  # noqa: F811
) -> FastAPI:
    """The console's door, with the work behind it."""
    app = FastAPI()
    errors.install(app)
    app.include_router(console.router())
    state = app.state
    state.settings, state.database, state.people = settings, database, people
    state.work_orders, state.order_lists = orders, lists
    state.deliveries = Deliveries(database, Conversations(database, office.city, max_length=1000, rate=1000))
    state.calendar = CalendarService(database, office.city.calendar)
    state.audit = Chain.of(database, settings)
    state.attachments = Attachments.of(settings, database)
    state.order_photos = OrderPhotos(database, casework, state.attachments)
    state.uploads = Uploads(settings.photo_max_bytes)
    state.outside = Outside(database, Systems(), casework)
    state.privacy = Privacy(database, casework, state.attachments)
    return app


@pytest.fixture
async def address(app: FastAPI) -> AsyncIterator[str]:
    """Where the server of the test is reached."""
    async with serve(app) as url:
        yield url


@dataclass
class Browser:
    """A browser at the console: keeps cookies, sends what a page of ours would send."""

    client: httpx.AsyncClient
    csrf: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    async def __call__(self, method: str, path: str, **options: Any) -> httpx.Response:
        """Ask ``/console-api``."""
        headers = {"Origin": str(self.client.base_url).removesuffix("/")} | self.headers
        if self.csrf:
            headers["X-CSRF-Token"] = self.csrf
        headers |= options.pop("headers", {})
        return await self.client.request(method, f"/console-api{path}", headers=headers, **options)

    async def log_in(self, number: str, password: str = PASSWORD) -> dict[str, Any]:
        """Log in, and keep what every changing request needs."""
        answer = await self("POST", "/login", json={"number": number, "password": password})
        assert answer.status_code == 200, answer.text
        session: dict[str, Any] = answer.json()["session"]
        self.csrf = session["csrf"]
        return session

    def act_as(self, role: str) -> None:
        """Choose a role for what follows."""
        self.headers["X-Acting-Role"] = quote(role)


@pytest.fixture
async def browsers(address: str) -> AsyncIterator[list[Browser]]:
    """Three browsers, each with cookies of its own."""
    known = {"User-Agent": EDGE}
    clients = [
        httpx.AsyncClient(base_url=address, headers=known, timeout=15, trust_env=False, verify=False)
        for _ in range(3)
    ]
    yield [Browser(client) for client in clients]
    for client in clients:
        await client.aclose()


@pytest.fixture
def browser(browsers: list[Browser]) -> Browser:
    """One browser."""
    return browsers[0]


async def audited(database: Database, action: str | None = None) -> list[AuditLine]:
    """The lines of the audit, newest first."""
    found, _ = await lines(database, Wanted(action=action), limit=500)
    return list(found)


def code_of(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of a refusal, which must have Chinese words."""
    error = answer.json()["error"]
    assert not error["message"].isascii(), error
    return answer.status_code, error["code"]
