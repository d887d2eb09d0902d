"""People at work: added, changed, given a new password, deactivated, by an administrator or on the server itself.

Every change is in the audit, in the transaction in which it is done; no password ever is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.accounts import texts
from hotline.accounts.errors import AccountError
from hotline.accounts.models import Account
from hotline.accounts.passwords import Passwords, one_time
from hotline.accounts.roles import ADMIN, UNIT, check_roles
from hotline.accounts.sessions import revoke_all, subject
from hotline.audit.service import record
from hotline.database import Database, now
from hotline.dispatch.units import Units, UnknownUnit

_NUMBER = re.compile(r"[0-9]{1,8}")
_MOST_NAME, _MOST_TEAM = 20, 30


@dataclass(frozen=True, kw_only=True)
class By:
    """Who changes something: a number, or in words the command line."""

    name: str
    role: str = ADMIN
    address: str | None = None


COMMAND_LINE = By(name="命令行")


@dataclass(frozen=True, kw_only=True)
class Change:
    """What is to be changed; None: it stays. An empty ``team`` or ``unit`` takes it away."""

    name: str | None = None
    team: str | None = None
    roles: Collection[str] | None = None
    unit: str | None = None
    active: bool | None = None


class Accounts:
    """The people of one hotline."""

    def __init__(
        self,
        database: Database,
        passwords: Passwords,
        units: Units,
        *,
        temporary: timedelta = timedelta(hours=72),
        clock: Callable[[], datetime] = now,
    ) -> None:
        """
        Args:
            temporary: for how long a password may be used that somebody else has made.
        """
        self._database = database
        self._passwords = passwords
        self.units = units
        self._temporary = temporary
        self._clock = clock

    async def all(self) -> Sequence[Account]:
        """Everybody, by number."""
        query = select(Account).order_by(Account.active.desc(), Account.number)
        async with self._database.transaction() as session:
            return (await session.scalars(query)).all()

    async def find(self, number: str) -> Account:
        """One person.

        Raises:
            AccountError: there is none.
        """
        async with self._database.transaction() as session:
            return await _find(session, number)

    async def do_add(
        self,
        *,
        number: str,
        name: str,
        roles: Collection[str],
        by: By,
        team: str = "",
        unit: str | None = None,
    ) -> tuple[Account, str]:
        """Add somebody; the password that comes back is shown once and must be changed at the first login.

        Raises:
            AccountError: with what is wrong, or the number is taken.
        """
        password = one_time()
        account = await self.prepare(
            number=number, name=name, roles=roles, team=team, unit=unit, password=password, by=by
        )
        account.temporary_until = self._clock() + self._temporary
        async with self._database.transaction() as session:
            await self.insert(session, account, by)
        return account, password

    async def prepare(
        self,
        *,
        number: str,
        name: str,
        roles: Collection[str],
        password: str,
        by: By,
        team: str = "",
        unit: str | None = None,
    ) -> Account:
        """Somebody new, checked and with a hashed password, in no transaction yet.

        Raises:
            AccountError: with what is wrong.
        """
        number = check_number(number)
        unit = self._unit(unit)
        at = self._clock()
        return Account(
            number=number,
            name=_words(name, "姓名", _MOST_NAME),
            team=_words(team, "组", _MOST_TEAM, needed=False),
            roles=check_roles(roles, unit),
            unit=unit,
            active=True,
            password=await self._passwords.hash(password),
            temporary_until=None,
            password_changed_at=at,
            tries=0,
            recovery=[],
            created_at=at,
            created_by=by.name,
        )

    async def insert(self, session: AsyncSession, account: Account, by: By) -> None:
        """Keep somebody new, in the caller's transaction, which is over when the number is taken.

        Raises:
            AccountError: the number is taken.
        """
        session.add(account)
        try:
            await session.flush()
        except IntegrityError:
            raise AccountError("taken", texts.TAKEN.format(number=account.number)) from None
        detail = {"name": account.name, "team": account.team, "roles": account.roles, "unit": account.unit}
        await _record(session, by, "添加人员", account, {k: v for k, v in detail.items() if v})

    async def do_change(self, number: str, change: Change, by: By) -> Account:
        """Change somebody. New roles, another unit and being deactivated end all of the person's sessions.

        Raises:
            AccountError: with what is wrong, or nobody would be administrator any more.
        """
        async with self._database.transaction() as session:
            # Before the one who is changed: two administrators who take each other away come one after the other.
            admins = await self._lock_admins(session)
            account = await self._lock(session, number)
            before = {name: getattr(account, name) for name in ("name", "team", "roles", "unit", "active")}
            after = before | self._wanted(account, change)
            if after == before:
                raise AccountError("invalid", texts.NOTHING_TO_CHANGE)
            stays = after["active"] and ADMIN in after["roles"]
            if admins == {account.id} and not stays:
                raise AccountError("last_admin", texts.LAST_ADMIN)
            for name, value in after.items():
                setattr(account, name, value)
            if any(after[name] != before[name] for name in ("roles", "unit", "active")):
                await revoke_all(session, account)
            changed = {name: value for name, value in after.items() if value != before[name]}
            action = {True: "启用账号", False: "停用账号"}.get(changed.pop("active", None), "修改人员")
            detail = {name: {"from": before[name], "to": value} for name, value in changed.items()}
            await _record(session, by, action, account, detail)
        return account

    async def do_reset(self, number: str, by: By, *, without_totp: bool = False) -> str:
        """Give somebody a new password, to be changed at the next login; all sessions end, a lock is opened.

        Args:
            without_totp: also forget the authenticator, when the phone is lost.

        Returns:
            The password, shown once.

        Raises:
            AccountError: there is no such person, or the account is not active.
        """
        password = one_time()
        kept = await self._passwords.hash(password)
        at = self._clock()
        async with self._database.transaction() as session:
            account = await self._lock(session, number)
            if not account.active:
                raise AccountError("invalid", texts.NOT_ACTIVE.format(number=number))
            account.password, account.password_changed_at = kept, at
            account.temporary_until = at + self._temporary
            account.tries, account.locked_until = 0, None
            if without_totp:
                account.totp = account.totp_offered = account.totp_step = None
                account.recovery = []
            await revoke_all(session, account)
            await _record(session, by, "重置密码", account, {"totp_removed": True} if without_totp else {})
        return password

    async def do_unlock(self, number: str, by: By) -> Account:
        """Open the lock of too many wrong tries.

        Raises:
            AccountError: there is no such person.
        """
        async with self._database.transaction() as session:
            account = await self._lock(session, number)
            account.tries, account.locked_until = 0, None
            await _record(session, by, "解锁账号", account)
        return account

    async def do_deactivate(self, number: str, by: By) -> Account:
        """Let somebody in no more; what the person did stays.

        Raises:
            AccountError: there is no such person, or nobody would be administrator any more.
        """
        return await self.do_change(number, Change(active=False), by)

    def _wanted(self, account: Account, change: Change) -> dict[str, Any]:
        after: dict[str, Any] = {}
        if change.name is not None:
            after["name"] = _words(change.name, "姓名", _MOST_NAME)
        if change.team is not None:
            after["team"] = _words(change.team, "组", _MOST_TEAM, needed=False)
        if change.roles is not None or change.unit is not None:
            roles = account.roles if change.roles is None else change.roles
            kept = account.unit if UNIT in roles else None
            unit = kept if change.unit is None else self._unit(change.unit)
            after |= {"roles": check_roles(roles, unit), "unit": unit}
        if change.active is not None:
            after["active"] = change.active
        return after

    def _unit(self, words: str | None) -> str | None:
        if not words:
            return None
        try:
            return self.units.find(words).code
        except UnknownUnit:
            raise AccountError("unknown_unit", texts.UNKNOWN_UNIT.format(unit=words)) from None

    @staticmethod
    async def _lock(session: AsyncSession, number: str) -> Account:
        return await _find(session, number, lock=True)

    @staticmethod
    async def _lock_admins(session: AsyncSession) -> set[int]:
        query = (
            select(Account.id)
            .where(Account.active, Account.roles.contains([ADMIN]))
            .order_by(Account.id)
            .with_for_update()
        )
        return set((await session.scalars(query)).all())


def check_number(number: str) -> str:
    """The number without blanks around it.

    Raises:
        AccountError: it is none.
    """
    number = number.strip()
    if not _NUMBER.fullmatch(number):
        raise AccountError("invalid", texts.BAD_NUMBER)
    return number


async def _find(session: AsyncSession, number: str, *, lock: bool = False) -> Account:
    query = select(Account).where(Account.number == number)
    account = await session.scalar(query.with_for_update() if lock else query)
    if account is None:
        raise AccountError("not_found", texts.NO_ACCOUNT.format(number=number))
    return account


def _words(words: str, name: str, most: int, *, needed: bool = True) -> str:
    words = words.strip()
    if (needed and not words) or len(words) > most or not words.isprintable():
        raise AccountError("invalid", texts.BAD_WORDS.format(name=name, most=most))
    return words


async def _record(
    session: AsyncSession, by: By, action: str, account: Account, detail: dict[str, Any] | None = None
) -> None:
    await record(
        session,
        actor=by.name,
        role=by.role,
        action=action,
        subject=subject(account),
        detail=detail,
        address=by.address,
    )
