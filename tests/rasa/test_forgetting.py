"""hotline/conversations/forgetting.py deletes from Rasa's table by these names."""

from __future__ import annotations

from components.tracker_store import HotlineTrackerStore


def test_events_are_where_the_hotline_forgets_them() -> None:
    table = HotlineTrackerStore.SQLEvent.__table__
    assert table.name == "events"
    assert {"sender_id", "timestamp"} <= set(table.columns.keys())
