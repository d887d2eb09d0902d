"""Writing tables for Excel, row by row: a hundred thousand rows need no more memory than one.

What citizens have typed is text and stays text: nothing in a cell is ever a formula.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from hotline.work_orders.deadlines import SHANGHAI

Kind = Literal["text", "number", "date", "time"]


class Share(float):
    """A part of a whole, shown as a percentage: 0.9612 is 96.12%. ``signed``: what has grown or become less."""

    def __new__(cls, value: float, *, signed: bool = False) -> Share:
        """The share; it is reckoned with in the table as any number."""
        share = super().__new__(cls, value)
        share.signed = signed
        return share

    signed: bool


#: What Excel, WPS and LibreOffice take for the beginning of a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_FILL = PatternFill("solid", fgColor="DCE6F2")
_FORMATS = {"date": "yyyy-mm-dd", "time": "yyyy-mm-dd hh:mm"}
#: Neither XML nor Excel can hold them; and Excel holds no longer text.
_UNSPEAKABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LONGEST = 32767


@dataclass(frozen=True)
class Column:
    """A column: its header, its width in characters, and what stands in it."""

    header: str
    width: int = 12
    kind: Kind = "text"


class Book:
    """A workbook that is written from top to bottom."""

    def __init__(self) -> None:
        self._book = Workbook(write_only=True)

    def sheet(self, title: str, columns: Sequence[Column]) -> Sheet:
        """A new sheet with a header that stays in sight."""
        return Sheet(self._book.create_sheet(title), columns)

    def save(self, path: Path) -> None:
        """Write the file."""
        self._book.save(path)


class Sheet:
    """One sheet; :meth:`close` it when all rows are there."""

    def __init__(self, page: Any, columns: Sequence[Column]) -> None:
        self._page = page
        self._columns = columns
        self.rows = 0
        page.freeze_panes = "B2"
        for place, column in enumerate(columns, 1):
            page.column_dimensions[get_column_letter(place)].width = column.width
        page.append([self._header(column.header) for column in columns])

    def add(self, values: Iterable[Any]) -> None:
        """One row. Times are shown in Asia/Shanghai."""
        self._page.append(
            [self._cell(column, value) for column, value in zip(self._columns, values, strict=True)]
        )
        self.rows += 1

    def close(self) -> None:
        """Put the arrows for choosing and sorting into the header."""
        last = get_column_letter(len(self._columns))
        self._page.auto_filter.ref = f"A1:{last}{self.rows + 1}"

    def _header(self, words: str) -> Any:
        cell = WriteOnlyCell(self._page, words)
        cell.font, cell.fill = Font(bold=True), _FILL
        cell.alignment = Alignment(vertical="center")
        return cell

    def _cell(self, column: Column, value: Any) -> Any:
        if value is None or value == "":
            return None
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, bool):
            return "是" if value else "否"
        if isinstance(value, Share):
            cell = WriteOnlyCell(self._page, float(value))
            cell.number_format = "+0.0%;-0.0%;0.0%" if value.signed else "0.00%"
            return cell
        if isinstance(value, datetime):
            value = value.astimezone(SHANGHAI).replace(tzinfo=None)
        if isinstance(value, date):
            cell = WriteOnlyCell(self._page, value)
            cell.number_format = _FORMATS.get(column.kind, _FORMATS["date"])
            return cell
        return value

    def _text(self, words: str) -> Any:
        words = _UNSPEAKABLE.sub("", words)[:_LONGEST]
        if not words.startswith(FORMULA):
            return words
        cell = WriteOnlyCell(self._page, words)
        cell.data_type = "s"
        # Stays text also when somebody edits the cell.
        cell.quotePrefix = True
        return cell
