"""What each role sees of an order. Numbers are masked everywhere; who reported a 举报 stays hidden from the units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from hotline.attachments.models import Attachment
from hotline.language.identifiers import mask, mask_phone
from hotline.language.names import mask_name
from hotline.work_orders import masking, shapes
from hotline.work_orders.deadlines import Clock, remaining_words, state
from hotline.work_orders.effects.step import Actor
from hotline.work_orders.lifecycle import BEFORE_ANSWER, Role, needed
from hotline.work_orders.models import (
    WorkOrder,
    WorkOrderDelivery,
    WorkOrderEvent,
    WorkOrderLetter,
    WorkOrderLikeness,
    WorkOrderRequest,
    WorkOrderUnit,
)
from hotline.work_orders.office import Office

#: What the units need not see of how the office came to its decision.
_OFFICE_ONLY = ("改分类", "改紧急程度", "受理提醒", "退回重拟")


@dataclass(frozen=True, kw_only=True)
class Folder:
    """An order with all that belongs to it."""

    order: WorkOrder
    events: Sequence[WorkOrderEvent]
    units: Sequence[WorkOrderUnit]
    requests: Sequence[WorkOrderRequest]
    letters: Sequence[WorkOrderLetter]
    deliveries: Sequence[WorkOrderDelivery]
    #: Likely the same case: (proposal, the other order).
    likenesses: Sequence[tuple[WorkOrderLikeness, WorkOrder]]
    #: Orders merged into it, and the number of the one it is merged into.
    members: Sequence[WorkOrder]
    main: str | None
    possible: Sequence[str]
    #: Those of the members as well.
    photographs: Sequence[Attachment] = ()


def clock(order: WorkOrder, office: Office, at: datetime) -> shapes.ClockShape:
    """How the order stands with its promised date, for a coloured clock."""
    if order.status not in BEFORE_ANSWER:
        late = order.answered_late
        return {"state": "停止", "words": "" if late is None else "超期答复" if late else "按时答复"}
    running = Clock(promised=order.promised_date, suspended_since=order.suspended_at)
    days = office.process.warning_working_days
    return {
        "state": state(running, at, office.calendar, office.hours, days),
        "words": remaining_words(running, at, office.calendar, office.hours),
    }


def line(order: WorkOrder, actor: Actor, office: Office, at: datetime) -> shapes.Line:
    """One line of a list."""
    veil = masking.for_actor(order, actor)
    shown = masking.sees_content(order, actor)
    return {
        "number": order.number,
        "version": order.version,
        "nature": order.nature,
        "topic": order.topic,
        "topic_name": office.topics.get(order.topic or ""),
        "status": order.status,
        "urgency": order.urgency,
        "enterprise": order.enterprise,
        "source": order.source,
        "what": veil(order.what) if shown else masking.CONTENT_HIDDEN,
        "where": veil(order.where_text) if shown else "",
        "area": order.area_code,
        "street": order.street_code,
        "lead_unit": order.lead_unit,
        "lead_unit_name": office.units.name(order.lead_unit) if order.lead_unit else None,
        "promised_date": order.promised_date,
        "clock": clock(order, office, at),
        "overdue": order.overdue_at is not None,
        "supervision_level": order.supervision_level,
        "supervision": office.process.level_name(order.supervision_level)
        if order.supervision_level
        else None,
        "rating": order.rating,
        "redone": order.redone,
        "created_at": order.created_at,
        "demo": order.demo,
    }


def page(folder: Folder, actor: Actor, office: Office, at: datetime) -> shapes.OfficeCase | shapes.Case:
    """The whole case, as ``actor`` may see it."""
    order = folder.order
    name = office.units.name
    of_unit = actor.role is Role.UNIT
    veil = masking.for_actor(order, actor)
    # What a unit says names offices, whose numbers are for everybody.
    said = masking.for_actor(order, actor, landlines=False)
    shown = masking.sees_content(order, actor)
    owners = {owner.id: owner for owner in (order, *folder.members)}
    seen: shapes.Case = {
        **line(order, actor, office, at),
        "when": veil(order.when_text) if shown else "",
        "confidential": order.confidential,
        "content_confidential": order.content_confidential,
        "note": masking.CONTENT_NOTE if order.content_confidential else "",
        "caller": _caller(order, actor),
        "assignment": order.assignment,
        "designated": order.designated,
        "answer": order.answer if order.answer is None else said(order.answer),
        "answered_at": order.answered_at,
        "rating_reason": veil(order.rating_reason or ""),
        "merged_into": folder.main,
        "members": [member.number for member in folder.members],
        "assisting": [
            {
                "unit": u.unit,
                "name": name(u.unit),
                "duty": said(u.duty),
                "opinion": u.opinion if u.opinion is None else said(u.opinion),
            }
            for u in folder.units
        ],
        "requests": [
            {
                "kind": r.kind,
                "unit": name(r.unit),
                "reason": said(r.reason),
                "days": r.days,
                "asked_at": r.asked_at,
                "granted": r.granted,
                "note": said(r.decision_note),
            }
            for r in folder.requests
        ],
        "events": [
            _event(e, said if e.role == Role.UNIT else veil, shown=shown or e.role != Role.CITIZEN)
            for e in folder.events
            if not (of_unit and e.action in _OFFICE_ONLY)
        ],
        "attachments": [
            _photograph(one, owners[one.order_id].number, office)
            for one in folder.photographs
            if one.order_id in owners
            and all(masking.sees_photograph(o, one.role, actor) for o in (order, owners[one.order_id]))
        ],
        "actions": [
            {"action": action, "needs": [{"field": f, "name": n} for f, n in needed(action)]}
            for action in folder.possible
        ],
    }
    if of_unit:
        return seen
    return {
        **seen,
        "proposal": masking.veiled(order.proposal, veil),
        "letters": [_letter(letter, office, said) for letter in folder.letters],
        "likely_same": [
            {
                "number": other.number,
                "status": other.status,
                "what": masking.for_actor(other, actor)(other.what),
                "where": masking.for_actor(other, actor)(other.where_text),
                "created_at": other.created_at,
                "score": likeness.score,
                "reason": mask(likeness.reason),
                "same": likeness.same,
            }
            for likeness, other in folder.likenesses
        ],
        "deliveries": [
            {
                "id": d.id,
                "to": name(d.unit) if d.unit else "市民",
                "event": d.event,
                "text": said(d.text),
                "state": d.state,
                "attempts": d.attempts,
                "at": d.done_at or d.created_at,
            }
            for d in folder.deliveries
        ],
    }


def _caller(order: WorkOrder, actor: Actor) -> shapes.Caller:
    """Who called: a surname and a masked number; of a confidential order nothing at all for the units."""
    if masking.hidden_from(order, actor):
        return {"name": masking.HIDDEN, "phone": masking.HIDDEN, "anonymous": order.anonymous}
    return {
        "name": mask_name(order.name) if order.name else None,
        "phone": mask_phone(order.phone) if order.phone else None,
        "anonymous": order.anonymous,
    }


def _photograph(photograph: Attachment, number: str, office: Office) -> shapes.Photograph:
    who = office.units.name(photograph.unit) if photograph.unit else photograph.role
    return {
        "id": photograph.id,
        "number": number,
        "kind": "photo",
        "width": photograph.width,
        "height": photograph.height,
        "size": photograph.size,
        "by": who if photograph.role == Role.CITIZEN else f"{who} {photograph.actor}",
        "at": photograph.created_at,
    }


def _event(event: WorkOrderEvent, veil: masking.Veil, *, shown: bool) -> shapes.Event:
    return {
        "at": event.at,
        "actor": event.actor,
        "role": event.role,
        "unit": event.unit,
        "action": event.action,
        "status": event.status,
        "note": veil("。".join(filter(None, [event.note, event.detail.get("why")]))) if shown else "",
        "public": event.public,
        "findings": [veil(finding["message"]) for finding in event.detail.get("findings", ())]
        if shown
        else [],
    }


def _letter(letter: WorkOrderLetter, office: Office, veil: masking.Veil) -> shapes.Letter:
    return {
        "kind": letter.kind,
        "lead": office.units.name(letter.lead),
        "assisting": [
            {"unit": office.units.name(i["unit"]), "duty": veil(i["duty"])} for i in letter.assisting
        ],
        "days": letter.days,
        "body": veil(letter.body),
        "approved": letter.approved,
        "note": veil(letter.decision_note),
        "drafted_at": letter.drafted_at,
    }
