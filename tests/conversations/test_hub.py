"""Whoever waits for a conversation is told of every change, also after the listening connection was lost."""

from __future__ import annotations

import asyncio
import uuid

import psycopg
import pytest

from hotline.conversations import hub as module
from hotline.conversations.hub import Hub
from hotline.conversations.service import CHANNEL, Conversations
from tests.conversations.conftest import Ears
from tests.conversations.test_receiving import said


async def heard(event: asyncio.Event) -> None:
    """Wait for an event, not for ever, and clear it."""
    async with asyncio.timeout(10):
        await event.wait()
    event.clear()


@pytest.fixture
async def listening(ears: Ears) -> Ears:
    """Ears that surely listen by now."""
    with ears.hub.changes(uuid.uuid4()) as event:
        await heard(event)
    return ears


async def test_a_change_wakes_those_who_wait_for_this_conversation_only(
    conversations: Conversations, listening: Ears
) -> None:
    one, other = await conversations.start("web"), await conversations.start("web")

    with (
        listening.hub.changes(one) as first,
        listening.hub.changes(one) as second,
        listening.hub.changes(other) as others,
    ):
        await said(conversations, one, "喂")
        await heard(first)
        await heard(second)
        assert not others.is_set()


async def test_a_change_in_another_process_is_heard(
    database_url: str, conversations: Conversations, listening: Ears
) -> None:
    conversation_id = await conversations.start("web")

    with listening.hub.changes(conversation_id) as changed:
        with psycopg.connect(database_url, autocommit=True) as elsewhere:
            elsewhere.execute("SELECT pg_notify(%s, %s)", (CHANNEL, str(conversation_id)))
        await heard(changed)


async def test_after_a_lost_connection_everybody_is_woken_and_hears_again(
    database_url: str, conversations: Conversations, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_RECONNECT_PAUSE", 0.05)
    refreshed = asyncio.Event()

    async def refresh() -> None:
        refreshed.set()

    hub = Hub(database_url, others={"elsewhere_changed": refresh})
    conversation_id = await conversations.start("web")
    with hub.changes(conversation_id) as changed:
        hub.start()
        await heard(changed)  # it listens
        await heard(refreshed)  # and looks at what may have changed before it did
        with psycopg.connect(database_url, autocommit=True) as killer:
            killer.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE query LIKE 'LISTEN %' AND datname = current_database()"
            )
        await heard(changed)
        await heard(refreshed)  # a notice may have been missed meanwhile
        await said(conversations, conversation_id, "喂")
        await heard(changed)
    await hub.close()


async def test_a_notice_that_makes_no_sense_or_breaks_something_does_not_stop_the_ears(
    database_url: str, conversations: Conversations
) -> None:
    called = asyncio.Event()

    async def broken() -> None:
        called.set()
        raise RuntimeError("broken")

    hub = Hub(database_url, others={"elsewhere_changed": broken})
    conversation_id = await conversations.start("web")
    with hub.changes(conversation_id) as changed:
        hub.start()
        await heard(changed)
        with psycopg.connect(database_url, autocommit=True) as elsewhere:
            elsewhere.execute("SELECT pg_notify(%s, 'nonsense')", (CHANNEL,))
            elsewhere.execute("NOTIFY elsewhere_changed")
        await heard(called)
        await said(conversations, conversation_id, "喂")
        await heard(changed)
    await hub.close()


async def test_nobody_is_kept_who_waits_no_more(ears: Ears) -> None:
    conversation_id = uuid.uuid4()
    with ears.hub.changes(conversation_id), ears.hub.changes(conversation_id):
        pass

    assert not ears.hub._waiters
