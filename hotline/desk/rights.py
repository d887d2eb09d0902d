"""Who may do what at the desk, by role. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Literal

from hotline.accounts.roles import ADMIN, UNIT
from hotline.desk import texts
from hotline.desk.errors import DeskError
from hotline.work_orders.lifecycle import Role

Right = Literal["see", "act", "reveal", "presence", "manage", "orders"]

#: In this order a person with several roles is written down under the first that has the right.
_ROLES: dict[Right, tuple[str, ...]] = {
    "see": (Role.AGENT, Role.DISPATCHER, Role.SUPERVISOR, Role.LEADER, Role.TRAINEE),
    "act": (Role.AGENT,),
    "reveal": (Role.AGENT, Role.DISPATCHER, Role.SUPERVISOR, Role.LEADER),
    "presence": (Role.AGENT, Role.DISPATCHER, Role.SUPERVISOR, Role.LEADER, Role.TRAINEE, ADMIN),
    "manage": (Role.SUPERVISOR, ADMIN),
    # To hear of orders that change; a unit of its own only.
    "orders": (Role.AGENT, Role.DISPATCHER, Role.SUPERVISOR, Role.LEADER, Role.TRAINEE, UNIT),
}
RIGHTS: tuple[Right, ...] = tuple(_ROLES)
_REFUSALS: dict[Right, str] = {
    "see": texts.SEES_NOTHING,
    "act": texts.ONLY_LOOKING,
    "reveal": texts.ONLY_LOOKING,
    "presence": texts.MAY_NOT_SEE_DUTY,
    "manage": texts.MAY_NOT_MANAGE,
    "orders": texts.SEES_NOTHING,
}


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody at work, as the desk knows them. ``by_command``: on the command line, without a console."""

    number: str
    name: str = ""
    team: str = ""
    #: The unit whose orders alone somebody of a unit has to do with.
    unit: str | None = None
    roles: Collection[str] = field(default=(str(Role.AGENT),))
    by_command: bool = False

    @property
    def rights(self) -> list[Right]:
        """What the person may do."""
        return [right for right in RIGHTS if self.may(right)]

    def may(self, right: Right) -> bool:
        """Whether the person has the right."""
        return any(role in self.roles for role in _ROLES[right])

    def role_for(self, right: Right) -> str:
        """The role in which the person uses the right.

        Raises:
            DeskError: none of the person's roles has it.
        """
        role = next((role for role in _ROLES[right] if role in self.roles), None)
        if role is None:
            # Who may not even see is told that, not what would be missing next.
            lacking: Right = right if right in ("presence", "manage") or self.may("see") else "see"
            raise DeskError("forbidden", _REFUSALS[lacking].format(roles="、".join(self.roles)))
        return str(role)
