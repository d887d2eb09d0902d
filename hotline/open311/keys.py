"""Keys with which other systems call: made, looked up, revoked. Every change is in the audit.

A key is 256 random bits, so its plain SHA-256 is kept: there is nothing to guess that a slow hash (argon2, as for
passwords) would make dearer, and a key is checked at every call.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import string
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update

from hotline.audit.service import record
from hotline.database import Database, now
from hotline.open311 import texts
from hotline.open311.errors import Open311Error
from hotline.open311.models import SCOPES, ApiKey

RATE, MAX_RATE = 60, 6000
_MAX_WORDS = 100
#: ``hk_<handle>_<secret>``: the handle finds the row, the whole is compared.
_KEY = re.compile(r"hk_([a-z]{8})_[A-Za-z0-9_-]{43}", re.ASCII)
#: The time of the last use is written down once in so long.
_PRECISION = timedelta(minutes=1)
_ROLE = "管理员"


class ApiKeyError(Exception):
    """A key that cannot be made or revoked; the message is for the operator."""


class ApiKeys:
    """The keys of one hotline."""

    def __init__(self, database: Database, *, clock: Callable[[], datetime] = now) -> None:
        self._database = database
        self._clock = clock

    async def do_create(
        self,
        *,
        label: str,
        owner: str,
        scopes: Collection[str],
        actor: str,
        rate: int = RATE,
        expires_at: datetime | None = None,
    ) -> tuple[ApiKey, str]:
        """Make a key; what comes back with it is shown once and is kept nowhere.

        Args:
            label: what the key is for.
            owner: who answers for it.
            scopes: of ``models.SCOPES``.
            actor: who makes it.
            rate: calls a minute.

        Raises:
            ApiKeyError: with what is wrong.
        """
        at = self._clock()
        _check(label, owner, scopes, actor, rate)
        if expires_at is not None and expires_at <= at:
            raise ApiKeyError("有效期要在今天以后。")
        # Letters only: eight digits would be taken for a telephone number, and masked in the audit.
        handle = "".join(secrets.choice(string.ascii_lowercase) for _ in range(8))
        secret = f"hk_{handle}_{secrets.token_urlsafe(32)}"
        key = ApiKey(
            handle=handle,
            digest=_digest(secret),
            label=label.strip(),
            owner=owner.strip(),
            scopes=[scope for scope in SCOPES if scope in scopes],
            rate=rate,
            created_at=at,
            created_by=actor,
            expires_at=expires_at,
        )
        async with self._database.transaction() as session:
            session.add(key)
            await session.flush()
            detail = {"label": key.label, "owner": key.owner, "scopes": key.scopes, "rate": rate}
            if expires_at is not None:
                detail["expires_at"] = expires_at.isoformat()
            await record(
                session, actor=actor, role=_ROLE, action="发放密钥", subject=_subject(key), detail=detail
            )
        return key, secret

    async def do_revoke(self, handle: str, *, actor: str) -> ApiKey:
        """Take a key back for good.

        Raises:
            ApiKeyError: there is none, or it was revoked before.
        """
        if not actor.strip():
            raise ApiKeyError("请写明是谁停用的。")
        async with self._database.transaction() as session:
            query = select(ApiKey).where(ApiKey.handle == handle).with_for_update()
            key = (await session.scalars(query)).one_or_none()
            if key is None:
                raise ApiKeyError(f"没有 {handle} 这个密钥，请用 list 查看。")
            if key.revoked_at is not None:
                raise ApiKeyError(f"密钥 {handle} 已经停用了。")
            key.revoked_at, key.revoked_by = self._clock(), actor
            await record(session, actor=actor, role=_ROLE, action="停用密钥", subject=_subject(key))
        return key

    async def all(self) -> Sequence[ApiKey]:
        """All keys, oldest first, the revoked ones too."""
        async with self._database.transaction() as session:
            return (await session.scalars(select(ApiKey).order_by(ApiKey.id))).all()

    async def check(self, given: str) -> ApiKey:
        """The key that was given, when it is in force.

        Raises:
            Open311Error: 403, it is unknown, revoked or expired.
        """
        match = _KEY.fullmatch(given)
        key: ApiKey | None = None
        at = self._clock()
        async with self._database.transaction() as session:
            if match:
                query = select(ApiKey).where(ApiKey.handle == match.group(1))
                key = (await session.scalars(query)).one_or_none()
            # Compared in any case, and in constant time: how long it takes tells nothing.
            right = hmac.compare_digest(_digest(given), key.digest if key else _digest(""))
            if key is None or not right:
                raise Open311Error(403, texts.KEY_WRONG)
            if key.revoked_at is not None:
                raise Open311Error(403, texts.KEY_REVOKED)
            if key.expires_at is not None and key.expires_at <= at:
                raise Open311Error(403, texts.KEY_EXPIRED)
            if key.last_used_at is None or at - key.last_used_at >= _PRECISION:
                # Not by way of the object: one of many calls at a time writes, the others need not wait.
                await session.execute(
                    update(ApiKey)
                    .where(
                        ApiKey.id == key.id,
                        or_(ApiKey.last_used_at.is_(None), ApiKey.last_used_at <= at - _PRECISION),
                    )
                    .values(last_used_at=at)
                    .execution_options(synchronize_session=False)
                )
        return key


def _check(label: str, owner: str, scopes: Collection[str], actor: str, rate: int) -> None:
    for words, name in ((label, "用途"), (owner, "负责人"), (actor, "工号")):
        if not words.strip() or len(words) > _MAX_WORDS or not words.isprintable():
            raise ApiKeyError(f"请写明{name}，最多 {_MAX_WORDS} 个字。")
    if not scopes or set(scopes) - set(SCOPES):
        raise ApiKeyError(f"权限只能是 {'、'.join(SCOPES)}，至少要有一个。")
    if not 1 <= rate <= MAX_RATE:
        raise ApiKeyError(f"每分钟次数请填 1 到 {MAX_RATE}。")


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _subject(key: ApiKey) -> str:
    return f"密钥 {key.handle}"
