"""What protects the public side: sizes and rates."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.requests import HTTPConnection

from hotline.channels.web.limits import client_address
from tests.channels.conftest import Run, Service, on_shared

LIMIT = 32 * 1024


async def chunks(size: int) -> AsyncIterator[bytes]:
    """A body whose size is not announced."""
    for start in range(0, size, 8192):
        yield b" " * min(8192, size - start)


@on_shared
async def test_a_body_above_32_kib_is_refused_announced_or_not(shared: Service) -> None:
    citizen = await shared.citizen()
    url = "/api/conversations/current/messages"
    headers = {"Authorization": f"Bearer {citizen.token}", "Content-Type": "application/json"}

    for content in (b" " * (LIMIT + 1), chunks(LIMIT + 1), chunks(LIMIT * 4)):
        response = await shared.client.post(url, content=content, headers=headers)
        assert response.status_code == 413
        assert response.json() == {"error": {"code": "too_long", "message": "内容太大了，请分几次发送。"}}

    body = b'{"client_id": "c-1", "text": "\xe5\x96\x82"}'
    for content in (body.ljust(LIMIT), _in_two(body.ljust(LIMIT))):
        assert (await shared.client.post(url, content=content, headers=headers)).status_code == 202


async def _in_two(body: bytes) -> AsyncIterator[bytes]:
    yield body[:20000]
    yield body[20000:]


@on_shared
async def test_the_inner_door_has_a_limit_too_and_needs_no_token_to_refuse(shared: Service) -> None:
    for content in (b" " * (LIMIT * 8 + 1), chunks(LIMIT * 8 + 1)):
        response = await shared.client.post("/internal/converse", content=content)
        assert response.status_code == 413
    assert (await shared.client.post("/internal/converse", content=b" " * LIMIT * 2)).status_code == 401


async def test_one_address_may_start_so_many_conversations_a_minute(run: Run) -> None:
    async with run(address_starts=3) as service:
        for _ in range(3):
            await service.citizen()

        response = await service.client.post("/api/conversations", json={})

        assert response.status_code == 429
        assert 1 <= int(response.headers["Retry-After"]) <= 60
        assert response.json()["error"]["code"] == "too_fast"


async def test_one_address_may_send_so_many_messages_a_minute_in_all_conversations(run: Run) -> None:
    async with run(address_rate=4) as service:
        one, other = await service.citizen(), await service.citizen()
        for citizen in (one, one, other, other):
            assert (await citizen.send("喂")).status_code == 202

        response = await one.send("喂")

        assert response.status_code == 429
        seconds = response.headers["Retry-After"]
        assert f"{seconds} 秒" in response.json()["error"]["message"]
        assert len((await one.poll(0))["messages"]) <= 5


async def test_one_conversation_may_send_so_many_messages_a_minute(run: Run) -> None:
    async with run(conversation_rate=2) as service:
        citizen = await service.citizen()
        for n in range(2):
            assert (await citizen.send("喂", client_id=f"c-{n}")).status_code == 202

        response = await citizen.send("喂")

        assert response.status_code == 429
        assert int(response.headers["Retry-After"]) > 50
        # What was accepted may be repeated: a repeat is no new message.
        assert (await citizen.send("喂", client_id="c-1")).status_code == 202
        assert (await (await service.citizen()).send("喂")).status_code == 202


async def test_the_word_of_a_stranger_about_his_address_is_not_believed(run: Run) -> None:
    async with run(address_starts=2) as service:
        codes = [(await _start(service.client, f"203.0.113.{n}")).status_code for n in range(3)]
        assert codes == [201, 201, 429]


async def test_the_word_of_a_trusted_proxy_is_believed(run: Run) -> None:
    async with run(address_starts=1, trusted_proxies=["127.0.0.1"]) as service:
        assert (await _start(service.client, "203.0.113.1")).status_code == 201
        assert (await _start(service.client, "203.0.113.2")).status_code == 201
        # What the citizen claims himself stands before what the proxy adds.
        assert (await _start(service.client, "198.51.100.7, 203.0.113.2")).status_code == 429


async def _start(client: httpx.AsyncClient, forwarded: str) -> httpx.Response:
    return await client.post("/api/conversations", json={}, headers={"X-Forwarded-For": forwarded})


@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted", "address"),
    [
        ("192.0.2.1", None, [], "192.0.2.1"),
        ("192.0.2.1", "203.0.113.1", [], "192.0.2.1"),
        ("192.0.2.1", "203.0.113.1", ["192.0.2.2"], "192.0.2.1"),
        ("192.0.2.1", "203.0.113.1", ["192.0.2.1"], "203.0.113.1"),
        ("192.0.2.1", None, ["192.0.2.1"], "192.0.2.1"),
        (None, None, [], "unknown"),
    ],
)
def test_the_citizens_address(
    peer: str | None, forwarded: str | None, trusted: list[str], address: str
) -> None:
    headers = [(b"x-forwarded-for", forwarded.encode())] if forwarded else []
    client = (peer, 1) if peer else None
    connection = HTTPConnection({"type": "http", "headers": headers, "client": client})

    assert client_address(connection, trusted) == address
