"""Logging in: the password, then the authenticator's code when there is one; and changing the password.

A try is counted before the password is compared, under the account's row lock, so that many tries at once are counted
like many after each other. It is given back when it was right. No transaction is open while a password is compared.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.accounts import texts, totp
from hotline.accounts.errors import AccountError
from hotline.accounts.models import Account
from hotline.accounts.passwords import Passwords, problem
from hotline.accounts.service import check_number
from hotline.accounts.sessions import Current, Sessions, Where, main_role, revoke_all, subject
from hotline.audit.service import record
from hotline.database import Database, now

#: Between the password and the authenticator's code.
_CHALLENGE_SECONDS = 300
_NOBODY = "未登录"


@dataclass(frozen=True, kw_only=True)
class LoggedIn:
    """Somebody came in; ``token`` is for the cookie."""

    account: Account
    token: str


@dataclass(frozen=True, kw_only=True)
class SecondStep:
    """The password was right, and the authenticator's code is wanted."""

    challenge: str


@dataclass(frozen=True, kw_only=True)
class _Try:
    """A try that was counted; no account: nobody is let in, for ``refused``."""

    account: Account | None
    refused: str = ""


class Logins:
    """The way in to one hotline."""

    def __init__(
        self,
        database: Database,
        passwords: Passwords,
        sessions: Sessions,
        *,
        signing_key: str,
        tries: int = 5,
        lock: timedelta = timedelta(minutes=15),
        clock: Callable[[], datetime] = now,
    ) -> None:
        """
        Args:
            tries: wrong ones in a row that lock an account, and ``lock``: for how long.
        """
        self._database = database
        self._passwords = passwords
        self._sessions = sessions
        self._challenges = URLSafeTimedSerializer(signing_key, salt="second step")
        self._tries = tries
        self._lock = lock
        self._clock = clock

    async def do_log_in(self, number: str, password: str, where: Where) -> LoggedIn | SecondStep:
        """Let somebody in who knows the password.

        Raises:
            AccountError: the number or the password is wrong, or the account is locked or not active: all the same words
                and the same work; or the password was a temporary one whose time is over.
        """
        tried = await self._count(number)
        account = tried.account
        if not await self._passwords.matches(account.password if account else None, password):
            await self._note_failure(number, account, tried.refused or "密码不对", where)
            raise AccountError("login_failed", self._failed())
        assert account is not None
        fresh = (
            await self._passwords.hash(password) if self._passwords.is_outdated(account.password) else None
        )
        outcome = await self._let_in(account, where, rehashed=fresh)
        if isinstance(outcome, AccountError):
            raise outcome
        return outcome

    async def do_second_step(self, challenge: str, code: str, where: Where) -> LoggedIn:
        """Let somebody in who has the authenticator, or one of the recovery codes.

        Raises:
            AccountError: the code is wrong or was used, the account is locked, or the password was given too long ago.
        """
        try:
            number, mark = self._challenges.loads(challenge, max_age=_CHALLENGE_SECONDS)
        except (BadSignature, ValueError, TypeError):
            raise AccountError("challenge_over", texts.CHALLENGE_OVER) from None
        async with self._database.transaction() as session:
            outcome = await self._second_step(session, str(number), str(mark), code, where)
        if isinstance(outcome, AccountError):
            raise outcome
        return outcome

    async def check_password(self, current: Current, password: str) -> None:
        """Let somebody who is logged in show that it is still the same person. Wrong tries count as at the login.

        Raises:
            AccountError: the password is wrong, or the account is locked.
        """
        number = current.account.number
        tried = await self._count(number)
        if tried.account is None:
            raise AccountError("locked", self._locked(self._clock() + self._lock))
        if not await self._passwords.matches(tried.account.password, password):
            where = Where(address=current.session.address, device=current.session.device)
            await self._note_failure(number, tried.account, "密码不对", where)
            raise AccountError("wrong_password", texts.WRONG_PASSWORD)
        async with self._database.transaction() as session:
            self._give_back(await self._of(session, number))

    async def do_change_password(self, current: Current, old: str, new: str) -> str:
        """Change one's own password. All sessions end; a new one begins here.

        Returns:
            The new session's token.

        Raises:
            AccountError: the old one is wrong, or the new one is not good.
        """
        account = current.account
        if wrong := problem(new, number=account.number, name=account.name):
            raise AccountError("weak_password", wrong)
        await self.check_password(current, old)
        if await self._passwords.matches(account.password, new):
            raise AccountError("weak_password", texts.SAME_PASSWORD)
        kept = await self._passwords.hash(new)
        where = Where(address=current.session.address, device=current.session.device)
        async with self._database.transaction() as session:
            account = await self._of(session, account.number)
            account.password, account.password_changed_at = kept, self._clock()
            account.temporary_until = None
            await revoke_all(session, account)
            token = await self._sessions.open(session, account, where)
            await _record(session, account, "修改密码", where)
        return token

    def locked_until(self, account: Account) -> datetime | None:
        """Until when the account is locked; None: it is not."""
        until = account.locked_until
        return until if until is not None and until > self._clock() else None

    async def _count(self, number: str) -> _Try:
        """Count a try, if there is somebody who may come in."""
        try:
            number = check_number(number)
        except AccountError:
            return _Try(account=None, refused="工号不存在")
        at = self._clock()
        async with self._database.transaction() as session:
            account = await session.scalar(_by_number(number))
            if account is None:
                return _Try(account=None, refused="工号不存在")
            if not account.active:
                return _Try(account=None, refused="账号已停用")
            if not self._count_on(account, at):
                return _Try(account=None, refused="账号锁着")
        return _Try(account=account)

    def _count_on(self, account: Account, at: datetime) -> bool:
        """Count a try on a locked row; False: the account is locked. The last try locks it, until it was right."""
        if account.locked_until is not None:
            if account.locked_until > at:
                return False
            account.tries, account.locked_until = 0, None
        account.tries += 1
        if account.tries >= self._tries:
            account.locked_until = at + self._lock
        return True

    @staticmethod
    def _give_back(account: Account) -> None:
        """A try was right, though it is not the end of the login."""
        account.tries = max(0, account.tries - 1)
        account.locked_until = None

    async def _let_in(
        self, account: Account, where: Where, *, rehashed: str | None
    ) -> LoggedIn | SecondStep | AccountError:
        async with self._database.transaction() as session:
            seen, account = account, await self._of(session, account.number)
            if not account.active or account.password != seen.password:
                return AccountError("login_failed", self._failed())  # changed while it was compared
            if account.temporary_until is not None and account.temporary_until <= self._clock():
                self._give_back(account)
                return AccountError("temporary_over", texts.TEMPORARY_EXPIRED)
            if rehashed is not None:
                account.password = rehashed
            if account.totp is not None:
                self._give_back(account)
                return SecondStep(challenge=str(self._challenges.dumps([account.number, _mark(account)])))
            return await self._begin(session, account, where)

    async def _second_step(
        self, session: AsyncSession, number: str, mark: str, code: str, where: Where
    ) -> LoggedIn | AccountError:
        at = self._clock()
        account = await session.scalar(_by_number(number))
        if account is None or not account.active or account.totp is None or mark != _mark(account):
            return AccountError("challenge_over", texts.CHALLENGE_OVER)
        if not self._count_on(account, at):
            return AccountError("locked", self._locked(account.locked_until))
        step = totp.matching_step(account.totp, code, at, after=account.totp_step)
        left = None if step is not None else totp.without(account.recovery, code)
        if step is not None:
            account.totp_step = step
            return await self._begin(session, account, where)
        if left is not None:
            account.recovery = left
            return await self._begin(session, account, where, {"recovery_codes_left": len(left)})
        await self._record_failure(session, account, "动态口令不对", where)
        return AccountError("code_wrong", texts.CODE_WRONG)

    async def _begin(
        self, session: AsyncSession, account: Account, where: Where, detail: dict[str, Any] | None = None
    ) -> LoggedIn:
        account.tries, account.locked_until = 0, None
        account.last_login_at = self._clock()
        token = await self._sessions.open(session, account, where)
        await _record(session, account, "登录", where, {"device": where.device} | (detail or {}))
        return LoggedIn(account=account, token=token)

    async def _note_failure(self, number: str, account: Account | None, why: str, where: Where) -> None:
        async with self._database.transaction() as session:
            if account is not None:
                await self._record_failure(session, await self._of(session, account.number), why, where)
                return
            try:
                named = check_number(number)
            except AccountError:
                named = "未知"  # whatever was typed: it may be a password
            await record(
                session,
                actor=named,
                role=_NOBODY,
                action="登录失败",
                subject="登录",
                detail={"why": why},
                address=where.address,
            )

    async def _record_failure(self, session: AsyncSession, account: Account, why: str, where: Where) -> None:
        detail = {"why": why, "tries": account.tries}
        await _record(session, account, "登录失败", where, detail, role=_NOBODY)
        if account.locked_until is not None and account.tries == self._tries:
            await _record(session, account, "账号锁定", where, {"minutes": self._minutes}, role=_NOBODY)

    @staticmethod
    async def _of(session: AsyncSession, number: str) -> Account:
        return (await session.scalars(_by_number(number))).one()

    @property
    def _minutes(self) -> int:
        return math.ceil(self._lock / timedelta(minutes=1))

    def _failed(self) -> str:
        return texts.LOGIN_FAILED.format(tries=self._tries, minutes=self._minutes)

    def _locked(self, until: datetime | None) -> str:
        left = (until or self._clock()) - self._clock()
        return texts.LOCKED.format(minutes=max(1, math.ceil(left / timedelta(minutes=1))))


def _by_number(number: str) -> Select[Account]:
    return select(Account).where(Account.number == number).with_for_update()


def _mark(account: Account) -> str:
    """Changes with the password: a challenge does not outlive it."""
    return hashlib.sha256(account.password.encode()).hexdigest()[:16]


async def _record(
    session: AsyncSession,
    account: Account,
    action: str,
    where: Where,
    detail: dict[str, Any] | None = None,
    *,
    role: str | None = None,
) -> None:
    await record(
        session,
        actor=account.number,
        role=role or main_role(account),
        action=action,
        subject=subject(account),
        detail=detail,
        address=where.address,
    )
