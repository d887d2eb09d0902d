"""Who may do a step now, and which of several rows applies: what :mod:`.table` asks of a case. A guard answers in Chinese why not."""

from __future__ import annotations

from hotline.work_orders.lifecycle.parts import RATINGS, Act, Case, Guard


def lead_only(case: Case, act: Act) -> str | None:
    """Only the leading unit does this."""
    if act.unit == case.lead:
        return None
    return "这一步由主办单位来做；协办单位请填写会办意见。"


def may_return(case: Case, act: Act) -> str | None:
    """A unit may return an order once, in time, unless the office has named it."""
    if refused := lead_only(case, act):
        return refused
    if case.designated:
        return "热线中心已经指定由贵单位办理，不能再退；有困难请和派单员联系。"
    if "退单" in case.pending:
        return "退单申请已经提交，正在等派单员决定。"
    if case.return_closed:
        return "已经过了可以退单的时间；确实不归贵单位的，请和派单员联系改派。"
    return None


def may_extend(case: Case, act: Act) -> str | None:
    """A unit may ask for more days as often and for as many as the office allows, and not too late."""
    if refused := lead_only(case, act):
        return refused
    if "延期" in case.pending:
        return "延期申请已经提交，正在等派单员决定。"
    if case.overdue:
        return "工单已经超期，不能再申请延期；请尽快办理，并向热线中心说明情况。"
    if case.extended >= case.limits.extension_times:
        return f"延期最多 {case.limits.extension_times} 次，已经用完了。"
    days = act.fields.get("days")
    if not isinstance(days, int) or not 1 <= days <= case.limits.extension_days:
        return f"延期天数请填 1 到 {case.limits.extension_days} 个工作日。"
    return None


def has_request(kind: str) -> Guard:
    """There must be a request of this kind to decide."""

    def guard(case: Case, act: Act) -> str | None:
        return None if kind in case.pending else f"这张工单没有等待决定的{kind}申请。"

    return guard


def nothing_pending(case: Case, act: Act) -> str | None:
    """The leading unit, with no request to return the order still open."""
    if refused := lead_only(case, act):
        return refused
    if "退单" in case.pending:
        return "退单申请还没有决定，暂时不能答复；要答复请先联系派单员。"
    return None


def assisting_only(case: Case, act: Act) -> str | None:
    """Only an assisting unit does this."""
    return None if act.unit in case.assisting else "会办意见由协办单位填写；主办单位请直接答复。"


def not_alone(case: Case, act: Act) -> str | None:
    """A letter for joint handling names a lead and at least one assisting unit, each with its duty."""
    assisting = act.fields.get("assisting") or []
    if not assisting:
        return "会商交办要写明协办单位；只有一家单位的请直接派单。"
    if any(not item.get("unit") or not str(item.get("duty") or "").strip() for item in assisting):
        return "请写明每个协办单位的职责。"
    if any(item["unit"] == act.fields.get("unit") for item in assisting):
        return "主办单位不能同时是协办单位。"
    return None


def no_members(case: Case, act: Act) -> str | None:
    """An order under which others lie is not put under another."""
    return "有别的工单并到这张工单里，请把这张留作主单。" if case.members else None


def known_rating(case: Case, act: Act) -> str | None:
    """One of the ratings, and a reason when it is bad."""
    rating = act.fields.get("rating")
    if rating not in RATINGS:
        return "请选满意、基本满意或不满意。"
    if rating == "不满意" and not str(act.fields.get("reason") or "").strip():
        return "请说说哪里不满意，我们好退回去重办。"
    return None


def content(case: Case, act: Act) -> bool:
    """The caller is not unhappy."""
    return act.fields.get("rating") != "不满意"


def again_by_office(case: Case, act: Act) -> bool:
    """It is done again, by the hotline, which answered by itself."""
    return case.lead is None and case.redone < case.limits.redo_times


def again(case: Case, act: Act) -> bool:
    """It may be done once more."""
    return case.redone < case.limits.redo_times
