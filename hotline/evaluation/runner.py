"""Every question through a whole running hotline: the figures, and the table that people read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from hotline.commands.client import Service
from hotline.commands.trial import turn_of
from hotline.evaluation import dialogues, measures
from hotline.evaluation.measures import Case
from hotline.evaluation.questions import NAMES, PARTS, fallen, folder, holds, is_ceiling, questions_of
from hotline.run.progress import pad, say

_AT_A_TIME = 4


def ask_all(target: Service, cases: Sequence[Mapping[str, Any]]) -> list[Case]:
    """The answer to each question, each in a conversation of its own."""

    def ask(case: Mapping[str, Any]) -> Case:
        return case, turn_of(target.converse(str(case["text"])))

    with ThreadPoolExecutor(_AT_A_TIME) as pool:
        return list(pool.map(ask, cases))


def evaluate(target: Service, only: str | None = None, errors: bool = False) -> dict[str, float]:
    """All figures, named ``part.figure``."""
    figures: dict[str, float] = {}
    took: list[float] = []
    for part, (_, measure) in PARTS.items():
        if only in (None, part):
            answered = ask_all(target, questions_of(part))
            took += [float(answer["milliseconds"]) for _, answer in answered]
            figures |= {f"{part}.{name}": value for name, value in measure(answered).items()}
            if errors:
                show_errors(part, answered)
    if only in (None, "dialogues"):
        results = dialogues.play_all(target, folder() / "dialogues.yml", _AT_A_TIME)
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
        found: str | bool | None = measures.is_alarm(answer)
        if part != "emergencies":
            found = (
                measures.intent_of(answer) if part == "intents" else next(iter(measures.ranked(answer)), None)
            )
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


def show(figures: Mapping[str, float], floors: Mapping[str, float]) -> bool:
    """Print the table; whether every floor holds."""
    say("\n" + pad("指标", 34) + pad("结果", 10) + pad("底线", 10))
    measured = {name: floor for name, floor in floors.items() if name in figures}
    for name, value in figures.items():
        floor = measured.get(name)
        shown = f"{value:.1f}" if name.startswith("milliseconds") else f"{value:.3f}"
        ok = floor is None or holds(name, value, floor)
        bound = "" if floor is None else f"{'≤' if is_ceiling(name) else '≥'} {floor}"
        say(pad(NAMES.get(name, name), 34) + pad(shown, 10) + pad(bound, 10) + ("" if ok else "未达到"))
    missed = fallen(figures, measured)
    say(f"\n底线：{len(measured) - len(missed)} / {len(measured)} 达到")
    return not missed
