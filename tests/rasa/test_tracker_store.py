from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
import sqlalchemy as sa
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActiveLoop, Event, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker, EventVerbosity

import components.tracker_store as stores
from components.session import TURNS, Session
from components.tracker_store import HotlineTrackerStore
from tests.rasa.conversation import form_answer, form_opens, questions, start, turn

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def domain() -> Domain:
    return Domain.load(str(ROOT / "domain.yml"))


@pytest.fixture
def store(domain: Domain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> HotlineTrackerStore:
    monkeypatch.setenv("HOTLINE_DATABASE_URL", f"sqlite:///{tmp_path / 'rasa.db'}")
    return HotlineTrackerStore(domain)


def play(store: HotlineTrackerStore, sender: str, *turns: list[Event]) -> DialogueStateTracker:
    """Let these turns happen one after the other, each with its own reading and saving."""

    async def all_turns() -> DialogueStateTracker:
        for events in turns:
            tracker = await store.retrieve(sender)
            assert tracker is not None
            for event in events:
                tracker.update(event)
            await store.save(tracker)
        found = await store.retrieve(sender)
        assert found is not None
        return found

    return asyncio.run(all_turns())


def one_by_one(first: int, last: int) -> list[list[Event]]:
    return [questions(number, number) for number in range(first, last + 1)]


def rows(store: HotlineTrackerStore) -> int:
    with store.engine.connect() as connection:
        return int(connection.execute(sa.text("SELECT count(*) FROM events")).scalar())


def content(tracker: DialogueStateTracker) -> dict[str, object]:
    return tracker.current_state(EventVerbosity.ALL)


@pytest.mark.parametrize("turns", [1, 5, 2 * TURNS - 1, 2 * TURNS, 40])
def test_a_warm_conversation_is_the_same_after_a_restart(
    store: HotlineTrackerStore, domain: Domain, turns: int
) -> None:
    talk = [start() + questions(1, 1), *one_by_one(2, turns), form_opens(turns + 1)]
    warm = play(store, "s", *talk, form_answer(turns + 2, "order_what", "order_where"))
    cold = asyncio.run(HotlineTrackerStore(domain).retrieve("s"))
    assert cold is not None
    assert content(warm) == content(cold)


def test_all_that_happened_stays_in_the_database_when_the_session_is_cut(
    store: HotlineTrackerStore,
) -> None:
    opened = [form_opens(50), form_answer(51, "order_what", "order_where")]
    answers = [form_answer(n, "order_where", "order_district") for n in range(52, 80)]
    events = [start() + questions(1, 1), *one_by_one(2, 49), *opened, *answers]
    session = play(store, "s", *events)
    assert rows(store) == sum(len(part) for part in events)
    assert len(session.events) < 200
    assert session.active_loop_name == "work_order_form"
    assert session.get_slot("order_what") == "第51句"
    assert session.get_slot("requested_slot") == "order_district"
    full = asyncio.run(store.retrieve_full_tracker("s"))
    assert full is not None
    assert len(full.events) == rows(store)


def test_what_a_broken_turn_left_is_never_seen_again(store: HotlineTrackerStore) -> None:
    play(store, "s", start() + questions(1, 3))

    async def break_off() -> int:
        tracker = await store.retrieve("s")
        assert tracker is not None
        before = len(tracker.events)
        for event in turn(4):
            tracker.update(event)
        again = await store.retrieve("s")  # the turn was never saved
        assert again is not None
        assert len(again.events) == before
        return before

    assert asyncio.run(break_off()) > 0


def test_memory_holds_the_conversations_spoken_with_last(
    store: HotlineTrackerStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stores, "WARM_CONVERSATIONS", 3)
    for number in range(6):
        tracker = play(store, f"s{number}", start() + questions(1, 2))
        asyncio.run(store.save(tracker))
        tracker.update(turn(3)[0])
        asyncio.run(store.save(tracker))
    assert list(store._warm) == ["s3", "s4", "s5"]
    assert store._warm_events == sum(len(session.events) for session in store._warm.values())
    monkeypatch.setattr(stores, "WARM_EVENTS", 1)
    play(store, "s0", turn(9))
    assert len(store._warm) <= 1


def test_a_commit_whose_answer_was_lost_is_not_done_twice(store: HotlineTrackerStore) -> None:
    written = store._write
    calls = []

    def lose_the_answer(found: list[dict[str, object]], again: bool) -> None:
        calls.append(again)
        written(found, again)
        if not again:
            raise sa.exc.OperationalError("INSERT", {}, Exception("the connection broke"))

    store._write = lose_the_answer  # type: ignore[method-assign]
    events = start() + questions(1, 2)
    play(store, "s", events)
    assert calls == [False, True]
    assert rows(store) == len(events)


def test_the_replies_to_a_message_are_found_by_its_id(store: HotlineTrackerStore) -> None:
    play(store, "s", start() + turn(1), turn(2), turn(3))
    found = asyncio.run(store.events_of_message("s", "m2"))
    assert [event.get("text") for event in found if event["event"] in ("user", "bot")] == ["第2句", "答2"]
    assert asyncio.run(store.events_of_message("s", "m9")) == []


def test_trackers_of_rasas_own_tools_are_saved_too(store: HotlineTrackerStore, domain: Domain) -> None:
    play(store, "s", start() + turn(1))
    tracker = DialogueStateTracker.from_events("s", start() + turn(1) + turn(2), domain.slots)
    asyncio.run(store.save(tracker))
    session = asyncio.run(store.retrieve("s"))
    assert isinstance(session, Session)
    assert session.latest_message is not None


def test_the_form_that_is_open_is_told_with_the_newest_message(
    store: HotlineTrackerStore, domain: Domain
) -> None:
    play(store, "s", start() + turn(1), form_opens(2), form_answer(3, "order_what", "order_where"))
    play(store, "other", start() + turn(1))

    assert store.latest("s")[1] == {"form": "work_order_form", "form_order": None}
    assert store.latest("other")[1] == {"form": None, "form_order": None}
    # A process that has just begun reads it from what is stored.
    begun = HotlineTrackerStore(domain)
    assert begun.latest("s") == (None, {})
    assert asyncio.run(begun.open_form("s")) == {"form": "work_order_form", "form_order": None}


def test_a_remark_names_the_order_it_is_about(store: HotlineTrackerStore) -> None:
    about = SlotSet("remark_number", "20261124-00017")
    opened = [*turn(1), about, ActiveLoop("remark_form")]
    for moment, event in enumerate(opened):
        event.timestamp = 1_800_000_000.0 + moment

    play(store, "s", start() + opened)

    assert store.latest("s")[1] == {"form": "remark_form", "form_order": "20261124-00017"}
