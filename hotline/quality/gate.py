"""The gate before citizens: a changed base is asked all questions about matters, and must hold the floors.

The questions, the measures and the floors are those of ``make eval``, at the operating thresholds. Asked is the base
itself, without the dialogue before it: that is where a change of the base shows, and it takes seconds, not minutes.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from hotline.database import now
from hotline.evaluation import measures
from hotline.evaluation.measures import Case, ranked
from hotline.evaluation.questions import NAMES, holds, is_ceiling, questions_of, read_floors
from hotline.knowledge.answers import Question
from hotline.knowledge.respond import Base, respond
from hotline.knowledge.schema import Matter
from hotline.knowledge.service import Knowledge

#: So much a figure may differ before it counts as changed; see :func:`is_good_enough`.
HAIR = 0.001
#: How well a question is answered, worst first: another matter given as sure, nothing, the right one among the
#: offers, the right one with another aspect, all right.
GRADES = ("wrong", "nothing", "offered", "aspect", "right")
_MOST_KEPT = 4

Answers = Mapping[str, Mapping[str, Any]]
_kept: OrderedDict[str, dict[str, dict[str, Any]]] = OrderedDict()


@dataclass(frozen=True)
class Figure:
    """One measured figure: what it would be, its floor, and what it is now."""

    name: str
    label: str
    value: float
    floor: float | None
    live: float
    passed: bool
    #: Less of it is better: ``floor`` is a ceiling.
    is_ceiling: bool


@dataclass(frozen=True)
class Got:
    """What a question gets: ``outcome`` as in :class:`~hotline.knowledge.answers.Answer`, and the matter given or likeliest."""

    grade: str
    outcome: str
    matter: str | None
    title: str | None
    confidence: float
    aspect: str | None


@dataclass(frozen=True)
class Moved:
    """A question whose answer gets better or worse. ``wanted``: the code of its matter; None: outside the base."""

    text: str
    wanted: str | None
    wanted_aspect: str | None
    before: Got
    now: Got


@dataclass(frozen=True)
class Verdict:
    """Whether a change may reach citizens, and why."""

    passed: bool
    figures: list[Figure]
    #: Worse and better than now.
    broken: list[Moved]
    mended: list[Moved]
    #: Questions labelled as outside the base that a matter answers which the labels do not know: people must look.
    newly_covered: list[Moved]
    questions: int
    #: Questions about matters that the changed base does not have; they are not counted.
    left_out: int
    seconds: float

    def as_json(self) -> dict[str, Any]:
        """The same as plain data."""
        return asdict(self)


def is_good_enough(name: str, value: float, floor: float | None, live: float) -> bool:
    """Whether a figure lets a change pass.

    It holds its floor; or the present base does not hold it either, and the change makes it no worse. So no change takes
    a figure under its floor, and a base that is under one already (another city's, or one whose dates have run out) can
    be mended step by step. "No worse" allows :data:`HAIR`: with every sentence that is added all confidences, and with
    them the calibration, move in the fourth decimal, while one question of the 640 weighs .0016: not one may be lost.
    """
    if floor is None or holds(name, value, floor):
        return True
    if holds(name, live, floor):
        return False
    return value <= live + HAIR if is_ceiling(name) else value >= live - HAIR


async def judge(
    knowledge: Knowledge,
    changed: Sequence[Matter],
    withdrawn: Collection[str] = (),
    *,
    outside: Sequence[str] = (),
) -> Verdict:
    """Ask the base as it is and as it would be.

    Takes 3 seconds to build and 8 to ask (twice when the present base was not asked before), in a worker thread; one at
    a time.

    Args:
        knowledge: the published base.
        changed: matters that are new or have other content.
        withdrawn: codes of matters that go.
        outside: questions more that no matter answers.
    """
    started = time.monotonic()
    async with knowledge.measuring:
        live = knowledge.base
        candidate = await knowledge.with_changes(changed, withdrawn, outside)
        before = await asyncio.to_thread(answers_of, live)
        after = await asyncio.to_thread(answers_of, candidate)
    return compare(before, after, {*candidate.number}, seconds=round(time.monotonic() - started, 1))


def answers_of(base: Base) -> dict[str, dict[str, Any]]:
    """What the base answers to each question about matters; kept for the next judgement of the same base."""
    today = now().date()
    key = _fingerprint(base, today)
    found = _kept.pop(key, None)
    if found is None:
        texts = dict.fromkeys(str(case["text"]) for case in questions_of("matters"))
        found = {text: answer_of(base, text, today) for text in texts}
    _kept[key] = found
    while len(_kept) > _MOST_KEPT:
        _kept.popitem(last=False)
    return found


def answer_of(base: Base, text: str, today: date) -> dict[str, Any]:
    """The answer to one question, in the form that the measures read."""
    answer = respond(base, Question(text=text, today=today))
    return answer.as_json() | {"fallback": answer.outcome == "unknown"}


def _fingerprint(base: Base, today: date) -> str:
    digest = hashlib.sha256(f"{today} {base.index.encoder.name}".encode())
    for matter in base.index.matters:
        digest.update(matter.model_dump_json().encode() + b"\0")
    for text in sorted(base.index.outside_texts):
        digest.update(text.encode() + b"\0")
    return digest.hexdigest()


def compare(before: Answers, after: Answers, codes: Collection[str], *, seconds: float = 0.0) -> Verdict:
    """The verdict on two sets of answers to the same questions.

    Args:
        before: by the present base.
        after: by the changed one.
        codes: the matters of the changed base.
        seconds: how long it took.
    """
    questions = questions_of("matters")
    known = {case["matter"] for case in questions}
    counted: list[Mapping[str, Any]] = []
    moved: list[Moved] = []
    newly: list[Moved] = []
    for case in questions:
        text = str(case["text"])
        change = Moved(
            text, case["matter"], case.get("aspect"), _got(case, before[text]), _got(case, after[text])
        )
        given = after[text]["matter"]
        if case["matter"] is None and given and given["code"] not in known:
            newly.append(change)
        elif case["matter"] is None or case["matter"] in codes:
            counted.append(case)
            moved.append(change)
    figures = _figures(
        [(case, before[str(case["text"])]) for case in counted],
        [(case, after[str(case["text"])]) for case in counted],
    )
    return Verdict(
        passed=all(figure.passed for figure in figures),
        figures=figures,
        broken=[item for item in moved if _step(item) < 0],
        mended=[item for item in moved if _step(item) > 0],
        newly_covered=newly,
        questions=len(counted),
        left_out=len(questions) - len(counted) - len(newly),
        seconds=seconds,
    )


def _figures(before: Sequence[Case], after: Sequence[Case]) -> list[Figure]:
    floors, live = read_floors(), measures.matters(before)
    found = []
    for short, value in measures.matters(after).items():
        name = f"matters.{short}"
        floor = floors.get(name)
        passed = is_good_enough(name, value, floor, live[short])
        found.append(Figure(name, NAMES.get(name, name), value, floor, live[short], passed, is_ceiling(name)))
    return found


def _step(item: Moved) -> int:
    return GRADES.index(item.now.grade) - GRADES.index(item.before.grade)


def _got(case: Mapping[str, Any], answer: Mapping[str, Any]) -> Got:
    best = answer["matter"] or next(iter(answer["candidates"]), None)
    return Got(
        _grade(case, answer),
        str(answer["outcome"]),
        best and str(best["code"]),
        best and str(best["title"]),
        float(best["confidence"]) if best else 0.0,
        answer["aspect"],
    )


def _grade(case: Mapping[str, Any], answer: Mapping[str, Any]) -> str:
    wanted, given = case["matter"], answer["matter"]
    if given and given["code"] != wanted:
        return "wrong"
    if wanted is None:
        return "right"
    if given:
        aspect = case.get("aspect")
        return "right" if aspect in (None, answer["aspect"]) else "aspect"
    offered = answer["outcome"] == "choose" and wanted in (answer["offered"] or ranked(answer)[:3])
    return "offered" if offered else "nothing"
