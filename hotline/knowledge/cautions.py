"""Finds what must not be said: claims without a source, outdated rules, words that age. The list is data."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hotline.knowledge.files import Problem
from hotline.knowledge.schema import Matter
from hotline.yaml_files import read_yaml

FILE = "forbidden.yml"
Place = tuple[str | int, ...]
#: Questions are the citizen's words, and notes for the office may name what is in doubt.
_FREE = {"samples", "to_confirm", "source", "code"}


@dataclass(frozen=True)
class Caution:
    """One wording that must not be in an answer. ``fields``: only there; empty means everywhere."""

    pattern: re.Pattern[str]
    unless: re.Pattern[str] | None
    fields: frozenset[str]
    reason: str


@dataclass(frozen=True)
class Hit:
    """A wording that was found: in which field, in which text."""

    path: Place
    words: str
    match: str
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
        for item in read_yaml(path) or []
    ]


def find_cautions(matter: Matter, path: Path, cautions: list[Caution]) -> list[Problem]:
    """Every wording of ``matter`` that must not be said, with its line in ``path``."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    found = []
    for hit in find_hits(matter.model_dump(mode="json"), cautions):
        name, line = str(hit.path[0]), _line(lines, hit.words, hit.match)
        found.append(Problem(path, line, name, f"“{hit.match}”：{hit.reason}"))
    return found


def find_hits(content: dict[str, Any], cautions: list[Caution]) -> Iterator[Hit]:
    """The same in what a matter holds as plain data, whole or not."""
    for name, value in content.items():
        if name in _FREE:
            continue
        for place, words in _texts(value, (name,)):
            for caution in cautions:
                if caution.fields and name not in caution.fields:
                    continue
                match = caution.pattern.search(words)
                if match and not (caution.unless and caution.unless.search(words)):
                    yield Hit(place, words, match.group(), caution.reason)


def _texts(value: Any, place: Place) -> Iterator[tuple[Place, str]]:
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from _texts(item, (*place, name))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _texts(item, (*place, number))


def _line(lines: list[str], words: str, match: str) -> int:
    """The line that holds the whole text, else the first with the words that were found."""
    for wanted in (words, match):
        for number, line in enumerate(lines, 1):
            if wanted in line:
                return number
    return 1
