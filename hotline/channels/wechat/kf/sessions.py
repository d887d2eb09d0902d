"""The session of each citizen at 企业微信, and our conversation: each follows the other.

While the bot or an agent at our console speaks, the session is ours (1). When a person in 企业微信 takes it (3) our conversation
shows that, and nobody here speaks; when it is over (4) the bot has it again. What the platform allows: from 0 and 1 to any
other, from 2 to 3 or 4, from 3 to 3 or 4, from 4 nothing until the citizen writes, which makes it 0; the API may write
in 0 and 1 only. Source: developer.work.weixin.qq.com, page 94669 (分配客服会话).
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import structlog
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.channels.wechat.calls import WechatError
from hotline.channels.wechat.kf.account import KfAccount
from hotline.channels.wechat.kf.client import KfClient
from hotline.channels.wechat.kf.codes import KF
from hotline.channels.wechat.models import WechatContact
from hotline.conversations import elsewhere
from hotline.conversations.models import Conversation
from hotline.database import Database, now

logger = structlog.get_logger(__name__)

NEW, OURS, WAITING, THERE, OVER = range(5)
#: Where a conversation is that is not here, in words.
WHERE = "企业微信客服"
_LOCK = 12345_14
#: How long a code is good: for one who waits, and for one whose session is over (20 seconds, less the way).
_CODE_LASTS = {WAITING: timedelta(hours=48), OVER: timedelta(seconds=18)}
#: Who is elsewhere is looked for again so often: a session that ends by itself is not told of.
_LOOK_AGAIN = timedelta(minutes=30)


class Sessions:
    """The sessions of one 客服 account."""

    def __init__(self, account: KfAccount, client: KfClient, database: Database) -> None:
        self._account = account
        self._client = client
        self._database = database

    async def do_greet(self, openid: str) -> None:
        """See to it that the session of a citizen who writes is ours, or known to be somebody else's."""
        try:
            async with self._alone(openid) as session:
                await self._look(session, openid)
        except WechatError as error:
            # What the citizen wrote is taken all the same; sending looks again.
            logger.warning("the state of a session is not known", code=error.code, words=error.words)

    async def ready(self, openid: str, *, fresh: bool = False) -> str:
        """See to it that the citizen can be written to; return the code when only one message can, by it.

        Args:
            fresh: what was heard last is not right any more.

        Raises:
            WechatError: nobody can write now; or the platform does not say.
        """
        async with self._alone(openid) as session:
            contact = await session.get_one(WechatContact, openid)
            if contact.service_state == OURS and not fresh:
                return ""
            state = await self._look(session, openid)
            if state in (NEW, OURS):
                return ""
            if code := self._code_of(contact):
                contact.event_code = None
                return code
        raise WechatError(95013 if state == OVER else 95018, "the session is not ours", KF)

    async def do_note_moved(self, openid: str, to: str, code: str) -> tuple[str, str] | None:
        """Somebody in 企业微信 has taken the session (``to``: who), or ended it; ``code``: for a message about that.

        Returns:
            The words with which it ended, and the code to say them with.
        """
        async with self._alone(openid) as session:
            contact = await session.get(WechatContact, openid)
            if contact is None:
                return None
            words = await self._note(session, contact, THERE if to else OVER, to)
            return (words, code) if words and code else None

    async def do_note_there(self, openid: str, userid: str) -> bool:
        """Somebody in 企业微信 speaks with the citizen; tells whether we know that citizen."""
        async with self._alone(openid) as session:
            contact = await session.get(WechatContact, openid)
            if contact is None:
                return False
            if contact.service_state != THERE:
                await self._note(session, contact, THERE, userid)
            return True

    async def do_move(self, openid: str, to: int) -> None:
        """Bring a session to those who wait there, or end one that waits.

        Raises:
            WechatError: it did not go.
        """
        async with self._alone(openid) as session:
            contact, mode = await self._standing(session, openid)
            wanted = WAITING if mode == "queued" else OVER if contact.service_state == WAITING else None
            if wanted != to or contact.service_state in (to, THERE):
                return  # somebody was faster
            code = await self._client.move(openid, to)
            await self._note(session, contact, to, "", code, moved=True)

    async def do_look(self, openid: str) -> None:
        """Look where a session is that is not ours.

        Raises:
            WechatError: the platform does not say.
        """
        async with self._alone(openid) as session:
            await self._look(session, openid)

    # Below: parts of the above.

    @asynccontextmanager
    async def _alone(self, openid: str) -> AsyncIterator[AsyncSession]:
        """A transaction; no other process moves this session meanwhile. Rows are held only at its end."""
        async with self._database.transaction() as session:
            await session.execute(select(func.pg_advisory_xact_lock(_LOCK, func.hashtext(openid))))
            yield session

    async def _standing(self, session: AsyncSession, openid: str) -> tuple[WechatContact, str]:
        query = (
            select(WechatContact, Conversation.mode)
            .join(Conversation, Conversation.id == WechatContact.conversation_id)
            .where(WechatContact.openid == openid)
        )
        contact, mode = (await session.execute(query)).one()
        return contact, mode

    async def _look(self, session: AsyncSession, openid: str) -> int:
        """Ask for the state, make the session ours when it is nobody's, end it when its citizen waits no more."""
        contact, mode = await self._standing(session, openid)
        before = contact.service_state
        state, who = await self._client.state(openid)
        code = ""
        if state == NEW:
            try:
                await self._client.move(openid, OURS)
                state = OURS
            except WechatError as error:  # we may write in it all the same
                logger.warning("a session is not ours", code=error.code, words=error.words)
        elif state == WAITING and before == WAITING and mode == "bot":
            code = await self._client.move(openid, OVER)
            state = OVER
        await self._note(session, contact, state, who, code)
        return state

    async def _note(
        self,
        session: AsyncSession,
        contact: WechatContact,
        state: int,
        who: str,
        code: str = "",
        *,
        moved: bool = False,
    ) -> str:
        """Note where the session is, and have the conversation follow; return what is to be said about it.

        Args:
            moved: we have brought it there, as the conversation was a moment ago.
        """
        await session.refresh(contact, with_for_update=True)
        before = contact.service_state
        contact.service_state, contact.moves = state, 0
        contact.next_move_at = now() + _LOOK_AGAIN if state in (WAITING, THERE) else None
        if code:
            contact.event_code, contact.event_code_until = code, now() + _CODE_LASTS[state]
        elif state != before:
            contact.event_code = None
        if state == THERE:
            await elsewhere.taken(session, contact.conversation_id, self._account.agent(who), WHERE)
        elif state == WAITING and before != WAITING:
            if not moved or await self._is_queued(session, contact):
                await elsewhere.waits(session, contact.conversation_id, WHERE)
        elif state not in (WAITING, THERE) and before in (WAITING, THERE):
            return await elsewhere.ended(session, contact.conversation_id)
        return ""

    @staticmethod
    async def _is_queued(session: AsyncSession, contact: WechatContact) -> bool:
        query = select(Conversation.mode).where(Conversation.id == contact.conversation_id)
        return await session.scalar(query) == "queued"

    @staticmethod
    def _code_of(contact: WechatContact) -> str:
        until = contact.event_code_until
        return contact.event_code or "" if until is not None and until > now() else ""
