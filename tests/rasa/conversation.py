"""Makes the events of a talk, as Rasa would log them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    BotUttered,
    DefinePrevUserUtteredFeaturization,
    Event,
    SessionStarted,
    SlotSet,
    UserUttered,
)

_clock = itertools.count(1_700_000_000)


def start() -> list[Event]:
    """What a session begins with."""
    return _timed(ActionExecuted("action_session_start"), SessionStarted(), ActionExecuted("action_listen"))


def said(number: int, intent: str = "greet") -> UserUttered:
    """The citizen's message of this number."""
    parsed = {"name": intent, "confidence": 0.9}
    return UserUttered(f"第{number}句", parsed, [], {"intent": parsed}, message_id=f"m{number}")


def turn(number: int, intent: str = "greet", action: str = "utter_greet", *more: Event) -> list[Event]:
    """A message and what came of it."""
    return _timed(
        said(number, intent),
        DefinePrevUserUtteredFeaturization(False),
        ActionExecuted(action),
        BotUttered(f"答{number}"),
        *more,
        ActionExecuted("action_listen"),
    )


def form_opens(number: int) -> list[Event]:
    """A complaint; the form opens and asks its first question."""
    return _timed(
        said(number, "complaint"),
        DefinePrevUserUtteredFeaturization(False),
        ActionExecuted("action_start_order"),
        SlotSet("order_open", True),
        ActionExecuted("work_order_form"),
        ActiveLoop("work_order_form"),
        SlotSet("requested_slot", "order_what"),
        BotUttered("什么事？"),
        ActionExecuted("action_listen"),
    )


def form_answer(number: int, slot: str, following: str) -> list[Event]:
    """An answer to the form's question, and the next question."""
    return _timed(
        said(number, "chitchat"),
        ActionExecuted("work_order_form"),
        SlotSet(slot, f"第{number}句"),
        SlotSet("requested_slot", following),
        BotUttered("然后呢？"),
        ActionExecuted("action_listen"),
    )


def questions(first: int, last: int) -> list[Event]:
    """Many turns."""
    asked = (
        turn(n, "ask_matter", "action_answer_matter", SlotSet("matter", f"matter{n}")) if n % 3 else turn(n)
        for n in range(first, last + 1)
    )
    return list(itertools.chain.from_iterable(asked))


def _timed(*events: Event) -> list[Event]:
    return list(_each_later(events))


def _each_later(events: tuple[Event, ...]) -> Iterator[Event]:
    for event in events:
        event.timestamp = float(next(_clock))
        yield event
