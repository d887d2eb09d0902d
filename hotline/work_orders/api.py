"""HTTP for the actions: take a work order, follow it, urge it, add to it, withdraw it, rate it."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from hotline.work_orders.followers import Following
from hotline.work_orders.masking import for_everybody
from hotline.work_orders.models import WorkOrder
from hotline.work_orders.pointing import place_for
from hotline.work_orders.service import Draft, WorkOrders

router = APIRouter(prefix="/work-orders", tags=["work orders"])


def _work_orders(request: Request) -> WorkOrders:
    service: WorkOrders = request.app.state.work_orders
    return service


Service = Annotated[WorkOrders, Depends(_work_orders)]


class DraftIn(BaseModel):
    """A confirmed form."""

    model_config = ConfigDict(extra="forbid")

    id: Annotated[str, Field(min_length=1, max_length=100)]
    conversation_id: uuid.UUID | None = None
    nature: Literal["咨询", "求助", "投诉", "举报", "建议", "表扬"]
    what: Annotated[str, Field(max_length=4000)]
    where_text: Annotated[str, Field(max_length=500)] = ""
    area_code: str | None = None
    street_code: str | None = None
    when_text: Annotated[str, Field(max_length=200)] = ""
    name: Annotated[str, Field(max_length=50)] | None = None
    phone: Annotated[str, Field(max_length=20)] | None = None
    anonymous: bool = False
    confidential: bool = False
    content_confidential: bool = False
    enterprise: bool = False


class EventOut(BaseModel):
    """One line of a timeline."""

    at: datetime
    action: str
    note: str


class WorkOrderOut(BaseModel):
    """An order as the citizen may see it: the phone is masked, the query code only right after taking it."""

    number: str
    query_code: str | None = None
    nature: str
    status: str
    what: str
    where: str
    #: The unit that handles it, by name.
    unit: str | None = None
    promised_date: date
    answer: str | None = None
    rating: str | None = None
    created_at: datetime
    #: Right after taking it: how many photographs went along.
    photos: int = 0
    #: Whether the asking conversation, which has not made it, follows it; ``full``: it cannot.
    following: Following = None
    events: list[EventOut] = []


class Lookup(BaseModel):
    """What shows that somebody may ask about an order: its code, or a conversation that knows it.

    With the right code the conversation follows the order from then on.
    """

    query_code: str | None = None
    conversation_id: uuid.UUID | None = None


class Act(Lookup):
    """An urging or a withdrawal. ``request`` is the id of the citizen's message."""

    request: Annotated[str, Field(min_length=1, max_length=100)]
    note: Annotated[str, Field(max_length=500)] = ""


class Supplement(Act):
    """What the citizen adds."""

    note: Annotated[str, Field(min_length=1, max_length=1000)]


class Rating(Act):
    """Whether the citizen is content; ``note`` is the reason."""

    rating: Literal["满意", "基本满意", "不满意"]


def _out(
    service: WorkOrders,
    order: WorkOrder,
    *,
    with_code: bool = False,
    events: list[EventOut] | None = None,
    following: Following = None,
) -> WorkOrderOut:
    unit = service.casework.office.units.name(order.lead_unit) if order.lead_unit else None
    # An answer that the office still looks at is not the citizen's yet.
    told = order.callback_at is not None and order.answer is not None
    # Who has the code need not be the one who called.
    veil = for_everybody(order)
    return WorkOrderOut(
        number=order.number,
        query_code=order.query_code if with_code else None,
        nature=order.nature,
        status=order.status,
        what=veil(order.what),
        where=veil(order.where_text),
        unit=unit,
        promised_date=order.promised_date,
        answer=for_everybody(order, landlines=False)(order.answer or "") if told else None,
        rating=order.rating,
        created_at=order.created_at,
        events=events or [],
        following=following,
    )


async def _found(service: WorkOrders, number: str, given: Lookup) -> tuple[WorkOrder, Following]:
    """The order, and whether the conversation follows it from now on."""
    order = await service.find(number, query_code=given.query_code, conversation_id=given.conversation_id)
    return order, await service.do_follow(order, given.conversation_id)


@router.post("")
async def create(draft: DraftIn, service: Service) -> WorkOrderOut:
    """Take an order; the same draft again gives the same order."""
    order = await service.do_create(Draft(**draft.model_dump()))
    out = _out(service, order, with_code=True)
    out.photos = await service.photographs(order)
    return out


@router.get("")
async def of_conversation(
    conversation_id: uuid.UUID, service: Service, followed: bool = False
) -> list[WorkOrderOut]:
    """The orders made in a conversation, newest first; with ``followed`` also those that it follows."""
    known = service.known_in if followed else service.of_conversation
    return [_out(service, order) for order in await known(conversation_id)]


@router.get("/place")
async def place(conversation_id: uuid.UUID, request: Request) -> dict[str, str | None]:
    """The words of the place that was pointed out on a map for an order still to be made."""
    return {"place": await place_for(request.app.state.database, conversation_id)}


@router.post("/{number}/lookup")
async def lookup(number: str, body: Lookup, service: Service) -> WorkOrderOut:
    """One order with its timeline."""
    order, following = await _found(service, number, body)
    timeline = await service.timeline(order)
    veil = for_everybody(order, landlines=False)
    events = [EventOut(at=e.at, action=e.action, note=veil(e.note)) for e in timeline if e.public]
    return _out(service, order, events=events, following=following)


@router.post("/{number}/urge")
async def urge(number: str, body: Act, service: Service) -> WorkOrderOut:
    """Record that the citizen urges the order."""
    order, following = await _found(service, number, body)
    done = await service.do_urge(order, request=body.request, note=body.note)
    return _out(service, done, following=following)


@router.post("/{number}/withdraw")
async def withdraw(number: str, body: Act, service: Service) -> WorkOrderOut:
    """Withdraw the order."""
    order, following = await _found(service, number, body)
    done = await service.do_withdraw(order, request=body.request, note=body.note)
    return _out(service, done, following=following)


@router.post("/{number}/supplement")
async def supplement(number: str, body: Supplement, service: Service) -> WorkOrderOut:
    """Add to the order."""
    order, following = await _found(service, number, body)
    done = await service.do_supplement(order, request=body.request, note=body.note)
    return _out(service, done, following=following)


@router.post("/{number}/rate")
async def rate(number: str, body: Rating, service: Service) -> WorkOrderOut:
    """Keep whether the citizen is content with the answer."""
    order, following = await _found(service, number, body)
    rated = await service.do_rate(
        order,
        request=body.request,
        rating=body.rating,
        reason=body.note,
        conversation_id=body.conversation_id,
    )
    return _out(service, rated, following=following)
