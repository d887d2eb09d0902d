"""Tables of the accounts: people, their sessions, and the link with which the first of them comes in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from hotline.accounts.roles import ROLES, UNIT
from hotline.database import Base, now

_ROLES = ", ".join(f"'{role}'" for role in ROLES)


class Account(Base):
    """One person at work."""

    __tablename__ = "account"
    __table_args__ = (
        CheckConstraint("number ~ '^[0-9]{1,8}$'", name="number"),
        CheckConstraint(f"cardinality(roles) > 0 AND roles <@ ARRAY[{_ROLES}]", name="roles"),
        CheckConstraint(f"('{UNIT}' = ANY (roles)) = (unit IS NOT NULL)", name="unit"),
    )

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    #: 工号: what citizens see of the person.
    number: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    #: 组; empty: none.
    team: Mapped[str] = mapped_column(Text, default="")
    roles: Mapped[list[str]] = mapped_column(ARRAY(Text))
    #: The code of the unit that somebody of a unit belongs to.
    unit: Mapped[str | None] = mapped_column(Text)
    active: Mapped[bool] = mapped_column(default=True)
    #: Argon2id, in its own notation with parameters and salt.
    password: Mapped[str] = mapped_column(Text)
    #: Until when a password that somebody else has made may be used, to be changed at once; None: it is the person's own.
    temporary_until: Mapped[datetime | None]
    password_changed_at: Mapped[datetime] = mapped_column(default=now)
    #: Wrong tries in a row.
    tries: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    #: The secret of the authenticator in base32; ``totp_offered`` is not confirmed yet.
    totp: Mapped[str | None] = mapped_column(Text)
    totp_offered: Mapped[str | None] = mapped_column(Text)
    #: The 30-second step of the code used last: none is taken twice.
    totp_step: Mapped[int | None] = mapped_column(BigInteger)
    #: SHA-256 of the recovery codes that are left.
    recovery: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    created_at: Mapped[datetime] = mapped_column(default=now)
    created_by: Mapped[str] = mapped_column(Text)
    last_login_at: Mapped[datetime | None]

    @property
    def must_change(self) -> bool:
        """Whether the password was made by somebody else."""
        return self.temporary_until is not None


class AccountSession(Base):
    """One browser in which somebody is logged in. The token is not kept, only what tells whether it is the one."""

    __tablename__ = "account_session"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey(Account.id), index=True)
    #: SHA-256 of the token, hexadecimal.
    digest: Mapped[str] = mapped_column(Text, unique=True)
    #: What the browser is, in words.
    device: Mapped[str] = mapped_column(Text)
    address: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    #: Written at most once a minute.
    last_seen_at: Mapped[datetime]
    #: When it is over, however busy.
    ends_at: Mapped[datetime] = mapped_column(index=True)


class SetupLink(Base):
    """The link with which an administrator who has no account yet makes one. There is one at most; using it deletes it."""

    __tablename__ = "account_setup_link"

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    #: SHA-256 of the token, hexadecimal.
    digest: Mapped[str] = mapped_column(Text, unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
