"""受理 and 不予受理, and what an order is about."""

from __future__ import annotations

from hotline.work_orders.effects.step import Refused, Step


async def accept(step: Step) -> None:
    """受理."""
    _classify(step)
    step.order.accepted_at = step.at


def _classify(step: Step) -> None:
    topic = step.text("topic")
    if topic not in step.office.topics:
        raise Refused("unknown_topic", f"没有“{topic}”这个分类。")
    step.detail["topic"] = {"from": step.order.topic, "to": topic}
    step.order.topic = topic


async def refuse(step: Step) -> None:
    """不予受理: with the reason and where to go instead (PROCESS: 不受理必须说明理由、给出替代渠道)."""
    step.order.closed_at = step.at
    step.detail["alternative"] = step.text("alternative")
    given = {"reason": step.text("reason"), "alternative": step.text("alternative")}
    for member in await step.members():
        step.others.append((member.id, "并案不予受理", given))


async def refuse_member(step: Step) -> None:
    """The main order was refused: so is this one."""
    step.order.closed_at = step.at


async def reclassify(step: Step) -> None:
    """改分类."""
    _classify(step)
