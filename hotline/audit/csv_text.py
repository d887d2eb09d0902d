"""The audit as CSV: a line for each, and nothing in it that a spreadsheet would take for a formula."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence

from hotline.audit.models import AuditLine
from hotline.language.identifiers import mask
from hotline.work_orders.deadlines import SHANGHAI

HEADER = ("编号", "时间", "工号", "身份", "操作", "对象", "详情", "摘要")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def row_of(line: AuditLine) -> list[str]:
    """The line's cells; times in Shanghai, numbers masked."""
    detail = json.dumps(line.detail, ensure_ascii=False) if line.detail else ""
    at = f"{line.at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"
    words = [line.actor, line.role, line.action, line.subject, detail]
    return [str(line.id), at, *map(mask, words), line.digest]


def csv_line(cells: Sequence[str]) -> str:
    """One line of the file. A cell that begins like a formula gets an apostrophe, as Excel writes text."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow(
        [f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells]
    )
    return out.getvalue()
