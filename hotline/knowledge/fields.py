"""What the fields of a matter are called, and how their values are shown: the names of the workbook. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hotline.knowledge.sheets import SHEETS, Column, Sheet

_MATTER = SHEETS[0]
_BY_FIELD = {sheet.field: sheet for sheet in SHEETS if sheet.field}
_OF_MATTER = {column.field: column for column in _MATTER.columns}
#: All fields, as the form has them.
FIELDS: tuple[str, ...] = (*_OF_MATTER, *_BY_FIELD)


def name_of(field: str) -> str:
    """What a field of the matter is called."""
    if field in _OF_MATTER:
        return _OF_MATTER[field].header
    if field not in _BY_FIELD:
        return "事项代码" if field == "code" else field
    sheet = _BY_FIELD[field]
    return sheet.columns[0].header if sheet.form == "texts" else sheet.name


def where(path: Sequence[str | int]) -> str:
    """Where in the form something stands: ``材料第 2 条的材料名称``."""
    if not path:
        return "整个事项"
    field = str(path[0])
    words = name_of(field)
    sheet = _BY_FIELD.get(field)
    rest = list(path[1:])
    if rest and isinstance(rest[0], int):
        words += f"第 {rest[0] + 1} 条"
        rest = rest[1:]
    if rest and sheet is not None and sheet.form != "texts":
        column = next((one for one in sheet.columns if one.field == rest[0]), None)
        words += f"的{column.header}" if column else ""
    return words


def shown(field: str, value: Any) -> list[str]:
    """The value of a field of the matter, as lines to be read: one an item."""
    if value in (None, "", []):
        return []
    if field in _OF_MATTER:
        return [_words(_OF_MATTER[field], value)]
    sheet = _BY_FIELD.get(field)
    if sheet is None or not isinstance(value, list | dict):
        return [str(value)]
    items = value if isinstance(value, list) else [value]
    return [_item(sheet, item) for item in items]


def _item(sheet: Sheet, item: Any) -> str:
    if not isinstance(item, dict):
        return str(item)
    parts = []
    for column in sheet.columns:
        value = item.get(column.field)
        if value in (None, "", [], False) and not (value is False and column.field == "electronic"):
            continue
        words = _words(column, value)
        # The first says what it is; the others need their names.
        parts.append(words if column is sheet.columns[0] else f"{column.header}：{words}")
    return "；".join(parts)


def _words(column: Column, value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if column.choices:
        return column.choices.get(value, str(value))
    if isinstance(value, list):
        return "、".join(map(str, value))
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
