"""Leaves messages for other systems, in the transaction of the step that causes them."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.attachments.service import of_order
from hotline.outside import messages
from hotline.outside.models import OutsideMessage
from hotline.outside.systems import System, Systems
from hotline.work_orders.casework import duties as assisting_duties
from hotline.work_orders.lifecycle import Role
from hotline.work_orders.models import WorkOrder, WorkOrderEvent
from hotline.work_orders.office import Office


class Outbox:
    """An observer of the casework."""

    def __init__(self, systems: Systems, office: Office) -> None:
        self._systems = systems
        self._office = office

    async def observe(self, session: AsyncSession, order: WorkOrder, event: WorkOrderEvent) -> None:
        """Write down what the systems of the order's units are to be told of ``event``; of demo orders nothing."""
        if order.demo:
            return
        duties = await assisting_duties(session, order)
        known = await self._known(session, order)
        for system in self._systems:
            units = messages.units_of(system, order, duties)
            before = known.get(system.code)
            kind = messages.kind_of(event.action, order.status, before, units)
            if kind is None or not self._concerns(kind, system, order, event):
                continue
            if kind == messages.ORDER:
                body = messages.order_body(order, event, system, duties, self._office)
            else:
                body = messages.event_body(kind, order, event, system, duties, self._office)
            body["attachments"] = [
                messages.photograph(one, order.number)
                for one in await of_order(session, order.id)
                if one.role != Role.CITIZEN or messages.sees_content(system, order)
            ]
            session.add(
                OutsideMessage(
                    order_id=order.id,
                    system=system.code,
                    kind=kind,
                    units=units,
                    body=body,
                    created_at=event.at,
                    next_try_at=event.at,
                )
            )
            # The ids are the order in which they go, also among the messages of one transaction.
            await session.flush()

    @staticmethod
    def _concerns(kind: str, system: System, order: WorkOrder, event: WorkOrderEvent) -> bool:
        if event.actor.startswith(f"{system.code}/"):  # it has done this itself
            return False
        return kind != messages.OPINION or order.lead_unit in system.units

    async def _known(self, session: AsyncSession, order: WorkOrder) -> dict[str, list[str]]:
        """The systems that have the order, or will have it when they are reached, with the units last told."""
        query = select(OutsideMessage.system, OutsideMessage.kind, OutsideMessage.units, OutsideMessage.state)
        query = query.where(OutsideMessage.order_id == order.id).order_by(OutsideMessage.id)
        known: dict[str, list[str]] = {}
        given_up: set[str] = set()
        for system, kind, units, state in (await session.execute(query)).all():
            if kind == messages.ORDER:
                # A person has told the unit by other means; given out anew, the order is sent anew.
                (given_up.add if state == "已放弃" else given_up.discard)(system)
                known.pop(system, None)
            if system not in given_up:  # an event that was given up was told by other means
                known[system] = units
        return known
