"""The door that is not for the public: for Rasa's actions and the command line."""

from __future__ import annotations

import asyncio
import secrets
import time
import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, HTTPException, Request
from pydantic import BaseModel, ConfigDict

from hotline.conversations.models import Message
from hotline.conversations.service import Conversations
from hotline.settings import Settings
from hotline.work_orders.acting import trust

_PATIENCE = 45.0


def authorized(request: Request, authorization: Annotated[str, Header()] = "") -> None:
    """Let only those in who know the shared secret; they are trusted to say who acts.

    Raises:
        HTTPException: 401.
    """
    settings: Settings = request.app.state.settings
    wanted = f"Bearer {settings.secret('internal_token')}"
    if not secrets.compare_digest(authorization.encode(), wanted.encode()):
        raise HTTPException(401)
    trust(request)


router = APIRouter(tags=["internal"])


def _conversations(request: Request) -> Conversations:
    service: Conversations = request.app.state.conversations
    return service


Service = Annotated[Conversations, Depends(_conversations)]


class Said(BaseModel):
    """One citizen's message, in a new conversation or one begun before."""

    model_config = ConfigDict(extra="forbid")

    conversation: uuid.UUID | None = None
    text: str


@router.post("/converse")
async def converse(said: Said, service: Service, request: Request) -> dict[str, Any]:
    """Say something as a citizen, wait for the answer, and see how it was understood.

    The message takes the same way as any citizen's; only the rates do not hold.
    """
    started = time.monotonic()
    conversation_id = said.conversation or await service.start("api")
    hub = request.app.state.hub
    with hub.changes(conversation_id) as changed:
        message = await service.receive(
            conversation_id, client_id=uuid.uuid4().hex, text=said.text, limited=False
        )
        request.app.state.processor.wake(conversation_id)
        while True:
            changed.clear()
            later = await service.messages(conversation_id, after=message.seq - 1)
            if later[0].state == "done":
                break
            left = _PATIENCE - (time.monotonic() - started)
            try:
                await asyncio.wait_for(changed.wait(), max(0.05, left))
            except TimeoutError:
                raise HTTPException(504) from None
    state = await service.state(conversation_id)
    return {
        "conversation": str(conversation_id),
        "mode": state.mode,
        "evidence": later[0].evidence or {},
        "replies": [_reply(item) for item in later[1:] if item.author != "citizen"],
        "milliseconds": round((time.monotonic() - started) * 1000, 1),
    }


def _reply(message: Message) -> dict[str, Any]:
    return {
        "text": message.text,
        "buttons": [
            {"title": button["title"], "payload": button["payload"]}
            for button in message.content.get("buttons", [])
        ],
        "source": message.content.get("source"),
    }
