"""Writing the audit, and checking that nobody has changed it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.audit.models import AuditLine
from hotline.database import Database, now

_LOCK = 12345_01


async def record(
    session: AsyncSession,
    *,
    actor: str,
    role: str,
    action: str,
    subject: str,
    detail: dict[str, Any] | None = None,
) -> None:
    """Add a line in the caller's transaction: what is done and its line are committed together."""
    # One writer at a time, until the transaction ends: the lines form one chain.
    await session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    last = await session.scalar(select(AuditLine.digest).order_by(AuditLine.id.desc()).limit(1))
    line = AuditLine(at=now(), actor=actor, role=role, action=action, subject=subject, detail=detail or {})
    line.digest = _digest(line, last or "")
    session.add(line)
    await session.flush()


async def broken(database: Database) -> Sequence[int]:
    """The numbers of the lines that do not fit what stands before them: changed, or after one taken out."""
    wrong = []
    before = ""
    async with database.transaction() as session:
        async for line in await session.stream_scalars(select(AuditLine).order_by(AuditLine.id)):
            if line.digest != _digest(line, before):
                wrong.append(line.id)
            before = line.digest
    return wrong


def _digest(line: AuditLine, before: str) -> str:
    content = [line.at.timestamp(), line.actor, line.role, line.action, line.subject, line.detail, before]
    written = json.dumps(content, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(written.encode()).hexdigest()
