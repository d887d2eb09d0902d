"""What citizens are told about their orders: the texts of ``reply_templates.yml``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Formatter
from typing import Any

import yaml

from hotline.work_orders.lifecycle import NATURES, TABLE

_ALWAYS = frozenset({"number", "hotline", "unit", "date"})
#: What else a text may name, by event; the action that tells it gives these.
_MORE: dict[str, frozenset[str]] = {
    "refused": frozenset({"reason", "alternative"}),
    "asked": frozenset({"question"}),
    "extended": frozenset({"reason"}),
    "reassigned": frozenset({"reason"}),
    "answered": frozenset({"answer", "days"}),
    "callback_reminder": frozenset({"days"}),
    "redo": frozenset({"reason"}),
    "closed_after_review": frozenset({"reason", "alternative"}),
    "unmerged": frozenset({"reason"}),
}
EVENTS = frozenset(row.tells for row in TABLE if row.tells)


class TemplateError(ValueError):
    """The file has mistakes, or a text cannot be filled in; the message is Chinese."""


@dataclass(frozen=True)
class _Key:
    event: str
    unit: str | None
    nature: str | None


class Templates:
    """The texts of one city."""

    def __init__(self, texts: Mapping[_Key, str], skeletons: Mapping[str, str]) -> None:
        self._texts = texts
        #: What a clerk may start an answer from, by nature.
        self.skeletons = skeletons

    @classmethod
    def load(cls, path: Path) -> Templates:
        """Read and check the file.

        Raises:
            TemplateError: an unknown event or placeholder, a text that stands twice, an event without a general text.
        """
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        texts: dict[_Key, str] = {}
        problems: list[str] = []
        for item in content["templates"]:
            key = _Key(item.get("event", ""), item.get("unit"), item.get("nature"))
            problems += _problems(key, item)
            if key in texts:
                problems.append(f"{_named(key)} 写了两次")
            texts[key] = str(item.get("text") or "").strip()
        problems += [
            f"{event} 没有写通用的说法" for event in sorted(EVENTS) if _Key(event, None, None) not in texts
        ]
        if problems:
            raise TemplateError(f"{path.name} 有错：\n" + "\n".join(problems))
        return cls(texts, {nature: text.strip() for nature, text in content["skeletons"].items()})

    def render(
        self, event: str, *, of_unit: str | None = None, nature: str | None = None, **values: str
    ) -> str:
        """The text for ``event``; one for this unit and nature comes before a more general one.

        Args:
            of_unit: the unit's code.
            values: what stands for the placeholders.

        Raises:
            TemplateError: there is no such event, or a value is missing.
        """
        for key in (
            _Key(event, of_unit, nature),
            _Key(event, of_unit, None),
            _Key(event, None, nature),
            _Key(event, None, None),
        ):
            if key in self._texts:
                break
        else:
            raise TemplateError(f"没有“{event}”的说法。")
        try:
            return self._texts[key].format(**values)
        except KeyError as error:
            raise TemplateError(f"“{event}”的说法少了 {error.args[0]}。") from None


def _problems(key: _Key, item: Mapping[str, Any]) -> Iterable[str]:
    if key.event not in EVENTS:
        yield f"没有“{key.event}”这种事"
        return
    if key.nature is not None and key.nature not in NATURES:
        yield f"{_named(key)} 的 nature 不对"
    text = str(item.get("text") or "")
    if not text.strip():
        yield f"{_named(key)} 没有写 text"
    try:
        named = {name for _, name, _, _ in Formatter().parse(text) if name is not None}
    except ValueError:
        yield f"{_named(key)} 的花括号不成对"
        return
    for name in sorted(named - _ALWAYS - _MORE.get(key.event, frozenset())):
        yield f"{_named(key)} 不能用 {{{name}}}"


def _named(key: _Key) -> str:
    return "、".join(filter(None, [key.event, key.nature, key.unit]))
