"""The questions with their labels, the figures they give, and the floors: ``data/evaluation``."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from hotline.evaluation import measures
from hotline.evaluation.measures import Case
from hotline.settings import get_settings

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


def folder() -> Path:
    """Where the questions of this installation are."""
    return get_settings().data_dir / "evaluation"


def questions_of(part: str) -> list[dict[str, Any]]:
    """The questions of one part, each with its labels."""
    return list(_read(folder(), PARTS[part][0]))


@lru_cache(maxsize=8)
def _read(place: Path, names: tuple[str, ...]) -> tuple[dict[str, Any], ...]:
    return tuple(
        json.loads(line)
        for name in names
        for line in (place / name).read_text(encoding="utf-8").splitlines()
        if line.strip()
    )


def read_floors() -> dict[str, float]:
    """The least (or most, see :func:`is_ceiling`) that each figure may be."""
    content = yaml.safe_load((folder() / "floors.yml").read_text(encoding="utf-8"))
    return {str(name): float(value) for name, value in content.items()}


def is_ceiling(name: str) -> bool:
    """Whether less of this figure is better."""
    return name.endswith(_CEILINGS)


def holds(name: str, value: float, floor: float) -> bool:
    """Whether a figure is on the right side of its floor (its ceiling, where less is better)."""
    return value <= floor if is_ceiling(name) else value >= floor


def fallen(figures: Mapping[str, float], floors: Mapping[str, float]) -> list[str]:
    """The names of the figures that do not hold; one that was not measured is not asked for."""
    return [
        name for name, floor in floors.items() if name in figures and not holds(name, figures[name], floor)
    ]
