"""What in the city's files the office has to confirm: everything marked ``confirm``. Pure but for reading the files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hotline.beginning import texts
from hotline.yaml_files import read_yaml

#: By what an item is called, the first that it has.
_NAMES = ("name", "nature", "number", "code", "topics")


@dataclass(frozen=True)
class Marks:
    """One file: what it is about, and what in it is to be confirmed. An empty ``items``: the whole file."""

    file: str
    title: str
    items: tuple[str, ...]


def read_marks(city_dir: Path) -> list[Marks]:
    """All files with something to confirm."""
    found = []
    for path in sorted(city_dir.glob("*.yml")):
        content = read_yaml(path)
        whole = isinstance(content, dict) and content.get("confirm") is True
        items = tuple(dict.fromkeys(item for item in _marked(content, "") if item))
        if whole or items:
            found.append(Marks(path.name, texts.FILES.get(path.name, path.name), items))
    return found


def _marked(content: Any, called: str) -> Iterator[str]:
    if isinstance(content, list):
        for item in content:
            yield from _marked(item, called)
    elif isinstance(content, dict):
        own = next((_words(content[name]) for name in _NAMES if content.get(name)), called)
        listed = content.get("confirm")
        if listed is True:
            yield texts.PARTS.get(own, own)
        elif isinstance(listed, list):
            yield from (texts.PARTS.get(str(item), str(item)) for item in listed)
        for key, value in content.items():
            if key != "confirm":
                yield from _marked(value, str(key) if isinstance(value, dict) else own)


def _words(value: Any) -> str:
    return "、".join(map(str, value)) if isinstance(value, list) else str(value)
