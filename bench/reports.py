"""How quick the figures are with many orders and conversations.

python -m bench.reports                 a hundred thousand orders, two hundred thousand conversations
python -m bench.reports --write         writes the result into docs/performance.md
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import time
from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import text

from bench import many_talks
from bench.many_orders import NOW, fill
from bench.report import put, table
from hotline import postgres
from hotline.database import Database
from hotline.dispatch.taxonomy import Taxonomy
from hotline.migrate import upgrade
from hotline.reports.dimensions import Names
from hotline.reports.periods import Period
from hotline.reports.service import Reports
from hotline.settings import ROOT
from hotline.work_orders.effects.step import Actor
from hotline.work_orders.excel.places import PlaceNames
from hotline.work_orders.lifecycle import Role
from hotline.work_orders.office import Office

_ROUNDS = 5
_DAY = date(2026, 10, 20)
_LEADER = Actor(id="1", role=Role.LEADER)
_UNIT = Actor(id="1", role=Role.UNIT, unit="ecology")
_AGENT = Actor(id="1024", role=Role.AGENT)

Call = Callable[[Reports], Awaitable[Any]]
CASES: dict[str, Call] = {
    "今日情况": lambda r: r.board(_LEADER),
    "日报": lambda r: r.report(_LEADER, Period.of("day", _DAY)),
    "周报": lambda r: r.report(_LEADER, Period.of("week", _DAY)),
    "月报": lambda r: r.report(_LEADER, Period.of("month", _DAY)),
    "季报": lambda r: r.report(_LEADER, Period.of("quarter", date(2026, 8, 1))),
    "年报": lambda r: r.report(_LEADER, Period.of("year", _DAY)),
    "月报，一家承办单位": lambda r: r.report(_UNIT, Period.of("month", _DAY)),
    "月报，坐席自己的": lambda r: r.report(_AGENT, Period.of("month", _DAY)),
    "点开一个月的登记工单": lambda r: r.rows(_LEADER, "taken", Period.of("month", _DAY)),
    "点开一年的按时率": lambda r: r.rows(
        _LEADER, "late", Period.of("year", _DAY), indicator="on_time", dimension="unit", value="ecology"
    ),
    "点开一个月的会话": lambda r: r.rows(_LEADER, "by_bot", Period.of("month", _DAY), indicator="by_bot"),
}


def reports(database: Database) -> Reports:
    """The figures of 株洲, at the moment of the made-up orders."""
    city = ROOT / "data" / "city" / "zhuzhou"
    taxonomy = Taxonomy.load(ROOT / "data" / "dispatch" / "taxonomy.yml")
    names = Names(Office.load(ROOT / "data", city), PlaceNames.load(city), dict(taxonomy.areas))
    return Reports(database, names, clock=lambda: NOW)


async def measure(url: str) -> dict[str, tuple[list[float], list[float]]]:
    """Milliseconds of each case, and those in which the database was at work: others use the machine too."""
    database = Database(url, pool_size=1)
    figures = reports(database)
    async with database.transaction() as session:
        backend = int(await session.scalar(text("SELECT pg_backend_pid()")) or 0)
    found: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in CASES}
    for turn in range(_ROUNDS + 1):
        for name, call in CASES.items():
            begun, busy = time.perf_counter(), _busy(backend)
            await call(figures)
            if turn:  # the first one warms the cache
                found[name][0].append((time.perf_counter() - begun) * 1000)
                found[name][1].append(_busy(backend) - busy)
    await database.close()
    return found


def _busy(process: int) -> float:
    """Milliseconds of a processor that a process has had (Linux)."""
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Fill a database, measure, tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=100_000)
    parser.add_argument("--talks", type=int, default=200_000)
    parser.add_argument("--keep", action="store_true", help="leave the database there, and use it again")
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    server = postgres.start(ROOT / "var" / "bench" / "postgres")
    info = psycopg.conninfo.conninfo_to_dict(server.get_uri())
    url = postgres.address(dict(info), database="bench_reports")
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        there = connection.execute("SELECT 1 FROM pg_database WHERE datname = 'bench_reports'").fetchone()
        if there and not given.keep:
            connection.execute("DROP DATABASE bench_reports WITH (FORCE)")
        if not there or not given.keep:
            connection.execute("CREATE DATABASE bench_reports")
            upgrade(url)
            fill(url, given.orders)
            many_talks.fill(url, given.talks)
    found = asyncio.run(measure(url))
    lines = [
        [name, f"{statistics.median(busy):.0f}", f"{statistics.median(ms):.0f}", f"{max(ms):.0f}"]
        for name, (ms, busy) in found.items()
    ]
    shown = table(["", "database at work, ms", "p50, ms", "worst, ms"], lines)
    print(shown)
    if given.write:
        put(ROOT / "docs" / "performance.md", {"reports": shown})
    if not given.keep:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute("DROP DATABASE bench_reports WITH (FORCE)")
    server.cleanup()


if __name__ == "__main__":
    main()
