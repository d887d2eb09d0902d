"""The desk, the citizens' way and the privacy routes on a real database."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI

from hotline import errors, internal
from hotline.attachments.service import Attachments
from hotline.audit import api as audit_api
from hotline.audit import service as audit
from hotline.audit.chain import Chain
from hotline.audit.models import AuditLine
from hotline.conversations.service import Conversations
from hotline.database import Database
from hotline.privacy import api as privacy_api
from hotline.privacy.service import Privacy
from hotline.settings import Settings
from hotline.work_orders import api, staff_api
from hotline.work_orders.casework import Casework
from hotline.work_orders.deliveries import Deliveries
from hotline.work_orders.effects.step import Actor
from hotline.work_orders.lists import Lists
from hotline.work_orders.service import WorkOrders
from tests.work_orders.conftest import casework, clock, do, lists, office, orders, walk  # noqa: F401

#: The accepted dummies: of a phone, of GB 11643, and of a bank card.
PHONE, ID, CARD = "13800138000", "11010519491231002X", "6222021234567890123"
NAME = "欧阳建国"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings with a folder of the test's own."""
    return Settings(_env_file=None, internal_token="inside", audit_key="key", var_dir=tmp_path / "var")


@pytest.fixture
def conversations(database: Database, casework: Casework) -> Conversations:  # noqa: F811
    """The conversations beside the orders."""
    return Conversations(database, casework.office.city, max_length=1000, rate=0)


@pytest.fixture
def attachments(database: Database, settings: Settings) -> Attachments:
    """The photographs beside the orders."""
    return Attachments.of(settings, database)


@pytest.fixture
def privacy(
    database: Database,
    casework: Casework,  # noqa: F811
    attachments: Attachments,
    clock: Any,  # noqa: F811
) -> Privacy:
    """The personal data of one database."""
    return Privacy(database, casework, attachments, clock=clock)


@pytest.fixture
def app(
    database: Database,
    settings: Settings,
    orders: WorkOrders,  # noqa: F811
    lists: Lists,  # noqa: F811
    conversations: Conversations,
    privacy: Privacy,
) -> FastAPI:
    """The internal API with all that shows orders."""
    app = FastAPI()
    errors.install(app)
    inside = APIRouter(prefix="/internal", dependencies=[Depends(internal.authorized)])
    for router in (internal.router, privacy_api.router, audit_api.router, api.router, staff_api.router):
        inside.include_router(router)
    app.include_router(inside)
    app.state.settings, app.state.database = settings, database
    app.state.work_orders, app.state.order_lists, app.state.privacy = orders, lists, privacy
    app.state.conversations, app.state.deliveries = conversations, Deliveries(database, conversations)
    app.state.audit = Chain.of(database, settings)
    return app


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client that knows the secret."""
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    headers = {"Authorization": "Bearer inside"}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://test/internal", headers=headers
    ) as client:
        yield client


def params(actor: Actor) -> dict[str, str]:
    """How a call says who acts."""
    return {"actor": actor.id, "role": actor.role} | ({"unit": actor.unit} if actor.unit else {})


Act = Callable[..., Awaitable[httpx.Response]]


@pytest.fixture
def act(client: httpx.AsyncClient) -> Act:
    """Does a step over HTTP: ``await act(number, DISPATCHER, "派单", unit="ecology")``."""

    async def step(number: str, actor: Actor, action: str, **fields: Any) -> httpx.Response:
        body = {"action": action, "fields": fields, "request": uuid.uuid4().hex}
        done = await client.post(f"/orders/{number}/actions", params=params(actor), json=body)
        assert done.status_code == 200, done.text
        return done

    return step


async def audited(database: Database, **wanted: Any) -> list[AuditLine]:
    """The audit's lines, oldest first."""
    found, _ = await audit.lines(database, audit.Wanted(**wanted), limit=500)
    return list(reversed(found))
