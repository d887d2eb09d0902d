"""Where the bot gives way to people: agents, emergencies, unkind words; and yes and no."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import texts
from actions.base import HotlineAction, confidence_of, say, text_of
from actions.city import city_dir
from actions.client import client
from actions.matters import DefaultFallback
from actions.work_orders import begin_order, resubmit
from hotline.language.emergency import Emergency, detect_emergency

#: Below this, strange letters are not taken for unkind words.
_SURELY_UNKIND = 0.6
_URGENT_DEFAULT = ["110", "119", "120"]


class HumanAgent(HotlineAction):
    """Puts the conversation into the agents' queue; the service does it as it delivers this reply."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_human_agent"

    def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """See the class."""
        reason = "two_failures" if tracker.get_slot("offer") == "human" else "citizen"
        say(dispatcher, texts.HANDOFF, handoff="queued", reason=reason)
        return [SlotSet("failures", 0), SlotSet("offer", None)]


def say_emergency(dispatcher: CollectingDispatcher, words: str, *, after: str) -> None:
    """The numbers to call, first of all."""
    found = detect_emergency(words)
    lines: dict[str, dict[str, Any]] = {
        line["number"]: line
        for line in yaml.safe_load((city_dir() / "lines.yml").read_text(encoding="utf-8"))["lines"]
    }
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


class Abuse(HotlineAction):
    """Stays calm: one friendly warning, then the offer of a human."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_abuse"

    def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """See the class."""
        if confidence_of(tracker) < _SURELY_UNKIND:
            return DefaultFallback().act(dispatcher, tracker)
        times = int(tracker.get_slot("unkind") or 0) + 1
        text = texts.ABUSE_FIRST if times == 1 else texts.ABUSE_AGAIN
        say(dispatcher, text, buttons=[texts.HUMAN_BUTTON, texts.ORDER_BUTTON])
        return [SlotSet("unkind", times), SlotSet("offer", "human")]


class Affirm(HotlineAction):
    """Yes: to what was offered, or to sending an order again that could not be kept."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_affirm"

    def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """See the class."""
        offer = tracker.get_slot("offer")
        done = client().orders(tracker.sender_id) if "提交" in text_of(tracker) else []
        if tracker.get_slot("order_outcome") == "failed":
            return [*resubmit(dispatcher, tracker), SlotSet("order_open", False)]
        if offer == "order":
            return begin_order(dispatcher, tracker, nature="求助", words="")
        if offer == "human":
            say(dispatcher, texts.HANDOFF, handoff="queued", reason="two_failures")
        elif done:
            say(dispatcher, texts.SENT_BEFORE.format(number=done[0]["number"]))
        else:
            say(dispatcher, texts.AFFIRM)
        return [SlotSet("offer", None), SlotSet("order_open", False)]

    def after_failure(self) -> list[EventType]:
        """Begin no form."""
        return [SlotSet("order_open", False)]


class Deny(HotlineAction):
    """No: nothing of what was offered."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_deny"

    def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """See the class."""
        say(dispatcher, texts.DENY, buttons=[texts.HUMAN_BUTTON, texts.ORDER_BUTTON])
        return [SlotSet("offer", None)]


class HotlineInfo(HotlineAction):
    """Questions about the hotline itself, answered from the city's ``about.yml``."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_hotline_info"

    def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """See the class."""
        topics = _about(city_dir() / "about.yml")
        words = text_of(tracker)
        scores = [sum(len(word) for word in topic["words"] if word in words) for topic in topics]
        best = max(range(len(topics)), key=scores.__getitem__)
        if not scores[best]:
            say(dispatcher, texts.INFO_UNKNOWN, buttons=[texts.HUMAN_BUTTON])
        else:
            source = topics[best].get("source")
            line = f"来源：{source}" if source else None
            text = topics[best]["answer"].strip() + (f"\n{line}" if line else "")
            say(dispatcher, text, source=line)
        return [SlotSet("failures", 0)]


def _about(path: Path) -> list[dict[str, Any]]:
    topics: list[dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))["topics"]
    return topics
