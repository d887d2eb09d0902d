"""A city, its conversations, and ears for what happens in them."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass

import pytest

from hotline.city import City
from hotline.conversations import handover, texts
from hotline.conversations.hub import Hub
from hotline.conversations.models import Conversation, Message
from hotline.conversations.service import Conversations
from hotline.database import Database


class AtDesk(Conversations):
    """Conversations with the steps of an agent, each in a transaction of its own."""

    async def queue(self) -> Sequence[Conversation]:
        """Who waits."""
        async with self._database.transaction() as session:
            return await handover.waiting(session)

    async def do_claim(self, conversation_id: uuid.UUID, agent: str) -> None:
        """Claim a waiting conversation."""
        async with self._database.transaction() as session:
            await handover.claim(session, conversation_id, agent)

    async def do_say(self, conversation_id: uuid.UUID, agent: str, words: str, *, client_id: str) -> Message:
        """Say something to the citizen."""
        async with self._database.transaction() as session:
            said = await handover.say(
                session, conversation_id, agent, words, client_id=client_id, max_length=1000
            )
            return said[0]

    async def do_hand_back(self, conversation_id: uuid.UUID, agent: str) -> None:
        """Give the conversation back to the bot."""
        async with self._database.transaction() as session:
            conversation = await handover.held(session, conversation_id, agent)
            await handover.to_bot(session, conversation, texts.HANDED_BACK)


@pytest.fixture
def conversations(database: Database, city: City) -> Conversations:
    """The conversations of one database, without a rate."""
    return AtDesk(database, city, max_length=1000, rate=0)


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
