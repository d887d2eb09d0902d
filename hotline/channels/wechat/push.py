"""What a citizen did at WeChat, whatever kind of account it came through. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

#: A citizen's id in one account.
OPENID = re.compile(r"[\w-]{6,64}")

#: After an event of these the account may write a few times within a minute; after a message some times within 48 hours.
_OPENING_EVENTS = frozenset({"subscribe", "scan", "click", "scancode_push", "scancode_waitmsg"})


class PushError(ValueError):
    """What came is not a push that can be read."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """A place that was sent. ``datum`` is that of the platform's maps."""

    lat: float
    long: float
    label: str
    datum: str = "GCJ-02"

    @classmethod
    def of(cls, lat: object, long: object, *labels: str) -> Place | None:
        """The place; None: these are no coordinates."""
        try:
            found = cls(lat=float(str(lat)), long=float(str(long)), label=next(filter(None, labels), ""))
        except ValueError:
            return None
        return found if -90 <= found.lat <= 90 and -180 <= found.long <= 180 else None


@dataclass(frozen=True, kw_only=True)
class Push:
    """One push. ``kind``: text, image, voice, video, location, link, or the event's name in small letters."""

    #: The account's id, as it stands in the push.
    account: str
    openid: str
    #: Seconds since 1970, by the platform's clock.
    created: int
    kind: str
    is_event: bool
    #: The same for every delivery of the same push.
    key: str
    text: str = ""
    media_id: str | None = None
    #: What is pressed, scanned or shown: the key of a menu line, the scene of a QR code.
    value: str = ""
    place: Place | None = None
    #: Tapped in a list that we sent.
    tapped: bool = False

    @property
    def opens(self) -> Literal["message", "event"] | None:
        """Which allowance to write to the citizen it opens."""
        if self.is_event:
            return "event" if self.kind in _OPENING_EVENTS else None
        return "event" if self.tapped else "message"
