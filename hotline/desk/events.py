"""Events for the consoles: written as JSON once, kept for a while, and handed to each console that may see them.

No input or output: :mod:`hotline.desk.live` feeds it.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import uuid
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from hotline.desk.rights import Person, Right

#: Events that are kept for consoles that come back.
_KEPT = 5000
#: A console that is so far behind is told to read everything anew instead.
MOST_WAITING, MOST_BYTES = 1000, 4_000_000


@dataclass(frozen=True, kw_only=True)
class Audience:
    """Who is told.

    Attributes:
        right: what one must be allowed to.
        conversation: what it is about.
        agent: who has the conversation.
        watching: only whoever watches the conversation, and its agent.
        bot: only whoever watches it, or wants those of the bot as well.
        units: of an order, the units that it concerns: people of other units are not told.
    """

    right: Right = "see"
    conversation: uuid.UUID | None = None
    agent: str | None = None
    watching: bool = False
    bot: bool = False
    units: frozenset[str] | None = None


@dataclass(frozen=True)
class Event:
    """One event: ``text`` is the whole frame."""

    seq: int
    text: str
    audience: Audience


@dataclass(eq=False)
class Console:
    """One open console, and what is still to be sent to it."""

    person: Person
    watched: frozenset[uuid.UUID] = frozenset()
    bot: bool = False
    waiting: deque[str] = field(default_factory=deque)
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    _bytes: int = 0

    def wants(self, audience: Audience) -> bool:
        """Whether the event is for this console."""
        if not self.person.may(audience.right):
            return False
        if audience.units is not None and not self.person.may("see"):
            return self.person.unit in audience.units
        if audience.watching or audience.bot:
            return (
                audience.conversation in self.watched
                or (audience.agent is not None and audience.agent == self.person.number)
                or (audience.bot and self.bot)
            )
        return True

    def put(self, event: Event) -> None:
        """Have the event sent; one who is too far behind gets ``resync`` in place of all that waits."""
        if len(self.waiting) >= MOST_WAITING or self._bytes > MOST_BYTES:
            self.resync(event.seq)
            return
        self.waiting.append(event.text)
        self._bytes += len(event.text)
        self.wake.set()

    def resync(self, seq: int) -> None:
        """Have the console read everything anew."""
        self.waiting.clear()
        self._bytes = 0
        self.say({"type": "resync", "seq": seq})

    def say(self, frame: dict[str, Any]) -> None:
        """Have a frame sent that is for this console alone."""
        self.waiting.append(json.dumps(frame, ensure_ascii=False))
        self.wake.set()

    def take(self) -> Iterator[str]:
        """What is to be sent, one by one."""
        while self.waiting:
            text = self.waiting.popleft()
            self._bytes = max(0, self._bytes - len(text))
            yield text


class Stream:
    """The events of this process, numbered."""

    def __init__(self) -> None:
        #: Another process, or this one after a restart, has another.
        self.id = secrets.token_urlsafe(9)
        self.seq = 0
        self.consoles: set[Console] = set()
        self._kept: deque[Event] = deque()
        #: The number of the newest event that is not kept any more.
        self._forgotten = 0

    def publish(self, kind: str, fields: dict[str, Any], audience: Audience) -> None:
        """Number an event, keep it, and hand it to whom it is for."""
        self.seq += 1
        text = json.dumps({"seq": self.seq, "type": kind} | fields, ensure_ascii=False)
        event = Event(self.seq, text, audience)
        self._kept.append(event)
        if len(self._kept) > _KEPT:
            self._forgotten = self._kept.popleft().seq
        for console in self.consoles:
            if console.wants(audience):
                console.put(event)

    def forget(self) -> None:
        """Something may have happened that was not told: whoever is here or comes back reads everything anew."""
        self.seq += 1
        self._kept.clear()
        self._forgotten = self.seq
        for console in self.consoles:
            console.resync(self.seq)

    def join(self, console: Console, stream: str | None, after: int | None) -> None:
        """Let a console in: with what it missed since ``after``, or with ``resync`` when that is not known."""
        if stream != self.id or after is None or not self._forgotten <= after <= self.seq:
            console.say({"type": "resync", "seq": self.seq})
        else:
            for event in self._kept:
                if event.seq > after and console.wants(event.audience):
                    console.put(event)
        self.consoles.add(console)

    def leave(self, console: Console) -> None:
        """Let a console go."""
        self.consoles.discard(console)
