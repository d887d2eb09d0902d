"""The life of a work order, as one table: in which state who may do what, what it needs, and what it leads to.

Pure: no clock, no database. ``hotline/work_orders/casework.py`` carries a transition out. The steps are those of
受理、派单、办理、答复、督办、办结、回访 and of 株洲's 三级交办 (《株洲市12345政务服务便民热线全流程闭环工作机制》,
2023): 即交即办, 会商交办 with a 办理函, 领导交办 with a 专题报告, both approved before they go out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

NATURES = ("咨询", "求助", "投诉", "举报", "建议", "表扬")

#: States before the answer, in which the clock runs (挂起: stands still).
BEFORE_ANSWER = ("待受理", "已受理", "待审定", "已派单", "办理中", "挂起")
#: States in which something is still to come.
OPEN = (*BEFORE_ANSWER, "已答复", "回访中", "待复核", "已并案")
ENDED = ("已办结", "已撤回", "不予受理")
STATUSES = (*OPEN, *ENDED)

RATINGS = ("满意", "基本满意", "不满意")
#: What stands where the citizen has not answered the callback.
NO_RATING = "未评价"


class Role(StrEnum):
    """Who acts. 跟班学习 looks on: no row of the table names it."""

    CITIZEN = "市民"
    SYSTEM = "系统"
    AGENT = "坐席"
    DISPATCHER = "派单员"
    UNIT = "承办单位"
    SUPERVISOR = "督办"
    LEADER = "领导"
    TRAINEE = "跟班学习"


_DESK = (Role.AGENT, Role.DISPATCHER)
_STAFF = (Role.AGENT, Role.DISPATCHER, Role.UNIT, Role.SUPERVISOR, Role.LEADER)


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What the office sets; see ``data/city/<city>/process.yml``."""

    extension_times: int = 1
    extension_days: int = 10
    redo_times: int = 2


@dataclass(frozen=True, kw_only=True)
class Case:
    """What the guards look at."""

    status: str
    nature: str
    #: Lead unit, and the assisting ones.
    lead: str | None = None
    assisting: frozenset[str] = frozenset()
    #: The office has decided who is responsible: no more returning.
    designated: bool = False
    #: The time in which a unit may return the order has passed.
    return_closed: bool = False
    overdue: bool = False
    extended: int = 0
    redone: int = 0
    #: Kinds of requests that wait for a decision: 退单, 延期.
    pending: frozenset[str] = frozenset()
    #: Orders merged into this one.
    members: int = 0
    limits: Limits = Limits()


@dataclass(frozen=True, kw_only=True)
class Act:
    """What somebody wants to do. ``fields`` are named in :data:`FIELDS`."""

    action: str
    role: Role
    unit: str | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)


Guard = Callable[[Case, Act], str | None]
When = Callable[[Case, Act], bool]

#: The fields an action may need, as they are called in front of people.
FIELDS = {
    "topic": "分类",
    "reason": "原因",
    "alternative": "可以走的途径",
    "answer": "答复内容",
    "unit": "承办单位",
    "assisting": "协办单位和职责",
    "report": "专题报告",
    "question": "要请市民补充什么",
    "note": "内容",
    "days": "工作日数",
    "rating": "满意度",
    "target": "并入的工单号",
    "urgency": "紧急程度",
}


@dataclass(frozen=True, kw_only=True)
class Transition:
    """One row of the table.

    Attributes:
        target: the state it leads to; None when the state stays.
        needs: fields that must be given.
        when: chooses between rows of one action; the first that applies counts.
        guard: says in Chinese why it may not be done now.
        clock: 起算 停止 暂停 恢复 顺延 重新起算; empty: the clock is not touched.
        tells: the event of ``reply_templates.yml`` the citizen is told; empty: the citizen is not told.
        public: whether the citizen sees the step in the timeline.
    """

    action: str
    sources: tuple[str, ...]
    target: str | None
    roles: tuple[Role, ...]
    needs: tuple[str, ...] = ()
    when: When | None = None
    guard: Guard | None = None
    clock: str = ""
    tells: str = ""
    public: bool = True


class NotAllowed(Exception):
    """An action that may not be done. ``code``: ``unknown``, ``state``, ``role``, ``missing`` or ``guard``."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def _lead_only(case: Case, act: Act) -> str | None:
    if act.unit == case.lead:
        return None
    return "这一步由主办单位来做；协办单位请填写会办意见。"


def _may_return(case: Case, act: Act) -> str | None:
    if refused := _lead_only(case, act):
        return refused
    if case.designated:
        return "热线中心已经指定由贵单位办理，不能再退；有困难请和派单员联系。"
    if "退单" in case.pending:
        return "退单申请已经提交，正在等派单员决定。"
    if case.return_closed:
        return "已经过了可以退单的时间；确实不归贵单位的，请和派单员联系改派。"
    return None


def _may_extend(case: Case, act: Act) -> str | None:
    if refused := _lead_only(case, act):
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


def _has_request(kind: str) -> Guard:
    def guard(case: Case, act: Act) -> str | None:
        return None if kind in case.pending else f"这张工单没有等待决定的{kind}申请。"

    return guard


def _nothing_pending(case: Case, act: Act) -> str | None:
    if refused := _lead_only(case, act):
        return refused
    if "退单" in case.pending:
        return "退单申请还没有决定，暂时不能答复；要答复请先联系派单员。"
    return None


def _assisting_only(case: Case, act: Act) -> str | None:
    return None if act.unit in case.assisting else "会办意见由协办单位填写；主办单位请直接答复。"


def _not_alone(case: Case, act: Act) -> str | None:
    """A letter for joint handling names a lead and at least one assisting unit, each with its duty."""
    assisting = act.fields.get("assisting") or []
    if not assisting:
        return "会商交办要写明协办单位；只有一家单位的请直接派单。"
    if any(not item.get("unit") or not str(item.get("duty") or "").strip() for item in assisting):
        return "请写明每个协办单位的职责。"
    if any(item["unit"] == act.fields.get("unit") for item in assisting):
        return "主办单位不能同时是协办单位。"
    return None


def _no_members(case: Case, act: Act) -> str | None:
    return "有别的工单并到这张工单里，请把这张留作主单。" if case.members else None


def _known_rating(case: Case, act: Act) -> str | None:
    rating = act.fields.get("rating")
    if rating not in RATINGS:
        return "请选满意、基本满意或不满意。"
    if rating == "不满意" and not str(act.fields.get("reason") or "").strip():
        return "请说说哪里不满意，我们好退回去重办。"
    return None


def _content(case: Case, act: Act) -> bool:
    return act.fields.get("rating") != "不满意"


def _again_by_office(case: Case, act: Act) -> bool:
    return case.lead is None and case.redone < case.limits.redo_times


def _again(case: Case, act: Act) -> bool:
    return case.redone < case.limits.redo_times


_UNIT = (Role.UNIT,)
_DISPATCH = (Role.DISPATCHER,)

TABLE: tuple[Transition, ...] = (
    # 受理
    Transition(
        action="受理",
        sources=("待受理",),
        target="已受理",
        roles=(*_DESK, Role.SYSTEM),
        needs=("topic",),
        tells="accepted",
    ),
    Transition(
        action="不予受理",
        sources=("待受理", "已受理"),
        target="不予受理",
        roles=_DESK,
        needs=("reason", "alternative"),
        clock="停止",
        tells="refused",
    ),
    Transition(
        action="直接答复",
        sources=("待受理", "已受理"),
        target="已答复",
        roles=_DESK,
        needs=("answer",),
        clock="停止",
    ),
    # 派单：三级交办
    Transition(
        action="派单",
        sources=("已受理",),
        target="已派单",
        roles=(*_DISPATCH, Role.SYSTEM),
        needs=("unit",),
        tells="dispatched",
    ),
    Transition(
        action="提请会商交办",
        sources=("已受理",),
        target="待审定",
        roles=_DISPATCH,
        needs=("unit", "assisting", "reason"),
        guard=_not_alone,
        public=False,
    ),
    Transition(
        action="提请领导交办",
        sources=("已受理",),
        target="待审定",
        roles=_DISPATCH,
        needs=("unit", "report"),
        public=False,
    ),
    Transition(
        action="审定",
        sources=("待审定",),
        target="已派单",
        roles=(Role.LEADER,),
        clock="顺延",
        tells="dispatched",
    ),
    Transition(
        action="退回重拟",
        sources=("待审定",),
        target="已受理",
        roles=(Role.LEADER,),
        needs=("reason",),
        public=False,
    ),
    Transition(
        action="现场交办",
        sources=("待受理", "已受理"),
        target="已派单",
        roles=(Role.LEADER,),
        needs=("unit",),
        tells="dispatched",
    ),
    # 办理
    Transition(
        action="签收", sources=("已派单",), target="办理中", roles=_UNIT, guard=_lead_only, public=False
    ),
    Transition(
        action="申请退单",
        sources=("已派单", "办理中"),
        target=None,
        roles=_UNIT,
        needs=("reason",),
        guard=_may_return,
        public=False,
    ),
    Transition(
        action="同意退单",
        sources=("已派单", "办理中"),
        target="已受理",
        roles=_DISPATCH,
        guard=_has_request("退单"),
        public=False,
    ),
    Transition(
        action="驳回退单",
        sources=("已派单", "办理中"),
        target=None,
        roles=_DISPATCH,
        needs=("reason",),
        guard=_has_request("退单"),
        public=False,
    ),
    Transition(
        action="改派",
        sources=("已派单", "办理中"),
        target="已派单",
        roles=(Role.DISPATCHER, Role.SUPERVISOR),
        needs=("unit", "reason"),
        tells="reassigned",
    ),
    Transition(
        action="挂起",
        sources=("办理中",),
        target="挂起",
        roles=_UNIT,
        needs=("question",),
        guard=_lead_only,
        clock="暂停",
        tells="asked",
    ),
    Transition(
        action="补充",
        sources=("挂起",),
        target="办理中",
        roles=(Role.CITIZEN, Role.AGENT),
        needs=("note",),
        clock="恢复",
        tells="resumed",
    ),
    Transition(
        action="补充",
        sources=("待受理", "已受理", "待审定", "已派单", "办理中", "已并案"),
        target=None,
        roles=(Role.CITIZEN, Role.AGENT),
        needs=("note",),
        tells="supplement_received",
    ),
    Transition(
        action="恢复",
        sources=("挂起",),
        target="办理中",
        roles=(Role.UNIT, Role.AGENT, Role.SYSTEM),
        clock="恢复",
        tells="resumed",
    ),
    Transition(
        action="申请延期",
        sources=("办理中",),
        target=None,
        roles=_UNIT,
        needs=("reason", "days"),
        guard=_may_extend,
        public=False,
    ),
    Transition(
        action="同意延期",
        sources=("办理中", "挂起"),
        target=None,
        roles=(Role.DISPATCHER, Role.SUPERVISOR),
        guard=_has_request("延期"),
        clock="顺延",
        tells="extended",
    ),
    Transition(
        action="驳回延期",
        sources=("办理中", "挂起"),
        target=None,
        roles=(Role.DISPATCHER, Role.SUPERVISOR),
        needs=("reason",),
        guard=_has_request("延期"),
        public=False,
    ),
    Transition(
        action="会办意见",
        sources=("已派单", "办理中", "挂起"),
        target=None,
        roles=_UNIT,
        needs=("note",),
        guard=_assisting_only,
        public=False,
    ),
    # 答复、回访、办结
    Transition(
        action="答复",
        sources=("办理中",),
        target="已答复",
        roles=_UNIT,
        needs=("answer",),
        guard=_nothing_pending,
        clock="停止",
        public=False,
    ),
    Transition(
        action="退回答复",
        sources=("已答复",),
        target="办理中",
        roles=(*_DESK, Role.SUPERVISOR),
        needs=("reason",),
        when=lambda case, act: case.lead is not None,
        clock="起算",
        public=False,
    ),
    Transition(
        action="退回答复",
        sources=("已答复",),
        target="已受理",
        roles=(*_DESK, Role.SUPERVISOR),
        needs=("reason",),
        clock="起算",
        public=False,
    ),
    Transition(
        action="发起回访",
        sources=("已答复",),
        target="回访中",
        roles=(*_DESK, Role.SYSTEM),
        tells="answered",
    ),
    Transition(
        action="评价",
        sources=("回访中",),
        target="已办结",
        roles=(Role.CITIZEN, Role.AGENT),
        needs=("rating",),
        when=_content,
        guard=_known_rating,
        tells="closed",
    ),
    Transition(
        action="评价",
        sources=("回访中",),
        target="已受理",
        roles=(Role.CITIZEN, Role.AGENT),
        needs=("rating",),
        when=_again_by_office,
        guard=_known_rating,
        clock="重新起算",
        tells="redo",
    ),
    Transition(
        action="评价",
        sources=("回访中",),
        target="办理中",
        roles=(Role.CITIZEN, Role.AGENT),
        needs=("rating",),
        when=_again,
        guard=_known_rating,
        clock="重新起算",
        tells="redo",
    ),
    Transition(
        action="评价",
        sources=("回访中",),
        target="待复核",
        roles=(Role.CITIZEN, Role.AGENT),
        needs=("rating",),
        guard=_known_rating,
        tells="under_review",
    ),
    Transition(
        action="复核重办",
        sources=("待复核",),
        target="办理中",
        roles=(Role.SUPERVISOR,),
        needs=("reason",),
        when=lambda case, act: case.lead is not None,
        clock="重新起算",
        tells="redo",
    ),
    Transition(
        action="复核重办",
        sources=("待复核",),
        target="已受理",
        roles=(Role.SUPERVISOR,),
        needs=("reason",),
        clock="重新起算",
        tells="redo",
    ),
    Transition(
        action="复核办结",
        sources=("待复核",),
        target="已办结",
        roles=(Role.SUPERVISOR,),
        needs=("reason", "alternative"),
        tells="closed_after_review",
    ),
    Transition(
        action="回访期满",
        sources=("回访中",),
        target="已办结",
        roles=(Role.SYSTEM,),
        tells="closed_without_rating",
    ),
    # 并案
    Transition(
        action="并案",
        sources=("待受理", "已受理", "已派单"),
        target="已并案",
        roles=_DESK,
        needs=("target",),
        guard=_no_members,
        clock="停止",
        tells="merged",
    ),
    Transition(
        action="解除并案",
        sources=("已并案",),
        target="已受理",
        roles=(*_DISPATCH, Role.SYSTEM),
        needs=("reason",),
        clock="起算",
        tells="unmerged",
    ),
    Transition(
        action="并案答复",
        sources=("已并案",),
        target="回访中",
        roles=(Role.SYSTEM,),
        needs=("answer",),
        tells="answered",
    ),
    Transition(
        action="并案不予受理",
        sources=("已并案",),
        target="不予受理",
        roles=(Role.SYSTEM,),
        needs=("reason", "alternative"),
        tells="refused",
    ),
    # 随时可以做的
    Transition(
        action="催办",
        sources=(*BEFORE_ANSWER, "已并案"),
        target=None,
        roles=(Role.CITIZEN, Role.AGENT),
    ),
    Transition(
        action="撤回",
        sources=(*BEFORE_ANSWER, "已并案"),
        target="已撤回",
        roles=(Role.CITIZEN, Role.AGENT),
        clock="停止",
    ),
    Transition(
        action="督办",
        sources=(*BEFORE_ANSWER, "已答复", "待复核"),
        target=None,
        roles=(Role.SUPERVISOR, Role.LEADER, Role.SYSTEM),
        needs=("reason",),
        public=False,
    ),
    Transition(
        action="改分类",
        sources=OPEN,
        target=None,
        roles=(*_DESK, Role.SYSTEM),
        needs=("topic",),
        public=False,
    ),
    Transition(action="改紧急程度", sources=OPEN, target=None, roles=_DESK, needs=("urgency",), public=False),
    Transition(action="备注", sources=STATUSES, target=None, roles=_STAFF, needs=("note",), public=False),
    # 到时间系统做的
    Transition(
        action="受理提醒", sources=("待受理", "已受理"), target=None, roles=(Role.SYSTEM,), public=False
    ),
    Transition(action="签收提醒", sources=("已派单",), target=None, roles=(Role.SYSTEM,), public=False),
    Transition(action="预警", sources=BEFORE_ANSWER, target=None, roles=(Role.SYSTEM,), public=False),
    Transition(action="逾期", sources=BEFORE_ANSWER, target=None, roles=(Role.SYSTEM,), public=False),
    Transition(
        action="回访提醒",
        sources=("回访中",),
        target=None,
        roles=(Role.SYSTEM,),
        tells="callback_reminder",
        public=False,
    ),
)

ACTIONS = tuple(dict.fromkeys(row.action for row in TABLE))


def find(case: Case, act: Act) -> Transition:
    """The row that ``act`` takes.

    Raises:
        NotAllowed: no such action, not in this state, not by this role, a field is missing, or a guard refuses.
    """
    rows = [row for row in TABLE if row.action == act.action]
    if not rows:
        raise NotAllowed("unknown", f"没有“{act.action}”这个操作。")
    rows = [row for row in rows if act.role in row.roles]
    if not rows:
        raise NotAllowed("role", f"{act.role}不能{act.action}。")
    rows = [row for row in rows if case.status in row.sources]
    if not rows:
        raise NotAllowed("state", f"工单现在是“{case.status}”，不能{act.action}。")
    row = next((row for row in rows if row.when is None or row.when(case, act)), None)
    if row is None:
        raise NotAllowed("guard", f"现在不能{act.action}。")
    missing = [FIELDS[name] for name in row.needs if _empty(act.fields.get(name))]
    if missing:
        raise NotAllowed("missing", f"{act.action}要填：{'、'.join(missing)}。")
    if row.guard is not None and (refused := row.guard(case, act)):
        raise NotAllowed("guard", refused)
    return row


def _empty(value: Any) -> bool:
    return value is None or value == [] or (isinstance(value, str) and not value.strip())


def possible(case: Case, role: Role, unit: str | None = None) -> list[str]:
    """The actions open to ``role`` now, in the table's order, supposing that all fields will be filled in well."""
    filled: dict[str, Any] = dict.fromkeys(FIELDS, "某某")
    filled |= {"days": 1, "assisting": [{"unit": "…", "duty": "…"}], "rating": RATINGS[0]}
    found = []
    for action in ACTIONS:
        with suppress(NotAllowed):
            find(case, Act(action=action, role=role, unit=unit, fields=filled))
            found.append(action)
    return found


def needed(action: str) -> list[tuple[str, str]]:
    """The fields that ``action`` needs, with their names for people."""
    names = dict.fromkeys(name for row in TABLE if row.action == action for name in row.needs)
    return [(name, FIELDS[name]) for name in names]


def diagram() -> str:
    """The table as a Mermaid state diagram; actions that leave the state as it is are not drawn."""
    arrows: dict[tuple[str, str], list[str]] = {}
    for row in TABLE:
        for source in row.sources:
            if row.target is not None:
                who = "/".join(row.roles)
                arrows.setdefault((source, row.target), []).append(f"{row.action}（{who}）")
    lines = ["stateDiagram-v2", "    [*] --> 待受理: 提交"]
    lines += [
        f"    {source} --> {target}: {'<br/>'.join(dict.fromkeys(words))}"
        for (source, target), words in arrows.items()
    ]
    lines += [f"    {state} --> [*]" for state in ENDED]
    return "\n".join(lines)


def as_table() -> str:
    """The table in Markdown, one line a row."""
    lines = ["| 操作 | 从 | 到 | 谁 | 要填 | 计时 | 告诉市民 |", "|---|---|---|---|---|---|---|"]
    for row in TABLE:
        needs = "、".join(FIELDS[name] for name in row.needs)
        cells = [
            row.action,
            "、".join(row.sources),
            row.target or "不变",
            "、".join(row.roles),
            needs,
            row.clock,
        ]
        lines.append(f"| {' | '.join([*cells, '是' if row.tells else ''])} |")
    return "\n".join(lines)
