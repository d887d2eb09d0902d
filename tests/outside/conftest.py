"""A hotline whose 天元区 units are served by another system, over real HTTP; the clock is the test's."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from fastapi import APIRouter, Depends, FastAPI

from hotline import errors, internal
from hotline.attachments.service import Attachments
from hotline.attachments.service import Limits as PhotoLimits
from hotline.attachments.storage import Storage
from hotline.channels.web.limits import BodyLimit
from hotline.database import Database
from hotline.outside import api
from hotline.outside.adapter import OutsideSystem
from hotline.outside.http_adapter import HttpSystem
from hotline.outside.outbox import Outbox
from hotline.outside.progress import Inbound
from hotline.outside.sending import Sender
from hotline.outside.service import Outside
from hotline.outside.systems import Keys, System, Systems
from hotline.settings import Settings
from hotline.work_orders.casework import Casework
from hotline.work_orders.lists import Lists
from hotline.work_orders.models import WorkOrder
from hotline.work_orders.office import Office
from hotline.work_orders.photos import OrderPhotos
from hotline.work_orders.service import WorkOrders
from tests.outside.other_system import OtherSystem
from tests.serving import serve
from tests.work_orders.conftest import (
    AGENT,
    DISPATCHER,
    Clock,
    clock,
    do,
    draft,
    lists,
    office,
    orders,
)

__all__ = ["clock", "do", "lists", "office", "orders"]

KEYS = Keys(send="hotline-signs-with-this-key-0000001", receive=("platform-signs-with-this-key-0000002",))
#: A district, and one of its streets.
UNITS = ("430211", "430211001")
#: Waits after the first failure, the second, the third; then it is a dead letter.
WAITS = (60, 120, 240)

Take = Callable[..., Awaitable[WorkOrder]]


def system_at(url: str, **others: Any) -> System:
    """天元区's platform at ``url``."""
    given: dict[str, Any] = {
        "code": "tianyuan",
        "name": "天元区社会治理平台",
        "base": f"{url}/hotline",
        "units": UNITS,
        "allow_http": True,
        "timeout_seconds": 30,
    }
    return System(**given | others)


@pytest.fixture
def other(clock: Clock) -> OtherSystem:
    """The platform's program."""
    return OtherSystem(hears=KEYS.send, speaks=KEYS.receive[0], clock=lambda: clock().timestamp())


@pytest.fixture
async def other_url(other: OtherSystem) -> AsyncIterator[str]:
    """Where it runs."""
    async with serve(other.app()) as url:
        yield url


@pytest.fixture
def systems(other_url: str) -> Systems:
    """The configuration."""
    return Systems([system_at(other_url)], retry_seconds=WAITS)


@pytest.fixture
def casework(database: Database, office: Office, clock: Clock, systems: Systems) -> Casework:
    """Casework that leaves messages."""
    return Casework(database, office, observers=[Outbox(systems, office).observe], clock=clock)


Start = Callable[..., Sender]


@pytest.fixture
async def start(database: Database, systems: Systems, office: Office, clock: Clock) -> AsyncIterator[Start]:
    """Starts one more worker's sender: ``start()``."""
    started: list[Sender] = []

    def sender(
        of: Systems = systems,
        adapters: Mapping[str, OutsideSystem] | None = None,
        kind: type[Sender] = Sender,
    ) -> Sender:
        given = adapters or {system.code: HttpSystem(system, KEYS.send, clock=clock) for system in of}
        made = kind(database, of, given, office.units, clock=clock)
        started.append(made)
        return made

    yield sender
    for one in started:
        await one.close()


@pytest.fixture
def sender(start: Start) -> Sender:
    """The worker's sender."""
    return start()


@pytest.fixture
def outside(database: Database, systems: Systems, casework: Casework, clock: Clock) -> Outside:
    """The dead letters' side."""
    return Outside(database, systems, casework, clock=clock)


@pytest.fixture
def take(orders: WorkOrders, do: Callable[..., Awaitable[WorkOrder]]) -> Take:
    """Takes an order and dispatches it: ``await take("430211", nature="举报")``."""

    async def dispatched(unit: str | None = "430211", *assisting: str, **form: Any) -> WorkOrder:
        order = await orders.do_create(draft(**form))
        order = await do(order, AGENT, "受理", topic="0701")
        if unit is None:
            return order
        helpers = [{"unit": one, "duty": "现场查看"} for one in assisting]
        return await do(order, DISPATCHER, "派单", unit=unit, assisting=helpers)

    return dispatched


@pytest.fixture
def photos(database: Database, casework: Casework, tmp_path: Path) -> OrderPhotos:
    """The photographs of the orders."""
    limits = PhotoLimits(max_pixels=10_000_000, per_message=3, per_day=30)
    return OrderPhotos(database, casework, Attachments(database, Storage(tmp_path / "photographs"), limits))


@pytest.fixture
async def app(
    database: Database,
    systems: Systems,
    casework: Casework,
    orders: WorkOrders,
    lists: Lists,
    outside: Outside,
    photos: OrderPhotos,
    clock: Clock,
) -> FastAPI:
    """The service's doors for this slice."""
    app = FastAPI()
    errors.install(app)
    app.add_middleware(BodyLimit, max_bytes=32 * 1024)
    inside = APIRouter(prefix="/internal", dependencies=[Depends(internal.authorized)])
    inside.include_router(api.inside)
    app.include_router(inside)
    app.include_router(api.router)
    app.state.settings = Settings(_env_file=None, internal_token="inside")
    app.state.work_orders, app.state.order_lists, app.state.outside = orders, lists, outside
    keys = dict.fromkeys([system.code for system in systems], KEYS)
    app.state.order_photos = photos
    app.state.outside_inbound = Inbound(database, systems, keys, casework, clock=clock)
    return app


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """Speaks to the service over real HTTP, as the other side does."""
    async with serve(app) as url, httpx.AsyncClient(base_url=url, trust_env=False) as client:
        yield client


@pytest.fixture
def rows(database_url: str) -> Callable[..., list[tuple[Any, ...]]]:
    """Looks into the database."""

    def look(query: str, *values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(database_url, options="-c search_path=hotline") as connection:
            return connection.execute(query, values).fetchall()

    return look
