"""Orders and services as the open interface shows them. Pure.

Nothing of who reported: no name, no number, no query code, also not where their own words say it. What people added
later, and why they were not content, is not repeated at all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from hotline.open311 import texts
from hotline.open311.catalogue import Attribute, Catalogue, Service
from hotline.open311.documents import BARE_MEDIA_TYPES, clean
from hotline.open311.shapes import (
    AttributeOut,
    DefinitionOut,
    DiscoveryOut,
    EndpointOut,
    RequestOut,
    ServiceOut,
    UpdateOut,
    ValueOut,
)
from hotline.work_orders.deadlines import SHANGHAI
from hotline.work_orders.lifecycle import ENDED, RATINGS
from hotline.work_orders.masking import for_public
from hotline.work_orders.models import WorkOrder, WorkOrderEvent

SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
#: The longest description there may be.
MAX_DESCRIPTION = 4000

#: Steps of which nobody is told: the request itself, and an answer that goes out with the step after it.
UNTOLD = ("提交", "直接答复")

#: An order's state in FixMyStreet's words.
_STATUS = {
    "待受理": "open",
    "已受理": "investigating",
    "待审定": "investigating",
    "已派单": "action_scheduled",
    "办理中": "in_progress",
    "挂起": "in_progress",
    "已答复": "in_progress",
    "回访中": "in_progress",
    "待复核": "investigating",
    "已并案": "in_progress",
    "已办结": "closed",
    "已撤回": "no_further_action",
    "不予受理": "not_councils_responsibility",
}
#: Those who are content say so: the thing is done.
_CONTENT = RATINGS[:2]

UnitName = Callable[[str], str]


def moment(at: datetime) -> str:
    """``2026-11-28T09:00:00+08:00``: the offset is always there, fractions of a second never."""
    return at.astimezone(SHANGHAI).replace(microsecond=0).isoformat()


def discovery(catalogue: Catalogue, url: str) -> DiscoveryOut:
    """The discovery document of the interface at ``url``."""
    number = catalogue.hotline_number
    return DiscoveryOut(
        changeset=moment(catalogue.changed),
        contact=texts.CONTACT.format(name=catalogue.hotline_name, number=number),
        key_service=texts.KEY_SERVICE.format(number=number),
        endpoints=[
            EndpointOut(
                specification=SPECIFICATION,
                url=url,
                changeset=moment(catalogue.changed),
                type="production",
                formats=list(BARE_MEDIA_TYPES.values()),
            )
        ],
    )


def service(found: Service) -> ServiceOut:
    """One line of the list of services."""
    return ServiceOut(
        service_code=found.code,
        service_name=found.name,
        description=found.description,
        metadata=bool(found.attributes),
        type=found.type,
        keywords=",".join(found.keywords) or None,
        group=found.group,
    )


def definition(found: Service) -> DefinitionOut:
    """What is asked with a request for a service."""
    attributes = [_attribute(attribute, order) for order, attribute in enumerate(found.attributes, 1)]
    return DefinitionOut(service_code=found.code, attributes=attributes)


def _attribute(attribute: Attribute, order: int) -> AttributeOut:
    return AttributeOut(
        variable=not attribute.info,
        code=attribute.code,
        datatype=attribute.kind,
        required=attribute.required,
        datatype_description=attribute.help,
        order=order,
        description=attribute.name,
        values=[ValueOut(key=key, name=name) for key, name in attribute.values.items()],
    )


def request(
    order: WorkOrder,
    last: WorkOrderEvent,
    found: Service,
    due: datetime,
    unit_name: UnitName,
    *,
    address_id: str | None = None,
    media: Sequence[str] = (),
) -> RequestOut:
    """One order.

    Args:
        last: the last step the public sees.
        found: the service that its topic is.
        due: by when an answer is promised.
        address_id: what the request came with.
        media: addresses of pictures, for the one who sent them.
    """
    closed = order.status in ENDED
    veil = for_public(order)
    return RequestOut(
        service_request_id=order.number,
        status="closed" if closed else "open",
        status_notes=notes(order, last, unit_name),
        service_name=found.name,
        service_code=found.code,
        description=veil(clean(order.what))[:MAX_DESCRIPTION] or None,
        agency_responsible=unit_name(order.lead_unit) if order.lead_unit else None,
        service_notice=None,
        requested_datetime=moment(order.created_at),
        updated_datetime=moment(order.closed_at if closed and order.closed_at else last.at),
        expected_datetime=moment(due),
        address=veil(clean(order.where_text)) or None,
        address_id=address_id or order.street_code or order.area_code,
        zipcode=None,
        lat=order.lat,
        long=order.long,
        media_url=media[0] if media else None,
    )


def notes(order: WorkOrder, last: WorkOrderEvent, unit_name: UnitName) -> str:
    """How the order stands, in a sentence or two; the answer as soon as the citizen has it."""
    # An answer that the office still looks at is not the citizen's yet.
    if order.answer and order.callback_at is not None:
        said = texts.STEPS["发起回访"].format(answer=_said(order, order.answer))
        return f"{said}\n{step(order, last, unit_name)}" if last.action in ("评价", "复核办结") else said
    return step(order, last, unit_name)


def update(order: WorkOrder, event: WorkOrderEvent, answer: str | None, unit_name: UnitName) -> UpdateOut:
    """One step of an order."""
    return UpdateOut(
        update_id=str(event.id),
        service_request_id=order.number,
        status=_status(event),
        description=step(order, event, unit_name, answer),
        updated_datetime=moment(event.at),
        media_url=None,
    )


def _status(event: WorkOrderEvent) -> str:
    if event.status == "已办结" and event.detail.get("rating") in _CONTENT:
        return "fixed"
    return _STATUS[event.status]


def step(order: WorkOrder, event: WorkOrderEvent, unit_name: UnitName, answer: str | None = None) -> str:
    """A step in plain words, for everybody.

    Args:
        answer: what was answered, when the step gives it to the citizen.
    """
    detail = event.detail
    unit = detail.get("unit")
    words = texts.STEPS[event.action].format(
        note=_sentence(_said(order, event.note)),
        unit=unit_name(unit) if isinstance(unit, str) else texts.SOME_UNIT,
        answer=_said(order, answer or event.note),
        rating=detail.get("rating", ""),
    )
    if alternative := detail.get("alternative"):
        words += texts.INSTEAD.format(alternative=_sentence(_said(order, str(alternative))))
    if event.action == "评价":
        words += texts.AGAIN.get(event.status, "")
    return words


def _sentence(words: str) -> str:
    return words if not words or words[-1] in "。！？" else f"{words}。"


def _said(order: WorkOrder, words: str) -> str:
    """What units and the office wrote; the numbers of their own telephones stay."""
    return for_public(order, landlines=False)(clean(words))
