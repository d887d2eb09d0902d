"""The desk over HTTP, for the agents' console: docs/desk-protocol.md. Needs ``app.state.desk`` and its like."""

from __future__ import annotations

import uuid
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from hotline.accounts.door import AccountDep, guard
from hotline.accounts.models import Account
from hotline.attachments.service import Attachments
from hotline.desk import consult, views
from hotline.desk.parts import Parts
from hotline.desk.rights import Person
from hotline.knowledge.service import Knowledge

router = APIRouter(prefix="/console-api/desk", tags=["desk"], dependencies=[Depends(guard)])

_MAX_NUMBER = 2**31 - 1
_PICTURE_HEADERS = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}


def parts_of(request: Request) -> Parts:
    """The desk of the application."""
    parts: Parts = request.app.state.desk
    return parts


def person_of(account: Account) -> Person:
    """The account as the desk knows it."""
    return Person(
        number=account.number,
        name=account.name,
        team=account.team,
        unit=account.unit,
        roles=tuple(account.roles),
    )


def _person(account: AccountDep) -> Person:
    return person_of(account)


def _knowledge(request: Request) -> Knowledge:
    knowledge: Knowledge = request.app.state.knowledge
    return knowledge


def _attachments(request: Request) -> Attachments:
    attachments: Attachments = request.app.state.attachments
    return attachments


PartsDep = Annotated[Parts, Depends(parts_of)]
Who = Annotated[Person, Depends(_person)]
KnowledgeDep = Annotated[Knowledge, Depends(_knowledge)]
AttachmentsDep = Annotated[Attachments, Depends(_attachments)]
ClientId = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[\w-]+$")]
Number = Annotated[str, Path(pattern=r"^[0-9]{1,8}$")]
LineId = Annotated[int, Field(ge=1, le=_MAX_NUMBER)]
ReplyId = Annotated[int, Path(ge=1, le=_MAX_NUMBER)]
#: Longer than anything may be, so that what is too long is told so in words.
Words = Annotated[str, Field(max_length=10_000)]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class TakeOverIn(_In):
    """A conversation to be taken from the bot."""

    note: Words = ""


class WordsIn(_In):
    """Something to be said, or noted."""

    client_id: ClientId
    text: Words


class TransferIn(_In):
    """To whom a conversation goes: a colleague or a team."""

    agent: Annotated[str, Field(pattern=r"^[0-9]{1,8}$")] | None = None
    team: Annotated[str, Field(max_length=30)] | None = None
    note: Words = ""


class HandBackIn(_In):
    """What whoever comes next should know."""

    note: Words = ""


class CloseIn(_In):
    """The goodbye; empty: the usual words."""

    text: Words = ""


class TypingIn(_In):
    """Whether the agent writes."""

    on: bool = True


class RevealIn(_In):
    """Lines to be seen in clear, and why."""

    messages: Annotated[list[LineId], Field(max_length=100)]
    reason: Annotated[str, Field(max_length=1000)]


class OrderIn(_In):
    """A corrected draft."""

    id: Annotated[str, Field(pattern=r"^desk-[0-9a-f]{32}$")]
    nature: Literal["咨询", "求助", "投诉", "举报", "建议", "表扬"]
    what: Annotated[str, Field(max_length=4000)]
    where_text: Annotated[str, Field(max_length=500)] = ""
    area_code: Annotated[str, Field(max_length=20)] | None = None
    street_code: Annotated[str, Field(max_length=20)] | None = None
    when_text: Annotated[str, Field(max_length=200)] = ""
    name: Annotated[str, Field(max_length=50)] | None = None
    phone: Annotated[str, Field(max_length=20)] | None = None
    topic: Annotated[str, Field(max_length=20)] | None = None
    anonymous: bool = False
    confidential: bool = False
    content_confidential: bool = False
    enterprise: bool = False


class ReplyIn(_In):
    """A canned reply as it is to be."""

    code: Annotated[str, Field(max_length=100)]
    text: Words


class NewReplyIn(ReplyIn):
    """A new canned reply."""

    shared: bool = False


class StatusIn(_In):
    """How the agent is there."""

    status: Literal["online", "break", "offline"]


class LimitIn(_In):
    """Conversations at a time; None: as many as the office says."""

    limit: Annotated[int, Field(ge=-1, le=1000)] | None


class RulesIn(_In):
    """How the office works; what is left out stays."""

    automatic: bool | None = None
    limit: Annotated[int, Field(ge=-1, le=1000)] | None = None
    grace_seconds: Annotated[int, Field(ge=-1, le=100_000)] | None = None


# The state.


@router.get("")
async def state(parts: PartsDep, who: Who) -> dict[str, Any]:
    """All that the console shows at first, and the place in the live events that it belongs to."""
    stream = parts.live.stream
    place = {"stream": stream.id, "seq": stream.seq}  # before reading: what comes meanwhile is told again
    return await parts.looking.state(who) | place


@router.get("/conversations")
async def conversations(
    parts: PartsDep,
    who: Who,
    mode: Literal["bot", "queued", "human"] | None = None,
    agent: Annotated[str | None, Query(pattern=r"^[0-9]{1,8}$")] = None,
    before: uuid.UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    """Conversations, newest change first."""
    return await parts.looking.conversations(who, mode=mode, agent=agent, before=before, limit=limit)


@router.get("/conversations/{conversation_id}")
async def conversation(
    parts: PartsDep,
    who: Who,
    conversation_id: uuid.UUID,
    after: Annotated[int, Query(ge=0, le=_MAX_NUMBER)] = 0,
) -> dict[str, Any]:
    """One conversation: what came after message ``after``, notes and orders."""
    return await parts.looking.conversation(who, conversation_id, after=after)


@router.get("/conversations/{conversation_id}/attachments/{attachment_id}", response_class=Response)
async def photograph(
    attachments: AttachmentsDep, who: Who, conversation_id: uuid.UUID, attachment_id: uuid.UUID
) -> Response:
    """A photograph that the citizen sent."""
    who.role_for("see")
    found = await attachments.find(attachment_id, conversation_id=conversation_id)
    return Response(await attachments.read(found), media_type="image/jpeg", headers=_PICTURE_HEADERS)


@router.get("/conversations/{conversation_id}/attachments/{attachment_id}/thumbnail", response_class=Response)
async def thumbnail(
    attachments: AttachmentsDep, who: Who, conversation_id: uuid.UUID, attachment_id: uuid.UUID
) -> Response:
    """The same, small."""
    who.role_for("see")
    found = await attachments.find(attachment_id, conversation_id=conversation_id)
    content = await attachments.read(found, thumbnail=True)
    return Response(content, media_type="image/jpeg", headers=_PICTURE_HEADERS)


@router.get("/undelivered")
async def undelivered(parts: PartsDep, who: Who) -> dict[str, Any]:
    """The newest 200 messages that are not on the citizens' phones, and how many there are."""
    return await parts.looking.undelivered(who)


# Doing something with a conversation.


@router.post("/conversations/{conversation_id}/claim")
async def claim(parts: PartsDep, who: Who, conversation_id: uuid.UUID) -> dict[str, Any]:
    """Take a waiting conversation."""
    await parts.desk.do_claim(who, conversation_id)
    return {"conversation": await parts.looking.line(conversation_id)}


@router.post("/conversations/{conversation_id}/take-over")
async def take_over(
    parts: PartsDep, who: Who, conversation_id: uuid.UUID, body: TakeOverIn
) -> dict[str, Any]:
    """Take a conversation that the bot has."""
    await parts.desk.do_claim(who, conversation_id, from_bot=True, note=body.note)
    return {"conversation": await parts.looking.line(conversation_id)}


@router.post("/conversations/{conversation_id}/messages", status_code=201)
async def say(parts: PartsDep, who: Who, conversation_id: uuid.UUID, body: WordsIn) -> dict[str, Any]:
    """Say something to the citizen."""
    message = await parts.desk.do_say(who, conversation_id, body.text, client_id=body.client_id)
    return {"message": views.message(message)}


@router.post("/conversations/{conversation_id}/notes", status_code=201)
async def note(parts: PartsDep, who: Who, conversation_id: uuid.UUID, body: WordsIn) -> dict[str, Any]:
    """Write something for colleagues."""
    written = await parts.desk.do_note(who, conversation_id, body.text, client_id=body.client_id)
    return {"note": views.note(written)}


@router.post("/conversations/{conversation_id}/transfer")
async def transfer(parts: PartsDep, who: Who, conversation_id: uuid.UUID, body: TransferIn) -> dict[str, Any]:
    """Give the conversation to a colleague or to a team."""
    await parts.desk.do_transfer(who, conversation_id, agent=body.agent, team=body.team, note=body.note)
    return {"conversation": await parts.looking.line(conversation_id)}


@router.post("/conversations/{conversation_id}/hand-back")
async def hand_back(
    parts: PartsDep, who: Who, conversation_id: uuid.UUID, body: HandBackIn
) -> dict[str, Any]:
    """Give the conversation back to the bot."""
    await parts.desk.do_hand_back(who, conversation_id, note=body.note)
    return {"conversation": await parts.looking.line(conversation_id)}


@router.post("/conversations/{conversation_id}/close")
async def close(parts: PartsDep, who: Who, conversation_id: uuid.UUID, body: CloseIn) -> dict[str, Any]:
    """End the service of a person."""
    await parts.desk.do_close(who, conversation_id, words=body.text)
    return {"conversation": await parts.looking.line(conversation_id)}


@router.post("/conversations/{conversation_id}/typing", status_code=204)
async def typing(parts: PartsDep, who: Who, conversation_id: uuid.UUID, body: TypingIn) -> None:
    """Let the citizen see that the agent writes."""
    await parts.desk.do_type(who, conversation_id, body.on)


@router.post("/conversations/{conversation_id}/reveal")
async def reveal(parts: PartsDep, who: Who, conversation_id: uuid.UUID, body: RevealIn) -> dict[str, Any]:
    """Lines in clear."""
    return {"messages": await parts.desk.do_reveal(who, conversation_id, body.messages, body.reason)}


@router.get("/conversations/{conversation_id}/order-draft")
async def order_draft(
    parts: PartsDep,
    who: Who,
    conversation_id: uuid.UUID,
    since: Annotated[int, Query(ge=0, le=_MAX_NUMBER)] = 0,
) -> dict[str, Any]:
    """A work order, drafted from what the citizen said."""
    return await parts.drafting.draft(who, conversation_id, since=since)


@router.post("/conversations/{conversation_id}/orders", status_code=201)
async def order(parts: PartsDep, who: Who, conversation_id: uuid.UUID, body: OrderIn) -> dict[str, Any]:
    """Hand a corrected draft in."""
    made = await parts.drafting.do_submit(who, conversation_id, body.model_dump())
    return {
        "number": made.number,
        "query_code": made.query_code,
        "promised_date": made.promised_date,
        "status": made.status,
    }


# Canned replies and knowledge.


@router.get("/replies")
async def replies(parts: PartsDep, who: Who) -> dict[str, Any]:
    """Canned replies: shared ones and one's own."""
    return {"replies": await parts.replies.of(who)}


@router.post("/replies", status_code=201)
async def add_reply(parts: PartsDep, who: Who, body: NewReplyIn) -> dict[str, Any]:
    """Add one."""
    return await parts.replies.do_add(who, shared=body.shared, code=body.code, text=body.text)


@router.put("/replies/{reply_id}")
async def change_reply(parts: PartsDep, who: Who, reply_id: ReplyId, body: ReplyIn) -> dict[str, Any]:
    """Change one."""
    return await parts.replies.do_change(who, reply_id, code=body.code, text=body.text)


@router.delete("/replies/{reply_id}", status_code=204)
async def delete_reply(parts: PartsDep, who: Who, reply_id: ReplyId) -> None:
    """Delete one."""
    await parts.replies.do_delete(who, reply_id)


@router.get("/knowledge")
async def knowledge(
    held: KnowledgeDep,
    who: Who,
    q: Annotated[str, Query(min_length=1, max_length=500)],
    limit: Annotated[int, Query(ge=1, le=20)] = 5,
) -> dict[str, Any]:
    """An answer with its source, to be sent to the citizen, and the matters that may be meant."""
    who.role_for("see")
    return await consult.look_up(held, q, limit=limit)


@router.get("/knowledge/{code}")
async def knowledge_of(
    held: KnowledgeDep,
    who: Who,
    code: Annotated[str, Path(max_length=64)],
    aspect: Annotated[str | None, Query(max_length=64)] = None,
) -> dict[str, Any]:
    """The same of one matter."""
    who.role_for("see")
    return await consult.of_matter(held, code, aspect)


# On duty.


@router.post("/presence")
async def presence(parts: PartsDep, who: Who, body: StatusIn) -> dict[str, Any]:
    """Come on duty, take a break, or go off duty."""
    await parts.duty.do_set_status(who, body.status)
    return {"me": await parts.looking.me(who)}


@router.get("/agents")
async def agents(parts: PartsDep, who: Who) -> dict[str, Any]:
    """Who is on duty."""
    return {"agents": await parts.looking.agents(who)}


@router.put("/agents/{number}")
async def limit_agent(parts: PartsDep, who: Who, number: Number, body: LimitIn) -> dict[str, Any]:
    """How many conversations an agent has at a time."""
    await parts.duty.do_set_limit(who, number, body.limit)
    return {"agents": await parts.looking.agents(who)}


@router.put("/settings")
async def set_rules(parts: PartsDep, who: Who, body: RulesIn) -> dict[str, Any]:
    """How the office works."""
    changes = body.model_dump(exclude_none=True)
    await parts.duty.do_set_rules(who, changes)
    return {"settings": await parts.looking.settings(who)}
