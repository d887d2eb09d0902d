"""What the hotline wants of another system. One implementation speaks HTTP (``http_adapter.py``)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol


@dataclass(frozen=True, kw_only=True)
class Message:
    """An order, or something that has happened to it (``kind`` other than ``order``).

    ``key`` stays the same when it is sent again: the other side then does nothing twice.
    """

    number: str
    kind: str
    key: uuid.UUID
    body: Mapping[str, Any]


class NotDelivered(Exception):
    """It has not arrived, or nobody knows whether it has.

    Attributes:
        message: why, in Chinese; the other side's own words among it.
        again: whether it may go better later.
        after: how long the other side wants to be left in peace.
    """

    def __init__(self, message: str, *, again: bool, after: timedelta | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.again = again
        self.after = after


class OutsideSystem(Protocol):
    """A system that takes orders."""

    async def send(self, message: Message) -> str | None:
        """Hand it over; return what the other side calls it, when it says so.

        Raises:
            NotDelivered: see there. A message that the other side has already is delivered.
        """

    async def close(self) -> None:
        """Give connections back."""
