"""Takes what a citizen did at WeChat into their conversation. Every delivery of the same push does the same, once."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy import func, select

from hotline.attachments.errors import AttachmentError
from hotline.attachments.service import Attachments
from hotline.channels.wechat import texts
from hotline.channels.wechat.calls import WechatError
from hotline.channels.wechat.models import WechatContact
from hotline.channels.wechat.push import Place, Push
from hotline.conversations.service import ConversationError, Conversations
from hotline.conversations.steps import notify
from hotline.database import Database, now

logger = structlog.get_logger(__name__)

CHANNEL = "wechat"
_LOCK = 12345_11
#: Of the time that a push may wait, so much is kept for downloading a photograph.
_MEDIA_SHARE = 0.7


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What may be written to a citizen: after a message, and after a press, a scan, a subscription."""

    messages: int
    message_hours: float
    event_messages: int
    event_seconds: float


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What is to be said beside the conversation, and the number of the citizen's line in it."""

    said: str = ""
    seq: int | None = None


class Intake:
    """Takes pushes of one account."""

    def __init__(
        self,
        platform: str,
        rules: Rules,
        database: Database,
        conversations: Conversations,
        attachments: Attachments,
        *,
        media: Callable[[str], Awaitable[bytes]],
        asked: Callable[[Push], str | None],
    ) -> None:
        """
        Args:
            media: fetches what a citizen has sent.
            asked: the question that a press or a scan stands for.
        """
        self._platform = platform
        self._rules = rules
        self._database = database
        self._conversations = conversations
        self._attachments = attachments
        self._media = media
        #: The question that an event stands for.
        self.asked = asked

    async def do_meet(self, push: Push, *, waiting: float = 0.0, once: bool = False) -> WechatContact:
        """The citizen, with what this push allows to write to them.

        Args:
            waiting: for so many seconds what is said goes into the answer to the push.
            once: this push does not come again: it counts though another one came in the same second.
        """
        async with self._database.transaction() as session:
            await session.execute(select(func.pg_advisory_xact_lock(_LOCK, func.hashtext(push.openid))))
            contact = await session.get(WechatContact, push.openid, with_for_update=True)
            if contact is None:
                contact = WechatContact(
                    openid=push.openid,
                    platform=self._platform,
                    conversation_id=await self._conversations.begin(session, CHANNEL),
                    # Who writes of their own accord is answered, not welcomed.
                    told_seq=0 if push.kind == "subscribe" else 1,
                    allowance=0,
                    event_allowance=0,
                )
                session.add(contact)
            self._allow(contact, push, once=once)
            was_gone = contact.left_at is not None
            contact.left_at = now() if push.kind == "unsubscribe" else None
            if was_gone != (contact.left_at is not None):  # consoles show it
                await notify(session, contact.conversation_id)
            if waiting and push.kind != "unsubscribe":
                contact.waiting_until = now() + timedelta(seconds=waiting)
            return contact

    def _allow(self, contact: WechatContact, push: Push, *, once: bool) -> None:
        at = min(datetime.fromtimestamp(push.created, UTC), now())
        if push.opens == "message":
            until = at + timedelta(hours=self._rules.message_hours)
            known = contact.allowance_until
            if known is None or until > known or (once and until == known):
                contact.allowance, contact.allowance_until = self._rules.messages, until
        elif push.opens == "event":
            until = at + timedelta(seconds=self._rules.event_seconds)
            if contact.event_allowance_until is None or until > contact.event_allowance_until:
                contact.event_allowance, contact.event_allowance_until = self._rules.event_messages, until

    async def do_take(
        self, push: Push, conversation_id: uuid.UUID, *, patience: float, limited: bool = True
    ) -> Taken:
        """Make it a line of the conversation.

        Args:
            patience: seconds that fetching a photograph may take.
            limited: whether somebody who writes too fast is told so.
        """
        try:
            if push.kind == "image":
                return await self._photograph(push, conversation_id, patience, limited)
            text, otherwise = self._text_of(push)
            if text is None:
                return await self._not_understood(push, conversation_id, otherwise)
            message = await self._conversations.receive(
                conversation_id, client_id=push.key, text=text, place=_kept(push.place), limited=limited
            )
        except (ConversationError, AttachmentError) as error:
            return Taken(said=error.message)
        return Taken(seq=message.seq)

    def _text_of(self, push: Push) -> tuple[str | None, str]:
        """The words that the push stands for; else what is said instead."""
        if push.kind in ("text", "link", "voice"):
            return push.text or None, texts.VOICE if push.kind == "voice" else texts.STICKER
        if push.kind == "location" and not push.is_event and push.place is not None:
            return push.place.label or texts.PLACE, ""
        if push.kind in ("subscribe", "enter_session"):
            return self.asked(push), ""
        if push.kind in ("scan", "scancode_waitmsg"):
            return self.asked(push), texts.AGAIN
        if push.kind == "click":
            return self.asked(push), texts.UNKNOWN_LINE
        if push.kind in ("video", "shortvideo"):
            return None, texts.VIDEO
        return None, "" if push.is_event else texts.FILE

    async def _not_understood(self, push: Push, conversation_id: uuid.UUID, otherwise: str) -> Taken:
        """An agent is told that something came which cannot be shown; the citizen is asked to type."""
        if not push.is_event and (await self._conversations.state(conversation_id)).mode == "human":
            await self._conversations.receive(
                conversation_id,
                client_id=push.key,
                text=texts.NOT_SHOWN.get(push.kind, texts.NOT_SHOWN["file"]),
            )
        return Taken(said=otherwise)

    async def _photograph(
        self, push: Push, conversation_id: uuid.UUID, patience: float, limited: bool
    ) -> Taken:
        """Keep a photograph, and make it a line of the conversation."""
        began = time.monotonic()
        try:
            async with asyncio.timeout(max(patience * _MEDIA_SHARE, 0.1)):
                data = await self._media(push.media_id or "")
        except (WechatError, TimeoutError) as error:
            logger.warning(
                "a photograph could not be fetched", error=str(error), after=time.monotonic() - began
            )
            return Taken(said=texts.PHOTO_LOST)
        kept = await self._attachments.do_keep(conversation_id, data, client_id=push.key)
        message = await self._conversations.receive(
            conversation_id, client_id=push.key, attachments=[kept.id], limited=limited
        )
        return Taken(seq=message.seq)


def _kept(place: Place | None) -> dict[str, object] | None:
    """What is kept of a place with its line: as it came, with the datum of its numbers."""
    if place is None:
        return None
    return {"lat": place.lat, "long": place.long, "datum": place.datum, "label": place.label}
