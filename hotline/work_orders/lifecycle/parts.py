"""What the life of an order is made of: states, roles, cases, acts, and one row of the table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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
