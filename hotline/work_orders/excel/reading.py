"""Reading a workbook of orders: every row is checked, and everything that is wrong is named by row and column. Pure."""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice, pairwise
from typing import Any

from openpyxl import load_workbook

from hotline.language.identifiers import find_identifiers
from hotline.work_orders.deadlines import SHANGHAI, due_moment
from hotline.work_orders.errors import WorkOrderError
from hotline.work_orders.excel.columns import BY_FIELD, BY_HEADER, COLUMNS, HISTORY, NEW, SHEET, ImportColumn
from hotline.work_orders.excel.names import Names
from hotline.work_orders.lifecycle import NO_RATING
from hotline.work_orders.service import Draft

MAX_ROWS = 5000
#: Bytes of the file, and of what it unfolds to.
MAX_BYTES, MAX_UNFOLDED = 10 * 1024 * 1024, 150 * 1024 * 1024
#: Excel's own limit; a file may claim more.
_LAST_ROW = 1_048_576
_WORKER = re.compile(r"[\w-]{1,32}")
_DIGITS = re.compile(r"[0-9][0-9 -]{5,18}[0-9]")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_TIME = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]*(\d{1,2})[:：时](\d{1,2})(?:分)?(?:[:：](\d{1,2})秒?)?)?"
)
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Fault:
    """One mistake. ``row`` counts from 1, as the program shows it; no column: the row or the file as a whole."""

    row: int
    column: str
    message: str

    def __str__(self) -> str:
        where = f"第 {self.row} 行" if self.row else ""
        return f"{where}{f'“{self.column}”' if self.column else ''}：{self.message}".removeprefix("：")


class WorkbookError(WorkOrderError):
    """The workbook cannot be taken in; ``faults`` says all that is wrong."""

    #: So many are told; who has more has one mistake in all rows.
    TOLD = 50

    def __init__(self, faults: Sequence[Fault]) -> None:
        told = [str(fault) for fault in faults[: self.TOLD]]
        if len(faults) > self.TOLD:
            told.append(f"……还有 {len(faults) - self.TOLD} 处。")
        super().__init__("bad_rows", "\n".join(told))
        self.faults = list(faults)


@dataclass(frozen=True, kw_only=True)
class ImportRow:
    """A row that can be taken in.

    Attributes:
        at: when it was taken down; None: now.
        settled: columns of an order that has ended.
    """

    row: int
    external: str | None
    draft: Draft
    at: datetime | None
    settled: dict[str, Any] = field(default_factory=dict)


def read_rows(data: bytes, names: Names, now: datetime) -> list[ImportRow]:
    """The rows of a workbook.

    Raises:
        WorkbookError: with everything that is wrong in it.
    """
    faults: list[Fault] = []
    rows: list[ImportRow] = []
    met: dict[str, int] = {}
    for number, raw in _raw_rows(data):
        if len(met) >= MAX_ROWS:
            raise WorkbookError([Fault(number, "", f"一次最多导入 {MAX_ROWS} 行，请分成几个文件。")])
        found = _Row(number, names, now)
        made = found.read(raw)
        key = made.draft.id if made else f"fault:{number}"
        if key in met:
            same = "外部编号" if made and made.external else ""
            words = f"和第 {met[key]} 行重复" if same else f"和第 {met[key]} 行一模一样"
            found.fault(same, words)
        met.setdefault(key, number)
        faults += found.faults
        if made is not None:
            rows.append(made)
    if not met and not faults:
        faults.append(Fault(2, "", "一行也没有填。"))
    if faults:
        raise WorkbookError(faults)
    return rows


def _raw_rows(data: bytes) -> Iterator[tuple[int, dict[str, Any]]]:
    """The rows in which something stands, by the columns' fields."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MAX_UNFOLDED:
                raise WorkbookError([Fault(0, "", "文件太大，请分成几个文件。")])
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        page = book[SHEET] if SHEET in book.sheetnames else None
        if page is None:
            raise WorkbookError(
                [Fault(0, "", f"没有“{SHEET}”这张表，请用 hotline orders template 导出的模板。")]
            )
        lines = page.iter_rows(max_col=len(COLUMNS) * 2, values_only=True)
        columns = _columns(next(iter(lines), ()))
        for number, values in enumerate(islice(lines, _LAST_ROW), 2):
            raw = {name: values[place] for place, name in columns.items() if place < len(values)}
            if any(not _blank(value) for value in raw.values()):
                yield number, raw
    except WorkbookError:
        raise
    except Exception as error:  # openpyxl raises whatever the zip or the XML inside raise
        raise WorkbookError([Fault(0, "", "打不开，应是 .xlsx 文件（Excel 2007 以后的格式）。")]) from error


def _columns(header: Sequence[Any]) -> dict[int, str]:
    """Which column stands where."""
    found: dict[int, str] = {}
    faults = []
    for place, value in enumerate(header):
        if _blank(value):
            continue
        words = str(value).strip().rstrip("*＊")
        column = BY_HEADER.get(words)
        if column is None:
            faults.append(Fault(1, words, "不认识这个表头，请用模板里的表头。"))
        elif column.field in found.values():
            faults.append(Fault(1, words, "表头写了两次。"))
        else:
            found[place] = column.field
    missing = [c.header for c in COLUMNS if c.required and c.field not in found.values()]
    if missing:
        faults.append(Fault(1, "", f"表头缺少：{'、'.join(missing)}。"))
    if faults:
        raise WorkbookError(faults)
    return found


class _Row:
    """One row while it is read."""

    def __init__(self, number: int, names: Names, now: datetime) -> None:
        self._number = number
        self._names = names
        self._now = now
        self.faults: list[Fault] = []

    def fault(self, header: str, message: str) -> None:
        self.faults.append(Fault(self._number, header, f"{message}。"))

    def _wrong(self, name: str, message: str) -> None:
        self.fault(BY_FIELD[name].header, message)

    def read(self, raw: dict[str, Any]) -> ImportRow | None:
        """The row; None when something in it is wrong, see :attr:`faults`."""
        given: dict[str, Any] = {}
        for column in COLUMNS:
            value = raw.get(column.field)
            if _blank(value):
                if column.required:
                    self.fault(column.header, "没有填")
                continue
            try:
                given[column.field] = self._value(column, value)
            except ValueError as error:
                self.fault(column.header, str(error))
        self._check(given)
        if self.faults:
            return None
        draft = Draft(
            id=_draft_id(given),
            conversation_id=None,
            nature=given["nature"],
            what=given["what"],
            where_text=given.get("where", ""),
            area_code=given.get("area"),
            street_code=given.get("street"),
            when_text=given.get("when", ""),
            name=given.get("name"),
            phone=given.get("phone"),
            anonymous=given.get("anonymous", False),
            confidential=given.get("confidential", False),
            content_confidential=given.get("content_confidential", False),
            enterprise=given.get("enterprise", False),
            source=given.get("source", "电话"),
            taken_by=given.get("taken_by"),
            topic=given.get("topic"),
            note=given.get("note", ""),
        )
        return ImportRow(
            row=self._number,
            external=given.get("external"),
            draft=draft,
            at=given.get("at"),
            settled=self._settled(given),
        )

    def _value(self, column: ImportColumn, value: Any) -> Any:
        """What a cell means.

        Raises:
            ValueError: it means nothing; the message goes on after the header.
        """
        if column.kind == "time":
            return _moment(value)
        if column.kind == "date":
            return _moment(value).astimezone(SHANGHAI).date()
        words = _words(value)
        if len(words) > column.longest:
            raise ValueError(f"太长，最多 {column.longest} 个字")
        if column.kind == "flag":
            if words not in ("是", "否"):
                raise ValueError(f"“{words}”不对，只能填是或否")
            return words == "是"
        if column.kind == "choice" and column.field != "street":
            assert column.choices is not None
            return self._names.find(column.choices, words)
        if column.field == "phone":
            return _phone(words)
        if column.field == "taken_by" and not _WORKER.fullmatch(words):
            raise ValueError("只能是字母、数字")
        return words

    def _check(self, given: dict[str, Any]) -> None:
        """What one column says of another."""
        if "what" in given and len(given["what"]) < 4:
            self._wrong("what", "太短，请写清楚是什么事")
        if given.get("nature") in ("投诉", "举报", "求助") and not given.get("where"):
            self._wrong("where", f"{given['nature']}要写地点")
        if given.get("anonymous") and (given.get("name") or given.get("phone")):
            self._wrong("anonymous", "匿名的不能填姓名、电话")
        if "street" in given:
            self._find_street(given)
        for name in ("at", "answered_at", "closed_at"):
            if name in given and not _EARLIEST <= given[name] <= self._now + timedelta(minutes=1):
                self._wrong(name, "时间不对，要在 2000 年以后、现在以前")
        status = given.get("status", NEW)
        if status not in HISTORY:
            for column in COLUMNS:
                if column.history and column.field in given:
                    self.fault(column.header, f"状态是{NEW}，不用填；已经结束的请改状态")
            return
        needed = ["at", "closed_at", *(["answer", "answered_at"] if status == "已办结" else [])]
        for name in needed:
            if name not in given:
                self._wrong(name, f"状态是{status}，要填")
        if status != "已办结" and "rating" in given:
            self._wrong("rating", "已办结的才有满意度")
        self._check_order(given)

    def _check_order(self, given: dict[str, Any]) -> None:
        """First taken down, then answered, then closed."""
        times = [(name, given[name]) for name in ("at", "answered_at", "closed_at") if name in given]
        for (before, earlier), (name, later) in pairwise(times):
            if later < earlier:
                self._wrong(name, f"早于{BY_FIELD[before].header}")

    def _find_street(self, given: dict[str, Any]) -> None:
        words = given.pop("street")
        found = self._names.places.find_streets(words, given.get("area"))
        if len(found) == 1:
            given["street"] = found[0]
            given.setdefault("area", self._names.places.streets[found[0]][1])
        elif found:
            self._wrong("street", f"“{words}”有 {len(found)} 个，请填区县")
        elif self._names.places.find_streets(words, None):
            self._wrong("street", f"“{words}”不在所填的区县")
        else:
            self._wrong("street", f"“{words}”不对，请从下拉框里选")

    def _settled(self, given: dict[str, Any]) -> dict[str, Any]:
        status = given.get("status", NEW)
        if status not in HISTORY:
            return {}
        office = self._names.office
        promised: date = given.get("promised") or office.promise(given["nature"], given["at"])
        due = due_moment(promised, office.hours)
        answered: datetime | None = given.get("answered_at")
        late = (answered or given["closed_at"]) >= due
        return {
            "status": status,
            "urgency": given.get("urgency", "一般"),
            "lead_unit": given.get("unit"),
            "promised_date": promised,
            "accepted_at": given["at"] if status == "已办结" else None,
            "answer": given.get("answer"),
            "answered_at": answered,
            "answered_late": late if answered else None,
            "overdue_at": due if late and status == "已办结" else None,
            # What was answered elsewhere was told there.
            "callback_at": answered,
            "closed_at": given["closed_at"],
            "rating": given.get("rating", NO_RATING) if status == "已办结" else None,
            "rating_reason": given.get("rating_reason"),
            # Nothing is to be proposed any more.
            "triaged_at": self._now,
        }


def _draft_id(given: dict[str, Any]) -> str:
    """The same for the same case: by its number elsewhere, or by what was taken down and when."""
    if "external" in given:
        key = ["external", given["external"]]
    else:
        names = ("nature", "what", "where", "name", "phone", "at")
        key = ["content", *(str(given.get(name, "")) for name in names)]
    return f"import:{hashlib.sha256(json.dumps(key, ensure_ascii=False).encode()).hexdigest()[:40]}"


def _blank(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float) and value.is_integer():
        value = int(value)  # a telephone number typed as a number
    if isinstance(value, datetime):
        value = f"{value:%Y-%m-%d %H:%M}"
    return _CONTROL.sub("", str(value)).strip()


def _moment(value: Any) -> datetime:
    if isinstance(value, datetime):
        return value.replace(tzinfo=SHANGHAI).astimezone(UTC)
    if isinstance(value, date):
        return datetime.combine(value, time(), SHANGHAI).astimezone(UTC)
    words = _words(value)
    found = _TIME.fullmatch(words)
    try:
        if found is None:
            raise ValueError
        parts = [int(part or 0) for part in found.groups()]
        return datetime(*parts, tzinfo=SHANGHAI).astimezone(UTC)  # type: ignore[arg-type, misc]
    except (ValueError, OverflowError):
        raise ValueError(f"“{words}”不是时间，应像 2026-11-24 10:30") from None


def _phone(words: str) -> str:
    found = [item for item in find_identifiers(words) if item.kind == "phone"]
    if len(found) == 1 and len(words) <= len(found[0].value) + 6:
        return found[0].value
    if not found and _DIGITS.fullmatch(words) and 7 <= len(re.sub(r"\D", "", words)) <= 12:
        return words
    raise ValueError(f"“{words}”不对，请写一个 11 位手机号，或带区号的座机号")
