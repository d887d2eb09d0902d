"""A hundred thousand work orders as a city would have them after a year, for measuring."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import psycopg

from hotline.dispatch.taxonomy import Taxonomy
from hotline.dispatch.units import Units
from hotline.settings import ROOT
from hotline.work_orders.lifecycle import BEFORE_ANSWER

NOW = datetime(2026, 11, 27, 8, 0, tzinfo=UTC)
_DAYS = 365
#: Of a hundred orders so many are in a state; the newest are the open ones.
_OPEN_SHARE = 0.06
_OPEN = {
    "待受理": 6,
    "已受理": 8,
    "待审定": 1,
    "已派单": 15,
    "办理中": 45,
    "挂起": 5,
    "已答复": 3,
    "回访中": 14,
    "待复核": 1,
    "已并案": 2,
}
_ENDED = {"已办结": 93, "已撤回": 4, "不予受理": 3}
_NATURES = {"咨询": 30, "求助": 25, "投诉": 36, "举报": 4, "建议": 4, "表扬": 1}
_COLUMNS = (
    "id, number, query_code, draft, source, nature, enterprise, what, where_text, when_text, area_code, "
    "street_code, phone, anonymous, confidential, content_confidential, status, urgency, topic, assignment, "
    "lead_unit, promised_date, created_at, accepted_at, dispatched_at, signed_at, overdue_at, answered_at, "
    "answered_late, answer, callback_at, closed_at, rating, supervision_level, triaged_at, wrong_codes, "
    "version"
)


def fill(url: str, count: int, *, seed: int = 12345) -> None:
    """Put ``count`` orders with their timelines into an empty database, and let it gather its statistics."""
    chance = random.Random(seed)
    with psycopg.connect(url) as connection:
        connection.execute("SET search_path TO hotline")
        names = _COLUMNS.split(", ")
        with connection.cursor().copy(f"COPY work_order ({_COLUMNS}) FROM STDIN") as copy:
            for row in _orders(count, chance):
                copy.write_row([row[name] for name in names])
        connection.execute(
            "SELECT setval(pg_get_serial_sequence('hotline.work_order', 'id'), max(id)) FROM work_order"
        )
        connection.execute(
            """INSERT INTO work_order_event (order_id, at, actor, role, action, status, note, request)
            SELECT id, created_at + n * interval '7 hours', '2001', '派单员', '备注', status, '已电话联系', 'r' || n
            FROM work_order CROSS JOIN generate_series(1, 5) n"""
        )
        connection.execute(
            """INSERT INTO work_order_unit (order_id, unit, duty)
            SELECT id, area_code, '配合主办单位办理' FROM work_order WHERE id % 4 = 0 AND area_code IS NOT NULL"""
        )
        connection.execute(
            """INSERT INTO work_order_request (order_id, kind, unit, reason, asked_at, decision_note)
            SELECT id, '退单', lead_unit, '不属于我单位职责', now(), '' FROM work_order
            WHERE status = '办理中' AND id % 20 = 0"""
        )
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


def _orders(count: int, chance: random.Random) -> Iterator[dict[str, Any]]:
    taxonomy = Taxonomy.load(ROOT / "data" / "dispatch" / "taxonomy.yml")
    said = taxonomy.examples(ROOT / "data" / "dispatch" / "examples")
    topics = sorted(said)
    city = ROOT / "data" / "city" / "zhuzhou"
    units = [unit.code for unit in Units.load(city) if not unit.code.isdigit()]
    streets = _streets(city / "streets.csv")
    first = NOW - timedelta(days=_DAYS)
    numbers: dict[str, int] = {}
    for n in range(1, count + 1):
        created = first + timedelta(days=_DAYS) * (n / count)
        topic = chance.choice(topics)
        area, street, place = chance.choice(streets)
        is_open = n > count * (1 - _OPEN_SHARE)
        status = _one_of(_OPEN if is_open else _ENDED, chance)
        day = f"{created:%Y%m%d}"
        numbers[day] = numbers.get(day, 0) + 1
        promised = created.date() + timedelta(days=7)
        late = chance.random() < 0.05
        answered = created + timedelta(days=8 if late else 3)
        has_answer = status in ("已答复", "回访中", "待复核", "已办结")
        dispatched = status not in ("待受理", "已受理", "待审定", "已并案", "不予受理")
        overdue = status in BEFORE_ANSWER and created < NOW - timedelta(days=7)
        nature = _one_of(_NATURES, chance)
        yield {
            "id": n,
            "number": f"{day}-{numbers[day]:05d}",
            "query_code": f"{chance.randrange(1_000_000):06d}",
            "draft": f"bench-{n}",
            "source": chance.choice(("网络", "网络", "电话", "电话", "电话", "微信")),
            "nature": nature,
            "enterprise": chance.random() < 0.05,
            "what": "。".join(chance.sample(said[topic], min(2, len(said[topic]))))[:1000],
            "when_text": "昨天晚上",
            "where_text": f"{place}{chance.choice('一二三四五六七八')}号楼",
            "area_code": area,
            "street_code": street,
            "phone": f"138{chance.randrange(10**8):08d}",
            "anonymous": False,
            "confidential": nature == "举报",
            "content_confidential": False,
            "status": status,
            "urgency": _one_of({"低": 5, "一般": 90, "加急": 5}, chance),
            "topic": topic,
            "assignment": "即交即办" if dispatched else None,
            "lead_unit": chance.choice([*units, area]) if dispatched else None,
            "promised_date": promised,
            "created_at": created,
            "accepted_at": created,
            "dispatched_at": created if dispatched else None,
            "signed_at": created if dispatched else None,
            "overdue_at": datetime.combine(promised, time(9), UTC) if overdue else None,
            "answered_at": answered if has_answer else None,
            "answered_late": late if has_answer else None,
            "answer": "您好！您反映的事已经核实，处理完了。" * 6 if has_answer else None,
            "callback_at": answered if has_answer else None,
            "closed_at": None if is_open else answered,
            "rating": chance.choice(("满意", "基本满意", "不满意", "未评价")) if status == "已办结" else None,
            "supervision_level": 1 if overdue else 0,
            "triaged_at": created,
            "wrong_codes": 0,
            "version": 5,
        }


def _one_of(shares: dict[str, int], chance: random.Random) -> str:
    return chance.choices(list(shares), list(shares.values()))[0]


def _streets(path: Path) -> list[tuple[str, str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [(row["areaCode"], row["code"], row["name"]) for row in csv.DictReader(file)]
