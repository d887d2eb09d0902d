"""答复, 回访, 评价, and 重办 of what did not satisfy."""

from __future__ import annotations

from hotline.work_orders.answers import check_answer
from hotline.work_orders.effects.step import Refused, Step
from hotline.work_orders.lifecycle import NO_RATING
from hotline.work_orders.models import WorkOrder


async def answer(step: Step) -> None:
    """答复: checked; one that raises no doubt goes to the citizen at once when the office wants it so."""
    doubts = await _take_answer(step)
    if not doubts and step.office.process.answer_review == "automatic":
        step.others.append((step.order.id, "发起回访", {}))


async def _take_answer(step: Step) -> bool:
    answer = step.text("answer")
    order = step.order
    hidden = [order.name] if order.confidential and order.name else []
    findings = check_answer(
        answer,
        what=order.what,
        nature=order.nature,
        where=order.where_text,
        confidential_names=hidden,
        encoder=step.office.encoder,
    )
    blocking = [finding.message for finding in findings if finding.level == "block"]
    if blocking:
        raise Refused("answer_refused", "\n".join(["答复还不能提交：", *blocking]))
    step.detail["findings"] = [{"code": f.code, "message": f.message} for f in findings]
    step.note = answer
    step.answered(answer)
    return bool(findings)


async def send_back_answer(step: Step) -> None:
    """退回答复: the clock goes on as if there had been no answer."""
    order = step.order
    step.detail["answer"] = order.answer
    order.answer = order.answered_at = order.answered_late = None
    step.tell_unit(order.lead_unit, "sent_back", f"答复退回修改：{step.text('reason')}")


async def call_back(step: Step) -> None:
    """发起回访: the answer goes out, to all who were merged into the order as well."""
    step.order.callback_at = step.at
    for member in await step.members():
        step.others.append((member.id, "并案答复", {"answer": step.order.answer}))


async def answer_member(step: Step) -> None:
    """The main order's answer is this one's, which goes its own way from here."""
    main = await step.session.get(WorkOrder, step.order.merged_into)
    step.order.lead_unit = main.lead_unit if main else None
    step.order.callback_at = step.at
    step.answered(step.text("answer"))
    if main is not None:
        step.order.answered_late = main.answered_late
    step.note = step.text("answer")


async def rate(step: Step) -> None:
    """评价: satisfied closes; not satisfied is done again, at last looked at by a supervisor."""
    order = step.order
    order.rating = step.text("rating")
    order.rating_reason = step.text("reason") or None
    step.detail["rating"] = order.rating
    step.note = order.rating + (f"：{order.rating_reason}" if order.rating_reason else "")
    if step.row.target == "已办结":
        order.closed_at = step.at
    elif step.row.target in ("办理中", "已受理"):
        _do_again(step, f"市民不满意，退回重办：{order.rating_reason}")


def _do_again(step: Step, words: str) -> None:
    order = step.order
    order.redone += 1
    order.merged_into = None
    step.detail["answer"] = order.answer
    order.answer = None
    order.signed_at = step.at if order.lead_unit else None
    order.supervision_level = max(1, order.supervision_level)
    step.tell_unit(order.lead_unit, "redo", words)


async def do_again_after_review(step: Step) -> None:
    """复核重办."""
    _do_again(step, f"督办复核，退回重办：{step.text('reason')}")


async def close_after_review(step: Step) -> None:
    """复核办结: with the reason and where else the citizen may turn (复查、复议 …)."""
    step.order.closed_at = step.at
    step.detail["alternative"] = step.text("alternative")


async def close_unrated(step: Step) -> None:
    """回访期满."""
    step.order.rating, step.order.closed_at = NO_RATING, step.at
    step.note = "回访没有回音"


async def answer_at_once(step: Step) -> None:
    """直接答复: the desk answers itself."""
    await _take_answer(step)
    step.order.accepted_at = step.order.accepted_at or step.at
    step.others.append((step.order.id, "发起回访", {}))
