"""Who acts: what every route for people at work is given with the call.

The routes are reached by two doors. At ``/console-api`` the session has decided who acts, and nothing that is said in the
request changes it. At ``/internal`` there is no session: who knows the secret is trusted to say who acts. A door that does
neither lets nobody act.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Depends, HTTPException, Query, Request
from fastapi.exceptions import RequestValidationError
from starlette.requests import HTTPConnection

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


def trust(connection: HTTPConnection) -> None:
    """Note that whoever calls is trusted to say who acts."""
    connection.state.trusted = True


def seat(connection: HTTPConnection, *, person: str, actor: Actor | None = None) -> None:
    """Note who the session has found out.

    Args:
        person: the number of the one who is logged in.
        actor: as whom this person acts on orders; None: not at all.
    """
    connection.state.person = person
    connection.state.actor = actor


def person_of(connection: HTTPConnection, said: str | None) -> str:
    """The number of the one who acts, where no role is needed; ``said`` is what stands in the request.

    Raises:
        RequestValidationError: at a door without session nobody was named.
    """
    seated: str | None = getattr(connection.state, "person", None)
    if seated is not None:
        return seated
    _trusted(connection)
    if said is None:
        raise _missing("actor")
    return said


#: Marks what is said only where there is no session.
_MARK = "x-said-inside"
_SAID: dict[str, Any] = {_MARK: True}


def actor_of(
    request: Request,
    orders: OrdersDep,
    actor: Annotated[str | None, Query(pattern=r"^[\w-]{1,32}$", json_schema_extra=_SAID)] = None,
    role: Annotated[
        Literal["坐席", "派单员", "承办单位", "督办", "领导"] | None, Query(json_schema_extra=_SAID)
    ] = None,
    unit: Annotated[str | None, Query(json_schema_extra=_SAID)] = None,
) -> Actor:
    """The one who acts; somebody of a unit with the unit's code.

    Raises:
        WorkOrderError: there is no such unit.
        RequestValidationError: at a door without session nobody was named.
        HTTPException: 401, at a door that knows nobody.
    """
    seated: Actor | None = getattr(request.state, "actor", None)
    if seated is not None:
        return seated
    _trusted(request)
    if actor is None or role is None:
        raise _missing(*(name for name, said in (("actor", actor), ("role", role)) if said is None))
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


def _trusted(connection: HTTPConnection) -> None:
    if not getattr(connection.state, "trusted", False):
        raise HTTPException(401)


def _missing(*names: str) -> RequestValidationError:
    return RequestValidationError(
        [
            {"type": "missing", "loc": ("query", name), "msg": "Field required", "input": None}
            for name in names
        ]
    )


def told_apart(document: dict[str, Any]) -> dict[str, Any]:
    """The OpenAPI document with who acts as each door has it: to be said at ``/internal``, nowhere else."""
    for path, operations in document["paths"].items():
        for operation in operations.values():
            kept = []
            for parameter in operation.pop("parameters", []):
                schema = parameter["schema"]
                if schema.pop(_MARK, None) is None:
                    kept.append(parameter)
                elif path.startswith("/internal/"):
                    parameter["required"] = parameter["name"] != "unit"
                    parameter["schema"] = next(kind for kind in schema["anyOf"] if kind.get("type") != "null")
                    kept.append(parameter)
            if kept:
                operation["parameters"] = kept
    return document
