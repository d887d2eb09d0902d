"""Which steps a system is told of: a pure table."""

from __future__ import annotations

import pytest

from hotline.outside.messages import KINDS, kind_of
from hotline.work_orders.lifecycle import ACTIONS, TABLE

A, B = ["430211"], ["430211001"]


@pytest.mark.parametrize(
    ("action", "status", "before", "units", "kind"),
    [
        # Given to a unit of the system for the first time.
        ("派单", "已派单", None, A, "order"),
        ("现场交办", "已派单", None, A, "order"),
        ("审定", "已派单", None, A, "order"),
        ("改派", "已派单", None, A, "order"),
        ("评价", "办理中", None, A, "order"),
        ("复核重办", "办理中", None, A, "order"),
        # It was at the unit before the system was connected: the people there go on with it by hand.
        ("催办", "办理中", None, A, None),
        ("签收", "办理中", None, A, None),
        ("派单", "已派单", None, [], None),
        # Known, and something happens.
        ("催办", "办理中", A, A, "urge"),
        ("补充", "办理中", A, A, "supplement"),
        ("撤回", "已撤回", A, A, "withdrawn"),
        ("督办", "办理中", A, A, "supervised"),
        ("逾期", "办理中", A, A, "supervised"),
        ("预警", "办理中", A, A, "reminder"),
        ("同意延期", "办理中", A, A, "extended"),
        ("驳回延期", "办理中", A, A, "denied"),
        ("驳回退单", "已派单", A, A, "denied"),
        ("恢复", "办理中", A, A, "resumed"),
        ("退回答复", "办理中", A, A, "redo"),
        ("评价", "办理中", A, A, "redo"),
        ("评价", "已办结", A, A, "closed"),
        ("评价", "待复核", A, A, None),
        ("复核办结", "已办结", A, A, "closed"),
        ("回访期满", "已办结", A, A, "closed"),
        # Known, and it moves.
        ("同意退单", "已受理", A, [], "reassigned"),
        ("改派", "已派单", A, [], "reassigned"),
        ("改派", "已派单", A, B, "reassigned"),
        ("派单", "已派单", [], A, "reassigned"),
        ("并案", "已并案", A, [], "reassigned"),
        # Known, and not its business any more.
        ("催办", "已受理", [], [], None),
        ("撤回", "已撤回", [], [], None),
        ("并案答复", "回访中", [], A, None),
        # The unit's own steps.
        ("签收", "办理中", A, A, None),
        ("答复", "已答复", A, A, None),
        ("挂起", "挂起", A, A, None),
        ("申请退单", "已派单", A, A, None),
        ("备注", "办理中", A, A, None),
    ],
)
def test_what_a_system_is_told(
    action: str, status: str, before: list[str] | None, units: list[str], kind: str | None
) -> None:
    assert action in ACTIONS
    assert kind_of(action, status, before, units) == kind


def test_nothing_reaches_a_system_that_never_had_the_order_but_the_order() -> None:
    for row in TABLE:
        for status in (row.target,) if row.target else row.sources:
            assert kind_of(row.action, status, None, A) in (None, "order")
            assert kind_of(row.action, status, None, []) is None


def test_every_kind_is_reached_by_some_step() -> None:
    steps = [
        (row.action, status) for row in TABLE for status in ([row.target] if row.target else row.sources)
    ]
    reached = {kind_of(action, status, A, A) for action, status in steps}
    reached |= {kind_of(action, status, A, []) for action, status in steps}

    assert reached - {None} == KINDS
