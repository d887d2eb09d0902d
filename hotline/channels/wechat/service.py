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
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.attachments.errors import AttachmentError
from hotline.attachments.service import Attachments
from hotline.channels.wechat import texts, words
from hotline.channels.wechat.account import Account
from hotline.channels.wechat.client import Client, WechatError
from hotline.channels.wechat.models import WechatContact, WechatMessage, WechatPush
from hotline.channels.wechat.pushes import Push
from hotline.conversations.hub import Hub
from hotline.conversations.models import Message
from hotline.conversations.processor import Processor
from hotline.conversations.service import ConversationError, Conversations
from hotline.database import Database, now

logger = structlog.get_logger(__name__)

CHANNEL = "wechat"
_LOCK = 12345_11
#: Of the time that a push may wait, so much is kept for downloading a photograph.
_MEDIA_SHARE = 0.7


class Wechat:
    """The account's conversations."""

    def __init__(
        self,
        account: Account,
        database: Database,
        conversations: Conversations,
        processor: Processor,
        hub: Hub,
        client: Client,
        attachments: Attachments,
    ) -> None:
        self.account = account
        self._database = database
        self._conversations = conversations
        self._processor = processor
        self._hub = hub
        self._client = client
        self._attachments = attachments

    async def take(self, push: Push) -> str:
        """Take a push, and return the text of the passive reply; empty: what is to be said goes by messages.

        Waits at most ``wait_seconds`` for the bot.
        """
        deadline = time.monotonic() + self.account.wait_seconds
        decided = await self._decided(push)
        if decided is not None:
            return decided
        contact = await self._contact(push)
        if push.kind == "unsubscribe":
            return ""
        said, seq = await self._taken(push, contact.conversation_id, deadline)
        if seq is not None:
            self._processor.wake(contact.conversation_id)
            await self._answered(contact.conversation_id, seq, deadline)
        return await self._decide(push, said)

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

    async def _contact(self, push: Push) -> WechatContact:
        """The citizen, with what this push allows to write to them."""
        async with self._database.transaction() as session:
            await session.execute(select(func.pg_advisory_xact_lock(_LOCK, func.hashtext(push.openid))))
            contact = await session.get(WechatContact, push.openid, with_for_update=True)
            if contact is None:
                contact = WechatContact(
                    openid=push.openid,
                    conversation_id=await self._conversations.start(CHANNEL),
                    # Who writes of their own accord is answered, not welcomed.
                    told_seq=0 if push.kind == "subscribe" else 1,
                    allowance=0,
                    event_allowance=0,
                )
                session.add(contact)
            self._allow(contact, push)
            if push.kind == "unsubscribe":
                contact.left_at = now()
            else:
                contact.left_at = None
                contact.waiting_until = now() + timedelta(seconds=self.account.wait_seconds)
            return contact

    def _allow(self, contact: WechatContact, push: Push) -> None:
        at = min(datetime.fromtimestamp(push.created, UTC), now())
        if push.opens == "message":
            until = at + timedelta(hours=self.account.message_hours)
            if contact.allowance_until is None or until > contact.allowance_until:
                contact.allowance, contact.allowance_until = self.account.messages, until
        elif push.opens == "event":
            until = at + timedelta(seconds=self.account.event_seconds)
            if contact.event_allowance_until is None or until > contact.event_allowance_until:
                contact.event_allowance, contact.event_allowance_until = self.account.event_messages, until

    async def _taken(self, push: Push, conversation_id: uuid.UUID, deadline: float) -> tuple[str, int | None]:
        """What is to be said beside the conversation, and the number of the citizen's line in it."""
        try:
            if push.kind == "image":
                return await self._photograph(push, conversation_id, deadline)
            text, otherwise = self._text_of(push)
            if text is None:
                return await self._not_understood(push, conversation_id, otherwise)
            message = await self._conversations.receive(conversation_id, client_id=push.key, text=text)
        except ConversationError as error:
            return error.message, None
        except AttachmentError as error:
            return error.message, None
        return "", message.seq

    def _text_of(self, push: Push) -> tuple[str | None, str]:
        """The words that the push stands for; else what is said instead."""
        if push.kind in ("text", "link", "voice"):
            return push.text or None, texts.VOICE if push.kind == "voice" else texts.STICKER
        if push.kind == "location" and not push.is_event and push.place is not None:
            return texts.PLACE.format(label=push.place.label) if push.place.label else texts.PLACE_BARE, ""
        if push.kind in ("subscribe", "scan", "scancode_waitmsg"):
            scene = self.account.scenes.get(push.value)
            again = "" if push.kind == "subscribe" else texts.AGAIN
            return (scene.say if scene else None), again
        if push.kind == "click":
            return self.account.pressed(push.value), texts.UNKNOWN_LINE
        if push.kind in ("video", "shortvideo"):
            return None, texts.VIDEO
        return None, "" if push.is_event else texts.FILE

    async def _not_understood(
        self, push: Push, conversation_id: uuid.UUID, otherwise: str
    ) -> tuple[str, int | None]:
        """An agent is told that something came which cannot be shown; the citizen is asked to type."""
        if not push.is_event and (await self._conversations.state(conversation_id)).mode == "human":
            await self._conversations.receive(
                conversation_id,
                client_id=push.key,
                text=texts.NOT_SHOWN.get(push.kind, texts.NOT_SHOWN["file"]),
            )
        return otherwise, None

    async def _photograph(
        self, push: Push, conversation_id: uuid.UUID, deadline: float
    ) -> tuple[str, int | None]:
        """Keep a photograph, and make it a line of the conversation."""
        try:
            patience = (deadline - time.monotonic()) * _MEDIA_SHARE
            async with asyncio.timeout(max(patience, 0.1)):
                data = await self._client.media(push.media_id or "")
        except (WechatError, TimeoutError) as error:
            logger.warning("a photograph could not be fetched", error=str(error))
            return texts.PHOTO_LOST, None
        kept = await self._attachments.do_keep(conversation_id, data, client_id=push.key)
        message = await self._conversations.receive(
            conversation_id, client_id=push.key, attachments=[kept.id]
        )
        return "", message.seq

    async def _answered(self, conversation_id: uuid.UUID, seq: int, deadline: float) -> None:
        """Wait until the bot has answered the line ``seq``, as long as there is time."""
        query = select(Message.state).where(Message.conversation_id == conversation_id, Message.seq == seq)
        with self._hub.changes(conversation_id) as changed:
            while (left := deadline - time.monotonic()) > 0:
                changed.clear()
                async with self._database.transaction() as session:
                    if await session.scalar(query) != "pending":
                        return
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(changed.wait(), min(left, 1.0))

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
            kept = await _kept(session, push.openid)
            lines, last = await unsaid(session, contact)
            first_seq = min([contact.told_seq + 1, *(message.first_seq for message in kept)])
            parts = words.split(words.merged([*(message.text for message in kept), said, *lines]))
            contact.told_seq = max(contact.told_seq, last)
            for message in kept:
                message.state, message.done_at, message.error = "已发送", now(), ""
            for part in parts[1:]:
                session.add(
                    WechatMessage(
                        openid=push.openid, first_seq=first_seq, last_seq=contact.told_seq, text=part
                    )
                )
            row.reply = parts[0] if parts else ""
            return row.reply


async def _kept(session: AsyncSession, openid: str) -> Sequence[WechatMessage]:
    """What waits until the citizen writes, oldest first."""
    query = select(WechatMessage).where(
        WechatMessage.openid == openid, WechatMessage.state.in_(("等市民来信", "待发送"))
    )
    return (await session.scalars(query.order_by(WechatMessage.id).with_for_update(skip_locked=True))).all()


async def unsaid(session: AsyncSession, contact: WechatContact) -> tuple[list[str], int]:
    """What the conversation has said to the citizen and nobody has brought yet, and the number of its last line."""
    query = (
        select(Message)
        .where(Message.conversation_id == contact.conversation_id, Message.seq > contact.told_seq)
        .order_by(Message.seq)
    )
    found = (await session.scalars(query)).all()
    lines = [
        words.spoken(message.author, message.agent, message.text, message.content)
        for message in found
        if message.author != "citizen"
    ]
    return lines, found[-1].seq if found else contact.told_seq
