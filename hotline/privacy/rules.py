"""Who may see what of an order in clear, as one table. Pure; ``docs/privacy.md`` is printed from it.

Work needs it for two things: to ring the citizen up, and to read what masking has made unreadable. Therefore everybody who
takes, dispatches and supervises may, with a reason; a unit may where it has the case in hand and nobody asked to stay
hidden; the assisting unit only what it needs on the spot; a leader has no call to make and gives a longer reason.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from hotline.work_orders.errors import WorkOrderError
from hotline.work_orders.lifecycle import Role
from hotline.work_orders.personal import CLEAR

Part = Literal["主办", "协办"]

_ALL = frozenset(CLEAR)
_ON_THE_SPOT = frozenset({"what", "where", "when"})
MIN_REASON, MIN_LEADERS_REASON, MAX_REASON = 4, 10, 200


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One row: these roles may see these fields.

    Attributes:
        part: of a unit, which part it has in the order.
        hidden: also where the reporter asked to stay hidden (confidential or anonymous).
        ended: also when the order has ended.
        reason: characters the reason must have.
    """

    roles: tuple[Role, ...]
    part: Part | None = None
    hidden: bool
    ended: bool
    fields: frozenset[str]
    reason: int = MIN_REASON


RULES: tuple[Rule, ...] = (
    Rule(roles=(Role.AGENT, Role.DISPATCHER, Role.SUPERVISOR), hidden=True, ended=True, fields=_ALL),
    Rule(roles=(Role.LEADER,), hidden=False, ended=True, fields=_ALL, reason=MIN_LEADERS_REASON),
    Rule(roles=(Role.UNIT,), part="主办", hidden=False, ended=False, fields=_ALL),
    Rule(roles=(Role.UNIT,), part="协办", hidden=False, ended=False, fields=_ON_THE_SPOT),
)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What somebody wants to see. ``hidden``: the reporter asked to stay hidden."""

    role: Role
    part: Part | None = None
    hidden: bool
    ended: bool
    fields: Collection[str]
    reason: str


def check_reveal(asked: Asked) -> None:
    """Refuse what may not be seen.

    Raises:
        WorkOrderError: ``invalid`` for what is not well asked, ``forbidden`` for what is not allowed.
    """
    unknown = [name for name in asked.fields if name not in CLEAR]
    if unknown or not asked.fields:
        raise WorkOrderError("invalid", f"请写明要看哪几项：{'、'.join(CLEAR.values())}。")
    rule = next((r for r in RULES if asked.role in r.roles and r.part == asked.part), None)
    if rule is None:
        raise WorkOrderError("forbidden", f"{asked.role}不能查看原文。")
    if asked.hidden and not rule.hidden:
        raise WorkOrderError(
            "forbidden", "反映人要求保密或匿名，不能查看。要联系反映人，请通过热线中心转达。"
        )
    if asked.ended and not rule.ended:
        raise WorkOrderError("forbidden", "工单已经结束，不能再查看。确实需要的，请联系热线中心。")
    beyond = [CLEAR[name] for name in CLEAR if name in set(asked.fields) - rule.fields]
    if beyond:
        raise WorkOrderError("forbidden", f"协办单位不能查看{'、'.join(beyond)}，请和主办单位联系。")
    reason = asked.reason.strip()
    if not rule.reason <= len(reason) <= MAX_REASON:
        raise WorkOrderError("invalid", f"请写明为什么要看，{rule.reason} 到 {MAX_REASON} 个字；会记进审计。")


def as_table() -> str:
    """The table in Markdown."""
    lines = ["| 身份 | 哪些工单 | 保密、匿名的 | 已结束的 | 能看的 | 原因至少 |", "|---|---|---|---|---|---|"]
    for rule in RULES:
        orders = f"本单位{rule.part}的" if rule.part else "全部"
        fields = "全部各项" if rule.fields == _ALL else "、".join(CLEAR[n] for n in CLEAR if n in rule.fields)
        cells = [
            "、".join(rule.roles),
            orders,
            _yes(rule.hidden),
            _yes(rule.ended),
            fields,
            f"{rule.reason} 个字",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _yes(allowed: bool) -> str:
    return "可以" if allowed else "不可以"
