"""What each entry of 微信客服 does: to the conversation, to the session, to messages on their way."""

from __future__ import annotations

import re
import time
import uuid

import structlog
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.channels.wechat.calls import WechatError
from hotline.channels.wechat.intake import Intake
from hotline.channels.wechat.kf.account import KfAccount
from hotline.channels.wechat.kf.client import KfClient
from hotline.channels.wechat.kf.codes import USED_UP, failed_in_words
from hotline.channels.wechat.kf.messages import Answered, Entered, Failed, Item, Moved, Withdrawn, Wrote
from hotline.channels.wechat.kf.release import do_release
from hotline.channels.wechat.kf.sessions import OURS, Sessions
from hotline.channels.wechat.kf.welcome import Welcome
from hotline.channels.wechat.models import WechatContact, WechatMessage, WechatPush
from hotline.channels.wechat.outlet import Said
from hotline.conversations import elsewhere
from hotline.conversations.models import Conversation
from hotline.conversations.processor import Processor
from hotline.conversations.steps import notify
from hotline.database import Database, now

logger = structlog.get_logger(__name__)

_OUR_MESSAGE = re.compile(r"m(\d{1,9})-\d+")
#: Seconds that fetching a photograph may take: nobody waits at the other end of a line.
_PATIENCE = 10.0
#: What was written longer ago came while we were away, with much else: nobody is told to write more slowly.
_LIVE = 60.0


class Taking:
    """Takes the entries of one account."""

    def __init__(
        self,
        account: KfAccount,
        client: KfClient,
        sessions: Sessions,
        welcome: Welcome,
        intake: Intake,
        processor: Processor,
        database: Database,
    ) -> None:
        self._account = account
        self._client = client
        self._sessions = sessions
        self._welcome = welcome
        self._intake = intake
        self._processor = processor
        self._database = database

    async def do_take(self, item: Item) -> None:
        """Do what the entry asks for; again with the same one, nothing."""
        if await self._is_taken(item.key):
            return
        if isinstance(item, Wrote):
            await self._wrote(item)
            return
        if isinstance(item, Entered):
            await self._welcome.do_meet(item)
        elif isinstance(item, Answered):
            await self._answered(item)
        elif isinstance(item, Moved):
            await self._moved(item)
        elif isinstance(item, Failed):
            await self._failed(item)
        elif isinstance(item, Withdrawn):
            await self._withdrawn(item)
        await self._note_taken(item)

    # Below: parts of the above.

    async def _wrote(self, item: Wrote) -> None:
        known = await self._is_known_to_be_ours(item.openid)
        contact = await self._intake.do_meet(item.push, once=True)
        if not known:
            await self._sessions.do_greet(item.openid)
        taken = await self._intake.do_take(
            item.push,
            contact.conversation_id,
            patience=_PATIENCE,
            limited=time.time() - item.created < _LIVE,
        )
        await do_release(self._database, item.openid)
        await self._note_taken(item, taken.said)
        if taken.seq is not None:
            self._processor.wake(contact.conversation_id)

    async def _is_known_to_be_ours(self, openid: str) -> bool:
        """Whether the session is ours and cannot have ended by itself, which it does 48 hours after the last message."""
        async with self._database.transaction() as session:
            contact = await session.get(WechatContact, openid)
            return (
                contact is not None
                and contact.service_state == OURS
                and contact.allowance_until is not None
                and contact.allowance_until > now()
            )

    async def _answered(self, item: Answered) -> None:
        if not await self._sessions.do_note_there(item.openid, item.userid):
            return
        async with self._database.transaction() as session:
            contact = await session.get_one(WechatContact, item.openid)
            agent = self._account.agent(item.userid)
            await elsewhere.said(session, contact.conversation_id, agent, item.text, client_id=item.key)

    async def _moved(self, item: Moved) -> None:
        said = await self._sessions.do_note_moved(item.openid, item.to, item.code)
        if said is None:
            return
        words, code = said
        try:
            await self._client.say_by(code, Said(key=f"e{uuid.uuid4().hex[:30]}", text=words))
        except WechatError as error:  # the code is good for 20 seconds; nothing of worth is lost
            logger.info("the end of a session was not told", code=error.code)

    async def _failed(self, item: Failed) -> None:
        found = _OUR_MESSAGE.fullmatch(item.message)
        if found is None:
            return
        async with self._database.transaction() as session:
            message = await session.get(WechatMessage, int(found[1]), with_for_update=True)
            if message is None or message.openid != item.openid:
                return
            if message.state != "已发送" or message.error:  # it goes, or went, another way meanwhile
                return
            message.state, message.error = "未送达", failed_in_words(item.reason)
            message.done_at = now()
            contact = await session.get_one(WechatContact, item.openid, with_for_update=True)
            if item.reason in USED_UP:
                contact.allowance = 0
            await notify(session, contact.conversation_id)

    async def _withdrawn(self, item: Withdrawn) -> None:
        async with self._database.transaction() as session:
            contact = await session.get(WechatContact, item.openid)
            if contact is not None:
                await elsewhere.withdrawn(session, contact.conversation_id, item.of)

    async def _is_taken(self, key: str) -> bool:
        async with self._database.transaction() as session:
            return await session.scalar(select(WechatPush.key).where(WechatPush.key == key)) is not None

    async def _note_taken(self, item: Item, said: str = "") -> None:
        """Note that it is taken, and with that, once, what is to be said beside the conversation."""
        async with self._database.transaction() as session:
            taken = insert(WechatPush).values(key=item.key, openid=item.openid, reply=said, created_at=now())
            fresh = await session.scalar(taken.on_conflict_do_nothing().returning(WechatPush.key))
            if fresh and said and await self._speaks(session, item.openid):
                contact = await session.get_one(WechatContact, item.openid)
                at = await session.scalar(
                    select(func.coalesce(Conversation.last_seq, 0)).where(
                        Conversation.id == contact.conversation_id
                    )
                )
                session.add(WechatMessage(openid=item.openid, first_seq=at or 0, last_seq=at or 0, text=said))
                await notify(session, contact.conversation_id)

    @staticmethod
    async def _speaks(session: AsyncSession, openid: str) -> bool:
        """Whether we speak with the citizen: while a person elsewhere does, nobody is told how to write to us."""
        query = (
            select(Conversation.elsewhere)
            .join(WechatContact, WechatContact.conversation_id == Conversation.id)
            .where(WechatContact.openid == openid)
        )
        return await session.scalar(query) is None
