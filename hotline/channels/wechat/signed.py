"""What every request of the platform must be: encrypted by it, fresh, and not another one's signature again."""

from __future__ import annotations

import hashlib
import time

import structlog
from fastapi import HTTPException
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from hotline.channels.wechat.crypto import CryptError, is_signed
from hotline.channels.wechat.models import WechatNonce
from hotline.channels.wechat.setup import Secrets
from hotline.database import Database, now

logger = structlog.get_logger(__name__)


def opened(known: Secrets, encrypted: str, timestamp: str, nonce: str, msg_signature: str) -> str:
    """What stands in ``encrypted``.

    Raises:
        HTTPException: 403, it is not from the platform, or not for us.
    """
    if not is_signed(msg_signature, known.token, timestamp, nonce, encrypted):
        raise HTTPException(403)
    try:
        return known.crypt.open(encrypted)
    except CryptError as error:
        logger.warning("a push could not be opened", error=str(error))
        raise HTTPException(403) from None


def check_fresh(timestamp: str, seconds: int) -> None:
    """Refuse what is older, or younger, than ``seconds``.

    Raises:
        HTTPException: 403, it is.
    """
    try:
        age = abs(time.time() - int(timestamp))
    except ValueError:
        raise HTTPException(403) from None
    if age > seconds:
        logger.warning("a push was refused for its time", seconds=round(age))
        raise HTTPException(403)


async def check_first(database: Database, timestamp: str, nonce: str, body: bytes) -> None:
    """The signature of a plain push does not cover its body: it is good for one body only.

    Raises:
        HTTPException: 403, the same signature came with another body.
    """
    key, digest = f"{timestamp}.{nonce}", hashlib.sha256(body).hexdigest()
    async with database.transaction() as session:
        await session.execute(
            insert(WechatNonce).values(key=key, body_hash=digest, at=now()).on_conflict_do_nothing()
        )
        first = await session.scalar(select(WechatNonce.body_hash).where(WechatNonce.key == key))
    if first != digest:
        logger.warning("a signed request came again with another body")
        raise HTTPException(403)
