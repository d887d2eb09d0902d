"""The copy a person may have of what is kept (个人信息保护法 第四十五条): one zip with a table to read and a file for programs."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from hotline.spreadsheet import Book, Column
from hotline.work_orders.deadlines import SHANGHAI
from hotline.work_orders.models import WorkOrder, WorkOrderEvent

_AUTHORS = {"citizen": "您", "bot": "机器人", "agent": "坐席", "system": "系统"}
_CHANNELS = {"web": "网页对话", "wechat": "微信"}
_README = """这是{hotline}保存的、和电话 {phone} 有关的个人信息，{day} 导出。

个人信息.xlsx　用 Excel 或 WPS 打开，三张表：工单、办理经过、对话。
个人信息.json　内容一样，给程序读的。
照片　　　　　您发来的照片，有才有这个文件夹。

只包括用这个电话登记的工单，和提交这些工单的对话；匿名的工单没有留下电话，查不到。
内容有错的，可以拨打 12345 更正；工单都办结以后，可以申请删除（个人信息保护法第四十六条、第四十七条）。
"""

_ORDERS = (
    Column("工单号", 16),
    Column("类型", 6),
    Column("状态", 8),
    Column("登记时间", 17, "time"),
    Column("姓名", 10),
    Column("电话", 14),
    Column("内容", 60),
    Column("地点", 24),
    Column("发生时间", 16),
    Column("承办单位", 20),
    Column("答复", 60),
    Column("办结时间", 17, "time"),
    Column("评价", 8),
    Column("评价理由", 24),
    Column("进展通知到", 14),
)
_STEPS = (Column("工单号", 16), Column("时间", 17, "time"), Column("经过", 10), Column("说明", 80))
_LINES = (Column("时间", 17, "time"), Column("谁说的", 8), Column("内容", 100))


@dataclass(frozen=True)
class Line:
    """Something said in a conversation."""

    at: datetime
    author: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Kept:
    """What is kept of one person."""

    hotline: str
    phone: str
    at: datetime
    orders: Sequence[WorkOrder]
    #: Of each order, by its id: the steps, and the name of the unit.
    steps: Mapping[int, Sequence[WorkOrderEvent]]
    units: Mapping[int, str]
    lines: Sequence[Line]
    #: Of each order, by its id: the channels of the conversations in which it is told how it stands.
    told_in: Mapping[int, Sequence[str]]
    #: File names and JPEGs.
    photographs: Sequence[tuple[str, bytes]] = field(default=())


def as_zip(kept: Kept) -> bytes:
    """The copy."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        day = f"{kept.at.astimezone(SHANGHAI):%Y-%m-%d}"
        words = _README.format(hotline=kept.hotline, phone=kept.phone, day=day)
        archive.writestr("说明.txt", "\ufeff" + words.replace("\n", "\r\n"))
        archive.writestr("个人信息.json", json.dumps(_content(kept), ensure_ascii=False, indent=1))
        archive.writestr("个人信息.xlsx", _table(kept))
        for name, content in kept.photographs:
            archive.writestr(f"照片/{name}", content, compress_type=zipfile.ZIP_STORED)
    return out.getvalue()


def _content(kept: Kept) -> dict[str, Any]:
    return {
        "phone": kept.phone,
        "exported_at": _moment(kept.at),
        "orders": [
            {
                "number": order.number,
                "nature": order.nature,
                "status": order.status,
                "created_at": _moment(order.created_at),
                "source": order.source,
                "name": order.name,
                "phone": order.phone,
                "what": order.what,
                "where": order.where_text,
                "when": order.when_text,
                "latitude": order.lat,
                "longitude": order.long,
                "unit": kept.units.get(order.id),
                "answer": _told(order),
                "closed_at": order.closed_at and _moment(order.closed_at),
                "rating": order.rating,
                "rating_reason": order.rating_reason,
                "told_in": _channels(kept, order),
                "steps": [
                    {"at": _moment(step.at), "action": step.action, "note": step.note}
                    for step in kept.steps.get(order.id, ())
                ],
            }
            for order in kept.orders
        ],
        "messages": [{"at": _moment(o.at), "author": o.author, "text": o.text} for o in kept.lines],
        "photographs": [name for name, _ in kept.photographs],
    }


def _table(kept: Kept) -> bytes:
    book = Book()
    orders = book.sheet("工单", _ORDERS)
    for order in kept.orders:
        orders.add(
            [
                order.number,
                order.nature,
                order.status,
                order.created_at,
                order.name,
                order.phone,
                order.what,
                order.where_text,
                order.when_text,
                kept.units.get(order.id),
                _told(order),
                order.closed_at,
                order.rating,
                order.rating_reason,
                "、".join(_channels(kept, order)),
            ]
        )
    orders.close()
    steps = book.sheet("办理经过", _STEPS)
    for order in kept.orders:
        for step in kept.steps.get(order.id, ()):
            steps.add([order.number, step.at, step.action, step.note])
    steps.close()
    lines = book.sheet("对话", _LINES)
    for line in kept.lines:
        lines.add([line.at, _AUTHORS.get(line.author, line.author), line.text])
    lines.close()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.xlsx"
        book.save(path)
        return path.read_bytes()


def _channels(kept: Kept, order: WorkOrder) -> list[str]:
    """Where the order's progress is told: a channel for each conversation, and never who is there."""
    return [_CHANNELS.get(channel, channel) for channel in kept.told_in.get(order.id, ())]


def _told(order: WorkOrder) -> str | None:
    """An answer that the office still looks at is not the citizen's yet."""
    return order.answer if order.callback_at is not None or order.closed_at is not None else None


def _moment(at: datetime) -> str:
    return at.astimezone(SHANGHAI).isoformat(timespec="seconds")
