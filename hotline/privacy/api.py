"""Personal data in clear, as a copy, and taken out. Needs ``app.state.privacy``, a :class:`Privacy`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from hotline.privacy.service import Privacy
from hotline.work_orders.acting import ActorDep

router = APIRouter(tags=["privacy"])

_NO_STORE = {"Cache-Control": "no-store"}


def _privacy(request: Request) -> Privacy:
    privacy: Privacy = request.app.state.privacy
    return privacy


PrivacyDep = Annotated[Privacy, Depends(_privacy)]


class RevealIn(BaseModel):
    """What is to be shown in clear, and why."""

    model_config = ConfigDict(extra="forbid")

    fields: Annotated[list[Annotated[str, Field(max_length=20)]], Field(max_length=10)]
    reason: Annotated[str, Field(max_length=1000)]


class NoteOut(BaseModel):
    """A line of the timeline in clear."""

    at: str
    role: str
    action: str
    note: str


class RevealOut(BaseModel):
    """The values that were asked for; the others are left out."""

    number: str
    name: str | None = None
    phone: str | None = None
    what: str | None = None
    where: str | None = None
    when: str | None = None
    answer: str | None = None
    rating_reason: str | None = None
    notes: list[NoteOut] | None = None


class PersonIn(BaseModel):
    """Whose data: by the telephone number left with the orders, or with one of them."""

    model_config = ConfigDict(extra="forbid")

    phone: Annotated[str, Field(max_length=40)]
    order: Annotated[str, Field(max_length=20)] | None = None
    reason: Annotated[str, Field(max_length=1000)]


class ForgottenOut(BaseModel):
    """Orders whose personal data were taken out, and those that are still under way and were left alone."""

    model_config = ConfigDict(from_attributes=True)

    forgotten: list[str]
    open: list[str]


@router.post("/orders/{number}/reveal", response_model_exclude_unset=True)
async def reveal(
    number: str, body: RevealIn, privacy: PrivacyDep, actor: ActorDep, response: Response
) -> RevealOut:
    """Values of an order in clear."""
    values = await privacy.do_reveal(number, actor, body.fields, body.reason)
    response.headers.update(_NO_STORE)
    return RevealOut(number=number, **values)


@router.post("/privacy/export", response_class=Response)
async def export(body: PersonIn, privacy: PrivacyDep, actor: ActorDep) -> Response:
    """A zip with all that is kept of a person."""
    content = await privacy.do_copy(actor, body.phone, body.reason, number=body.order)
    headers = {"Content-Disposition": 'attachment; filename="personal-data.zip"'} | _NO_STORE
    return Response(content, media_type="application/zip", headers=headers)


@router.post("/privacy/forget")
async def forget(body: PersonIn, privacy: PrivacyDep, actor: ActorDep) -> ForgottenOut:
    """Take out what is kept of a person; orders under way are named and left alone."""
    done = await privacy.do_forget_person(actor, body.phone, body.reason, number=body.order)
    return ForgottenOut.model_validate(done)
