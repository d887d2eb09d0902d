"""The job: from turn to turn an issue is one thing, with its key, its figures and what the office has decided."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from hotline.audit.models import AuditLine
from hotline.database import Database
from hotline.language.encoder import Encoder
from hotline.similarity.duplicates import Duplicates
from hotline.similarity.errors import HotIssueError
from hotline.similarity.models import HotIssueMember
from hotline.similarity.service import HotIssues, Listed, Wanted
from hotline.similarity.turns import Turns, window_of
from hotline.work_orders.cases import case_of
from hotline.work_orders.effects.step import Actor
from hotline.work_orders.errors import WorkOrderError
from hotline.work_orders.models import WorkOrder
from hotline.work_orders.office import Office
from hotline.work_orders.process import HotIssues as Rules
from hotline.work_orders.process import HotWindow
from hotline.work_orders.service import WorkOrders
from tests.similarity.conftest import ELSE, FIRE, SITE, WATER
from tests.work_orders.conftest import AGENT, DISPATCHER, LEADER, SUPERVISOR, UNIT, Clock, draft

Bring = Callable[..., Awaitable[list[WorkOrder]]]


@pytest.fixture
def turns(database: Database, office: Office, encoder: Encoder, clock: Clock) -> Turns:
    """The job."""
    return Turns(database, office, encoder, clock=clock)


@pytest.fixture
def issues(database: Database, clock: Clock) -> HotIssues:
    """What the office sees."""
    return HotIssues(database, clock=clock)


@pytest.fixture
def bring(orders: WorkOrders, database: Database, encoder: Encoder) -> Bring:
    """Makes orders of texts as triage leaves them: ``await bring(SITE, topic="0701")``."""

    async def made(texts: Sequence[str], *, topic: str | None = None, **others: Any) -> list[WorkOrder]:
        found = []
        for text in texts:
            form = {"what": text, "where_text": text[:8], "phone": None, "area_code": None} | others
            order = await orders.do_create(draft(**form))
            async with database.transaction() as session:
                kept = await session.get_one(WorkOrder, order.id)
                kept.topic = topic
                kept.meaning = Duplicates(encoder).encode(case_of(order, topic))
            found.append(order)
        return found

    return made


async def listed(issues: HotIssues, actor: Actor = DISPATCHER, **wanted: Any) -> list[Listed]:
    """The list."""
    found, total = await issues.issues(actor, Wanted(**wanted))
    assert total == len(found)
    return found


async def going(issues: HotIssues, window: str) -> list[str]:
    """The keys of what goes on in a window."""
    return [one.issue.key for one in await listed(issues, window=window, state="进行中")]


async def test_what_many_complain_of_is_one_issue_in_every_window(
    bring: Bring, turns: Turns, issues: HotIssues
) -> None:
    site = await bring(SITE, topic="0701")
    await bring(ELSE)

    assert await turns.do_turn() == 1

    found = await listed(issues)
    assert {(one.figures.window, one.figures.state) for one in found} == {
        ("当日", "进行中"),
        ("近7天", "进行中"),
    }
    assert {one.issue.key for one in found} == {"R20260930-1"}
    assert {one.issue.title for one in found} == {"滨江一村噪声扰民"}
    assert {(one.figures.callers, one.orders, one.figures.trend) for one in found} == {(6, 6, "新出现")}
    folder = await issues.page("R20260930-1", AGENT)
    assert [member["number"] for member in folder.members] == [order.number for order in site]
    assert {tuple(member["windows"]) for member in folder.members} == {("当日", "近7天")}


async def test_words_are_shown_masked_and_none_are_kept(
    bring: Bring, turns: Turns, issues: HotIssues, database: Database
) -> None:
    made = await bring([f"{text}，电话13800138000" for text in SITE])
    await turns.do_turn()

    (found, _) = await listed(issues)
    shown = [order["what"] for order in found.sample]
    assert len(shown) == 3
    assert not any("13800138000" in words for words in shown)
    async with database.transaction() as session:  # as retention does it
        for order in made:
            kept = await session.get_one(WorkOrder, order.id)
            kept.what, kept.meaning = "", None
    (found, _) = await listed(issues)
    assert {order["what"] for order in found.sample} == {""}


async def test_what_is_secret_never_makes_or_joins_an_issue(
    bring: Bring, turns: Turns, issues: HotIssues, database: Database
) -> None:
    await bring(SITE, nature="举报")
    await bring(SITE, confidential=True)
    await bring(SITE, content_confidential=True)
    assert await turns.do_turn() == 0

    open_ = await bring(SITE)
    await turns.do_turn()

    async with database.transaction() as session:
        members = set((await session.scalars(select(HotIssueMember.number))).all())
    assert members == {order.number for order in open_}


async def test_what_becomes_secret_later_is_shown_no_more(
    bring: Bring, turns: Turns, issues: HotIssues, database: Database
) -> None:
    made = await bring(SITE)
    await turns.do_turn()
    async with database.transaction() as session:
        (await session.get_one(WorkOrder, made[0].id)).confidential = True

    folder = await issues.page("R20260930-1", AGENT)

    assert made[0].number not in {member["number"] for member in folder.members}
    await turns.do_turn()
    assert {one.figures.callers for one in await listed(issues)} == {5}


async def test_one_caller_counts_once_and_who_withdrew_not_at_all(
    bring: Bring, turns: Turns, issues: HotIssues, orders: WorkOrders
) -> None:
    await bring(SITE[:3], phone="13800138000")
    assert await turns.do_turn() == 0, "one caller"

    others = await bring(SITE[3:])
    await orders.do_withdraw(others[0], request="1")
    await turns.do_turn()

    assert [one.figures.callers for one in await listed(issues, window="当日")] == [3]


async def test_urging_makes_it_hotter(
    bring: Bring, turns: Turns, issues: HotIssues, orders: WorkOrders
) -> None:
    first, *_ = await bring(SITE)
    await turns.do_turn()
    (before,) = await listed(issues, window="当日")
    for number in range(3):
        await orders.do_urge(first, request=str(number))

    await turns.do_turn()

    (after,) = await listed(issues, window="当日")
    assert after.figures.heat > before.figures.heat


async def test_an_issue_keeps_its_key_as_it_grows_and_ends_window_by_window(
    bring: Bring, turns: Turns, issues: HotIssues, clock: Clock
) -> None:
    await bring(SITE[:4])
    await turns.do_turn()
    clock.on(hours=2)
    await bring(SITE[4:])
    await turns.do_turn()
    (found,) = await listed(issues, window="当日")
    assert (found.issue.key, found.figures.callers) == ("R20260930-1", 6)

    clock.on(days=1)
    await turns.do_turn()
    assert await going(issues, "当日") == []
    assert await going(issues, "近7天") == ["R20260930-1"]

    clock.on(days=7)
    await turns.do_turn()
    assert await going(issues, "近7天") == []
    assert {one.figures.state for one in await listed(issues)} == {"已平息"}
    assert {one.figures.callers for one in await listed(issues)} == {6}, "as it stood last"

    clock.on(days=30)
    await bring(SITE)
    await turns.do_turn()
    assert await going(issues, "近7天") == ["R20260930-1"], "the same issue once more"

    clock.on(days=91)
    await bring(SITE)
    await turns.do_turn()
    (key,) = await going(issues, "近7天")
    assert key != "R20260930-1", "too long ago"


async def test_the_same_hours_of_yesterday_are_compared(
    bring: Bring, turns: Turns, issues: HotIssues, clock: Clock
) -> None:
    await bring(SITE)
    clock.on(days=1, hours=-1)
    await bring(SITE[:3])
    await turns.do_turn()
    (found,) = await listed(issues, window="当日")
    assert (found.figures.before, found.figures.trend) == (0, "新出现"), (
        "yesterday they came later in the day"
    )

    clock.on(hours=1)
    await turns.do_turn()
    (found,) = await listed(issues, window="当日")
    assert (found.figures.before, found.figures.trend) == (6, "下降")


async def test_a_matter_of_a_district_is_told_as_in_the_paper(
    bring: Bring, turns: Turns, issues: HotIssues
) -> None:
    await bring(FIRE, topic="0901", area_code="430202")

    await turns.do_turn()

    (found,) = await listed(issues)
    assert (found.issue.level, found.issue.title, found.figures.callers) == ("事项", "荷塘区消防隐患", 4)


async def test_an_ignored_issue_does_not_come_again(
    bring: Bring, turns: Turns, issues: HotIssues, clock: Clock, database: Database
) -> None:
    await bring(SITE)
    await turns.do_turn()

    await issues.do_decide("R20260930-1", SUPERVISOR, "忽略", "同一施工单位，已在处理 13800138000")

    for _ in range(3):  # it grows, it ends, it comes back
        clock.on(days=9)
        await bring([f"{text}，又开工了" for text in SITE])
        await turns.do_turn()
        assert await listed(issues) == []
        assert [one.issue.key for one in await listed(issues, decision="已忽略", window="近7天")] == [
            "R20260930-1"
        ]
    async with database.transaction() as session:
        line = (await session.scalars(select(AuditLine))).one()
    assert (line.action, line.actor, line.role, line.subject) == (
        "忽略热点",
        "3001",
        "督办",
        "热点 R20260930-1",
    )
    assert "13800138000" not in line.detail["note"]


async def test_a_confirmed_issue_keeps_its_title(
    bring: Bring, turns: Turns, issues: HotIssues, database: Database
) -> None:
    await bring(SITE, topic="0701")
    await turns.do_turn()
    await issues.do_decide("R20260930-1", LEADER, "确认", "")
    async with database.transaction() as session:
        for order in (await session.scalars(select(WorkOrder))).all():
            order.topic = "0712"

    await turns.do_turn()

    (found,) = await listed(issues, window="当日", decision="已确认")
    assert found.issue.title == "滨江一村噪声扰民"
    assert found.issue.topic == "0712"


async def test_who_may_read_and_who_may_decide(bring: Bring, turns: Turns, issues: HotIssues) -> None:
    await bring(SITE)
    await turns.do_turn()
    key = "R20260930-1"

    for actor in (AGENT, DISPATCHER, SUPERVISOR, LEADER):
        assert len(await listed(issues, actor)) == 2
        assert (await issues.page(key, actor)).issue.key == key
    for refused in (listed(issues, UNIT), issues.page(key, UNIT), issues.do_decide(key, UNIT, "确认", "")):
        with pytest.raises(WorkOrderError, match="承办单位不能"):
            await refused
    with pytest.raises(WorkOrderError, match="坐席不能"):
        await issues.do_decide(key, AGENT, "忽略", "不是热点")
    for actor in (DISPATCHER, SUPERVISOR, LEADER):
        assert (await issues.do_decide(key, actor, "确认", "")).decided_by == actor.id


async def test_what_cannot_be_decided_is_said(bring: Bring, turns: Turns, issues: HotIssues) -> None:
    with pytest.raises(HotIssueError, match="没有找到"):
        await issues.do_decide("R1", DISPATCHER, "确认", "")
    await bring(SITE)
    await turns.do_turn()
    with pytest.raises(HotIssueError, match="为什么"):
        await issues.do_decide("R20260930-1", DISPATCHER, "忽略", "  ")


async def test_two_turns_at_once_find_an_issue_once(
    bring: Bring, database: Database, office: Office, encoder: Encoder, clock: Clock, issues: HotIssues
) -> None:
    await bring(SITE)
    await bring(WATER)
    workers = [Turns(database, office, encoder, clock=clock) for _ in range(3)]

    await asyncio.gather(*(worker.do_turn() for worker in workers))

    assert sorted(one.issue.key for one in await listed(issues, window="当日")) == [
        "R20260930-1",
        "R20260930-2",
    ]


async def test_orders_without_a_meaning_wait_for_triage(
    orders: WorkOrders, turns: Turns, bring: Bring, issues: HotIssues
) -> None:
    for text in SITE:
        await orders.do_create(draft(what=text, phone=None, conversation_id=uuid.uuid4()))

    assert await turns.do_turn() == 0


async def test_another_encoder_since_does_no_harm(bring: Bring, turns: Turns, database: Database) -> None:
    made = await bring(SITE)
    async with database.transaction() as session:
        for order in made[:2]:
            (await session.get_one(WorkOrder, order.id)).meaning = b"\x01" * 384

    assert await turns.do_turn() == 1


async def test_a_window_that_is_no_longer_set_has_ended(
    bring: Bring,
    turns: Turns,
    issues: HotIssues,
    database: Database,
    office: Office,
    encoder: Encoder,
    clock: Clock,
) -> None:
    await bring(SITE)
    await turns.do_turn()
    month = Rules(windows=(HotWindow(name="近30天", days=30, callers=3, matter_callers=9, half_life=9),))
    process = office.process.model_copy(update={"hot_issues": month})

    await Turns(database, replace(office, process=process), encoder, clock=clock).do_turn()

    states = {one.figures.window: one.figures.state for one in await listed(issues)}
    assert states == {"当日": "已平息", "近7天": "已平息", "近30天": "进行中"}


def test_today_is_one_of_the_days_of_a_window(clock: Clock) -> None:
    rule = HotWindow(name="近7天", days=7, callers=3, matter_callers=3, half_life=3)
    window = window_of(rule, clock())

    assert clock() - window.begin > timedelta(days=6, hours=9)
    assert clock() - window.begin < timedelta(days=6, hours=11), "ten o'clock in Shanghai"
    assert window.before.until == clock() - timedelta(days=7)
