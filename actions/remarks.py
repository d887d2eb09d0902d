"""What a citizen says about an order of his: whether the answer is good (评价), and what is to be added (补充)."""

from __future__ import annotations

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import texts
from actions.base import HotlineAction, confidence_of, entity, intent_of, is_command, message_id, say, text_of
from actions.client import client
from actions.emergency import say_emergency
from actions.intake import is_cancel
from actions.tracking import MAY_URGE, FollowOrder, brief, rating_buttons
from actions.wording import day

#: Words as long as this say something; shorter ones only that something is to be said.
_SAYS_SOMETHING = 15
_NO_FORM = [SlotSet("query_open", False), SlotSet("remark_open", False)]


class RateOrder(FollowOrder):
    """Takes the rating of an answer; 不满意 is asked for its reason."""

    purpose = "rate"
    waiting = ("回访中",)
    none_waiting = texts.NOTHING_TO_RATE

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_rate_order"

    def found(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, number: str, code: str | None
    ) -> list[EventType]:
        """See the class."""
        rating = entity(tracker, "rating") if is_command(tracker) else _rating_in(text_of(tracker))
        if rating is None:
            say(dispatcher, texts.RATE.format(number=number), buttons=rating_buttons(number, code))
            return _NO_FORM
        if rating != "不满意":
            _rate(dispatcher, tracker, number, code, rating, "")
            return _NO_FORM
        return _ask("rate", number, code)

    def after_failure(self) -> list[EventType]:
        """Begin no form."""
        return _NO_FORM


class SupplementOrder(FollowOrder):
    """Takes what the citizen adds to an order."""

    purpose = "supplement"
    waiting = MAY_URGE
    none_waiting = texts.NOTHING_TO_ADD_TO

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_supplement_order"

    def found(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, number: str, code: str | None
    ) -> list[EventType]:
        """See the class."""
        words = text_of(tracker)
        if len(words) >= _SAYS_SOMETHING:
            _supplement(dispatcher, tracker, number, code, words)
            return _NO_FORM
        return _ask("supplement", number, code)

    def after_failure(self) -> list[EventType]:
        """Begin no form."""
        return _NO_FORM


def _ask(purpose: str, number: str, code: str | None) -> list[EventType]:
    return [
        SlotSet("query_open", False),
        SlotSet("remark_open", True),
        SlotSet("remark_purpose", purpose),
        SlotSet("remark_number", number),
        SlotSet("remark_code", code),
        SlotSet("remark", None),
        SlotSet("remark_outcome", None),
    ]


def _rating_in(words: str) -> str | None:
    """The rating that somebody says in words: the strictest that fits."""
    if any(word in words for word in ("不满意", "没解决", "没有解决", "不好", "差评", "太差")):
        return "不满意"
    return next((rating for rating in ("基本满意", "满意") if rating in words), None)


class AskRemark(HotlineAction):
    """Asks for the reason, or for what is to be added."""

    def name(self) -> str:
        """The name by which Rasa's form finds it."""
        return "action_ask_remark"

    def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """See the class."""
        if tracker.get_slot("remark_purpose") == "rate":
            say(dispatcher, texts.ASK_WHY, buttons=texts.WHY_BUTTONS)
        else:
            number = tracker.get_slot("remark_number")
            say(dispatcher, texts.ASK_SUPPLEMENT.format(number=number), buttons=[texts.LEAVE_BUTTON])
        return []


class ValidateRemarkForm(HotlineAction):
    """Takes the one answer; lets the citizen leave, or call for help."""

    def name(self) -> str:
        """The name by which Rasa's form finds it."""
        return "validate_remark_form"

    def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """See the class."""
        if tracker.get_slot("requested_slot") is None:  # the form has just begun
            return [SlotSet("remark_outcome", None), SlotSet("requested_slot", "remark")]
        words = text_of(tracker)
        if intent_of(tracker) == "emergency":
            say_emergency(dispatcher, words, after=texts.EMERGENCY_AFTER)
            return [SlotSet("remark_outcome", None), SlotSet("requested_slot", "remark")]
        if intent_of(tracker) == "human_agent" and (is_command(tracker) or confidence_of(tracker) >= 0.7):
            return _ended("human")
        if is_command(tracker):
            return _ended("rated" if intent_of(tracker) == "rate_order" else "left")
        if is_cancel(words) or words == texts.LEAVE_BUTTON["title"]:
            return _ended("left")
        if len(words.strip()) < 2:
            say(dispatcher, texts.REMARK_TOO_SHORT)
            return [SlotSet("remark_outcome", None), SlotSet("requested_slot", "remark")]
        return [SlotSet("remark", words), *_ended("complete")]

    def after_failure(self) -> list[EventType]:
        """Keep the form where it is."""
        return [SlotSet("remark_outcome", None)]


def _ended(outcome: str) -> list[EventType]:
    return [SlotSet("remark_outcome", outcome), SlotSet("requested_slot", None)]


class FinishRemark(HotlineAction):
    """Hands the remark in."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_finish_remark"

    def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """See the class."""
        get = tracker.get_slot
        outcome, number, code = get("remark_outcome"), str(get("remark_number")), get("remark_code")
        if outcome == "human":
            say(dispatcher, texts.HANDOFF, handoff="queued", reason="citizen")
        elif outcome == "rated":  # another rating was pressed meanwhile
            rating = entity(tracker, "rating") or "不满意"
            _rate(dispatcher, tracker, number, code, rating, texts.NO_REASON if rating == "不满意" else "")
        elif outcome != "complete":
            say(dispatcher, texts.REMARK_LEFT)
        elif get("remark_purpose") == "rate":
            _rate(dispatcher, tracker, number, code, "不满意", str(get("remark")))
        else:
            _supplement(dispatcher, tracker, number, code, str(get("remark")))
        return self.after_failure()

    def after_failure(self) -> list[EventType]:
        """The form is closed."""
        return [SlotSet("remark_open", False), SlotSet("remark_number", None), SlotSet("remark_code", None)]


def _rate(
    dispatcher: CollectingDispatcher,
    tracker: Tracker,
    number: str,
    code: str | None,
    rating: str,
    reason: str,
) -> None:
    order = client().act(
        number,
        "rate",
        conversation_id=tracker.sender_id,
        query_code=code,
        request=message_id(tracker),
        note=reason,
        rating=rating,
    )
    if rating != "不满意":
        words = texts.RATED.format(number=number)
    elif order["status"] == "待复核":
        words = texts.RATED_REVIEW.format(number=number)
    else:
        words = texts.RATED_REDO.format(number=number, date=day(order["promised_date"]))
    say(dispatcher, words, work_order=brief(order))


def _supplement(
    dispatcher: CollectingDispatcher, tracker: Tracker, number: str, code: str | None, words: str
) -> None:
    order = client().act(
        number,
        "supplement",
        conversation_id=tracker.sender_id,
        query_code=code,
        request=message_id(tracker),
        note=words,
    )
    say(
        dispatcher,
        texts.SUPPLEMENTED.format(number=number, date=day(order["promised_date"])),
        work_order=brief(order),
    )
