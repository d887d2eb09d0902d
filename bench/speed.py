"""``make bench``: our engine beside Rasa as it comes, the whole path, and how both grow; tables into docs/performance.md.

Both engines are trained on the same data and play the same dialogues, one after the other, on the same PostgreSQL and the
same action server. The stock DIETClassifier learns for 100 epochs of half a minute each; by default it is trained for one
and for three, and its whole training is reckoned from the two. ``--stock-epochs 100`` trains it to the end.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime
import json
import os
import subprocess
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from bench import engines, growth, report, whole
from bench.callers import Played, play
from bench.dialogues import dialogues
from bench.engines import OURS, STOCK, VAR, Engine, Training
from bench.ranking import read_base, scale
from hotline.run.training import rasa_python
from hotline.settings import ROOT

PARTS = ("train", "engines", "growth", "matters", "whole")
_CALLERS = (1, 8, 32)
_FEW, _MORE, _ALL = 1, 3, 100


def train(stock_epochs: int) -> dict[str, Training]:
    """Train both; what the stock engine would take in all is reckoned when it learns for a few epochs only."""
    ours = OURS.train()
    print(f"ours trained in {ours.seconds:.0f} s", flush=True)
    if stock_epochs >= _ALL:
        return {"ours": ours, "stock": STOCK.train()}
    few, more = STOCK.train(_FEW), STOCK.train(stock_epochs)
    left = (_ALL - stock_epochs) / (stock_epochs - _FEW)
    whole_training = Training(
        more.seconds + left * (more.seconds - few.seconds),
        more.cpu_seconds + left * (more.cpu_seconds - few.cpu_seconds),
    )
    print(f"stock trained for {stock_epochs} epochs in {more.seconds:.0f} s", flush=True)
    return {"ours": ours, "stock": whole_training}


async def compare(engine: Engine, server: str, actions: int, seconds: float, talks: int) -> dict[str, Any]:
    """What one engine measures. It is started twice: the first time its modules are compiled."""
    found: dict[str, Any] = {}
    for attempt in ("first", "second"):
        database = engines.fresh_database(server, f"bench_{engine.name}")
        begun = time.perf_counter()
        with engines.running(engine, database, actions) as running:
            await running.wait(begun)
            if attempt == "first":
                continue
            found["ready"] = running.ready_seconds
            if seconds:
                await play(running.caller, dialogues(7), callers=2, seconds=min(seconds, 5), name="warm")
                for count in _CALLERS:
                    before = running.cpu_seconds()
                    played = await play(
                        running.caller, dialogues(count), callers=count, seconds=seconds, name=f"c{count}"
                    )
                    cpu = (running.cpu_seconds() - before) / len(played.turns) * 1000
                    found[str(count)] = _figures(played) | {"cpu": cpu}
                found["pss"], found["rss"] = running.memory()
            if talks:
                found["growth"] = await growth.conversation(running, talks=talks)
    return found


def _figures(played: Played) -> dict[str, float]:
    return {
        "rate": played.rate,
        "p50": played.quantile(0.5),
        "p95": played.quantile(0.95),
        "turns": len(played.turns),
    }


async def measure(parts: list[str], seconds: float, stock_epochs: int) -> AsyncIterator[dict[str, Any]]:
    """Measure the wanted parts, and give each as soon as it is there."""
    if "train" in parts:
        yield {"training": {name: vars(item) for name, item in train(stock_epochs).items()}}
    if {"engines", "growth"} & set(parts):
        with engines.database() as server, engines.quiet_actions() as actions:
            for engine in (STOCK, OURS):
                measured = await compare(
                    engine,
                    server,
                    actions,
                    seconds if "engines" in parts else 0.0,
                    (1 if engine is STOCK else 3) if "growth" in parts else 0,
                )
                yield {engine.name: measured}
    if "matters" in parts:
        yield {"matters": scale(read_base(), growth.MATTERS, "usem3")}
    if "whole" in parts:
        hotline = await whole.measure(seconds)
        figures = {str(n): _figures(played) | {"cpu": hotline.cpu[n]} for n, played in hotline.played.items()}
        yield {"whole": figures | {"ready": hotline.ready_seconds, "memory": hotline.memory}}


async def _keep(kept: Path, fresh: AsyncIterator[dict[str, Any]]) -> dict[str, Any]:
    """Put what is measured beside what was measured before."""
    figures: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}
    async for part in fresh:
        for name, value in part.items():
            figures[name] = figures.get(name, {}) | value
        # Through JSON, in which all keys are words.
        kept.write_text(json.dumps(figures, indent=1), encoding="utf-8")
        figures = json.loads(kept.read_text(encoding="utf-8"))
    return figures


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--seconds", type=float, default=15.0, help="how long each number of callers speaks")
    parser.add_argument("--stock-epochs", type=int, default=_MORE)
    parser.add_argument("--write", action="store_true", help="put the tables into docs/performance.md")
    given = parser.parse_args()
    VAR.mkdir(parents=True, exist_ok=True)
    kept = VAR / "figures.json"
    fresh = measure(given.parts, given.seconds, given.stock_epochs)
    figures = asyncio.run(_keep(kept, fresh))
    tables = report.tables(figures)
    print("\n\n".join(tables.values()))
    if given.write:
        kept.write_text(json.dumps(figures, indent=1), encoding="utf-8")  # with the curves
        _write(tables)


def _write(tables: dict[str, str]) -> None:
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.strip()
    stamp = f"Measured {datetime.date.today()} at commit {commit}, on {os.cpu_count()} cores."
    report.put(ROOT / "docs" / "performance.md", tables | {"stamp": stamp})
    curves = VAR / "figures.json"
    subprocess.run(
        [rasa_python(), "-m", "bench.draw", curves, Path("docs/performance")], cwd=ROOT, check=True
    )


if __name__ == "__main__":
    main()
