"""Casework with a clock that the test moves."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hotline.city import City
from hotline.database import Database
from hotline.work_orders.casework import Casework
from hotline.work_orders.effects.step import Actor
from hotline.work_orders.errors import WorkOrderError
from hotline.work_orders.lifecycle import Role
from hotline.work_orders.lists import Lists
from hotline.work_orders.models import WorkOrder
from hotline.work_orders.office import Office
from hotline.work_orders.service import CITIZEN, Draft, WorkOrders
from tests.conftest import ROOT

#: A Wednesday before National Day, in the morning in Shanghai.
TAKEN = datetime(2026, 9, 30, 2, 0, tzinfo=UTC)

AGENT = Actor(id="1024", role=Role.AGENT)
DISPATCHER = Actor(id="2001", role=Role.DISPATCHER)
SUPERVISOR = Actor(id="3001", role=Role.SUPERVISOR)
LEADER = Actor(id="4001", role=Role.LEADER)
UNIT = Actor(id="5001", role=Role.UNIT, unit="ecology")
HELPER = Actor(id="5002", role=Role.UNIT, unit="430211")
STRANGER = Actor(id="5003", role=Role.UNIT, unit="health")

ANSWER = (
    "您好！感谢您反映工地夜间施工的问题。经我单位 9 月 30 日晚到现场核实，该工地确实在夜里十点以后施工，没有办理夜间施工手续。"
    "依据《中华人民共和国噪声污染防治法》第四十三条，我们已责令施工单位停止夜间施工，并安排人员夜间巡查。"
    "自今天起 5 个工作日内我们会再去复查，如有新的情况，请随时拨打 12345 反映。株洲市生态环境局，2026 年 9 月 30 日。"
)


class Clock:
    """The time of the work orders, to be moved on."""

    def __init__(self) -> None:
        self.time = TAKEN

    def __call__(self) -> datetime:
        """The present moment."""
        return self.time

    def on(self, **span: float) -> None:
        """Let time pass: ``days=``, ``hours=`` …"""
        self.time += timedelta(**span)


@pytest.fixture
def clock() -> Clock:
    """A clock that stands still until it is moved."""
    return Clock()


@pytest.fixture
def office(city: City) -> Office:
    """株洲's office, with the tests' own city: every order in five working days."""
    folder = ROOT / "data" / "city" / "zhuzhou"
    return replace(Office.load(ROOT / "data", folder), city=city, calendar=city.calendar)


@pytest.fixture
def casework(database: Database, office: Office, clock: Clock) -> Casework:
    """The casework of one database."""
    return Casework(database, office, clock=clock)


@pytest.fixture
def orders(database: Database, casework: Casework, clock: Clock) -> WorkOrders:
    """The citizens' side of the same."""
    return WorkOrders(database, casework, clock=clock)


@pytest.fixture
def lists(database: Database, casework: Casework, clock: Clock) -> Lists:
    """The side of those who work on orders."""
    return Lists(database, casework, clock=clock)


def draft(**others: object) -> Draft:
    """A confirmed form."""
    form = Draft(
        id=uuid.uuid4().hex,
        conversation_id=uuid.uuid4(),
        nature="投诉",
        what="小区楼下工地夜里十二点还在施工",
        where_text="天元区某小区",
        area_code="430211",
        name="王某",
        phone="13800138000",
    )
    return replace(form, **others)  # type: ignore[arg-type]


async def refused(code: str, call: Awaitable[object]) -> WorkOrderError:
    """The error of ``call``, which must have ``code`` and Chinese words."""
    with pytest.raises(WorkOrderError) as caught:
        await call
    assert caught.value.code == code
    assert not caught.value.message.isascii()
    return caught.value


Do = Callable[..., Awaitable[WorkOrder]]


@pytest.fixture
def do(casework: Casework) -> Do:
    """Does a step: ``await do(order, DISPATCHER, "派单", unit="ecology")``."""

    async def step(order: WorkOrder, actor: Actor, action: str, **fields: Any) -> WorkOrder:
        return await casework.do_act(order.number, actor, action, fields, request=uuid.uuid4().hex)

    return step


@pytest.fixture
def walk(do: Do) -> Callable[[WorkOrder, str], Awaitable[WorkOrder]]:
    """Brings a new order to a state, by the plain way."""
    steps: list[tuple[str, Actor, str, dict[str, Any]]] = [
        ("已受理", AGENT, "受理", {"topic": "0701"}),
        (
            "已派单",
            DISPATCHER,
            "派单",
            {"unit": "ecology", "assisting": [{"unit": "430211", "duty": "现场查看"}]},
        ),
        ("办理中", UNIT, "签收", {}),
        ("回访中", UNIT, "答复", {"answer": ANSWER}),
        ("已办结", CITIZEN, "评价", {"rating": "满意"}),
    ]

    async def to(order: WorkOrder, status: str) -> WorkOrder:
        for target, actor, action, fields in steps:
            order = await do(order, actor, action, **fields)
            assert order.status == target
            if target == status:
                return order
        raise AssertionError(status)

    return to
