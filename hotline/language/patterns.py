"""Regular expressions kept as data: named groups of words, expanded and compiled once."""

from __future__ import annotations

import os
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

_REPOSITORY = Path(__file__).resolve().parents[2]
_GROUP = re.compile(r"\{([a-z_]+)\}")


class LexiconError(ValueError):
    """A word file does not hold what it should; the message names the file and the place."""


def data_dir() -> Path:
    """The data folder: ``HOTLINE_DATA_DIR``, or ``data`` beside the code."""
    return Path(os.environ.get("HOTLINE_DATA_DIR") or _REPOSITORY / "data")


def lexicon_file(name: str) -> Path:
    """The file ``name`` of the word files that every city shares."""
    return _lexicon_file(name, os.environ.get("HOTLINE_DATA_DIR", ""))


@lru_cache(maxsize=64)
def _lexicon_file(name: str, _folder: str) -> Path:
    return data_dir() / "lexicon" / name


@lru_cache(maxsize=16)
def read_lexicon(path: Path) -> dict[str, Any]:
    """Read one word file; read once a process."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=loader)
    except (OSError, yaml.YAMLError) as error:
        raise LexiconError(f"{path.name} 读不出来：{error}") from error
    if not isinstance(content, dict):
        raise LexiconError(f"{path.name} 应该是“字段: 值”的形式")
    return content


class Groups:
    """Words gathered under a name, written ``{name}`` inside a pattern."""

    def __init__(self, words: dict[str, list[str]], source: str) -> None:
        self._words = {name: "(?:" + "|".join(items) + ")" for name, items in words.items()}
        self._source = source

    def compile(self, pattern: str) -> re.Pattern[str]:
        """Compile ``pattern`` with its groups; digits in braces stay repetitions."""
        try:
            return re.compile(self.expand(pattern), re.IGNORECASE)
        except re.error as error:
            raise LexiconError(f"{self._source} 里的写法“{pattern}”有误：{error}") from error

    def expand(self, pattern: str) -> str:
        """``pattern`` with every ``{name}`` replaced, groups inside groups too."""
        for _ in range(5):
            if not _GROUP.search(pattern):
                return pattern
            pattern = _GROUP.sub(self._word, pattern)
        raise LexiconError(f"{self._source} 里的词组互相套用：“{pattern[:40]}”")

    def _word(self, match: re.Match[str]) -> str:
        try:
            return self._words[match.group(1)]
        except KeyError:
            raise LexiconError(f"{self._source} 里没有词组“{match.group(1)}”") from None
