"""HTTP for photographs: citizens send and see their own, people at work those of the orders that concern them."""

from __future__ import annotations

import re
import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from hotline.attachments import service as attachments
from hotline.attachments import texts
from hotline.attachments.service import Attachments
from hotline.attachments.uploads import FORM_BYTES, Uploads
from hotline.channels.web.api import Current, WebDep
from hotline.channels.web.limits import client_address
from hotline.settings import Settings
from hotline.work_orders.acting import ActorDep
from hotline.work_orders.lists import Lists
from hotline.work_orders.photos import OrderPhotos

router = APIRouter(prefix="/api/attachments", tags=["photographs"])
inside = APIRouter(tags=["photographs"])

_AT_ORDER = re.compile(r"^/(?:internal|console-api)/orders/[^/]+/attachments$")
#: A picture that this program wrote; it is shown, never run, and kept by no cache that others use.
_HEADERS = {
    "Content-Disposition": 'inline; filename="photo.jpg"',
    "Cache-Control": "private, max-age=600",
    "Vary": "Authorization",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def body_limit(path: str, settings: Settings) -> int | None:
    """How many bytes may come to ``path`` when it is one that takes photographs."""
    if path == "/api/attachments":
        return settings.photo_max_bytes + FORM_BYTES
    if _AT_ORDER.match(path):
        return settings.photos_per_message * settings.photo_max_bytes + FORM_BYTES
    return None


def _service(request: Request) -> Attachments:
    service: Attachments = request.app.state.attachments
    return service


def _of_orders(request: Request) -> OrderPhotos:
    service: OrderPhotos = request.app.state.order_photos
    return service


def _uploads(request: Request) -> Uploads:
    uploads: Uploads = request.app.state.uploads
    return uploads


def _lists(request: Request) -> Lists:
    lists: Lists = request.app.state.order_lists
    return lists


Service = Annotated[Attachments, Depends(_service)]
OfOrders = Annotated[OrderPhotos, Depends(_of_orders)]
UploadsDep = Annotated[Uploads, Depends(_uploads)]
ListsDep = Annotated[Lists, Depends(_lists)]
ClientId = Annotated[str, Query(min_length=1, max_length=64, pattern=r"^[\w-]+$")]


def _picture(content: bytes) -> Response:
    return Response(content, media_type="image/jpeg", headers=_HEADERS)


@router.post("", status_code=201)
async def upload(
    request: Request,
    client_id: ClientId,
    service: Service,
    uploads: UploadsDep,
    web: WebDep,
    current: Current,
) -> dict[str, Any]:
    """Keep a citizen's photograph, to be sent with a message; the same ``client_id`` again gives the same."""
    address = client_address(request, web.settings.trusted_proxies)
    web.limits.check(address, "photo", web.settings.address_photos, texts.TOO_FAST)
    await web.conversations.state(current)
    files = await uploads.read(request, address, most=1)
    kept = await service.do_keep(current, files[0] if files else b"", client_id=client_id)
    return {"attachment": {"id": kept.id, "width": kept.width, "height": kept.height, "size": kept.size}}


@router.get("/{attachment_id}")
async def own(attachment_id: uuid.UUID, service: Service, current: Current) -> Response:
    """A photograph of the citizen's own conversation."""
    return _picture(await service.read(await service.find(attachment_id, conversation_id=current)))


@router.get("/{attachment_id}/thumbnail")
async def own_thumbnail(attachment_id: uuid.UUID, service: Service, current: Current) -> Response:
    """The same, small."""
    found = await service.find(attachment_id, conversation_id=current)
    return _picture(await service.read(found, thumbnail=True))


@inside.post("/orders/{number}/attachments", status_code=201)
async def add(
    request: Request,
    number: str,
    client_id: ClientId,
    of_orders: OfOrders,
    uploads: UploadsDep,
    lists: ListsDep,
    actor: ActorDep,
) -> dict[str, Any]:
    """Add photographs to an order (what it looks like after the repair); the same ``client_id`` adds them once."""
    settings: Settings = request.app.state.settings
    address = client_address(request, settings.trusted_proxies)
    files = await uploads.read(request, address, most=settings.photos_per_message)
    await of_orders.do_add(number, actor, files, request=f"{actor.id}:{client_id}")
    page = await lists.page(number, actor)
    return {"number": number, "version": page["version"], "attachments": page["attachments"]}


@inside.get("/orders/{number}/attachments/{attachment_id}")
async def of_order(number: str, attachment_id: uuid.UUID, of_orders: OfOrders, actor: ActorDep) -> Response:
    """A photograph of an order, for whoever may see the order."""
    return _picture(await of_orders.read(number, attachment_id, actor))


@inside.get("/orders/{number}/attachments/{attachment_id}/thumbnail")
async def of_order_small(
    number: str, attachment_id: uuid.UUID, of_orders: OfOrders, actor: ActorDep
) -> Response:
    """The same, small."""
    return _picture(await of_orders.read(number, attachment_id, actor, thumbnail=True))


@inside.get("/desk/{conversation_id}/attachments/{attachment_id}")
async def at_desk(conversation_id: uuid.UUID, attachment_id: uuid.UUID, service: Service) -> Response:
    """A photograph of a conversation, for the agents' desk."""
    found = await service.find(attachment_id, conversation_id=conversation_id)
    return _picture(await service.read(found))


@inside.get("/conversations/{conversation_id}/photos")
async def waiting(conversation_id: uuid.UUID, request: Request) -> dict[str, int]:
    """How many photographs would go with an order that is handed in now."""
    async with request.app.state.database.transaction() as session:
        return {"waiting": await attachments.waiting(session, conversation_id)}
