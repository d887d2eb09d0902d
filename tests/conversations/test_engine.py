"""Rasa is asked in our channel's words, and all that can go wrong there is one kind of error."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from hotline.conversations.engine import EngineUnavailable, RasaEngine, Turn
from tests.serving import serve

TURN = Turn(uuid.UUID(int=7), f"{uuid.UUID(int=7)}:2", "社保卡丢了", '/ask_matter{"matter":"x"}')


class Rasa:
    """What answers where Rasa would."""

    def __init__(self) -> None:
        self.reply: Callable[[], Response] = lambda: JSONResponse({"replies": [], "evidence": {}})
        self.seen: list[tuple[str | None, object]] = []
        self.never = asyncio.Event()
        self.stuck = False

    async def __call__(self, request: Request) -> Response:
        """Any request."""
        if self.stuck:
            await self.never.wait()
        body = await request.json() if request.method == "POST" else None
        self.seen.append((request.headers.get("authorization"), body))
        return self.reply()


@pytest.fixture
def rasa() -> Rasa:
    """A server's behaviour, to be changed by the test."""
    return Rasa()


@pytest.fixture
async def engine(rasa: Rasa) -> AsyncIterator[RasaEngine]:
    """The engine, and a real server for it."""

    async def answer(request: Request) -> Response:
        return await rasa(request)

    routes = [
        Route("/webhooks/hub/messages", answer, methods=["POST"]),
        Route("/webhooks/hub/ready", answer),
    ]
    async with serve(Starlette(routes=routes)) as url:
        engine = RasaEngine(url, "secret", timeout=0.3)
        yield engine
        rasa.never.set()
        await engine.close()


async def test_a_turn_goes_out_whole_and_the_answer_comes_back(engine: RasaEngine, rasa: Rasa) -> None:
    rasa.reply = lambda: JSONResponse({"replies": [{"text": "好"}], "evidence": {"intent": "ask"}})

    answer = await engine.answer(TURN)

    assert (answer.replies, answer.evidence) == ([{"text": "好"}], {"intent": "ask"})
    body = {
        "message_id": TURN.message_id,
        "sender": str(TURN.conversation_id),
        "text": TURN.text,
        "command": TURN.command,
    }
    assert rasa.seen == [("Bearer secret", body)]


@pytest.mark.parametrize(
    "reply",
    [
        lambda: JSONResponse({"error": "unauthorized"}, 401),
        lambda: JSONResponse({}, 500),
        lambda: JSONResponse({"replies": []}),
        lambda: JSONResponse(None),
        lambda: PlainTextResponse("<html>"),
    ],
)
async def test_an_answer_that_is_none_means_the_engine_is_away(
    engine: RasaEngine, rasa: Rasa, reply: Callable[[], Response]
) -> None:
    rasa.reply = reply

    with pytest.raises(EngineUnavailable):
        await engine.answer(TURN)


async def test_a_slow_engine_and_no_engine_at_all_are_away(engine: RasaEngine, rasa: Rasa) -> None:
    rasa.stuck = True
    with pytest.raises(EngineUnavailable):
        await engine.answer(TURN)

    nobody = RasaEngine("http://127.0.0.1:1", "secret", timeout=0.3)
    with pytest.raises(EngineUnavailable):
        await nobody.answer(TURN)
    assert not await nobody.ready()
    await nobody.close()


async def test_ready_is_what_the_channel_says(engine: RasaEngine, rasa: Rasa) -> None:
    assert await engine.ready()

    rasa.reply = lambda: JSONResponse({"ready": False}, 503)

    assert not await engine.ready()
