"""What citizens are told about their orders: the texts of ``reply_templates.yml``."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Formatter
from typing import Any

import yaml

from hotline.work_orders.lifecycle import NATURES, TABLE
from hotline.yaml_files import read_yaml

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
    event: str | None
    unit: str | None
    nature: str | None


class Templates:
    """The texts of one city."""

    def __init__(self, texts: Mapping[_Key, str], skeletons: Mapping[str, str]) -> None:
        self._texts = texts
        #: What a clerk may start an answer from, by nature.
        self.skeletons = skeletons

    @classmethod
    def load(cls, path: Path, units: Container[str] | None = None) -> Templates:
        """Read and check the file.

        Args:
            units: the codes of the units that there are; None: not checked.

        Raises:
            TemplateError: all mistakes at once: an unknown event, nature, unit or placeholder, a text that stands twice or
                is empty, an event without a general text, a nature without a skeleton.
        """
        content = _read(path)
        texts: dict[_Key, str] = {}
        problems: list[str] = []
        for number, item in enumerate(content.get("templates") or [], start=1):
            if not isinstance(item, dict):
                problems.append(f"第 {number} 段要写成 event 和 text")
                continue
            key = _Key(*(str(item[name]) if item.get(name) else None for name in ("event", "unit", "nature")))
            problems += _problems(key, item, number, units)
            if key in texts:
                problems.append(f"{_named(key)} 写了两次")
            texts[key] = str(item.get("text") or "").strip()
        problems += [
            f"{event} 没有写通用的说法" for event in sorted(EVENTS) if _Key(event, None, None) not in texts
        ]
        skeletons = content.get("skeletons")
        skeletons = skeletons if isinstance(skeletons, dict) else {}
        problems += [f"skeletons 里的“{nature}”不是诉求性质" for nature in skeletons if nature not in NATURES]
        problems += [f"skeletons 里没有写“{nature}”" for nature in NATURES if not skeletons.get(nature)]
        if problems:
            raise TemplateError(f"{path.name} 有错：\n" + "\n".join(problems))
        return cls(texts, {nature: str(text).strip() for nature, text in skeletons.items()})

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


def _read(path: Path) -> dict[str, Any]:
    try:
        content = read_yaml(path)
    except (OSError, UnicodeDecodeError) as error:
        raise TemplateError(f"{path.name} 读不出来：{error}") from None
    except yaml.YAMLError as error:
        raise TemplateError(f"{path.name} 的格式不对：{error}") from None
    if not isinstance(content, dict) or not isinstance(content.get("templates"), list):
        raise TemplateError(f"{path.name} 要有 templates，下面一段一段写。")
    return content


def _problems(key: _Key, item: Mapping[str, Any], number: int, units: Container[str] | None) -> Iterable[str]:
    if key.event is None:
        yield f"第 {number} 段没有写 event"
        return
    if key.event not in EVENTS:
        yield f"没有“{key.event}”这种事"
        return
    if key.nature is not None and key.nature not in NATURES:
        yield f"{_named(key)} 的 nature 不对"
    if key.unit is not None and units is not None and key.unit not in units:
        yield f"{_named(key)} 的 unit 不在 units.yml 里"
    text = str(item.get("text") or "")
    if not text.strip():
        yield f"{_named(key)} 没有写 text"
    try:
        fields = list(Formatter().parse(text))
    except ValueError:
        yield f"{_named(key)} 的花括号不成对"
        return
    named = {name for _, name, _, _ in fields if name is not None}
    for name in sorted(named - _ALWAYS - _MORE.get(key.event, frozenset())):
        yield f"{_named(key)} 不能用 {{{name}}}"
    if any(shape or conversion for _, _, shape, conversion in fields):
        yield f"{_named(key)} 的花括号里只能写名字"


def _named(key: _Key) -> str:
    return "、".join(filter(None, [key.event, key.nature, key.unit]))
