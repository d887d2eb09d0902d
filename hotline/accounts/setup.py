"""The link with which an administrator who has no account yet comes in: the first one, or when all are locked out.

Whoever can read what ``make run`` prints, or run a command on the server, could write into the database as well.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from hotline.accounts import texts
from hotline.accounts.errors import AccountError
from hotline.accounts.models import Account, SetupLink
from hotline.accounts.passwords import problem
from hotline.accounts.roles import ADMIN
from hotline.accounts.service import COMMAND_LINE, Accounts, By
from hotline.accounts.sessions import Sessions, Where
from hotline.audit.service import record
from hotline.database import Database, now

HOURS = 24


class Setup:
    """The setup link of one hotline."""

    def __init__(self, database: Database, *, clock: Callable[[], datetime] = now) -> None:
        self._database = database
        self._clock = clock

    async def is_needed(self) -> bool:
        """Whether there is no active administrator."""
        query = select(Account.id).where(Account.active, Account.roles.contains([ADMIN])).limit(1)
        async with self._database.transaction() as session:
            return await session.scalar(query) is None

    async def do_make(self, by: By = COMMAND_LINE) -> str:
        """A fresh token; any made before is good no more."""
        token = secrets.token_urlsafe(32)
        at = self._clock()
        async with self._database.transaction() as session:
            await session.execute(delete(SetupLink))
            expires = at + timedelta(hours=HOURS)
            session.add(SetupLink(digest=_digest(token), created_at=at, expires_at=expires))
            await record(
                session, actor=by.name, role=by.role, action="生成首次登录链接", subject="首次登录链接"
            )
        return token

    async def do_use(
        self,
        token: str,
        *,
        number: str,
        name: str,
        password: str,
        accounts: Accounts,
        sessions: Sessions,
        where: Where,
    ) -> tuple[Account, str]:
        """Make an administrator, who is logged in at once; the token is used up by that.

        Returns:
            The account, and the token of its session.

        Raises:
            AccountError: the token is not good, or something about the person is not.
        """
        number = number.strip()
        fits = (SetupLink.digest == _digest(token)) & (SetupLink.expires_at > self._clock())
        async with self._database.transaction() as session:
            known = await session.scalar(select(SetupLink.id).where(fits))
        if known is None:
            raise AccountError("link_over", texts.LINK_OVER)
        if wrong := problem(password, number=number, name=name):
            raise AccountError("weak_password", wrong)
        by = By(name=number, address=where.address)
        account = await accounts.prepare(number=number, name=name, roles=[ADMIN], password=password, by=by)
        account.last_login_at = self._clock()
        async with self._database.transaction() as session:
            # Of two who use it at once one finds it gone.
            if await session.scalar(delete(SetupLink).where(fits).returning(SetupLink.id)) is None:
                raise AccountError("link_over", texts.LINK_OVER)
            await accounts.insert(session, account, by)
            return account, await sessions.open(session, account, where)


def first_login_link(database_url: str, base: str) -> str | None:
    """The link for the first administrator; None: there is one already.

    Args:
        base: where the console is reached, ``http://127.0.0.1:12345``.
    """

    async def make() -> str | None:
        database = Database(database_url, pool_size=1)
        try:
            setup = Setup(database)
            return link(base, await setup.do_make()) if await setup.is_needed() else None
        finally:
            await database.close()

    return asyncio.run(make())


def link(base: str, token: str) -> str:
    """The address to open. The token stands after the ``#``: browsers do not send that, so it is in no log."""
    return f"{base.rstrip('/')}/console/setup#{token}"


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
