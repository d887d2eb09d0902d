"""Taking out what agents have noted about conversations that are kept no longer; called by ``hotline/privacy``."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.conversations.texts import FORGOTTEN
from hotline.desk.models import DeskNote


async def do_forget(
    session: AsyncSession, conversations: Collection[uuid.UUID], *, before: datetime | None = None
) -> None:
    """Take the words out of the notes on these conversations, in the caller's transaction.

    Args:
        before: only of notes older than this; None: of all.
    """
    which = [DeskNote.conversation_id.in_(conversations), DeskNote.text != ""]
    if before is not None:
        which.append(DeskNote.at < before)
    await session.execute(update(DeskNote).where(*which).values(text=FORGOTTEN))
