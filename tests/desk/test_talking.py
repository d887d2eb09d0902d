"""A conversation in the hands of people: one has it, the bot is silent, and what colleagues write stays with them."""

from __future__ import annotations

import asyncio
import uuid

import pytest

from hotline.conversations import texts as spoken
from hotline.conversations.engine import EngineAnswer, Turn
from tests.desk.conftest import HANDOFF, Office, key


def code(response: object) -> tuple[int, str]:
    """Status and code of an error."""
    return response.status_code, response.json()["error"]["code"]  # type: ignore[attr-defined]


async def test_of_two_agents_who_claim_at_once_exactly_one_wins_and_the_other_hears_who(
    office: Office,
) -> None:
    first, second = await office.agent("1024"), await office.agent("2048")
    # The 管理员's limit is not the point here.
    boss = await office.console("1", "督办")
    await boss("PUT", "/settings", json={"limit": 50})
    conversations = office.service.app.state.conversations

    for _ in range(50):
        conversation_id = await conversations.start("web")
        async with office.database.transaction() as session:
            conversation = await session.get(type_of(conversation_id), conversation_id)
            await conversations._enqueue(session, conversation, "citizen")
        conversation = str(conversation_id)
        answers = await asyncio.gather(first.act(conversation, "claim"), second.act(conversation, "claim"))
        won = [answer for answer in answers if answer.status_code == 200]
        lost = [answer for answer in answers if answer.status_code != 200]
        assert (len(won), len(lost)) == (1, 1)
        winner = won[0].json()["conversation"]["agent"]
        assert code(lost[0]) == (409, "not_waiting")
        assert f"坐席 {winner}" in lost[0].json()["error"]["message"]

    agents = {agent["number"]: agent["load"] for agent in (await first.get("/agents"))["agents"]}
    assert sum(agents.values()) == 50
    assert len(await office.audited("领取会话")) == 50


def type_of(_: uuid.UUID) -> type:
    """The conversation's table."""
    from hotline.conversations.models import Conversation

    return Conversation


async def test_the_bot_is_silent_until_it_is_handed_back_and_then_answers_again(office: Office) -> None:
    agent = await office.agent("1024")
    citizen, conversation = await office.waiting()
    await agent.done(conversation, "claim")
    asked = len(office.service.engine.ran)

    await citizen.send("社保卡丢了怎么办")
    await agent.done(conversation, "messages", client_id=key(), text="您好，我来帮您看看。")
    heard = await citizen.poll(0)
    assert (heard["conversation"]["mode"], heard["conversation"]["agent"]) == ("human", "坐席 1024")
    assert heard["messages"][-1]["agent"] == "坐席 1024"
    assert len(office.service.engine.ran) == asked

    await agent.done(conversation, "hand-back", note="已经告诉他带身份证去社保局")
    last = (await citizen.poll(0))["messages"][-1]
    assert last["text"] == spoken.HANDED_BACK
    await citizen.send("还有一个问题")
    (answer,) = [m for m in await citizen.hear(last["id"], 2) if m["author"] == "bot"]
    assert answer["text"] == "答：还有一个问题"
    assert "社保局" not in str(await citizen.poll(0))
    (note,) = (await agent.transcript(conversation))["notes"]
    assert (note["kind"], note["text"]) == ("hand_back", "已经告诉他带身份证去社保局")


async def test_a_form_that_was_left_for_a_person_is_offered_again_unless_an_order_was_made(
    office: Office,
) -> None:
    def fills_in(turn: Turn) -> EngineAnswer:
        if "人工" in turn.text:
            return EngineAnswer([HANDOFF], {"intent": "human_agent", "form": None})
        return EngineAnswer([{"text": "在哪里？"}], {"intent": "complaint", "form": "work_order_form"})

    agent = await office.agent("1024")
    office.service.engine.script = fills_in
    offered = []
    for registers in (False, True):
        citizen, conversation = await office.waiting("路灯坏了半个月")
        await agent.done(conversation, "claim")
        if registers:
            draft = (await agent.get(f"/conversations/{conversation}/order-draft"))["draft"]
            await agent.done(conversation, "orders", **draft | {"where_text": "天元区泰山路"})
        await agent.done(conversation, "hand-back")
        last = (await citizen.poll(0))["messages"][-1]
        assert last["text"] == spoken.HANDED_BACK
        offered.append([button["title"] for button in last["buttons"]])
    assert offered == [["接着登记工单"], []]


async def test_an_agent_takes_over_what_the_bot_has_in_the_middle_of_an_answer(office: Office) -> None:
    agent = await office.agent("1024")
    citizen = await office.service.citizen()
    conversation = str(office.service.app.state.web.conversation(citizen.token))
    office.service.engine.hold()
    await citizen.send("楼下夜里施工")
    await office.service.engine.called(1)

    taking = asyncio.create_task(agent.done(conversation, "take-over", note="声音很急，我来接"))
    taken = (await taking)["conversation"]
    await office.service.engine.release()
    await agent.done(conversation, "messages", client_id=key(), text="我是坐席，请讲。")

    assert (taken["mode"], taken["agent"]) == ("human", "1024")
    said = [(m["author"], m["text"]) for m in (await citizen.poll(0))["messages"][1:]]
    assert said == [
        ("citizen", "楼下夜里施工"),
        ("system", spoken.CLAIMED.format(agent="1024")),
        ("agent", "我是坐席，请讲。"),
    ]
    assert [line.actor for line in await office.audited("接管会话")] == ["1024"]


async def test_what_is_said_twice_by_a_shaky_network_is_said_once(office: Office) -> None:
    agent = await office.agent("1024")
    citizen, conversation = await office.waiting()
    await agent.done(conversation, "claim")
    await agent.done(conversation, "claim")
    once = key()

    answers = await asyncio.gather(
        *(agent.done(conversation, "messages", client_id=once, text="您好") for _ in range(5))
    )

    assert len({answer["message"]["id"] for answer in answers}) == 1
    said = [m["text"] for m in (await citizen.poll(0))["messages"] if m["author"] == "agent"]
    assert said == ["您好"]


async def test_a_note_is_for_colleagues_only(office: Office) -> None:
    agent, colleague = await office.agent("1024"), await office.agent("2048")
    citizen, conversation = await office.waiting()
    await agent.done(conversation, "claim")
    once = key()
    for _ in range(2):
        await agent.done(conversation, "notes", client_id=once, text="打过三次电话的老住户 13800138000")
    await colleague.done(conversation, "notes", client_id=key(), text="上周是我接的")

    notes = (await colleague.transcript(conversation))["notes"]
    assert [(note["agent"], note["text"]) for note in notes] == [
        ("1024", "打过三次电话的老住户 138****8000"),
        ("2048", "上周是我接的"),
    ]
    assert "老住户" not in str(await citizen.poll(0))
    assert code(await colleague.act(conversation, "notes", client_id=once, text="x")) == (409, "taken")
    assert code(await agent.act(conversation, "notes", client_id=key(), text=" ")) == (422, "empty")


async def test_a_colleague_who_gets_a_conversation_speaks_at_once(office: Office) -> None:
    first, second = await office.agent("1024"), await office.agent("2048")
    citizen, conversation = await office.waiting()
    await first.done(conversation, "claim")

    moved = await first.done(conversation, "transfer", agent="2048", note="问的是老房加装电梯，你熟")

    assert moved["conversation"]["agent"] == "2048"
    assert (await citizen.poll(0))["conversation"]["agent"] == "坐席 2048"
    words = {"client_id": key(), "text": "还在吗"}
    assert code(await first.act(conversation, "messages", **words)) == (409, "not_yours")
    await second.done(conversation, "messages", client_id=key(), text="我接着说")
    (note,) = (await second.transcript(conversation))["notes"]
    assert (note["kind"], note["to"], note["text"]) == ("transfer", "2048", "问的是老房加装电梯，你熟")
    assert "加装电梯" not in str(await citizen.poll(0))


async def test_nothing_is_given_to_who_is_not_there_or_has_enough(office: Office) -> None:
    first, second = await office.agent("1024"), await office.agent("2048")
    await office.agent("3072")
    boss = await office.console("1", "管理员")
    _, conversation = await office.waiting()
    await first.done(conversation, "claim")

    assert code(await first.act(conversation, "transfer", agent="4096")) == (409, "not_there")
    assert code(await first.act(conversation, "transfer", agent="1024")) == (422, "invalid")
    assert code(await first.act(conversation, "transfer", team="三组")) == (409, "not_there")
    assert code(await first.act(conversation, "transfer")) == (422, "invalid")
    await second.be("break")
    assert code(await first.act(conversation, "transfer", agent="2048")) == (409, "not_there")
    assert (await boss("PUT", "/agents/3072", json={"limit": 0})).status_code == 200
    assert code(await first.act(conversation, "transfer", agent="3072")) == (409, "full")


async def test_a_team_gets_a_conversation_ahead_of_those_nobody_had(office: Office) -> None:
    first = await office.agent("1024", team="一组")
    second = await office.agent("2048", team="二组")
    citizen, conversation = await office.waiting()
    await first.done(conversation, "claim")
    _, other = await office.waiting()

    await first.done(conversation, "transfer", team="二组", note="社保的事")

    queue = (await second.get())["queue"]
    assert [(item["id"], item["team"], item["reason"]) for item in queue] == [
        (conversation, "二组", "transfer"),
        (other, None, "citizen"),
    ]
    assert (await citizen.poll(0))["conversation"]["position"] == 1
    await second.done(conversation, "claim")


async def test_an_emergency_is_first_in_the_queue_and_beyond_any_limit(office: Office) -> None:
    agent = await office.agent("1024")
    boss = await office.console("1", "督办")
    await boss("PUT", "/settings", json={"limit": 0})
    _, usual = await office.waiting()
    citizen, urgent = await office.waiting()
    assert [item["id"] for item in (await agent.get())["queue"]] == [usual, urgent]

    await citizen.send("家里煤气泄漏了，好大的味道")

    queue = (await agent.get())["queue"]
    assert [(item["id"], item["priority"]) for item in queue] == [(urgent, 2), (usual, 0)]
    assert (await citizen.poll(0))["conversation"]["position"] == 1
    assert code(await agent.act(usual, "claim")) == (409, "full")
    await agent.done(urgent, "claim")


async def test_a_conversation_is_ended_with_a_goodbye(office: Office) -> None:
    agent = await office.agent("1024")
    citizen, conversation = await office.waiting()
    await agent.done(conversation, "claim")

    ended = await agent.done(conversation, "close", text="不客气，祝您生活愉快。")

    assert ended["conversation"]["mode"] == "bot"
    said = (await citizen.poll(0))["messages"][-2:]
    assert [(m["author"], m["text"]) for m in said] == [
        ("agent", "不客气，祝您生活愉快。"),
        ("system", spoken.CLOSED),
    ]
    assert code(await agent.act(conversation, "close")) == (409, "not_yours")


async def test_numbers_are_shown_in_clear_with_a_reason_and_that_is_written_down(office: Office) -> None:
    agent = await office.agent("1024")
    leader = await office.console("9", "领导")
    citizen, conversation = await office.waiting()
    await agent.done(conversation, "claim")
    await citizen.send("我的电话是 13800138000")
    line = (await agent.transcript(conversation))["messages"][-1]
    assert line["text"] == "我的电话是 138****8000"

    asked = {"messages": [line["id"]], "reason": "要给市民回电话"}
    shown = await agent.done(conversation, "reveal", **asked)

    assert shown["messages"] == [{"id": line["id"], "text": "我的电话是 13800138000"}]
    (kept,) = await office.audited("查看原文")
    assert (kept.actor, conversation in kept.subject) == ("1024", True)
    assert "13800138000" not in str(kept.detail)
    assert code(await agent.act(conversation, "reveal", **(asked | {"reason": "看"}))) == (422, "invalid")
    assert code(await leader.act(conversation, "reveal", **(asked | {"reason": "想看看"}))) == (
        422,
        "invalid",
    )
    missing = asked | {"messages": [999]}
    assert code(await agent.act(conversation, "reveal", **missing)) == (404, "not_found")


async def test_what_the_bot_understood_stands_beside_each_line(office: Office) -> None:
    agent = await office.agent("1024")
    _, conversation = await office.waiting("天元区泰山路的路灯坏了")

    found = await agent.transcript(conversation)

    said = [m for m in found["messages"] if m["author"] == "citizen"]
    assert [m["evidence"]["intent"] for m in said] == ["complaint", "human_agent"]
    assert found["conversation"]["area"] == {"code": "430211", "name": "天元区"}
    assert found["conversation"]["reason_text"] == "市民要人工"
    newer = await agent.transcript(conversation, after=said[-1]["id"])
    assert [m["id"] for m in newer["messages"]] == list(
        range(said[-1]["id"] + 1, found["conversation"]["last_id"] + 1)
    )


async def test_the_bots_conversations_are_found_page_by_page(office: Office) -> None:
    agent = await office.agent("1024")
    tokens = [await office.service.citizen() for _ in range(5)]
    ids = [str(office.service.app.state.web.conversation(citizen.token)) for citizen in tokens]

    first = await agent.get("/conversations", mode="bot", limit=3)
    second = await agent.get("/conversations", mode="bot", limit=3, before=first["conversations"][-1]["id"])

    assert (first["more"], second["more"]) == (True, False)
    assert [c["id"] for c in first["conversations"] + second["conversations"]] == ids[::-1]


@pytest.mark.parametrize("what", ["claim", "take-over", "hand-back", "close", "transfer"])
async def test_a_conversation_that_is_not_there_is_not_found(office: Office, what: str) -> None:
    agent = await office.agent("1024")
    body = {"team": "一组"} if what == "transfer" else {}

    assert code(await agent.act(str(uuid.uuid4()), what, **body))[0] in (404, 409)
    assert (await agent.act("x", what, **body)).status_code == 422


async def test_who_is_off_duty_takes_nothing(office: Office) -> None:
    agent = await office.console("1024")
    _, conversation = await office.waiting()

    assert code(await agent.act(conversation, "claim")) == (409, "off_duty")
    await agent.be("online")
    await agent.done(conversation, "claim")
    refused = await agent("POST", "/presence", json={"status": "offline"})
    assert code(refused) == (409, "still_talking")
