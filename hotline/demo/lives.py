"""The life of a demo order from its first word until now, lived through the casework itself with a clock of its own."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.demo.material import Hot, Material, Place, Theme
from hotline.demo.quick import QuickCasework
from hotline.dispatch.routing import Place as Division
from hotline.work_orders.casework import SYSTEM
from hotline.work_orders.deadlines import SHANGHAI
from hotline.work_orders.effects.step import Actor
from hotline.work_orders.errors import WorkOrderError
from hotline.work_orders.lifecycle import Role
from hotline.work_orders.models import WorkOrder
from hotline.work_orders.service import CITIZEN
from hotline.work_orders.timers import Timer

logger = structlog.get_logger(__name__)


class Present(Exception):
    """The life has come to the present: nothing more has happened yet."""


@dataclass
class Clock:
    """The casework's clock, set by the lives."""

    at: datetime

    def __call__(self) -> datetime:
        """The moment that is lived."""
        return self.at


@dataclass(frozen=True, kw_only=True)
class Staff:
    """Who acts."""

    agents: tuple[str, ...]
    dispatcher: str
    supervisor: str
    leader: str
    unit: str

    def unit_actor(self, code: str | None) -> Actor:
        """Somebody of a unit."""
        return Actor(id=self.unit, role=Role.UNIT, unit=code)


@dataclass
class Life:
    """One order, and what is still to happen to it."""

    session: AsyncSession
    casework: QuickCasework
    clock: Clock
    random: Random
    material: Material
    staff: Staff
    order: WorkOrder
    theme: Theme | Hot
    place: Place
    until: datetime
    #: How often something was done: makes the requests.
    _steps: int = 0
    _fired: set[Timer] = field(default_factory=set)
    _agent: str = field(default="")

    def __post_init__(self) -> None:
        self._agent = self.order.taken_by or self.random.choice(self.staff.agents)

    @property
    def agent(self) -> Actor:
        """The agent whose order it is."""
        return Actor(id=self._agent, role=Role.AGENT)

    @property
    def dispatcher(self) -> Actor:
        """Who dispatches."""
        return Actor(id=self.staff.dispatcher, role=Role.DISPATCHER)

    @property
    def unit(self) -> Actor:
        """Somebody of the lead unit."""
        return self.staff.unit_actor(self.order.lead_unit)

    def chance(self, share: float) -> bool:
        """Whether something that happens in this share of cases happens."""
        return self.random.random() < share

    # When

    def later(self, low: float, high: float) -> datetime:
        """Some hours on, at any time of the day."""
        return self.clock.at + timedelta(hours=self.random.uniform(low, high))

    def at_work(self, low: float, high: float) -> datetime:
        """Some hours of office on."""
        office = self.casework.office
        return office.hours.add(self.clock.at, self.random.uniform(low, high), office.calendar)

    def days_on(self, days: float) -> datetime:
        """So many working days on, within office hours."""
        hours = self.casework.office.hours
        begin, end = (hours.opens(self._today()), hours.closes(self._today()))
        a_day = (end - begin).total_seconds() / 3600 - 1
        return self.at_work(days * a_day, days * a_day + 1)

    def _today(self) -> Any:
        return self.clock.at.astimezone(SHANGHAI).date()

    # What

    async def do(self, at: datetime, actor: Actor, action: str, **fields: Any) -> None:
        """Let time pass until ``at``, then do it.

        Raises:
            Present: that is not over yet.
        """
        await self.pass_time(min(at, self.until))
        if at >= self.until:
            raise Present
        self.clock.at = at
        self._steps += 1
        await self.casework.carry_out(
            self.session, self.order, actor, action, fields, request=f"demo:{self._steps}"
        )

    async def pass_time(self, until: datetime) -> None:
        """Let the system do what is due by then."""
        while (timer := self.casework.due(self.order, self._fired)) is not None and timer.due_at <= until:
            self._fired.add(timer)
            self.clock.at = max(self.clock.at, timer.due_at)
            await self.casework.do_fire(self.session, self.order, timer)

    async def end(self) -> None:
        """Come to the present, and leave what is still to come."""
        await self.pass_time(self.until)
        await self.casework.do_set_timers(self.session, self.order)

    async def live(self) -> None:
        """Until now, or until it is over."""
        try:
            async with self.session.begin_nested():
                with suppress(Present):
                    await self._begin()
                await self.end()
        except WorkOrderError as error:
            # What cannot be is undone: this order has only come in, and nobody has looked at it yet.
            await self.session.refresh(self.order)
            logger.warning("a demo order could not be lived", number=self.order.number, error=error.message)
            self._fired.clear()
            await self.end()

    async def _begin(self) -> None:
        nature = self.order.nature
        if nature == "咨询" and self.chance(0.78):
            at = self.later(0.05, 3)
            answer = self.answer(self.casework.office.city.hotline_name, at)
            await self.do(at, self.agent, "直接答复", answer=answer)
            return await self._called_back()
        if nature not in ("表扬", "咨询") and self.chance(0.025):
            await self.do(
                self.later(0.1, 4), self.agent, "不予受理", **self.material.pick(self.random, "refuse")
            )
            return None
        if self.order.source == "领导接听":
            leader = Actor(id=self.staff.leader, role=Role.LEADER)
            await self.do(self.later(0.05, 0.5), leader, "现场交办", unit=self._units()[0])
            return await self._handled()
        await self.accept()
        if self.chance(0.02):
            await self.do(self.later(1, 20), CITIZEN, "撤回", note="问题已经解决，不用办了")
            return None
        await self.dispatch()
        return await self._handled()

    async def accept(self) -> None:
        """受理, by itself or by an agent."""
        actor, soon = (
            (SYSTEM, 0.02) if self.chance(0.3) and self.order.nature != "举报" else (self.agent, 1.5)
        )
        await self.do(self.later(0.01, soon), actor, "受理", topic=self.theme.topic)

    async def dispatch(self) -> None:
        """派单 one of its ways; the unit signs."""
        lead, assisting = self._units()
        joint = [{"unit": unit, "duty": self.material.pick(self.random, "duty")} for unit in assisting]
        way = self.random.random()
        if joint and way < 0.06:
            reason = self.material.pick(self.random, "joint")
            await self.do(
                self.at_work(0.2, 3),
                self.dispatcher,
                "提请会商交办",
                unit=lead,
                assisting=joint,
                reason=reason,
            )
            await self._approved()
        elif way > 0.99:
            report = self.material.pick(self.random, "report")
            await self.do(self.at_work(0.5, 3), self.dispatcher, "提请领导交办", unit=lead, report=report)
            await self._approved()
        else:
            with_others = joint if self.chance(0.4) else []
            when = self.later(0.02, 0.4) if self.chance(0.55) else self.at_work(0.1, 2.5)
            await self.do(when, self.dispatcher, "派单", unit=lead, assisting=with_others)

    async def _approved(self) -> None:
        leader = Actor(id=self.staff.leader, role=Role.LEADER)
        await self.do(self.at_work(1, 12), leader, "审定", note="同意")

    def _units(self) -> tuple[str, tuple[str, ...]]:
        office = self.casework.office
        place = Division(self.place.area, self.place.street)
        found = office.routing.propose({self.theme.topic: 1.0}, place, office.topics)
        return found[0].unit, found[0].assisting

    async def _handled(self) -> None:
        """办理 until the answer."""
        slow = self.chance(0.07)
        await self.do(self.at_work(7, 16) if slow else self.at_work(0.2, 6), self.unit, "签收")
        if self.chance(0.055) and not self.order.designated:
            await self._returned()
        if self.chance(0.08):
            await self.do(self.later(6, 40), CITIZEN, "催办", note=self.material.pick(self.random, "urge"))
        if self.chance(0.05) and (self.order.conversation_id or self.order.phone):
            await self._suspended()
        elif self.chance(0.04):
            await self.do(
                self.later(4, 30), CITIZEN, "补充", note=self.material.pick(self.random, "supplement")
            )
        if self.order.nature in ("投诉", "求助", "举报") and self.chance(0.07):
            await self._extended()
        if self.chance(0.025):
            supervisor = Actor(id=self.staff.supervisor, role=Role.SUPERVISOR)
            reason = self.material.pick(self.random, "supervise")
            await self.do(self.at_work(2, 10), supervisor, "督办", level=1, reason=reason)
        await self._opinions()
        await self.answered()

    async def _returned(self) -> None:
        await self.do(
            self.at_work(0.5, 4), self.unit, "申请退单", reason=self.material.pick(self.random, "return")
        )
        if self.chance(0.35):
            reason = self.material.pick(self.random, "deny")
            await self.do(self.at_work(0.5, 6), self.dispatcher, "驳回退单", reason=reason)
            return
        before = self.order.lead_unit
        await self.do(self.at_work(0.5, 12), self.dispatcher, "同意退单", note="")
        lead, _ = self._units()
        other = self.place.area if lead == before else lead
        await self.do(
            self.at_work(0.1, 1),
            self.dispatcher,
            "派单",
            unit="urban_management" if other == before else other,
        )
        await self.do(self.at_work(0.5, 5), self.unit, "签收")

    async def _suspended(self) -> None:
        await self.do(
            self.at_work(1, 6), self.unit, "挂起", question=self.material.pick(self.random, "question")
        )
        if self.chance(0.8):
            note = self.material.pick(self.random, "supplement")
            await self.do(self.later(3, 60), CITIZEN, "补充", note=note)
        else:  # nobody has said anything: the system goes on by itself
            await self.pass_time(self.until)
            if self.order.status == "挂起":
                raise Present

    async def _extended(self) -> None:
        reason, days = self.material.pick(self.random, "extend"), self.random.choice((3, 5, 5, 8))
        due = self._working_day_before(1)
        when = max(self.at_work(0.5, 2), due)
        await self.do(when, self.unit, "申请延期", reason=reason, days=days)
        if self.chance(0.82):
            await self.do(self.at_work(0.3, 10), self.dispatcher, "同意延期", note="")
        else:
            await self.do(
                self.at_work(0.3, 3),
                self.dispatcher,
                "驳回延期",
                reason="还有时间，请先到现场处理能处理的部分。",
            )

    def _working_day_before(self, days: int) -> datetime:
        office = self.casework.office
        opens = office.hours.opens(office.calendar.before(self.order.promised_date, days))
        return opens + timedelta(hours=self.random.uniform(0, 3))

    async def _opinions(self) -> None:
        case = await self.casework.case(self.session, self.order)
        for unit in sorted(case.assisting):
            if self.chance(0.6):
                note = self.material.pick(self.random, "opinion")
                await self.do(self.at_work(0.5, 4), self.staff.unit_actor(unit), "会办意见", note=note)

    async def answered(self) -> None:
        """答复 in time or late, the callback, and what is done again."""
        late = self.chance(0.075)
        hours = self.casework.office.hours
        if late:
            on = self.casework.office.calendar.add(
                self.order.promised_date, self.random.choice((1, 1, 2, 3, 6))
            )
            when = hours.opens(on) + timedelta(hours=self.random.uniform(0.5, 6))
        else:
            last = hours.closes(self.order.promised_date) - timedelta(minutes=self.random.uniform(5, 120))
            left = max(
                0.0,
                hours.span(
                    self.clock.at, max(last, self.clock.at), self.casework.office.calendar
                ).total_seconds()
                / 3600,
            )
            when = self.at_work(min(1.0, left * 0.2), max(left * self.random.betavariate(2.2, 2.0), 0.3))
        name = self.casework.office.units.name(self.order.lead_unit or "")
        when = max(when, self.clock.at)
        await self.do(when, self.unit, "答复", answer=self.answer(name, when))
        await self._called_back()

    async def _called_back(self) -> None:
        if self.order.status == "已答复":  # the check had doubts: the desk has a look
            if self.order.lead_unit and self.chance(0.12):
                reason = self.material.pick(self.random, "send_back")
                await self.do(self.at_work(0.5, 3), self.agent, "退回答复", reason=reason)
                name = self.casework.office.units.name(self.order.lead_unit)
                again = self.at_work(1, 6)
                await self.do(again, self.unit, "答复", answer=self.answer(name, again))
            if self.order.status == "已答复":
                await self.do(self.at_work(0.2, 3), self.agent, "发起回访")
        if not self.chance(0.74):
            return
        actor = CITIZEN if self.order.conversation_id else self.agent
        rating = (
            "满意"
            if self.order.nature == "表扬"
            else self.random.choices(("满意", "基本满意", "不满意"), (66, 22, 12))[0]
        )
        reason = self.material.pick(self.random, "unhappy" if rating == "不满意" else "pleased")
        await self.do(self.later(1, 60), actor, "评价", rating=rating, reason=reason)
        if self.order.status == "已受理":
            await self.dispatch()
            await self.do(self.at_work(0.5, 4), self.unit, "签收")
        if self.order.status == "办理中":
            await self.answered()
        elif self.order.status == "待复核" and self.chance(0.6):
            supervisor = Actor(id=self.staff.supervisor, role=Role.SUPERVISOR)
            reason = "督办人员到现场复核，能做的已经做到，剩下的部分没有政策依据。"
            where = "对处理结果有不同意见的，可以依法申请行政复议。"
            await self.do(self.at_work(3, 14), supervisor, "复核办结", reason=reason, alternative=where)

    def answer(self, unit: str, at: datetime) -> str:
        """What a unit answers: what it is about, what it found, by which law, what is done, and who says it."""
        day = at.astimezone(SHANGHAI)
        about = self.order.what.rstrip("。").split("，")[0]
        basis = getattr(self.theme, "basis", "")
        by_law = f"依据{basis}有关规定，" if basis and self.order.nature not in ("表扬", "建议") else ""
        said = self.material.say["answers"].get(self.order.nature, {})
        found = self.random.choice(said.get("found") or self.theme.found)
        return (
            f"您好！感谢您的反映。您说的“{about}”，{day.month} 月 {day.day} 日{found}。"
            f"{by_law}{self._done(said)}。如有新的情况，请拨打 12345。"
            f"\n{unit}，{day.year} 年 {day.month} 月 {day.day} 日"
        )

    def _done(self, said: Mapping[str, Any]) -> str:
        """What was done, in words that fit the nature."""
        word = said.get("word")
        fitting = [done for done in self.theme.done if word is None or word in done]
        if word is None:
            fitting = [done for done in fitting if not any(other in done for other in ("采纳", "转告"))]
        done: str = self.random.choice(fitting or said.get("done") or self.theme.done)
        return done + str(said.get("also", ""))
