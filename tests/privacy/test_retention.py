"""What is kept no longer is gone, everywhere; what is counted stays."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest
from sqlalchemy import func, select, text, update

from hotline.attachments.models import Attachment
from hotline.attachments.service import Attachments
from hotline.audit.chain import Chain
from hotline.conversations import texts
from hotline.conversations.models import Message
from hotline.conversations.service import Conversations
from hotline.database import Base, Database
from hotline.jobs.app import TURNS
from hotline.knowledge.models import UnansweredQuestion
from hotline.language.erasing import NAME as NAME_GONE
from hotline.language.erasing import NUMBER as NUMBER_GONE
from hotline.privacy.retention import Retention
from hotline.privacy.service import Privacy
from hotline.settings import Settings
from hotline.work_orders.models import WorkOrder, WorkOrderEvent, WorkOrderLikeness
from hotline.work_orders.office import Office
from hotline.work_orders.process import Process
from hotline.work_orders.service import CITIZEN, WorkOrders
from tests.conftest import ROOT
from tests.privacy.conftest import CARD, ID, NAME, PHONE, Act, audited
from tests.work_orders.conftest import AGENT, ANSWER, DISPATCHER, LEADER, UNIT, Clock, Do, draft, refused

DAYS = 1095
#: Rasa's own table, as Rasa makes it on PostgreSQL (rasa 3.6, SQLTrackerStore.SQLEvent).
RASA = """
CREATE SCHEMA IF NOT EXISTS rasa;
CREATE TABLE rasa.events (
    id bigserial PRIMARY KEY, sender_id varchar(255) NOT NULL, type_name varchar(255) NOT NULL,
    timestamp double precision, intent_name varchar(255), action_name varchar(255), data text
)
"""
#: Everything that must not be left anywhere in the database.
SECRETS = (PHONE, "138****8000", ID, CARD, NAME, "ouyang2020", "湘B12A45")


@pytest.fixture
def retention(
    database: Database, privacy: Privacy, office: Office, settings: Settings, clock: Clock
) -> Retention:
    """The job, with the clock of the work orders."""
    return Retention(database, privacy, office.process, Chain.of(database, settings), clock=clock)


@pytest.fixture
def rasa(database_url: str) -> str:
    """A database in which Rasa has run; its address."""
    with psycopg.connect(database_url) as connection:
        connection.execute(RASA)
    return database_url


async def everything(database: Database) -> str:
    """All that is written in all tables of the hotline and of Rasa."""
    found = []
    async with database.transaction() as session:
        tables = [str(table) for table in Base.metadata.sorted_tables if table.schema == "hotline"]
        if await session.scalar(select(func.to_regclass("rasa.events"))):
            tables.append("rasa.events")
        for table in tables:
            found += list(await session.scalars(text(f"SELECT row_to_json(t)::text FROM {table} t")))
    return "\n".join(found)


async def spoken(database: Database, conversations: Conversations, at: datetime) -> uuid.UUID:
    """A conversation at ``at`` in which a citizen says everything."""
    conversation = await conversations.start("web")
    for words in (f"我叫{NAME}，电话{PHONE}", f"身份证{ID}，卡号{CARD}，微信ouyang2020，车牌湘B12A45"):
        await conversations.receive(conversation, client_id=uuid.uuid4().hex, text=words)
    async with database.transaction() as session:
        await session.execute(
            update(Message)
            .where(Message.conversation_id == conversation)
            .values(created_at=at, evidence={"entities": [{"value": PHONE}]}, content={"card": PHONE})
        )
        await session.execute(text("UPDATE hotline.conversation SET created_at = :at"), {"at": at})
        session.add(
            UnansweredQuestion(
                message_id=f"{conversation}:2", conversation_id=str(conversation), text=f"我是{NAME}，怎么办"
            )
        )
    return conversation


def remember_in_rasa(url: str, conversation: uuid.UUID, at: datetime) -> None:
    with psycopg.connect(url) as connection:
        connection.execute(
            "INSERT INTO rasa.events (sender_id, type_name, timestamp, data) VALUES (%s, 'slot', %s, %s)",
            [str(conversation), at.timestamp(), f'{{"name": "order_phone", "value": "{PHONE}"}}'],
        )


async def closed(
    database: Database,
    orders: WorkOrders,
    act: Act,
    do: Do,
    clock: Clock,
    conversation: uuid.UUID | None,
    **others: Any,
) -> WorkOrder:
    """An order that went through all hands with the citizen's data in every field, and is closed."""
    order = await orders.do_create(
        draft(
            **(
                {
                    "id": f"{conversation}:4" if conversation else uuid.uuid4().hex,
                    "conversation_id": conversation,
                    "what": f"我叫{NAME}，身份证{ID}，卡号{CARD}，微信ouyang2020，工地夜里施工，打{PHONE}",
                    "where_text": f"某小区3栋，湘B12A45旁边，找{NAME}",
                    "when_text": f"昨晚，{NAME}",
                    "name": NAME,
                    "phone": PHONE,
                    "lat": 27.83,
                    "long": 113.13,
                }
                | others
            )
        )
    )
    number = order.number
    async with database.transaction() as session:
        order.triaged_at, order.meaning = clock(), b"\x00\x01"
        order.proposal = {"units": [{"name": "住建局", "reason": f"说到{NAME}"}]}
        await session.merge(order)
        session.add(
            Attachment(
                order_id=order.id,
                conversation_id=conversation,
                client_id="c",
                actor="citizen",
                role="市民",
                sha256="0" * 64,
                width=1,
                height=1,
                size=1,
            )
            if conversation
            else Attachment(
                order_id=order.id,
                client_id="c",
                actor="1",
                role="坐席",
                sha256="0" * 64,
                width=1,
                height=1,
                size=1,
            )
        )
    await act(number, AGENT, "受理", topic="0701")
    assisting = [{"unit": "430211", "duty": f"联系{NAME} {PHONE}"}]
    await act(
        number, DISPATCHER, "提请会商交办", unit="ecology", assisting=assisting, reason=f"{NAME}：{PHONE}"
    )
    await act(number, LEADER, "审定", note=f"{NAME}的事")
    await act(number, UNIT, "签收")
    await act(number, UNIT, "申请延期", reason=f"等{NAME}", days=2)
    await act(number, DISPATCHER, "驳回延期", reason=f"打{PHONE}")
    await do(order, CITIZEN, "补充", note=f"{NAME}，{PHONE}，卡{CARD}")
    await act(number, AGENT, "备注", note=f"{NAME} {PHONE}")
    done = await act(number, UNIT, "答复", answer=ANSWER.replace("您好！", f"{NAME}您好！"))
    if done.json()["status"] == "已答复":
        await act(number, AGENT, "发起回访")
    return await do(order, CITIZEN, "评价", rating="基本满意", reason=f"{NAME}谢谢")


async def fresh(database: Database, order: WorkOrder) -> WorkOrder:
    async with database.transaction() as session:
        return await session.get_one(WorkOrder, order.id)


async def test_three_years_after_closing_nothing_points_to_a_person_any_more(
    database: Database,
    rasa: str,
    orders: WorkOrders,
    conversations: Conversations,
    act: Act,
    do: Do,
    clock: Clock,
    retention: Retention,
) -> None:
    conversation = await spoken(database, conversations, clock())
    remember_in_rasa(rasa, conversation, clock())
    order = await closed(database, orders, act, do, clock, conversation)
    before = await fresh(database, order)
    assert before.closed_at is not None
    held = await everything(database)
    assert all(secret in held for secret in SECRETS)

    clock.on(days=DAYS, minutes=-1)
    await retention.do_retain()
    assert (await fresh(database, order)).anonymised_at is None, "not a minute too early"
    clock.on(minutes=2)
    assert await retention.do_retain() > 0

    left = await everything(database)
    for secret in (*SECRETS, str(conversation) + ":"):
        assert secret not in left, secret
    with psycopg.connect(rasa) as connection:
        assert connection.execute("SELECT count(*) FROM rasa.events").fetchone() == (0,)
    after = await fresh(database, order)
    assert after.anonymised_at == clock()
    assert (after.name, after.phone, after.conversation_id, after.meaning, after.lat) == (None,) * 5
    assert after.what == (
        f"我叫{NAME_GONE}，身份证{NUMBER_GONE}，卡号{NUMBER_GONE}，微信（账号已删），工地夜里施工，打{NUMBER_GONE}"
    )
    kept = [
        "number",
        "nature",
        "topic",
        "status",
        "area_code",
        "lead_unit",
        "assignment",
        "source",
        "created_at",
        "accepted_at",
        "dispatched_at",
        "signed_at",
        "answered_at",
        "answered_late",
        "closed_at",
        "callback_at",
        "promised_date",
        "rating",
        "extended",
        "redone",
        "urgency",
        "confidential",
    ]
    assert [getattr(after, name) for name in kept] == [getattr(before, name) for name in kept]
    assert after.answer is not None
    assert "噪声污染防治法" in after.answer
    async with database.transaction() as session:
        lines = await session.scalar(select(func.count()).where(WorkOrderEvent.order_id == order.id))
        assert lines == len(await orders.timeline(order))
        assert not (await session.scalars(select(Attachment))).all()
    await refused("not_found", orders.find(order.number, query_code=before.query_code))
    await refused("not_found", orders.find(order.number, query_code=""))
    await refused("not_found", orders.find(order.number, conversation_id=conversation))


async def test_it_is_done_once_with_a_line_for_each_batch(
    database: Database,
    orders: WorkOrders,
    act: Act,
    do: Do,
    clock: Clock,
    retention: Retention,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("hotline.privacy.retention._ORDERS", 2)
    numbers = [(await closed(database, orders, act, do, clock, None)).number for _ in range(3)]
    clock.on(days=DAYS + 1)
    assert await retention.do_retain() == 3
    at = clock()
    clock.on(days=1)
    assert await retention.do_retain() == 0
    found = await audited(database, action="匿名化")
    assert [line.detail["orders"] for line in found] == [numbers[:2], numbers[2:]]
    assert {(line.actor, line.role) for line in found} == {("system", "系统")}
    async with database.transaction() as session:
        assert set(await session.scalars(select(WorkOrder.anonymised_at))) == {at}


async def test_an_order_under_way_keeps_everything_however_old(
    database: Database,
    rasa: str,
    orders: WorkOrders,
    conversations: Conversations,
    clock: Clock,
    retention: Retention,
) -> None:
    conversation = await spoken(database, conversations, clock())
    remember_in_rasa(rasa, conversation, clock())
    order = await orders.do_create(draft(conversation_id=conversation, name=NAME, phone=PHONE))
    clock.on(days=10 * 365)
    assert await retention.do_retain() == 0
    assert (await fresh(database, order)).phone == PHONE
    assert any(PHONE in line.text for line in await conversations.messages(conversation))
    with psycopg.connect(rasa) as connection:
        assert connection.execute("SELECT count(*) FROM rasa.events").fetchone() == (1,)


async def test_old_words_go_and_new_ones_of_the_same_conversation_stay(
    database: Database,
    rasa: str,
    conversations: Conversations,
    clock: Clock,
    retention: Retention,
    office: Office,
) -> None:
    conversation = await spoken(database, conversations, clock())
    remember_in_rasa(rasa, conversation, clock())
    clock.on(days=office.process.conversation_retention_days + 1)
    new = await conversations.receive(conversation, client_id="new", text="今天又来问一句")
    async with database.transaction() as session:
        (await session.get_one(Message, (conversation, new.seq))).created_at = clock() - timedelta(days=1)
    remember_in_rasa(rasa, conversation, clock())

    assert await retention.do_retain() == 3
    assert await retention.do_retain() == 0
    found = await conversations.messages(conversation)
    assert [line.text for line in found] == [texts.FORGOTTEN] * 3 + ["今天又来问一句"]
    assert [(line.evidence, line.content) for line in found[:3]] == [(None, {})] * 3
    assert [line.author for line in found] == ["bot", "citizen", "citizen", "citizen"]
    with psycopg.connect(rasa) as connection:
        assert connection.execute("SELECT count(*) FROM rasa.events").fetchone() == (1,)
    async with database.transaction() as session:
        assert await session.scalar(select(UnansweredQuestion.conversation_id)) == str(conversation)
    [line] = await audited(database, action="清除对话原文")
    assert line.detail["lines"] == 3

    clock.on(days=office.process.conversation_retention_days)
    assert await retention.do_retain() == 1, "what is said after a forgetting is forgotten in its turn"
    async with database.transaction() as session:
        assert await session.scalar(select(UnansweredQuestion.conversation_id)) is None


async def test_where_rasa_has_never_run_the_rest_is_forgotten_all_the_same(
    database: Database, conversations: Conversations, clock: Clock, retention: Retention
) -> None:
    await spoken(database, conversations, clock())
    clock.on(days=2000)
    assert await retention.do_retain() == 3


async def test_the_words_that_two_cases_share_go_with_either(
    database: Database, orders: WorkOrders, act: Act, do: Do, clock: Clock, retention: Retention
) -> None:
    old = await closed(database, orders, act, do, clock, None)
    clock.on(days=DAYS)
    new = await orders.do_create(draft())
    async with database.transaction() as session:
        session.add(WorkOrderLikeness(order_id=new.id, other_id=old.id, score=0.9, reason=f"都说到{NAME}"))
    clock.on(days=1)
    assert await retention.do_retain() == 1
    async with database.transaction() as session:
        assert await session.scalar(select(WorkOrderLikeness.reason)) == f"都说到{NAME_GONE}"


async def test_what_somebody_works_on_just_now_waits_for_the_next_night(
    database: Database, orders: WorkOrders, act: Act, do: Do, clock: Clock, retention: Retention
) -> None:
    first = await closed(database, orders, act, do, clock, None)
    second = await closed(database, orders, act, do, clock, None)
    clock.on(days=DAYS + 1)
    async with database.transaction() as session:
        await session.execute(select(WorkOrder.id).where(WorkOrder.id == first.id).with_for_update())
        assert await retention.do_retain() == 1
    assert (await fresh(database, second)).anonymised_at is not None
    assert await retention.do_retain() == 1


async def test_the_nightly_job_tells_when_the_audit_does_not_hold(
    database_url: str,
    database: Database,
    conversations: Conversations,
    clock: Clock,
    retention: Retention,
    capsys: pytest.CaptureFixture[str],
) -> None:
    await spoken(database, conversations, clock())
    clock.on(days=2000)
    await retention.do_retain()
    with psycopg.connect(database_url) as connection:
        connection.execute("DELETE FROM hotline.audit_line")
    await retention.do_retain()
    assert "the audit does not hold" in capsys.readouterr().out


def test_the_office_sets_the_days_and_is_asked_to_confirm_them() -> None:
    process = Process.load(ROOT / "data" / "city" / "zhuzhou" / "process.yml")
    assert (process.retention_days, process.conversation_retention_days) == (DAYS, 365)
    assert {"retention_days", "conversation_retention_days"} <= set(process.confirm)
    assert "retention" in TURNS


async def test_a_files_last_row_gone_the_file_goes(
    database: Database,
    orders: WorkOrders,
    act: Act,
    do: Do,
    clock: Clock,
    retention: Retention,
    attachments: Attachments,
    settings: Settings,
) -> None:
    await closed(database, orders, act, do, clock, None)
    clock.on(days=DAYS + 1)
    await retention.do_retain()
    async with database.transaction() as session:
        assert await session.scalar(text("SELECT sha256 FROM hotline.attachment_removal")) == "0" * 64
