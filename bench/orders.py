"""How quick lists, search and counters are with many orders.

    python -m bench.orders                 a hundred thousand orders
    python -m bench.orders --plans         also how PostgreSQL goes about each query
    python -m bench.orders --write         writes both into docs/performance.md

Everything goes through the service's own code and through its HTTP, on the embedded PostgreSQL as it is shipped. Every
call is made many times in random order with other words and units, so that no result is just the last one again.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import httpx
import psycopg
from sqlalchemy import event, text

from bench.many_orders import NOW, fill
from bench.report import put, table
from hotline import postgres
from hotline.app import create_app
from hotline.database import Database
from hotline.migrate import upgrade
from hotline.settings import ROOT, Settings
from hotline.work_orders.casework import Casework
from hotline.work_orders.effects.step import Actor
from hotline.work_orders.lifecycle import Role
from hotline.work_orders.lists import Filter, Lists
from hotline.work_orders.office import Office
from tests.scripted import ScriptedEngine
from tests.serving import serve

VAR = ROOT / "var" / "bench"
_ROUNDS = 60
_AT_A_TIME = 4
_UNITS = ("ecology", "housing", "human_resources", "market_supervision", "transport", "430211", "430202")
_COMMON = ("投诉", "小区", "孩子", "公司", "退款")
_RARE = ("红绿灯", "井盖", "搅拌站", "骨灰", "签注")

Call = Callable[[Lists, random.Random], Awaitable[Any]]


@dataclass(frozen=True)
class Case:
    """One thing people do all day."""

    name: str
    call: Call
    #: The same over HTTP: path with its query.
    path: Callable[[random.Random], str]


def _actor(role: Role, chance: random.Random) -> Actor:
    return Actor(id="1", role=role, unit=chance.choice(_UNITS) if role is Role.UNIT else None)


def _case(name: str, role: Role, path: str = "", **given: Any) -> Case:
    """A list; values of ``given`` that are tuples are drawn from."""

    def drawn(chance: random.Random) -> dict[str, Any]:
        return {key: chance.choice(v) if isinstance(v, tuple) else v for key, v in given.items()}

    async def call(lists: Lists, chance: random.Random) -> Any:
        chosen = drawn(chance)
        offset = chosen.pop("offset", 0)
        return await lists.orders(_actor(role, chance), Filter(**chosen), limit=50, offset=offset)

    def over_http(chance: random.Random) -> str:
        names = {"statuses": "status", "unit": "of_unit"}
        query = httpx.QueryParams(
            {names.get(k, k): v for k, v in drawn(chance).items()} | _query(role, chance)
        )
        return f"/internal/orders?{query}"

    return Case(name, call, over_http)


def _query(role: Role, chance: random.Random) -> dict[str, str]:
    actor = _actor(role, chance)
    return {"actor": actor.id, "role": str(role)} | ({"unit": actor.unit} if actor.unit else {})


def _counts(name: str, role: Role) -> Case:
    async def call(lists: Lists, chance: random.Random) -> Any:
        return await lists.counts(_actor(role, chance))

    return Case(
        name, call, lambda chance: f"/internal/orders/counts?{httpx.QueryParams(_query(role, chance))}"
    )


async def _nothing(lists: Lists, _: random.Random) -> None:
    """What the machine takes today for asking the database at all."""
    async with lists._database.transaction() as session:
        await session.execute(text("SELECT 1"))


CASES = (
    Case("对照：SELECT 1；/healthz", _nothing, lambda _: "/healthz"),
    _case("坐席手上的", Role.AGENT),
    _case("派单员手上的", Role.DISPATCHER),
    _case("承办单位手上的", Role.UNIT),
    _case("督办手上的，只看超期的", Role.SUPERVISOR, overdue=True),
    _case("申请退单、延期待批的", Role.DISPATCHER, asking=True),
    _case("全部，最新的", Role.DISPATCHER, everything=True),
    _case("全部，翻到第 1,000 页", Role.DISPATCHER, everything=True, offset=50_000),
    _case("承办单位的全部", Role.UNIT, everything=True),
    _case("一个区县的全部", Role.DISPATCHER, everything=True, area=("430211", "430202", "430281")),
    _case("一个领域的全部", Role.DISPATCHER, everything=True, topic=("07", "03", "0604")),
    _case("搜常见的词", Role.AGENT, everything=True, words=_COMMON),
    _case("搜少见的词", Role.AGENT, everything=True, words=_RARE),
    _case("搜两个词", Role.AGENT, everything=True, words=("物业 电梯", "路 灯坏", "医保 报销")),
    _case("承办单位搜词", Role.UNIT, everything=True, words=(*_COMMON, *_RARE)),
    _case("搜工单号", Role.AGENT, everything=True, words=("20260601-00012", "20260601", "00123")),
    _case("搜电话", Role.AGENT, everything=True, words=("13800000000", "138 1234 5678")),
    _counts("计数：派单员", Role.DISPATCHER),
    _counts("计数：承办单位", Role.UNIT),
)


async def measure(url: str) -> dict[str, tuple[list[float], list[float]]]:
    """Milliseconds of each case: the code alone, and over HTTP, four at a time."""
    database = Database(url, pool_size=_AT_A_TIME)
    lists = _lists(database)
    direct = await _timed({case.name: _bound(case, lists) for case in CASES})
    await database.close()
    settings = Settings(
        database_url=url, internal_token="bench", signing_key="bench", var_dir=VAR, encoder="none"
    )
    async with (
        serve(create_app(settings, engine=ScriptedEngine())) as address,
        httpx.AsyncClient(
            base_url=address, headers={"Authorization": "Bearer bench"}, trust_env=False, timeout=60
        ) as client,
    ):
        served = await _timed({case.name: _asked(case, client) for case in CASES})
    return {case.name: (direct[case.name], served[case.name]) for case in CASES}


def _lists(database: Database) -> Lists:
    office = Office.load(ROOT / "data", ROOT / "data" / "city" / "zhuzhou")
    return Lists(database, Casework(database, office), clock=lambda: NOW)


def _bound(case: Case, lists: Lists) -> Callable[[random.Random], Awaitable[Any]]:
    return lambda chance: case.call(lists, chance)


def _asked(case: Case, client: httpx.AsyncClient) -> Callable[[random.Random], Awaitable[Any]]:
    async def ask(chance: random.Random) -> None:
        (await client.get(case.path(chance))).raise_for_status()

    return ask


async def _timed(calls: dict[str, Callable[[random.Random], Awaitable[Any]]]) -> dict[str, list[float]]:
    """Each call alone on the machine; the rounds mix them."""
    chance = random.Random(12345)
    found: dict[str, list[float]] = {name: [] for name in calls}
    for name in calls:  # connections, plans and pages that a running service has
        await calls[name](chance)
    for _ in range(_ROUNDS):
        for name in chance.sample(list(calls), len(calls)):
            begun = time.perf_counter()
            await calls[name](chance)
            found[name].append((time.perf_counter() - begun) * 1000)
    return found


async def plans(url: str) -> str:
    """The queries of each case and how PostgreSQL goes about them."""
    database = Database(url, pool_size=1)
    lists, chance = _lists(database), random.Random(12345)
    kept: list[tuple[str, Any]] = []
    event.listen(
        database.engine.sync_engine,
        "before_cursor_execute",
        lambda _c, _cursor, statement, parameters, _x, _m: kept.append((statement, parameters)),
    )
    lines: list[str] = []
    for case in CASES:
        kept.clear()
        await case.call(lists, chance)
        lines += [f"### {case.name}", "```"]
        for statement, parameters in [one for one in kept if one[0].startswith(("SELECT", "WITH"))]:
            async with database.engine.connect() as connection:
                raw = await (await connection.get_raw_connection()).driver_connection.execute(  # type: ignore[union-attr]
                    f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, BUFFERS OFF) {statement}", parameters
                )
                lines += [_short(row[0]) for row in await raw.fetchall()]
            lines.append("")
        lines[-1:] = ["```", ""]
    await database.close()
    return "\n".join(lines)


def _short(line: str) -> str:
    return line if len(line) <= 140 else line[:139] + "…"


def figures(found: dict[str, tuple[list[float], list[float]]]) -> str:
    """Markdown: p50 and p95 of each case."""
    rows = [
        [name, *(f"{value:.1f}" for times in both for value in (statistics.median(times), _p95(times)))]
        for name, both in found.items()
    ]
    return table(["", "code: p50, ms", "p95, ms", "over HTTP: p50, ms", "p95, ms"], rows)


def _p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]


def prepare(count: int) -> str:
    """A database with so many orders; made once. Returns its address."""
    server = postgres.start(VAR / "orders-postgres")
    info = psycopg.conninfo.conninfo_to_dict(server.get_uri())
    name = f"orders_{count}"
    url = postgres.address(dict(info), database=name)
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
            with psycopg.connect(url) as there:
                if there.execute("SELECT count(*) FROM hotline.work_order").fetchone() == (count,):
                    upgrade(url)
                    return url
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0")
    print(f"造 {count:,} 张工单 …", flush=True)
    upgrade(url)
    fill(url, count)
    return url


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=100_000, help="orders")
    parser.add_argument("--plans", action="store_true", help="print the query plans")
    parser.add_argument("--write", action="store_true", help="write table and plans into docs/")
    options = parser.parse_args()
    VAR.mkdir(parents=True, exist_ok=True)
    url = prepare(options.count)
    found = figures(asyncio.run(measure(url)))
    print(found)
    if options.plans or options.write:
        shown = asyncio.run(plans(url))
        print(shown)
        if options.write:
            put(ROOT / "docs" / "performance.md", {"orders": found})
            (ROOT / "docs" / "performance" / "order-plans.md").write_text(
                "# How PostgreSQL goes about the lists\n\nPrinted by `python -m bench.orders --write`, "
                f"{options.count:,} orders; for each case the count and the page.\n\n{shown}",
                encoding="utf-8",
            )


if __name__ == "__main__":
    main()
