"""Filling in demo data and taking them out again. The audit tells of both."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.audit.service import record
from hotline.conversations import steps
from hotline.conversations.models import Conversation
from hotline.database import Database, now
from hotline.demo import removing
from hotline.demo.lives import Clock, Staff
from hotline.demo.material import Material
from hotline.demo.models import DemoFill
from hotline.demo.orders import Orders, Told
from hotline.demo.parts import House, Parts
from hotline.demo.people import NOBODY, do_add_people
from hotline.demo.quick import QuickCasework
from hotline.demo.rhythm import moments
from hotline.demo.talks import Talks, questions
from hotline.similarity.turns import Turns
from hotline.work_orders import news
from hotline.work_orders.models import WorkOrder
from hotline.work_orders.service import WorkOrders

_BY, _ROLE, _SUBJECT = "命令行", "管理员", "演示数据"
#: One at a time.
_LOCK = 12345_15

Say = Callable[[str], None]


class DemoError(Exception):
    """It may not be done; the message is Chinese."""


@dataclass(frozen=True, kw_only=True)
class Wish:
    """How much is to be filled in. ``seed``: the same makes the same month; None: any."""

    days: int = 30
    orders_per_day: int = 60
    talks_per_day: int = 160
    waiting: int = 5
    in_hand: int = 3
    seed: int | None = None
    beside_real: bool = False
    people: bool = False


@dataclass(frozen=True, kw_only=True)
class Filled:
    """What was filled in. ``people``: number, name, roles and one-time password of the accounts that were made."""

    orders: int
    conversations: int
    seconds: float
    people: Sequence[tuple[str, str, str, str]]


async def state(database: Database) -> DemoFill | None:
    """What demo data there are."""
    async with database.transaction() as session:
        return await session.get(DemoFill, 1)


async def do_fill(parts: Parts, wish: Wish, say: Say = lambda _: None) -> Filled:
    """Fill in a month, whole or not at all.

    Raises:
        DemoError: there are demo data, or real ones and it was not said that they may be beside them.
    """
    started = time.monotonic()
    seed = secrets.randbelow(10**6) if wish.seed is None else wish.seed
    random, until = Random(seed), now()
    async with parts.database.transaction() as session:
        await session.execute(select(func.pg_advisory_xact_lock(_LOCK)))
        await _check(session, wish)
        people, staff = (await do_add_people(parts)) if wish.people else ([], NOBODY)
        numbers = [number for number, *_ in people]
        fill = DemoFill(
            id=1, filled_at=until, seed=seed, days=wish.days, orders=0, conversations=0, people=numbers
        )
        session.add(fill)
        await session.flush()
        await _fill(parts, session, wish, random, until, staff, fill, say)
        detail = {
            "orders": fill.orders,
            "conversations": fill.conversations,
            "days": wish.days,
            "people": numbers,
        }
        await record(session, actor=_BY, role=_ROLE, action="填入演示数据", subject=_SUBJECT, detail=detail)
        await _tell(parts, session)
    say("正在找热点……")
    await Turns(parts.database, parts.office, parts.office.encoder).do_turn()
    seconds = time.monotonic() - started
    return Filled(orders=fill.orders, conversations=fill.conversations, seconds=seconds, people=people)


async def _tell(parts: House, session: AsyncSession) -> None:
    """Have every page look again."""
    await news.tell(session, "", {unit.code for unit in parts.office.units})
    await steps.notify_waiting(session)


async def _check(session: AsyncSession, wish: Wish) -> None:
    if await session.get(DemoFill, 1) is not None:
        raise DemoError("已经有演示数据了；要换一批，请先 hotline demo remove。")
    orders = await session.scalar(select(func.count()).where(~WorkOrder.demo)) or 0
    talks = (
        await session.scalar(
            select(func.count()).where(Conversation.began_at.is_not(None), ~Conversation.demo)
        )
        or 0
    )
    if (orders or talks) and not wish.beside_real:
        raise DemoError(
            f"这里已经有真实的数据（工单 {orders} 件，会话 {talks} 个），没有填入。演示数据会和它们混在同一个列表和统计里，"
            "真要放在一起，请加 --beside-real；最好另装一套来演示。"
        )


async def _fill(
    parts: Parts,
    session: AsyncSession,
    wish: Wish,
    random: Random,
    until: datetime,
    staff: Staff,
    fill: DemoFill,
    say: Say,
) -> None:
    material, calendar = Material.load(parts.data_dir, parts.city_dir), parts.office.calendar
    say("正在准备问答……")
    asked = await questions(parts.knowledge, random, until)
    clock = Clock(until)
    # Without observers and jobs: nothing leaves the house.
    casework = QuickCasework(parts.database, parts.office, then=(), clock=clock)
    orders = Orders(
        session=session,
        casework=casework,
        service=WorkOrders(parts.database, casework, clock=clock),
        clock=clock,
        random=random,
        material=material,
        staff=staff,
        judge=parts.judge,
        duplicates=parts.duplicates,
        urgency=parts.urgency,
        until=until,
        talks=Talks(
            random=random,
            material=material,
            asked=asked,
            agents=staff.agents,
            hotline=parts.office.city.hotline_name,
            until=until,
        ),
    )
    told: list[Told] = orders.told(
        list(moments(random, calendar, until, days=wish.days, per_day=wish.orders_per_day))
    )
    await orders.make(told, say)
    talks = orders.talks
    for at in moments(random, calendar, until, days=wish.days, per_day=wish.talks_per_day):
        talks.usual(at)
    talks.waiting(wish.waiting)
    talks.in_hand(wish.in_hand)
    say("正在写入会话……")
    fill.orders = len(told)
    fill.conversations = await talks.write(session) + sum(one.online for one in told)


async def do_queue(parts: Parts, count: int) -> None:
    """Let some more wait in the queue now.

    Raises:
        DemoError: there are no demo data.
    """
    random, until = Random(), now()
    async with parts.database.transaction() as session:
        fill = await session.get(DemoFill, 1, with_for_update=True)
        if fill is None:
            raise DemoError("还没有演示数据，请先 hotline demo fill。")
        talks = Talks(
            random=random,
            material=Material.load(parts.data_dir, parts.city_dir),
            asked=await questions(parts.knowledge, random, until),
            agents=NOBODY.agents,
            hotline=parts.office.city.hotline_name,
            until=until,
        )
        talks.waiting(count)
        fill.conversations += await talks.write(session)
        await steps.notify_waiting(session)


async def do_remove(parts: House) -> removing.Removed | None:
    """Take all demo data out, with everything that was done with them since; None: there were none."""
    async with parts.database.transaction() as session:
        await session.execute(select(func.pg_advisory_xact_lock(_LOCK)))
        fill = await session.get(DemoFill, 1, with_for_update=True)
        if fill is None:
            return None
        removed = await removing.do_remove(session, fill, parts.attachments)
        detail = {
            "orders": removed.orders,
            "conversations": removed.conversations,
            "people": list(fill.people),
        }
        await record(session, actor=_BY, role=_ROLE, action="删除演示数据", subject=_SUBJECT, detail=detail)
        await session.delete(fill)
        await _tell(parts, session)
    await parts.attachments.do_tidy()
    return removed
