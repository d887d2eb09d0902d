"""From the database's notices to the consoles' events.

The hub's one connection hears ids; those that come while a batch is read make the next batch, and a batch is one query,
however many conversations are in it. Each event is written once, however many consoles there are.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
import uuid
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from hotline.channels.wechat.delivery import CHANNEL as WECHAT
from hotline.channels.wechat.delivery import Delivery, deliveries_of
from hotline.conversations import handover
from hotline.conversations.hub import Hub
from hotline.conversations.models import Conversation, Message
from hotline.conversations.steps import CHANNEL as CONVERSATION_CHANNEL
from hotline.conversations.steps import EMERGENCY, TYPING
from hotline.database import Database
from hotline.desk import presence, views
from hotline.desk.duty import Duty
from hotline.desk.events import Audience, Stream
from hotline.desk.models import DeskNote
from hotline.desk.presence import CHANNEL
from hotline.language.places import Gazetteer
from hotline.work_orders import news as orders

logger = structlog.get_logger(__name__)

#: Conversations in one query.
_BATCH = 200
#: So many conversations are known by heart, and for so long after the last console has gone.
_KNOWN, _LINGER = 20_000, 120.0
_RETRY_PAUSE = 0.5
_TICK_PAUSE = 1.0
_LINES_FOR_AREA = 6


@dataclass
class _Known:
    """What the consoles were told of a conversation last."""

    seq: int
    line: str
    mode: str
    agent: str | None
    priority: int
    delivery: str


class Live:
    """The live events of one process, and what happens at the desk by itself."""

    def __init__(self, database: Database, hub: Hub, duty: Duty, places: Gazetteer) -> None:
        self._database = database
        self._duty = duty
        self._places = places
        self.stream = Stream()
        self._known: OrderedDict[uuid.UUID, _Known] = OrderedDict()
        self._conversations: dict[uuid.UUID, None] = {}
        self._told: list[str] = []
        self._missed = False
        self._wake = asyncio.Event()
        self._queue_changed = asyncio.Event()
        self._last_console = time.monotonic()
        self._tasks: list[asyncio.Task[None]] = []
        hub.attach((CONVERSATION_CHANNEL, TYPING, CHANNEL, orders.CHANNEL), self.hear)

    def start(self) -> None:
        """Begin to tell, and to look after who is on duty."""
        self._tasks = [asyncio.create_task(self._pump()), asyncio.create_task(self._tick())]

    async def close(self) -> None:
        """Stop."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def hear(self, channel: str, payload: str) -> None:
        """Take a notice; see :data:`hotline.conversations.hub.Ear`."""
        if channel == CONVERSATION_CHANNEL:
            self._conversations[uuid.UUID(payload)] = None
        elif channel == TYPING:
            conversation, who, on = payload.split(":")
            self._tell_typing(uuid.UUID(conversation), who, on == "1")
        elif channel == orders.CHANNEL:
            number, units = orders.read(payload)
            self.stream.publish("order", {"number": number}, Audience(right="orders", units=units))
        elif channel == CHANNEL:
            self._told.append(payload)
        else:
            self._missed = True
        self._wake.set()

    async def _pump(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                await self._tell_all()
            except DBAPIError as error:
                logger.warning("the desk's events wait for the database", error=str(error.orig).strip())
                self._missed = True
                await asyncio.sleep(_RETRY_PAUSE)
            except Exception:
                logger.exception("events were lost; the consoles read everything anew")
                self._missed = True
            if self._missed or self._conversations or self._told:
                self._wake.set()

    async def _tell_all(self) -> None:
        if self.stream.consoles:
            self._last_console = time.monotonic()
        alone = time.monotonic() - self._last_console > _LINGER
        if self._missed or alone:
            self._missed = False
            self._conversations.clear()
            self._told.clear()
            self._known.clear()
            self.stream.forget()
            self._queue_changed.set()
            return
        batch = list(islice(self._conversations, _BATCH))
        for conversation_id in batch:
            del self._conversations[conversation_id]
        told, self._told = self._told, []
        if batch:
            await self._tell_conversations(batch)
        if told:
            await self._tell_desk(told)

    async def _tell_conversations(self, batch: list[uuid.UUID]) -> None:
        wanted = {one: self._known[one].seq if one in self._known else -1 for one in batch}
        async with self._database.reading() as session:
            found = await handover.news(session, wanted)
            fresh = [c.id for c, _ in found if _place(c) == "queued" and not self._was(c.id, "queued")]
            said = (
                await handover.last_lines(session, fresh, each=_LINES_FOR_AREA, author="citizen")
                if fresh
                else {}
            )
            queue_changed = any(self._moved(conversation) for conversation, _ in found)
            waiting = await handover.waiting_count(session, EMERGENCY) if queue_changed else None
            on_wechat = [conversation.id for conversation, _ in found if conversation.channel == WECHAT]
            deliveries = await deliveries_of(session, on_wechat) if on_wechat else {}
        for conversation, lines in found:
            one = conversation.id
            self._tell_one(conversation, lines, said.get(one), deliveries.get(one))
        if waiting is not None:
            self.stream.publish("queue", {"waiting": waiting[0], "emergencies": waiting[1]}, Audience())
            self._queue_changed.set()

    def _tell_one(
        self,
        conversation: Conversation,
        lines: list[Message],
        said: list[Message] | None,
        delivery: Delivery | None,
    ) -> None:
        known = self._known.get(conversation.id)
        shown = views.line(conversation, [], undelivered=delivery.undelivered if delivery else 0)
        key = json.dumps([value for name, value in shown.items() if name != "waiting_seconds"])
        shown |= views.last(conversation, lines)
        if said is not None:  # new in the queue: where it is and what it is about
            with_place = views.line(conversation, said, self._places)
            shown |= {key: with_place[key] for key in ("last", "area", "matter") if key in with_place}
        agent = conversation.agent
        if known is None or known.line != key:
            # Of one that is not known here it may be that it has just left somebody.
            left = known is None or known.mode != "bot"
            audience = Audience(conversation=conversation.id, bot=conversation.mode == "bot" and not left)
            self.stream.publish("conversation", {"conversation": shown}, audience)
        if lines:
            fields = {
                "conversation": str(conversation.id),
                "messages": [views.message(item) for item in lines],
            }
            audience = Audience(conversation=conversation.id, agent=agent, watching=True)
            self.stream.publish("messages", fields, audience)
        way = views.delivery(delivery)
        way_key = json.dumps(way)
        if way is not None and (known is None or known.delivery != way_key):
            audience = Audience(conversation=conversation.id, agent=agent, watching=True)
            told = {"conversation": str(conversation.id), "delivery": way}
            self.stream.publish("delivery", told, audience)
        last = known.seq if known else conversation.last_seq - 1
        for item in lines:
            numbers = item.content.get("emergency")
            if numbers and item.author == "citizen" and item.seq > last:
                alarm = {
                    "conversation": str(conversation.id),
                    "numbers": numbers,
                    "mode": conversation.mode,
                }
                self.stream.publish("emergency", alarm, Audience(conversation=conversation.id))
        self._known[conversation.id] = _Known(
            conversation.last_seq, key, _place(conversation), agent, conversation.priority, way_key
        )
        self._known.move_to_end(conversation.id)
        while len(self._known) > _KNOWN:
            self._known.popitem(last=False)

    def _was(self, conversation_id: uuid.UUID, mode: str) -> bool:
        known = self._known.get(conversation_id)
        return known is not None and known.mode == mode

    def _moved(self, conversation: Conversation) -> bool:
        """Whether the queue is another than it was told to be."""
        known = self._known.get(conversation.id)
        if known is None:
            return _place(conversation) == "queued"
        if "queued" not in (known.mode, _place(conversation)):
            return False
        return (known.mode, known.priority) != (_place(conversation), conversation.priority)

    def _tell_typing(self, conversation_id: uuid.UUID, who: str, on: bool) -> None:
        known = self._known.get(conversation_id)
        agent = known.agent if known else None
        fields = {"conversation": str(conversation_id), "who": who, "on": on}
        audience = Audience(conversation=conversation_id, agent=agent, watching=True)
        self.stream.publish("typing", fields, audience)

    async def _tell_desk(self, told: Iterable[str]) -> None:
        notes: list[int] = []
        numbers: dict[str, None] = {}
        for payload in dict.fromkeys(told):
            kind, _, rest = payload.partition(":")
            if kind == "note":
                notes.append(int(rest))
            elif kind == "presence":
                numbers[rest] = None
            elif kind == "claim":
                conversation, agent, how, before = rest.split(":")
                fields = {"conversation": conversation, "agent": agent, "how": how, "from": before or None}
                self.stream.publish("claim", fields, Audience())
            else:  # settings, replies
                self.stream.publish(kind, {}, Audience(right="presence"))
        if notes or numbers:
            await self._tell_people(notes, numbers)

    async def _tell_people(self, notes: list[int], numbers: dict[str, None]) -> None:
        async with self._database.reading() as session:
            query = select(DeskNote).where(DeskNote.id.in_(notes)).order_by(DeskNote.id)
            written = (await session.scalars(query)).all() if notes else []
            people: list[dict[str, Any]] = []
            if numbers:
                rules, loads = await presence.rules(session), await handover.loads(session)
                people = [
                    views.agent(agent, loads.get(agent.number, 0), rules)
                    for agent in await presence.agents(session)
                    if agent.number in numbers
                ]
        for agent in people:
            self.stream.publish("presence", {"agent": agent}, Audience(right="presence"))
        for note in written:
            known = self._known.get(note.conversation_id)
            audience = Audience(
                conversation=note.conversation_id, agent=known.agent if known else None, watching=True
            )
            fields = {"conversation": str(note.conversation_id), "note": views.note(note)}
            self.stream.publish("note", fields, audience)

    async def _tick(self) -> None:
        """Look after who is on duty and who waits: every second, and at once when the queue has changed."""
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._queue_changed.wait(), _TICK_PAUSE)
            self._queue_changed.clear()
            try:
                await self._duty.do_tick()
            except DBAPIError as error:
                logger.warning("the desk waits for the database", error=str(error.orig).strip())
                await asyncio.sleep(_RETRY_PAUSE)
            except Exception:
                logger.exception("the desk's round failed; it goes on")
                await asyncio.sleep(_RETRY_PAUSE)


def _place(conversation: Conversation) -> str:
    """In which list it is: what is elsewhere waits for nobody here."""
    return conversation.mode if conversation.elsewhere is None else "elsewhere"
