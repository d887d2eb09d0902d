"""The knowledge base's part of the internal API."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from hotline.knowledge.answers import NONE, Answer, Question
from hotline.knowledge.schema import Area, Matter
from hotline.knowledge.service import Knowledge, record_unanswered, record_use

router = APIRouter(prefix="/knowledge", tags=["knowledge"])

_LOCAL = ZoneInfo("Asia/Shanghai")


def _knowledge(request: Request) -> Knowledge:
    knowledge: Knowledge = request.app.state.knowledge
    return knowledge


Held = Annotated[Knowledge, Depends(_knowledge)]
Code = Annotated[str, Field(max_length=64)]


class Asked(BaseModel):
    """A question, its context, and what was pressed; see :class:`hotline.knowledge.answers.Question`."""

    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, Field(max_length=4000)] = ""
    matter: Code | None = None
    aspect: Code | None = None
    earlier: Code | None = None
    offered: Annotated[list[Code], Field(max_length=20)] = []
    area: Code | None = None
    command_matter: Code | None = None
    command_aspect: Code | None = None
    message_id: Annotated[str, Field(max_length=128)] | None = None
    conversation_id: Annotated[str, Field(max_length=128)] | None = None
    #: The caller only wants to know: nothing is counted or kept.
    look_only: bool = False


class NamedMatter(BaseModel):
    """A matter with the probability that it is meant."""

    model_config = ConfigDict(from_attributes=True)

    code: str
    title: str
    confidence: float


class Answered(BaseModel):
    """The answer; ``office_notes`` are for agents only."""

    model_config = ConfigDict(from_attributes=True)

    outcome: str
    matter: NamedMatter | None
    candidates: list[NamedMatter]
    aspect: str | None
    missing: list[str]
    office_notes: list[str]
    reply: dict[str, Any]
    offered: list[str]
    also: Answered | None


class Listed(BaseModel):
    """A matter in a list."""

    code: str
    title: str
    area: str
    unit: str
    in_force: bool


@router.post("/answer", response_model=Answered)
async def answer(asked: Asked, knowledge: Held, request: Request) -> Answer:
    """Answer a question; one without a sure answer is kept for the editors."""
    today = datetime.now(_LOCAL).date()
    given = asked.model_dump(exclude={"message_id", "conversation_id", "look_only"})
    found = await knowledge.answer(Question(today=today, **given | {"offered": tuple(asked.offered)}))
    if not asked.look_only:
        await _record(request, asked, found, today)
    return found


async def _record(request: Request, asked: Asked, found: Answer, today: date) -> None:
    pressed = asked.command_matter is not None or asked.area is not None
    gap = found.outcome == "unknown" or bool(found.missing)
    # "None of them" is a gap as well: its text is what the citizen asked before, when the caller knows it.
    words = (
        "" if asked.text.startswith("/") or (pressed and asked.command_matter != NONE) else asked.text.strip()
    )
    async with request.app.state.database.transaction() as session:
        if gap and words and asked.message_id:
            await record_unanswered(
                session,
                message_id=asked.message_id,
                conversation_id=asked.conversation_id,
                text=words,
                candidates=found.candidates,
                context={"matter": asked.matter, "aspect": found.aspect or asked.aspect},
            )
        for given in (found, found.also):
            if given is not None and given.outcome == "answer" and given.matter is not None:
                await record_use(session, given.matter.code, today)


@router.get("/search", response_model=list[NamedMatter])
async def search(
    knowledge: Held,
    q: Annotated[str, Query(min_length=1, max_length=1000)],
    limit: Annotated[int, Query(ge=1, le=20)] = 5,
) -> list[Any]:
    """The matters that words may mean, most likely first."""
    return list(await knowledge.search(q, limit=limit))


@router.get("/matters")
async def matters(knowledge: Held, area: Area | None = None) -> list[Listed]:
    """All matters, or those of one area."""
    today = datetime.now(_LOCAL).date()
    return [
        Listed(
            code=item.code,
            title=item.title,
            area=item.area,
            unit=item.unit,
            in_force=knowledge.in_force(item, today),
        )
        for item in knowledge.matters(area=area)
    ]


@router.get("/matters/{code}")
async def matter(code: str, knowledge: Held) -> Matter:
    """One matter with all its content."""
    found = knowledge.matter(code)
    if found is None:
        raise HTTPException(404, "没有这个事项")
    return found
