"""Orders out to Excel and in from it."""

from __future__ import annotations

import asyncio
import io
import tracemalloc
import zipfile
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI
from openpyxl import Workbook, load_workbook
from sqlalchemy import func, select
from typer.testing import CliRunner, Result

from hotline import errors, internal
from hotline.audit import service as audit
from hotline.commands.orders import app as commands
from hotline.database import Database
from hotline.settings import Settings, get_settings
from hotline.work_orders.effects.step import Actor
from hotline.work_orders.excel import api
from hotline.work_orders.excel.columns import BY_FIELD, COLUMNS, HELP_SHEET
from hotline.work_orders.excel.export import write_orders
from hotline.work_orders.excel.names import Names
from hotline.work_orders.excel.places import PlaceNames
from hotline.work_orders.excel.reading import MAX_ROWS, WorkbookError, read_rows
from hotline.work_orders.excel.template import write_template
from hotline.work_orders.lists import Filter, Lists, Whole
from hotline.work_orders.models import WorkOrder, WorkOrderDelivery, WorkOrderEvent, WorkOrderTimer
from hotline.work_orders.office import Office
from hotline.work_orders.service import CITIZEN, WorkOrders
from tests.conftest import ROOT
from tests.serving import serve
from tests.work_orders.conftest import (
    AGENT,
    DISPATCHER,
    HELPER,
    LEADER,
    STRANGER,
    SUPERVISOR,
    TAKEN,
    UNIT,
    Do,
    draft,
)

PHONE = "13800138000"
NOW = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)


@pytest.fixture
def names(office: Office) -> Names:
    """What the columns are chosen from."""
    return Names(office, PlaceNames.load(ROOT / "data" / "city" / "zhuzhou"))


@pytest.fixture
def app(database: Database, orders: WorkOrders, lists: Lists) -> FastAPI:
    """The internal API with the workbooks alone."""
    app = FastAPI()
    errors.install(app)
    inside = APIRouter(prefix="/internal", dependencies=[Depends(internal.authorized)])
    inside.include_router(api.router)
    app.include_router(inside)
    app.state.settings = Settings(_env_file=None, internal_token="inside")
    app.state.database, app.state.work_orders, app.state.order_lists = database, orders, lists
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


def params(actor: Actor) -> dict[str, Any]:
    """How a call says who acts."""
    return {"actor": actor.id, "role": actor.role} | ({"unit": actor.unit} if actor.unit else {})


# --- out ------------------------------------------------------------------------------------------------


async def exported(client: httpx.AsyncClient, actor: Actor = DISPATCHER, **wanted: Any) -> Any:
    """The workbook that ``actor`` gets."""
    got = await client.get("/orders/export.xlsx", params=params(actor) | wanted)
    assert got.status_code == 200, got.text
    return load_workbook(io.BytesIO(got.content))


def table(book: Any) -> list[dict[str, Any]]:
    """The rows of the first sheet, by their headers."""
    rows = list(book["工单"].iter_rows(values_only=True))
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]


async def test_an_export_has_what_an_office_reckons_with(
    client: httpx.AsyncClient, orders: WorkOrders, walk: Any, do: Do
) -> None:
    first = await walk(await orders.do_create(draft(street_code="430211002")), "已办结")
    second = await orders.do_create(draft(nature="咨询", what="医保怎么缴费", where_text="", area_code=None))
    book = await exported(client)
    page = book["工单"]
    rows = table(book)
    assert [row["工单号"] for row in rows] == [first.number, second.number]
    row = rows[0]
    assert (row["状态"], row["类型"], row["分类编号"], row["满意度"]) == ("已办结", "投诉", "0701", "满意")
    assert (row["主办单位"], row["协办单位"]) == ("株洲市生态环境局", "天元区人民政府")
    assert (row["区县"], row["诉求人"], row["电话"]) == ("天元区", "王*", "138****8000")
    assert row["登记时间"] == datetime(2026, 9, 30, 10, 0), "in Shanghai"
    assert row["办理期限"].date() == first.promised_date
    assert (row["企业诉求"], row["保密"], row["时效"], row["延期次数"]) == ("否", "否", "按时答复", 0)
    assert "噪声污染防治法" in row["答复"]
    assert page.freeze_panes == "B2"
    assert page.auto_filter.ref == f"A1:{page.cell(1, page.max_column).column_letter}3"
    assert page["S2"].number_format == "yyyy-mm-dd hh:mm"
    assert page.column_dimensions["I"].width == 60
    counts = {(r[0], r[1]): r[2:] for r in book["统计"].iter_rows(min_row=2, values_only=True)}
    assert counts["合计", "全部"] == (2, 1, 0, 1, 0)
    assert counts["状态", "已办结"][0] == counts["状态", "待受理"][0] == 1
    assert counts["类型", "咨询"] == (1, 0, 0, 0, 0)
    assert counts["主办单位", "株洲市生态环境局"] == (1, 1, 0, 1, 0)
    assert counts["主办单位", "（没有派单）"][0] == 1


async def test_what_begins_like_a_formula_is_text(client: httpx.AsyncClient, orders: WorkOrders) -> None:
    wild = ["=cmd|' /C calc'!A0", "+1+1 开头", "-2 楼漏水", "@SUM(A1)", "\t=1+1 漏水", "带\x0b控制符的字"]
    for words in wild:
        await orders.do_create(draft(what=words, where_text=f"={words}"))
    got = await client.get("/orders/export.xlsx", params=params(DISPATCHER))
    with zipfile.ZipFile(io.BytesIO(got.content)) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")
    page = load_workbook(io.BytesIO(got.content))["工单"]
    for row, words in enumerate(wild, 2):
        cell = page.cell(row, 9)
        assert cell.data_type == "s"
        assert cell.value == words.strip().replace("\x0b", "")
    assert page["I2"].quotePrefix
    assert page["J2"].value.startswith("=")


async def test_an_export_masks_numbers_and_hides_who_must_stay_hidden(
    client: httpx.AsyncClient, orders: WorkOrders, walk: Any
) -> None:
    words = f"我叫王建国，电话{PHONE}，举报偷排"
    order = await walk(
        await orders.do_create(draft(nature="举报", name="王建国", what=words, where_text=f"某厂{PHONE}")),
        "办理中",
    )
    for actor in (DISPATCHER, SUPERVISOR, LEADER, UNIT, HELPER):
        book = await exported(client, actor)
        text = str([list(row) for row in book["工单"].iter_rows(values_only=True)])
        assert PHONE not in text
        assert "王建国" not in text
        if actor.unit:
            assert "138****8000" not in text
            assert "王" not in text
            assert table(book)[0]["诉求人"] == "（保密）"
    assert table(await exported(client, STRANGER)) == []
    assert table(await exported(client, UNIT))[0]["工单号"] == order.number


async def test_an_export_is_of_what_was_asked_for(
    client: httpx.AsyncClient, orders: WorkOrders, walk: Any, clock: Any
) -> None:
    old = await walk(await orders.do_create(draft()), "已派单")
    clock.on(days=3)
    new = await orders.do_create(draft(nature="建议", area_code="430202"))

    async def numbers(**wanted: Any) -> list[str]:
        return [row["工单号"] for row in table(await exported(client, **wanted))]

    assert await numbers(status=["待受理"]) == [new.number]
    assert await numbers(status=["待受理", "已派单"]) == [old.number, new.number]
    assert await numbers(nature=["投诉"]) == [old.number]
    assert await numbers(area="荷塘区") == await numbers(area="430202") == [new.number]
    assert await numbers(of_unit="株洲市生态环境局") == await numbers(of_unit="ecology") == [old.number]
    assert await numbers(until="2026-09-30") == [old.number]
    assert await numbers(since="2026-10-01") == [new.number]
    assert await numbers(overdue=True) == []
    assert await numbers(topic="07") == [old.number]


@pytest.mark.parametrize(
    "wrong",
    [
        {"status": "已半结"},
        {"nature": "抱怨"},
        {"area": "不存在区"},
        {"of_unit": "不存在的局"},
        {"since": "昨天"},
        {"overdue": "也许"},
    ],
)
async def test_a_filter_that_is_wrong_is_named_in_chinese(
    client: httpx.AsyncClient, database: Database, wrong: dict[str, str]
) -> None:
    refused = await client.get("/orders/export.xlsx", params=params(DISPATCHER) | wrong)
    assert refused.status_code == 422
    assert not refused.json()["error"]["message"].isascii()
    assert (await audit.lines(database, audit.Wanted()))[1] == 0


async def test_an_export_is_audited_and_not_for_agents(
    client: httpx.AsyncClient, database: Database, orders: WorkOrders, walk: Any
) -> None:
    await walk(await orders.do_create(draft()), "已派单")
    refused = await client.get("/orders/export.xlsx", params=params(AGENT))
    assert refused.status_code == 403
    await exported(client, DISPATCHER, status=["已派单"], since="2026-01-01")
    await exported(client, UNIT)
    second, first = (await audit.lines(database, audit.Wanted(action="导出工单")))[0]
    assert (first.actor, first.detail) == (
        DISPATCHER.id,
        {"statuses": ["已派单"], "since": "2026-01-01", "count": 1},
    )
    assert (second.actor, second.detail) == (UNIT.id, {"by_unit": "ecology", "count": 1})


class _Many:
    """A desk with as many orders as one likes, all alike."""

    def __init__(self, order: WorkOrder, count: int) -> None:
        self._order, self._count = order, count

    async def every(self, actor: Actor, wanted: Filter, *, batch: int) -> AsyncIterator[Sequence[Whole]]:
        for start in range(0, self._count, batch):
            some = min(batch, self._count - start)
            yield [Whole(order=self._order, assisting=["430211"], main=None)] * some


async def test_an_export_of_many_needs_no_more_memory_than_one_of_few(
    orders: WorkOrders, office: Office, names: Names, tmp_path: Path
) -> None:
    order = await orders.do_create(draft())
    path = tmp_path / "many.xlsx"

    async def peak(count: int) -> int:
        many: Any = _Many(order, count)
        tracemalloc.start()
        assert await write_orders(path, many, DISPATCHER, Filter(), office, names.places) == count
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    few = await peak(500)
    assert await peak(3000) < few + 500_000
    assert load_workbook(path, read_only=True)["工单"].max_row in (None, 3001)


# --- in -------------------------------------------------------------------------------------------------

LIVE = {
    "external": "A-1",
    "nature": "投诉",
    "what": "楼下工地夜里十二点还在施工",
    "where": "天元区某小区",
    "street": "泰山路街道",
    "name": "王某",
    "phone": PHONE,
    "taken_by": "1024",
}
ENDED = {
    "external": "A-2",
    "nature": "咨询",
    "what": "医保怎么缴费",
    "status": "已办结",
    "at": "2024-03-01 09:30",
    "topic": "0101 参保缴费",
    "unit": "株洲市医疗保障局",
    "answer": "您好，可以在社区办理。",
    "answered_at": datetime(2024, 3, 4, 15, 0),
    "closed_at": date(2024, 3, 6),
    "rating": "满意",
}


def workbook(*rows: dict[str, Any], headers: Sequence[str] | None = None, sheet: str = "工单") -> bytes:
    """A workbook with these rows, as somebody fills the template in."""
    book = Workbook()
    page = book.active
    page.title = sheet
    shown = list(headers) if headers is not None else [column.header for column in COLUMNS]
    page.append(shown)
    by_header = {column.header: column.field for column in COLUMNS}
    for row in rows:
        page.append([row.get(by_header.get(header, header)) for header in shown])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


async def imported(
    client: httpx.AsyncClient, data: bytes, actor: Actor = DISPATCHER, **options: Any
) -> httpx.Response:
    """Import a workbook."""
    files = {"file": ("老系统.xlsx", data, api.XLSX)}
    return await client.post("/orders/import", params=params(actor) | options, files=files)


async def kept(database: Database) -> Sequence[WorkOrder]:
    """All orders."""
    async with database.transaction() as session:
        return (await session.scalars(select(WorkOrder).order_by(WorkOrder.id))).all()


async def count(database: Database, table: Any) -> int:
    """How many rows a table has."""
    async with database.transaction() as session:
        return int(await session.scalar(select(func.count()).select_from(table)) or 0)


async def test_new_orders_go_their_way_and_ended_ones_are_only_kept(
    client: httpx.AsyncClient, database: Database, orders: WorkOrders, do: Do
) -> None:
    got = await imported(client, workbook(LIVE, ENDED))
    assert got.status_code == 200, got.text
    done = got.json()
    assert (done["rows"], done["created"], done["known"]) == (2, 2, 0)
    live, ended = await kept(database)
    assert [o["number"] for o in done["orders"]] == [live.number, ended.number]
    assert [o["query_code"] for o in done["orders"]] == [live.query_code, None]

    assert (live.status, live.source, live.taken_by, live.phone) == ("待受理", "电话", "1024", PHONE)
    assert (live.area_code, live.street_code) == ("430211", "430211002")
    assert live.triaged_at is None, "it is looked at like any other"
    async with database.transaction() as session:
        timers = (await session.scalars(select(WorkOrderTimer))).all()
        lines = (await session.scalars(select(WorkOrderEvent).order_by(WorkOrderEvent.id))).all()
        assert not (await session.scalars(select(WorkOrderDelivery))).all()
    assert {timer.order_id for timer in timers} == {live.id}
    assert [(line.order_id, line.action) for line in lines] == [
        (live.id, "提交"),
        (ended.id, "提交"),
        (live.id, "导入"),
        (ended.id, "答复"),
        (ended.id, "导入"),
    ]
    assert "A-1" in lines[2].note
    assert (await do(live, AGENT, "受理", topic="0701")).status == "已受理"

    assert ended.number == "20240301-00001"
    assert (ended.status, ended.topic, ended.rating) == ("已办结", "0101", "满意")
    assert orders.casework.office.units.name(ended.lead_unit or "") == ENDED["unit"]
    assert ended.created_at == datetime(2024, 3, 1, 1, 30, tzinfo=UTC)
    assert ended.closed_at == datetime(2024, 3, 5, 16, 0, tzinfo=UTC)
    assert (ended.answered_late, ended.overdue_at) == (False, None)
    assert ended.triaged_at is not None
    found = await orders.find(ended.number, query_code=ended.query_code)
    assert found.answer == "您好，可以在社区办理。"


async def test_the_same_file_twice_makes_no_order_twice(
    client: httpx.AsyncClient, database: Database
) -> None:
    without = {name: value for name, value in LIVE.items() if name != "external"}
    data = workbook(LIVE, ENDED, without)
    assert (await imported(client, data)).json()["created"] == 3
    again = (await imported(client, data)).json()
    assert (again["rows"], again["created"], again["known"], again["orders"]) == (3, 0, 3, [])
    more = (await imported(client, workbook(LIVE, ENDED | {"external": "A-3"}))).json()
    assert (more["created"], more["known"]) == (1, 1)
    assert len(await kept(database)) == 4


async def test_of_two_who_import_the_same_file_at_once_one_does_it(
    client: httpx.AsyncClient, database: Database
) -> None:
    data = workbook(*(LIVE | {"external": f"B-{n}"} for n in range(30)))
    done = await asyncio.gather(*(imported(client, data) for _ in range(4)))
    assert [got.status_code for got in done] == [200] * 4
    assert sum(got.json()["created"] for got in done) == 30
    assert len({order.number for order in await kept(database)}) == 30


async def test_one_wrong_row_and_nothing_is_taken_in(client: httpx.AsyncClient, database: Database) -> None:
    refused = await imported(client, workbook(LIVE, ENDED, LIVE | {"external": "A-9", "nature": "抱怨"}))
    assert refused.status_code == 422
    words = refused.json()["error"]["message"]
    assert "第 4 行“类型”：“抱怨”不对，只能填：咨询、求助、投诉、举报、建议、表扬。" in words
    assert await kept(database) == []
    assert (await audit.lines(database, audit.Wanted()))[1] == 0


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        ({"nature": None}, "类型", "没有填"),
        ({"what": None}, "内容", "没有填"),
        ({"what": "吵"}, "内容", "太短"),
        ({"what": "长" * 4001}, "内容", "最多 4000 个字"),
        ({"where": None}, "地点", "投诉要写地点"),
        ({"area": "不存在区"}, "区县", "只能填"),
        ({"street": "不存在街道"}, "街道", "不对"),
        ({"street": "泰山路街道", "area": "荷塘区"}, "街道", "不在所填的区县"),
        ({"phone": "12"}, "电话", "11 位手机号"),
        ({"phone": "13800138000 13800138001"}, "电话", "不对"),
        ({"name": "长" * 51}, "姓名", "最多 50 个字"),
        ({"anonymous": "也许"}, "匿名", "只能填是或否"),
        ({"anonymous": "是"}, "匿名", "不能填姓名、电话"),
        ({"source": "飞鸽"}, "来源", "只能填"),
        ({"taken_by": "张 三"}, "登记坐席", "字母、数字"),
        ({"at": "明天"}, "登记时间", "不是时间"),
        ({"at": "2026-13-01"}, "登记时间", "不是时间"),
        ({"at": "2099-01-01"}, "登记时间", "现在以前"),
        ({"at": "1999-01-01"}, "登记时间", "2000 年以后"),
        ({"at": 45000.5}, "登记时间", "不是时间"),
        ({"topic": "9999"}, "分类", "从下拉框里选"),
        ({"status": "办理中"}, "状态", "只能填"),
        ({"answer": "已经修好"}, "答复", "不用填"),
        ({"rating": "满意"}, "满意度", "不用填"),
        ({"status": "已撤回"}, "登记时间", "要填"),
        ({"note": "长" * 501}, "备注", "最多 500 个字"),
    ],
)
def test_what_is_wrong_is_named_by_row_and_column(
    names: Names, row: dict[str, Any], column: str, words: str
) -> None:
    with pytest.raises(WorkbookError) as caught:
        read_rows(workbook(ENDED, LIVE | row), names, NOW)
    named = [fault for fault in caught.value.faults if fault.column == column]
    assert named, caught.value.message
    assert named[0].row == 3
    assert words in named[0].message


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        ({"at": None}, "登记时间", "状态是已办结，要填"),
        ({"answer": None}, "答复", "要填"),
        ({"answered_at": None}, "答复时间", "要填"),
        ({"closed_at": None}, "办结时间", "要填"),
        ({"answered_at": "2024-02-01"}, "答复时间", "早于登记时间"),
        ({"closed_at": "2024-03-02"}, "办结时间", "早于答复时间"),
        ({"unit": "不存在的局"}, "承办单位", "不对"),
        ({"rating": "五星"}, "满意度", "只能填"),
        ({"status": "已撤回"}, "满意度", "已办结的才有"),
        ({"promised": "月底"}, "办理期限", "不是时间"),
    ],
)
def test_history_must_be_whole(names: Names, row: dict[str, Any], column: str, words: str) -> None:
    with pytest.raises(WorkbookError) as caught:
        read_rows(workbook(ENDED | row), names, NOW)
    assert any(f.column == column and words in f.message for f in caught.value.faults), caught.value.message


def test_everything_wrong_is_told_at_once_but_not_without_end(names: Names) -> None:
    with pytest.raises(WorkbookError) as caught:
        read_rows(workbook(*({"nature": "抱怨", "what": "吵"} for _ in range(100))), names, NOW)
    assert len(caught.value.faults) == 200
    assert caught.value.message.count("\n") == WorkbookError.TOLD
    assert caught.value.message.endswith("还有 150 处。")


def test_rows_that_are_the_same_are_named(names: Names) -> None:
    plain = {name: value for name, value in LIVE.items() if name != "external"}
    with pytest.raises(WorkbookError) as caught:
        read_rows(workbook(LIVE, LIVE | {"what": "另外一件事情"}, plain, plain), names, NOW)
    assert [str(fault) for fault in caught.value.faults] == [
        "第 3 行“外部编号”：和第 2 行重复。",
        "第 5 行：和第 4 行一模一样。",
    ]


def test_cells_are_read_as_people_fill_them_in(names: Names) -> None:
    [row] = read_rows(
        workbook(
            LIVE
            | {
                "external": 20240017.0,
                "phone": 13800138000,
                "at": "2026年11月24日 9:05",
                "topic": "噪声扰民",
                "confidential": "是",
                "what": "  =1+1 工地夜里施工 ",
                "when": datetime(2026, 11, 23, 22, 0),
            }
        ),
        names,
        NOW,
    )
    assert row.external == "20240017"
    assert (row.draft.phone, row.draft.topic, row.draft.confidential) == (PHONE, "0701", True)
    assert row.at == datetime(2026, 11, 24, 1, 5, tzinfo=UTC)
    assert row.draft.what == "=1+1 工地夜里施工"
    assert row.draft.when_text == "2026-11-23 22:00"
    blank = dict.fromkeys(LIVE, "  ")
    assert len(read_rows(workbook(blank, LIVE, {}, blank), names, NOW)) == 1


def test_late_answers_of_the_past_stay_late(names: Names) -> None:
    slow = ENDED | {"answered_at": "2024-04-20 10:00", "closed_at": "2024-04-21"}
    [row] = read_rows(workbook(slow), names, NOW)
    assert row.settled["answered_late"] is True
    assert row.settled["overdue_at"] < row.settled["answered_at"]
    [row] = read_rows(workbook(slow | {"promised": "2024-04-30"}), names, NOW)
    assert (row.settled["answered_late"], row.settled["overdue_at"]) == (False, None)
    [row] = read_rows(
        workbook(
            {
                "nature": "建议",
                "what": "多装路灯",
                "status": "已撤回",
                "at": "2024-01-02",
                "closed_at": "2024-01-03",
            }
        ),
        names,
        NOW,
    )
    assert (row.settled["status"], row.settled["rating"], row.settled["answer"]) == ("已撤回", None, None)


def _bomb() -> bytes:
    out = io.BytesIO(workbook(LIVE))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/bomb", b"\0" * 200_000_000)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "打不开"),
        (b"PK\x03\x04 not a workbook", "打不开"),
        ("编号,内容\n1,吵".encode(), "打不开"),
        (workbook(LIVE, sheet="Sheet1"), "没有“工单”这张表"),
        (workbook(), "一行也没有填"),
        (workbook(LIVE, headers=["类型", "内容", "手机"]), "“手机”：不认识这个表头"),
        (workbook(LIVE, headers=["类型", "内容", "内容"]), "表头写了两次"),
        (workbook(LIVE, headers=["类型"]), "表头缺少：内容"),
        (_bomb(), "太大"),
    ],
)
async def test_what_is_no_such_workbook_is_refused_in_chinese(
    client: httpx.AsyncClient, database: Database, data: bytes, words: str
) -> None:
    refused = await imported(client, data)
    assert refused.status_code == 422
    assert words in refused.json()["error"]["message"]
    assert await kept(database) == []


def test_too_many_rows_are_refused(names: Names, monkeypatch: pytest.MonkeyPatch) -> None:
    assert MAX_ROWS == 5000
    monkeypatch.setattr("hotline.work_orders.excel.reading.MAX_ROWS", 3)
    rows = [LIVE | {"external": f"C-{n}"} for n in range(4)]
    assert len(read_rows(workbook(*rows[:3]), names, NOW)) == 3
    with pytest.raises(WorkbookError, match="一次最多导入 3 行"):
        read_rows(workbook(*rows), names, NOW)


async def test_a_dry_run_leaves_nothing(client: httpx.AsyncClient, database: Database) -> None:
    assert (await imported(client, workbook(LIVE))).json()["created"] == 1
    tried = await imported(client, workbook(LIVE, ENDED), dry_run=True)
    assert tried.json() == {"rows": 2, "created": 1, "known": 1, "orders": []}
    wrong = await imported(client, workbook(LIVE | {"nature": "抱怨"}), dry_run=True)
    assert wrong.status_code == 422
    assert len(await kept(database)) == 1
    assert (await audit.lines(database, audit.Wanted()))[1] == 1


async def test_an_import_is_audited_and_for_dispatchers_and_supervisors_only(
    client: httpx.AsyncClient, database: Database
) -> None:
    for actor in (AGENT, UNIT, LEADER):
        refused = await imported(client, workbook(LIVE), actor)
        assert refused.status_code == 403
    assert (await imported(client, workbook(LIVE, ENDED), SUPERVISOR)).status_code == 200
    [line] = (await audit.lines(database, audit.Wanted()))[0]
    assert (line.actor, line.action) == (SUPERVISOR.id, "导入工单")
    assert line.detail == {"file": "老系统.xlsx", "rows": 2, "created": 2, "known": 0}
    missing = await client.post("/orders/import", params=params(DISPATCHER))
    assert missing.status_code == 422


async def test_nobody_waits_for_a_number_while_many_orders_come_in(
    database: Database, orders: WorkOrders
) -> None:
    today = TAKEN.date()
    first = await orders.do_reserve_numbers({today: 1000, today - timedelta(days=1): 2})
    order = await orders.do_create(draft())
    assert order.number == "20260930-01001"
    assert [next(first[today]), next(first[today])] == ["20260930-00001", "20260930-00002"]
    assert len(list(first[today - timedelta(days=1)])) == 2


def test_the_template_can_be_filled_in_and_taken_in(names: Names, tmp_path: Path) -> None:
    path = tmp_path / "模板.xlsx"
    write_template(path, names)
    book = load_workbook(path)
    page = book["工单"]
    headers = [cell.value for cell in page[1]]
    assert headers == [column.header for column in COLUMNS]
    lists = {str(rule.sqref): rule.formula1 for rule in page.data_validations.dataValidation}
    for column in COLUMNS:
        letter = page.cell(1, headers.index(column.header) + 1).column_letter
        shown = lists.get(f"{letter}2:{letter}5001")
        assert (shown is not None) == (column.kind in ("flag", "choice")), column.header
        if column.choices is None or column.field == "street":
            continue
        for words in names.all(column.choices):
            names.find(column.choices, words)  # each of the list can be read again
    assert page["I2"].number_format == "@" or page.column_dimensions["I"].number_format == "@"
    helped = [row[0] for row in book[HELP_SHEET].iter_rows(values_only=True)]
    assert {column.header for column in COLUMNS} <= set(helped)
    for field, value in LIVE.items():
        page.cell(2, headers.index(BY_FIELD[field].header) + 1, value)
    out = io.BytesIO()
    book.save(out)
    [row] = read_rows(out.getvalue(), names, NOW)
    assert row.draft.phone == PHONE


async def test_what_was_imported_and_forgotten_does_not_come_back(
    client: httpx.AsyncClient, database: Database
) -> None:
    from hotline.work_orders import personal

    data = workbook(ENDED)
    await imported(client, data)
    async with database.transaction() as session:
        found = (await session.scalars(select(WorkOrder))).all()
        await personal.do_forget(session, found, NOW)
    assert (await imported(client, data)).json()["known"] == 1


# --- the commands ---------------------------------------------------------------------------------------


@pytest.fixture
def secret(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The commands know the test's secret."""
    monkeypatch.setenv("HOTLINE_INTERNAL_TOKEN", "inside")
    get_settings.cache_clear()
    yield
    get_settings.cache_clear()


@pytest.mark.usefixtures("secret")
async def test_the_commands_export_import_and_write_a_template(
    app: FastAPI, orders: WorkOrders, do: Do, tmp_path: Path
) -> None:
    async with serve(app) as url:

        async def call(*arguments: str) -> Result:
            return await asyncio.to_thread(CliRunner().invoke, commands, [*arguments])

        template = tmp_path / "模板.xlsx"
        assert (await call("template", str(template))).exit_code == 0
        book = load_workbook(template)
        headers = [cell.value for cell in book["工单"][1]]
        for row, values in enumerate((LIVE, ENDED), 2):
            for field, value in values.items():
                book["工单"].cell(row, headers.index(BY_FIELD[field].header) + 1, value)
        book.save(template)
        tried = await call("import", str(template), "--by", "2001", "--dry-run", "--url", url)
        assert (tried.exit_code, "可以导入 2 张" in tried.output) == (0, True), tried.output
        done = await call("import", str(template), "--by", "2001", "--url", url)
        assert (done.exit_code, "共 2 行，导入 2 张。" in done.output) == (0, True), done.output
        assert "查询码" in done.output
        again = await call("import", str(template), "--by", "2001", "--url", url)
        assert "导入 0 张，2 张以前导入过" in again.output

        book["工单"]["B2"] = "抱怨"
        book.save(template)
        wrong = await call("import", str(template), "--by", "2001", "--url", url)
        assert (wrong.exit_code, "第 2 行“类型”" in wrong.output) == (1, True)
        refused = await call("import", str(template), "--by", "1024", "--as", "坐席", "--url", url)
        assert (refused.exit_code, "坐席不能导入工单" in refused.output) == (1, True)

        order = await orders.do_create(draft())
        await do(order, CITIZEN, "撤回")
        out = tmp_path / "工单.xlsx"
        got = await call("export", "--output", str(out), "--status", "已撤回", "--url", url)
        assert got.exit_code == 0, got.output
        assert [row["工单号"] for row in table(load_workbook(out))] == [order.number]
        nothing = await call("export", "--output", str(out), "--status", "已半结", "--url", url)
        assert (nothing.exit_code, "没有“已半结”这个状态" in nothing.output) == (1, True)
        assert out.exists(), "what was exported before is still there"
