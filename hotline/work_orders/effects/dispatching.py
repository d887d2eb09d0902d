"""派单: the three ways of 三级交办, and 改派."""

from __future__ import annotations

from sqlalchemy import delete, select, update

from hotline.work_orders import letters
from hotline.work_orders.effects.step import Refused, Step
from hotline.work_orders.models import WorkOrderLetter, WorkOrderRequest, WorkOrderUnit
from hotline.work_orders.office import in_words


async def dispatch(step: Step) -> None:
    """派单（即交即办）."""
    assisting = step.act.fields.get("assisting") or []
    await _give_to(step, step.unit(step.act.fields["unit"]), assisting, "即交即办")


async def dispatch_on_the_spot(step: Step) -> None:
    """现场交办 of a leader who takes calls: watched from the beginning."""
    step.order.accepted_at = step.order.accepted_at or step.at
    step.order.source = "领导接听"
    step.order.supervision_level = max(1, step.order.supervision_level)
    assisting = step.act.fields.get("assisting") or []
    await _give_to(step, step.unit(step.act.fields["unit"]), assisting, "领导交办")


async def _give_to(step: Step, lead: str, assisting: list[dict[str, str]], assignment: str) -> None:
    order = step.order
    order.lead_unit, order.assignment = lead, assignment
    order.dispatched_at, order.signed_at = step.at, None
    if order.enterprise:  # 政企通: 挂号督办
        order.supervision_level = max(order.supervision_level, step.office.process.enterprise_supervision)
    await step.session.execute(delete(WorkOrderUnit).where(WorkOrderUnit.order_id == order.id))
    by = in_words(order.promised_date)
    step.tell_unit(lead, "dispatched", f"请贵单位主办，{by}前答复市民。")
    names = []
    for item in assisting:
        unit = step.unit(item.get("unit"))
        duty = str(item.get("duty") or "").strip() or "配合主办单位办理"
        if unit == lead or unit in names:
            continue
        names.append(unit)
        step.session.add(WorkOrderUnit(order_id=order.id, unit=unit, duty=duty))
        step.tell_unit(
            unit, "dispatched", f"请贵单位协办（{duty}），主办单位是{step.name(lead)}，{by}前完成。"
        )
    step.detail |= {"unit": lead, "assisting": names, "assignment": assignment}
    assisted = f"；{'、'.join(map(step.name, names))}协办" if names else ""
    if step.note:  # why it went there is for those who work on it; the citizen sees where it went
        step.detail["why"] = step.note
    step.note = step.name(lead) + assisted


async def propose_joint(step: Step) -> None:
    """提请会商交办: a 办理函 that names lead and assisting units, for approval."""
    _draft_letter(step, "办理函")


async def propose_leader(step: Step) -> None:
    """提请领导交办: a 专题报告, for approval."""
    _draft_letter(step, "专题报告")


def _draft_letter(step: Step, kind: str) -> None:
    lead = step.unit(step.act.fields["unit"])
    assisting = [
        {"unit": step.unit(item.get("unit")), "duty": str(item.get("duty") or "").strip()}
        for item in step.act.fields.get("assisting") or []
    ]
    days = step.act.fields.get("days") or step.office.city.complex_working_days(step.order.nature)
    if not isinstance(days, int) or not 1 <= days <= 60:
        raise Refused("invalid", "办理天数请填 1 到 60 个工作日。")
    letter = WorkOrderLetter(
        order_id=step.order.id,
        kind=kind,
        lead=lead,
        lead_duty=step.text("lead_duty"),
        assisting=assisting,
        days=days,
        body="",
        drafted_by=step.actor.id,
        drafted_at=step.at,
    )
    given = step.text("report") or step.text("reason")
    letter.body = letters.compose(letter, step.order, given, step.office)
    step.session.add(letter)
    step.detail |= {"unit": lead, "assisting": [item["unit"] for item in assisting], "days": days}
    step.note = f"{kind}，{step.name(lead)}主办。{given}"


async def _letter(step: Step) -> WorkOrderLetter:
    query = select(WorkOrderLetter).where(
        WorkOrderLetter.order_id == step.order.id, WorkOrderLetter.decided_at.is_(None)
    )
    return (await step.session.scalars(query)).one()


async def approve(step: Step) -> None:
    """审定: the letter goes out; its days count from now, and the units may not return the order."""
    letter = await _letter(step)
    letter.approved, letter.decided_by, letter.decided_at = True, step.actor.id, step.at
    letter.decision_note = step.text("note")
    by_letter = step.office.promise(step.order.nature, step.at, days=letter.days)
    step.order.promised_date = max(step.order.promised_date, by_letter)
    step.order.designated = True
    joint = letter.kind == "办理函"
    if not joint:  # 全程督办
        step.order.supervision_level = max(1, step.order.supervision_level)
    await _give_to(step, letter.lead, letter.assisting, "会商交办" if joint else "领导交办")


async def send_back_letter(step: Step) -> None:
    """退回重拟."""
    letter = await _letter(step)
    letter.approved, letter.decided_by, letter.decided_at = False, step.actor.id, step.at
    letter.decision_note = step.text("reason")


async def reassign(step: Step) -> None:
    """改派: to another unit."""
    unit = step.unit(step.act.fields["unit"])
    if unit == step.order.lead_unit:
        raise Refused("same_unit", f"工单已经在{step.name(unit)}了。")
    step.tell_unit(step.order.lead_unit, "reassigned", f"已改派给{step.name(unit)}，贵单位不用再办。")
    step.detail["from"] = step.order.lead_unit
    step.order.designated = False
    await step.session.execute(
        update(WorkOrderRequest)
        .where(WorkOrderRequest.order_id == step.order.id, WorkOrderRequest.decided_at.is_(None))
        .values(granted=False, decided_by=step.actor.id, decided_at=step.at, decision_note="已改派")
    )
    assisting = step.act.fields.get("assisting") or []
    await _give_to(step, unit, assisting, step.order.assignment or "即交即办")
