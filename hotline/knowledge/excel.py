"""The knowledge base as a workbook: an empty one with explanations, a full one, and reading it back."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from pydantic import ValidationError

from hotline.knowledge.files import describe
from hotline.knowledge.schema import Matter
from hotline.knowledge.sheets import CODE, SHEETS, Column, Sheet

_CODE_COLUMN = Column("code", CODE, "小写字母、数字和下划线，和文件名一样，如 newborn", required=True)
_FLAGS = {True: "是", False: "否"}
_EXAMPLE_ROWS = 2000
_FILL = PatternFill("solid", fgColor="DCE6F2")
_FILE = "（文件）"
#: Bytes that a file may unfold to: a small file may hide a large one.
_MOST_UNFOLDED = 60 * 1024 * 1024


@dataclass(frozen=True)
class Fault:
    """One mistake in a workbook. ``row`` counts from 1, as the program shows it."""

    sheet: str
    row: int
    message: str

    def __str__(self) -> str:
        return f"工作表“{self.sheet}”第 {self.row} 行：{self.message}"


class WorkbookError(Exception):
    """The workbook cannot be taken in; ``faults`` says all that is wrong."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = list(faults)


# --- writing --------------------------------------------------------------------------------------------


def write_workbook(matters: Iterable[Matter], path: Path) -> None:
    """Write ``matters`` to ``path``; with none it is an empty workbook to be filled in."""
    book = Workbook()
    book.remove(book.active)
    held = list(matters)
    for sheet in SHEETS:
        page = book.create_sheet(sheet.name)
        columns = (_CODE_COLUMN, *sheet.columns)
        for place, column in enumerate(columns, 1):
            _write_header(page, place, column)
        page.freeze_panes = "B2"
        row = 2
        for matter in held:
            for values in _rows(matter, sheet):
                for place, (column, value) in enumerate(zip(columns, [matter.code, *values], strict=True), 1):
                    cell = page.cell(row, place)
                    cell.value = _shown(column, value)
                    # Text stays text: a number that begins with 0, a line that begins with "=".
                    if isinstance(cell.value, str):
                        cell.data_type = "s"
                    cell.alignment = Alignment(wrap_text=True, vertical="top")
                    if column.kind == "date":
                        cell.number_format = "yyyy-mm-dd"
                row += 1
    book.save(path)


def _write_header(page: Any, place: int, column: Column) -> None:
    cell = page.cell(1, place, column.header)
    cell.font, cell.fill = Font(bold=True), _FILL
    notes = [part for part in (column.help, "必填" if column.required else "") if part]
    if notes:
        cell.comment = Comment("；".join(notes), "12345")
    letter = get_column_letter(place)
    page.column_dimensions[letter].width = 18 if column.kind != "text" or column.field == "code" else 36
    shown = list(column.choices.values()) if column.choices else ["是", "否"] if column.kind == "flag" else []
    if shown:
        rule = DataValidation(type="list", formula1=f'"{",".join(shown)}"', allow_blank=True)
        rule.error, rule.errorTitle = "请从下拉框里选", "填的值不对"
        rule.showErrorMessage = True
        page.add_data_validation(rule)
        rule.add(f"{letter}2:{letter}{_EXAMPLE_ROWS}")


def _rows(matter: Matter, sheet: Sheet) -> list[list[Any]]:
    if sheet.form == "matter":
        return [[getattr(matter, column.field) for column in sheet.columns]]
    value = getattr(matter, sheet.field)
    if sheet.form == "texts":
        return [[item] for item in value]
    items = value if sheet.form == "rows" else [value] if value is not None else []
    return [[getattr(item, column.field) for column in sheet.columns] for item in items]


def _shown(column: Column, value: Any) -> Any:
    if value is None or value == []:
        return None
    if column.kind == "flag":
        # "No" says something only where "not known" is another value.
        return None if value is False and column.field == "confirm" else _FLAGS[bool(value)]
    if column.kind == "texts":
        return "、".join(value)
    if column.kind == "number":
        return int(value) if float(value).is_integer() else value
    return column.choices[value] if column.choices else value


# --- reading --------------------------------------------------------------------------------------------


def read_workbook(path: Path) -> list[Matter]:
    """The matters of a workbook, in the order of its first sheet.

    Raises:
        WorkbookError: with everything that is wrong in it.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            unfolded = sum(entry.file_size for entry in archive.infolist())
        if unfolded > _MOST_UNFOLDED:
            raise WorkbookError([Fault(_FILE, 1, "文件太大，请分成几个文件")])
        book = load_workbook(path, data_only=True)
    except WorkbookError:
        raise
    except Exception as error:  # openpyxl raises whatever the zip or the XML inside raise
        raise WorkbookError([Fault(_FILE, 1, f"打不开，应是 .xlsx 文件：{error}")]) from error
    faults: list[Fault] = []
    content: dict[str, dict[str, Any]] = {}
    places: dict[tuple[str, str, int], tuple[str, int]] = {}
    for sheet in SHEETS:
        if sheet.name not in book.sheetnames:
            faults.append(Fault(sheet.name, 1, "缺这张工作表，请用导出的文件或模板"))
            continue
        _read_sheet(book[sheet.name], sheet, content, places, faults)
    matters = []
    for code, fields in content.items():
        try:
            matters.append(Matter.model_validate(fields))
        except ValidationError as error:
            for item in error.errors():
                faults.append(_fault(code, item, places))
    titles: dict[str, str] = {}
    for matter in matters:
        if matter.title in titles:
            name, row = places[(matter.code, "", 0)]
            faults.append(Fault(name, row, f"事项名称和 {titles[matter.title]} 重复"))
        titles[matter.title] = matter.code
    if not content and not faults:
        faults.append(Fault(SHEETS[0].name, 2, "一个事项也没有"))
    if faults:
        raise WorkbookError(
            sorted(
                faults,
                key=lambda item: (
                    [s.name for s in SHEETS].index(item.sheet)
                    if item.sheet in [s.name for s in SHEETS]
                    else -1,
                    item.row,
                ),
            )
        )
    return matters


def _read_sheet(
    page: Any,
    sheet: Sheet,
    content: dict[str, dict[str, Any]],
    places: dict[tuple[str, str, int], tuple[str, int]],
    faults: list[Fault],
) -> None:
    headers = {str(cell.value).strip(): cell.column for cell in page[1] if cell.value is not None}
    columns = [_CODE_COLUMN, *sheet.columns]
    missing = [column.header for column in columns if column.header not in headers and not column.later]
    if missing:
        faults.append(Fault(sheet.name, 1, f"表头缺少：{'、'.join(missing)}"))
        return
    for row in range(2, page.max_row + 1):
        raw = {
            column.field: page.cell(row, headers[column.header]).value if column.header in headers else None
            for column in columns
        }
        if all(value is None or str(value).strip() == "" for value in raw.values()):
            continue
        values: dict[str, Any] = {}
        for column in columns:
            try:
                value = _stored(column, raw[column.field])
            except ValueError as error:
                faults.append(Fault(sheet.name, row, f"“{column.header}”{error}"))
                continue
            if value is not None:
                values[column.field] = value
            elif column.required:
                faults.append(Fault(sheet.name, row, f"“{column.header}”没有填"))
        code = values.pop("code", None)
        if code is not None:
            _place(sheet, row, code, values, content, places, faults)


def _place(
    sheet: Sheet,
    row: int,
    code: str,
    values: dict[str, Any],
    content: dict[str, dict[str, Any]],
    places: dict[tuple[str, str, int], tuple[str, int]],
    faults: list[Fault],
) -> None:
    """Put one row where it belongs in its matter."""
    if sheet.form == "matter":
        if code in content:
            faults.append(Fault(sheet.name, row, f"事项代码 {code} 重复"))
            return
        content[code] = {"code": code, **values}
        places[(code, "", 0)] = (sheet.name, row)
        return
    if code not in content:
        faults.append(Fault(sheet.name, row, f"“事项”表里没有代码 {code}"))
        return
    fields = content[code]
    if sheet.form == "single":
        if sheet.field in fields:
            faults.append(Fault(sheet.name, row, f"{code} 只能有一行"))
            return
        fields[sheet.field] = values
        places[(code, sheet.field, 0)] = (sheet.name, row)
        return
    items = fields.setdefault(sheet.field, [])
    places[(code, sheet.field, len(items))] = (sheet.name, row)
    items.append(values.get(sheet.field, "") if sheet.form == "texts" else values)


def _stored(column: Column, value: Any) -> Any:
    """What a cell means; None when it is empty.

    Raises:
        ValueError: it means nothing; the message goes on after the header.
    """
    if value is None or str(value).strip() == "":
        return None
    words = str(value).strip()
    if column.kind == "date":
        if isinstance(value, datetime):
            return value.date()
        try:
            return value if isinstance(value, date) else date.fromisoformat(words.replace("/", "-"))
        except ValueError:
            raise ValueError(f"“{words}”不是日期，应是 2026-07-21") from None
    if column.kind == "number":
        try:
            return float(words)
        except ValueError:
            raise ValueError(f"“{words}”不是数字") from None
    if column.kind == "flag":
        if words not in ("是", "否"):
            raise ValueError(f"“{words}”不对，只能填“是”或“否”")
        return words == "是"
    if column.kind == "choice":
        for stored, shown in (column.choices or {}).items():
            if words in (stored, shown):
                return stored
        raise ValueError(f"“{words}”不对，只能填：{'、'.join((column.choices or {}).values())}")
    if column.kind == "texts":
        return [part.strip() for part in words.split("、") if part.strip()]
    if isinstance(value, float) and value.is_integer():
        return str(int(value))  # a telephone number typed as a number
    return words


def _fault(code: str, item: Any, places: dict[tuple[str, str, int], tuple[str, int]]) -> Fault:
    location = list(item["loc"])
    field = str(location[0]) if location else ""
    number = location[1] if len(location) > 1 and isinstance(location[1], int) else 0
    name, row = places.get((code, field, number)) or places[(code, "", 0)]
    sheet = next((sheet for sheet in SHEETS if sheet.field == field), SHEETS[0])
    last = str(location[-1]) if location else ""
    header = next((column.header for column in sheet.columns if column.field == last), "")
    label = f"“{header}”" if header else f"“{sheet.name}”" if field and sheet.field == field else ""
    return Fault(name, row, f"{code}：{label}{describe(item)}")
