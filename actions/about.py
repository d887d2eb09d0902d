"""Questions about the hotline itself, answered from the city's ``about.yml``."""

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
from actions.matters import asks_rather, give, look_up


@lru_cache(maxsize=1)
def _topics() -> list[dict[str, Any]]:
    topics: list[dict[str, Any]] = yaml.safe_load((city_dir() / "about.yml").read_text(encoding="utf-8"))[
        "topics"
    ]
    return topics


def say_about(dispatcher: CollectingDispatcher, words: str) -> bool:
    """Say what is known of the hotline to ``words``; False when nothing fits."""
    scores = [sum(len(word) for word in topic["words"] if word in words) for topic in _topics()]
    best = max(range(len(scores)), key=scores.__getitem__)
    if not scores[best]:
        return False
    topic = _topics()[best]
    source = f"来源：{topic['source']}" if topic.get("source") else None
    say(dispatcher, "\n".join(filter(None, [topic["answer"].strip(), source])), source=source)
    return True


class HotlineInfo(HotlineAction):
    """Answers what is asked about the hotline."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_hotline_info"

    def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """See the class."""
        found = look_up(tracker)
        if found is not None and asks_rather(tracker, found):
            return [*give(dispatcher, tracker, found), SlotSet("failures", 0)]
        if not say_about(dispatcher, text_of(tracker)):
            say(dispatcher, texts.INFO_UNKNOWN, buttons=[texts.HUMAN_BUTTON])
        return [SlotSet("failures", 0)]
