"""HTTP for those who work on orders; the console and ``hotline orders`` call it."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from hotline.work_orders import shapes
from hotline.work_orders.acting import ActorDep, OrdersDep
from hotline.work_orders.api import DraftIn
from hotline.work_orders.deliveries import Deliveries
from hotline.work_orders.errors import WorkOrderError
from hotline.work_orders.lifecycle import Role
from hotline.work_orders.lists import Counts, Filter, Lists, Page
from hotline.work_orders.masking import for_everybody
from hotline.work_orders.service import Draft
from hotline.work_orders.views import line

router = APIRouter(prefix="/orders", tags=["work orders at the desk"])


def _lists(request: Request) -> Lists:
    lists: Lists = request.app.state.order_lists
    return lists


def _deliveries(request: Request) -> Deliveries:
    deliveries: Deliveries = request.app.state.deliveries
    return deliveries


ListsDep = Annotated[Lists, Depends(_lists)]
DeliveriesDep = Annotated[Deliveries, Depends(_deliveries)]


class ActionIn(BaseModel):
    """What is to be done. The same ``request`` does it once; ``version`` is the one on the actor's screen."""

    model_config = ConfigDict(extra="forbid")

    action: str
    fields: dict[str, Any] = {}
    version: int | None = None
    request: Annotated[str, Field(min_length=1, max_length=100)] | None = None


class TakenDown(DraftIn):
    """An order that an agent takes down for somebody."""

    source: Literal["电话", "领导接听", "人大代表通道", "上级交办", "网络", "微信"] = "电话"


class OtherOrder(BaseModel):
    """Another order, by number."""

    other: str


@router.get("")
async def orders(
    lists: ListsDep,
    actor: ActorDep,
    status: Annotated[list[str], Query()] = [],  # noqa: B006
    nature: Annotated[list[str], Query()] = [],  # noqa: B006
    topic: str | None = None,
    area: str | None = None,
    of_unit: str | None = None,
    overdue: bool | None = None,
    supervised: bool | None = None,
    enterprise: bool | None = None,
    asking: bool = False,
    asking_for: Literal["退单", "延期"] | None = None,
    near: bool = False,
    urgent: bool = False,
    level: Annotated[int | None, Query(ge=0, le=9)] = None,
    since: date | None = None,
    until: date | None = None,
    words: Annotated[str | None, Query(max_length=100)] = None,
    everything: bool = False,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> Page:
    """What is on the role's table, most urgent first; with ``everything`` or ``words`` all that it may see, newest first."""
    wanted = Filter(
        statuses=status,
        natures=nature,
        topic=topic,
        area=area,
        unit=of_unit,
        overdue=overdue,
        supervised=supervised,
        enterprise=enterprise,
        asking=asking,
        asking_for=asking_for,
        near=near,
        urgent=urgent,
        level=level,
        since=since,
        until=until,
        words=words,
        everything=everything,
    )
    return await lists.orders(actor, wanted, limit=limit, offset=offset)


@router.get("/counts")
async def counts(lists: ListsDep, actor: ActorDep) -> Counts:
    """How many orders are in which state, of those that the role may see."""
    return await lists.counts(actor)


@router.post("", status_code=201)
async def take_down(draft: TakenDown, service: OrdersDep, actor: ActorDep) -> shapes.TakenLine:
    """Take an order down for somebody on the telephone; the same draft again gives the same order."""
    if actor.role is Role.UNIT:
        raise WorkOrderError("forbidden", "承办单位不能登记工单。")
    order = await service.do_create(Draft(**draft.model_dump(), taken_by=actor.id))
    office = service.casework.office
    return {**line(order, actor, office, order.created_at), "query_code": order.query_code}


@router.get("/undelivered")
async def undelivered(deliveries: DeliveriesDep, actor: ActorDep) -> list[shapes.ToTell]:
    """Citizens to ring up, and deliveries that failed; with the words to say."""
    if actor.role is Role.UNIT:
        raise WorkOrderError("forbidden", "承办单位不能看。")
    return [
        {
            "id": d.id,
            "number": order.number,
            "state": d.state,
            "event": d.event,
            # The words to say: an office's number is among them.
            "text": for_everybody(order, landlines=False)(d.text),
            "error": d.error,
        }
        for d, order in await deliveries.undelivered()
    ]


@router.post("/deliveries/{delivery_id}/told", status_code=204)
async def told(
    delivery_id: Annotated[int, Field(ge=1, le=2**31 - 1)], deliveries: DeliveriesDep, actor: ActorDep
) -> None:
    """Note that the citizen was rung up."""
    if actor.role is Role.UNIT:
        raise WorkOrderError("forbidden", "承办单位不能登记电话告知。")
    await deliveries.do_tell_by_phone(delivery_id, actor.id)


@router.get("/{number}")
async def order(number: str, lists: ListsDep, actor: ActorDep) -> shapes.OfficeCase | shapes.Case:
    """The whole case, with what may be done now."""
    return await lists.page(number, actor)


@router.post("/{number}/actions")
async def act(
    number: str, body: ActionIn, service: OrdersDep, lists: ListsDep, actor: ActorDep
) -> shapes.OfficeCase | shapes.Case | shapes.GivenAway:
    """Do something to the order, and see how it stands then."""
    request = body.request or uuid.uuid4().hex
    done = await service.casework.do_act(
        number, actor, body.action, body.fields, request=f"{actor.id}:{request}", version=body.version
    )
    try:
        return await lists.page(number, actor)
    except WorkOrderError:  # a unit that has given the order away sees it no more
        return {"number": done.number, "version": done.version, "status": done.status}


@router.post("/{number}/not-same", status_code=204)
async def not_same(number: str, body: OtherOrder, lists: ListsDep, actor: ActorDep) -> None:
    """Note that another order, proposed as the same case, is another case."""
    await lists.do_dismiss_likeness(number, body.other, actor)
