"""The routes and the command of the hot issues: who may, what is shown, what is refused in which words."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI
from typer.testing import CliRunner, Result

from hotline import errors, internal
from hotline.database import Database
from hotline.language.encoder import Encoder
from hotline.settings import Settings, get_settings
from hotline.similarity import api
from hotline.similarity.cli import app as commands
from hotline.similarity.duplicates import Duplicates
from hotline.similarity.service import HotIssues
from hotline.similarity.turns import Turns
from hotline.work_orders.cases import case_of
from hotline.work_orders.models import WorkOrder
from hotline.work_orders.office import Office
from hotline.work_orders.service import WorkOrders
from tests.serving import serve
from tests.similarity.conftest import SITE, WATER
from tests.work_orders.conftest import Clock, draft

KEY, OTHER = "R20260930-1", "R20260930-2"
CHINESE = re.compile("[一-鿿]")


@pytest.fixture
async def app(
    database: Database, orders: WorkOrders, office: Office, encoder: Encoder, clock: Clock
) -> FastAPI:
    """The internal API with two issues, of six and of four callers."""
    for texts, topic in ((SITE, "0701"), (WATER, "0712")):
        for text in texts:
            order = await orders.do_create(
                draft(what=f"{text}，我的电话13800138000", where_text=text[:4], phone=None)
            )
            async with database.transaction() as session:
                kept = await session.get_one(WorkOrder, order.id)
                kept.topic = topic
                kept.meaning = Duplicates(encoder).encode(case_of(order, topic))
    await Turns(database, office, encoder, clock=clock).do_turn()
    app = FastAPI()
    errors.install(app)
    inside = APIRouter(prefix="/internal", dependencies=[Depends(internal.authorized)])
    inside.include_router(api.router)
    app.include_router(inside)
    app.state.settings = Settings(_env_file=None, internal_token="inside")
    app.state.work_orders, app.state.hot_issues = orders, HotIssues(database, clock=clock)
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


def who(role: str = "派单员", **others: str) -> dict[str, str]:
    """How a call says who acts."""
    return {"actor": "2001", "role": role} | others


async def test_the_list_is_hottest_first_and_says_it_as_a_report_does(client: httpx.AsyncClient) -> None:
    answer = (await client.get("/hot-issues", params=who(window="近7天", state="进行中"))).json()

    assert answer["total"] == 2
    first, second = answer["issues"]
    assert first["sentence"] == "近7天共有6位市民反映滨江一村噪声扰民"
    assert second["sentence"] == "近7天共有4位市民反映锦绣花园供水"
    assert (first["topic_name"], first["area_name"]) == ("噪声扰民", "天元区")
    assert (first["callers"], first["orders"], first["before"], first["trend"]) == (6, 6, 0, "新出现")
    assert first["heat"] > second["heat"] > 0
    assert first["decision"] == "待定"
    assert len(first["sample"]) == 3
    assert "13800138000" not in str(answer)
    assert "138****8000" in str(first["sample"])


@pytest.mark.parametrize(
    ("wanted", "total"),
    [
        ({"window": "当日"}, 2),
        ({"window": "近30天"}, 0),
        ({"state": "已平息"}, 0),
        ({"level": "事项"}, 0),
        ({"level": "地点"}, 4),
        ({"area": "430211"}, 4),
        ({"area": "430202"}, 0),
        ({"decision": "已忽略"}, 0),
        ({"limit": "1"}, 4),
        ({"offset": "9"}, 4),
    ],
)
async def test_the_list_is_filtered(client: httpx.AsyncClient, wanted: dict[str, str], total: int) -> None:
    assert (await client.get("/hot-issues", params=who(**wanted))).json()["total"] == total


async def test_an_issue_is_shown_with_its_windows_and_orders(client: httpx.AsyncClient) -> None:
    issue = (await client.get(f"/hot-issues/{KEY}", params=who("坐席"))).json()

    assert [window["window"] for window in issue["windows"]] == ["当日", "近7天"]
    assert len(issue["members"]) == 6
    member = issue["members"][0]
    assert member["number"] == "20260930-00001"
    assert "13800138000" not in member["what"]
    assert member["windows"] == ["当日", "近7天"]


async def test_an_ignored_issue_is_listed_only_when_it_is_asked_for(client: httpx.AsyncClient) -> None:
    done = await client.post(
        f"/hot-issues/{KEY}/decide", params=who("督办"), json={"decision": "忽略", "note": "已经停工"}
    )

    assert done.status_code == 200
    assert (done.json()["decision"], done.json()["note"]) == ("已忽略", "已经停工")
    listed = (await client.get("/hot-issues", params=who(window="当日"))).json()
    assert [issue["key"] for issue in listed["issues"]] == [OTHER]
    ignored = (await client.get("/hot-issues", params=who(window="当日", decision="已忽略"))).json()
    assert [issue["key"] for issue in ignored["issues"]] == [KEY]


async def test_a_closed_issue_keeps_its_name_and_comes_again_with_the_next_order(
    client: httpx.AsyncClient,
    app: FastAPI,
    database: Database,
    encoder: Encoder,
    office: Office,
    clock: Clock,
) -> None:
    def named(answer: httpx.Response) -> dict[str, str]:
        return {issue["key"]: issue["title"] for issue in answer.json()["issues"]}

    clock.on(minutes=1)
    body = {"decision": "办结", "note": "工地已经停工整改", "title": "滨江一村  工地"}
    done = await client.post(f"/hot-issues/{KEY}/decide", params=who("领导"), json=body)
    assert (done.json()["decision"], done.json()["title"]) == ("已办结", "滨江一村 工地")
    assert KEY not in named(await client.get("/hot-issues", params=who(window="当日")))
    closed = await client.get("/hot-issues", params=who("坐席", decision="已办结"))
    assert named(closed) == {KEY: "滨江一村 工地"}

    clock.on(minutes=1)
    orders: WorkOrders = app.state.work_orders
    order = await orders.do_create(draft(what=SITE[0], where_text=SITE[0][:4], phone=None))
    async with database.transaction() as session:
        kept = await session.get_one(WorkOrder, order.id)
        kept.topic = "0701"
        kept.meaning = Duplicates(encoder).encode(case_of(order, "0701"))
    await Turns(database, office, encoder, clock=clock).do_turn()
    assert named(await client.get("/hot-issues", params=who(window="当日")))[KEY] == "滨江一村 工地"


@pytest.mark.parametrize(
    ("path", "body", "params", "status"),
    [
        ("", None, {}, 422),
        ("", None, who(state="热"), 422),
        ("", None, who(limit="0"), 422),
        ("", None, who(limit="很多"), 422),
        ("", None, who(window="长" * 99), 422),
        ("", None, who("承办单位", unit="ecology"), 403),
        (f"/{KEY}", None, who("承办单位", unit="ecology"), 403),
        ("/R1", None, who(), 404),
        ("/%00", None, who(), 422),
        (f"/{KEY}/decide", {"decision": "确认"}, who("坐席"), 403),
        (f"/{KEY}/decide", {"decision": "确认"}, who("承办单位", unit="ecology"), 403),
        (f"/{KEY}/decide", {"decision": "忽略"}, who(), 422),
        (f"/{KEY}/decide", {"decision": "忽略", "note": "\u3000"}, who(), 422),
        (f"/{KEY}/decide", {"decision": "删除"}, who(), 422),
        (f"/{KEY}/decide", {"decision": "办结"}, who(), 422),
        (f"/{KEY}/decide", {"decision": "确认", "title": "长" * 41}, who(), 422),
        (f"/{KEY}/decide", {"decision": "确认", "note": "长" * 501}, who(), 422),
        (f"/{KEY}/decide", {"decision": "确认", "note": "\x00"}, who(), 422),
        (f"/{KEY}/decide", {"decision": "确认", "more": 1}, who(), 422),
        ("/R1/decide", {"decision": "确认"}, who(), 404),
    ],
)
async def test_what_cannot_be_done_is_said_in_chinese(
    client: httpx.AsyncClient, path: str, body: dict[str, Any] | None, params: dict[str, str], status: int
) -> None:
    answer = await client.request("POST" if body else "GET", f"/hot-issues{path}", params=params, json=body)

    assert answer.status_code == status
    assert CHINESE.search(answer.json()["error"]["message"])


async def test_nobody_comes_in_without_the_secret(client: httpx.AsyncClient) -> None:
    answer = await client.get("/hot-issues", params=who(), headers={"Authorization": "Bearer wrong"})

    assert answer.status_code == 401


Command = Callable[..., Awaitable[Result]]


@pytest.fixture
async def command(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Command]:
    """``hotline hot-issues``, and a hotline for it."""
    monkeypatch.setenv("HOTLINE_INTERNAL_TOKEN", "inside")
    get_settings.cache_clear()
    async with serve(app) as url:

        async def call(*arguments: str) -> Result:
            return await asyncio.to_thread(CliRunner().invoke, commands, [*arguments, "--url", url])

        yield call
    get_settings.cache_clear()


async def test_the_command_lists_shows_and_decides(command: Command) -> None:
    listed = await command("list", "--window", "当日")
    assert listed.exit_code == 0, listed.output
    assert f"{KEY}  当日共有6位市民反映滨江一村噪声扰民（6 件，热度 6.0，新出现）  待定" in listed.output
    assert "—— 共 2 个" in listed.output

    shown = await command("show", KEY)
    assert "热点：R20260930-1（地点，待定）滨江一村噪声扰民" in shown.output
    assert "工单（6 件）：" in shown.output
    assert "20260930-00001  待受理" in shown.output

    done = await command("decide", KEY, "忽略", "--as", "督办", "--by", "3001", "--note", "已经停工")
    assert f"热点 {KEY}（滨江一村噪声扰民）现在是“已忽略”。" in done.output
    assert "—— 共 1 个" in (await command("list", "--window", "当日")).output
    assert "3001" in (await command("show", KEY)).output


async def test_the_command_says_what_cannot_be_done(command: Command) -> None:
    refused = await command("decide", KEY, "忽略", "--as", "派单员", "--by", "2001")
    assert refused.exit_code == 1
    assert "请写明为什么忽略" in refused.output

    missing = await command("show", "R1")
    assert missing.exit_code == 1
    assert "没有找到这个热点" in missing.output
