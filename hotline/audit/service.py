"""Writing the audit and reading it. What is recorded, and by whom it is read: docs/privacy.md."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Select, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.audit.models import AuditLine
from hotline.database import Database, now
from hotline.language.identifiers import mask, masked
from hotline.work_orders.deadlines import SHANGHAI

_LOCK = 12345_01
#: Lines read from the database at a time.
_BATCH = 1000


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which lines; None: all. ``since`` and ``until`` are days in Shanghai, both included."""

    actor: str | None = None
    action: str | None = None
    #: A part of it is enough: the number of an order.
    subject: str | None = None
    since: date | None = None
    until: date | None = None


async def record(
    session: AsyncSession,
    *,
    actor: str,
    role: str,
    action: str,
    subject: str,
    detail: dict[str, Any] | None = None,
    address: str | None = None,
) -> None:
    """Add a line in the caller's transaction: what is done and its line are committed together.

    Numbers in ``subject`` and ``detail`` are masked: the audit keeps who saw something, never what was seen.

    Args:
        address: the network address from which it was done; it goes into the detail as it is, since some addresses look
            like telephone numbers.
    """
    # One writer at a time, until the transaction ends: the lines form one chain.
    await session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    last = await session.scalar(select(AuditLine.digest).order_by(AuditLine.id.desc()).limit(1))
    kept = masked(detail or {}) | ({"address": address} if address is not None else {})
    line = AuditLine(at=now(), actor=actor, role=role, action=action, subject=mask(subject), detail=kept)
    line.digest = digest(line, last or "")
    session.add(line)
    await session.flush()


async def recorded_lately(
    session: AsyncSession, *, actor: str, action: str, subject: str, within: timedelta
) -> bool:
    """Whether ``actor`` left the same line a short while ago: who looks again has not looked twice."""
    query = select(AuditLine.id).where(
        AuditLine.actor == actor,
        AuditLine.action == action,
        AuditLine.subject == subject,
        AuditLine.at > now() - within,
    )
    return await session.scalar(query.limit(1)) is not None


async def lines(
    database: Database, wanted: Wanted, *, before: int | None = None, limit: int = 100
) -> tuple[Sequence[AuditLine], int]:
    """The newest lines first, those older than the line ``before``; and how many there are in all."""
    query = chosen(wanted)
    async with database.transaction() as session:
        total = await session.scalar(query.with_only_columns(func.count(AuditLine.id)))
        if before is not None:
            query = query.where(AuditLine.id < before)
        found = await session.scalars(query.order_by(AuditLine.id.desc()).limit(limit))
        return found.all(), int(total or 0)


async def stream(database: Database, wanted: Wanted) -> AsyncIterator[AuditLine]:
    """All of them, oldest first, without holding them in memory."""
    async with database.transaction() as session:
        query = chosen(wanted).order_by(AuditLine.id).execution_options(yield_per=_BATCH)
        async for line in await session.stream_scalars(query):
            yield line


def chosen(wanted: Wanted) -> Select[AuditLine]:
    """The query for these lines."""
    query = select(AuditLine)
    if wanted.actor:
        query = query.where(AuditLine.actor == wanted.actor)
    if wanted.action:
        query = query.where(AuditLine.action == wanted.action)
    if wanted.subject:
        query = query.where(AuditLine.subject.contains(wanted.subject, autoescape=True))
    if wanted.since:
        query = query.where(AuditLine.at >= _midnight(wanted.since))
    if wanted.until:
        query = query.where(AuditLine.at < _midnight(wanted.until + timedelta(days=1)))
    return query


def digest(line: AuditLine, before: str) -> str:
    """What the line's digest must be when ``before`` is the digest of the line before it."""
    # The database gives times back in the zone of its session.
    at = line.at.astimezone(UTC).timestamp()
    content = [at, line.actor, line.role, line.action, line.subject, line.detail, before]
    written = json.dumps(content, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(written.encode()).hexdigest()


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)
