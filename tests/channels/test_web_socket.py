"""The socket shows the same log as polling does: nothing missing, nothing double, also after it broke."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection

from hotline.channels.web import api
from hotline.conversations.engine import EngineAnswer
from tests.channels.conftest import Run, Service, bare_socket, on_shared


async def frame(socket: ClientConnection) -> dict[str, Any]:
    """The next frame, within ten seconds."""
    async with asyncio.timeout(10):
        found: dict[str, Any] = json.loads(await socket.recv())
    return found


async def messages(socket: ClientConnection, count: int) -> list[dict[str, Any]]:
    """The next ``count`` messages."""
    found: list[dict[str, Any]] = []
    while len(found) < count:
        got = await frame(socket)
        if got["type"] == "messages":
            found += got["messages"]
    assert len(found) == count
    return found


async def closed(socket: ClientConnection) -> int | None:
    """The code with which the service closes."""
    async with asyncio.timeout(10):
        await socket.wait_closed()
    return socket.close_code


@on_shared
async def test_hello_is_answered_with_all_that_was_missed_and_how_things_stand(shared: Service) -> None:
    citizen = await shared.citizen()
    await citizen.send("一")
    await citizen.hear(2, 1)

    async with citizen.socket(after=1) as socket:
        log, state, typing = [await frame(socket) for _ in range(3)]

    assert log == {"type": "messages", "messages": (await citizen.poll(1))["messages"]}
    assert [m["id"] for m in log["messages"]] == [2, 3]
    assert state == {"type": "conversation", "conversation": citizen.started["conversation"]}
    assert typing == {"type": "typing", "on": False}


async def test_what_is_new_is_shown_and_the_bot_is_seen_typing(service: Service) -> None:
    citizen = await service.citizen()
    service.engine.hold()
    async with citizen.socket(after=1) as socket:
        assert [(await frame(socket))["type"] for _ in range(2)] == ["conversation", "typing"]

        await citizen.send("社保卡丢了")

        assert (await frame(socket))["messages"][0]["text"] == "社保卡丢了"
        assert await frame(socket) == {"type": "typing", "on": True}
        await service.engine.release()
        assert (await frame(socket))["messages"][0]["text"] == "答：社保卡丢了"
        assert await frame(socket) == {"type": "typing", "on": False}


async def test_a_change_of_mode_is_shown(service: Service) -> None:
    service.engine.script = lambda _: EngineAnswer([{"text": "好的", "handoff": "queued"}])
    citizen = await service.citizen()
    async with citizen.socket(after=1) as socket:
        await citizen.send("转人工")
        got = await frame(socket)
        while got["type"] != "conversation" or got["conversation"]["mode"] == "bot":
            got = await frame(socket)

    assert (got["conversation"]["mode"], got["conversation"]["position"]) == ("queued", 1)


async def test_across_broken_sockets_nothing_is_missing_and_nothing_double(service: Service) -> None:
    service.app.state.conversations._rate = 0
    citizen = await service.citizen()
    seen: list[int] = []

    async def send() -> None:
        for n in range(30):
            assert (await citizen.send(f"第{n}句")).status_code == 202

    async def read() -> None:
        while len(seen) < 60:  # thirty messages, thirty answers
            async with citizen.socket(after=seen[-1] if seen else 1) as socket:
                taken = 0
                while taken < 7 and len(seen) < 60:
                    got = await frame(socket)
                    if got["type"] == "messages":
                        seen.extend(m["id"] for m in got["messages"])
                        taken += len(got["messages"])

    async with asyncio.timeout(30):
        await asyncio.gather(send(), read())

    assert seen == list(range(2, 62))


@on_shared
async def test_two_windows_of_one_conversation_see_the_same(shared: Service) -> None:
    citizen = await shared.citizen()
    async with citizen.socket(after=0) as one, citizen.socket(after=0) as other:
        await messages(one, 1)
        await messages(other, 1)

        await citizen.send("喂")

        assert await messages(one, 2) == await messages(other, 2)


@on_shared
async def test_ping_is_answered(shared: Service) -> None:
    citizen = await shared.citizen()
    async with citizen.socket(after=1) as socket:
        for _ in range(2):
            await frame(socket)

        await socket.send('{"type": "ping"}')

        assert await frame(socket) == {"type": "pong"}
        await socket.send("nonsense")
        await socket.send(b"\x00\xff")
        assert (await citizen.send("还在")).status_code == 202


async def test_a_token_that_is_not_good_closes_with_4401(service: Service, run: Run) -> None:
    citizen = await service.citizen()
    async with run(signing_key="another key") as elsewhere:
        foreign = (await elsewhere.citizen()).token

    for token in ("x", foreign):
        async with citizen.socket(after=0, token=token) as socket:
            assert await closed(socket) == 4401


@on_shared
@pytest.mark.parametrize(
    "hello",
    [
        "hello",
        "{}",
        "[]",
        "null",
        b"\x00",
        "[" * 20000,
        '{"type": "hello"}',
        '{"type": "hello", "token": 5}',
        '{"type": "hello", "token": "TOKEN", "after": "x"}',
        '{"type": "hello", "token": "TOKEN", "after": -1}',
        '{"type": "hello", "token": "TOKEN", "after": 1099511627776}',
        '{"type": "hello", "token": "TOKEN", "after": Infinity}',
        '{"type": "ping", "token": "TOKEN"}',
    ],
)
async def test_a_bad_hello_closes_the_socket(shared: Service, hello: str | bytes) -> None:
    citizen = await shared.citizen()
    if isinstance(hello, str):
        hello = hello.replace("TOKEN", citizen.token)

    async with bare_socket(shared.client) as socket:
        await socket.send(hello)

        assert await closed(socket) == 1008


async def test_who_says_nothing_is_not_waited_for(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "_HELLO_SECONDS", 0.05)

    async with bare_socket(service.client) as socket:
        assert await closed(socket) == 1008


async def test_a_socket_that_is_gone_is_forgotten(service: Service) -> None:
    citizen = await service.citizen()
    async with citizen.socket(after=0) as socket:
        await messages(socket, 1)
        waiters = service.app.state.hub._waiters
        assert len(waiters) == 1

    # The service notices at its own pace; a change of the conversation is a moment by which it has.
    await citizen.send("喂")
    await citizen.hear(2, 1)
    assert not waiters
