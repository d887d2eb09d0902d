"""Approved corrections as the file that Rasa learns from. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

_HEAD = """\
version: "3.1"

# 由 hotline quality write 写成，来自网页上复核通过的意图纠正，号码和姓名已去掉。要改请在网页上改，再写一次。
nlu:
"""
_EMPTY = """\
version: "3.1"

# 还没有复核通过的意图纠正。
nlu: []
"""
#: What stands in place of a number or a name says nothing of an intent.
_TAKEN_OUT = re.compile(r"（[号姓账车门][^（）]{1,2}已删）")
#: What Rasa takes for the mark of an entity.
_MARKS = str.maketrans({"[": "［", "]": "］", "{": "｛", "}": "｝"})


def corrections_text(corrections: Iterable[tuple[str, str]]) -> str:
    """The file's text for pairs of intent and sentence: sorted, each sentence once, so that a difference can be read."""
    by_intent: dict[str, set[str]] = {}
    for intent, sentence in corrections:
        line = " ".join(_TAKEN_OUT.sub("", sentence).translate(_MARKS).split())
        if line:
            by_intent.setdefault(intent, set()).add(line)
    if not by_intent:
        return _EMPTY
    parts = []
    for intent in sorted(by_intent):
        lines = "".join(f"      - {line}\n" for line in sorted(by_intent[intent]))
        parts.append(f"  - intent: {intent}\n    examples: |\n{lines}")
    return _HEAD + "\n".join(parts)
