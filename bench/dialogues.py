"""What the measured citizens say: the sentences of data/nlu, each once, so that no cache answers for the engine."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import islice
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent

#: What opens a form; the rest is answered in one turn.
_OPENS_FORM = {"complaint", "help_request", "report", "suggestion", "praise", "enterprise_help"}
#: Answers to the work order form's questions, in its order; the number keeps them apart.
_ANSWERS = (
    "楼下烧烤店每天晚上{}点以后还在外面摆摊，油烟很大",
    "天元区泰山路{}号门口",
    "天元区",
    "最近{}天",
    "1387331{:04}",
    "姓王",
    "内容可以核实",
    "确认提交",
)
_BEFORE, _AFTER = 5, 3


@lru_cache(maxsize=1)
def sentences() -> dict[str, list[str]]:
    """The sentences of each intent."""
    found: dict[str, list[str]] = {}
    for path in sorted((ROOT / "data" / "nlu").glob("*.yml")):
        for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            if "intent" in block:
                lines = block["examples"].strip().splitlines()
                found.setdefault(block["intent"], []).extend(line.removeprefix("- ") for line in lines)
    return found


def dialogues(seed: int) -> Iterator[list[str]]:
    """Dialogues without end: five questions, a complaint with its form, three more questions."""
    chance = random.Random(seed)
    questions = _endless(chance, lambda intent: intent not in _OPENS_FORM)
    complaints = _endless(chance, lambda intent: intent == "complaint")
    while True:
        number = chance.randrange(10_000)
        yield [
            *(next(questions) for _ in range(_BEFORE)),
            next(complaints),
            *(answer.format(number) for answer in _ANSWERS),
            *(next(questions) for _ in range(_AFTER)),
        ]


def long_talk(seed: int, turns: int) -> list[str]:
    """One conversation of so many questions, none of which opens a form: what grows is its length alone."""
    questions = _endless(random.Random(seed), lambda intent: intent not in _OPENS_FORM)
    return list(islice(questions, turns))


def _endless(chance: random.Random, wanted: Callable[[str], bool]) -> Iterator[str]:
    pool = [line for intent, lines in sentences().items() if wanted(intent) for line in lines]
    while True:
        chance.shuffle(pool)
        yield from pool
