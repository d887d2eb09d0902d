"""What agents have noted about a conversation goes with its words."""

from __future__ import annotations

import uuid
from datetime import datetime

import pytest
from sqlalchemy import select, text

from hotline.audit.chain import Chain
from hotline.conversations.service import Conversations
from hotline.conversations.texts import FORGOTTEN
from hotline.database import Database
from hotline.desk.models import DeskNote
from hotline.privacy.retention import Retention
from hotline.privacy.service import Privacy
from hotline.settings import Settings
from hotline.work_orders.office import Office
from tests.privacy.conftest import NAME, PHONE
from tests.work_orders.conftest import Clock


@pytest.fixture
def retention(
    database: Database, privacy: Privacy, office: Office, settings: Settings, clock: Clock
) -> Retention:
    """The job, with the clock of the work orders."""
    return Retention(database, privacy, office.process, Chain.of(database, settings), clock=clock)


async def test_old_notes_are_emptied_and_stay_in_their_place(
    database: Database, conversations: Conversations, clock: Clock, retention: Retention, office: Office
) -> None:
    conversation = await conversations.start("web")

    def note(at: datetime, words: str, kind: str = "note") -> DeskNote:
        return DeskNote(
            conversation_id=conversation,
            after=1,
            kind=kind,
            agent="1024",
            text=words,
            at=at,
            client_id=uuid.uuid4().hex,
        )

    old = clock()
    async with database.transaction() as session:
        for table in ("conversation", "message"):
            await session.execute(text(f"UPDATE hotline.{table} SET created_at = :at"), {"at": old})
        session.add_all([note(old, f"{NAME}打过来，{PHONE}"), note(old, "", "hand_back")])
    clock.on(days=office.process.conversation_retention_days + 1)
    async with database.transaction() as session:
        session.add(note(clock(), "今天的"))
    await retention.do_retain()
    async with database.transaction() as session:
        assert list(await session.scalars(select(DeskNote.text).order_by(DeskNote.id))) == [
            FORGOTTEN,
            "",
            "今天的",
        ]
