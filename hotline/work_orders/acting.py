"""Who acts: what every route for people at work is given with the call. Who calls is trusted to say who acts."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Depends, Query, Request

from hotline.dispatch.units import UnknownUnit
from hotline.work_orders.effects.step import Actor
from hotline.work_orders.errors import WorkOrderError
from hotline.work_orders.lifecycle import Role
from hotline.work_orders.service import WorkOrders


def work_orders_of(request: Request) -> WorkOrders:
    """The work orders of the application."""
    service: WorkOrders = request.app.state.work_orders
    return service


OrdersDep = Annotated[WorkOrders, Depends(work_orders_of)]


def actor_of(
    orders: OrdersDep,
    actor: Annotated[str, Query(pattern=r"^[\w-]{1,32}$")],
    role: Annotated[Literal["坐席", "派单员", "承办单位", "督办", "领导"], Query()],
    unit: Annotated[str | None, Query()] = None,
) -> Actor:
    """The one who acts; somebody of a unit with the unit's code.

    Raises:
        WorkOrderError: there is no such unit.
    """
    acting = Role(role)
    if acting is not Role.UNIT:
        return Actor(id=actor, role=acting)
    try:
        found = orders.casework.office.units.find(unit or "")
    except UnknownUnit as error:
        raise WorkOrderError("unknown_unit", str(error)) from None
    return Actor(id=actor, role=Role.UNIT, unit=found.code)


ActorDep = Annotated[Actor, Depends(actor_of)]


def allow(actor: Actor, *roles: Role, doing: str) -> None:
    """Refuse all others than ``roles``.

    Raises:
        WorkOrderError: with who may do it; ``doing`` is a verb and its object, 导出工单.
    """
    if actor.role not in roles:
        raise WorkOrderError("forbidden", f"{actor.role}不能{doing}；可以{doing}的是{'、'.join(roles)}。")
