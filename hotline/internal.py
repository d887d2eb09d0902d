"""The door that is not for the public: for Rasa's actions, the command line, and the agents' desk."""

from __future__ import annotations

import asyncio
import secrets
import time
import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, HTTPException, Request
from pydantic import BaseModel, ConfigDict, Field

from hotline.conversations.models import Conversation, Message
from hotline.conversations.service import Conversations
from hotline.database import now
from hotline.language.identifiers import mask, masked
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


class Agent(BaseModel):
    """Who acts at the desk."""

    agent: Annotated[str, Field(pattern=r"^\d{1,8}$")]


class Words(Agent):
    """What an agent says; the same ``client_id`` says it once."""

    text: str
    client_id: Annotated[str, Field(min_length=1, max_length=64)]


def _waiting(conversation: Conversation) -> dict[str, Any]:
    queued = conversation.queued_at or now()
    return {
        "conversation": str(conversation.id),
        "channel": conversation.channel,
        "reason": conversation.queue_reason,
        "waiting_seconds": int((now() - queued).total_seconds()),
    }


@router.get("/desk/queue")
async def queue(service: Service) -> list[dict[str, Any]]:
    """The conversations that wait for an agent, longest first."""
    return [_waiting(item) for item in await service.queue()]


@router.get("/desk/{conversation_id}")
async def transcript(conversation_id: uuid.UUID, service: Service) -> dict[str, Any]:
    """A conversation's lines, phone and identity numbers masked, with what was understood of each."""
    state = await service.state(conversation_id)
    return {
        "mode": state.mode,
        "agent": state.agent,
        "messages": [
            {
                "id": m.seq,
                "author": m.author,
                "at": m.created_at,
                "text": mask(m.text),
                "attachments": m.content.get("attachments", []),
                "evidence": masked(m.evidence),
            }
            for m in await service.messages(conversation_id)
        ],
    }


@router.post("/desk/{conversation_id}/claim", status_code=204)
async def claim(conversation_id: uuid.UUID, body: Agent, service: Service) -> None:
    """Take a waiting conversation."""
    await service.do_claim(conversation_id, body.agent)


@router.post("/desk/{conversation_id}/say", status_code=204)
async def say(conversation_id: uuid.UUID, body: Words, service: Service) -> None:
    """Say something to the citizen."""
    await service.do_say(conversation_id, body.agent, body.text, client_id=body.client_id)


@router.post("/desk/{conversation_id}/hand-back", status_code=204)
async def hand_back(conversation_id: uuid.UUID, body: Agent, service: Service) -> None:
    """Give the conversation back to the bot."""
    await service.do_hand_back(conversation_id, body.agent)
