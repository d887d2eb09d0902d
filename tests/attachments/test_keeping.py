"""Photographs are kept once, whole, and gone when they are to be gone, whenever somebody dies."""

from __future__ import annotations

import asyncio
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from hotline.attachments.errors import AttachmentError
from hotline.attachments.images import make_picture
from hotline.attachments.models import Attachment, AttachmentRemoval
from hotline.attachments.service import Attachments, Limits, bind_to_new_order, waiting
from hotline.attachments.storage import Storage
from hotline.database import Database, now
from hotline.work_orders.service import WorkOrders
from tests.attachments.conftest import files_in, grow_old
from tests.attachments.pictures import jpeg
from tests.work_orders.conftest import casework, clock, draft, office, orders

__all__ = ["casework", "clock", "office", "orders"]


async def rows(database: Database) -> int:
    """How many photographs the database knows."""
    async with database.transaction() as session:
        return int(await session.scalar(select(func.count()).select_from(Attachment)) or 0)


async def keep(attachments: Attachments, conversation: uuid.UUID, data: bytes | None = None) -> Attachment:
    """Keep a photograph."""
    return await attachments.do_keep(conversation, data or jpeg(), client_id=uuid.uuid4().hex)


async def send(database: Database, attachments: Attachments, kept: Attachment, seq: int = 2) -> None:
    """Make a photograph a part of a message."""
    assert kept.conversation_id is not None
    async with database.transaction() as session:
        await attachments.do_send(session, kept.conversation_id, seq, [kept.id])


async def test_files_are_for_this_user_only_and_whole(attachments: Attachments, folder: Path) -> None:
    kept = await keep(attachments, uuid.uuid4())

    large, small = files_in(folder)
    assert large == folder / kept.sha256[:2] / f"{kept.sha256}.jpg"
    assert small == folder / kept.sha256[:2] / f"{kept.sha256}.thumb.jpg"
    for path in (large, small):
        assert path.stat().st_mode & 0o777 == 0o600
    for path in (folder, large.parent):
        assert path.stat().st_mode & 0o777 == 0o700
    assert await attachments.read(kept) == large.read_bytes()
    assert await attachments.read(kept, thumbnail=True) == small.read_bytes()
    assert kept.size == large.stat().st_size


async def test_the_same_upload_is_kept_once_however_often_it_comes(
    attachments: Attachments, database: Database, folder: Path
) -> None:
    conversation = uuid.uuid4()

    same = await asyncio.gather(
        *(attachments.do_keep(conversation, jpeg(), client_id="c-1") for _ in range(5))
    )

    assert len({kept.id for kept in same}) == 1
    assert await rows(database) == 1
    assert len(files_in(folder)) == 2
    # What comes later with the same id is not even looked at.
    assert (await attachments.do_keep(conversation, b"nonsense", client_id="c-1")).id == same[0].id


async def test_three_uploads_at_once_are_three(
    attachments: Attachments, database: Database, folder: Path
) -> None:
    conversation = uuid.uuid4()
    marks = ("red", "blue", "green")

    await asyncio.gather(*(keep(attachments, conversation, jpeg(mark=mark)) for mark in marks))

    assert await rows(database) == 3
    assert len(files_in(folder)) == 6


async def test_the_same_picture_of_two_citizens_is_one_file_until_both_are_gone(
    attachments: Attachments, database: Database, folder: Path
) -> None:
    one, other = uuid.uuid4(), uuid.uuid4()
    await keep(attachments, one)
    kept = await keep(attachments, other)
    assert len(files_in(folder)) == 2

    async with database.transaction() as session:
        assert await attachments.do_forget_conversations(session, [one]) == 1
    assert await attachments.do_tidy() == 0
    assert await attachments.read(kept)

    async with database.transaction() as session:
        assert await attachments.do_forget_conversations(session, [other]) == 1
    assert await attachments.do_tidy() == 1
    assert files_in(folder) == []


async def test_one_conversation_may_send_so_many_a_day(database: Database, folder: Path) -> None:
    few = Attachments(database, Storage(folder), Limits(max_pixels=10**6, per_message=3, per_day=2))
    conversation = uuid.uuid4()

    results = await asyncio.gather(*(keep(few, conversation) for _ in range(4)), return_exceptions=True)

    errors = [result for result in results if isinstance(result, AttachmentError)]
    assert [error.code for error in errors] == ["photos_used_up"] * 2
    assert "2 张" in errors[0].message
    assert await rows(database) == 2
    await keep(few, uuid.uuid4())
    async with database.transaction() as session:
        await session.execute(update(Attachment).values(created_at=now() - timedelta(hours=25)))
    await keep(few, conversation)


async def test_a_process_killed_between_file_and_row_leaves_nothing_behind(
    attachments: Attachments, folder: Path
) -> None:
    storage = Storage(folder)
    storage.write(make_picture(jpeg(mark="blue"), max_pixels=10**6))
    half = folder / "ab" / ".abcd.jpg.0123"
    half.parent.mkdir(exist_ok=True)
    half.write_bytes(b"half")
    kept = await keep(attachments, uuid.uuid4())

    assert await attachments.do_tidy() == 0, "what was written just now may still get its row"
    assert len(files_in(folder)) == 5

    grow_old(folder)
    assert await attachments.do_tidy() == 1
    assert len(files_in(folder)) == 2
    assert await attachments.read(kept)


async def test_a_thumbnail_alone_is_taken_away_too(attachments: Attachments, folder: Path) -> None:
    storage = Storage(folder)
    picture = make_picture(jpeg(), max_pixels=10**6)
    storage.write(picture)
    (folder / storage.digest(picture)[:2] / f"{storage.digest(picture)}.jpg").unlink()
    grow_old(folder)

    await attachments.do_tidy()

    assert files_in(folder) == []


async def test_a_file_about_to_get_its_row_is_not_taken_away(
    attachments: Attachments, database: Database, folder: Path
) -> None:
    storage = Storage(folder)
    picture = make_picture(jpeg(), max_pixels=10**6)
    storage.write(picture)
    grow_old(folder)  # an orphan of yesterday, and just now the same picture comes again

    async with database.transaction() as session:
        columns = await attachments._write(session, picture)
        tidying = asyncio.create_task(attachments.do_tidy())
        done, _ = await asyncio.wait({tidying}, timeout=0.5)
        assert not done, "it waits for the upload to end"
        session.add(
            Attachment(conversation_id=uuid.uuid4(), client_id="c", actor="citizen", role="市民", **columns)
        )

    assert await tidying == 0
    assert len(files_in(folder)) == 2


async def test_what_was_uploaded_and_never_sent_is_forgotten_after_a_day(
    attachments: Attachments, database: Database, folder: Path
) -> None:
    conversation = uuid.uuid4()
    unsent = await keep(attachments, conversation, jpeg(mark="blue"))
    sent = await keep(attachments, conversation)
    await send(database, attachments, sent)
    await attachments.do_tidy()
    assert await rows(database) == 2

    async with database.transaction() as session:
        await session.execute(update(Attachment).values(created_at=now() - timedelta(hours=25)))
    assert await attachments.do_tidy() == 1

    assert await rows(database) == 1
    assert await attachments.read(sent)
    with pytest.raises(AttachmentError):
        await attachments.read(unsent)


async def test_forgetting_an_order_takes_rows_now_and_files_after_the_commit(
    attachments: Attachments, database: Database, folder: Path, orders: WorkOrders
) -> None:
    conversation = uuid.uuid4()
    kept = await keep(attachments, conversation)
    await send(database, attachments, kept)
    order = await orders.do_create(draft(conversation_id=conversation))
    later = await keep(attachments, conversation, jpeg(mark="blue"))
    await send(database, attachments, later, 5)

    async with database.transaction() as session:
        assert await attachments.do_forget_orders(session, [order.id]) == 1
        await session.rollback()
    assert await attachments.do_tidy() == 0
    assert await attachments.read(kept)

    async with database.transaction() as session:
        # What belongs to the order stays with it.
        assert await attachments.do_forget_conversations(session, [conversation]) == 1
        assert await attachments.do_forget_orders(session, [order.id]) == 1
        assert await attachments.do_forget_orders(session, [order.id]) == 0
    assert len(files_in(folder)) == 4
    assert await attachments.do_tidy() == 2
    assert files_in(folder) == []
    async with database.transaction() as session:
        assert (await session.scalars(select(AttachmentRemoval))).all() == []


async def test_an_order_takes_along_what_was_sent_for_it_and_nothing_older(
    attachments: Attachments, database: Database, orders: WorkOrders
) -> None:
    conversation = uuid.uuid4()
    old, promised, recent, unsent = [
        await keep(attachments, conversation, jpeg(mark=mark)) for mark in ("red", "blue", "green", "white")
    ]
    stranger = await keep(attachments, uuid.uuid4())
    for seq, one in enumerate((old, promised, recent)):
        await send(database, attachments, one, seq)
    await send(database, attachments, stranger)
    async with database.transaction() as session:
        aged = update(Attachment).where(Attachment.id.in_((old.id, promised.id)))
        await session.execute(aged.values(created_at=now() - timedelta(days=3)))
        await session.execute(update(Attachment).where(Attachment.id == promised.id).values(promised=True))
    async with database.transaction() as session:
        assert await waiting(session, conversation) == 2

    form = draft(conversation_id=conversation)
    order = await orders.do_create(form)
    again = await orders.do_create(form)

    assert again.id == order.id
    assert await orders.photographs(order) == 2
    assert [event.note for event in await orders.timeline(order)] == ["照片 2 张"]
    async with database.transaction() as session:
        assert await waiting(session, conversation) == 0
        assert await bind_to_new_order(session, conversation, order.id) == 0
        for one in (old, unsent, stranger):
            assert (await session.get_one(Attachment, one.id)).order_id is None


async def test_a_full_disk_is_said_and_nothing_is_kept(database: Database, tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("no folder")
    attachments = Attachments(
        database, Storage(in_the_way), Limits(max_pixels=10**6, per_message=3, per_day=3)
    )

    with pytest.raises(AttachmentError) as caught:
        await keep(attachments, uuid.uuid4())

    assert (caught.value.code, caught.value.retry_after) == ("no_space", 60)
    assert await rows(database) == 0
