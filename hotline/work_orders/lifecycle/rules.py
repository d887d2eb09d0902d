"""Which row of the table an act takes, and what may be done with a case at all."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from hotline.work_orders.lifecycle.parts import FIELDS, RATINGS, Act, Case, NotAllowed, Role, Transition
from hotline.work_orders.lifecycle.table import ACTIONS, TABLE


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
