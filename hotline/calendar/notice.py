"""A year's holiday notice as a CSV file: ``date,working,note``."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime
from pathlib import Path

from hotline.calendar.service import CalendarError, SetDay, check_days

_COLUMNS = {
    "date": "date",
    "日期": "date",
    "working": "working",
    "安排": "working",
    "note": "note",
    "说明": "note",
}
_WORKING = {
    **dict.fromkeys(("上班", "是", "true", "yes", "work", "1"), True),
    **dict.fromkeys(("放假", "休息", "否", "false", "no", "off", "0"), False),
}


class NoticeError(ValueError):
    """What cannot be read, in Chinese."""


def read_day(words: str) -> date:
    """A date as people and spreadsheets write it: 2027-02-06, 2027/2/6, 2027年2月6日.

    Raises:
        NoticeError: it is none.
    """
    for form in ("%Y-%m-%d", "%Y/%m/%d", "%Y年%m月%d日"):
        try:
            return datetime.strptime(words.strip(), form).date()
        except ValueError:
            continue
    raise NoticeError(f"日期不对：{words.strip() or '（空）'}，要写成 2027-02-06 这样")


def read_working(words: str) -> bool:
    """上班 or 放假.

    Raises:
        NoticeError: it is neither.
    """
    found = _WORKING.get(words.strip().lower())
    if found is None:
        raise NoticeError(f"只能写“上班”或“放假”，不能写“{words.strip() or '（空）'}”")
    return found


def read_notice(path: Path) -> list[SetDay]:
    """The days of a file.

    Raises:
        NoticeError: with all that is wrong, line by line.
    """
    try:
        return _days(csv.DictReader(io.StringIO(_text(path), newline="")), path)
    except csv.Error:
        raise NoticeError(f"{path.name} 不是 CSV 文件，请另存为 CSV") from None


def _days(rows: csv.DictReader[str], path: Path) -> list[SetDay]:
    rows.fieldnames = [_COLUMNS.get(name.strip().lower(), name) for name in rows.fieldnames or []]
    if not {"date", "working"} <= set(rows.fieldnames):
        raise NoticeError(
            f"{path.name} 的第一行要写 date,working,note（日期,安排,说明），下面一天一行：2027-02-06,上班,春节调休"
        )
    days: list[SetDay] = []
    wrong: list[str] = []
    for row in rows:
        cells = {key: value or "" for key, value in row.items() if isinstance(value, str | None)}
        if not any(value.strip() for value in cells.values()):
            continue
        try:
            day, working = read_day(cells["date"]), read_working(cells["working"])
            item = SetDay(day, working, cells.get("note", "").strip())
            check_days([item])
            if item.day in {each.day for each in days}:
                raise NoticeError(f"{item.day} 前面已经写过了")
            days.append(item)
        except (NoticeError, CalendarError) as error:
            wrong.append(f"第 {rows.line_num} 行：{error}")
    if wrong:
        raise NoticeError("\n".join(wrong))
    if not days:
        raise NoticeError(f"{path.name} 里没有一天")
    return days


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError:
        raise NoticeError(f"读不了这个文件：{path}") from None
    for encoding in ("utf-8-sig", "gb18030"):  # the second is how Excel saves CSV in China
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise NoticeError(f"{path.name} 不是文本文件，请另存为 CSV")
