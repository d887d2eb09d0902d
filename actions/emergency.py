"""Emergencies: the numbers to call first of all, in any state of the dialogue."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import yaml
from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import texts
from actions.base import HotlineAction, say, text_of
from actions.city import city_dir
from hotline.language.emergency import Emergency, detect_emergency

_URGENT_DEFAULT = ["110", "119", "120"]


@lru_cache(maxsize=1)
def _lines() -> dict[str, dict[str, Any]]:
    content = yaml.safe_load((city_dir() / "lines.yml").read_text(encoding="utf-8"))
    return {line["number"]: line for line in content["lines"]}


def say_emergency(dispatcher: CollectingDispatcher, words: str, *, after: str) -> None:
    """The numbers to call, first of all."""
    found = detect_emergency(words)
    lines = _lines()
    numbers = [n for n in (found.numbers if found else _URGENT_DEFAULT) if n in lines]
    first = _lead(found, numbers)
    say(
        dispatcher,
        f"{first}\n{after}",
        card={
            "kind": "emergency",
            "title": "请马上拨打",
            "sections": [
                {
                    "heading": "紧急电话",
                    "style": "phones",
                    "open": True,
                    "items": [
                        {"text": lines[number]["for"], "note": None, "phone": number, "link": None}
                        for number in numbers
                    ],
                },
                {"heading": "然后", "style": "text", "open": True, "items": [{"text": after}]},
            ],
            "source": None,
        },
        handoff="emergency",
    )


def _lead(found: Emergency | None, numbers: list[str]) -> str:
    """What to do at once, and whom to call."""
    return texts.EMERGENCY.get(found.kind if found else "", texts.EMERGENCY_ANY).format(
        first=numbers[0], numbers="、".join(numbers)
    )


class EmergencyAction(HotlineAction):
    """Emergencies come first of all; afterwards the dialogue goes on to help."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_emergency"

    def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """See the class."""
        say_emergency(dispatcher, text_of(tracker), after=texts.EMERGENCY_AFTER)
        return [SlotSet("failures", 0)]
