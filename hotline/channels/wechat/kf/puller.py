"""Pulls what has happened at 微信客服: when a callback says so, and now and then by itself.

A page is taken while the account's row is held, and then the place behind it is kept: whoever is killed in between takes the page
again, and every entry in it does the same, once. Nothing depends on a callback: a lost one is made up for within
``poll_seconds``; without a callback's token the platform allows few looks, so no process looks more often than that.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.channels.wechat.calls import WechatError
from hotline.channels.wechat.kf.account import KfAccount
from hotline.channels.wechat.kf.client import KfClient
from hotline.channels.wechat.kf.codes import TOKEN_OVER
from hotline.channels.wechat.kf.messages import Item, read
from hotline.channels.wechat.models import WechatCursor
from hotline.database import Database, now

logger = structlog.get_logger(__name__)

#: Citizens whose messages are taken side by side.
_SIDE_BY_SIDE = 6
#: What was said so long before the account was connected is not ours.
_BEFORE = timedelta(minutes=10)
#: After a failure it is looked again so much later, in seconds; each time twice that, up to the second.
_PAUSE, _MOST = 1.0, 30.0
#: The same after a refusal that does not pass by itself: a number that is used up, wrong settings.
_LATER, _LATEST = 60.0, 300.0


class Puller:
    """Pulls for one account in this process; several processes may."""

    def __init__(
        self,
        account: KfAccount,
        client: KfClient,
        database: Database,
        take: Callable[[Item], Awaitable[None]],
    ) -> None:
        """
        Args:
            take: takes one entry; again with the same one it does nothing.
        """
        self._account = account
        self._client = client
        self._database = database
        self._take = take
        self._token = ""
        self._called = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin, with what was said while no process was there."""
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Stop; whoever starts next goes on."""
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    def call(self, token: str) -> None:
        """A callback has come."""
        self._token = token
        self._called.set()

    async def _run(self) -> None:
        pause = 0.0
        while True:
            if not pause:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._called.wait(), self._account.poll_seconds / 4)
            else:
                await asyncio.sleep(pause)
            called = self._called.is_set()
            self._called.clear()
            try:
                while await self.do_pull(self._token if called else "", called=called):
                    pass
                pause = 0.0
            except WechatError as error:
                if error.code == TOKEN_OVER:
                    self._token = ""
                passes = error.meaning == "again"
                first, most = (_PAUSE, _MOST) if passes else (_LATER, _LATEST)
                pause = min(max(pause * 2, first), most)
                logger.warning("messages could not be pulled", code=error.code, words=error.words)
            except OperationalError as error:
                pause = _PAUSE
                logger.warning("pulling waits for the database", error=str(error.orig).strip())
            except Exception:
                pause = min(max(pause * 2, _PAUSE), _MOST)
                logger.exception("pulling failed; it goes on")
            if pause and called:
                self._called.set()  # what the callback told of is still there

    async def do_pull(self, token: str, *, called: bool) -> bool:
        """Take the next page; return whether there may be another one at once.

        Args:
            called: a callback says there is something; else it is only looked when nobody has looked for a while.

        Raises:
            WechatError: the platform refuses.
        """
        async with self._database.transaction() as session:
            row = await self._row(session, wait=called)
            if row is None or not (called or self._is_time(row.looked_at)):
                return False
            page = await self._client.pull(row.value, token)
            await self._take_all(page.get("msg_list") or [], since=row.created_at - _BEFORE)
            row.value = str(page.get("next_cursor") or row.value)
            more = bool(page["has_more"])
            # Who comes next goes on at once, also after a crash here.
            row.looked_at = None if more else now()
            return more

    # Below: parts of the above.

    def _is_time(self, looked_at: datetime | None) -> bool:
        pause = timedelta(seconds=self._account.poll_seconds)
        return looked_at is None or looked_at < now() - pause

    async def _row(self, session: AsyncSession, *, wait: bool) -> WechatCursor | None:
        """The account's row, held; None: another process looks just now, and nobody waits for it."""
        account = self._account.open_kfid
        first = insert(WechatCursor).values(account=account, value="", created_at=now())
        query = select(WechatCursor).where(WechatCursor.account == account)
        if await session.scalar(select(WechatCursor.account).where(WechatCursor.account == account)) is None:
            await session.execute(first.on_conflict_do_nothing())
        held = query.with_for_update(skip_locked=not wait).execution_options(populate_existing=True)
        found: WechatCursor | None = (await session.scalars(held)).one_or_none()
        return found

    async def _take_all(self, messages: list[dict[str, Any]], *, since: datetime) -> None:
        """Take a page: each citizen's entries in order, several citizens side by side."""
        by_citizen: dict[str, list[Item]] = {}
        for message in messages:
            item = read(message)
            if item is not None and item.created >= since.timestamp():
                by_citizen.setdefault(item.openid, []).append(item)
        places = asyncio.Semaphore(_SIDE_BY_SIDE)

        async def one(items: list[Item]) -> None:
            async with places:
                for item in items:
                    await self._take_one(item)

        await asyncio.gather(*(one(items) for items in by_citizen.values()))

    async def _take_one(self, item: Item) -> None:
        """Take it; what cannot be taken must not keep all that comes after it from being taken."""
        for last in (False, True):
            try:
                await self._take(item)
            except OperationalError:
                raise
            except Exception:
                if last:
                    logger.exception("an entry could not be taken and is left out", kind=type(item).__name__)
            else:
                return
