"""Taking personal data out of what came in with requests; called by ``hotline/privacy``, in its transactions."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.open311.models import Open311Request


async def do_forget(session: AsyncSession, drafts: Collection[str]) -> None:
    """Take out of the requests that became orders by these drafts all that is personal.

    The fingerprint goes too: it was made of who sent the request, among others.
    """
    await session.execute(
        update(Open311Request)
        .where(Open311Request.draft.in_(drafts))
        .values(email=None, attributes={}, media=[], fingerprint=Open311Request.draft)
    )
