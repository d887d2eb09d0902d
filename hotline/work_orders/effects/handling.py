"""办理: what the units do and ask for until they answer."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import delete, select

from hotline.work_orders.effects.step import Refused, Step
from hotline.work_orders.lifecycle import Role
from hotline.work_orders.models import WorkOrderRequest, WorkOrderUnit


async def sign(step: Step) -> None:
    """签收."""
    step.order.signed_at = step.at


async def ask_to_return(step: Step) -> None:
    """申请退单."""
    _ask(step, "退单", None)


async def ask_to_extend(step: Step) -> None:
    """申请延期."""
    _ask(step, "延期", step.act.fields["days"])


def _ask(step: Step, kind: str, days: int | None) -> None:
    unit = step.actor.unit or ""
    reason = step.text("reason")
    step.session.add(
        WorkOrderRequest(
            order_id=step.order.id, kind=kind, unit=unit, reason=reason, days=days, asked_at=step.at
        )
    )
    step.detail |= {"unit": unit, "days": days}


async def _decide(step: Step, kind: str, granted: bool) -> WorkOrderRequest:
    query = select(WorkOrderRequest).where(
        WorkOrderRequest.order_id == step.order.id,
        WorkOrderRequest.kind == kind,
        WorkOrderRequest.decided_at.is_(None),
    )
    asked = (await step.session.scalars(query)).one()
    asked.granted, asked.decided_by, asked.decided_at = granted, step.actor.id, step.at
    asked.decision_note = step.text("reason") or step.text("note")
    said = "同意" if granted else "没有同意"
    why = f"：{asked.decision_note}" if asked.decision_note else "。"
    step.tell_unit(asked.unit, "decided", f"贵单位的{kind}申请，热线中心{said}{why}")
    return asked


async def grant_return(step: Step) -> None:
    """同意退单: back to the dispatcher."""
    asked = await _decide(step, "退单", True)
    step.note = step.note or asked.reason
    await _take_from_unit(step)


async def deny_return(step: Step) -> None:
    """驳回退单: the office has decided; 指定后不得再退."""
    await _decide(step, "退单", False)
    step.order.designated = True


async def _take_from_unit(step: Step) -> None:
    step.order.lead_unit = step.order.assignment = None
    step.order.dispatched_at = step.order.signed_at = None
    await step.session.execute(delete(WorkOrderUnit).where(WorkOrderUnit.order_id == step.order.id))


async def suspend(step: Step) -> None:
    """挂起: something is asked of the citizen, and the clock stands still."""
    if not step.in_chat and step.order.phone is None:
        raise Refused("nobody_to_ask", "这位市民没有留联系方式，问不到，不能挂起。")
    step.note = step.text("question")


async def supplement(step: Step) -> None:
    """补充."""
    step.tell_unit(step.order.lead_unit, "supplement", f"市民补充了情况：{step.note}")


async def wake(step: Step) -> None:
    """恢复, by hand or when the days are over."""
    if step.actor.role is Role.SYSTEM:
        days = step.office.process.suspension_working_days
        step.note = f"等了 {days} 个工作日没有补充，恢复办理"
        step.tell_unit(step.order.lead_unit, "resumed", f"{step.note}，请按已有的情况办。")


async def grant_extension(step: Step) -> None:
    """同意延期: the citizen hears the unit's reason and the new date."""
    asked = await _decide(step, "延期", True)
    days = asked.days or 1
    step.order.promised_date = step.office.calendar.add(step.order.promised_date, days)
    step.order.extended += 1
    step.detail["promised_date"] = step.order.promised_date.isoformat()
    step.note = f"延长 {days} 个工作日：{asked.reason}"
    step.act = replace(step.act, fields={**step.act.fields, "reason": asked.reason})


async def deny_extension(step: Step) -> None:
    """驳回延期."""
    await _decide(step, "延期", False)


async def give_opinion(step: Step) -> None:
    """会办意见 of an assisting unit."""
    share = await step.session.get(WorkOrderUnit, (step.order.id, step.actor.unit))
    if share is not None:
        share.opinion, share.opinion_at = step.text("note"), step.at
    step.tell_unit(step.order.lead_unit, "opinion", f"{step.name(step.actor.unit)}的会办意见：{step.note}")
