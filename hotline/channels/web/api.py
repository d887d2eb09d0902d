"""The widget's HTTP and WebSocket. One log of messages, two ways to read it, one way to write it."""

from __future__ import annotations

import asyncio
import contextlib
import time
import uuid
from datetime import UTC
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header, Path, Query, Request, WebSocket, WebSocketDisconnect
from itsdangerous import BadSignature, URLSafeSerializer
from pydantic import BaseModel, ConfigDict, Field, model_validator

from hotline.channels.web.limits import AddressLimits, client_address
from hotline.conversations import texts
from hotline.conversations.hub import Hub
from hotline.conversations.models import Message
from hotline.conversations.processor import Processor
from hotline.conversations.service import ConversationError, Conversations, Press, State
from hotline.demo.mark import is_filled
from hotline.settings import Settings

router = APIRouter(prefix="/api", tags=["web channel"])

_HELLO_SECONDS = 5
#: How often at most the desk is told that a citizen writes.
_TYPING_PAUSE = 3.0
_TOKEN_INVALID_CLOSE = 4401
#: What a message's number may be at most: the database's integer.
_MAX_NUMBER = 2**31 - 1


class Web:
    """What the web channel needs; held by the application."""

    def __init__(
        self, settings: Settings, conversations: Conversations, processor: Processor, hub: Hub
    ) -> None:
        self.settings = settings
        self.conversations = conversations
        self.processor = processor
        self.hub = hub
        self.limits = AddressLimits()
        self._tokens = URLSafeSerializer(settings.secret("signing_key"), salt="conversation")

    def token(self, conversation_id: uuid.UUID) -> str:
        """The signed token that speaks for a conversation."""
        return str(self._tokens.dumps(conversation_id.hex))

    def conversation(self, token: str) -> uuid.UUID:
        """The conversation a token speaks for.

        Raises:
            ConversationError: the token is not one of ours.
        """
        try:
            return uuid.UUID(hex=self._tokens.loads(token))
        except (BadSignature, ValueError, TypeError, AttributeError):
            raise ConversationError("token_invalid", texts.TOKEN_INVALID) from None


def _web(request: Request) -> Web:
    web: Web = request.app.state.web
    return web


def _current(web: Annotated[Web, Depends(_web)], authorization: Annotated[str, Header()] = "") -> uuid.UUID:
    return web.conversation(authorization.removeprefix("Bearer ").strip())


WebDep = Annotated[Web, Depends(_web)]
Current = Annotated[uuid.UUID, Depends(_current)]


class PressIn(BaseModel):
    """A pressed button."""

    message: Annotated[int, Field(ge=1, le=_MAX_NUMBER)]
    button: Annotated[int, Field(ge=0, le=50)]


class MessageIn(BaseModel):
    """A citizen's message: typed text, a pressed button, or photographs that were uploaded before."""

    model_config = ConfigDict(extra="forbid")

    client_id: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[\w-]+$")]
    text: str | None = None
    press: PressIn | None = None
    attachments: Annotated[list[uuid.UUID], Field(max_length=20)] = []

    @model_validator(mode="after")
    def _one_kind(self) -> MessageIn:
        if self.attachments and (self.text is not None or self.press is not None):
            raise ValueError("photographs are a message of their own")
        return self


class Hello(BaseModel):
    """The widget's first frame on the socket."""

    type: Literal["hello"]
    token: str
    after: Annotated[int, Field(ge=0, le=_MAX_NUMBER)] = 0


class Rating(BaseModel):
    """Whether an answer was useful."""

    useful: bool


def conversation_out(state: State) -> dict[str, Any]:
    """A conversation as the widget sees it."""
    return {
        "mode": state.mode,
        "position": state.position,
        "agent": f"坐席 {state.agent}" if state.agent else None,
        "in_service_hours": state.in_service_hours,
    }


def message_out(message: Message) -> dict[str, Any]:
    """A message as the widget sees it: what a button stands for stays here."""
    content = message.content
    return {
        "id": message.seq,
        "author": message.author,
        "agent": f"坐席 {message.agent}" if message.agent else None,
        "text": message.text,
        "created_at": message.created_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "client_id": message.client_id if message.author == "citizen" else None,
        "reply_to": message.reply_to,
        "buttons": [
            {key: value for key, value in button.items() if key != "payload"}
            for button in content.get("buttons", [])
        ],
        "card": content.get("card"),
        "attachments": content.get("attachments", []),
        "menu": bool(content.get("menu")),
        "feedback": message.feedback,
        "can_rate": bool(content.get("can_rate")),
    }


@router.get("/site")
async def site(web: WebDep, request: Request) -> dict[str, Any]:
    """What the page needs to know before a conversation."""
    city = request.app.state.city
    return {
        "name": f"{city.name}12345智能助手",
        "city": city.name,
        "hotline": "12345",
        "notice": texts.NOTICE,
        "demo": await is_filled(request.app.state.database),
        "max_length": web.settings.max_message_length,
        "photos": {
            "max_bytes": web.settings.photo_max_bytes,
            "per_message": web.settings.photos_per_message,
        },
    }


@router.post("/conversations", status_code=201)
async def start(web: WebDep, request: Request) -> dict[str, Any]:
    """Begin a conversation."""
    address = client_address(request, web.settings.trusted_proxies)
    web.limits.check(address, "start", web.settings.address_starts, texts.TOO_MANY_STARTS)
    conversation_id = await web.conversations.start("web")
    messages, state = await web.conversations.look(conversation_id)
    return {
        "token": web.token(conversation_id),
        "conversation": conversation_out(state),
        "messages": [message_out(message) for message in messages],
    }


@router.post("/conversations/current/messages", status_code=202)
async def send(body: MessageIn, web: WebDep, current: Current, request: Request) -> dict[str, Any]:
    """Take a citizen's message; accepted means kept."""
    address = client_address(request, web.settings.trusted_proxies)
    web.limits.check(address, "message", web.settings.address_rate, texts.TOO_FAST)
    press = Press(body.press.message, body.press.button) if body.press else None
    message = await web.conversations.receive(
        current, client_id=body.client_id, text=body.text, press=press, attachments=body.attachments
    )
    web.processor.wake(current)
    return {"message": message_out(message)}


def _typing(web: Web, current: uuid.UUID, state: State) -> bool:
    """Whether whoever answers is writing: the bot, or an agent."""
    if state.mode == "human":
        return web.hub.typing_left(current) is not None
    return state.typing and state.mode == "bot"


@router.get("/conversations/current/messages")
async def messages(
    web: WebDep,
    current: Current,
    after: Annotated[int, Query(ge=0, le=_MAX_NUMBER)] = 0,
    wait: Annotated[float, Query(ge=0, le=25)] = 0,
) -> dict[str, Any]:
    """What came after message ``after``; with ``wait``, as soon as there is something."""
    with web.hub.changes(current) as changed:
        found, state = await web.conversations.look(current, after=after)
        if wait and not found:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(changed.wait(), wait)
            found, state = await web.conversations.look(current, after=after)
    return {
        "conversation": conversation_out(state),
        "messages": [message_out(message) for message in found],
        "typing": _typing(web, current, state),
    }


@router.post("/conversations/current/messages/{seq}/feedback", status_code=204)
async def rate(
    seq: Annotated[int, Path(ge=1, le=_MAX_NUMBER)], body: Rating, web: WebDep, current: Current
) -> None:
    """Keep whether an answer was useful."""
    await web.conversations.do_rate(current, seq, body.useful)


@router.websocket("/conversations/current/socket")
async def socket(websocket: WebSocket) -> None:
    """The faster way to the same log."""
    web: Web = websocket.app.state.web
    await websocket.accept()
    try:
        frame = await asyncio.wait_for(websocket.receive_text(), _HELLO_SECONDS)
        hello = Hello.model_validate_json(frame)
        current = web.conversation(hello.token)
        await web.conversations.state(current)
    except ConversationError:
        await websocket.close(_TOKEN_INVALID_CLOSE)
        return
    except (TimeoutError, WebSocketDisconnect, ValueError, KeyError):  # KeyError: a binary frame
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):
            await websocket.close(1008)
        return
    reader = asyncio.create_task(_read(websocket, web, current))
    writer = asyncio.create_task(_push(websocket, web, current, hello.after))
    try:
        await asyncio.wait({reader, writer}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (reader, writer):
            task.cancel()
        await asyncio.gather(reader, writer, return_exceptions=True)
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):
            await websocket.close()


async def _read(websocket: WebSocket, web: Web, current: uuid.UUID) -> None:
    """Answer pings, and let an agent see that the citizen writes."""
    told = 0.0
    with contextlib.suppress(WebSocketDisconnect, RuntimeError):
        while True:
            frame = await websocket.receive_text()
            if '"typing"' in frame:
                if time.monotonic() - told > _TYPING_PAUSE:
                    told = time.monotonic()
                    if (await web.conversations.state(current)).mode == "human":
                        await web.conversations.do_type(current, "citizen", True)
            elif "ping" in frame:
                await websocket.send_json({"type": "pong"})


async def _push(websocket: WebSocket, web: Web, current: uuid.UUID, after: int) -> None:
    """Send what is new, whenever the conversation changes."""
    told: State | None = None
    told_typing: bool | None = None
    with web.hub.changes(current) as changed, contextlib.suppress(WebSocketDisconnect, RuntimeError):
        while True:
            changed.clear()
            found, state = await web.conversations.look(current, after=after)
            if found:
                after = found[-1].seq
                await websocket.send_json(
                    {"type": "messages", "messages": [message_out(message) for message in found]}
                )
            if told is None or conversation_out(told) != conversation_out(state):
                await websocket.send_json({"type": "conversation", "conversation": conversation_out(state)})
            typing = _typing(web, current, state)
            if typing != told_typing:
                await websocket.send_json({"type": "typing", "on": typing})
            told, told_typing = state, typing
            with contextlib.suppress(TimeoutError):  # who writes no more need not say so
                await asyncio.wait_for(changed.wait(), web.hub.typing_left(current))
