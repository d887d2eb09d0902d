"""Demo orders: taken down through the service and lived through the casework, as real ones are."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from random import Random

from sqlalchemy.ext.asyncio import AsyncSession

from hotline.demo.lives import Clock, Life, Present, Staff
from hotline.demo.material import Hot, Material, Place, Theme, name, phone
from hotline.demo.quick import QuickCasework
from hotline.demo.talks import Talks
from hotline.dispatch.proposals import Judge
from hotline.dispatch.routing import Place as Division
from hotline.similarity.duplicates import Duplicates
from hotline.similarity.likeness import Case
from hotline.work_orders.cases import case_of
from hotline.work_orders.deadlines import SHANGHAI
from hotline.work_orders.models import DEMO, WorkOrder, WorkOrderLikeness
from hotline.work_orders.service import Draft, Taken, WorkOrders
from hotline.work_orders.triage import Urgency

#: Of 宜春's monthly report 2023/5, with what it has no line for; see PROCESS in the docs of the city's office.
NATURES = {"咨询": 47, "投诉": 38, "举报": 6.5, "求助": 3.5, "建议": 3, "表扬": 2}
SOURCES = {"电话": 76, "网络": 13, "微信": 7, "领导接听": 0.6, "人大代表通道": 0.6, "上级交办": 1.8}
_ONLINE = ("网络", "微信")
_TOPICS_KEPT = 5
#: So many of the newest open orders are compared with one another.
_COMPARED = 400


@dataclass(kw_only=True)
class Told:
    """One order that is to be taken down."""

    at: datetime
    nature: str
    theme: Theme | Hot
    place: Place
    what: str
    source: str
    #: The issue it belongs to, when many complain of it.
    hot: int | None = None
    number: str = ""
    draft: str = field(default_factory=lambda: DEMO + uuid.uuid4().hex)

    @property
    def online(self) -> bool:
        """Whether it was told in a conversation."""
        return self.source in _ONLINE


@dataclass(kw_only=True)
class Orders:
    """Makes them, in one transaction."""

    session: AsyncSession
    casework: QuickCasework
    service: WorkOrders
    clock: Clock
    random: Random
    material: Material
    staff: Staff
    judge: Judge
    duplicates: Duplicates
    urgency: Urgency
    until: datetime
    talks: Talks
    _lives: dict[int, Life] = field(default_factory=dict)
    _compared: list[tuple[int, Case, bytes]] = field(default_factory=list)

    def told(self, moments: Sequence[datetime]) -> list[Told]:
        """What is told at these moments, and on the hot issues, in order."""
        found = [self._usual(at) for at in moments]
        for number, hot in enumerate(self.material.hot):
            found += self._hot(number, hot)
        return sorted(found, key=lambda one: one.at)

    def _usual(self, at: datetime) -> Told:
        nature = _one(self.random, NATURES)
        theme = self.material.theme(self.random, nature)
        place = self.material.place(self.random, theme.spots)
        fitting = [text for text in theme.what if _fits(text, nature)] or list(theme.what)
        what = self.material.words(self.random, self.random.choice(fitting), place)
        return Told(
            at=at, nature=nature, theme=theme, place=place, what=what, source=_one(self.random, SOURCES)
        )

    def _hot(self, number: int, hot: Hot) -> Iterator[Told]:
        place = self.material.place(self.random, [hot.spot])
        begin = self.until - timedelta(days=hot.days)
        for caller in range(hot.callers):
            since = self.until - timedelta(hours=5) if caller >= hot.callers - hot.now else begin
            at = since + (self.until - timedelta(minutes=5) - since) * self.random.random()
            text = hot.what[caller % len(hot.what)]
            what = self.material.words(self.random, text, place)
            source = _one(self.random, SOURCES)
            yield Told(at=at, nature="投诉", theme=hot, place=place, what=what, source=source, hot=number)

    async def make(self, told: Sequence[Told], say: Callable[[str], None]) -> None:
        """Take them down and live them. Those of one hot issue are merged into its first."""
        for number, one in zip(await self._numbers(told), told, strict=True):
            one.number = number
        for done, one in enumerate(told):
            if done % 250 == 0:
                say(f"正在办理工单：{done} / {len(told)}")
            life = await self._taken(one)
            if one.hot is None:
                await life.live()
            else:
                await self._of_issue(one.hot, life, one)
        for main in self._lives.values():
            await self._finish(main)

    async def _numbers(self, told: Sequence[Told]) -> list[str]:
        days: dict[date, int] = {}
        for one in told:
            day = one.at.astimezone(SHANGHAI).date()
            days[day] = days.get(day, 0) + 1
        reserved = await self.service.do_reserve_numbers(days)
        return [next(reserved[one.at.astimezone(SHANGHAI).date()]) for one in told]

    async def _taken(self, one: Told) -> Life:
        named = self.random.random() < 0.9
        talk = self.talks.for_order(one.at) if one.online else None
        if talk is not None:
            await self.talks.write_begun(self.session, talk)
        draft = Draft(
            id=one.draft,
            conversation_id=talk.id if talk else None,
            nature=one.nature,
            what=one.what,
            where_text=one.place.written,
            area_code=one.place.area,
            street_code=one.place.street,
            name=name(self.random) if named else None,
            phone=phone(self.random),
            anonymous=one.nature in ("举报", "投诉") and self.random.random() < 0.06,
            confidential=one.hot is None and self.random.random() < 0.02,
            content_confidential=one.nature == "举报" and self.random.random() < 0.08,
            enterprise=bool(getattr(one.theme, "enterprise", False)) or self.random.random() < 0.02,
            source=one.source,
            taken_by=None if one.online else self.random.choice(self.staff.agents),
        )
        self.clock.at = one.at
        taken = Taken(draft=draft, at=one.at, number=one.number)
        (order,) = await self.service.insert_all(self.session, [taken])
        self._look(order, one)
        if talk is not None:
            self.talks.order_taken(talk, order)
            await self.talks.write_lines(self.session, talk)
        return Life(
            session=self.session,
            casework=self.casework,
            clock=self.clock,
            random=self.random,
            material=self.material,
            staff=self.staff,
            order=order,
            theme=one.theme,
            place=one.place,
            until=self.until,
        )

    def _look(self, order: WorkOrder, one: Told) -> None:
        """What the look at a new order leaves: topic, urgency, meaning, proposal, likely duplicates."""
        topics = self.judge.topics(order.what)
        units = self.judge.propose(order.what, topics, Division(order.area_code, order.street_code))
        office = self.casework.office
        order.urgency, why = self.urgency.of(order.nature, order.what)
        best = sorted(topics.items(), key=lambda item: -item[1])[:_TOPICS_KEPT]
        order.proposal = {
            "topics": [
                {"topic": code, "name": office.topics.get(code, code), "probability": round(p, 3)}
                for code, p in best
            ],
            "units": [asdict(unit) | {"name": office.units.name(unit.unit)} for unit in units],
            "urgency": why,
        }
        order.topic = one.theme.topic
        order.triaged_at = one.at + timedelta(seconds=20)
        case = case_of(order, one.theme.topic)
        order.meaning = self.duplicates.encode(case)
        if not order.confidential:
            self._compare(order, case)

    def _compare(self, order: WorkOrder, case: Case) -> None:
        if order.created_at < self.until - timedelta(days=3):
            return
        near = [(other, meaning) for _, other, meaning in self._compared if other.area == case.area]
        found = self.duplicates.propose(case, near, meaning=order.meaning) if near else []
        ids = {other.id: order_id for order_id, other, _ in self._compared}
        for likely in found:
            self.session.add(
                WorkOrderLikeness(
                    order_id=order.id, other_id=ids[likely.id], score=likely.score, reason=likely.reason
                )
            )
        self._compared = [*self._compared, (order.id, case, order.meaning or b"")][-_COMPARED:]

    async def _of_issue(self, number: int, life: Life, one: Told) -> None:
        """The first one waits for the others; most of those are merged into it, the newest still wait for somebody to look."""
        main = self._lives.get(number)
        with suppress(Present):
            if main is None:
                self._lives[number] = life
                await life.accept()
                await life.dispatch()
            elif one.at < self.until - timedelta(hours=5) and life.chance(0.75):
                await life.accept()
                await life.do(life.later(0.1, 0.6), life.agent, "并案", target=main.order.number)
        if main is not None:
            await life.end()

    async def _finish(self, main: Life) -> None:
        """The first one of an issue is in the unit's hands, if there was an hour of office since to give it out."""
        if main.order.status == "已派单":
            main.clock.at = max(main.order.dispatched_at or main.clock.at, self.until - timedelta(hours=20))
            with suppress(Present):
                await main.do(main.later(0.5, 3), main.unit, "签收")
        await main.end()


def _one(random: Random, shares: Mapping[str, float]) -> str:
    return random.choices(list(shares), list(shares.values()))[0]


def _fits(text: str, nature: str) -> bool:
    """Whether a sentence of a topic is of this nature."""
    of = (
        "表扬"
        if "表扬" in text or "感谢" in text
        else "建议"
        if text.startswith("建议")
        else "咨询"
        if "请问" in text
        else ""
    )
    return of == nature if of or nature in ("表扬", "建议", "咨询") else True
