"""Photographs go along as references, and are fetched by the system whose unit may see them."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable
from io import BytesIO
from typing import Any

import httpx
import pytest
from PIL import Image
from sqlalchemy import select

from hotline.attachments.models import Attachment
from hotline.database import Database
from hotline.outside.sending import Sender
from hotline.work_orders.models import WorkOrder
from hotline.work_orders.photos import OrderPhotos
from hotline.work_orders.service import CITIZEN
from tests.attachments.pictures import jpeg
from tests.outside.conftest import Take
from tests.outside.other_system import OtherSystem
from tests.work_orders.conftest import DISPATCHER

Do = Callable[..., Awaitable[WorkOrder]]


async def test_photographs_are_named_in_the_message_and_fetched_with_a_signature(
    take: Take,
    do: Do,
    sender: Sender,
    other: OtherSystem,
    client: httpx.AsyncClient,
    photos: OrderPhotos,
) -> None:
    order = await take()
    await photos.do_add(order.number, DISPATCHER, [jpeg(), jpeg(mark="blue")], request="p")
    await do(order, CITIZEN, "补充", note="看照片")
    await sender.do_send()

    assert other.orders[order.number]["attachments"] == []
    given: list[dict[str, Any]] = other.events[order.number][0]["attachments"]
    assert [photograph["of"] for photograph in given] == ["派单员", "派单员"]

    for photograph in given:
        fetched = await other.fetch(client, photograph["path"])
        assert (fetched.status_code, fetched.headers["content-type"]) == (200, "image/jpeg")
        assert len(fetched.content) == photograph["size"]
        assert Image.open(BytesIO(fetched.content)).size == (photograph["width"], photograph["height"])
    assert (await client.get(given[0]["path"])).status_code == 401


async def test_what_is_not_the_system_s_is_not_there(
    take: Take, other: OtherSystem, client: httpx.AsyncClient, photos: OrderPhotos, database: Database
) -> None:
    mine, strange = await take(), await take("ecology")
    await photos.do_add(strange.number, DISPATCHER, [jpeg()], request="p")
    async with database.transaction() as session:
        photograph = (await session.scalars(select(Attachment))).one()

    for number, one in (
        (strange.number, photograph.id),
        (mine.number, photograph.id),
        (mine.number, uuid.uuid4()),
        ("20260930-99999", photograph.id),
    ):
        refused = await other.fetch(client, f"/outside/v1/orders/{number}/attachments/{one}")
        assert refused.status_code == 404
        assert not refused.json()["error"]["message"].isascii()
    bad = await other.fetch(client, f"/outside/v1/orders/{mine.number}/attachments/photo")
    assert bad.status_code == 422


@pytest.mark.parametrize(("lead", "helper", "seen"), [("430211", "ecology", 1), ("ecology", "430211", 0)])
async def test_a_citizen_s_photograph_of_a_confidential_matter_is_the_leading_unit_s_alone(
    take: Take,
    do: Do,
    sender: Sender,
    other: OtherSystem,
    client: httpx.AsyncClient,
    photos: OrderPhotos,
    database: Database,
    lead: str,
    helper: str,
    seen: int,
) -> None:
    order = await take(lead, helper, nature="举报", content_confidential=True)
    await photos.do_add(order.number, DISPATCHER, [jpeg()], request="p")
    async with database.transaction() as session:
        photograph = (await session.scalars(select(Attachment))).one()
        photograph.role = "市民"
    await do(order, CITIZEN, "催办")
    await sender.do_send()

    assert len(other.events[order.number][0]["attachments"]) == seen
    path = f"/outside/v1/orders/{order.number}/attachments/{photograph.id}"
    assert (await other.fetch(client, path)).status_code == (200 if seen else 404)
