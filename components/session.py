"""A conversation as Rasa keeps it in memory: cheap to copy, and no longer than its policies look back.

Rasa rebuilds the whole state from all events at every copy, and its policies look through all turns at every prediction,
so that a message costs the more the longer the talk. The hotline keeps the transcript; of a long talk Rasa needs only the
slots, the open form and the last turns. They make a session of their own, in Rasa's own events.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain, State
from rasa.shared.core.events import (
    ActionExecuted,
    ActionExecutionRejected,
    ActionReverted,
    ActiveLoop,
    Event,
    Restarted,
    SessionStarted,
    SlotSet,
    UserUtteranceReverted,
    UserUttered,
)
from rasa.shared.core.slots import Slot
from rasa.shared.core.trackers import DialogueStateTracker

#: A session is cut at every so many turns, and keeps at least as many. No rule or story is longer than five turns.
TURNS = 6

_BEGINNING = frozenset({Restarted, SessionStarted})
#: Events that take others back; a form takes back its own earlier runs.
_UNDOING = frozenset({ActionReverted, UserUtteranceReverted, ActiveLoop})


class Session(DialogueStateTracker):
    """A tracker whose copy takes the state over, and whose states are worked out once for all who ask."""

    def __init__(
        self,
        sender_id: str,
        slots: Iterable[Slot],
        max_event_history: int | None = None,
        sender_source: str | None = None,
        is_rule_tracker: bool = False,
    ) -> None:
        """See the base class."""
        super().__init__(sender_id, (), max_event_history, sender_source, is_rule_tracker)
        self.slots = {slot.name: _fresh(slot) for slot in slots}
        #: Turns of this session that were cut off, and how many of the events stand for them.
        self.turns_before = 0
        self.head = 0
        #: How many of the events the store has.
        self.stored = 0
        self._known_at = -1
        self._applied: list[Event] | None = None
        self._states: dict[tuple[Any, ...], list[State]] = {}

    def init_copy(self) -> Session:
        """A tracker in the initial state; see the base class."""
        return Session(
            self.sender_id,
            self.slots.values(),
            self._max_event_history,
            is_rule_tracker=self.is_rule_tracker,
        )

    def copy(self) -> Session:
        """A duplicate, with the same state."""
        twin = self.init_copy()
        twin.events = self.events.copy()
        twin.active_loop = copy.copy(self.active_loop)
        for name in ("_paused", "followup_action", "latest_action", "latest_message", "latest_bot_utterance"):
            setattr(twin, name, getattr(self, name))
        for name, slot in self.slots.items():
            twin.slots[name]._value = slot._value
            twin.slots[name]._has_been_set = slot._has_been_set
        twin.turns_before, twin.head, twin.stored = self.turns_before, self.head, self.stored
        return twin

    def applied_events(self) -> list[Event]:
        """The events that were not undone; see the base class."""
        self._forget_old()
        if self._applied is None:
            if _UNDOING.isdisjoint(map(type, self.events)):
                started = max((n for n, e in enumerate(self.events) if type(e) in _BEGINNING), default=-1)
                self._applied = list(islice(self.events, started + 1, None))
            else:
                self._applied = super().applied_events()
        return self._applied.copy()

    def _forget_old(self) -> None:
        if self._known_at != len(self.events):
            self._known_at = len(self.events)
            self._applied = None
            self._states.clear()

    def past_states(
        self,
        domain: Domain,
        omit_unset_slots: bool = False,
        ignore_rule_only_turns: bool = False,
        rule_only_data: dict[str, Any] | None = None,
    ) -> list[State]:
        """The states of all turns; see the base class. Whoever asks gets a copy that may be changed."""
        self._forget_old()
        hidden = tuple((k, tuple(v)) for k, v in sorted((rule_only_data or {}).items()))
        key = (id(domain), omit_unset_slots, ignore_rule_only_turns and hidden)
        if key not in self._states:
            self._states[key] = super().past_states(
                domain, omit_unset_slots, ignore_rule_only_turns, rule_only_data
            )
        return [{name: _copied(part) for name, part in state.items()} for state in self._states[key]]


def _fresh(slot: Slot) -> Slot:
    """The slot with its initial value; five times as fast as ``copy.copy``, and there are many slots."""
    twin: Slot = object.__new__(type(slot))
    twin.__dict__.update(slot.__dict__)
    twin._value, twin._has_been_set = slot.initial_value, False
    return twin


def _copied(part: Any) -> Any:
    return dict(part) if isinstance(part, dict) else part


def session_of(
    sender_id: str, events: Sequence[Event], domain: Domain, *, turns_before: int = 0, head: int = 0
) -> Session:
    """The session that ``events`` end with, cut when it is long.

    The same conversation gives the same session, whether it is cut now and then or read from the store at once.

    Args:
        sender_id: the conversation.
        events: what happened, in order.
        domain: the model's domain.
        turns_before: turns of the first session in ``events`` that were cut off before.
        head: how many events at the beginning stand for them.
    """
    started = max((n for n, event in enumerate(events) if isinstance(event, SessionStarted)), default=0)
    if started > 0:
        events, turns_before, head = events[started:], 0, 0
    turns = [n for n, event in enumerate(events) if n >= head and _begins_turn(events, n, event)]
    beyond = (turns_before + len(turns)) // TURNS * TURNS - TURNS - turns_before
    if beyond > 0:
        cut = turns[beyond] - 1
        before = _head(events[:cut], domain)
        events, turns_before, head = [*before, *events[cut:]], turns_before + beyond, len(before)
    session = Session(sender_id, domain.slots)
    for event in events:
        session.update(event)
    session.turns_before, session.head, session.stored = turns_before, head, len(events)
    return session


def bounded(session: Session, domain: Domain) -> Session:
    """The session as it is kept: cut when it has become long or a new one has begun, otherwise itself."""
    turns = 0
    for number, event in enumerate(session.events):
        if isinstance(event, UserUttered):
            turns += number >= session.head
        elif isinstance(event, SessionStarted) and number > 0:
            break
    else:
        if turns < 2 * TURNS:
            return session
    return session_of(
        session.sender_id,
        list(session.events),
        domain,
        turns_before=session.turns_before,
        head=session.head,
    )


def _begins_turn(events: Sequence[Event], number: int, event: Event) -> bool:
    """Whether the citizen's message at ``number`` follows Rasa's listening, as all do but those of actions."""
    return isinstance(event, UserUttered) and number > 0 and _listens(events[number - 1])


def _head(before: Sequence[Event], domain: Domain) -> list[Event]:
    """What a session begins with so that it stands as after ``before``: the turn that opened the form, and the slots."""
    tracker = DialogueStateTracker.from_events("", list(before), domain.slots)
    time = before[0].timestamp
    head: list[Event] = [SessionStarted(timestamp=time)]
    loop = tracker.active_loop_name
    if loop:
        opened = max(
            n for n, event in enumerate(before) if isinstance(event, ActiveLoop) and event.name == loop
        )
        head += before[max((n for n in range(opened) if _listens(before[n])), default=opened) : opened + 1]
    so_far = DialogueStateTracker.from_events("", list(head), domain.slots)
    for slot in tracker.slots.values():
        if slot.value != so_far.get_slot(slot.name):
            head.append(SlotSet(slot.name, slot.value, timestamp=time))
    if loop and tracker.is_active_loop_rejected:
        head.append(ActionExecutionRejected(loop, timestamp=time))
    return head


def _listens(event: Event) -> bool:
    return isinstance(event, ActionExecuted) and event.action_name == ACTION_LISTEN_NAME
