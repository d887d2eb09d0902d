"""HTTP: the public door for other systems, and the dead letters for those who look after them."""

from __future__ import annotations

import uuid
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from hotline.outside.progress import REPORT, Inbound, parse
from hotline.outside.service import Outside
from hotline.outside.systems import System
from hotline.work_orders.acting import ActorDep, allow
from hotline.work_orders.effects.step import Actor
from hotline.work_orders.lifecycle import Role
from hotline.work_orders.photos import OrderPhotos

router = APIRouter(prefix="/outside/v1", tags=["other systems"])
inside = APIRouter(prefix="/outside", tags=["messages to other systems"])


def _inbound(request: Request) -> Inbound:
    inbound: Inbound = request.app.state.outside_inbound
    return inbound


def _outside(request: Request) -> Outside:
    outside: Outside = request.app.state.outside
    return outside


InboundDep = Annotated[Inbound, Depends(_inbound)]
OutsideDep = Annotated[Outside, Depends(_outside)]


async def _signed(request: Request, inbound: InboundDep) -> System:
    """The system that has signed the request. Before this nothing of the body is read."""
    query = request.scope["query_string"]
    path = request.scope["raw_path"] + (b"?" + query if query else b"")
    return await inbound.authenticate(
        request.method, path.decode("latin-1"), request.headers, await request.body()
    )


SignedDep = Annotated[System, Depends(_signed)]


@router.post("/orders/{number}/progress")
async def progress(number: str, request: Request, system: SignedDep, inbound: InboundDep) -> dict[str, Any]:
    """Take a report; the same ``id`` again is answered the same and does nothing."""
    given = parse(await request.body())
    try:
        report = REPORT.validate_python(given)
    except ValidationError as error:
        raise RequestValidationError(_named(error)) from None
    order = await inbound.do_report(system, number, report)
    return {
        "number": order.number,
        "status": order.status,
        "promised_date": order.promised_date.isoformat(),
    }


def _named(error: ValidationError) -> list[Any]:
    """The mistakes, by the names of the fields; without a kind that is known, that is the mistake."""
    return [
        {**item, "loc": ("body", *(item["loc"][-1:] or ("kind",)))}
        for item in error.errors(include_context=False)
    ]


@router.get("/orders/{number}/attachments/{attachment}")
async def attachment(
    number: str, attachment: uuid.UUID, request: Request, system: SignedDep, inbound: InboundDep
) -> Response:
    """A photograph of an order, as its unit may see it."""
    photos: OrderPhotos = request.app.state.order_photos
    content = await photos.read(number, attachment, await inbound.reader(system, number))
    return Response(content, media_type="image/jpeg", headers={"Cache-Control": "no-store"})


@router.post("/ping")
async def ping(system: SignedDep) -> dict[str, str]:
    """Try the key and the clock out."""
    return {"system": system.code, "name": system.name}


def _clerk(actor: ActorDep) -> Actor:
    allow(actor, Role.DISPATCHER, Role.SUPERVISOR, doing="处理发给外部系统的消息")
    return actor


ClerkDep = Annotated[Actor, Depends(_clerk)]
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]


class Why(BaseModel):
    """Why it is given up: who was told, and how."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[str, Field(min_length=2, max_length=500, pattern=r"\S")]


@inside.get("/dead-letters")
async def dead_letters(
    outside: OutsideDep, _: ClerkDep, system: Annotated[str | None, Query(max_length=32)] = None
) -> dict[str, Any]:
    """What could not be delivered, and how it stands with each system."""
    letters, total = await outside.dead_letters(system=system)
    return {
        "total": total,
        "dead_letters": [asdict(letter) for letter in letters],
        "systems": [asdict(standing) for standing in await outside.standings()],
    }


@inside.post("/dead-letters/{message}/retry", status_code=204)
async def retry(message: Number, outside: OutsideDep, actor: ClerkDep) -> None:
    """Have it tried again."""
    await outside.do_retry(message, actor)


@inside.post("/dead-letters/{message}/give-up", status_code=204)
async def give_up(message: Number, why: Why, outside: OutsideDep, actor: ClerkDep) -> None:
    """Give it up."""
    await outside.do_give_up(message, actor, why.reason.strip())
