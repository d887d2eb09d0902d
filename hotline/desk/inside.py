"""The desk for the command line (``hotline desk``), behind the inner door: the same service as for the console."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from hotline.desk.api import PartsDep
from hotline.desk.rights import Person

router = APIRouter(prefix="/desk", tags=["internal"])


class Agent(BaseModel):
    """Who acts at the desk."""

    agent: Annotated[str, Field(pattern=r"^\d{1,8}$")]

    @property
    def person(self) -> Person:
        """The agent, who has no console: neither being on duty nor a limit is asked of them."""
        return Person(number=self.agent, by_command=True)


class Words(Agent):
    """What an agent says; the same ``client_id`` says it once."""

    text: str
    client_id: Annotated[str, Field(min_length=1, max_length=64)]


_LOOKS_ON = Person(number="命令行", by_command=True)


@router.get("/queue")
async def queue(parts: PartsDep) -> list[dict[str, Any]]:
    """The conversations that wait for an agent, in the order in which they are to be claimed."""
    state = await parts.looking.state(_LOOKS_ON)
    kept = ("channel", "reason", "reason_text", "priority", "waiting_seconds")
    return [{"conversation": item["id"]} | {key: item[key] for key in kept} for item in state["queue"]]


@router.get("/{conversation_id}")
async def transcript(conversation_id: uuid.UUID, parts: PartsDep) -> dict[str, Any]:
    """A conversation's lines, phone and identity numbers masked, with what was understood of each."""
    found = await parts.looking.conversation(_LOOKS_ON, conversation_id, after=0)
    conversation = found["conversation"]
    return {
        "mode": conversation["mode"],
        "agent": conversation["agent"],
        "messages": found["messages"],
        "notes": found["notes"],
    }


@router.post("/{conversation_id}/claim", status_code=204)
async def claim(conversation_id: uuid.UUID, body: Agent, parts: PartsDep) -> None:
    """Take a waiting conversation."""
    await parts.desk.do_claim(body.person, conversation_id)


@router.post("/{conversation_id}/say", status_code=204)
async def say(conversation_id: uuid.UUID, body: Words, parts: PartsDep) -> None:
    """Say something to the citizen."""
    await parts.desk.do_say(body.person, conversation_id, body.text, client_id=body.client_id)


@router.post("/{conversation_id}/hand-back", status_code=204)
async def hand_back(conversation_id: uuid.UUID, body: Agent, parts: PartsDep) -> None:
    """Give the conversation back to the bot."""
    await parts.desk.do_hand_back(body.person, conversation_id)
