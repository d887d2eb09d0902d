"""Reads past orders from a CSV file as offices have them: whichever encoding, Chinese or English headings."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from pathlib import Path

#: Headings that are understood, the first is the one of the manual.
_TITLES = ("title", "标题", "诉求标题", "工单标题")
_BODIES = ("text", "detail", "content", "正文", "内容", "诉求内容", "工单内容", "留言详情", "诉求描述")
HEADS = {
    "category": ("category", "label", "类别", "分类", "诉求分类", "问题分类", "一级标签", "事项"),
    "unit": ("unit", "承办单位", "主办单位", "单位", "责任单位"),
}
HEAD_NAMES = {"category": "类别", "unit": "承办单位"}


class HistoryError(ValueError):
    """The file cannot be used; the message is Chinese and says what to do."""


@dataclass
class History:
    """Orders with text; a label that is not there is empty."""

    texts: list[str] = field(default_factory=list)
    labels: dict[str, list[str]] = field(default_factory=dict)
    #: Rows that were left out because they have no text.
    without_text: int = 0

    def labelled(self, head: str) -> tuple[list[str], list[str]]:
        """Texts and labels of the rows that have one of ``head``."""
        pairs = [pair for pair in zip(self.texts, self.labels.get(head, []), strict=False) if pair[1]]
        return [text for text, _ in pairs], [label for _, label in pairs]

    def unlabelled(self, head: str) -> int:
        """How many rows have text but no label of ``head``."""
        return sum(1 for label in self.labels.get(head, []) if not label)


def read_history(path: Path) -> History:
    """Read ``path``: a column ``text``, or ``title`` and ``detail``, and one of ``category`` (``label``) and ``unit``.

    Raises:
        HistoryError: there is no such file, it is no CSV, a column is missing, or no row can be used.
    """
    rows = _rows(_decoded(path), path)
    header = [name.strip().lower() for name in rows[0]]
    titles = _columns(header, _TITLES)
    bodies = _columns(header, _BODIES)
    heads = {head: columns[0] for head, names in HEADS.items() if (columns := _columns(header, names))}
    seen = "、".join(name for name in header if name) or "（空）"
    if not titles and not bodies:
        raise HistoryError(
            f"{path.name} 没有文字列。第一行要有列名 text，或者 title 和 detail；现在是：{seen}"
        )
    if not heads:
        raise HistoryError(
            f"{path.name} 没有类别列也没有单位列。第一行要有列名 category（或 label）或者 unit；现在是：{seen}"
        )
    history = History(labels={head: [] for head in heads})
    for row in rows[1:]:
        cells = [row[column].strip() if column < len(row) else "" for column in [*titles, *bodies]]
        text = " ".join(cell for cell in cells if cell)
        if not text:
            history.without_text += any(cell.strip() for cell in row)
            continue
        history.texts.append(text)
        for head, column in heads.items():
            history.labels[head].append(row[column].strip() if column < len(row) else "")
    if not history.texts:
        raise HistoryError(f"{path.name} 里没有一行有文字。")
    if not any(label for labels in history.labels.values() for label in labels):
        named = "、".join(header[column] for column in heads.values())
        raise HistoryError(f"{path.name} 的 {named} 列全是空的。")
    return history


def _columns(header: list[str], names: tuple[str, ...]) -> list[int]:
    return [header.index(name) for name in names if name in header]


def _rows(text: str, path: Path) -> list[list[str]]:
    csv.field_size_limit(2**31 - 1)  # the default refuses letters of more than 128 KB
    first = text.split("\n", 1)[0]
    delimiter = max(",\t;，", key=first.count) if first else ","
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise HistoryError(f"{path.name} 不是正确的 CSV 文件：{error}") from error
    rows = [row for row in rows if any(cell.strip() for cell in row)]
    if not rows:
        raise HistoryError(f"{path.name} 是空的。")
    if len(rows) == 1:
        raise HistoryError(f"{path.name} 只有列名，没有工单。")
    return rows


def _decoded(path: Path) -> str:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise HistoryError(f"没有 {path} 这个文件。") from None
    except OSError as error:
        raise HistoryError(f"{path} 读不出来：{error.strerror}。") from error
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise HistoryError(f"{path.name} 是 Excel 工作簿。请在 Excel 里另存为“CSV UTF-8（逗号分隔）”再用。")
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ["utf-16"] if wide else ["utf-8-sig", "gb18030"]:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise HistoryError(f"{path.name} 的文字编码不认识。请另存为 UTF-8 或 GB18030 的 CSV。")
