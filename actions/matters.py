"""Questions about matters: the knowledge base answers, the dialogue keeps what it was about."""

from __future__ import annotations

import re
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import texts
from actions.base import HotlineAction, confidence_of, entity, intent_of, is_command, message_id, say, text_of
from actions.client import client

#: Failures to understand in a row from which on people are offered.
_PATIENCE = 2
#: The matter that the button 都不是 names.
_NONE = "none"


def _asked_before(tracker: Tracker) -> str:
    """The citizen's last typed words before the newest message."""
    typed = (str(event.get("text") or "") for event in reversed(tracker.events) if event["event"] == "user")
    return next((words for words in typed if words and not words.startswith("/")), "")


def ask(tracker: Tracker) -> dict[str, Any]:
    """Ask the knowledge base what the citizen's newest message asks, in the context of the dialogue."""
    pressed = is_command(tracker)
    none_of_them = pressed and entity(tracker, "matter") == _NONE
    question = {
        # "None of these" is recorded for the editors as the question that it answers.
        "text": _asked_before(tracker) if none_of_them else text_of(tracker),
        "matter": tracker.get_slot("matter"),
        "aspect": tracker.get_slot("aspect"),
        "earlier": tracker.get_slot("matter_before"),
        "offered": tracker.get_slot("offered") or [],
        "area": entity(tracker, "area") if pressed else None,
        "command_matter": entity(tracker, "matter") if pressed else None,
        "command_aspect": entity(tracker, "aspect") if pressed else None,
        "message_id": message_id(tracker),
        "conversation_id": tracker.sender_id,
    }
    return client().answer(question)


#: Words of a question; a grievance that has none is no question, whatever matter it touches.
QUESTION = re.compile(
    r"[?？吗呢么啵]\s*$|怎么|怎样|如何|哪里|哪儿|哪个|哪些|在哪|多少|多久|好久|几点|几天|几个|什么|么子|何什|何解|能不能|可不可以"
    r"|要不要|是不是|有没有|得不得|行不行|合不合|多大|向谁|找谁|找哪|打哪|冇得?[?？ ]*$|不[?？ ]*$"
)
#: From this confidence of the base on a question is answered though it reads like a complaint, as long as the
#: classifier is less sure than this.
_SURE_OF_MATTER = 0.7
_NOT_SURE_OF_INTENT = 0.9


def look_up(tracker: Tracker) -> dict[str, Any] | None:
    """What the base would answer to the newest words by themselves, when it is sure; nothing is recorded."""
    words = text_of(tracker)
    if not words:
        return None
    found = client().answer({"text": words, "look_only": True})
    return found if found["outcome"] == "answer" else None


def asks_rather(tracker: Tracker, found: dict[str, Any] | None) -> bool:
    """Whether words that read like something else are a question about the matter that was found."""
    return bool(
        found
        and found["aspect"]
        and found["matter"]["confidence"] >= _SURE_OF_MATTER
        and confidence_of(tracker) < _NOT_SURE_OF_INTENT
        and QUESTION.search(text_of(tracker))
    )


def give(dispatcher: CollectingDispatcher, tracker: Tracker, answer: dict[str, Any]) -> list[EventType]:
    """Say an answer, and keep its matter and aspect for what is asked next."""
    also = answer.get("also")
    for number, given in enumerate([answer, also] if also else [answer]):
        reply = given["reply"]
        english = f"{texts.ENGLISH}\n" if not number and is_english(text_of(tracker)) else ""
        evidence = {
            "matter": answer.get("matter"),
            "candidates": answer.get("candidates"),
            "aspect": answer.get("aspect"),
            "fallback": answer["outcome"] == "unknown",
        }
        say(
            dispatcher,
            english + reply["text"],
            buttons=reply.get("buttons"),
            card=reply.get("card"),
            source=reply.get("source"),
            can_rate=reply.get("can_rate"),
            evidence=None if number else evidence,
        )
    kept: list[EventType] = [SlotSet("offered", answer.get("offered") or None)]
    if answer["outcome"] == "choose":
        return [*kept, SlotSet("aspect", answer.get("aspect"))]
    if answer["outcome"] != "answer":
        return kept
    newest = (also or answer)["matter"]["code"]
    before = answer["matter"]["code"] if also else tracker.get_slot("matter")
    if before != newest:
        kept.append(SlotSet("matter_before", before))
    return [*kept, SlotSet("matter", newest), SlotSet("aspect", (also or answer).get("aspect"))]


class AnswerMatter(HotlineAction):
    """Answers what was asked, asks back when two matters are close, or says honestly that it does not know."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_answer_matter"

    def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """See the class."""
        answer = ask(tracker)
        if answer["outcome"] == "unknown" and not is_command(tracker):
            return not_understood(dispatcher, tracker, answer)
        return [*give(dispatcher, tracker, answer), SlotSet("failures", 0), SlotSet("offer", None)]


class Elsewhere(HotlineAction):
    """Says where to go with what the hotline does not take on, unless it is a question the base can answer."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_elsewhere"

    def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """See the class."""
        found = look_up(tracker)
        if found is not None and asks_rather(tracker, found):
            return [*give(dispatcher, tracker, found), SlotSet("failures", 0)]
        dispatcher.utter_message(response=f"utter_{intent_of(tracker)}")
        if is_english(text_of(tracker)):
            say(dispatcher, texts.ENGLISH, buttons=[texts.HUMAN_BUTTON])
        return [SlotSet("failures", 0)]


class DefaultFallback(HotlineAction):
    """Nothing was understood for sure: the knowledge base may still know; after two failures a human is offered."""

    def name(self) -> str:
        """The action's name in the domain; it also replaces Rasa's own last resort."""
        return "action_default_fallback"

    def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """See the class."""
        answer = ask(tracker)
        if answer["outcome"] in ("answer", "choose"):
            return [*give(dispatcher, tracker, answer), SlotSet("failures", 0)]
        return not_understood(dispatcher, tracker, answer)


def not_understood(
    dispatcher: CollectingDispatcher, tracker: Tracker, answer: dict[str, Any]
) -> list[EventType]:
    """Say so; from the second time in a row on, offer people instead of another "please say it differently"."""
    failures = int(tracker.get_slot("failures") or 0) + 1
    evidence = {"candidates": answer.get("candidates"), "aspect": answer.get("aspect"), "fallback": True}
    if failures >= _PATIENCE:
        text = texts.NOT_UNDERSTOOD_TWICE if failures == _PATIENCE else texts.NOT_UNDERSTOOD_STILL
        buttons = [texts.HUMAN_BUTTON | {"style": "primary"}, texts.ORDER_BUTTON | {"style": "default"}]
    elif intent_of(tracker) == "ask_matter" and confidence_of(tracker) >= 0.5:
        text, buttons = answer["reply"]["text"], answer["reply"].get("buttons")
    else:
        text, buttons = texts.NOT_UNDERSTOOD, [texts.HUMAN_BUTTON, texts.ORDER_BUTTON]
    if is_english(text_of(tracker)):
        text = f"{texts.ENGLISH}\n{text}"
    say(dispatcher, text, buttons=buttons, evidence=evidence)
    return [SlotSet("failures", failures), SlotSet("offer", "human")]


def is_english(words: str) -> bool:
    """Whether words are written in Latin letters: two words or more, and no Chinese."""
    return words.isascii() and sum(part.isalpha() for part in re.split(r"[\s,.!?]+", words)) > 1
