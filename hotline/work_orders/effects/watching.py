"""催办, 督办, and what the system does when a time has come."""

from __future__ import annotations

from sqlalchemy import select

from hotline.work_orders.effects.step import Refused, Step
from hotline.work_orders.models import URGENCIES, WorkOrderUnit
from hotline.work_orders.office import in_words


async def urge(step: Step) -> None:
    """催办."""
    step.tell_unit(step.order.lead_unit, "urged", f"市民催办：{step.note or '请尽快办理'}")


async def supervise(step: Step) -> None:
    """督办: to the level given, or one higher."""
    levels = len(step.office.process.supervision)
    level = step.act.fields.get("level") or min(step.order.supervision_level + 1, levels)
    if not isinstance(level, int) or not 1 <= level <= levels:
        raise Refused("invalid", f"督办级别请填 1 到 {levels}。")
    step.order.supervision_level = max(level, step.order.supervision_level)
    name = step.office.process.level_name(level)
    step.detail |= {"level": level}
    step.note = f"{name}：{step.text('reason')}"
    for unit in [step.order.lead_unit, *await _assisting(step)]:
        step.tell_unit(unit, "supervised", step.note)


async def _assisting(step: Step) -> list[str]:
    query = select(WorkOrderUnit.unit).where(WorkOrderUnit.order_id == step.order.id)
    return list((await step.session.scalars(query)).all())


async def set_urgency(step: Step) -> None:
    """改紧急程度."""
    urgency = step.text("urgency")
    if urgency not in URGENCIES:
        raise Refused("invalid", f"紧急程度请选{'、'.join(URGENCIES)}。")
    step.order.urgency = urgency
    step.note = urgency


async def remind_to_sign(step: Step) -> None:
    """签收提醒."""
    step.tell_unit(step.order.lead_unit, "reminder", "派给贵单位的工单还没有签收，请尽快签收。")


async def warn(step: Step) -> None:
    """预警."""
    by = in_words(step.order.promised_date)
    step.note = f"{by}到期"
    step.tell_unit(step.order.lead_unit, "warning", f"快到期了，请在{by}下班前答复。")


async def overdue(step: Step) -> None:
    """逾期: 督办 begins by itself, at the level of the first day."""
    first = [n for n, level in enumerate(step.office.process.supervision, 1) if level.after_working_days == 0]
    if first:
        step.order.supervision_level = max(step.order.supervision_level, *first)
    step.note = f"{in_words(step.order.promised_date)}到期，没有按时答复"
    step.tell_unit(step.order.lead_unit, "overdue", "已经超期，请马上办理，并向热线中心说明原因。")
