"""The papers of 会商交办 and 领导交办 (三级交办): what a 办理函 and a 专题报告 say."""

from __future__ import annotations

from hotline.work_orders import masking
from hotline.work_orders.models import WorkOrder, WorkOrderLetter
from hotline.work_orders.office import Office

_JOINT = """办理函

{units}：

市民反映的下列事项涉及多个部门，经热线服务中心会商，请各单位按职责办理。

工单号：{number}
类型：{nature}　分类：{topic}
地点：{where}
内容：{what}

会商意见：{given}

主办单位：{lead}{lead_duty}
协办单位：
{assisting}

办理时限：自审定之日起 {days} 个工作日内，由主办单位汇总各单位意见，答复市民并报热线服务中心。

{hotline}"""

_LEADER = """专题报告

工单号：{number}
类型：{nature}　分类：{topic}
地点：{where}
内容：{what}

情况和建议：{given}

建议由{lead}主办{assisting}，自审定之日起 {days} 个工作日内办结，热线服务中心全程督办。

请审定。

{hotline}"""


def compose(letter: WorkOrderLetter, order: WorkOrder, given: str, office: Office) -> str:
    """The letter's words. The citizen's name and numbers are not in them.

    Args:
        given: what the dispatcher wrote: the outcome of the consultation, or the report.
    """
    name = office.units.name
    # It goes to units, whoever reads it here.
    veil = masking.for_units(order)
    common = {
        "number": order.number,
        "nature": order.nature,
        "topic": office.topics.get(order.topic or "", "未分类"),
        "where": veil(order.where_text) or "未写明",
        "what": masking.CONTENT_HIDDEN if order.content_confidential else veil(order.what),
        "given": veil(given),
        "lead": name(letter.lead),
        "days": letter.days,
        "hotline": office.city.hotline_name,
    }
    if letter.kind == "办理函":
        return _JOINT.format(
            **common,
            units="、".join(map(name, [letter.lead, *(item["unit"] for item in letter.assisting)])),
            lead_duty=f"（{veil(letter.lead_duty)}）" if letter.lead_duty else "（牵头，汇总答复）",
            assisting="\n".join(f"　{name(item['unit'])}：{veil(item['duty'])}" for item in letter.assisting),
        )
    helpers = "、".join(name(item["unit"]) for item in letter.assisting)
    return _LEADER.format(**common, assisting=f"、{helpers}协办" if helpers else "")
