"""Takes what the platform pushes, and answers it.

Every delivery of the same push does the same: what is taken carries the push's key and is taken once, and how it is answered is
decided once, in a transaction that holds the citizen's row. So it does not matter how often a push comes, to how many processes,
or which of them is killed.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
import uuid

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from hotline.channels.wechat import words
from hotline.channels.wechat.account import Account
from hotline.channels.wechat.intake import Intake
from hotline.channels.wechat.models import WechatContact, WechatMessage, WechatPush
from hotline.channels.wechat.official import results
from hotline.channels.wechat.official.client import Client
from hotline.channels.wechat.push import Push
from hotline.channels.wechat.sender import nothing_under_way
from hotline.channels.wechat.unsaid import kept_for, unsaid_to
from hotline.conversations.hub import Hub
from hotline.conversations.models import Message
from hotline.conversations.processor import Processor
from hotline.conversations.steps import notify
from hotline.database import Database, now


class Wechat:
    """The account's conversations."""

    def __init__(
        self,
        account: Account,
        database: Database,
        intake: Intake,
        processor: Processor,
        hub: Hub,
        client: Client,
    ) -> None:
        self.account = account
        self._database = database
        self._intake = intake
        self._processor = processor
        self._hub = hub
        self._client = client
        #: Calls that nobody waits for.
        self._beside: set[asyncio.Task[None]] = set()

    async def take(self, push: Push, *, came: float | None = None) -> str:
        """Take a push, and return the text of the passive reply; empty: what is to be said goes by messages.

        Waits at most ``wait_seconds`` for the bot.

        Args:
            came: when (``time.monotonic``) it came to us, if that was not just now.
        """
        came = time.monotonic() if came is None else came
        if push.kind == results.KIND:
            await results.do_settle(self._database, push)
            return ""
        deadline = came + self.account.wait_seconds
        decided = await self._decided(push)
        if decided is not None:
            return decided
        contact = await self._intake.do_meet(push, waiting=self.account.wait_seconds)
        if push.kind == "unsubscribe":
            return ""
        patience = deadline - time.monotonic()
        taken = await self._intake.do_take(push, contact.conversation_id, patience=patience)
        if taken.seq is not None:
            self._processor.wake(contact.conversation_id)
            # In a rush the steps take their time; so will the one that is still to come.
            rest = deadline - (time.monotonic() - came)
            if not await self._answered(contact.conversation_id, taken.seq, rest):
                self._show_typing(push.openid)
        return await self._decide(push, taken.said)

    async def conversation_of(self, openid: str) -> uuid.UUID | None:
        """The conversation of a citizen."""
        async with self._database.transaction() as session:
            contact = await session.get(WechatContact, openid)
            return None if contact is None else contact.conversation_id

    # Below: parts of the above.

    async def _decided(self, push: Push) -> str | None:
        query = select(WechatPush.reply).where(WechatPush.key == push.key)
        async with self._database.transaction() as session:
            found: str | None = await session.scalar(query)
            return found

    async def _answered(self, conversation_id: uuid.UUID, seq: int, deadline: float) -> bool:
        """Wait until the bot has answered the line ``seq``, as long as there is time; return whether it has."""
        query = select(Message.state).where(Message.conversation_id == conversation_id, Message.seq == seq)
        with self._hub.changes(conversation_id) as changed:
            while (left := deadline - time.monotonic()) > 0:
                changed.clear()
                async with self._database.transaction() as session:
                    if await session.scalar(query) != "pending":
                        return True
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(changed.wait(), min(left, 1.0))
        return False

    def _show_typing(self, openid: str) -> None:
        task = asyncio.create_task(self._client.typing(openid))
        self._beside.add(task)
        task.add_done_callback(self._beside.discard)

    async def _decide(self, push: Push, said: str) -> str:
        """Put what there is to say into the reply, once for all deliveries of the push."""
        async with self._database.transaction() as session:
            contact = await session.get_one(
                WechatContact, push.openid, with_for_update=True, populate_existing=True
            )
            first = insert(WechatPush).values(key=push.key, openid=push.openid, created_at=now())
            await session.execute(first.on_conflict_do_nothing())
            row = await session.get_one(WechatPush, push.key, with_for_update=True, populate_existing=True)
            if row.reply is not None:
                return row.reply
            contact.waiting_until = None
            kept = await kept_for(session, push.openid, also_on_their_way=True)
            unsaid = await unsaid_to(session, contact)
            first_seq = min([contact.told_seq + 1, *(message.first_seq for message in kept)])
            parts = words.split(words.merged([*(message.text for message in kept), said, *unsaid.lines]))
            contact.told_seq = max(contact.told_seq, unsaid.last)
            for message in kept:
                message.state, message.done_at, message.error = "已发送", now(), ""
                message.brief = False
            # A reply would overtake what is on its way just now: then all follows as messages.
            replies = 1 if await nothing_under_way(session, push.openid) else 0
            for part in parts[replies:]:
                session.add(
                    WechatMessage(
                        openid=push.openid, first_seq=first_seq, last_seq=contact.told_seq, text=part
                    )
                )
            if kept:  # consoles show them as not seen
                await notify(session, contact.conversation_id)
            row.reply = "".join(parts[:replies])
            return row.reply
