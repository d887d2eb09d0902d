"""An empty workbook to be filled in, with drop-downs and explanations."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from hotline.work_orders.excel.columns import (
    CHOICES_SHEET,
    COLUMNS,
    HELP_SHEET,
    HISTORY,
    SHEET,
    ImportColumn,
)
from hotline.work_orders.excel.names import Names

#: Rows that have drop-downs.
ROWS = 5000
_FILL, _REQUIRED = PatternFill("solid", fgColor="DCE6F2"), PatternFill("solid", fgColor="FCE4D6")
_FORMATS = {"text": "@", "choice": "@", "flag": "@", "time": "yyyy-mm-dd hh:mm", "date": "yyyy-mm-dd"}
_ADVICE = (
    "把原来系统里的电话工单导进来：一行一张，填在“工单”表里，表头不要改。",
    "橙色的列必填。有下拉框的请从里面选。",
    "先用 hotline orders import 文件.xlsx --dry-run 检查：哪一行哪一列不对都会告诉您。有一行不对，就一行也不导入。",
    f"还没办的不用填状态，导入以后从受理开始走；正在办的也当新的导入，派单以后接着办。已经结束的填状态（{'、'.join(HISTORY)}），"
    "只作留存和统计，不会再派单，也不会通知市民。",
    "同一个文件导入几次都不会重复：有外部编号的按编号认，没有的按内容认。",
    "登记时间在以前的新工单，办理期限从登记时间算起，可能一导入就超期。",
    "里面有市民的姓名电话，导入以后请删除这个文件。",
)


def write_template(path: Path, names: Names) -> None:
    """Write the template to ``path``."""
    book = Workbook()
    page = book.active
    page.title = SHEET
    page.freeze_panes = "B2"
    lists = book.create_sheet(CHOICES_SHEET)
    lists.sheet_state = "hidden"
    for place, column in enumerate(COLUMNS, 1):
        letter = get_column_letter(place)
        _write_header(page, place, column)
        page.column_dimensions[letter].width = column.width
        page.column_dimensions[letter].number_format = _FORMATS[column.kind]
        shown = ["是", "否"] if column.kind == "flag" else names.all(column.choices) if column.choices else []
        if shown:
            _write_choices(page, lists, place, column, shown)
    _write_help(book.create_sheet(HELP_SHEET, 1))
    book.save(path)


def _write_header(page: Any, place: int, column: ImportColumn) -> None:
    cell = page.cell(1, place, column.header)
    cell.font, cell.fill = Font(bold=True), _REQUIRED if column.required else _FILL
    cell.comment = Comment(("必填。" if column.required else "") + column.help, "12345", width=260, height=90)


def _write_choices(page: Any, lists: Any, place: int, column: ImportColumn, shown: list[str]) -> None:
    # In a sheet of their own: a list in the rule itself may have 255 characters.
    lists.cell(1, place, column.header)
    for row, words in enumerate(shown, 2):
        lists.cell(row, place, words).number_format = "@"
    letter = get_column_letter(place)
    rule = DataValidation(
        type="list",
        formula1=f"'{CHOICES_SHEET}'!${letter}$2:${letter}${len(shown) + 1}",
        allow_blank=True,
    )
    rule.error, rule.errorTitle, rule.showErrorMessage = "请从下拉框里选", "填的值不对", True
    page.add_data_validation(rule)
    rule.add(f"{letter}2:{letter}{ROWS + 1}")


def _write_help(page: Any) -> None:
    page.column_dimensions["A"].width, page.column_dimensions["B"].width = 14, 8
    page.column_dimensions["C"].width = 90
    for words in _ADVICE:
        page.append([words])
    page.append([])
    page.append(["列", "必填", "怎么填"])
    for cell in page[page.max_row]:
        cell.font, cell.fill = Font(bold=True), _FILL
    for column in COLUMNS:
        page.append([column.header, "是" if column.required else "", column.help])
        page.cell(page.max_row, 3).alignment = Alignment(wrap_text=True, vertical="top")
