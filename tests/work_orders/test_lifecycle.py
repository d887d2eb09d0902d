"""The transition table: what it promises as a whole, and its guards."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.work_orders import lifecycle
from hotline.work_orders.effects import EFFECTS
from hotline.work_orders.lifecycle import (
    ACTIONS,
    BEFORE_ANSWER,
    ENDED,
    OPEN,
    STATUSES,
    TABLE,
    Act,
    Case,
    Limits,
    NotAllowed,
    Role,
    find,
    possible,
)

DOCS = Path(__file__).resolve().parents[2] / "docs" / "work-orders.md"
#: Every field filled in with something that is good.
FILLED: dict[str, Any] = dict.fromkeys(lifecycle.FIELDS, "某某") | {
    "days": 3,
    "assisting": [{"unit": "health", "duty": "配合"}],
    "rating": "满意",
}


def case(status: str, **others: Any) -> Case:
    """A case of one unit."""
    return Case(**{"status": status, "nature": "投诉", "lead": "education"} | others)


def act(action: str, role: Role, by: str | None = "education", **fields: Any) -> Act:
    """An action with all its fields, by somebody of the unit ``by``."""
    return Act(action=action, role=role, unit=by, fields=FILLED | fields)


def refused(code: str, one: Case, other: Act) -> str:
    """The words of the refusal, which must have ``code``."""
    with pytest.raises(NotAllowed) as caught:
        find(one, other)
    assert caught.value.code == code
    assert not caught.value.message.isascii()
    return caught.value.message


def test_every_state_can_be_reached_and_every_open_one_can_be_left_for_the_end() -> None:
    arrows = {(source, row.target or source) for row in TABLE for source in row.sources}
    reached = {"待受理"}
    while more := {target for source, target in arrows if source in reached} - reached:
        reached |= more
    assert reached == set(STATUSES)

    ending = set(ENDED)
    while more := {source for source, target in arrows if target in ending} - ending:
        ending |= more
    assert ending == set(STATUSES)


def test_nothing_but_a_note_touches_what_has_ended() -> None:
    assert {row.action for row in TABLE if set(row.sources) & set(ENDED)} == {"备注"}


def test_every_effect_belongs_to_an_action() -> None:
    assert set(EFFECTS) <= set(ACTIONS)


def test_who_refuses_owes_a_reason_and_another_way() -> None:
    rows = {row.action: row for row in TABLE}
    assert set(rows["不予受理"].needs) == {"reason", "alternative"}
    for action in (
        "申请退单",
        "驳回退单",
        "申请延期",
        "驳回延期",
        "改派",
        "退回答复",
        "退回重拟",
        "解除并案",
    ):
        assert "reason" in rows[action].needs, action


@pytest.mark.parametrize("status", BEFORE_ANSWER)
def test_a_citizen_may_always_urge_withdraw_and_add_before_the_answer(status: str) -> None:
    assert {"催办", "撤回", "补充"} <= set(possible(case(status), Role.CITIZEN))


@pytest.mark.parametrize("status", STATUSES)
def test_a_unit_does_the_units_steps_only(status: str) -> None:
    own = {"签收", "申请退单", "挂起", "恢复", "申请延期", "会办意见", "答复", "备注"}
    assert set(possible(case(status), Role.UNIT, "education")) <= own


def test_what_is_possible_is_what_the_table_takes() -> None:
    for status in STATUSES:
        for role in Role:
            allowed = possible(case(status), role, "education")
            for action in ACTIONS:
                if action in allowed:
                    assert find(case(status), act(action, role)).action == action
                else:
                    with pytest.raises(NotAllowed):
                        find(case(status), act(action, role))


def test_the_assisting_unit_gives_an_opinion_and_does_not_answer() -> None:
    joint = case("办理中", assisting=frozenset({"health"}))

    assert possible(joint, Role.UNIT, "health") == ["会办意见", "备注"]
    assert "会办意见" not in possible(joint, Role.UNIT, "education")
    assert "主办" in refused("guard", joint, act("答复", Role.UNIT, "health"))


def test_what_the_office_has_decided_is_not_returned_again() -> None:
    assert "指定" in refused("guard", case("办理中", designated=True), act("申请退单", Role.UNIT))
    assert "时间" in refused("guard", case("办理中", return_closed=True), act("申请退单", Role.UNIT))
    assert "等" in refused("guard", case("办理中", pending=frozenset({"退单"})), act("申请退单", Role.UNIT))


def test_an_extension_is_asked_in_time_once_and_within_bounds() -> None:
    assert find(case("办理中"), act("申请延期", Role.UNIT)).action == "申请延期"
    assert "超期" in refused("guard", case("办理中", overdue=True), act("申请延期", Role.UNIT))
    assert "1 次" in refused("guard", case("办理中", extended=1), act("申请延期", Role.UNIT))
    limits = Limits(extension_days=5)
    for days in (0, 6, -1, "三", None, 2.5):
        with pytest.raises(NotAllowed):
            find(case("办理中", limits=limits), act("申请延期", Role.UNIT, days=days))


def test_a_decision_needs_a_request() -> None:
    for kind in ("退单", "延期"):
        for verb in ("同意", "驳回"):
            refused("guard", case("办理中"), act(f"{verb}{kind}", Role.DISPATCHER))
            asked = case("办理中", pending=frozenset({kind}))
            assert find(asked, act(f"{verb}{kind}", Role.DISPATCHER)).action == f"{verb}{kind}"


def test_joint_handling_names_a_lead_and_others_with_their_duties() -> None:
    one = case("已受理", lead=None)
    for assisting in (
        [{"unit": "health", "duty": " "}],
        [{"unit": "某某", "duty": "配合"}],
        [{"duty": "配合"}],
    ):
        refused("guard", one, act("提请会商交办", Role.DISPATCHER, assisting=assisting))
    refused("missing", one, act("提请会商交办", Role.DISPATCHER, assisting=[]))
    assert find(one, act("提请会商交办", Role.DISPATCHER)).target == "待审定"


@pytest.mark.parametrize(
    ("redone", "lead", "target"),
    [(0, "education", "办理中"), (1, "education", "办理中"), (2, "education", "待复核"), (0, None, "已受理")],
)
def test_who_is_not_satisfied_gets_it_done_again_until_a_supervisor_looks(
    redone: int, lead: str | None, target: str
) -> None:
    unhappy = act("评价", Role.CITIZEN, rating="不满意", reason="没有解决")

    assert find(case("回访中", redone=redone, lead=lead), unhappy).target == target


def test_a_rating_is_one_of_three_and_the_bad_one_says_why() -> None:
    assert find(case("回访中"), act("评价", Role.CITIZEN, rating="基本满意")).target == "已办结"
    assert "哪里" in refused("guard", case("回访中"), act("评价", Role.CITIZEN, rating="不满意", reason=" "))
    refused("guard", case("回访中"), act("评价", Role.CITIZEN, rating="还行"))


def test_a_refusal_tells_state_role_and_what_is_missing() -> None:
    assert "已派单" in refused("state", case("已派单"), act("派单", Role.DISPATCHER))
    assert "坐席" in refused("role", case("已受理"), act("派单", Role.AGENT))
    assert "承办单位" in refused("missing", case("已受理"), act("派单", Role.DISPATCHER, unit=" "))
    assert "没有" in refused("unknown", case("已受理"), act("删除", Role.DISPATCHER))


@given(
    status=st.sampled_from(STATUSES),
    role=st.sampled_from(list(Role)),
    action=st.sampled_from([*ACTIONS, "", "删除"]),
    fields=st.dictionaries(
        st.sampled_from(list(lifecycle.FIELDS)),
        st.none()
        | st.integers()
        | st.text(max_size=5)
        | st.lists(st.dictionaries(st.text(max_size=4), st.text(max_size=4)), max_size=2),
    ),
    designated=st.booleans(),
    pending=st.frozensets(st.sampled_from(["退单", "延期"])),
)
def test_whatever_is_asked_there_is_a_row_or_a_reason(
    status: str, role: Role, action: str, fields: dict[str, Any], designated: bool, pending: frozenset[str]
) -> None:
    one = case(status, designated=designated, pending=pending)
    row, words = None, ""
    try:
        row = find(one, Act(action=action, role=role, unit="education", fields=fields))
    except NotAllowed as refusal:
        words = refusal.message
    if row is None:
        assert not words.isascii()
    else:
        assert status in row.sources
        assert role in row.roles
        assert row.target is None or row.target in STATUSES


def test_open_states_and_ended_ones_are_all() -> None:
    assert set(OPEN) | set(ENDED) == set(STATUSES)
    assert not set(OPEN) & set(ENDED)


def test_the_documentation_shows_this_table() -> None:
    written = DOCS.read_text(encoding="utf-8")

    assert lifecycle.diagram() in written
    assert lifecycle.as_table() in written
