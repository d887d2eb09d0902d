"""A work order out of a conversation: drafted from what the citizen said, corrected by the agent, handed in once."""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from hotline.audit.service import record
from hotline.conversations import handover
from hotline.conversations.elsewhere import WITHDRAWN
from hotline.conversations.models import Message
from hotline.database import Database, now
from hotline.desk import texts
from hotline.desk.errors import DeskError
from hotline.desk.rights import Person
from hotline.dispatch.proposals import Judge
from hotline.language.identifiers import find_identifiers, mask
from hotline.language.names import introduced_names
from hotline.language.places import Gazetteer, Place
from hotline.language.times import find_times
from hotline.work_orders.deadlines import SHANGHAI
from hotline.work_orders.lifecycle import NATURES
from hotline.work_orders.models import WorkOrder
from hotline.work_orders.service import Draft, WorkOrders
from hotline.work_orders.sources import source_of

_NATURE_OF_INTENT = {
    "complaint": "投诉",
    "help_request": "求助",
    "report": "举报",
    "suggestion": "建议",
    "praise": "表扬",
    "ask_matter": "咨询",
}
#: Where nothing tells: somebody who asked for a person needs help.
_USUAL_NATURE = "求助"
_PLACED = ("投诉", "举报", "求助")
_CLAUSE = re.compile("[，,。；;！!？?\n]")
_MOST_WHAT, _MOST_WHERE, _MOST_WHEN = 4000, 500, 200
_TOPICS = 5
#: Seconds a draft waits for them.
_PATIENCE = 3.0


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a draft is made of. Pure data; ``intents`` are those of the lines, oldest first."""

    lines: Sequence[str]
    intents: Sequence[str]
    today: date


def fields(said: Said, places: Gazetteer) -> tuple[dict[str, Any], Place | None]:
    """What of an order can be read out of the citizen's words, and the place they speak of. Pure."""
    text = "\n".join(said.lines)
    place = places.resolve(text)
    phones = [found.value for found in find_identifiers(text) if found.kind == "phone"]
    names = introduced_names(text)
    times = find_times(text, said.today)
    natures = [_NATURE_OF_INTENT[intent] for intent in said.intents if intent in _NATURE_OF_INTENT]
    # Whoever asked first and complained then has a complaint.
    grave = [nature for nature in natures if nature != "咨询"]
    where = ""
    if place is not None and place.name:
        # The words around the place say more than its name: the road, the house.
        clauses = [clause.strip() for line in said.lines for clause in _CLAUSE.split(line)]
        named = next((clause for clause in clauses if places.mentions(clause)), place.name)
        where = named if len(named) <= 40 else place.name
    return {
        "nature": (grave or natures or [_USUAL_NATURE])[-1],
        "what": mask(text)[:_MOST_WHAT],
        "where_text": mask(where)[:_MOST_WHERE],
        "area_code": place.district_code if place else None,
        "street_code": place.street_code if place else None,
        "when_text": times[0].text[:_MOST_WHEN] if times else "",
        "name": names[0] if names else None,
        "phone": phones[-1] if phones else None,
    }, place


class Drafting:
    """Drafts and hands in orders for one desk."""

    def __init__(
        self, database: Database, orders: WorkOrders, places: Gazetteer, judge: Callable[[], Judge]
    ) -> None:
        """
        Args:
            judge: gives what proposes topics; called once, in a thread.
        """
        self._database = database
        self._orders = orders
        self._places = places
        self._load = judge
        self._judge: asyncio.Task[Judge] | None = None

    def warm(self) -> asyncio.Task[Judge]:
        """Begin to load what proposes topics, if it is not there: the first time after a change it learns anew."""
        if self._judge is None or (self._judge.done() and self._judge.exception() is not None):
            self._judge = asyncio.create_task(asyncio.to_thread(self._load))
        return self._judge

    async def draft(self, person: Person, conversation_id: uuid.UUID, *, since: int) -> dict[str, Any]:
        """A draft of what the citizen said from line ``since`` on; 0: since the last order, or all.

        Raises:
            DeskError: it is not allowed.
            ConversationError: the conversation is not this agent's.
        """
        role = person.role_for("act")
        before = await self._orders.of_conversation(conversation_id)
        async with self._database.transaction() as session:
            conversation = await self._held(session, conversation_id, person)
            lines = [
                line
                for line in await handover.messages(session, conversation_id, after=max(0, since - 1))
                if _counts(line) and (since or not before or line.created_at > before[0].created_at)
            ]
            await record(
                session,
                actor=person.number,
                role=role,
                action="起草工单",
                subject=f"会话 {conversation_id}",
                detail={"lines": [line.seq for line in lines][-50:]},
            )
            source = source_of(conversation.channel)
        said = Said(
            lines=[line.text for line in lines],
            intents=[str((line.evidence or {}).get("intent") or "") for line in lines],
            today=now().astimezone(SHANGHAI).date(),
        )
        found, place = await asyncio.to_thread(fields, said, self._places)
        topics = await self._topics("\n".join(said.lines))
        found["topic"] = topics[0]["topic"] if topics else None
        missing = ["what"] if len(found["what"].strip()) < 4 else []
        if found["nature"] in _PLACED and not found["where_text"]:
            missing.append("where_text")
        return {
            "draft": {"id": f"desk-{uuid.uuid4().hex}"} | found,
            "place": _place(place) if place else None,
            "topics": topics,
            "natures": list(NATURES),
            "missing": missing,
            "source": source,
        }

    async def do_submit(self, person: Person, conversation_id: uuid.UUID, given: dict[str, Any]) -> WorkOrder:
        """Make an order of a corrected draft, and say its receipt; the same ``id`` makes one order and one receipt.

        Raises:
            DeskError: it is not allowed, or the draft belongs to another conversation.
            ConversationError: the conversation is not this agent's.
            WorkOrderError: the draft lacks what an order must have.
        """
        role = person.role_for("act")
        async with self._database.transaction() as session:
            await self._held(session, conversation_id, person)
        topic = given.get("topic")
        if topic and topic not in self._orders.casework.office.topics:
            raise DeskError("invalid", texts.NO_TOPIC)
        order = await self._orders.do_create(
            Draft(**given, conversation_id=conversation_id, taken_by=person.number)
        )
        if order.conversation_id != conversation_id:
            raise DeskError("taken", texts.DRAFT_USED)
        day = f"{order.promised_date.month}月{order.promised_date.day}日"
        words = texts.RECEIPT.format(agent=person.number, number=order.number, code=order.query_code, day=day)
        async with self._database.transaction() as session:
            told = await handover.tell_once(
                session, conversation_id, words, {"card": _receipt(order, day)}, key=f"receipt:{order.draft}"
            )
            if told:
                await record(
                    session,
                    actor=person.number,
                    role=role,
                    action="会话转工单",
                    subject=f"工单 {order.number}",
                    detail={"conversation": str(conversation_id), "nature": order.nature},
                )
        return order

    async def _held(self, session: Any, conversation_id: uuid.UUID, person: Person) -> Any:
        if await handover.find(session, conversation_id) is None:
            raise DeskError("not_found", texts.NO_CONVERSATION)
        return await handover.held(session, conversation_id, person.number)

    async def _topics(self, text: str) -> list[dict[str, Any]]:
        if not text.strip():
            return []
        try:
            judge = await asyncio.wait_for(asyncio.shield(self.warm()), _PATIENCE)
        except TimeoutError:
            return []  # an agent is not kept waiting for a proposal
        found = await asyncio.to_thread(judge.topics, text)
        names = self._orders.casework.office.topics
        best = sorted(found.items(), key=lambda item: -item[1])[:_TOPICS]
        return [
            {"topic": code, "name": names.get(code, code), "probability": round(p, 3)} for code, p in best
        ]


def _counts(line: Message) -> bool:
    """Whether the line says something of the matter: not a pressed button, a photograph, the wish for a person, or taken back."""
    asks = (line.evidence or {}).get("intent") == "human_agent"
    told = line.command is None and not line.content.get("attachments") and not asks
    return line.author == "citizen" and told and not line.content.get(WITHDRAWN)


def _place(place: Place) -> dict[str, Any]:
    return {
        "name": place.name,
        "alternatives": [
            {"name": one.name, "area_code": one.district_code, "street_code": one.street_code}
            for one in place.alternatives
        ],
    }


def _receipt(order: WorkOrder, day: str) -> dict[str, Any]:
    facts = zip(texts.RECEIPT_FACTS, (order.number, order.query_code, f"{day}前"), strict=True)
    items = [{"label": label, "text": text} for label, text in facts]
    section = {"heading": texts.RECEIPT_HEADING, "style": "facts", "open": True, "items": items}
    return {"kind": "receipt", "title": texts.RECEIPT_TITLE, "sections": [section], "source": None}
