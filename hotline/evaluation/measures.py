"""Figures of understanding, from what was wanted and what came. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Case = tuple[Mapping[str, Any], Mapping[str, Any]]
"""A question with its labels, and the hotline's answer to it (see ``hotline ask``)."""

_BINS = 10


def share(part: int, whole: int) -> float:
    """``part / whole``; 1 when there is nothing to count."""
    return part / whole if whole else 1.0


def macro_f1(wanted: Sequence[str], found: Sequence[str]) -> tuple[float, dict[str, float]]:
    """The mean of the F1 of all wanted labels, and each of them."""
    each = {}
    for label in sorted(set(wanted)):
        hits = sum(one == other == label for one, other in zip(wanted, found, strict=True))
        each[label] = (
            2 * hits / (sum(item == label for item in wanted) + sum(item == label for item in found))
        )
    return sum(each.values()) / max(len(each), 1), each


def calibration_error(confidences: Sequence[float], right: Sequence[bool], bins: int = _BINS) -> float:
    """Expected calibration error: the mean gap between the confidence claimed and the share that is right."""
    total = 0.0
    for number in range(bins):
        inside = [
            index
            for index, value in enumerate(confidences)
            if number / bins <= value < (number + 1) / bins or (number == bins - 1 and value >= 1)
        ]
        if inside:
            claimed = sum(confidences[index] for index in inside)
            total += abs(claimed - sum(right[index] for index in inside))
    return total / max(len(confidences), 1)


def intent_of(answer: Mapping[str, Any]) -> str:
    """The intent acted upon: when the classifier was unsure but the knowledge base answered, a question about it."""
    if answer["fallback"]:
        return "nlu_fallback"
    if answer["matter"]:
        return "ask_matter"
    return str(answer["intent"])


def intents(cases: Sequence[Case]) -> dict[str, float]:
    """How well the intents were told apart, at the operating thresholds."""
    wanted = [str(case["intent"]) for case, _ in cases]
    found = [intent_of(answer) for _, answer in cases]
    f1, _ = macro_f1(wanted, found)
    right = sum(one == other for one, other in zip(wanted, found, strict=True))
    return {"accuracy": share(right, len(cases)), "macro_f1": f1}


def ranked(answer: Mapping[str, Any]) -> list[str]:
    """The codes of the matters that were thought of, the likeliest first; the given one leads."""
    codes = [str(item["code"]) for item in answer["candidates"]]
    given = answer["matter"]
    return list(dict.fromkeys(([str(given["code"])] if given else []) + codes))


def matters(cases: Sequence[Case]) -> dict[str, float]:
    """How well matters and their aspects were found."""
    covered = [(case, answer) for case, answer in cases if case["matter"]]
    sure = [(case, answer) for case, answer in cases if answer["matter"]]
    unknown = [(case, answer) for case, answer in cases if not answer["matter"] and _gave_up(answer)]
    right = [(case, answer) for case, answer in covered if case["matter"] in ranked(answer)[:1]]
    asked = [(case, answer) for case, answer in right if case.get("aspect")]
    confidences = [_confidence(answer) for _, answer in cases]
    hits = [case["matter"] in ranked(answer)[:1] for case, answer in cases]
    return {
        "top1": share(len(right), len(covered)),
        "top3": share(sum(case["matter"] in ranked(answer)[:3] for case, answer in covered), len(covered)),
        "aspect": share(sum(case["aspect"] == answer["aspect"] for case, answer in asked), len(asked)),
        "sure": share(sum(1 for case, _ in sure if case["matter"]), len(covered)),
        "sure_wrong": share(
            sum(case["matter"] != answer["matter"]["code"] for case, answer in sure), len(sure)
        ),
        "unknown_precision": share(sum(case["matter"] is None for case, _ in unknown), len(unknown)),
        "unknown_recall": share(
            sum(case["matter"] is None and not answer["matter"] for case, answer in cases),
            sum(case["matter"] is None for case, _ in cases),
        ),
        "calibration_error": calibration_error(confidences, hits),
    }


def _gave_up(answer: Mapping[str, Any]) -> bool:
    return bool(answer["fallback"]) or not answer["candidates"]


def _confidence(answer: Mapping[str, Any]) -> float:
    candidates = answer["candidates"]
    return float(candidates[0]["confidence"]) if candidates else 0.0


def is_alarm(answer: Mapping[str, Any]) -> bool:
    """Whether the answer is that of an emergency."""
    return "emergency" in (answer["handoff"], answer["intent"])


def emergencies(cases: Sequence[Case]) -> dict[str, float]:
    """Recall over the dangers, and the share of harmless messages that were taken for one."""
    dangers = [answer for case, answer in cases if case["emergency"]]
    harmless = [answer for case, answer in cases if not case["emergency"]]
    return {
        "recall": share(sum(map(is_alarm, dangers)), len(dangers)),
        "false_alarms": share(sum(map(is_alarm, harmless)), len(harmless)) if harmless else 0.0,
    }
