"""What may be done with photographs: keep, send, give to an order, look at, forget.

A file is written before its row is committed, and taken away after its last row is gone: whenever a process is killed, a
row has its file, and a file without a row is taken away by the hourly housekeeping. A lock on the file's name keeps the
two apart.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import ColumnElement, delete, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.attachments import texts
from hotline.attachments.errors import AttachmentError
from hotline.attachments.images import Picture, make_picture
from hotline.attachments.models import Attachment, AttachmentRemoval
from hotline.attachments.storage import Storage
from hotline.database import Database, now
from hotline.settings import Settings

logger = structlog.get_logger(__name__)

#: Uploaded and never sent: forgotten after this.
_UNSENT = timedelta(days=1)
#: Sent outside of a form, a photograph goes with the order that follows within this.
_FOLLOWS = timedelta(days=1)
_LOCK_OF_FILE, _LOCK_OF_CONVERSATION = 12345_03, 12345_04
_BATCH = 500
#: Pictures decoded at a time; each may take a hundred megabytes.
_AT_ONCE = 2


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one may send; see ``hotline/settings.py``."""

    max_pixels: int
    per_message: int
    #: Of one conversation in 24 hours.
    per_day: int


@dataclass(frozen=True, kw_only=True)
class Sender:
    """Who adds a photograph to an order: number, role, and the unit's code."""

    id: str
    role: str
    unit: str | None = None


def not_found() -> AttachmentError:
    """The same words for a photograph that is not there and one that does not concern the asker."""
    return AttachmentError("not_found", texts.NOT_FOUND)


class Attachments:
    """The photographs of one hotline."""

    def __init__(self, database: Database, storage: Storage, limits: Limits) -> None:
        self._database = database
        self._storage = storage
        self.limits = limits
        self._decoding = asyncio.Semaphore(_AT_ONCE)

    @classmethod
    def of(cls, settings: Settings, database: Database) -> Attachments:
        """Those of a process with these settings."""
        limits = Limits(
            max_pixels=settings.photo_max_pixels,
            per_message=settings.photos_per_message,
            per_day=settings.photos_per_day,
        )
        return cls(database, Storage.of(settings), limits)

    async def do_keep(self, conversation_id: uuid.UUID, data: bytes, *, client_id: str) -> Attachment:
        """Keep a citizen's photograph until it is sent; the same ``client_id`` again gives the one that is there.

        Raises:
            AttachmentError: it is no picture that can be opened, or there are too many.
        """
        same = select(Attachment).where(
            Attachment.conversation_id == conversation_id, Attachment.client_id == client_id
        )
        async with self._database.transaction() as session:
            known: Attachment | None = (await session.scalars(same)).one_or_none()
            if known is not None:
                return known
            await self._check_day(session, conversation_id)
        picture = await self._picture(data)
        async with self._database.transaction() as session:
            # Uploads of one conversation come one after the other from here: they are counted.
            await _lock(session, str(conversation_id), _LOCK_OF_CONVERSATION)
            known = (await session.scalars(same)).one_or_none()
            if known is not None:
                return known
            await self._check_day(session, conversation_id)
            kept = Attachment(
                id=uuid.uuid4(),
                conversation_id=conversation_id,
                client_id=client_id,
                actor="citizen",
                role="市民",
                **await self._write(session, picture),
            )
            session.add(kept)
            return kept

    async def do_add(
        self,
        session: AsyncSession,
        order_id: int,
        pictures: Sequence[Picture],
        sender: Sender,
        *,
        request: str,
    ) -> Sequence[Attachment]:
        """Add photographs of somebody at work to an order, in the caller's transaction.

        Args:
            pictures: made by :meth:`pictures`.
        """
        added = [
            Attachment(
                id=uuid.uuid4(),
                order_id=order_id,
                client_id=f"{request}:{place}",
                actor=sender.id,
                role=sender.role,
                unit=sender.unit,
                **await self._write(session, picture),
            )
            for place, picture in enumerate(pictures)
        ]
        session.add_all(added)
        await session.flush()
        return added

    async def pictures(self, files: Sequence[bytes]) -> list[Picture]:
        """The pictures in ``files``.

        Raises:
            AttachmentError: too many, or one that cannot be opened.
        """
        self.check_count(len(files))
        return [await self._picture(data) for data in files]

    def check_count(self, count: int) -> None:
        """Refuse none, and more than may be sent at once.

        Raises:
            AttachmentError: with the words for the sender.
        """
        if not count:
            raise AttachmentError("empty_photo", texts.EMPTY)
        if count > self.limits.per_message:
            raise AttachmentError("too_many_photos", texts.TOO_MANY.format(limit=self.limits.per_message))

    async def do_send(
        self, session: AsyncSession, conversation_id: uuid.UUID, seq: int, ids: Sequence[uuid.UUID]
    ) -> Sequence[Attachment]:
        """Make uploaded photographs a part of message ``seq``, in the caller's transaction; in the order of ``ids``.

        Raises:
            AttachmentError: too many, one is not there (any more), or was sent before.
        """
        wanted = list(dict.fromkeys(ids))
        self.check_count(len(wanted))
        query = (
            select(Attachment)
            .where(Attachment.id.in_(wanted), Attachment.conversation_id == conversation_id)
            .order_by(Attachment.id)
            .with_for_update()
        )
        found = {attachment.id: attachment for attachment in (await session.scalars(query)).all()}
        if len(found) < len(wanted):
            raise AttachmentError("no_such_photo", texts.NOT_FOUND)
        if any(attachment.message_seq is not None for attachment in found.values()):
            raise AttachmentError("sent_before", texts.SENT_BEFORE)
        for attachment in found.values():
            attachment.message_seq = seq
        return [found[one] for one in wanted]

    async def find(self, attachment_id: uuid.UUID, *, conversation_id: uuid.UUID) -> Attachment:
        """A photograph of this conversation.

        Raises:
            AttachmentError: there is none.
        """
        async with self._database.transaction() as session:
            found = await session.get(Attachment, attachment_id)
        if found is None or found.conversation_id != conversation_id:
            raise not_found()
        return found

    async def find_at_orders(self, attachment_id: uuid.UUID, *, order_ids: Collection[int]) -> Attachment:
        """A photograph of one of these orders.

        Raises:
            AttachmentError: there is none.
        """
        async with self._database.transaction() as session:
            found = await session.get(Attachment, attachment_id)
        if found is None or found.order_id not in order_ids:
            raise not_found()
        return found

    async def read(self, attachment: Attachment, *, thumbnail: bool = False) -> bytes:
        """The JPEG.

        Raises:
            AttachmentError: its file is gone.
        """
        content = await asyncio.to_thread(self._storage.read, attachment.sha256, thumbnail=thumbnail)
        if content is None:
            logger.error("a photograph has no file", attachment=str(attachment.id))
            raise not_found()
        return content

    async def do_forget_orders(self, session: AsyncSession, order_ids: Sequence[int]) -> int:
        """Forget all photographs of these orders, in the caller's transaction; return how many.

        The files are taken off the disk after the commit, by :meth:`do_tidy`.
        """
        return await _forget(session, Attachment.order_id.in_(order_ids))

    async def do_forget_conversations(
        self, session: AsyncSession, conversation_ids: Sequence[uuid.UUID]
    ) -> int:
        """Forget the photographs of these conversations; those of an order stay with the order. See above."""
        return await _forget(
            session, Attachment.conversation_id.in_(conversation_ids), Attachment.order_id.is_(None)
        )

    async def do_tidy(self) -> int:
        """Forget what was uploaded and never sent, and take files off the disk that no row names; return how many."""
        async with self._database.transaction() as session:
            unsent = Attachment.message_seq.is_(None), Attachment.order_id.is_(None)
            await _forget(session, *unsent, Attachment.created_at < now() - _UNSENT)
            removals = select(AttachmentRemoval.sha256).order_by(AttachmentRemoval.at)
            wanted = list((await session.scalars(removals)).all())
        on_disk = await asyncio.to_thread(lambda: list(self._storage.settled()))
        wanted += await self._without_row(on_disk)
        removed = 0
        for name in dict.fromkeys(wanted):
            removed += await self._remove(name)
        if removed:
            logger.info("files of photographs were removed", files=removed)
        return removed

    # Below: parts of the above.

    async def _picture(self, data: bytes) -> Picture:
        async with self._decoding:
            return await asyncio.to_thread(make_picture, data, max_pixels=self.limits.max_pixels)

    async def _write(self, session: AsyncSession, picture: Picture) -> dict[str, Any]:
        """Write the file and lock its name until the caller's transaction ends; the row's columns."""
        name = self._storage.digest(picture)
        await _lock(session, name, _LOCK_OF_FILE, shared=True)
        try:
            await asyncio.to_thread(self._storage.write, picture)
        except OSError as error:
            logger.error("a photograph could not be stored", error=str(error))
            raise AttachmentError("no_space", texts.NO_SPACE, retry_after=60) from error
        return {
            "sha256": name,
            "width": picture.width,
            "height": picture.height,
            "size": len(picture.jpeg),
        }

    async def _check_day(self, session: AsyncSession, conversation_id: uuid.UUID) -> None:
        recent = select(func.count()).where(
            Attachment.conversation_id == conversation_id,
            Attachment.created_at > now() - timedelta(days=1),
        )
        if int(await session.scalar(recent) or 0) >= self.limits.per_day:
            words = texts.TOO_MANY_TODAY.format(limit=self.limits.per_day)
            raise AttachmentError("photos_used_up", words)

    async def _without_row(self, names: Sequence[str]) -> list[str]:
        missing: list[str] = []
        for start in range(0, len(names), _BATCH):
            some = names[start : start + _BATCH]
            async with self._database.transaction() as session:
                query = select(Attachment.sha256).where(Attachment.sha256.in_(some))
                known = set((await session.scalars(query)).all())
            missing += [name for name in some if name not in known]
        return missing

    async def _remove(self, name: str) -> bool:
        """Take a file away unless a row names it: nobody writes it meanwhile."""
        async with self._database.transaction() as session:
            await _lock(session, name, _LOCK_OF_FILE)
            named = await session.scalar(select(Attachment.id).where(Attachment.sha256 == name).limit(1))
            if named is None:
                await asyncio.to_thread(self._storage.remove, name)
            await session.execute(delete(AttachmentRemoval).where(AttachmentRemoval.sha256 == name))
            return named is None


async def bind_to_new_order(session: AsyncSession, conversation_id: uuid.UUID, order_id: int) -> int:
    """Give a new order the photographs that were sent for it, in the caller's transaction; return how many.

    Those sent while its form was open, and those of the last day that no order has.
    """
    bound = await session.scalars(
        update(Attachment)
        .where(*_to_go_with(conversation_id))
        .values(order_id=order_id, promised=False)
        .returning(Attachment.id)
    )
    return len(bound.all())


async def of_message(session: AsyncSession, conversation_id: uuid.UUID, seq: int) -> Sequence[Attachment]:
    """The photographs of a message, locked."""
    query = (
        select(Attachment)
        .where(Attachment.conversation_id == conversation_id, Attachment.message_seq == seq)
        .order_by(Attachment.id)
    )
    return (await session.scalars(query.with_for_update())).all()


async def of_order(session: AsyncSession, *order_ids: int) -> Sequence[Attachment]:
    """The photographs of an order, or of several together; oldest first."""
    query = select(Attachment).where(Attachment.order_id.in_(order_ids))
    return (await session.scalars(query.order_by(Attachment.created_at, Attachment.id))).all()


async def waiting(session: AsyncSession, conversation_id: uuid.UUID) -> int:
    """How many photographs would go with an order that is handed in now."""
    query = select(func.count()).where(*_to_go_with(conversation_id))
    return int(await session.scalar(query) or 0)


async def release(session: AsyncSession, conversation_id: uuid.UUID) -> None:
    """No order is being filled in any more: what was promised to it is promised no longer."""
    await session.execute(
        update(Attachment)
        .where(Attachment.conversation_id == conversation_id, Attachment.promised)
        .values(promised=False)
    )


def _to_go_with(conversation_id: uuid.UUID) -> list[ColumnElement[bool]]:
    return [
        Attachment.conversation_id == conversation_id,
        Attachment.message_seq.is_not(None),
        Attachment.order_id.is_(None),
        or_(Attachment.promised, Attachment.created_at > now() - _FOLLOWS),
    ]


async def _forget(session: AsyncSession, *which: Any) -> int:
    gone = await session.scalars(delete(Attachment).where(*which).returning(Attachment.sha256))
    names = list(gone.all())
    if names:
        rows = [{"sha256": name, "at": now()} for name in set(names)]
        await session.execute(insert(AttachmentRemoval).values(rows).on_conflict_do_nothing())
    return len(names)


async def _lock(session: AsyncSession, what: str, kind: int, *, shared: bool = False) -> None:
    function = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
    await session.execute(
        text(f"SELECT {function}(hashtextextended(:what, :kind))"), {"what": what, "kind": kind}
    )
