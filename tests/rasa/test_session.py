from __future__ import annotations

import time
from pathlib import Path

import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    Event,
    SessionStarted,
    SlotSet,
    UserUtteranceReverted,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker, EventVerbosity

from components.serving import Processor
from components.session import TURNS, Session, bounded, session_of
from tests.rasa.conversation import form_answer, form_opens, questions, said, start, turn

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def domain() -> Domain:
    return Domain.load(str(ROOT / "domain.yml"))


def whole(domain: Domain, events: list[Event]) -> DialogueStateTracker:
    """What Rasa itself makes of all events."""
    return DialogueStateTracker.from_events("s", events, domain.slots)


def stands(tracker: DialogueStateTracker) -> dict[str, object]:
    """How a conversation stands."""
    state = tracker.current_state(EventVerbosity.NONE)
    loop = state.pop("active_loop")
    return state | {"loop": (loop.get("name"), loop.get("rejected"), loop.get("is_interrupted"))}


def kept_turns(tracker: DialogueStateTracker) -> int:
    return sum(isinstance(event, UserUttered) for event in tracker.events)


TALKS = {
    "short": start() + questions(1, 3),
    "long": start() + questions(1, 100),
    "form begun long ago": start()
    + form_opens(1)
    + [event for n in range(2, 60) for event in form_answer(n, "order_what", "order_where")],
    "form open at the end": start() + questions(1, 57) + form_opens(58),
    "taken back": start() + questions(1, 40) + [*turn(41), UserUtteranceReverted()],
}


@pytest.mark.parametrize("events", TALKS.values(), ids=TALKS.keys())
def test_a_bounded_session_stands_as_the_whole_conversation_does(domain: Domain, events: list[Event]) -> None:
    full, session = whole(domain, events), session_of("s", events, domain)
    assert stands(session) == stands(full)
    assert session.get_slot("matter") == full.get_slot("matter")
    assert session.active_loop_name == full.active_loop_name
    states, all_states = session.past_states(domain), full.past_states(domain)
    # Two states a turn, of all turns that no policy may miss.
    assert states[-2 * (TURNS - 1) :] == all_states[-2 * (TURNS - 1) :]
    assert kept_turns(session) <= 2 * TURNS  # with the turn that opened a form


@pytest.mark.parametrize("events", TALKS.values(), ids=TALKS.keys())
def test_a_session_cut_now_and_then_is_the_one_that_is_read_at_once(
    domain: Domain, events: list[Event]
) -> None:
    warm = Session("s", domain.slots)
    for event in events:
        warm.update(event)
        if event == events[-1] or kept_turns(warm) % 2:
            warm = bounded(warm, domain)
    warm = bounded(warm, domain)
    cold = session_of("s", events, domain)
    assert [event.as_dict() for event in warm.events] == [event.as_dict() for event in cold.events]
    assert stands(warm) == stands(cold)
    assert warm.turns_before == cold.turns_before


def test_a_new_session_leaves_the_old_one_behind(domain: Domain) -> None:
    events = start() + questions(1, 30) + start() + questions(31, 32)
    session = bounded(session_of("s", events[:-1], domain), domain)
    assert isinstance(session.events[0], SessionStarted)
    assert kept_turns(session) == 2
    assert session.turns_before == 0


def test_a_copy_stands_the_same_and_changes_alone(domain: Domain) -> None:
    session = session_of("s", start() + questions(1, 5) + form_opens(6), domain)
    twin = session.copy()
    assert stands(twin) == stands(session) == stands(whole(domain, list(session.events)))
    for event in form_answer(7, "order_what", "order_where"):
        twin.update(event)
    assert twin.get_slot("order_what") == "第7句"
    assert session.get_slot("order_what") is None
    assert session.get_slot("requested_slot") == "order_what"
    assert len(twin.events) == len(session.events) + 6


def test_states_are_worked_out_anew_after_every_event_and_are_each_askers_own(domain: Domain) -> None:
    session = session_of("s", start() + questions(1, 2), domain)
    before = session.past_states(domain)
    before[-1].clear()
    assert session.past_states(domain)[-1] != {}
    session.update(said(3, "thanks"))
    assert session.past_states(domain) == whole(domain, list(session.events)).past_states(domain)
    assert session.applied_events() == whole(domain, list(session.events)).applied_events()


def test_who_comes_back_after_hours_finds_the_form_as_it_was(domain: Domain) -> None:
    hours_ago = time.time() - 3 * 3600
    events: list[Event] = [
        ActionExecuted("action_listen", timestamp=hours_ago),
        UserUttered("我要投诉楼上太吵", intent={"name": "complaint"}, timestamp=hours_ago),
        ActiveLoop("work_order_form", timestamp=hours_ago),
        SlotSet("order_what", "楼上太吵", timestamp=hours_ago),
        ActionExecuted("action_listen", timestamp=hours_ago),
    ]
    session = session_of("citizen", events, domain)
    processor = object.__new__(Processor)
    processor.domain = domain
    assert not processor._has_session_expired(session)
    assert session.active_loop_name == "work_order_form"
    assert session.get_slot("order_what") == "楼上太吵"
