"""The widget's HTTP: start, send, receive, rate."""

from __future__ import annotations

import asyncio
import re
import time
from datetime import datetime

import pytest
from sqlalchemy import delete

from hotline.conversations import texts
from hotline.conversations.engine import EngineAnswer, Turn
from hotline.conversations.models import Conversation, Message
from tests.channels.conftest import Run, Service, on_shared

FIELDS = {
    "id",
    "author",
    "agent",
    "text",
    "created_at",
    "client_id",
    "reply_to",
    "buttons",
    "card",
    "attachments",
    "menu",
    "feedback",
    "can_rate",
}


@on_shared
async def test_a_conversation_begins_with_a_token_and_the_menu(shared: Service) -> None:
    citizen = await shared.citizen()

    assert citizen.started["conversation"] == {
        "mode": "bot",
        "position": None,
        "agent": None,
        "in_service_hours": True,
    }
    (welcome,) = citizen.started["messages"]
    assert set(welcome) == FIELDS
    assert (welcome["id"], welcome["author"], welcome["menu"]) == (1, "bot", True)
    assert {"title", "icon", "hint"} <= set(welcome["buttons"][0])
    assert "株洲" in welcome["text"]


@on_shared
async def test_a_message_is_accepted_and_answered(shared: Service) -> None:
    citizen = await shared.citizen()

    response = await citizen.send("社保卡丢了", client_id="c-1")

    assert response.status_code == 202
    message = response.json()["message"]
    assert (message["id"], message["author"], message["text"]) == (2, "citizen", "社保卡丢了")
    assert message["client_id"] == "c-1"
    assert message["created_at"].endswith("Z")
    assert datetime.fromisoformat(message["created_at"]).utcoffset() is not None
    (answer,) = await citizen.hear(2, 1)
    assert (answer["id"], answer["author"], answer["text"]) == (3, "bot", "答：社保卡丢了")
    assert answer["reply_to"] == 2


async def test_a_message_sent_again_is_the_same_message_and_answered_once(service: Service) -> None:
    citizen = await service.citizen()

    sending = [citizen.send("社保卡丢了", client_id="c-1") for _ in range(6)]
    responses = await asyncio.gather(*sending)
    await citizen.hear(2, 1)
    again = await citizen.send("社保卡丢了", client_id="c-1")

    assert {r.status_code for r in [*responses, again]} == {202}
    assert {r.json()["message"]["id"] for r in [*responses, again]} == {2}
    assert len(service.engine.calls) == 1
    assert [m["id"] for m in (await citizen.poll(0))["messages"]] == [1, 2, 3]


async def test_what_a_button_stands_for_stays_inside_and_is_obeyed(service: Service) -> None:
    command = '/withdraw_order{"order_number":"20260930-00001"}'

    def offer(turn: Turn) -> EngineAnswer:
        buttons = [{"title": "撤回", "payload": command, "style": "danger"}]
        return EngineAnswer([{"text": "要撤回吗？", "buttons": buttons, "can_rate": True}])

    service.engine.script = offer
    citizen = await service.citizen()
    await citizen.send("我想撤回")
    (answer,) = await citizen.hear(2, 1)
    assert answer["buttons"] == [{"title": "撤回", "style": "danger"}]
    assert answer["can_rate"] is True

    response = await citizen.send(press={"message": answer["id"], "button": 0})

    assert response.json()["message"]["text"] == "撤回"
    assert command not in response.text
    await service.engine.called(2)
    assert service.engine.calls[1].command == command
    unknown = await citizen.send(press={"message": answer["id"], "button": 1})
    assert (unknown.status_code, unknown.json()["error"]["code"]) == (409, "no_such_button")


async def test_polling_waits_for_what_is_new_and_no_longer(service: Service) -> None:
    citizen = await service.citizen()
    service.engine.hold()
    await citizen.send("社保卡丢了")
    await service.engine.called(1)
    assert await citizen.poll(2) == {
        "conversation": citizen.started["conversation"],
        "messages": [],
        "typing": True,
    }

    started = time.monotonic()
    waiting = asyncio.create_task(citizen.poll(2, wait=20))
    await service.engine.release()
    found = await waiting

    assert time.monotonic() - started < 5
    assert [m["text"] for m in found["messages"]] == ["答：社保卡丢了"]
    assert found["typing"] is False
    # And without anything new, the wait ends by itself.
    assert (await citizen.poll(3, wait=0.05))["messages"] == []


@on_shared
async def test_an_answer_is_rated(shared: Service) -> None:
    citizen = await shared.citizen()
    await citizen.send("社保卡丢了")
    await citizen.hear(2, 1)

    assert (await citizen.rate(3, True)).status_code == 204

    assert (await citizen.poll(2))["messages"][0]["feedback"] is True
    for message in (2, 99):
        assert (await citizen.rate(message, True)).status_code == 404
    for message in ("x", 2**40, 0):
        assert (await citizen.rate(message, True)).status_code == 422
    assert (await citizen.rate(3, "maybe")).status_code == 422


async def test_an_agent_is_seen_by_number_only(service: Service) -> None:
    service.engine.script = lambda _: EngineAnswer([{"text": "好的", "handoff": "queued"}])
    citizen = await service.citizen()
    await citizen.send("转人工")
    await citizen.hear(2, 2)
    (waiting,) = (await service.inside("GET", "/desk/queue")).json()
    desk = f"/desk/{waiting['conversation']}"

    assert (await citizen.poll(0))["conversation"]["position"] == 1
    assert (await service.inside("POST", f"{desk}/claim", json={"agent": "1024"})).status_code == 204
    second = await service.inside("POST", f"{desk}/claim", json={"agent": "2048"})
    assert (second.status_code, second.json()["error"]["code"]) == (409, "not_waiting")
    words = {"agent": "1024", "text": "您好", "client_id": "a-1"}
    for _ in range(2):
        assert (await service.inside("POST", f"{desk}/say", json=words)).status_code == 204

    found = await citizen.poll(4)
    assert found["conversation"] == {
        "mode": "human",
        "position": None,
        "agent": "坐席 1024",
        "in_service_hours": True,
    }
    claimed, spoken = found["messages"]
    assert claimed["text"] == texts.CLAIMED.format(agent="1024")
    assert (spoken["author"], spoken["agent"], spoken["text"]) == ("agent", "坐席 1024", "您好")
    assert spoken["client_id"] is None
    await citizen.send("我的电话是 13800138000")
    transcript = (await service.inside("GET", desk)).json()
    assert transcript["messages"][-1]["text"] == "我的电话是 138****8000"
    assert (await service.inside("POST", f"{desk}/hand-back", json={"agent": "1024"})).status_code == 204
    assert (await citizen.poll(0))["conversation"]["mode"] == "bot"


async def test_a_token_that_is_not_ours_is_refused(service: Service, run: Run) -> None:
    citizen = await service.citizen()
    body, _, signature = citizen.token.rpartition(".")
    async with run(signing_key="another key") as elsewhere:
        foreign = (await elsewhere.citizen()).token

    for token in ("x", "é", citizen.token[:-2], f"{body}x.{signature}", foreign):
        citizen.token = token
        for response in (
            await citizen.send("喂"),
            await citizen.rate(1, True),
        ):
            assert response.status_code == 401
            assert response.json()["error"] == {"code": "token_invalid", "message": texts.TOKEN_INVALID}
    for headers in ({}, {"Authorization": "Bearer"}, {"Authorization": "Basic eDp5"}):
        missing = await service.client.get("/api/conversations/current/messages", headers=headers)
        assert missing.status_code == 401


async def test_a_conversation_that_is_gone_is_told_at_once(service: Service) -> None:
    citizen = await service.citizen()
    async with service.app.state.database.transaction() as session:
        for table in (Message, Conversation):
            await session.execute(delete(table))

    started = time.monotonic()
    response = await service.client.get(
        "/api/conversations/current/messages",
        params={"after": 1, "wait": 20},
        headers={"Authorization": f"Bearer {citizen.token}"},
    )

    assert response.status_code == 401
    assert time.monotonic() - started < 5


@on_shared
@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"text": "长" * 1001}, 413, "too_long"),
        ({"text": ""}, 422, "empty"),
        ({"text": None}, 422, "empty"),
        ({"text": "\x00 "}, 422, "empty"),
        ({"press": {"message": 1, "button": 8}}, 409, "no_such_button"),
        ({"press": {"message": 2**31, "button": 0}}, 422, "invalid"),
        ({"press": {"message": 10**30, "button": 0}}, 422, "invalid"),
        ({"press": {"message": 1, "button": -1}}, 422, "invalid"),
        ({"press": {"message": 1}}, 422, "invalid"),
        ({"press": [1, 0]}, 422, "invalid"),
        ({"text": 5}, 422, "invalid"),
        ({"text": "喂", "command": "/restart"}, 422, "invalid"),
        ({"text": "喂", "client_id": ""}, 422, "invalid"),
        ({"text": "喂", "client_id": "a b"}, 422, "invalid"),
        ({"text": "喂", "client_id": "c" * 65}, 422, "invalid"),
        ({"text": "喂", "client_id": "c\x00"}, 422, "invalid"),
    ],
)
async def test_a_bad_message_is_refused_in_chinese(
    shared: Service, body: dict[str, object], status: int, code: str
) -> None:
    citizen = await shared.citizen()

    response = await citizen.send(**body)

    assert (response.status_code, response.json()["error"]["code"]) == (status, code)
    assert re.search("[一-鿿]", response.json()["error"]["message"])
    assert len((await citizen.poll(0))["messages"]) == 1


@on_shared
@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"[1, 2]",
        b"null",
        b'"text"',
        b"\xff\xfe",
        b"[" * 20000,
        b'{"client_id": "c-1", "text": "\\ud800", "\\ud800": 1}',
        b'{"client_id": "c\\ud800", "text": "x"}',
        b'{"client_id": "c-1", "text": NaN}',
    ],
)
async def test_a_body_that_is_no_message_is_refused_in_chinese(shared: Service, raw: bytes) -> None:
    citizen = await shared.citizen()

    response = await shared.client.post(
        "/api/conversations/current/messages",
        content=raw,
        headers={"Authorization": f"Bearer {citizen.token}", "Content-Type": "application/json"},
    )

    assert response.status_code in (400, 422)
    message = response.json()["error"]["message"]
    assert re.search("[一-鿿]", message)
    assert not re.search(r"\d", message)
    assert len((await citizen.poll(0))["messages"]) == 1


@on_shared
async def test_broken_json_is_422(shared: Service) -> None:
    citizen = await shared.citizen()

    response = await shared.client.post(
        "/api/conversations/current/messages",
        content=b'{"client_id": "c-1", "text": ',
        headers={"Authorization": f"Bearer {citizen.token}", "Content-Type": "application/json"},
    )

    assert response.status_code == 422
    assert response.json() == {"error": {"code": "invalid", "message": "内容不对，请检查：格式"}}


@on_shared
async def test_half_a_surrogate_pair_is_left_out_of_the_text_or_refused(shared: Service) -> None:
    citizen = await shared.citizen()

    response = await shared.client.post(
        "/api/conversations/current/messages",
        content=b'{"client_id": "c-1", "text": "\\u566a\\ud83d\\u97f3"}',
        headers={"Authorization": f"Bearer {citizen.token}", "Content-Type": "application/json"},
    )

    assert response.status_code == 422 or response.json()["message"]["text"] == "噪音"


@on_shared
@pytest.mark.parametrize(
    "query", [{"after": -1}, {"after": "x"}, {"after": 2**40}, {"wait": 26}, {"wait": -1}, {"wait": "nan"}]
)
async def test_a_bad_question_for_messages_is_refused_in_chinese(
    shared: Service, query: dict[str, str]
) -> None:
    citizen = await shared.citizen()

    response = await shared.client.get(
        "/api/conversations/current/messages",
        params=query,
        headers={"Authorization": f"Bearer {citizen.token}"},
    )

    assert response.status_code == 422
    assert response.json()["error"]["message"] == f"内容不对，请检查：{next(iter(query))}"
