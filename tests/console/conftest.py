"""A whole service for the console's pages: the real application and database, a browser, people, and orders as they are
when an office has been open for some weeks. Only the dialogue engine is scripted: no page here speaks with it.
"""

from __future__ import annotations

import asyncio
import io
import threading
import uuid
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from fastapi import FastAPI
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page

from hotline.accounts.service import By
from hotline.accounts.sessions import Where
from hotline.app import create_app
from hotline.dispatch.proposals import load_judge
from hotline.settings import Settings
from hotline.similarity.duplicates import Duplicates
from hotline.similarity.turns import Turns
from hotline.work_orders.casework import Casework
from hotline.work_orders.effects.step import Actor
from hotline.work_orders.lifecycle import Role
from hotline.work_orders.service import Draft, WorkOrders
from hotline.work_orders.triage import Triage, Urgency
from tests.browser.conftest import DESK, browser
from tests.conftest import ROOT, FreshDatabase
from tests.console.cases import CASES, Case
from tests.scripted import ScriptedEngine
from tests.serving import serve
from tests.work_orders.conftest import ANSWER

__all__ = ["browser"]

T = TypeVar("T")

PASSWORD = "我家门前有一条河xiangjiang"
HERE = Where(address="192.168.100.20", device="Windows 上的 Edge")
AXE = ROOT / "web" / "console" / "node_modules" / "axe-core" / "axe.min.js"

AGENT = Actor(id="1024", role=Role.AGENT)
DISPATCHER = Actor(id="2001", role=Role.DISPATCHER)
SUPERVISOR = Actor(id="3001", role=Role.SUPERVISOR)
LEADER = Actor(id="4001", role=Role.LEADER)

PEOPLE: dict[str, tuple[str, tuple[str, ...], str | None]] = {
    "1024": ("李敏", ("坐席",), None),
    "2001": ("王芳", ("派单员",), None),
    "2002": ("赵强", ("坐席", "派单员", "督办"), None),
    "3001": ("陈立", ("督办",), None),
    "4001": ("周平", ("领导",), None),
    "5001": ("刘洋", ("承办单位",), "ecology"),
    "5002": ("唐静", ("承办单位", "知识编辑"), "medical_insurance"),
    "6001": ("何琳", ("知识编辑",), None),
    "6002": ("罗敏", ("知识编辑",), None),
    "7001": ("吴桐", ("跟班学习",), None),
    "9001": ("孙丽", ("管理员",), None),
}


@dataclass
class House:
    """A running service, with the means to do what happens beside the browser."""

    url: str
    app: FastAPI
    loop: asyncio.AbstractEventLoop
    #: The numbers of the orders of :data:`CASES`, by key.
    numbers: dict[str, str] = field(default_factory=dict)
    #: Those who are only there when their tests are, beside :data:`PEOPLE`.
    guests: set[str] = field(default_factory=set)

    def do(self, call: Awaitable[T]) -> T:
        """Have something done in the service's own loop."""

        async def waited() -> T:
            return await call

        future: Future[T] = asyncio.run_coroutine_threadsafe(waited(), self.loop)
        return future.result(60)

    def order(self, case: Case | None = None, **others: Any) -> str:
        """A new order, brought as far as its case says; the number."""
        return self.do(self._order(case or Case(key="", **others)))

    async def _order(self, case: Case) -> str:
        at = datetime.now(UTC) - timedelta(days=case.days_ago)
        state = self.app.state
        casework = Casework(state.database, state.work_orders.casework.office, clock=lambda: at)
        orders = WorkOrders(state.database, casework, clock=lambda: at)
        order = await orders.do_create(
            Draft(
                id=uuid.uuid4().hex,
                conversation_id=None,
                nature=case.nature,
                what=case.what,
                where_text=case.where,
                area_code=case.area,
                name="王某" if case.phone else None,
                phone="13800138000" if case.phone else None,
                enterprise=case.enterprise,
                confidential=case.confidential,
                source="电话",
            )
        )
        for step in case.steps:
            actor = {"坐席": AGENT, "派单员": DISPATCHER, "督办": SUPERVISOR, "领导": LEADER}.get(step.who)
            actor = actor or Actor(id="5001", role=Role.UNIT, unit=step.who)
            fields = {key: ANSWER if value == "…" else value for key, value in step.fields.items()}
            await casework.do_act(order.number, actor, step.action, fields, request=uuid.uuid4().hex)
        return order.number

    def act(self, number: str, actor: Actor, action: str, **fields: Any) -> None:
        """Do a step to an order, as somebody else would at the same time."""
        casework: Casework = self.app.state.work_orders.casework
        self.do(casework.do_act(number, actor, action, fields, request=uuid.uuid4().hex))

    def status(self, number: str) -> str:
        """The state of an order."""
        page = self.do(self.app.state.order_lists.page(number, DISPATCHER))
        return str(page["status"])

    def triage(self) -> None:
        """Look at the new orders, as the worker does."""
        self.do(self._triage())

    async def _triage(self) -> None:
        state = self.app.state
        office = state.work_orders.casework.office
        settings = Settings(_env_file=None)
        judge = await asyncio.to_thread(load_judge, settings, office.routing, office.units, office.topics)
        urgency = Urgency.load(settings.data_dir / "dispatch" / "urgency.yml")
        casework: Casework = state.work_orders.casework
        await Triage(state.database, casework, judge, Duplicates(office.encoder), urgency).do_triage()
        await casework.do_fire_timers()
        await Turns(state.database, office, office.encoder).do_turn()


async def _people(app: FastAPI) -> None:
    people = app.state.people
    boss = By(name="1")
    for number, (name, roles, unit) in PEOPLE.items():
        _, given = await people.accounts.do_add(
            number=number, name=name, roles=roles, unit=unit, by=boss, team=""
        )
        done = await people.logins.do_log_in(number, given, HERE)
        current = await people.sessions.find(done.token)
        await people.logins.do_change_password(current, given, PASSWORD)


def _photograph() -> bytes:
    image = Image.new("RGB", (800, 600), "#8a9aa8")
    image.paste("#5c4a3a", (120, 260, 700, 520))
    content = io.BytesIO()
    image.save(content, "JPEG")
    return content.getvalue()


async def _fill(house: House) -> None:
    await _people(house.app)
    for case in CASES:
        house.numbers[case.key] = await house._order(case)
    await house._triage()
    photos = house.app.state.order_photos
    with_photo = house.numbers["noise"]
    await photos.do_add(with_photo, AGENT, [_photograph(), _photograph()], request="photos")


@pytest.fixture(scope="session")
def house(fresh_database: FreshDatabase, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The service of this run, filled."""
    ready: Future[House] = Future()
    over = threading.Event()

    async def run(settings: Settings) -> None:
        app = create_app(settings, engine=ScriptedEngine())
        try:
            async with serve(app) as url:
                found = House(url=url, app=app, loop=asyncio.get_running_loop())
                await _fill(found)
                ready.set_result(found)
                await asyncio.to_thread(over.wait)
        except BaseException as error:
            if ready.done():
                raise
            ready.set_exception(error)

    with fresh_database() as url:
        settings = Settings(
            _env_file=None,
            database_url=url,
            internal_token="inside",
            signing_key="key",
            audit_key="key",
            var_dir=tmp_path_factory.mktemp("var"),
            password_time_cost=1,
            password_memory_kib=64,
            password_parallelism=1,
            address_logins=10**6,
            address_starts=10**6,
            address_rate=10**6,
            conversation_rate=0,
        )
        thread = threading.Thread(target=lambda: asyncio.run(run(settings)))
        thread.start()
        try:
            yield ready.result(180)
        finally:
            over.set()
            thread.join(30)


Enter = Callable[..., Page]


@pytest.fixture
def enter(browser: Browser, house: House) -> Iterator[Enter]:
    """Opens the console, logged in as somebody (``None``: not) at a path; fails the test on any error of a page."""
    contexts: list[BrowserContext] = []
    problems: list[str] = []

    def opened(number: str | None, path: str = "/", size: dict[str, int] = DESK) -> Page:
        context = browser.new_context(
            viewport={"width": size["width"], "height": size["height"]},
            locale="zh-CN",
            timezone_id="America/New_York",  # what is shown is the time in Shanghai all the same
            reduced_motion="reduce",  # a page is looked at as it stands, not while it fades in
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: problems.append(f"pageerror: {error}"))
        page.on(
            "console",
            lambda message: (
                problems.append(f"console: {message.text}")
                if message.type == "error" and "Failed to load resource" not in message.text
                else None
            ),
        )
        page.on(
            "request",
            lambda request: (
                None
                if request.url.startswith((house.url, house.url.replace("http", "ws"), "data:", "blob:"))
                else problems.append(f"an outside address was asked for: {request.url}")
            ),
        )
        page.goto(f"{house.url}/console{path}")
        if number is not None:
            log_in(page, number)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not problems


def log_in(page: Page, number: str, password: str = PASSWORD) -> None:
    """Fill in the login; the page that was asked for follows."""
    page.get_by_label("工号").fill(number)
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录工作台").click()
    page.get_by_role("navigation", name="主菜单").wait_for()


def axe(page: Page) -> list[str]:
    """What axe-core finds wrong with the page as it stands."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    result = page.evaluate("() => axe.run(document, { resultTypes: ['violations'] })")
    return [
        f"{found['id']}: {node['target']} {node['failureSummary']}"
        for found in result["violations"]
        for node in found["nodes"]
    ]


def screenshot(page: Page, name: str) -> Path:
    """Keep a picture of the page under ``var/test``."""
    path = ROOT / "var" / "test" / "console" / f"{name}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=path)
    return path
