"""Hearing no more of an order that a conversation follows: a command of the service, pressed or said in words."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from typing import Any, Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from hotline.conversations import texts

#: Followed by the number of an order, or :data:`EVERY`; without one, whichever is followed.
STOP = "!stop_following:"
EVERY = "all"
#: Of more they are not offered one by one.
_OFFERED = 5


class Following(Protocol):
    """What a conversation needs of those who keep orders; all in the caller's transaction."""

    async def followed(self, session: AsyncSession, conversation_id: uuid.UUID) -> Sequence[str]:
        """The numbers of the open orders that the conversation follows, newest first."""
        ...

    async def do_stop(
        self, session: AsyncSession, conversation_id: uuid.UUID, numbers: Collection[str]
    ) -> None:
        """Follow these no more."""
        ...


async def stop(
    session: AsyncSession, following: Following, conversation_id: uuid.UUID, command: str
) -> tuple[str, list[dict[str, Any]]]:
    """Carry out ``command``; what is said of it, and what may be chosen then."""
    which = command.removeprefix(STOP)
    followed = await following.followed(session, conversation_id)
    if not which and len(followed) > 1:
        return texts.STOP_WHICH.format(count=len(followed)), _choices(followed)
    numbers = list(followed) if which in ("", EVERY) else [which]
    if not set(numbers) & set(followed):
        return texts.STOPPED_BEFORE, []
    await following.do_stop(session, conversation_id, numbers)
    return texts.STOPPED.format(numbers="、".join(numbers)), []


def _choices(numbers: Sequence[str]) -> list[dict[str, Any]]:
    each = [
        {"title": texts.STOP_ONE.format(number=number), "payload": f"{STOP}{number}", "style": "default"}
        for number in numbers[:_OFFERED]
    ]
    return [*each, {"title": texts.STOP_EVERY, "payload": f"{STOP}{EVERY}", "style": "default"}]
