"""The console's socket: events out, signs of life in."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
import uuid
from collections.abc import Collection
from typing import Annotated, Literal

import structlog
from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from pydantic import BaseModel, Field, TypeAdapter

from hotline.accounts.door import current_account, session_of
from hotline.accounts.errors import AccountError
from hotline.conversations.errors import ConversationError
from hotline.desk.api import person_of
from hotline.desk.errors import DeskError
from hotline.desk.events import Console
from hotline.desk.parts import Parts
from hotline.desk.presence import GONE_SECONDS, PING_SECONDS
from hotline.desk.rights import Person

logger = structlog.get_logger(__name__)

router = APIRouter(tags=["desk"])

_NOT_LOGGED_IN, _NOTHING_TO_SEE, _WRONG_FRAME = 4401, 4403, 1008
_HELLO_SECONDS = 5
_MOST_WATCHED = 50
#: Whether the person is still logged in is looked up once in so many seconds; a sign of life is written down as often.
_LOGIN_SECONDS, _SIGN_SECONDS = 60.0, 10.0

Watched = Annotated[list[uuid.UUID], Field(max_length=_MOST_WATCHED)]
Place = Annotated[int, Field(ge=0, le=2**53)]


class Hello(BaseModel):
    """The first frame: the place in the events that is known, and what is watched."""

    type: Literal["hello"]
    stream: Annotated[str, Field(max_length=100)] | None = None
    after: Place | None = None
    watch: Watched = []
    bot: bool = False


class Ping(BaseModel):
    """A sign of life."""

    type: Literal["ping"]


class Watch(BaseModel):
    """What is watched from now on."""

    type: Literal["watch"]
    conversations: Watched
    bot: bool = False


class Typing(BaseModel):
    """The agent writes."""

    type: Literal["typing"]
    conversation: uuid.UUID
    on: bool = True


_FRAME: TypeAdapter[Ping | Watch | Typing] = TypeAdapter(
    Annotated[Ping | Watch | Typing, Field(discriminator="type")]
)


@router.websocket("/console-api/live")
async def live(websocket: WebSocket) -> None:
    """The live events of one console."""
    parts: Parts = websocket.app.state.desk
    await websocket.accept()
    try:
        account = await current_account(websocket, await session_of(websocket))
        person = person_of(account)
        if not person.may("presence"):
            person.role_for("orders")
        frame = await asyncio.wait_for(websocket.receive_text(), _HELLO_SECONDS)
        hello = Hello.model_validate_json(frame)
    except AccountError:
        await _close(websocket, _NOT_LOGGED_IN)
        return
    except DeskError:
        await _close(websocket, _NOTHING_TO_SEE)
        return
    except (TimeoutError, WebSocketDisconnect, ValueError, KeyError):  # KeyError: a binary frame
        await _close(websocket, _WRONG_FRAME)
        return
    if person.may("act"):
        parts.drafting.warm()  # who is here will draft orders
    await _serve(websocket, parts, person, hello)


async def _serve(websocket: WebSocket, parts: Parts, person: Person, hello: Hello) -> None:
    stream = parts.live.stream
    console = Console(person, bot=hello.bot)
    if person.may("see"):
        await parts.looking.may_watch(person, hello.watch)
        console.watched = frozenset(hello.watch)
    console.say(
        {
            "type": "welcome",
            "stream": stream.id,
            "seq": stream.seq,
            "ping_seconds": PING_SECONDS,
            "gone_seconds": GONE_SECONDS,
        }
    )
    stream.join(console, hello.stream, hello.after)
    code = 1000
    try:
        await parts.duty.do_see(person)
        reader = asyncio.create_task(_read(websocket, parts, console))
        writer = asyncio.create_task(_write(websocket, console))
        try:
            await asyncio.wait({reader, writer}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (reader, writer):
                task.cancel()
            ended = await asyncio.gather(reader, writer, return_exceptions=True)
            code = next((result for result in ended if isinstance(result, int)), code)
    finally:
        stream.leave(console)
        await _close(websocket, code)


async def _write(websocket: WebSocket, console: Console) -> None:
    with contextlib.suppress(WebSocketDisconnect, RuntimeError):
        while True:
            await console.wake.wait()
            console.wake.clear()
            for text in console.take():
                await websocket.send_text(text)


async def _read(websocket: WebSocket, parts: Parts, console: Console) -> int:
    """Take the console's frames until it is gone; returns the code to close with."""
    signed = looked = time.monotonic()
    with contextlib.suppress(WebSocketDisconnect, RuntimeError, TimeoutError):
        while True:
            text = await asyncio.wait_for(websocket.receive_text(), GONE_SECONDS)
            try:
                frame = _FRAME.validate_json(text)
            except ValueError:
                return _WRONG_FRAME
            at = time.monotonic()
            if at - looked > _LOGIN_SECONDS:
                looked = at
                try:
                    await session_of(websocket)
                except AccountError:
                    return _NOT_LOGGED_IN
            if isinstance(frame, Watch):
                await _watch(parts, console, frame)
            elif isinstance(frame, Typing):
                with contextlib.suppress(DeskError, ConversationError):  # it is not theirs any more
                    await parts.desk.do_type(console.person, frame.conversation, frame.on)
            else:
                await websocket.send_text(json.dumps({"type": "pong"}))
                if at - signed > _SIGN_SECONDS:
                    signed = at
                    await parts.duty.do_see(console.person)
    return 1000


async def _watch(parts: Parts, console: Console, wanted: Watch) -> None:
    if not console.person.may("see"):
        return
    fresh: Collection[uuid.UUID] = set(wanted.conversations) - console.watched
    # At once: what is said while it is looked up is not to be missed.
    console.watched, console.bot = frozenset(wanted.conversations), wanted.bot
    await parts.looking.may_watch(console.person, fresh)


async def _close(websocket: WebSocket, code: int) -> None:
    with contextlib.suppress(RuntimeError, WebSocketDisconnect):
        await websocket.close(code)
