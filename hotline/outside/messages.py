"""What other systems are told of an order: which steps, and in which fields. Pure.

docs/outside-system.md describes the fields to the other side's engineers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from hotline.attachments.models import Attachment
from hotline.language.names import mask_name
from hotline.outside.systems import System
from hotline.work_orders import masking
from hotline.work_orders.deadlines import SHANGHAI
from hotline.work_orders.lifecycle import BEFORE_ANSWER, Role
from hotline.work_orders.models import WorkOrder, WorkOrderEvent
from hotline.work_orders.office import Office

ORDER = "order"
REASSIGNED, WITHDRAWN, REDO, CLOSED, OPINION = "reassigned", "withdrawn", "redo", "closed", "opinion"

#: Steps by which a unit gets an order that its system may not know yet.
_DISPATCHING = ("派单", "现场交办", "审定", "改派")
#: Steps that are told whatever they lead to.
_KINDS = {
    "补充": "supplement",
    "催办": "urge",
    "撤回": WITHDRAWN,
    "督办": "supervised",
    "逾期": "supervised",
    "签收提醒": "reminder",
    "预警": "reminder",
    "同意延期": "extended",
    "驳回延期": "denied",
    "驳回退单": "denied",
    "恢复": "resumed",
    "会办意见": OPINION,
}
#: Steps that lead back to the unit, or to the end.
_BY_STATUS = {
    ("退回答复", "办理中"): REDO,
    ("评价", "办理中"): REDO,
    ("复核重办", "办理中"): REDO,
    ("评价", "已办结"): CLOSED,
    ("复核办结", "已办结"): CLOSED,
    ("回访期满", "已办结"): CLOSED,
}
KINDS = frozenset({*_KINDS.values(), *_BY_STATUS.values(), REASSIGNED})


def kind_of(action: str, status: str, before: Sequence[str] | None, units: Sequence[str]) -> str | None:
    """Which message a step leaves for a system; None: it is not told.

    Args:
        action, status: the step, and the order's state after it.
        before: the system's units that the order was at when the system last heard of it; None: it has never had it.
        units: those it is at now.
    """
    kind = _KINDS.get(action) or _BY_STATUS.get((action, status))
    if before is None:
        return ORDER if units and (action in _DISPATCHING or kind == REDO) else None
    if kind is not None:
        return kind if units else None
    # Whatever it was: taken away, given back, or to another unit of the same system. 并案 is being taken away.
    return REASSIGNED if units != before and status in (*BEFORE_ANSWER, "已并案") else None


def units_of(system: System, order: WorkOrder, duties: Mapping[str, str]) -> list[str]:
    """The system's units that ``order`` is at, the lead first."""
    if order.status == "已并案":  # its main order is handled, not this one
        return []
    return [unit for unit in (order.lead_unit, *duties) if unit is not None and unit in system.units]


def order_body(
    order: WorkOrder,
    event: WorkOrderEvent,
    system: System,
    duties: Mapping[str, str],
    office: Office,
) -> dict[str, Any]:
    """The whole order. Who called is in it only where the configuration and the order's secrecy both allow it."""
    veil = masking.for_units(order)
    shown = sees_content(system, order)
    return _state(order, system, duties, office) | {
        "nature": order.nature,
        "enterprise": order.enterprise,
        "topic": {"code": order.topic, "name": office.topics.get(order.topic)} if order.topic else None,
        "description": veil(order.what) if shown else masking.CONTENT_HIDDEN,
        "place": {
            "text": veil(order.where_text) if shown else "",
            "area": order.area_code,
            "street": order.street_code,
        },
        "when": veil(order.when_text) if shown else "",
        "assignment": order.assignment,
        "confidential": order.confidential,
        "content_confidential": order.content_confidential,
        "caller": _caller(order, system),
        "note": _note(order, event, system),
        "created_at": moment(order.created_at),
        "dispatched_at": moment(order.dispatched_at or event.at),
    }


def event_body(
    kind: str,
    order: WorkOrder,
    event: WorkOrderEvent,
    system: System,
    duties: Mapping[str, str],
    office: Office,
) -> dict[str, Any]:
    """A step, and how the order stands after it: the message is understood without those before it."""
    return _state(order, system, duties, office) | {
        "kind": kind,
        "action": event.action,
        "text": _note(order, event, system),
        "at": moment(event.at),
    }


def sees_content(system: System, order: WorkOrder) -> bool:
    """Whether the system may know what was reported: of a confidential content the leading unit's alone."""
    return not order.content_confidential or order.lead_unit in system.units


def photograph(attachment: Attachment, number: str) -> dict[str, Any]:
    """A photograph, to be fetched at ``path``."""
    return {
        "id": str(attachment.id),
        "path": f"/outside/v1/orders/{number}/attachments/{attachment.id}",
        "type": "image/jpeg",
        "width": attachment.width,
        "height": attachment.height,
        "size": attachment.size,
        "of": attachment.role,
        "at": moment(attachment.created_at),
    }


def _state(order: WorkOrder, system: System, duties: Mapping[str, str], office: Office) -> dict[str, Any]:
    level = order.supervision_level
    veil = masking.for_units(order, landlines=False)
    return {
        "number": order.number,
        "status": order.status,
        "urgency": order.urgency,
        "promised_date": order.promised_date.isoformat(),
        "overdue": order.overdue_at is not None,
        "supervision": {"level": level, "name": office.process.level_name(level)} if level else None,
        "units": [
            {
                "code": unit,
                "name": office.units.name(unit),
                "part": "主办" if unit == order.lead_unit else "协办",
                "duty": veil(duties.get(unit, "")),
            }
            for unit in units_of(system, order, duties)
        ],
    }


def _note(order: WorkOrder, event: WorkOrderEvent, system: System) -> str:
    """The step's words, as a unit may read them."""
    if event.role == Role.CITIZEN and not sees_content(system, order):
        return masking.CONTENT_HIDDEN
    # What people at work write names offices, whose numbers are for everybody.
    return masking.for_units(order, landlines=event.role == Role.CITIZEN)(event.note)


def _caller(order: WorkOrder, system: System) -> dict[str, Any] | None:
    hidden = order.confidential or order.nature == "举报" or order.anonymous
    if hidden or not system.caller_phone or order.phone is None:
        return None
    return {"name": mask_name(order.name) if order.name else None, "phone": order.phone}


def moment(at: datetime) -> str:
    """``2026-09-30T10:00:00+08:00``."""
    return at.astimezone(SHANGHAI).isoformat(timespec="seconds")
