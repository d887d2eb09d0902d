"""Rasa's tracker store on the hotline's PostgreSQL, with the conversations that are going on kept in memory."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import time
from collections import OrderedDict
from collections.abc import Callable
from itertools import islice
from typing import Any, TypeVar

import sqlalchemy as sa
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import INTENT_NAME_KEY
from rasa.shared.utils.common import all_subclasses

from components.session import Session, bounded, session_of

logger = logging.getLogger(__name__)

#: How long the database is tried again while it starts anew. Rasa would otherwise go on in memory and lose it.
_PATIENCE_SECONDS = 20.0
_RETRY_PAUSE_SECONDS = 0.25
_KEPT_TURNS = 4096
#: What is kept in memory: about 2 KB an event, 40 MB at most.
WARM_CONVERSATIONS = 1000
WARM_EVENTS = 20_000

T = TypeVar("T")
#: ``form``: the name of the form that is open, or None; ``form_order``: the number of the order that it is about.
Form = dict[str, "str | None"]
_EVENT_TYPES: dict[str, type[Event]] = {kind.type_name: kind for kind in all_subclasses(Event)}


class HotlineTrackerStore(SQLTrackerStore):
    """The SQL tracker store that reads a conversation once, writes only what is new, and outlives a database restart.

    A conversation is taken out of memory while a message is worked on and comes back when its events are committed:
    what a broken turn leaves behind is never seen again, and the database is what counts. It may have one writer only.

    The address comes from ``HOTLINE_DATABASE_URL``; without it (``rasa shell`` on its own) trackers live in memory.
    """

    def __init__(
        self, domain: Domain | None = None, event_broker: EventBroker | None = None, **kwargs: Any
    ) -> None:
        url = os.environ.get("HOTLINE_DATABASE_URL", "")
        os.environ.setdefault("POSTGRESQL_SCHEMA", "rasa")
        super().__init__(domain, host=url or "sqlite://", event_broker=event_broker)
        self._latest: OrderedDict[str, tuple[UserUttered, Form]] = OrderedDict()
        self._warm: OrderedDict[str, Session] = OrderedDict()
        self._warm_events = 0
        self._server = self.engine.dialect.name == "postgresql"
        table = self.SQLEvent.__table__
        self._insert = sa.insert(table)
        self._select_one = sa.select(table.c.id).where(
            *(table.c[name] == sa.bindparam(name) for name in ("sender_id", "type_name", "timestamp", "data"))
        )
        self._add_index()

    def _add_index(self) -> None:
        """Rasa looks for a sender's last session start at every turn, and brings no index for it."""
        if self._server:
            with self.engine.begin() as connection:
                connection.execute(
                    sa.text(
                        "CREATE INDEX IF NOT EXISTS events_sender_type ON events (sender_id, type_name, timestamp)"
                    )
                )

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Commit the new events; while the database is away, wait for it.

        Raises:
            sqlalchemy.exc.OperationalError: the database did not come back in time.
        """
        if isinstance(tracker, Session):
            await self.stream_events(tracker)
            new = list(islice(tracker.events, tracker.stored, None))
            if new:
                rows = [_row(tracker.sender_id, event) for event in new]
                await self._patiently(lambda again: self._write(rows, again))
                tracker.stored = len(tracker.events)
                self._keep(bounded(tracker, self.domain))
        else:  # from one of Rasa's own tools
            self._forget(tracker.sender_id)
            await super().save(tracker)
        if isinstance(tracker.latest_message, UserUttered):
            self._latest[tracker.sender_id] = (tracker.latest_message, form_of(tracker))
            self._latest.move_to_end(tracker.sender_id)
            if len(self._latest) > _KEPT_TURNS:
                self._latest.popitem(last=False)

    async def _retrieve(
        self, sender_id: str, fetch_events_from_all_sessions: bool
    ) -> DialogueStateTracker | None:
        warm = None if fetch_events_from_all_sessions else self._forget(sender_id)
        if warm is not None:
            return warm
        found = await self._patiently(lambda _: self._read(sender_id, fetch_events_from_all_sessions))
        events = [_event(json.loads(data)) for data in found]
        if fetch_events_from_all_sessions:
            return DialogueStateTracker.from_events(sender_id, events, self.domain.slots) if events else None
        # An unknown sender gets an empty session: left to itself, Rasa would make a tracker of its own class.
        return session_of(sender_id, events, self.domain)

    def latest(self, sender_id: str) -> tuple[UserUttered | None, Form]:
        """What was understood of the sender's newest message that this process saved, and the form open after it."""
        return self._latest.get(sender_id, (None, {}))

    async def open_form(self, sender_id: str) -> Form:
        """The form that is open by the stored events."""
        tracker = await self.retrieve(sender_id)
        return form_of(tracker) if tracker else {}

    async def events_of_message(self, sender_id: str, message_id: str) -> list[dict[str, Any]]:
        """The stored events from the message with this id up to the next one; empty when it is not stored."""
        rows = await self._patiently(lambda _: self._read(sender_id, True))
        found: list[dict[str, Any]] = []
        for data in rows:
            event = json.loads(data)
            if event.get("event") == "user":
                if found:
                    break
                if event.get("message_id") != message_id:
                    continue
                found.append(event)
            elif found:
                found.append(event)
        return found

    # Below: parts of the above.

    def _keep(self, session: Session) -> None:
        self._forget(session.sender_id)
        self._warm[session.sender_id] = session
        self._warm_events += len(session.events)
        while len(self._warm) > 1 and (
            len(self._warm) > WARM_CONVERSATIONS or self._warm_events > WARM_EVENTS
        ):
            self._forget(next(iter(self._warm)))

    def _forget(self, sender_id: str) -> Session | None:
        session = self._warm.pop(sender_id, None)
        if session is not None:
            self._warm_events -= session.stored
        return session

    def _write(self, rows: list[dict[str, Any]], again: bool) -> None:
        with self.engine.begin() as connection:
            # A commit may have been done though its answer was lost; all rows are there, or none.
            if not again or connection.execute(self._select_one, rows[-1]).first() is None:
                connection.execute(self._insert, rows)

    def _read(self, sender_id: str, all_sessions: bool) -> list[str]:
        with self.sessionmaker() as session:
            events = self._event_query(session, sender_id, all_sessions).with_entities(self.SQLEvent.data)
            return [data for (data,) in events]

    async def _patiently(self, work: Callable[[bool], T]) -> T:
        """Do it in a thread, since other conversations must not wait; again while the database is away.

        ``work`` is told whether it was tried before.
        """
        deadline = time.monotonic() + _PATIENCE_SECONDS
        again = False
        while True:
            try:
                # SQLite in memory belongs to one thread.
                return await asyncio.to_thread(work, again) if self._server else work(again)
            except sa.exc.OperationalError:
                again = True
                if time.monotonic() > deadline:
                    raise
                self.engine.dispose()
                await asyncio.sleep(_RETRY_PAUSE_SECONDS)


def _row(sender_id: str, event: Event) -> dict[str, Any]:
    data = event.as_dict()
    return {
        "sender_id": sender_id,
        "type_name": event.type_name,
        "timestamp": data.get("timestamp"),
        "intent_name": data.get("parse_data", {}).get("intent", {}).get(INTENT_NAME_KEY),
        "action_name": data.get("name"),
        "data": json.dumps(data),
    }


def _event(parameters: dict[str, Any]) -> Event:
    """One event; Rasa itself would look through its tree of classes for each."""
    found = _EVENT_TYPES[parameters["event"]]._from_parameters(parameters)
    assert found is not None
    return found


def form_of(tracker: DialogueStateTracker) -> Form:
    """The form that is open in a conversation."""
    name = tracker.active_loop_name
    about = tracker.get_slot("remark_number") if name == "remark_form" else None
    return {"form": name, "form_order": None if about is None else str(about)}
