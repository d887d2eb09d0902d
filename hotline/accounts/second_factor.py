"""The authenticator (动态口令): offered, confirmed with its first code, and given up, each with the password."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.accounts import texts, totp
from hotline.accounts.errors import AccountError
from hotline.accounts.login import Logins
from hotline.accounts.models import Account
from hotline.accounts.sessions import Current, main_role, subject
from hotline.audit.service import record
from hotline.database import Database, now


class SecondFactor:
    """The authenticators of one hotline's people."""

    def __init__(
        self, database: Database, logins: Logins, *, issuer: str, clock: Callable[[], datetime] = now
    ) -> None:
        """
        Args:
            issuer: what the authenticator calls the hotline.
        """
        self._database = database
        self._logins = logins
        self._issuer = issuer
        self._clock = clock

    async def do_offer(self, current: Current, password: str) -> tuple[str, str]:
        """Make a secret; it counts only when it is confirmed.

        Returns:
            The secret in base32, and what the QR code says.

        Raises:
            AccountError: the password is wrong, or an authenticator is in use.
        """
        await self._logins.check_password(current, password)
        secret = totp.new_secret()
        async with self._database.transaction() as session:
            account = await _lock(session, current)
            if account.totp is not None:
                raise AccountError("changed", texts.TOTP_ON)
            account.totp_offered = secret
        return secret, totp.uri(secret, number=current.account.number, issuer=self._issuer)

    async def do_confirm(self, current: Current, code: str) -> list[str]:
        """Use the offered secret from now on.

        Returns:
            The recovery codes, shown once.

        Raises:
            AccountError: the code is wrong, or nothing was offered.
        """
        at = self._clock()
        async with self._database.transaction() as session:
            account = await _lock(session, current)
            if account.totp is not None:
                raise AccountError("changed", texts.TOTP_ON)
            if account.totp_offered is None:
                raise AccountError("changed", texts.TOTP_NOT_OFFERED)
            # Guessing is of no use here: who is asked has been shown the secret.
            step = totp.matching_step(account.totp_offered, code, at)
            if step is None:
                raise AccountError("code_wrong", texts.CODE_WRONG)
            codes = totp.new_recovery_codes()
            account.totp, account.totp_offered, account.totp_step = account.totp_offered, None, step
            account.recovery = [totp.recovery_digest(code) for code in codes]
            await _record(session, account, "启用动态口令", current)
        return codes

    async def do_remove(self, current: Current, password: str) -> None:
        """Log in without authenticator again.

        Raises:
            AccountError: the password is wrong, or there is none.
        """
        await self._logins.check_password(current, password)
        async with self._database.transaction() as session:
            account = await _lock(session, current)
            if account.totp is None:
                raise AccountError("changed", texts.TOTP_OFF)
            account.totp = account.totp_offered = account.totp_step = None
            account.recovery = []
            await _record(session, account, "停用动态口令", current)


async def _lock(session: AsyncSession, current: Current) -> Account:
    query = select(Account).where(Account.id == current.account.id).with_for_update()
    return (await session.scalars(query)).one()


async def _record(session: AsyncSession, account: Account, action: str, current: Current) -> None:
    await record(
        session,
        actor=account.number,
        role=main_role(account),
        action=action,
        subject=subject(account),
        address=current.session.address,
    )
