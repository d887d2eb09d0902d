"""A city, its conversations, and ears for what happens in them."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass

import pytest

from hotline.city import City
from hotline.conversations.hub import Hub
from hotline.conversations.models import Message
from hotline.conversations.service import Conversations
from hotline.database import Database


@pytest.fixture
def conversations(database: Database, city: City) -> Conversations:
    """The conversations of one database, without a rate."""
    return Conversations(database, city, max_length=1000, rate=0)


@dataclass
class Ears:
    """Waits for what is said, on the same notices that the web channel waits on."""

    hub: Hub
    conversations: Conversations

    async def until(
        self, conversation_id: uuid.UUID, enough: Callable[[Sequence[Message]], bool]
    ) -> Sequence[Message]:
        """The conversation's messages, as soon as they are ``enough``."""
        async with asyncio.timeout(10):
            with self.hub.changes(conversation_id) as changed:
                while True:
                    changed.clear()
                    found = await self.conversations.messages(conversation_id)
                    if enough(found):
                        return found
                    await changed.wait()

    async def answers(self, conversation_id: uuid.UUID, count: int) -> list[str]:
        """What the bot answered, once nothing is pending and ``count`` answers are there."""

        def enough(messages: Sequence[Message]) -> bool:
            pending = any(message.state == "pending" for message in messages)
            return not pending and len(_answers(messages)) >= count

        return _answers(await self.until(conversation_id, enough))


def _answers(messages: Sequence[Message]) -> list[str]:
    return [message.text for message in messages if message.reply_to is not None]


@pytest.fixture
async def ears(database_url: str, conversations: Conversations) -> AsyncIterator[Ears]:
    """Ears for the database."""
    hub = Hub(database_url)
    hub.start()
    yield Ears(hub, conversations)
    await hub.close()
