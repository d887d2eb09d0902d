"""One action under way: what it was given, whom it tells, and how it turns the clock."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.dispatch.units import UnknownUnit
from hotline.work_orders.deadlines import SHANGHAI, Clock, due_moment, resume
from hotline.work_orders.lifecycle import Act, Role, Transition
from hotline.work_orders.masking import for_units
from hotline.work_orders.models import WorkOrder, WorkOrderDelivery
from hotline.work_orders.office import Office, in_words

#: What the citizen is asked at the end.
_RATING_BUTTONS = (("满意", "primary"), ("基本满意", "default"), ("不满意", "default"))


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who acts: ``citizen``, ``system``, or a person's number; units' people with their unit's code.

    Attributes:
        conversation: where a citizen acts, if what comes of it is to be told elsewhere.
    """

    id: str
    role: Role
    unit: str | None = None
    conversation: uuid.UUID | None = None


class Refused(Exception):
    """An effect that cannot be; ``code`` is for programs, the message for the actor."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(kw_only=True)
class Step:
    """One action under way. After :meth:`take`, ``note``, ``detail`` and ``others`` say what goes with it."""

    session: AsyncSession
    order: WorkOrder
    act: Act
    actor: Actor
    row: Transition
    at: datetime
    office: Office
    #: The conversations that follow the order.
    followers: Collection[uuid.UUID] = ()
    #: The line's words in the timeline.
    note: str = ""
    detail: dict[str, Any] = field(default_factory=dict)
    #: System actions on other orders that follow from this one: (order's id, action, fields).
    others: list[tuple[int, str, dict[str, Any]]] = field(default_factory=list)

    async def take(self, effect: Effect | None) -> None:
        """Change the order; ``effect`` is what the action does beyond state and clock.

        Raises:
            Refused: a value is not good.
        """
        self.note = self.text("note") or self.text("reason")
        if self.row.target is not None:
            self.order.status = self.row.target
        if effect is not None:
            await effect(self)
        self._turn_clock()
        # A citizen who acts in the chat is answered there at once; what is accepted by itself is dispatched next.
        by_itself = self.actor.role is Role.SYSTEM and self.row.tells == "accepted"
        answered = self.actor.role is Role.CITIZEN and not self._elsewhere()
        if self.row.tells and not answered and not by_itself:
            self.tell(self.row.tells)

    def text(self, name: str) -> str:
        value = self.act.fields.get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise Refused("invalid", "内容的格式不对，请重新填写。")
        # Neither NUL nor half a surrogate pair can be stored.
        return value.replace("\x00", "").encode("utf-8", "ignore").decode("utf-8").strip()

    def unit(self, words: object) -> str:
        try:
            return self.office.units.find(str(words)).code
        except UnknownUnit as error:
            raise Refused("unknown_unit", str(error)) from None

    def name(self, unit: str | None) -> str:
        return self.office.units.name(unit) if unit else self.office.city.hotline_name

    @property
    def in_chat(self) -> bool:
        """Whether the citizen is there in some conversation."""
        return self.order.conversation_id is not None or bool(self.followers)

    def _elsewhere(self) -> bool:
        """Whether there are others than the one in which the citizen acts."""
        here = self.actor.conversation
        known = {self.order.conversation_id, *self.followers} - {None}
        return here is not None and bool(known - {here})

    def tell(self, event: str, **values: str) -> None:
        """Leave word for the citizen."""
        order = self.order
        if not self.in_chat and (order.phone is None or order.anonymous):
            return  # nobody to tell
        known = {
            "number": order.number,
            "unit": self.name(order.lead_unit),
            "date": in_words(order.promised_date),
            "hotline": self.office.city.hotline_name,
            "reason": self.text("reason"),
            "alternative": self.text("alternative"),
            "question": self.text("question"),
            "answer": order.answer or "",
            "days": str(self.office.process.callback.working_days),
        } | values
        text = self.office.templates.render(event, of_unit=order.lead_unit, nature=order.nature, **known)
        self.session.add(
            WorkOrderDelivery(
                order_id=order.id,
                event=event,
                text=text,
                content=self._content(event),
                state=self._way(),
                said_in=self.actor.conversation,
                created_at=self.at,
                next_try_at=self.at,
                done_at=self.at if order.demo else None,
            )
        )

    def _way(self) -> str:
        if self.order.demo:
            return "已送达"  # nobody is there to be told, and nobody is to be rung up
        return "待送达" if self.in_chat else "待电话告知"

    def _content(self, event: str) -> dict[str, Any]:
        number = self.order.number
        brief = {
            "notice": True,
            "event": event,
            "work_order": {"number": number, "status": self.order.status},
        }
        if event in ("answered", "callback_reminder"):
            command = f'/rate_order{{"order_number":"{number}","rating":"%s"}}'
            buttons = [
                {"title": title, "payload": command % title, "style": style}
                for title, style in _RATING_BUTTONS
            ]
            return brief | {"buttons": buttons}
        if event == "asked":
            payload = f'/supplement_order{{"order_number":"{number}"}}'
            return brief | {"buttons": [{"title": "现在补充", "payload": payload, "style": "primary"}]}
        return brief

    def tell_unit(self, unit: str | None, event: str, text: str) -> None:
        """Put word into the unit's inbox; what the units may not know is not in it."""
        if unit is None:
            return
        self.session.add(
            WorkOrderDelivery(
                order_id=self.order.id,
                unit=unit,
                event=event,
                text=f"工单 {self.order.number}：{for_units(self.order)(text)}",
                state="已送达",  # it stands in the unit's list as soon as this is committed
                created_at=self.at,
                next_try_at=self.at,
                done_at=self.at,
            )
        )

    def _turn_clock(self) -> None:
        order = self.order
        if self.row.clock == "暂停":
            order.suspended_at = self.at
        elif self.row.clock == "恢复" and order.suspended_at is not None:
            clock = Clock(promised=order.promised_date, suspended_since=order.suspended_at)
            order.promised_date = self._resumed(clock)
            order.suspended_at = None
            self.detail["promised_date"] = order.promised_date.isoformat()
        elif self.row.clock == "重新起算":
            order.promised_date = self.office.promise(
                order.nature, self.at, days=self.office.process.redo.working_days
            )
            order.overdue_at = order.answered_at = order.answered_late = order.callback_at = None
            order.suspended_at = None
            self.detail["promised_date"] = order.promised_date.isoformat()

    def _resumed(self, clock: Clock) -> date:
        """The promised date after the suspension; who was in time before it is not late by its end."""
        office = self.office
        promised = resume(clock, self.at, office.calendar).promised
        since = clock.suspended_since or self.at
        in_time = since < due_moment(clock.promised, office.hours)
        if in_time and due_moment(promised, office.hours) <= self.at:
            return office.calendar.add(self.at.astimezone(SHANGHAI).date(), 1)
        return promised

    def answered(self, answer: str) -> None:
        order = self.order
        order.answer, order.answered_at = answer, self.at
        # Fixed now: what is changed later does not make a late answer one in time.
        order.answered_late = order.overdue_at is not None or self.at >= due_moment(
            order.promised_date, self.office.hours
        )

    async def members(self) -> list[WorkOrder]:
        """The orders merged into this one, oldest first."""
        query = select(WorkOrder).where(WorkOrder.merged_into == self.order.id, WorkOrder.status == "已并案")
        return list((await self.session.scalars(query.order_by(WorkOrder.id))).all())


Effect = Callable[[Step], Awaitable[None]]
