"""Demo conversations: what was asked, how the bot answered, and what people had to do with it.

The answers are the knowledge base's own. They are written as rows: the service has only the present as its time.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.conversations import texts
from hotline.conversations.models import Conversation, Handover, Message
from hotline.demo.material import Material
from hotline.desk.models import DeskNote
from hotline.knowledge.answers import Answer, Question
from hotline.knowledge.models import UnansweredQuestion
from hotline.knowledge.service import Knowledge
from hotline.work_orders.deadlines import SHANGHAI
from hotline.work_orders.models import WorkOrder
from hotline.work_orders.office import in_words

#: So many ways of asking of each matter are used.
_ASKED = 6
_KINDS = {"asked": 66, "unknown": 9, "human": 15, "greeting": 5, "opened": 5}
_REASONS = {
    "citizen": 64,
    "two_failures": 18,
    "negative_feedback": 9,
    "abuse": 4,
    "emergency": 3,
    "engine_down": 2,
}
_CHANNEL = "web"
#: Rows written at a time.
_BATCH = 2000


@dataclass(frozen=True)
class Asked:
    """A question, and what the knowledge base says to it."""

    text: str
    answer: Answer


async def questions(knowledge: Knowledge, random: Random, day: datetime) -> list[Asked]:
    """Questions of the base with its answers."""
    today = day.astimezone(SHANGHAI).date()
    found = []
    for matter in knowledge.matters():
        samples = list(matter.samples)
        for text in random.sample(samples, min(_ASKED, len(samples))):
            found.append(Asked(text, await knowledge.answer(Question(text=text, today=today))))
    return found


@dataclass
class Talk:
    """One conversation as it grows. Nothing is said after ``until``."""

    at: datetime
    until: datetime
    random: Random
    number: int
    row: dict[str, Any] = field(default_factory=dict)
    lines: list[dict[str, Any]] = field(default_factory=list)
    handovers: list[dict[str, Any]] = field(default_factory=list)
    notes: list[dict[str, Any]] = field(default_factory=list)
    unanswered: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.row = {
            "id": uuid.UUID(int=self.random.getrandbits(128), version=4),
            "channel": _CHANNEL,
            "mode": "bot",
            "queued_at": None,
            "queue_reason": None,
            "priority": 0,
            "team": None,
            "agent": None,
            "claimed_at": None,
            "began_at": None,
            "bot_answered": None,
            "created_at": self.at,
            "demo": True,
        }

    @property
    def id(self) -> uuid.UUID:
        """The conversation's."""
        return uuid.UUID(str(self.row["id"]))

    @property
    def over(self) -> bool:
        """Whether the present has come."""
        return self.at >= self.until

    def wait(self, low: float, high: float) -> None:
        """Let some seconds pass."""
        self.at += timedelta(seconds=self.random.uniform(low, high))

    def say(
        self, author: str, text: str, content: dict[str, Any] | None = None, **others: Any
    ) -> dict[str, Any]:
        """Add a line, unless it would be said in the future."""
        line: dict[str, Any] = {
            "conversation_id": self.row["id"],
            "seq": len(self.lines) + 1,
            "author": author,
            "agent": None,
            "text": text,
            "command": None,
            "content": content or {},
            "client_id": None,
            "reply_to": None,
            "ordinal": None,
            "state": "done",
            "evidence": None,
            "feedback": None,
            "created_at": self.at,
            "answered_at": None,
        } | others
        if self.over:
            return line
        if author == "citizen":
            line["client_id"] = f"demo-{self.number}-{line['seq']}"
            self.row["began_at"] = self.row["began_at"] or self.at
        self.lines.append(line)
        return line

    def bot(
        self, asked: dict[str, Any], text: str, content: dict[str, Any], evidence: dict[str, Any]
    ) -> dict[str, Any]:
        """The bot's answer to a line."""
        self.wait(0.4, 1.6)
        if self.over:
            return asked
        asked["evidence"] = {"intent": "ask_matter", "confidence": 0.9, "fallback": False} | evidence
        asked["answered_at"] = self.at
        self.row["bot_answered"] = not asked["evidence"]["fallback"]
        return self.say("bot", text, content, reply_to=asked["seq"], ordinal=0)


@dataclass(kw_only=True)
class Talks:
    """Makes conversations and writes them."""

    random: Random
    material: Material
    asked: Sequence[Asked]
    agents: Sequence[str]
    hotline: str
    until: datetime
    _made: list[Talk] = field(default_factory=list)

    def usual(self, at: datetime) -> None:
        """One that began at this moment."""
        kind = self.random.choices(list(_KINDS), list(_KINDS.values()))[0]
        talk = self._begun(at)
        if kind != "opened":
            talk.wait(4, 40)
            getattr(self, f"_{kind}")(talk)

    def waiting(self, count: int) -> None:
        """Some who wait in the queue now; the last one in danger."""
        for number in range(count):
            reason = "emergency" if number == count - 1 and count > 2 else self._reason()
            talk = self._begun(self.until - timedelta(seconds=self.random.uniform(100, 420)))
            talk.wait(5, 20)
            self._wish(talk, reason)
            for text in self.random.sample(
                self.material.talk["waiting_lines"], self.random.choice((0, 1, 1, 2))
            ):
                talk.wait(10, 40)
                talk.say("citizen", text)

    def in_hand(self, count: int) -> None:
        """Some whom agents are speaking with now."""
        for _ in range(count):
            talk = self._begun(self.until - timedelta(seconds=self.random.uniform(300, 600)))
            talk.wait(5, 20)
            self._wish(talk, self._reason(usual=True))
            talk.wait(20, 60)
            self._claimed(talk, self.random.choice(self.agents))
            self._spoken(talk, 2)

    def for_order(self, at: datetime, intro: str = "") -> Talk:
        """One in which an order is to be taken down; :meth:`order_taken` goes on with it."""
        talk = self._begun(at - timedelta(seconds=self.random.uniform(100, 240)))
        talk.wait(5, 20)
        line = talk.say("citizen", intro or self.random.choice(self.material.talk["order_intro"]))
        talk.bot(
            line, self.material.talk["order_what"], {}, {"intent": "complaint", "form": "work_order_form"}
        )
        return talk

    def order_taken(self, talk: Talk, order: WorkOrder) -> None:
        """The rest of it, with the receipt."""
        say = self.material.talk
        talk.at = order.created_at - timedelta(seconds=45)
        line = talk.say("citizen", order.what)
        talk.bot(line, say["order_where"], {}, {"intent": "inform"})
        talk.wait(4, 9)
        line = talk.say("citizen", order.where_text)
        talk.bot(line, say["order_sure"], {}, {"intent": "inform"})
        talk.at = order.created_at
        line = talk.say("citizen", say["order_yes"])
        day = in_words(order.promised_date)
        words = say["order_done"].format(number=order.number, code=order.query_code, day=day)
        talk.bot(line, words, {}, {"intent": "affirm", "work_order": order.number})

    async def write(self, session: AsyncSession) -> int:
        """Write all that was made; return how many."""
        made, self._made = self._made, []
        await _write(session, Conversation, [talk_row(talk) for talk in made])
        await _write(session, Message, [line for talk in made for line in talk.lines])
        await _write(session, Handover, [row for talk in made for row in talk.handovers])
        await _write(session, DeskNote, [row for talk in made for row in talk.notes])
        await _write(session, UnansweredQuestion, [row for talk in made for row in talk.unanswered])
        return len(made)

    async def write_begun(self, session: AsyncSession, talk: Talk) -> None:
        """Write only that there is this conversation: an order is made in it, and its lines follow."""
        self._made.remove(talk)
        await session.execute(insert(Conversation).values(talk_row(talk)))

    async def write_lines(self, session: AsyncSession, talk: Talk) -> None:
        """Write the lines of a conversation of :meth:`write_begun`."""
        await _write(session, Message, talk.lines)
        row = talk_row(talk)
        conversation = await session.get_one(Conversation, talk.id)
        for name in ("last_seq", "changed_at", "began_at", "bot_answered"):
            setattr(conversation, name, row[name])

    # Kinds

    def _begun(self, at: datetime) -> Talk:
        talk = Talk(at, self.until, self.random, len(self._made))
        welcome = texts.WELCOME.format(hotline=self.hotline) + "\n" + texts.NOTICE
        talk.say("bot", welcome, {"buttons": texts.MENU, "menu": True})
        self._made.append(talk)
        return talk

    def _greeting(self, talk: Talk) -> None:
        line = talk.say("citizen", self.random.choice(self.material.talk["hello"]))
        talk.bot(line, self.material.talk["hello_answer"], {}, {"intent": "greet"})

    def _asked(self, talk: Talk) -> None:
        for _ in range(self.random.choices((1, 2, 3), (60, 28, 12))[0]):
            answer = self._question(talk)
            chance = self.random.random()
            if answer.get("content", {}).get("can_rate") and chance < 0.17:
                answer["feedback"] = chance < 0.135
            talk.wait(12, 90)
        if self.random.random() < 0.3:
            line = talk.say("citizen", self.random.choice(self.material.talk["thanks"]))
            talk.bot(line, "不客气，有事随时找我。", {}, {"intent": "thank"})

    def _question(self, talk: Talk) -> dict[str, Any]:
        asked = self.random.choice(self.asked)
        answer, reply = asked.answer, asked.answer.reply
        line = talk.say("citizen", asked.text)
        content = _plain({key: value for key, value in reply.items() if key != "text" and value})
        evidence = {
            "matter": _named(answer.matter) if answer.matter else None,
            "candidates": [_named(item) for item in answer.candidates],
            "aspect": answer.aspect,
            "fallback": answer.outcome == "unknown",
        }
        if answer.outcome == "unknown":
            self._kept(talk, line)
        return talk.bot(line, str(reply.get("text") or ""), content, evidence)

    def _unknown(self, talk: Talk, times: int = 0) -> None:
        for number in range(times or self.random.choices((1, 2), (70, 30))[0]):
            line = talk.say("citizen", self.random.choice(self.material.talk["unknown"]))
            words = self.material.talk["unknown_again" if number else "unknown_answer"]
            buttons = [{"title": "转人工", "payload": "/human_agent", "style": "primary"}]
            talk.bot(
                line, words, {"buttons": buttons}, {"fallback": True, "confidence": 0.3, "candidates": []}
            )
            self._kept(talk, line)
            talk.wait(8, 40)

    def _kept(self, talk: Talk, line: dict[str, Any]) -> None:
        if talk.over:
            return
        talk.unanswered.append(
            {
                "message_id": f"{talk.id}:{line['seq']}",
                "conversation_id": str(talk.id),
                "text": line["text"],
                "candidates": [],
                "context": {},
                "created_at": line["created_at"],
                "handled_at": None,
            }
        )

    def _human(self, talk: Talk) -> None:
        if self.random.random() < 0.5:
            self._question(talk)
            talk.wait(10, 60)
        reason = self._reason()
        began = self._wish(talk, reason)
        night = not 7 <= talk.at.astimezone(SHANGHAI).hour < 22
        waited = self.random.lognormvariate(4.4 if night else 3.7, 0.8)
        fate = self.random.random()
        talk.at += timedelta(seconds=min(waited, 880))
        if talk.over:  # it is waiting now
            return
        if fate < 0.07:
            self._over(talk, began, texts.LEFT_QUEUE, texts.AFTER_QUEUE_BUTTONS)
        elif fate < 0.09:
            self._over(talk, began, texts.QUEUE_TIMEOUT, texts.AFTER_QUEUE_BUTTONS)
        else:
            agent = self.random.choice(self.agents)
            self._claimed(talk, agent)
            self._spoken(talk, 9)
            self._ended(talk, agent)

    def _reason(self, *, usual: bool = False) -> str:
        return "citizen" if usual else self.random.choices(list(_REASONS), list(_REASONS.values()))[0]

    def _wish(self, talk: Talk, reason: str) -> dict[str, Any]:
        """Why a person is wanted; the conversation waits from here."""
        say = self.material.talk
        if reason == "two_failures":
            self._unknown(talk, 2)
        elif reason == "negative_feedback":
            self._question(talk)["feedback"] = False
            talk.wait(5, 20)
        elif reason == "abuse":
            talk.say("citizen", self.random.choice(say["abuse"]))
            talk.wait(1, 3)
        elif reason == "emergency":
            place = self.random.randrange(len(say["emergency"]))
            number = say["emergency_numbers"][place]
            line = talk.say("citizen", say["emergency"][place], {"emergency": [number]})
            talk.bot(line, say["emergency_answer"].format(number=number), {}, {"intent": "emergency"})
        if reason in ("citizen", "two_failures", "engine_down"):
            talk.say("citizen", self.random.choice(say["ask_human"]))
            talk.wait(0.5, 1.5)
        talk.say("system", texts.QUEUED_NEXT, {"buttons": texts.QUEUE_BUTTONS})
        if not talk.over:
            priority = 2 if reason == "emergency" else 0
            talk.row |= {"mode": "queued", "queued_at": talk.at, "queue_reason": reason, "priority": priority}
        began = {
            "conversation_id": talk.row["id"],
            "reason": reason,
            "began_at": talk.at,
            "claimed_at": None,
            "agent": None,
            "replied_at": None,
            "ended_at": None,
        }
        if not talk.over:
            talk.handovers.append(began)
        return began

    def _claimed(self, talk: Talk, agent: str) -> None:
        if talk.over:
            return
        talk.say("system", texts.CLAIMED.format(agent=agent))
        talk.row |= {"mode": "human", "agent": agent, "claimed_at": talk.at}
        talk.handovers[-1] |= {"agent": agent, "claimed_at": talk.at}

    def _spoken(self, talk: Talk, most: int) -> None:
        """The agent and the citizen by turns; at most so many lines of the agent."""
        say, agent = self.material.talk, talk.row["agent"]
        said = [say["agent_hello"], say["agent_middle"], say["agent_end"]][:most]
        for choices, answer in zip(said, self.random.choice(say["citizen_to_agent"]), strict=False):
            talk.wait(6, 45)
            words = self.random.choice(choices).format(agent=agent)
            if not talk.over:
                talk.say("agent", words, agent=agent)
                talk.handovers[-1]["replied_at"] = talk.handovers[-1]["replied_at"] or talk.at
            talk.wait(10, 60)
            talk.say("citizen", answer)
        if self.random.random() < 0.12 and not talk.over:
            talk.notes.append(
                {
                    "conversation_id": talk.row["id"],
                    "after": len(talk.lines),
                    "kind": "note",
                    "agent": agent,
                    "to": None,
                    "text": self.random.choice(say["notes"]),
                    "client_id": None,
                    "at": talk.at,
                }
            )

    def _ended(self, talk: Talk, agent: str) -> None:
        talk.wait(10, 60)
        if talk.over:
            return
        closed = self.random.random() < 0.75
        if closed:
            talk.say("agent", self.material.talk["agent_goodbye"], agent=agent)
        self._over(talk, talk.handovers[-1], texts.CLOSED if closed else texts.HANDED_BACK, [])

    @staticmethod
    def _over(talk: Talk, handover: dict[str, Any], words: str, buttons: list[dict[str, Any]]) -> None:
        """The bot has it again."""
        talk.say("system", words, {"buttons": buttons})
        nobody = dict.fromkeys(("queued_at", "queue_reason", "agent", "claimed_at"))
        talk.row |= nobody | {"mode": "bot", "priority": 0}
        handover["ended_at"] = talk.at


def talk_row(talk: Talk) -> dict[str, Any]:
    """The conversation's own row, as it stands."""
    changed = talk.lines[-1]["created_at"] if talk.lines else talk.row["created_at"]
    return talk.row | {"last_seq": len(talk.lines), "changed_at": changed}


def _named(item: Any) -> dict[str, Any]:
    return {"code": item.code, "title": item.title, "confidence": item.confidence}


def _plain(content: dict[str, Any]) -> dict[str, Any]:
    """As it comes back from the engine: a day is then a text."""
    plain: dict[str, Any] = json.loads(json.dumps(content, ensure_ascii=False, default=str))
    return plain


async def _write(session: AsyncSession, model: Any, rows: Sequence[dict[str, Any]]) -> None:
    for begin in range(0, len(rows), _BATCH):
        await session.execute(insert(model), rows[begin : begin + _BATCH])
