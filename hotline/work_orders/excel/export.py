"""All orders of a filter as a workbook, and how many there are of what."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hotline.language.identifiers import mask_phone
from hotline.language.names import mask_name
from hotline.spreadsheet import Book, Column, Kind, Sheet
from hotline.work_orders import masking
from hotline.work_orders.effects.step import Actor
from hotline.work_orders.excel.places import PlaceNames
from hotline.work_orders.lifecycle import ENDED, NATURES, STATUSES
from hotline.work_orders.lists import Filter, Lists, Whole
from hotline.work_orders.office import Office

#: Orders read and written at a time.
_BATCH = 500


@dataclass(frozen=True)
class Seen:
    """An order as ``actor`` may see it, and what its cells are made with."""

    whole: Whole
    actor: Actor
    office: Office
    places: PlaceNames


@dataclass(frozen=True)
class _Cell:
    column: Column
    value: Callable[[Seen], Any]


def _of(header: str, width: int, value: Callable[[Seen], Any], kind: Kind = "text") -> _Cell:
    return _Cell(Column(header, width, kind), value)


def _plain(header: str, width: int, name: str, kind: Kind = "text") -> _Cell:
    return _of(header, width, lambda seen: getattr(seen.whole.order, name), kind)


def _veiled(seen: Seen, words: str | None, *, content: bool = True, landlines: bool = True) -> str | None:
    if not words:
        return None
    if content and not masking.sees_content(seen.whole.order, seen.actor):
        return masking.CONTENT_HIDDEN
    return masking.for_actor(seen.whole.order, seen.actor, landlines=landlines)(words)


def _caller(seen: Seen, name: str, mask: Callable[[str], str]) -> str | None:
    if masking.hidden_from(seen.whole.order, seen.actor):
        return masking.HIDDEN
    value: str | None = getattr(seen.whole.order, name)
    return mask(value) if value else None


def _unit(seen: Seen, code: str | None) -> str | None:
    return seen.office.units.name(code) if code else None


def _level(seen: Seen) -> str | None:
    level = seen.whole.order.supervision_level
    return seen.office.process.level_name(level) if level else None


def _late(seen: Seen) -> str | None:
    order = seen.whole.order
    if order.answered_late is not None:
        return "超期答复" if order.answered_late else "按时答复"
    return "超期未答复" if order.overdue_at is not None else None


_CELLS: tuple[_Cell, ...] = (
    _plain("工单号", 16, "number"),
    _plain("状态", 8, "status"),
    _plain("类型", 6, "nature"),
    _plain("分类编号", 9, "topic"),
    _of("分类", 14, lambda seen: seen.office.topics.get(seen.whole.order.topic or "")),
    _plain("来源", 10, "source"),
    _plain("紧急程度", 9, "urgency"),
    _plain("企业诉求", 9, "enterprise"),
    _of("内容", 60, lambda seen: _veiled(seen, seen.whole.order.what)),
    _of("地点", 28, lambda seen: _veiled(seen, seen.whole.order.where_text)),
    _of("区县", 10, lambda seen: seen.places.area(seen.whole.order.area_code)),
    _of("街道", 14, lambda seen: seen.places.street(seen.whole.order.street_code)),
    _of("发生时间", 14, lambda seen: _veiled(seen, seen.whole.order.when_text)),
    _of("诉求人", 8, lambda seen: _caller(seen, "name", mask_name)),
    _of("电话", 14, lambda seen: _caller(seen, "phone", mask_phone)),
    _plain("匿名", 6, "anonymous"),
    _plain("保密", 6, "confidential"),
    _plain("内容保密", 9, "content_confidential"),
    _plain("登记时间", 17, "created_at", "time"),
    _plain("登记坐席", 10, "taken_by"),
    _plain("受理时间", 17, "accepted_at", "time"),
    _plain("交办方式", 10, "assignment"),
    _of("主办单位", 22, lambda seen: _unit(seen, seen.whole.order.lead_unit)),
    _of("协办单位", 22, lambda seen: "、".join(map(seen.office.units.name, seen.whole.assisting))),
    _plain("派单时间", 17, "dispatched_at", "time"),
    _plain("签收时间", 17, "signed_at", "time"),
    _plain("办理期限", 11, "promised_date", "date"),
    _plain("答复时间", 17, "answered_at", "time"),
    _of("时效", 11, _late),
    _of("答复", 60, lambda seen: _veiled(seen, seen.whole.order.answer, content=False, landlines=False)),
    _plain("回访时间", 17, "callback_at", "time"),
    _plain("办结时间", 17, "closed_at", "time"),
    _plain("满意度", 9, "rating"),
    _of("评价理由", 28, lambda seen: _veiled(seen, seen.whole.order.rating_reason)),
    _plain("延期次数", 9, "extended", "number"),
    _plain("重办次数", 9, "redone", "number"),
    _of("督办", 10, _level),
    _of("并入工单", 16, lambda seen: seen.whole.main),
    _of("备注", 10, lambda seen: "演示数据" if seen.whole.order.demo else None),
)
COLUMNS = tuple(cell.column for cell in _CELLS)
_COUNTS = (
    Column("按", 10),
    Column("项目", 26),
    Column("件数", 8, "number"),
    Column("已结束", 8, "number"),
    Column("超期", 8, "number"),
    Column("满意或基本满意", 15, "number"),
    Column("不满意", 8, "number"),
)


@dataclass
class _Tally:
    """Counts as the rows go by; each in the order of :data:`_COUNTS`."""

    of: dict[tuple[str, str], list[int]] = field(default_factory=lambda: defaultdict(lambda: [0] * 5))

    def add(self, seen: Seen) -> None:
        order = seen.whole.order
        figures = (
            1,
            order.status in ENDED,
            order.overdue_at is not None or bool(order.answered_late),
            order.rating in ("满意", "基本满意"),
            order.rating == "不满意",
        )
        unit = _unit(seen, order.lead_unit) or "（没有派单）"
        for key in (("合计", "全部"), ("状态", order.status), ("类型", order.nature), ("主办单位", unit)):
            for place, figure in enumerate(figures):
                self.of[key][place] += figure

    def write(self, sheet: Sheet) -> None:
        known = [("合计", "全部"), *(("状态", s) for s in STATUSES), *(("类型", n) for n in NATURES)]
        units = sorted(
            (key for key in self.of if key[0] == "主办单位"), key=lambda key: (-self.of[key][0], key)
        )
        for key in [*known, *units]:
            if key in self.of or key[0] == "合计":
                sheet.add([*key, *self.of[key]])
        sheet.close()


async def write_orders(
    path: Path, lists: Lists, actor: Actor, wanted: Filter, office: Office, places: PlaceNames
) -> int:
    """Write all orders that ``actor`` may see of ``wanted``; return how many.

    Memory does not grow with the number of orders: read in batches, written to disk as they come.
    """
    book = Book()
    sheet = book.sheet("工单", COLUMNS)
    tally = _Tally()

    def write(batch: Sequence[Whole]) -> None:
        for whole in batch:
            seen = Seen(whole, actor, office, places)
            sheet.add(cell.value(seen) for cell in _CELLS)
            tally.add(seen)

    def finish() -> None:
        sheet.close()
        tally.write(book.sheet("统计", _COUNTS))
        book.save(path)

    async for batch in lists.every(actor, wanted, batch=_BATCH):
        # In a thread: others are served meanwhile.
        await asyncio.to_thread(write, batch)
    await asyncio.to_thread(finish)
    return sheet.rows
