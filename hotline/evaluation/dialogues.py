"""Whole dialogues: what a citizen says turn by turn, and what must come of it (``dialogues.yml``)."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from hotline.commands.client import Service
from hotline.commands.trial import turn_of
from hotline.yaml_files import read_yaml

KEYS = frozenset(
    {"matter", "aspect", "intent", "has", "lacks", "button", "handoff", "mode", "fallback", "offers"}
)


def play_all(target: Service, path: Path, at_a_time: int) -> list[tuple[str, list[str]]]:
    """Each dialogue's name and what was wrong in it."""
    content = read_yaml(path)
    with ThreadPoolExecutor(at_a_time) as pool:
        wrong = list(pool.map(lambda item: play(target, item["turns"]), content))
    return [(item["name"], problems) for item, problems in zip(content, wrong, strict=True)]


def play(target: Service, turns: list[dict[str, Any]]) -> list[str]:
    """Say every turn, and list what differs from what was expected."""
    conversation: str | None = None
    problems: list[str] = []
    for number, turn in enumerate(turns, 1):
        said = target.converse(str(turn["say"]), conversation)
        conversation = said["conversation"]
        answer = turn_of(said) | {"mode": said["mode"]}
        problems += [f"第 {number} 句“{turn['say']}”：{problem}" for problem in differences(turn, answer)]
    return problems


def differences(turn: Mapping[str, Any], answer: Mapping[str, Any]) -> list[str]:
    """What of ``turn``'s expectations ``answer`` does not meet."""
    unknown = set(turn) - KEYS - {"say"}
    if unknown:
        raise ValueError(f"没有这样的期望：{'、'.join(sorted(unknown))}")
    words = "\n".join(str(reply["text"]) for reply in answer["replies"])
    titles = [str(button["title"]) for reply in answer["replies"] for button in reply["buttons"]]
    given = {
        "matter": answer["matter"] and answer["matter"]["code"],
        "aspect": answer["aspect"],
        "intent": answer["intent"],
        "handoff": answer["handoff"],
        "mode": answer["mode"],
        "fallback": answer["fallback"],
    }
    problems = [
        f"{key} 应为 {turn[key]}，是 {value}（{words[:60]}）"
        for key, value in given.items()
        if key in turn and value not in (turn[key] if isinstance(turn[key], list) else [turn[key]])
    ]
    problems += [f"没有说“{part}”（{words[:80]}）" for part in _listed(turn, "has") if part not in words]
    problems += [f"不该说“{part}”" for part in _listed(turn, "lacks") if part in words]
    problems += [f"没有按钮“{part}”：{titles}" for part in _listed(turn, "button") if part not in titles]
    offered = [str(item["code"]) for item in answer["candidates"]]
    problems += [f"没有提供 {code}：{offered}" for code in _listed(turn, "offers") if code not in offered]
    return problems


def _listed(turn: Mapping[str, Any], key: str) -> list[str]:
    found = turn.get(key, [])
    return [str(item) for item in found] if isinstance(found, list) else [str(found)]
