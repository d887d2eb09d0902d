"""Who is on duty, what happens when a console is gone, and who may do what."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import update

from hotline.conversations import texts as spoken
from hotline.conversations.models import Conversation
from hotline.database import now
from hotline.desk.models import DeskAgent
from tests.desk.conftest import Console, Office, key
from tests.desk.test_talking import code


async def quiet(office: Office, number: str, **times: float) -> None:
    """Let the console of an agent have given no sign for so long; ``gone``: and be known to be gone for so long."""
    values = {"seen_at": now() - timedelta(seconds=times["seen"])}
    if "gone" in times:
        values["gone_at"] = now() - timedelta(seconds=times["gone"])
    long_ago = now() - timedelta(hours=1)
    async with office.database.transaction() as session:
        await session.execute(update(DeskAgent).where(DeskAgent.number == number).values(**values))
        held = update(Conversation).where(Conversation.agent == number)
        await session.execute(held.values(claimed_at=long_ago))


async def test_the_conversations_of_an_agent_who_is_gone_wait_again_after_the_grace(office: Office) -> None:
    gone, colleague = await office.agent("1024"), await office.agent("2048")
    citizen, conversation = await office.waiting()
    await gone.done(conversation, "claim")
    async with colleague.live() as socket:
        await quiet(office, "1024", seen=46)
        await socket.until(
            "presence", lambda f: (f["agent"]["number"], f["agent"]["status"]) == ("1024", "offline")
        )
        assert (await colleague.transcript(conversation))["conversation"]["agent"] == "1024"

        await quiet(office, "1024", seen=120, gone=61)
        back = await socket.until(
            "conversation",
            lambda f: f["conversation"]["id"] == conversation and f["conversation"]["mode"] == "queued",
        )

    assert (back["conversation"]["reason_text"], back["conversation"]["priority"]) == ("坐席掉线", 1)
    heard = await citizen.poll(0)
    assert heard["messages"][-1]["text"] == spoken.AGENT_GONE + spoken.NEXT
    await colleague.done(conversation, "claim")
    (note,) = (await colleague.transcript(conversation))["notes"]
    assert note["kind"] == "gone"
    assert len(await office.audited("坐席掉线退回排队")) == 1


async def test_who_is_back_within_the_grace_goes_on(office: Office) -> None:
    agent = await office.agent("1024")
    _, conversation = await office.waiting()
    await agent.done(conversation, "claim")
    await quiet(office, "1024", seen=90, gone=30)

    async with agent.live() as socket:
        back = await socket.until("presence", lambda f: f["agent"]["number"] == "1024")
    assert back["agent"]["status"] == "online"
    await agent.done(conversation, "messages", client_id=key(), text="我回来了")


async def test_waiting_conversations_go_to_who_is_free_and_never_beyond_a_limit(office: Office) -> None:
    first, second, resting = [await office.agent(number) for number in ("1024", "2048", "3072")]
    boss = await office.console("1", "督办")
    await resting.be("break")
    await boss("PUT", "/agents/1024", json={"limit": 1})
    async with boss.live() as socket:
        changed = await boss("PUT", "/settings", json={"automatic": True, "limit": 2})
        assert changed.json()["settings"]["automatic"] is True
        waiting = [await office.waiting() for _ in range(4)]
        claims = [await socket.until("claim") for _ in range(3)]

    assert {claim["how"] for claim in claims} == {"assigned"}
    await office.service.app.state.desk.duty.do_tick()
    loads = {agent["number"]: agent["load"] for agent in (await boss.get("/agents"))["agents"]}
    assert loads == {"1024": 1, "2048": 2, "3072": 0}
    assert [item["id"] for item in (await first.get())["queue"]] == [waiting[3][1]]
    mine = (await second.get())["mine"][0]["id"]
    await second.done(mine, "close")
    async with asyncio.timeout(20):
        while (await first.get())["queue"]:
            await office.service.app.state.desk.duty.do_tick()


async def test_a_trainee_looks_on_and_does_nothing(office: Office) -> None:
    agent, trainee = await office.agent("1024"), await office.console("7", "跟班学习")
    _, conversation = await office.waiting()

    state = await trainee.get()
    assert state["me"]["may"] == ["see", "presence", "orders"]
    assert [item["id"] for item in state["queue"]] == [conversation]
    await trainee.transcript(conversation)
    words = {"client_id": key(), "text": "x"}
    for what, body in (
        ("claim", {}),
        ("take-over", {}),
        ("messages", words),
        ("notes", words),
        ("transfer", {"agent": "1024"}),
        ("hand-back", {}),
        ("close", {}),
        ("typing", {}),
        ("reveal", {"messages": [1], "reason": "想看一看"}),
    ):
        assert code(await trainee.act(conversation, what, **body)) == (403, "forbidden"), what
    assert (await trainee("POST", "/presence", json={"status": "online"})).status_code == 403
    assert (await trainee("PUT", "/settings", json={"automatic": True})).status_code == 403
    assert (await agent("PUT", "/settings", json={"automatic": True})).status_code == 403


@pytest.mark.parametrize(
    ("role", "sees", "duty"),
    [
        ("派单员", 200, 200),
        ("督办", 200, 200),
        ("领导", 200, 200),
        ("跟班学习", 200, 200),
        ("管理员", 403, 200),
        ("承办单位", 403, 403),
        ("知识编辑", 403, 403),
    ],
)
async def test_each_role_sees_what_it_may(office: Office, role: str, sees: int, duty: int) -> None:
    person = await office.console("7", role, **({"unit": "ecology"} if role == "承办单位" else {}))
    citizen = await office.service.citizen()
    conversation = str(office.service.app.state.web.conversation(citizen.token))

    for path in ("/conversations", f"/conversations/{conversation}", "/knowledge?q=社保卡"):
        response = await person("GET", path)
        assert response.status_code == sees, path
        if sees == 403:
            assert role in response.json()["error"]["message"]
    assert (await person("GET", "/agents")).status_code == duty
    assert (await person("GET", "")).status_code == duty


async def test_nobody_who_is_not_logged_in_gets_anything(office: Office) -> None:
    agent = await office.agent("1024")
    stranger = Console(office.service.client, "9")

    for path in ("", "/agents", "/conversations", "/replies"):
        assert (await stranger("GET", path)).status_code == 401
    agent.csrf = "x"
    assert code(await agent("POST", "/presence", json={"status": "break"})) == (403, "csrf")


async def test_canned_replies_are_shared_or_ones_own(office: Office) -> None:
    agent, colleague = await office.agent("1024"), await office.agent("2048")
    boss = await office.console("1", "督办")

    own = await agent("POST", "/replies", json={"code": "nh", "text": "您好，我是坐席{工号}。"})
    shared = await boss("POST", "/replies", json={"shared": True, "code": "nh", "text": "您好。"})
    assert (own.status_code, shared.status_code) == (201, 201)

    assert [(r["shared"], r["filled"]) for r in (await agent.get("/replies"))["replies"]] == [
        (True, "您好。"),
        (False, "您好，我是坐席1024。"),
    ]
    assert [r["shared"] for r in (await colleague.get("/replies"))["replies"]] == [True]
    taken = await agent("POST", "/replies", json={"code": "nh", "text": "又一个"})
    assert code(taken) == (409, "taken")
    for bad in (
        {"code": "a b", "text": "x"},
        {"code": "a", "text": "长" * 501},
        {"code": "a", "text": "您好{姓名}"},
        {"code": "a", "text": "您好{工号"},
        {"code": "a", "text": " "},
    ):
        assert (await agent("POST", "/replies", json=bad)).status_code == 422, bad
    number, common = own.json()["id"], shared.json()["id"]
    assert (await colleague("DELETE", f"/replies/{number}")).status_code == 404
    assert (await agent("DELETE", f"/replies/{common}")).status_code == 403
    changed = await agent("PUT", f"/replies/{number}", json={"code": "hi", "text": "在的"})
    assert changed.json()["filled"] == "在的"
    assert (await agent("DELETE", f"/replies/{number}")).status_code == 204


async def test_rules_that_make_no_sense_are_refused(office: Office) -> None:
    boss = await office.console("1", "管理员")

    for body in ({"limit": 51}, {"limit": -1}, {"grace_seconds": 601}):
        assert code(await boss("PUT", "/settings", json=body)) == (422, "invalid")
    assert code(await boss("PUT", "/agents/1024", json={"limit": 3})) == (404, "not_found")
    assert (await boss.get())["settings"]["limit"] == 5


async def test_the_command_line_goes_the_same_way(office: Office) -> None:
    agent = await office.agent("1024")
    _, conversation = await office.waiting()
    inside = office.service.inside

    (waiting,) = (await inside("GET", "/desk/queue")).json()
    assert (waiting["conversation"], waiting["reason_text"]) == (conversation, "市民要人工")
    async with agent.live() as socket:
        claimed = await inside("POST", f"/desk/{conversation}/claim", json={"agent": "4096"})
        assert claimed.status_code == 204
        assert (await socket.until("claim"))["agent"] == "4096"
    lost = await agent.act(conversation, "claim")
    assert "坐席 4096" in lost.json()["error"]["message"]
    back = await inside("POST", f"/desk/{conversation}/hand-back", json={"agent": "4096"})
    assert back.status_code == 204
    assert [line.actor for line in await office.audited("交还机器人")] == ["4096"]


async def test_of_many_who_are_gone_together_each_conversation_comes_back_once(office: Office) -> None:
    agents = [await office.agent(str(number)) for number in range(101, 105)]
    held = []
    for agent in agents:
        _, conversation = await office.waiting()
        await agent.done(conversation, "claim")
        held.append(conversation)
    for agent in agents:
        await quiet(office, agent.number, seen=200, gone=100)
    desk = office.service.app.state.desk.duty
    await asyncio.gather(*(desk.do_tick() for _ in range(5)))

    watcher = await office.agent("2048")
    async with asyncio.timeout(20):
        while len((await watcher.get())["queue"]) < len(held):
            await desk.do_tick()
    assert sorted(item["id"] for item in (await watcher.get())["queue"]) == sorted(held)
    assert len(await office.audited("坐席掉线退回排队")) == len(held)
