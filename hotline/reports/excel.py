"""A report as a workbook. There is nobody's name or number in it, only counts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hotline.reports import wording
from hotline.reports.shapes import ColumnForm, FigureOut, ReportOut, TableOut
from hotline.spreadsheet import Book, Column, Share

_PARTS = ("分子", "其余", "分母")
#: Excel has no longer names of sheets, and not these characters in them.
_LONGEST = 31


def write_report(path: Path, report: ReportOut) -> None:
    """Write the workbook."""
    book = Book()
    _figures(book, report)
    _course(book, report)
    for table in report.tables:
        _table(book, table)
    _how(book, report)
    book.save(path)


def _figures(book: Book, report: ReportOut) -> None:
    sheet = book.sheet(
        "指标",
        [
            Column("指标", 24),
            Column(report.period.words, 18),
            Column("环比", 12),
            Column("同比", 12),
            *(Column(name, 18) for name in _PARTS),
        ],
    )
    for figure in report.figures:
        shown = [f"{part.name} {part.count}" for part in figure.parts] if figure.form == "rate" else []
        sheet.add(
            [
                figure.name,
                _value(figure),
                wording.compared(figure, figure.before),
                wording.compared(figure, figure.year),
                *shown,
                *[None] * (len(_PARTS) - len(shown)),
            ]
        )
    sheet.close()


def _value(figure: FigureOut) -> Any:
    """As a number, wherever it is one: people reckon with what is in a table."""
    if figure.value is None or figure.form == "seconds":
        return wording.value(figure.form, figure.value)
    if figure.form == "rate":
        return Share(figure.value)
    return round(figure.value, 1) if figure.form == "per_day" else int(figure.value)


def _cell(form: ColumnForm, value: float | None) -> Any:
    if form == "count":
        return int(value or 0)
    return wording.NONE if value is None else Share(value, signed=form == "change")


def _course(book: Book, report: ReportOut) -> None:
    names = report.course.names
    days = [Column("从", 12, "date"), Column("到", 12, "date")]
    title = [Column("时段", 10)]
    sheet = book.sheet("走势", [*title, *days, *(Column(name, 10, "number") for name in names.values())])
    for point in report.course.points:
        sheet.add([point.label, point.since, point.until, *(point.counts[key] for key in names)])
    sheet.close()


def _table(book: Book, table: TableOut) -> None:
    columns = [Column(column.name, 10 if column.form == "count" else 12) for column in table.columns]
    sheet = book.sheet(table.name[:_LONGEST], [Column(table.name, 32), *columns])
    for row in table.rows:
        cells: list[Any] = [row.label]
        for column, cell in zip(table.columns, row.cells, strict=True):
            cells.append(_cell(column.form, cell))
        sheet.add(cells)
    sheet.close()


def _how(book: Book, report: ReportOut) -> None:
    sheet = book.sheet("怎么算的", [Column("指标", 24), Column("怎么算的", 110)])
    sheet.add(["范围", f"{report.scope}，{report.period.since}至{report.period.until}，日期都是北京时间"])
    if report.demo:
        sheet.add(["注意", wording.DEMO])
    for figure in report.figures:
        sheet.add([figure.name, figure.how])
    sheet.add(["环比、同比", wording.HOW_COMPARED])
    sheet.close()
