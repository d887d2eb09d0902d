"""公众号有多快，一个服务进程和两个相比：``.venv/hotline/bin/python -m bench.wechat``（约 5 分钟，自己起两次整套热线）。

市民按给定的快慢来，每人问一件真事；量从发出到手机上看见答复的秒数，和有多少在被动回复里就答了。
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench.report import put, table
from hotline.settings import ROOT
from tests.system.storm import Asking, storming


@dataclass(frozen=True)
class Measured:
    """What one hotline measured."""

    p50: float
    p95: float
    passive: float
    a_second: float
    #: Megabytes of all processes of the service (PSS).
    memory: float


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description="公众号：从来信到看见答复")
    parser.add_argument("--citizens", type=int, default=300, help="市民人数")
    parser.add_argument("--rate", type=float, default=6.0, help="每秒来多少人")
    parser.add_argument("--write", action="store_true", help="写进 docs/performance.md")
    wanted = parser.parse_args()
    found = {}
    for workers in (1, 2):
        print(f"{workers} 个服务进程……", flush=True)
        found[workers] = asyncio.run(_measure(workers, wanted.citizens, wanted.rate))
    lines = _table(found)
    print(lines)
    print(f"负载（1、5、15 分钟）：{'、'.join(f'{load:.1f}' for load in os.getloadavg())}")
    if wanted.write:
        put(ROOT / "docs" / "performance.md", {"wechat": lines})


async def _measure(workers: int, count: int, rate: float) -> Measured:
    chance = random.Random(12345)
    with tempfile.TemporaryDirectory(prefix="hotline-wechat-") as folder:
        async with storming(Path(folder), workers=workers) as place:
            citizens = [place.asking(number) for number in range(count)]
            under_way = []
            began = time.monotonic()
            due = 0.0
            for citizen in citizens:
                due += chance.expovariate(rate)
                await asyncio.sleep(max(0.0, due - (time.monotonic() - began)))
                under_way.append(asyncio.create_task(citizen.ask()))
            await asyncio.gather(*under_way)
            took = time.monotonic() - began
            memory = sum(_megabytes(process) for process in place.hotline.answering())
    return Measured(
        p50=_at(citizens, 0.5),
        p95=_at(citizens, 0.95),
        passive=sum(citizen.passive for citizen in citizens) / count,
        a_second=count / took,
        memory=memory,
    )


def _megabytes(process: psutil.Process) -> float:
    return float(process.memory_full_info().pss / 1e6)


def _at(citizens: list[Asking], part: float) -> float:
    ordered = sorted(citizen.seconds for citizen in citizens)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


def _table(found: dict[int, Measured]) -> str:
    one, two = found[1], found[2]
    rows = [
        ["p50, s", f"{one.p50:.2f}", f"{two.p50:.2f}", f"{two.p50 / one.p50:.2f}"],
        ["p95, s", f"{one.p95:.2f}", f"{two.p95:.2f}", f"{two.p95 / one.p95:.2f}"],
        ["answered in the passive reply", f"{one.passive:.0%}", f"{two.passive:.0%}", ""],
        [
            "citizens a second",
            f"{one.a_second:.1f}",
            f"{two.a_second:.1f}",
            f"{two.a_second / one.a_second:.2f}",
        ],
        [
            "memory of the service, MB (PSS)",
            f"{one.memory:.0f}",
            f"{two.memory:.0f}",
            f"{two.memory / one.memory:.2f}",
        ],
    ]
    return table(["", "1 process", "2 processes", "ratio"], rows)


if __name__ == "__main__":
    main()
