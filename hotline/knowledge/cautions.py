"""Finds what must not be said: claims without a source, outdated rules, words that age. The list is data."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from hotline.knowledge.files import Problem
from hotline.knowledge.schema import Matter

FILE = "forbidden.yml"
#: Questions are the citizen's words, and notes for the office may name what is in doubt.
_FREE = {"samples", "to_confirm", "source", "code"}


@dataclass(frozen=True)
class Caution:
    """One wording that must not be in an answer. ``fields``: only there; empty means everywhere."""

    pattern: re.Pattern[str]
    unless: re.Pattern[str] | None
    fields: frozenset[str]
    reason: str


def read_cautions(folder: Path) -> list[Caution]:
    """The cautions of a knowledge folder; none when it has no list."""
    path = folder / FILE
    if not path.exists():
        return []
    return [
        Caution(
            re.compile(item["pattern"]),
            re.compile(item["unless"]) if "unless" in item else None,
            frozenset(item.get("fields", ())),
            item["reason"],
        )
        for item in yaml.safe_load(path.read_text(encoding="utf-8")) or []
    ]


def find_cautions(matter: Matter, path: Path, cautions: list[Caution]) -> list[Problem]:
    """Every wording of ``matter`` that must not be said, with its line in ``path``."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    found = []
    for name, value in matter.model_dump(mode="json").items():
        if name in _FREE:
            continue
        for words in _texts(value):
            for caution in cautions:
                if caution.fields and name not in caution.fields:
                    continue
                match = caution.pattern.search(words)
                if match and not (caution.unless and caution.unless.search(words)):
                    line = _line(lines, words, match.group())
                    found.append(Problem(path, line, name, f"“{match.group()}”：{caution.reason}"))
    return found


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


def _line(lines: list[str], words: str, match: str) -> int:
    """The line that holds the whole text, else the first with the words that were found."""
    for wanted in (words, match):
        for number, line in enumerate(lines, 1):
            if wanted in line:
                return number
    return 1
