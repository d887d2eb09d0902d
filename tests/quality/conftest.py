"""The hotline's own base with the real encoder, and what citizens have said."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from hotline.conversations.models import Conversation, Handover, Message
from hotline.database import Database, now
from hotline.knowledge.answers import Named, Question
from hotline.knowledge.editing_desk import EditingDesk
from hotline.knowledge.rights import Person
from hotline.knowledge.service import Knowledge, load_folder, record_unanswered
from hotline.quality.gate import judge
from hotline.quality.parts import Quality
from hotline.settings import Settings
from hotline.work_orders.office import Office
from tests.conftest import ROOT

HE = Person(number="6001", roles=("知识编辑",))
LUO = Person(number="6002", roles=("知识编辑",))
LEADER = Person(number="4001", roles=("领导",))
AGENT = Person(number="1024", roles=("坐席",))


@pytest.fixture
async def knowledge(database: Database) -> Knowledge:
    """The published base, as a running service holds it."""
    await load_folder(database, ROOT / "data" / "knowledge")
    held = Knowledge(database, cache=Settings(_env_file=None).cache)
    await held.refresh()
    return held


@pytest.fixture(scope="session")
def the_office() -> Office:
    """The city's."""
    settings = Settings(_env_file=None)
    return Office.load(settings.data_dir, settings.city_dir)


@pytest.fixture
def quality(database: Database, knowledge: Knowledge, the_office: Office) -> Quality:
    """The loop, with the editing of the base."""
    settings = Settings(_env_file=None)
    desk = EditingDesk.of(settings, database, knowledge, the_office.units, judge, city=the_office.city.name)
    return Quality.of(settings, database, knowledge, desk)


Say = Callable[..., Awaitable[uuid.UUID]]


@pytest.fixture
def say(database: Database, knowledge: Knowledge) -> Say:
    """A citizen says something and gets the base's answer. ``rated``: what they think of it; ``gave_up``: a person is wanted."""

    async def said(
        *lines: str,
        channel: str = "web",
        ago: timedelta = timedelta(),
        rated: bool | None = None,
        gave_up: bool = False,
        **evidence: Any,
    ) -> uuid.UUID:
        at: datetime = now() - ago
        conversation = Conversation(
            id=uuid.uuid4(), channel=channel, mode="bot", last_seq=2 * len(lines), created_at=at
        )
        async with database.transaction() as session:
            session.add(conversation)
            await session.flush()
            for number, text in enumerate(lines):
                found = await knowledge.answer(Question(text=text, today=now().date()))
                seq = 2 * number + 1
                understood = {
                    "intent": "ask_matter",
                    "confidence": 0.8,
                    "fallback": found.outcome == "unknown",
                    "matter": {"code": found.matter.code} if found.matter else None,
                }
                session.add(
                    Message(
                        conversation_id=conversation.id,
                        seq=seq,
                        author="citizen",
                        text=text,
                        evidence=understood | evidence,
                        created_at=at,
                    )
                )
                session.add(
                    Message(
                        conversation_id=conversation.id,
                        seq=seq + 1,
                        author="bot",
                        text=found.reply["text"],
                        reply_to=seq,
                        ordinal=0,
                        feedback=rated,
                        created_at=at,
                    )
                )
                if found.outcome == "unknown":
                    await record_unanswered(
                        session,
                        message_id=f"{conversation.id}:{seq}",
                        conversation_id=str(conversation.id),
                        text=text,
                        candidates=[Named(one.code, one.title, one.confidence) for one in found.candidates],
                    )
            if gave_up:
                session.add(
                    Handover(
                        conversation_id=conversation.id, reason="two_failures", began_at=at + timedelta(1)
                    )
                )
        return conversation.id

    return said
