"""A conversation as Rasa keeps it in memory: cheap to copy, and no longer than its policies look back.

Rasa rebuilds the whole state from all events at every copy, and its policies look through all turns at every prediction,
so that a message costs the more the longer the talk. The hotline keeps the transcript; of a long talk Rasa needs only the
slots, the open form and the last turns. They make a session of their own, in Rasa's own events.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain, State
from rasa.shared.core.events import (
    ActionExecuted,
    ActionExecutionRejected,
    ActiveLoop,
    Event,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

#: A session is cut at every so many turns, and keeps at least as many. No rule or story is longer than five turns.
TURNS = 6


class Session(DialogueStateTracker):
    """A tracker whose copy takes the state over, and whose states are worked out once for both policies."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """See the base class."""
        super().__init__(*arguments, **options)
        #: Turns of this session that were cut off.
        self.turns_before = 0
        #: How many of the events the store has.
        self.stored = 0
        self._states: dict[tuple[Any, ...], list[State]] = {}
        self._states_at = -1

    def copy(self) -> Session:
        """A duplicate, with the same state."""
        twin = Session(
            self.sender_id, self.slots.values(), self._max_event_history, is_rule_tracker=self.is_rule_tracker
        )
        twin.events = self.events.copy()
        twin.active_loop = copy.copy(self.active_loop)
        for name in ("_paused", "followup_action", "latest_action", "latest_message", "latest_bot_utterance"):
            setattr(twin, name, getattr(self, name))
        for name, slot in self.slots.items():
            twin.slots[name]._value = slot._value
            twin.slots[name]._has_been_set = slot._has_been_set
        twin.turns_before, twin.stored = self.turns_before, self.stored
        return twin

    def past_states(
        self,
        domain: Domain,
        omit_unset_slots: bool = False,
        ignore_rule_only_turns: bool = False,
        rule_only_data: dict[str, Any] | None = None,
    ) -> list[State]:
        """The states of all turns; see the base class. Whoever asks gets a copy that may be changed."""
        if self._states_at != len(self.events):
            self._states.clear()
            self._states_at = len(self.events)
        hidden = tuple((k, tuple(v)) for k, v in sorted((rule_only_data or {}).items()))
        key = (id(domain), omit_unset_slots, ignore_rule_only_turns and hidden)
        if key not in self._states:
            self._states[key] = super().past_states(
                domain, omit_unset_slots, ignore_rule_only_turns, rule_only_data
            )
        return [{name: _copied(part) for name, part in state.items()} for state in self._states[key]]


def _copied(part: Any) -> Any:
    return dict(part) if isinstance(part, dict) else part


def session_of(
    sender_id: str, events: Sequence[Event], domain: Domain, *, turns_before: int = 0
) -> Session:
    """The session that ``events`` end with, cut when it is long.

    The same conversation gives the same session, whether it is cut now and then or read from the store at once.

    Args:
        sender_id: the conversation.
        events: what happened, in order.
        domain: the model's domain.
        turns_before: turns of the first session in ``events`` that were cut off before.
    """
    started = max((n for n, event in enumerate(events) if isinstance(event, SessionStarted)), default=0)
    if started > 0:
        events, turns_before = events[started:], 0
    turns = [n for n, event in enumerate(events) if _begins_turn(events, n, event)]
    beyond = (turns_before + len(turns)) // TURNS * TURNS - TURNS - turns_before
    if beyond > 0:
        cut = turns[beyond] - 1
        head = _head(DialogueStateTracker.from_events(sender_id, list(events[:cut]), domain.slots))
        events, turns_before = [*head, *events[cut:]], turns_before + beyond
    session = Session(sender_id, domain.slots)
    for event in events:
        session.update(event)
    session.turns_before, session.stored = turns_before, len(events)
    return session


def bounded(session: Session, domain: Domain) -> Session:
    """The session as it is kept: cut when it has become long or a new one has begun, otherwise itself."""
    turns = 0
    for number, event in enumerate(session.events):
        if isinstance(event, UserUttered):
            turns += 1
        elif isinstance(event, SessionStarted) and number > 0:
            break
    else:
        if turns < 2 * TURNS:
            return session
    return session_of(
        session.sender_id, list(session.events), domain, turns_before=session.turns_before
    )


def _begins_turn(events: Sequence[Event], number: int, event: Event) -> bool:
    """Whether the citizen's message at ``number`` follows Rasa's listening, as all do but those of actions."""
    before = events[number - 1] if number else None
    return (
        isinstance(event, UserUttered)
        and isinstance(before, ActionExecuted)
        and before.action_name == ACTION_LISTEN_NAME
    )


def _head(before: DialogueStateTracker) -> list[Event]:
    """What a session begins with so that it stands as ``before`` does."""
    first = before.events[0]
    head: list[Event] = [SessionStarted(timestamp=first.timestamp)]
    for slot in before.slots.values():
        if slot.value != slot.initial_value:
            head.append(SlotSet(slot.name, slot.value, timestamp=first.timestamp))
    if before.active_loop_name:
        head.append(ActiveLoop(before.active_loop_name, timestamp=first.timestamp))
        if before.is_active_loop_rejected:
            head.append(ActionExecutionRejected(before.active_loop_name, timestamp=first.timestamp))
    return head
