"""并案: one handling for many callers, none of whom is lost; and 撤回, which touches them."""

from __future__ import annotations

from sqlalchemy import select, update

from hotline.work_orders.effects.step import Refused, Step
from hotline.work_orders.lifecycle import OPEN
from hotline.work_orders.models import WorkOrder, WorkOrderLikeness


async def merge(step: Step) -> None:
    """并案 into another order: one handling, every caller answered."""
    query = select(WorkOrder).where(WorkOrder.number == step.text("target"))
    main = (await step.session.scalars(query)).one_or_none()
    if main is None or main.id == step.order.id:
        raise Refused("unknown_target", "没有找到要并入的工单，请核对工单号。")
    if main.status == "已并案":
        raise Refused("target_merged", f"工单 {main.number} 自己已经并案，请并到它的主单。")
    if main.status not in OPEN or main.status in ("回访中", "待复核"):
        raise Refused("target_ended", f"工单 {main.number} 已经答复或办结，不能再并进去。")
    if main.demo != step.order.demo:
        raise Refused("demo", "演示工单和真实的工单不能并案。")
    if main.confidential != step.order.confidential:
        raise Refused("confidential", "保密的工单和不保密的工单不能并案。")
    step.order.merged_into = main.id
    step.tell_unit(step.order.lead_unit, "merged", f"已并入工单 {main.number}，请按主单办理。")
    step.order.lead_unit = step.order.assignment = None
    step.detail["target"] = main.number
    step.note = f"并入工单 {main.number}"
    await step.session.execute(
        update(WorkOrderLikeness)
        .where(WorkOrderLikeness.order_id == step.order.id, WorkOrderLikeness.other_id == main.id)
        .values(same=True, decided_by=step.actor.id)
    )


async def unmerge(step: Step) -> None:
    """解除并案: on its own again."""
    step.order.merged_into = None


async def withdraw(step: Step) -> None:
    """撤回. Who was merged into the order is not lost: the first of them goes on with the case."""
    step.order.closed_at = step.at
    step.order.suspended_at = None
    step.tell_unit(step.order.lead_unit, "withdrawn", "市民已经撤回，不用再办。")
    members = await step.members()
    if not members:
        return
    heir, *rest = members
    why = f"主单 {step.order.number} 由市民撤回，这张工单接着办"
    step.others.append((heir.id, "解除并案", {"reason": why}))
    if step.order.lead_unit is not None:
        step.others.append((heir.id, "派单", {"unit": step.order.lead_unit}))
    for member in rest:
        member.merged_into = heir.id
    step.detail["heir"] = heir.number
