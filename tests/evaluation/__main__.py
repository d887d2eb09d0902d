"""``make eval``: every question of this folder through the whole running hotline, one table, and the floors.

    python -m tests.evaluation                   start a hotline, ask everything, print the table
    python -m tests.evaluation --errors          the same, and list what went wrong
    python -m tests.evaluation --only matters    one part: intents, matters, emergencies or dialogues
    python -m tests.evaluation --url http://…    ask a hotline that runs already (its settings must be this machine's)

What falls below ``floors.yml`` makes it fail.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import yaml

from hotline.commands.client import Service
from hotline.commands.trial import turn_of
from hotline.run.progress import pad, say, speak_any_locale
from hotline.settings import get_settings
from tests.evaluation import dialogues, measures
from tests.evaluation.measures import Case
from tests.running import running

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parents[1]
FLOORS = FOLDER / "floors.yml"
_AT_A_TIME = 4

#: The parts of single questions: their files, and what is measured.
PARTS: dict[str, tuple[tuple[str, ...], Callable[[Sequence[Case]], dict[str, float]]]] = {
    "intents": (("intents.jsonl",), measures.intents),
    "matters": (("matters.jsonl", "matters_spoken.jsonl"), measures.matters),
    "emergencies": (("emergencies.jsonl",), measures.emergencies),
}
NAMES = {
    "intents.accuracy": "意图：准确率",
    "intents.macro_f1": "意图：macro-F1",
    "matters.top1": "事项：首选正确（top-1）",
    "matters.top3": "事项：前三之内（top-3）",
    "matters.aspect": "方面：正确",
    "matters.sure": "事项：直接作答的比例",
    "matters.sure_wrong": "事项：直接作答却答错",
    "matters.unknown_precision": "“不知道”：确实不在库里",
    "matters.unknown_recall": "库外问题：没有乱答",
    "matters.calibration_error": "置信度误差（ECE）",
    "emergencies.recall": "紧急：找到的",
    "emergencies.false_alarms": "紧急：误报",
    "dialogues.passed": "对话：通过",
    "milliseconds.median": "每轮毫秒：中位数",
}
#: Where less is better.
_CEILINGS = ("sure_wrong", "calibration_error", "false_alarms")


def read_cases(names: Sequence[str]) -> list[dict[str, Any]]:
    """The questions of the files, each with its labels."""
    return [
        json.loads(line)
        for name in names
        for line in (FOLDER / name).read_text(encoding="utf-8").splitlines()
        if line.strip()
    ]


@contextlib.contextmanager
def service(url: str | None) -> Iterator[Service]:
    """A hotline to ask: the one at ``url``, or one of our own."""
    if url is not None:
        yield Service(url)
        return
    out = ROOT / "var" / "test"
    out.mkdir(parents=True, exist_ok=True)
    with running(out / "evaluation-run.log") as hotline:
        os.environ["HOTLINE_VAR_DIR"] = str(hotline.var)
        get_settings.cache_clear()
        yield Service(hotline.url)


def ask_all(target: Service, cases: Sequence[Mapping[str, Any]]) -> list[Case]:
    """The answer to each question, each in a conversation of its own."""

    def ask(case: Mapping[str, Any]) -> Case:
        return case, turn_of(target.converse(str(case["text"])))

    with ThreadPoolExecutor(_AT_A_TIME) as pool:
        return list(pool.map(ask, cases))


def evaluate(target: Service, only: str | None, errors: bool) -> dict[str, float]:
    """All figures, named ``part.figure``."""
    figures: dict[str, float] = {}
    took: list[float] = []
    for part, (files, measure) in PARTS.items():
        if only in (None, part):
            answered = ask_all(target, read_cases(files))
            took += [float(answer["milliseconds"]) for _, answer in answered]
            figures |= {f"{part}.{name}": value for name, value in measure(answered).items()}
            if errors:
                show_errors(part, answered)
    if only in (None, "dialogues"):
        results = dialogues.play_all(target, FOLDER / "dialogues.yml", _AT_A_TIME)
        figures["dialogues.passed"] = measures.share(sum(not wrong for _, wrong in results), len(results))
        for name, wrong in results:
            for problem in wrong:
                say(f"  对话“{name}”：{problem}")
    if took:
        figures["milliseconds.median"] = sorted(took)[len(took) // 2]
    return figures


def show_errors(part: str, cases: Sequence[Case]) -> None:
    """One line for each answer that differs from its label."""
    for case, answer in cases:
        found = {
            "intents": lambda answer=answer: measures.intent_of(answer),
            "matters": lambda answer=answer: (measures.ranked(answer) or [None])[0],
            "emergencies": lambda answer=answer: measures.is_alarm(answer),
        }[part]()
        wanted = case[{"intents": "intent", "matters": "matter", "emergencies": "emergency"}[part]]
        given = answer["matter"] or (found if part != "matters" else None)
        if found != wanted and not (part == "matters" and wanted is None and not given):
            outcome = "答" if answer["matter"] else "选" if answer["candidates"] else "未"
            say(
                f"  {part} {outcome} {answer['intent']} {answer['confidence']:.2f} "
                f"{wanted} ≠ {found}：{case['text']}"
            )
        elif part == "matters" and case["aspect"] and case["aspect"] != answer["aspect"]:
            say(f"  方面 {case['aspect']} ≠ {answer['aspect']}：{case['text']}")


def holds(name: str, value: float, floor: float) -> bool:
    """Whether a figure is on the right side of its floor (its ceiling, where less is better)."""
    return value <= floor if name.endswith(_CEILINGS) else value >= floor


def show(figures: Mapping[str, float], floors: Mapping[str, float]) -> bool:
    """Print the table; whether every floor holds."""
    say("\n" + pad("指标", 34) + pad("结果", 10) + pad("底线", 10))
    kept = 0
    measured = {name: floor for name, floor in floors.items() if name in figures}
    for name, value in figures.items():
        floor = measured.get(name)
        shown = f"{value:.1f}" if name.startswith("milliseconds") else f"{value:.3f}"
        ok = floor is None or holds(name, value, floor)
        kept += floor is not None and ok
        bound = "" if floor is None else f"{'≤' if name.endswith(_CEILINGS) else '≥'} {floor}"
        say(pad(NAMES.get(name, name), 34) + pad(shown, 10) + pad(bound, 10) + ("" if ok else "未达到"))
    say(f"\n底线：{kept} / {len(measured)} 达到")
    return kept == len(measured)


def main() -> int:
    """See the module."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--errors", action="store_true")
    parser.add_argument("--only", choices=[*PARTS, "dialogues"])
    parser.add_argument("--url")
    given = parser.parse_args()
    speak_any_locale()
    started = time.monotonic()
    with service(given.url) as target:
        figures = evaluate(target, given.only, given.errors)
    floors = yaml.safe_load(FLOORS.read_text(encoding="utf-8"))
    good = show(figures, floors)
    say(f"共 {time.monotonic() - started:.0f} 秒")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
