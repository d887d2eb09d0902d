"""What the intents are called by people."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from hotline.yaml_files import read_yaml


@dataclass(frozen=True)
class Intent:
    """An intent with its name, and what is said with it."""

    code: str
    name: str
    says: str


@lru_cache(maxsize=2)
def read_intents(data_dir: Path) -> dict[str, Intent]:
    """All of them, by their codes."""
    content = read_yaml(data_dir / "quality" / "intents.yml")
    return {code: Intent(code, item["name"], item["says"]) for code, item in content.items()}
