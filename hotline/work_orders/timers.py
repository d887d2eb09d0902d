"""What the system will do to an order and when: it follows from the order's state alone. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from hotline.work_orders.deadlines import SHANGHAI, due_moment, warn_moment
from hotline.work_orders.lifecycle import BEFORE_ANSWER
from hotline.work_orders.models import WorkOrder
from hotline.work_orders.office import Office

#: The action that a timer of another name does.
_SUPERVISION = "督办"


@dataclass(frozen=True)
class Timer:
    """``kind`` is the action; 督办 carries its level: ``督办3``."""

    kind: str
    due_at: datetime


def wanted(order: WorkOrder, office: Office) -> list[Timer]:
    """The timers that an order in this state has. Those of the past are among them: they fire at once."""
    found: list[Timer] = []
    process, calendar, hours = office.process, office.calendar, office.hours
    if order.status in ("待受理", "已受理"):
        since = order.accepted_at if order.status == "已受理" and order.accepted_at else order.created_at
        found.append(Timer("受理提醒", hours.add(since, process.acceptance_reminder_hours, calendar)))
    if order.status == "已派单" and order.dispatched_at is not None:
        found.append(
            Timer("签收提醒", hours.add(order.dispatched_at, process.signing_reminder_hours, calendar))
        )
    if order.status in BEFORE_ANSWER and order.suspended_at is None:
        found += _deadline(order, office)
    if order.status == "挂起" and order.suspended_at is not None:
        found.append(Timer("恢复", _close_of(order.suspended_at, process.suspension_working_days, office)))
    if order.status == "回访中" and order.callback_at is not None:
        callback = process.callback
        found.append(Timer("回访提醒", _close_of(order.callback_at, callback.reminder_working_days, office)))
        found.append(Timer("回访期满", _close_of(order.callback_at, callback.working_days, office)))
    return found


def _deadline(order: WorkOrder, office: Office) -> list[Timer]:
    process, calendar, hours = office.process, office.calendar, office.hours
    if order.overdue_at is None:
        warn = warn_moment(order.promised_date, calendar, hours, process.warning_working_days)
        found = [Timer("逾期", due_moment(order.promised_date, hours))]
        # An order whose whole time is shorter than the warning is not warned of at its birth.
        return [Timer("预警", warn), *found] if warn > order.created_at else found
    levels = enumerate(process.supervision, 1)
    return [
        Timer(
            f"{_SUPERVISION}{level}",
            due_moment(calendar.add(order.promised_date, step.after_working_days), hours),
        )
        for level, step in levels
        if step.after_working_days and level > order.supervision_level
    ]


def _close_of(since: datetime, working_days: int, office: Office) -> datetime:
    """The end of office hours on the ``working_days``-th working day after ``since``."""
    return due_moment(office.calendar.add(since.astimezone(SHANGHAI).date(), working_days), office.hours)


def action_of(kind: str) -> tuple[str, int | None]:
    """The action a timer does, and the level of a 督办."""
    if kind.startswith(_SUPERVISION):
        return _SUPERVISION, int(kind.removeprefix(_SUPERVISION))
    return kind, None
