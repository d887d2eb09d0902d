"""What each entry of 微信客服 does: to the conversation, to the session, to messages on their way."""

from __future__ import annotations

import re
import time
import uuid

import structlog
from sqlalchemy.dialects.postgresql import insert

from hotline.channels.wechat.calls import WechatError
from hotline.channels.wechat.intake import Intake
from hotline.channels.wechat.kf.account import KfAccount
from hotline.channels.wechat.kf.client import KfClient
from hotline.channels.wechat.kf.codes import USED_UP, failed_in_words
from hotline.channels.wechat.kf.messages import Answered, Entered, Failed, Item, Moved, Withdrawn, Wrote
from hotline.channels.wechat.kf.release import released
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
        taken, ours = await self._known(item)
        if taken:
            return
        if isinstance(item, Wrote):
            await self._wrote(item, ours=ours)
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

    async def _wrote(self, item: Wrote, *, ours: bool) -> None:
        contact = await self._intake.do_meet(item.push, once=True)
        if not ours:
            await self._sessions.do_greet(item.openid)
        taken = await self._intake.do_take(
            item.push,
            contact.conversation_id,
            patience=_PATIENCE,
            limited=time.time() - item.created < _LIVE,
        )
        await self._note_taken(item, taken.said, wrote=True)
        if taken.seq is not None:
            self._processor.wake(contact.conversation_id)

    async def _known(self, item: Item) -> tuple[bool, bool]:
        """Whether the entry is taken; whether the session is ours and cannot have ended by itself since.

        It ends by itself 48 hours after the citizen's last message.
        """
        async with self._database.transaction() as session:
            if await session.get(WechatPush, item.key) is not None:
                return True, False
            contact = await session.get(WechatContact, item.openid)
            if contact is None or contact.service_state != OURS or contact.allowance_until is None:
                return False, False
            return False, contact.allowance_until > now()

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

    async def _note_taken(self, item: Item, said: str = "", *, wrote: bool = False) -> None:
        """Note that it is taken; with that, once, say what is to be said beside the conversation.

        Args:
            wrote: the citizen has written: what waited for that goes.
        """
        async with self._database.transaction() as session:
            taken = insert(WechatPush).values(key=item.key, openid=item.openid, reply=said, created_at=now())
            if not await session.scalar(taken.on_conflict_do_nothing().returning(WechatPush.key)):
                return
            if not wrote:
                return
            contact = await session.get_one(WechatContact, item.openid)
            conversation = await session.get_one(Conversation, contact.conversation_id)
            fresh = not contact.is_there and await released(session, item.openid)
            # While a person elsewhere speaks, nobody is told how to write to us.
            if said and conversation.elsewhere is None:
                last = conversation.last_seq
                session.add(WechatMessage(openid=item.openid, first_seq=last, last_seq=last, text=said))
                fresh = True
            if fresh:
                await notify(session, contact.conversation_id)
