"""The roles of people at work, and which of them go together. Pure."""

from __future__ import annotations

from collections.abc import Collection

from hotline.accounts import texts
from hotline.accounts.errors import AccountError
from hotline.work_orders.lifecycle import Role

EDITOR = "知识编辑"
ADMIN = "管理员"
TRAINEE = str(Role.TRAINEE)
UNIT = str(Role.UNIT)

#: Roles in which somebody sees orders.
ACTING = tuple(
    str(role) for role in (Role.AGENT, Role.DISPATCHER, Role.UNIT, Role.SUPERVISOR, Role.LEADER, Role.TRAINEE)
)
#: All of them, in the order in which they are shown.
ROLES = (*ACTING[:-1], EDITOR, ADMIN, TRAINEE)


def check_roles(roles: Collection[str], unit: str | None) -> list[str]:
    """The roles in their order, each once.

    Somebody of a unit sees that unit's orders and no others; another role that sees orders, or that gives roles, would
    undo it.

    Raises:
        AccountError: one is unknown, or they do not go together.
    """
    if not roles or set(roles) - set(ROLES):
        raise AccountError("invalid", texts.BAD_ROLES.format(roles="、".join(ROLES)))
    if UNIT in roles:
        others = [role for role in ROLES if role in roles and role not in (UNIT, EDITOR)]
        if others:
            raise AccountError("invalid", texts.UNIT_ALONE.format(others="、".join(others)))
        if not unit:
            raise AccountError("invalid", texts.UNIT_MISSING)
    elif unit:
        raise AccountError("invalid", texts.UNIT_NOT_NEEDED)
    return [role for role in ROLES if role in roles]


def acting(roles: Collection[str]) -> list[str]:
    """Those of ``roles`` in which somebody sees orders."""
    return [role for role in ACTING if role in roles]
