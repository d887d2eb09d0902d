"""Where the bot gives way to people: agents, unkind words; and yes and no."""

from __future__ import annotations

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import texts
from actions.base import HotlineAction, confidence_of, say, text_of
from actions.client import client
from actions.matters import DefaultFallback
from actions.work_orders import begin_order, resubmit

#: Below this, strange letters are not taken for unkind words.
_SURELY_UNKIND = 0.75


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
