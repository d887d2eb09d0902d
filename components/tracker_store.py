"""Rasa's tracker store on the hotline's PostgreSQL."""

from __future__ import annotations

import json
import logging
import os
import time
from collections import OrderedDict
from typing import Any

import sqlalchemy as sa
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

logger = logging.getLogger(__name__)

#: How long a save is tried again while the database starts anew. Rasa would otherwise go on in memory and lose it.
_SAVE_PATIENCE_SECONDS = 20.0
_RETRY_PAUSE_SECONDS = 0.25
_KEPT_TURNS = 4096


class HotlineTrackerStore(SQLTrackerStore):
    """The SQL tracker store, which also keeps the newest turns' understanding and outlives a database restart.

    The address comes from ``HOTLINE_DATABASE_URL``; without it (``rasa shell`` on its own) trackers live in memory.
    """

    def __init__(
        self, domain: Domain | None = None, event_broker: EventBroker | None = None, **kwargs: Any
    ) -> None:
        url = os.environ.get("HOTLINE_DATABASE_URL", "")
        os.environ.setdefault("POSTGRESQL_SCHEMA", "rasa")
        super().__init__(domain, host=url or "sqlite://", event_broker=event_broker)
        self._latest: OrderedDict[str, UserUttered] = OrderedDict()
        self._add_index()

    def _add_index(self) -> None:
        """Rasa looks for a sender's last session start at every turn, and brings no index for it."""
        if self.engine.dialect.name == "postgresql":
            with self.engine.begin() as connection:
                connection.execute(
                    sa.text(
                        "CREATE INDEX IF NOT EXISTS events_sender_type ON events (sender_id, type_name, timestamp)"
                    )
                )

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Save the new events; while the database is away, wait for it.

        Raises:
            sqlalchemy.exc.OperationalError: the database did not come back in time.
        """
        deadline = time.monotonic() + _SAVE_PATIENCE_SECONDS
        while True:
            try:
                await super().save(tracker)
                break
            except sa.exc.OperationalError:
                if time.monotonic() > deadline:
                    raise
                self.engine.dispose()
                time.sleep(_RETRY_PAUSE_SECONDS)  # nothing else can be done in this process meanwhile
        if isinstance(tracker.latest_message, UserUttered):
            self._latest[tracker.sender_id] = tracker.latest_message
            self._latest.move_to_end(tracker.sender_id)
            if len(self._latest) > _KEPT_TURNS:
                self._latest.popitem(last=False)

    async def _retrieve(
        self, sender_id: str, fetch_events_from_all_sessions: bool
    ) -> DialogueStateTracker | None:
        deadline = time.monotonic() + _SAVE_PATIENCE_SECONDS
        while True:
            try:
                return await super()._retrieve(sender_id, fetch_events_from_all_sessions)
            except sa.exc.OperationalError:
                if time.monotonic() > deadline:
                    raise
                self.engine.dispose()
                time.sleep(_RETRY_PAUSE_SECONDS)

    def latest_message(self, sender_id: str) -> UserUttered | None:
        """What was understood of the sender's newest message that this process saved."""
        return self._latest.get(sender_id)

    def events_of_message(self, sender_id: str, message_id: str) -> list[dict[str, Any]]:
        """The stored events from the message with this id up to the next one; empty when it is not stored."""
        with self.session_scope() as session:
            rows = (
                session.query(self.SQLEvent.data)
                .filter(self.SQLEvent.sender_id == sender_id)
                .order_by(self.SQLEvent.id)
                .all()
            )
        found: list[dict[str, Any]] = []
        for (data,) in rows:
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
