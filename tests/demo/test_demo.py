"""Demo data: a month that looks like one, that leaves the house nowhere, and of which nothing is left behind."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import func, select, text

from hotline.conversations.models import Conversation, Message
from hotline.conversations.service import Conversations
from hotline.database import SCHEMA, Database, now
from hotline.demo import service
from hotline.demo.mark import is_filled
from hotline.demo.orders import NATURES
from hotline.demo.parts import Parts, opened
from hotline.demo.service import DemoError, Wish
from hotline.open311.catalogue import Catalogue
from hotline.outside.models import OutsideMessage
from hotline.outside.outbox import Outbox
from hotline.outside.systems import System, Systems
from hotline.quality.grouping import Grouper
from hotline.reports.models import Bulletin
from hotline.settings import Settings
from hotline.work_orders.casework import Casework
from hotline.work_orders.deliveries import Deliveries
from hotline.work_orders.effects.step import Actor
from hotline.work_orders.errors import WorkOrderError
from hotline.work_orders.excel.export import COLUMNS
from hotline.work_orders.lifecycle import Role
from hotline.work_orders.lists import Filter, Lists
from hotline.work_orders.models import DEMO, WorkOrder, WorkOrderDelivery
from hotline.work_orders.published import Audience, Published, Wanted
from hotline.work_orders.service import Draft, WorkOrders

SMALL = Wish(days=30, orders_per_day=5, talks_per_day=8, seed=5)
#: What may differ before and after: the audit, whose order numbers were given out, and what a schedule keeps.
KEPT = {"audit_line", "work_order_counter", "alembic_version"}
DISPATCHER = Actor(id="2001", role=Role.DISPATCHER)


@pytest.fixture
async def parts(database_url: str, tmp_path: Path) -> AsyncIterator[Parts]:
    """Everything that filling in needs, on a fresh database."""
    settings = Settings(
        _env_file=None,
        database_url=database_url,
        var_dir=tmp_path,
        password_time_cost=1,
        password_memory_kib=64,
        password_parallelism=1,
    )
    async with opened(settings, database_url) as found:
        yield found


async def rows(database: Database) -> dict[str, int]:
    """How many rows each table has."""
    async with database.transaction() as session:
        query = text("SELECT tablename FROM pg_tables WHERE schemaname = :schema")
        tables = set(await session.scalars(query, {"schema": SCHEMA})) - KEPT
        return {
            table: int(await session.scalar(text(f"SELECT count(*) FROM {SCHEMA}.{table}")) or 0)
            for table in sorted(tables)
        }


def _casework(parts: Parts) -> Casework:
    """With every unit served by another system."""
    units = tuple(unit.code for unit in parts.office.units)
    systems = Systems([System(code="city", name="某系统", base="https://system.invalid", units=units)])
    return Casework(parts.database, parts.office, observers=[Outbox(systems, parts.office).observe])


async def test_a_month_is_filled_in_stays_in_the_house_and_goes_without_a_trace(parts: Parts) -> None:
    database = parts.database
    empty = await rows(database)

    filled = await service.do_fill(parts, SMALL)

    assert await is_filled(database)
    with pytest.raises(DemoError, match="已经有演示数据"):
        await service.do_fill(parts, SMALL)
    async with database.transaction() as session:
        orders = (await session.scalars(select(WorkOrder))).all()
        talks = (await session.scalars(select(Conversation))).all()
        lines = await session.scalar(select(func.count()).select_from(Message))
    assert len(orders) == filled.orders > 80
    assert len(talks) == filled.conversations > 150
    assert lines is not None
    assert lines > 600
    assert all(order.demo for order in orders)
    assert all(talk.demo for talk in talks)
    assert len({order.status for order in orders}) >= 7
    assert {order.nature for order in orders} >= set(NATURES) - {"表扬", "建议"}
    assert sum(talk.mode == "queued" for talk in talks) >= SMALL.waiting
    assert sum(talk.mode == "human" for talk in talks) >= SMALL.in_hand
    assert any(order.merged_into for order in orders)
    assert any(order.overdue_at or order.answered_late for order in orders)
    assert all(order.created_at <= order.answered_at for order in orders if order.answered_at)

    # The lists and the case pages know what they are.
    lists = Lists(database, _casework(parts))
    found = await lists.orders(DISPATCHER, Filter(), limit=20)
    assert all(line["demo"] for line in found.orders)
    for order in Random(1).sample(orders, 12):
        assert (await lists.page(order.number, DISPATCHER))["demo"]
    assert COLUMNS[-1].header == "备注"

    await _nothing_leaves(parts, orders)
    await _worked_with(parts, orders, talks[0].id)
    await _counted(parts)

    removed = await service.do_remove(parts)

    assert removed is not None
    assert removed.orders >= filled.orders
    assert await rows(database) == empty
    assert await service.do_remove(parts) is None
    async with database.transaction() as session:
        told = await session.scalars(text(f"SELECT action FROM {SCHEMA}.audit_line ORDER BY id"))
        assert {"填入演示数据", "删除演示数据"} <= set(told)
    assert (await service.do_fill(parts, Wish(days=3, orders_per_day=4, talks_per_day=4))).orders
    await service.do_remove(parts)
    assert await rows(database) == empty


async def _nothing_leaves(parts: Parts, orders: Any) -> None:
    """Whatever is done with demo orders: no citizen, no other system and no open interface hears of it."""
    casework = _casework(parts)
    running = [order for order in orders if order.status == "已受理"][:3]
    for order in running:
        await casework.do_act(order.number, DISPATCHER, "派单", {"unit": "ecology"}, request="test")
    assert running
    async with parts.database.transaction() as session:
        assert await session.scalar(select(func.count()).select_from(OutsideMessage)) == 0
        unsent = WorkOrderDelivery.state != "已送达"
        assert await session.scalar(select(func.count()).where(unsent)) == 0
    conversations = Conversations(parts.database, parts.office.city, max_length=1000, rate=0)
    assert await Deliveries(parts.database, conversations).do_deliver() == 0
    topics = set(Catalogue.load(parts.data_dir, parts.city_dir).services)
    everybody = Audience(topics=topics, sources=None, actions=["提交", "受理", "派单", "答复", "评价"])
    assert await Published(parts.database).orders(everybody, Wanted(), limit=10) == []


async def _counted(parts: Parts) -> None:
    """Editors have looked at what went unanswered, and a bulletin was begun: both tell of demo data only."""
    grouper = Grouper(parts.database, parts.knowledge, None)
    while await grouper.do_group():
        pass
    async with parts.database.transaction() as session:
        day = now().date()
        session.add(
            Bulletin(
                kind="month", since=day, until=day, year=day.year, content=[], made_by="1", changed_by="1"
            )
        )
    assert {"quality_question", "bulletin"} <= {
        name for name, count in (await rows(parts.database)).items() if count
    }


async def _worked_with(parts: Parts, orders: Any, talk: uuid.UUID) -> None:
    """What people do with demo data is demo data; with a real order it is never mixed."""
    service_ = WorkOrders(parts.database, _casework(parts))
    taken = await service_.do_create(
        Draft(id="desk-1", conversation_id=talk, nature="建议", what="建议多装几张长椅")
    )
    assert taken.draft.startswith(DEMO)
    await service_.do_supplement(taken, request="more", note="在河堤边")
    real = await service_.do_create(
        Draft(id="real", conversation_id=None, nature="建议", what="建议多装几盏路灯")
    )
    assert not real.demo
    open_order = next(order for order in orders if order.status in ("已受理", "待受理"))
    with pytest.raises(WorkOrderError, match="演示工单"):
        await service_.casework.do_act(
            real.number, Actor(id="1", role=Role.AGENT), "并案", {"target": open_order.number}, request="no"
        )
    await service_.do_withdraw(real, request="over")
    async with parts.database.transaction() as session:
        for table in ("work_order_event", "work_order_timer"):
            await session.execute(text(f"DELETE FROM {SCHEMA}.{table} WHERE order_id = {real.id}"))
        await session.execute(text(f"DELETE FROM {SCHEMA}.work_order WHERE id = {real.id}"))


async def test_it_is_not_mixed_with_real_data_unless_that_is_wanted(parts: Parts) -> None:
    orders = WorkOrders(parts.database, Casework(parts.database, parts.office))
    real = await orders.do_create(
        Draft(id="real", conversation_id=None, nature="建议", what="建议多装几盏路灯")
    )

    with pytest.raises(DemoError, match="真实的数据（工单 1 件"):
        await service.do_fill(parts, SMALL)
    people = Wish(days=2, orders_per_day=3, talks_per_day=3, beside_real=True, people=True)
    filled = await service.do_fill(parts, people)

    assert {name for _, name, *_ in filled.people} >= {"演示坐席一", "演示承办单位"}
    assert await parts.people.accounts.all()
    await service.do_remove(parts)
    assert await parts.people.accounts.all() == []
    async with parts.database.transaction() as session:
        assert list(await session.scalars(select(WorkOrder.number))) == [real.number]
    assert (await orders.do_supplement(real, request="more", note="在河堤边")).status == "待受理"
    assert (
        real.number
        < (
            await orders.do_create(Draft(id="x", conversation_id=None, nature="建议", what="再装几盏路灯"))
        ).number
    )
