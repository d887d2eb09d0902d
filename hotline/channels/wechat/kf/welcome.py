"""Welcomes who opens the chat: by the one message that its code allows, with the answer for who comes by a link of a scene."""

from __future__ import annotations

import asyncio
import contextlib
import time
import uuid

import structlog
from sqlalchemy import select

from hotline.channels.wechat import words
from hotline.channels.wechat.calls import WechatError
from hotline.channels.wechat.intake import Intake
from hotline.channels.wechat.kf.client import KfClient
from hotline.channels.wechat.kf.messages import Entered
from hotline.channels.wechat.models import WechatContact
from hotline.channels.wechat.outlet import Menu, Said
from hotline.channels.wechat.unsaid import Unsaid, unsaid_to
from hotline.conversations.hub import Hub
from hotline.conversations.models import Message
from hotline.conversations.processor import Processor
from hotline.database import Database

logger = structlog.get_logger(__name__)

#: Seconds after opening in which the code is good (the platform: 20), and in which the bot may answer.
_CODE_LASTS, _BOT_MAY = 18.0, 10.0
#: So long after the code is over what was said may still be on its way.
_SETTLES = 5.0


class Welcome:
    """Welcomes the citizens of one account."""

    def __init__(
        self, client: KfClient, intake: Intake, processor: Processor, hub: Hub, database: Database
    ) -> None:
        self._client = client
        self._intake = intake
        self._processor = processor
        self._hub = hub
        self._database = database
        #: Welcomes under way: others' messages do not wait for them.
        self._beside: set[asyncio.Task[None]] = set()

    async def close(self) -> None:
        """Break off what is under way; what it would have said goes as all else does."""
        for task in list(self._beside):
            task.cancel()
        await asyncio.gather(*self._beside, return_exceptions=True)

    async def do_meet(self, item: Entered) -> None:
        """Ask what the scene asks, and welcome with that answer; without a code the answer goes as all others do."""
        left = item.created + _CODE_LASTS - time.time()
        code = item.code if left > 1 else ""
        if not code and not self._intake.asked(item.push):
            return
        contact = await self._intake.do_meet(item.push, waiting=left + _SETTLES if code else 0.0)
        taken = await self._intake.do_take(item.push, contact.conversation_id, patience=0.0)
        if taken.seq is not None:
            self._processor.wake(contact.conversation_id)
        if code:
            welcoming = self._welcome(item.openid, contact.conversation_id, code, taken.seq, left)
            task = asyncio.create_task(welcoming)
            self._beside.add(task)
            task.add_done_callback(self._beside.discard)

    # Below: parts of the above.

    async def _welcome(
        self, openid: str, conversation_id: uuid.UUID, code: str, seq: int | None, left: float
    ) -> None:
        if seq is not None:
            await self._answered(conversation_id, seq, min(left - 2, _BOT_MAY))
        async with self._database.transaction() as session:
            contact = await session.get_one(WechatContact, openid)
            unsaid = await unsaid_to(session, contact)
            first = await session.get_one(Message, (conversation_id, 1))
        said, whole = _said(first, unsaid)
        try:
            await self._client.say_by(code, said)
        except WechatError as error:  # over, or used by another process
            whole = False
            logger.warning("a welcome was not taken", code=error.code, words=error.words)
        async with self._database.transaction() as session:
            contact = await session.get_one(WechatContact, openid, with_for_update=True)
            contact.waiting_until = None
            if whole:
                contact.told_seq = max(contact.told_seq, unsaid.last)

    async def _answered(self, conversation_id: uuid.UUID, seq: int, seconds: float) -> None:
        """Wait until the bot has answered, but not for long."""
        query = select(Message.state).where(Message.conversation_id == conversation_id, Message.seq == seq)
        deadline = time.monotonic() + seconds
        with self._hub.changes(conversation_id) as changed:
            while (left := deadline - time.monotonic()) > 0:
                changed.clear()
                async with self._database.transaction() as session:
                    if await session.scalar(query) != "pending":
                        return
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(changed.wait(), min(left, 1.0))


def _said(welcome: Message, unsaid: Unsaid) -> tuple[Said, bool]:
    """The welcome, with what was answered when it fits into one message; tells whether it does."""
    key = f"w{uuid.uuid4().hex[:30]}"
    if unsaid.lines:
        text = words.merged([welcome.text, *unsaid.lines])
        if words.size(text) <= words.MAX_BYTES:
            menu = Menu.read(unsaid.choices)
            if menu is not None:
                menu = Menu(head=words.merged([welcome.text, menu.head]), titles=menu.titles)
            return Said(key=key, text=text, menu=menu), True
    tiles = [button["title"] for button in welcome.content.get("buttons", [])]
    spoken = words.spoken("bot", None, welcome.text, welcome.content)
    return Said(key=key, text=spoken, menu=Menu(head=welcome.text, titles=tiles)), not unsaid.lines
