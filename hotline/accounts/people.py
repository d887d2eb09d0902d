"""All that concerns the people at work, put together; held by the application as ``app.state.people``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from hotline.accounts.login import Logins
from hotline.accounts.passwords import Passwords
from hotline.accounts.second_factor import SecondFactor
from hotline.accounts.service import Accounts
from hotline.accounts.sessions import Sessions
from hotline.accounts.setup import Setup
from hotline.channels.web.limits import AddressLimits
from hotline.database import Database, now
from hotline.dispatch.units import Units
from hotline.settings import Settings


@dataclass(frozen=True, kw_only=True)
class People:
    """The accounts of one hotline, and all ways in."""

    settings: Settings
    accounts: Accounts
    sessions: Sessions
    logins: Logins
    second_factor: SecondFactor
    setup: Setup
    limits: AddressLimits

    @classmethod
    def of(
        cls,
        settings: Settings,
        database: Database,
        units: Units,
        *,
        hotline: str,
        clock: Callable[[], datetime] = now,
    ) -> People:
        """With the limits of the settings.

        Args:
            hotline: the hotline's name, as authenticators show it.
        """
        passwords = Passwords.of(settings)
        sessions = Sessions(
            database,
            idle=timedelta(minutes=settings.session_idle_minutes),
            longest=timedelta(hours=settings.session_hours),
            clock=clock,
        )
        logins = Logins(
            database,
            passwords,
            sessions,
            signing_key=settings.secret("signing_key"),
            tries=settings.login_tries,
            lock=timedelta(minutes=settings.login_lock_minutes),
            clock=clock,
        )
        temporary = timedelta(hours=settings.temporary_password_hours)
        return cls(
            settings=settings,
            accounts=Accounts(database, passwords, units, temporary=temporary, clock=clock),
            sessions=sessions,
            logins=logins,
            second_factor=SecondFactor(database, logins, issuer=hotline, clock=clock),
            setup=Setup(database, clock=clock),
            limits=AddressLimits(),
        )
