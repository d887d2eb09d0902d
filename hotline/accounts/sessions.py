"""Sessions: a random token in the browser's cookie, its hash in the database.

A token is 256 random bits, so its plain SHA-256 is kept: there is nothing to guess. The token against forged requests
follows from it: whoever reads the database has neither.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.accounts import texts
from hotline.accounts.errors import AccountError
from hotline.accounts.models import Account, AccountSession
from hotline.audit.service import record
from hotline.database import Database, now

#: When somebody was last seen is written down once in so long.
_PRECISION = timedelta(minutes=1)
_MOST_WORDS = 64


@dataclass(frozen=True, kw_only=True)
class Where:
    """Where somebody sits: the network address, and what the browser is, in words."""

    address: str
    device: str


@dataclass(frozen=True, kw_only=True)
class Current:
    """Somebody who is logged in, and by which session."""

    account: Account
    session: AccountSession
    #: What a changing request must carry (``X-CSRF-Token``).
    csrf: str


def subject(account: Account) -> str:
    """What the audit calls an account. A blank instead of the hyphen would make a telephone number of eight digits."""
    return f"账号-{account.number}"


def main_role(account: Account) -> str:
    """The role under which the audit keeps what somebody does with accounts."""
    return account.roles[0]


class Sessions:
    """The sessions of one hotline."""

    def __init__(
        self, database: Database, *, idle: timedelta, longest: timedelta, clock: Callable[[], datetime] = now
    ) -> None:
        """
        Args:
            idle: a session of which nothing is heard for so long is over.
            longest: a session is over after so long, however busy.
        """
        self._database = database
        self.idle = idle
        self._longest = longest
        self._clock = clock

    async def open(self, session: AsyncSession, account: Account, where: Where) -> str:
        """Begin a session, in the caller's transaction, and clear away all that are over.

        Returns:
            The token for the cookie.
        """
        at = self._clock()
        over = (AccountSession.ends_at <= at) | (AccountSession.last_seen_at <= at - self.idle)
        # What another transaction is clearing away is left to it.
        ids = select(AccountSession.id).where(over).with_for_update(skip_locked=True)
        await session.execute(delete(AccountSession).where(AccountSession.id.in_(ids)))
        token = secrets.token_urlsafe(32)
        session.add(
            AccountSession(
                account_id=account.id,
                digest=_digest(token),
                device=where.device,
                address=where.address[:_MOST_WORDS],
                created_at=at,
                last_seen_at=at,
                ends_at=at + self._longest,
            )
        )
        await session.flush()
        return token

    async def find(self, token: str) -> Current | None:
        """Who has this token; None: nobody, or the session is over. One query by an index."""
        at = self._clock()
        query = (
            select(AccountSession, Account)
            .join(Account, Account.id == AccountSession.account_id)
            .where(
                AccountSession.digest == _digest(token),
                AccountSession.ends_at > at,
                AccountSession.last_seen_at > at - self.idle,
                Account.active,
            )
        )
        async with self._database.transaction() as session:
            row = (await session.execute(query)).one_or_none()
            if row is None:
                return None
            found, account = row
            if at - found.last_seen_at >= _PRECISION:
                # Not by way of the object: one of many requests at a time writes, the others need not wait.
                await session.execute(
                    update(AccountSession)
                    .where(AccountSession.id == found.id, AccountSession.last_seen_at <= at - _PRECISION)
                    .values(last_seen_at=at)
                    .execution_options(synchronize_session=False)
                )
        return Current(account=account, session=found, csrf=csrf_of(token))

    async def of(self, account: Account) -> Sequence[AccountSession]:
        """The sessions of somebody, the one used last first."""
        at = self._clock()
        query = (
            select(AccountSession)
            .where(
                AccountSession.account_id == account.id,
                AccountSession.ends_at > at,
                AccountSession.last_seen_at > at - self.idle,
            )
            .order_by(AccountSession.last_seen_at.desc(), AccountSession.id.desc())
        )
        async with self._database.transaction() as session:
            return (await session.scalars(query)).all()

    async def do_log_out(self, current: Current) -> None:
        """End the session that is used."""
        async with self._database.transaction() as session:
            await session.execute(delete(AccountSession).where(AccountSession.id == current.session.id))
            await self._record(session, current, "退出登录")

    async def do_revoke(self, current: Current, session_id: int) -> None:
        """End one of one's own sessions.

        Raises:
            AccountError: it is not there, or somebody else's.
        """
        query = (
            delete(AccountSession)
            .where(AccountSession.id == session_id, AccountSession.account_id == current.account.id)
            .returning(AccountSession.device)
        )
        async with self._database.transaction() as session:
            device = await session.scalar(query)
            if device is None:
                raise AccountError("not_found", texts.NO_SESSION)
            await self._record(session, current, "结束登录", {"device": device})

    async def do_revoke_others(self, current: Current) -> int:
        """End all of one's own sessions but the one that is used.

        Returns:
            How many there were.
        """
        async with self._database.transaction() as session:
            ended = await revoke_all(session, current.account, but=current.session.id)
            await self._record(session, current, "结束其他登录", {"count": ended})
            return ended

    @staticmethod
    async def _record(
        session: AsyncSession, current: Current, action: str, detail: dict[str, object] | None = None
    ) -> None:
        account = current.account
        await record(
            session,
            actor=account.number,
            role=main_role(account),
            action=action,
            subject=subject(account),
            detail=detail,
            address=current.session.address,
        )


async def revoke_all(session: AsyncSession, account: Account, *, but: int | None = None) -> int:
    """End the sessions of somebody, in the caller's transaction.

    Returns:
        How many there were.
    """
    query = delete(AccountSession).where(AccountSession.account_id == account.id)
    if but is not None:
        query = query.where(AccountSession.id != but)
    return len((await session.scalars(query.returning(AccountSession.id))).all())


def csrf_of(token: str) -> str:
    """The token against forged requests that goes with a session's token."""
    return hmac.new(token.encode("utf-8", "replace"), b"csrf", hashlib.sha256).hexdigest()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
