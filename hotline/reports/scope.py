"""Whose figures somebody sees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, true

from hotline.conversations.models import Handover
from hotline.reports.indicators import Of, handled_by
from hotline.work_orders.effects.step import Actor
from hotline.work_orders.errors import WorkOrderError
from hotline.work_orders.lifecycle import Role
from hotline.work_orders.models import WorkOrder

#: Those who see the whole hotline's; 跟班学习 looks on.
EVERYTHING = (Role.DISPATCHER, Role.SUPERVISOR, Role.LEADER, Role.TRAINEE)


@dataclass(frozen=True)
class Scope:
    """The part of the hotline that is counted: all, one unit's orders, or what one agent has had."""

    unit: str | None = None
    agent: str | None = None

    @classmethod
    def of(cls, actor: Actor, *, board: bool = False) -> Scope:
        """What ``actor`` sees.

        Args:
            board: today's board, where agents see the whole hotline.

        Raises:
            WorkOrderError: nothing.
        """
        if actor.role is Role.UNIT and actor.unit:
            return cls(unit=actor.unit)
        if actor.role in EVERYTHING or (board and actor.role is Role.AGENT):
            return cls()
        if actor.role is Role.AGENT:
            return cls(agent=actor.id)
        raise WorkOrderError("forbidden", f"{actor.role}不看统计。")

    def sees(self, of: Of) -> bool:
        """Whether there is anything of the kind: the units have to do with orders only."""
        return self.unit is None or of == "orders"

    def holds(self, of: Of) -> ColumnElement[bool]:
        """Whether a row is within it."""
        if self.unit is not None:
            return WorkOrder.lead_unit == self.unit
        if self.agent is None:
            return true()
        if of == "orders":
            return WorkOrder.taken_by == self.agent
        return handled_by(self.agent) if of == "conversations" else Handover.agent == self.agent

    def within(self, query: Select[Any], of: Of) -> Select[Any]:
        """The query of what is within it."""
        return query if self == Scope() else query.where(self.holds(of))
