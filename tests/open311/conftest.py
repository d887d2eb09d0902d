"""The whole service with its open interface, on a real database, and a key for it."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import select

from hotline.database import Database
from hotline.open311.keys import ApiKeys
from hotline.open311.models import SCOPES
from hotline.open311.service import Open311
from hotline.work_orders.casework import Casework
from hotline.work_orders.effects.step import Actor
from hotline.work_orders.lifecycle import Role
from hotline.work_orders.models import WorkOrder
from hotline.work_orders.service import Draft, WorkOrders
from tests.channels.conftest import Service, running, settings_for
from tests.conftest import FreshDatabase

PATH = "/open311/v2"
#: For the tests, which all use one running service.
on_one_loop = pytest.mark.asyncio(loop_scope="session")

AGENT = Actor(id="1024", role=Role.AGENT)
DISPATCHER = Actor(id="2001", role=Role.DISPATCHER)
CITIZEN = Actor(id="citizen", role=Role.CITIZEN)
UNIT = Actor(id="5001", role=Role.UNIT, unit="urban_management")

ANSWER = (
    "您好！感谢您反映路灯不亮的问题。经我单位 11 月 28 日晚到现场核实，神农大道 3 号灯杆的灯泡已经损坏，当晚换好，现在正常亮灯。"
    "依据《城市照明管理规定》，我们会在 5 个工作日内再去复查一次，如果又不亮，请随时拨打 12345。"
    "株洲市城市管理和综合执法局，2026 年 11 月 28 日。"
)
LAMP = {
    "service_code": "0711",
    "attribute[facility]": "lamp",
    "address_string": "天元区神农大道 3 号灯杆",
    "description": "路灯不亮，晚上看不见路，走路容易摔倒",
}


@dataclass
class House:
    """A running service, seen from outside."""

    service: Service
    #: A key with the scope ``create`` alone.
    key: str

    @property
    def client(self) -> httpx.AsyncClient:
        """Calls the service."""
        return self.service.client

    @property
    def open311(self) -> Open311:
        """The open interface of the service."""
        found: Open311 = self.service.app.state.open311
        return found

    @property
    def orders(self) -> WorkOrders:
        """The work orders of the service."""
        found: WorkOrders = self.service.app.state.work_orders
        return found

    @property
    def database(self) -> Database:
        """The database of the service."""
        found: Database = self.service.app.state.database
        return found

    def orders_at(self, time: datetime) -> WorkOrders:
        """The same work orders at another time."""
        casework = Casework(self.database, self.orders.casework.office, clock=lambda: time)
        return WorkOrders(self.database, casework, clock=lambda: time)

    async def new_key(self, *scopes: str, **others: Any) -> str:
        """Another key."""
        keys = ApiKeys(self.database)
        given: dict[str, Any] = {"label": "测试", "owner": "某单位某人", "actor": "1001", "rate": 6000}
        _, secret = await keys.do_create(scopes=scopes or SCOPES, **(given | others))
        return secret

    async def get(self, path: str, **params: Any) -> httpx.Response:
        """Read something."""
        return await self.client.get(f"{PATH}/{path}", params=params)

    async def post(self, path: str, fields: Mapping[str, Any]) -> httpx.Response:
        """Send a form."""
        return await self.client.post(f"{PATH}/{path}", data=fields)

    async def submit(self, **fields: Any) -> str:
        """Hand in a request of its own and give its number."""
        own = {"api_key": self.key, "account_id": uuid.uuid4().hex}
        response = await self.post("requests.json", LAMP | own | fields)
        assert response.status_code == 200, response.text
        number: str = response.json()[0]["service_request_id"]
        return number

    async def shown(self, number: str, **params: Any) -> dict[str, Any]:
        """A request as everybody sees it."""
        response = await self.get(f"requests/{number}.json", **params)
        assert response.status_code == 200, response.text
        [found] = response.json()
        assert isinstance(found, dict)
        return found

    async def order(self, number: str) -> WorkOrder:
        """The order with this number."""
        async with self.database.transaction() as session:
            query = select(WorkOrder).where(WorkOrder.number == number)
            found: WorkOrder = (await session.scalars(query)).one()
            return found

    async def do(self, number: str, actor: Actor, action: str, **fields: Any) -> WorkOrder:
        """Do a step to an order."""
        casework = self.orders.casework
        return await casework.do_act(number, actor, action, fields, request=uuid.uuid4().hex)

    async def walk(self, number: str, until: str) -> None:
        """Bring a new order to a state, by the plain way."""
        steps: list[tuple[str, Actor, str, dict[str, Any]]] = [
            ("已受理", AGENT, "受理", {"topic": "0711"}),
            ("已派单", DISPATCHER, "派单", {"unit": "urban_management"}),
            ("办理中", UNIT, "签收", {}),
            ("回访中", UNIT, "答复", {"answer": ANSWER}),
            ("已办结", CITIZEN, "评价", {"rating": "满意", "reason": "很快"}),
        ]
        for target, actor, action, fields in steps:
            order = await self.do(number, actor, action, **fields)
            assert order.status == target
            if target == until:
                return
        raise AssertionError(until)

    async def take(self, **others: Any) -> WorkOrder:
        """Take an order in another way than by the open interface."""
        form: dict[str, Any] = {
            "id": uuid.uuid4().hex,
            "conversation_id": uuid.uuid4(),
            "nature": "投诉",
            "what": "小区楼下工地夜里十二点还在施工",
            "where_text": "天元区某小区",
            "topic": "0701",
            "name": "王小明",
            "phone": "13800138000",
        }
        return await self.orders.do_create(Draft(**(form | others)))


def tree(response: httpx.Response) -> ElementTree.Element:
    """The XML document of an answer."""
    return ElementTree.fromstring(response.content)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def house(
    fresh_database: FreshDatabase, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    """One running service for all tests; each makes its own requests."""
    with fresh_database() as url:
        settings = settings_for(url, tmp_path_factory.mktemp("open311"))
        async with running(settings.model_copy(update={"open311_rate": 100_000})) as service:
            found = House(service, "")
            found.key = await found.new_key("create")
            yield found
