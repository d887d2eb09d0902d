"""A work order out of a conversation."""

from __future__ import annotations

import uuid
from datetime import date
from pathlib import Path

import pytest

from hotline.desk.drafting import Said, fields
from hotline.language.places import Gazetteer
from tests.conftest import ROOT
from tests.desk.conftest import Office
from tests.desk.test_talking import code

PLACES = ROOT / "data" / "city" / "zhuzhou"


@pytest.fixture(scope="module")
def places() -> Gazetteer:
    """株洲's places."""
    return Gazetteer.load(Path(PLACES))


def read(places: Gazetteer, *lines: str, intents: tuple[str, ...] = ()) -> dict[str, object]:
    """What is read out of these lines."""
    return fields(Said(lines=lines, intents=intents, today=date(2026, 9, 30)), places)[0]


def test_what_where_when_and_whom_to_call_are_read_out_of_the_words(places: Gazetteer) -> None:
    found = read(
        places,
        "我要投诉，昨晚十二点楼下工地还在施工",
        "就在天元区泰山路 88 号旁边",
        "我叫王小明，电话 13800138000",
        intents=("ask_matter", "complaint", ""),
    )

    assert (found["nature"], found["area_code"]) == ("投诉", "430211")
    assert found["where_text"] == "就在天元区泰山路 88 号旁边"
    assert (found["name"], found["phone"]) == ("王小明", "13800138000")
    assert "昨晚" in str(found["when_text"])
    assert "13800138000" not in str(found["what"])
    assert "昨晚十二点楼下工地还在施工" in str(found["what"])


def test_what_was_not_said_is_left_open(places: Gazetteer) -> None:
    found = read(places, "你好")

    assert found["nature"] == "求助"
    for name in ("area_code", "street_code", "phone", "name"):
        assert found[name] is None, name
    assert found["where_text"] == ""


async def test_a_draft_becomes_one_order_and_the_citizen_gets_one_receipt(office: Office) -> None:
    agent, colleague = await office.agent("1024"), await office.agent("2048")
    citizen, conversation = await office.waiting("天元区泰山路的路灯坏了三天了，电话13800138000")
    await agent.done(conversation, "claim")
    await office.service.app.state.desk.drafting.warm()

    drafted = await agent.get(f"/conversations/{conversation}/order-draft")
    draft = drafted["draft"]
    assert (draft["nature"], draft["area_code"], draft["phone"]) == ("投诉", "430211", "13800138000")
    assert drafted["missing"] == []
    assert drafted["topics"][0]["topic"] == draft["topic"]
    corrected = draft | {"what": "泰山路路灯坏了三天，晚上看不清路", "nature": "求助"}
    made = [await agent.done(conversation, "orders", **corrected) for _ in range(2)]

    assert made[0] == made[1]
    number = made[0]["number"]
    told = [m for m in (await citizen.poll(0))["messages"] if number in m["text"]]
    assert len(told) == 1
    assert made[0]["query_code"] in told[0]["text"]
    (order,) = (await agent.transcript(conversation))["orders"]
    assert (order["number"], order["nature"]) == (number, "求助")
    async with office.database.transaction() as session:
        (found,) = await office.service.app.state.work_orders.of_conversation(uuid.UUID(conversation))
        assert (found.taken_by, found.source) == ("1024", "网络")
        assert session is not None
    assert len(await office.audited("会话转工单")) == 1
    # What was handed in is not drafted again.
    await citizen.send("还有垃圾没人收")
    assert (await agent.get(f"/conversations/{conversation}/order-draft"))["draft"][
        "what"
    ] == "还有垃圾没人收"
    refused = await colleague.act(conversation, "orders", **corrected)
    assert code(refused) == (409, "not_yours")


async def test_a_draft_is_checked_like_any_order(office: Office) -> None:
    agent = await office.agent("1024")
    _, conversation = await office.waiting("你好")
    await agent.done(conversation, "claim")
    draft = (await agent.get(f"/conversations/{conversation}/order-draft"))["draft"]

    refused = await agent.act(conversation, "orders", **(draft | {"what": "路"}))
    assert code(refused) == (422, "what_missing")
    unknown = draft | {"what": "路灯坏了三天", "where_text": "泰山路", "topic": "x"}
    assert code(await agent.act(conversation, "orders", **unknown)) == (422, "invalid")


async def test_who_reads_the_conversation_of_a_confidential_order_is_written_down(office: Office) -> None:
    agent, leader = await office.agent("1024"), await office.console("9", "领导")
    _, conversation = await office.waiting("天元区泰山路某厂夜里偷排废水")
    await agent.done(conversation, "claim")
    draft = (await agent.get(f"/conversations/{conversation}/order-draft"))["draft"]
    await agent.done(conversation, "orders", **(draft | {"nature": "举报", "confidential": True}))

    for _ in range(3):
        await leader.transcript(conversation)

    (line,) = await office.audited("查看保密会话")
    assert (line.actor, line.role) == ("9", "领导")
    reason = {"messages": [2], "reason": "领导要了解这件事的全部情况"}
    assert code(await leader.act(conversation, "reveal", **reason)) == (403, "forbidden")


async def test_knowledge_is_found_with_its_source_ready_to_be_sent(office: Office) -> None:
    agent = await office.agent("1024")
    (matter,) = office.service.app.state.knowledge.matters()

    found = await agent.get("/knowledge", q=matter.title)
    by_code = await agent.get(f"/knowledge/{matter.code}")

    assert found["candidates"][0]["code"] == matter.code
    answer = by_code["answer"]
    assert answer["matter"]["code"] == matter.code
    assert answer["insert"].startswith(answer["text"])
    assert answer["source"]["unit"]
    assert (await agent("GET", "/knowledge/nothing")).json()["answer"] is None
