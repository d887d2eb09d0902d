"""What other systems may do: see the services, hand in a request, follow it, add to it."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from hotline.database import Database, now
from hotline.language.emergency import detect_emergency
from hotline.language.places import Gazetteer, Place
from hotline.open311 import mapping, texts
from hotline.open311.asking import Page, Span
from hotline.open311.catalogue import Catalogue
from hotline.open311.errors import Open311Error
from hotline.open311.forms import Addition, Submission
from hotline.open311.keys import ApiKeys
from hotline.open311.models import ApiKey, Open311Request
from hotline.open311.shapes import CreatedOut, RequestOut, TokenOut, UpdatedOut, UpdateOut
from hotline.work_orders.deadlines import due_moment
from hotline.work_orders.lifecycle import ENDED
from hotline.work_orders.models import WorkOrder
from hotline.work_orders.office import in_words
from hotline.work_orders.published import Audience, Published, Seen, Wanted
from hotline.work_orders.service import CITIZEN, Draft, WorkOrders

SOURCE = "开放接口"
#: Characters; as long as a message in the chat.
_READ_FOR_DANGER = 1000


class Open311:
    """The open interface of one hotline."""

    def __init__(
        self,
        database: Database,
        orders: WorkOrders,
        catalogue: Catalogue,
        places: Gazetteer,
        *,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self._database = database
        self._orders = orders
        self._published = Published(database)
        self.catalogue = catalogue
        self.places = places
        self.keys = ApiKeys(database, clock=clock)
        self.clock = clock

    async def do_submit(self, submission: Submission, key: ApiKey) -> CreatedOut:
        """Make an order of a request; the same request again, while the first is being handled, is the first.

        Raises:
            Open311Error: 403, the key may not.
            WorkOrderError: something that an order must have is missing.
        """
        check_scope(key, "create")
        kept = await self._keep(submission, key)
        place = await asyncio.to_thread(self._place, submission)
        order = await self._orders.do_create(
            Draft(
                id=kept.draft,
                conversation_id=None,
                nature=submission.nature,
                what=submission.what(),
                where_text=submission.where(),
                area_code=place.district_code,
                street_code=place.street_code,
                name=submission.name,
                phone=submission.phone,
                source=SOURCE,
                topic=submission.service.code,
                lat=submission.point[0] if submission.point else None,
                long=submission.point[1] if submission.point else None,
                note=submission.note(),
            )
        )
        notice = await asyncio.to_thread(_notice, order)
        # One of the two, never both.
        if submission.service.type == "batch":
            return CreatedOut(token=kept.token, service_notice=notice, account_id=submission.account_id)
        return CreatedOut(
            service_request_id=order.number, service_notice=notice, account_id=submission.account_id
        )

    async def _keep(self, submission: Submission, key: ApiKey) -> Open311Request:
        """What came in, committed before the order is made: a request sent again finds it whatever happened between."""
        fingerprint = submission.fingerprint(key.id)
        query = select(Open311Request).where(Open311Request.fingerprint == fingerprint)
        async with self._database.transaction() as session:
            before = (await session.scalars(query.order_by(Open311Request.id))).all()
        if before:
            order = (await self._published.of_drafts([before[-1].draft])).get(before[-1].draft)
            if order is None or order.status not in ENDED:
                return before[-1]
        values = {
            "key_id": key.id,
            "draft": f"{_own(key)}{secrets.token_hex(16)}",
            "token": secrets.token_hex(16),
            "fingerprint": fingerprint,
            "round": len(before),
            "service_code": submission.service.code,
            "address_id": submission.address_id,
            "email": submission.email,
            "attributes": submission.attributes,
            "media": submission.media,
            "created_at": self.clock(),
        }
        added = insert(Open311Request).values(values)
        async with self._database.transaction() as session:
            await session.execute(added.on_conflict_do_nothing(index_elements=["fingerprint", "round"]))
            return (await session.scalars(query.where(Open311Request.round == len(before)))).one()

    def _place(self, submission: Submission) -> Place:
        """The division: of the address, else of what the words name."""
        if submission.named is not None:
            return submission.named
        words = (submission.address, submission.description)
        found = (self.places.resolve(text) for text in words if text)
        return next((place for place in found if place is not None), Place())

    async def token(self, token: str) -> TokenOut:
        """The number that ``token`` stands for; none as long as there is no order.

        Raises:
            Open311Error: 404, no such token.
        """
        async with self._database.transaction() as session:
            query = select(Open311Request.draft).where(Open311Request.token == token)
            draft = await session.scalar(query)
        if draft is None:
            raise Open311Error(404, texts.NO_TOKEN)
        order = (await self._published.of_drafts([draft])).get(draft)
        return TokenOut(service_request_id=order.number if order else None, token=token)

    async def requests(self, wanted: Wanted, page: Page, key: ApiKey | None) -> list[RequestOut]:
        """The requests that are asked for, newest first, as far as the reader may see them."""
        found = await self._published.orders(
            self._audience(key), wanted, limit=page.limit, offset=page.offset
        )
        return await self._shown(found, key)

    async def request(self, number: str, key: ApiKey | None) -> list[RequestOut]:
        """One request, in a list as the standard has it.

        Raises:
            Open311Error: 404, there is none that the reader may see.
        """
        return await self._shown([await self._find(number, key)], key)

    async def _find(self, number: str, key: ApiKey | None) -> Seen:
        found = await self._published.orders(self._audience(key), Wanted(numbers=[number]), limit=1)
        if not found:
            raise Open311Error(404, texts.NO_REQUEST.format(value=number[:64]))
        return found[0]

    async def updates(self, span: Span, page: Page, key: ApiKey | None) -> list[UpdateOut]:
        """The steps of requests in ``span``, oldest first."""
        found = await self._published.steps(
            self._audience(key), span, without=mapping.UNTOLD, limit=page.limit, offset=page.offset
        )
        name = self._orders.casework.office.units.name

        def told() -> list[UpdateOut]:
            return [mapping.update(one.order, one.event, one.answer, name) for one in found]

        return await asyncio.to_thread(told)

    async def do_add(self, addition: Addition, key: ApiKey) -> UpdatedOut:
        """Add to a request (补充) or urge it (催办); the same ``update_id`` does it once.

        Raises:
            Open311Error: 404, no such request; 403, it came with another key and this one has no ``updates``.
            WorkOrderError: the order has been answered or has ended.
        """
        order = (await self._find(addition.number, key)).order
        if not order.draft.startswith(_own(key)) and "updates" not in key.scopes:
            raise Open311Error(403, texts.NOT_YOURS)
        request = f"{_own(key)}{addition.update_id}"
        action = "催办" if addition.urges else "补充"
        await self._orders.casework.do_act(
            order.number, CITIZEN, action, {"note": addition.note}, request=request
        )
        steps = await self._orders.timeline(order)
        return UpdatedOut(update_id=next(str(step.id) for step in steps if step.request == request))

    def _audience(self, key: ApiKey | None) -> Audience:
        topics = self.catalogue.services
        if key is not None and "read-all" in key.scopes:
            return Audience(topics=topics, actions=texts.STEPS, sources=None)
        return Audience(
            topics=topics,
            actions=texts.STEPS,
            sources=self.catalogue.published_sources,
            own=None if key is None else _own(key),
        )

    async def _shown(self, found: Sequence[Seen], key: ApiKey | None) -> list[RequestOut]:
        kept = await self._kept({seen.order.draft for seen in found})
        # To veil a description of full length takes 7 ms, and there may be a thousand: others are served meanwhile.
        return await asyncio.to_thread(self._mapped, found, kept, key)

    def _mapped(
        self, found: Sequence[Seen], kept: Mapping[str, Open311Request], key: ApiKey | None
    ) -> list[RequestOut]:
        office = self._orders.casework.office
        shown = []
        for seen in found:
            order = seen.order
            came = kept.get(order.draft)
            shown.append(
                mapping.request(
                    order,
                    seen.last,
                    self.catalogue.services[order.topic or ""],
                    due_moment(order.promised_date, office.hours),
                    office.units.name,
                    address_id=came.address_id if came else None,
                    # Nobody has looked at the pictures: they are shown to the one who sent them.
                    media=came.media if came and key and key.id == came.key_id else (),
                )
            )
        return shown

    async def _kept(self, drafts: Collection[str]) -> dict[str, Open311Request]:
        async with self._database.transaction() as session:
            found = await session.scalars(select(Open311Request).where(Open311Request.draft.in_(drafts)))
            return {request.draft: request for request in found}


def check_scope(key: ApiKey, scope: str) -> None:
    """Refuse a key that may not do this.

    Raises:
        Open311Error: 403.
    """
    if scope not in key.scopes:
        raise Open311Error(403, texts.KEY_NOT_ALLOWED.format(scope=scope))


def _own(key: ApiKey) -> str:
    """How the drafts of this key begin."""
    return f"open311:{key.id}:"


def _notice(order: WorkOrder) -> str:
    notice = texts.REGISTERED.format(date=in_words(order.promised_date))
    # Who is in danger says so at once; some 4,000-character texts would take the patterns a second.
    danger = detect_emergency(order.what[:_READ_FOR_DANGER])
    if danger is None:
        return notice
    return texts.DANGER.format(numbers="、".join(danger.numbers)) + notice
