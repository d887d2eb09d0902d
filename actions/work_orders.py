"""Taking a work order: from the first complaint to the receipt. The rules are in ``actions/intake.py``."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from rasa_sdk import Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import intake, texts
from actions.about import say_about
from actions.base import HotlineAction, confidence_of, entity, intent_of, is_command, message_id, say, text_of
from actions.city import gazetteer
from actions.client import HotlineError, client
from actions.emergency import say_emergency
from actions.matters import QUESTION, ask, asks_rather, give, look_up
from actions.wording import day

NATURE_OF_INTENT = {
    "complaint": "投诉",
    "help_request": "求助",
    "report": "举报",
    "suggestion": "建议",
    "praise": "表扬",
    "enterprise_help": "求助",
}
_DIGRESSION_CONFIDENCE = 0.5
#: What may be a question after all.
_MAY_ASK = ("complaint", "help_request", "report", "enterprise_help")
#: A greeting is no answer to what was asked, unless it goes on with one.
_GREETING = 6
#: A question about what is being filed, not about a matter.
_ABOUT_THE_ORDER = re.compile(
    r"(多久|几天|什么时候|好久|多长时间).{0,6}(处理|解决|答复|回复|回我|有结果|管)|保密|泄露"
)
#: How a form ended that was left for an agent, with the number of orders there were then.
_LEFT = "left"
#: Questions are no answers to these.
_SHORT_ANSWERS = (
    "order_district",
    "order_when",
    "order_contact",
    "order_name",
    "order_confidential",
    "order_confirmed",
)


def begin_order(
    dispatcher: CollectingDispatcher,
    tracker: Tracker,
    *,
    nature: str,
    words: str,
    enterprise: bool = False,
    found: dict[str, Any] | None = None,
) -> list[EventType]:
    """Open the form; what the citizen has said already need not be said again.

    ``found`` is what the base knows of the matter behind a grievance: it may be asked in between.
    """
    if is_command(tracker) and _is_left(tracker):
        what = str(tracker.get_slot("order_what"))
        say(dispatcher, texts.RESUMED.format(what=what if len(what) <= 20 else f"{what[:20]}…"))
        kept = (SlotSet("order_outcome", None), SlotSet("failures", 0), SlotSet("offer", None))
        return [*kept, SlotSet("order_open", True), FollowupAction("work_order_form")]
    start = texts.START_ENTERPRISE if enterprise else texts.START[nature]
    if found:
        start += texts.READ_FIRST.format(title=found["matter"]["title"].removesuffix("一件事"))
    say(dispatcher, start, evidence={"candidates": found["candidates"]} if found else None)
    filled = dict.fromkeys(intake.ORDER) | {"order_place": None, **intake.begin(words, gazetteer())}
    if filled["order_where"] is None and nature in intake.PLACED and (place := _pointed_out(tracker)):
        filled |= intake.pointed_out(place, gazetteer())
        say(dispatcher, texts.POINTED_OUT.format(place=place))
    return [
        SlotSet("order_draft", message_id(tracker)),
        SlotSet("order_nature", nature),
        SlotSet("order_enterprise", enterprise),
        SlotSet("order_outcome", None),
        *(SlotSet(name, value) for name, value in filled.items()),
        SlotSet("failures", 0),
        SlotSet("offer", None),
        SlotSet("order_open", True),
        # After a form that was left the rules do not lead here; the form follows in any case.
        FollowupAction("work_order_form"),
    ]


def _pointed_out(tracker: Tracker) -> str | None:
    """A place on a map that the citizen has sent before; without it the place is asked for."""
    try:
        return client().place(tracker.sender_id)
    except HotlineError:
        return None


def _is_left(tracker: Tracker) -> bool:
    """Whether a form was left half filled for an agent, who has made no order of it."""
    kind, _, orders = str(tracker.get_slot("order_outcome") or "").partition(":")
    if kind != _LEFT or not tracker.get_slot("order_what"):
        return False
    return str(len(client().orders(tracker.sender_id))) == orders


class StartOrder(HotlineAction):
    """Opens a work order for a complaint, a request, a report, a suggestion, praise, or an enterprise's need."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_start_order"

    def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """See the class."""
        intent = intent_of(tracker)
        enterprise = intent == "enterprise_help" or entity(tracker, "enterprise") == "yes"
        found = None if is_command(tracker) or intent not in _MAY_ASK else look_up(tracker)
        if found is not None and asks_rather(tracker, found):
            found["reply"]["buttons"] = [texts.ORDER_BUTTON, *(found["reply"].get("buttons") or [])]
            return [*give(dispatcher, tracker, found), SlotSet("order_open", False)]
        return begin_order(
            dispatcher,
            tracker,
            nature=NATURE_OF_INTENT.get(intent, "求助"),
            words=text_of(tracker),
            enterprise=enterprise,
            found=found,
        )

    def after_failure(self) -> list[EventType]:
        """The rule that called it begins the form next: let it."""
        return [SlotSet("order_open", True)]


class ValidateWorkOrderForm(HotlineAction):
    """Takes each answer; lets the citizen ask something in between, correct, cancel, or call for help."""

    def name(self) -> str:
        """The name by which Rasa's form finds it."""
        return "validate_work_order_form"

    def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """See the class."""
        slots: intake.Slots = {
            name: tracker.get_slot(name) for name in (*intake.ORDER, "order_nature", "order_place")
        }
        asked = tracker.get_slot("requested_slot")
        if asked is None:  # the form has just begun
            return _go_on(slots, [])
        intent = intent_of(tracker)
        if intent == "emergency":
            say_emergency(dispatcher, text_of(tracker), after=texts.EMERGENCY_IN_FORM)
            return _go_on(slots, [])
        if intent == "human_agent" and (is_command(tracker) or confidence_of(tracker) >= 0.7):
            return _end("human")
        if is_command(tracker):
            return self._command(dispatcher, tracker, slots)
        words = text_of(tracker)
        if intent == "greet" and confidence_of(tracker) >= _DIGRESSION_CONFIDENCE and len(words) <= _GREETING:
            say(dispatcher, texts.GREETED)
            return _go_on(slots, [])
        if self._digression(asked, words, tracker):
            kept = answer_between(dispatcher, tracker)
            if kept is not None or asked in _SHORT_ANSWERS:
                say(dispatcher, texts.GO_ON if kept is not None else texts.ASK_LATER)
                return _go_on(slots, kept or [])
        step = intake.take(asked, words, slots, gazetteer())
        for line in step.say:
            say(dispatcher, line)
        if step.outcome is not None:
            return [*(SlotSet(name, value) for name, value in step.slots.items()), *_end(step.outcome)]
        return _go_on(slots, [], step.slots)

    def _command(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, slots: intake.Slots
    ) -> list[EventType]:
        """A pressed button of an earlier message: answer a question about a matter, then go on."""
        kept: list[EventType] = []
        if intent_of(tracker) == "ask_matter":
            kept = give(dispatcher, tracker, ask(tracker))
        say(dispatcher, texts.GO_ON)
        return _go_on(slots, kept)

    @staticmethod
    def _digression(asked: str, words: str, tracker: Tracker) -> bool:
        """Whether the citizen asks something instead of answering."""
        if words in _offered(asked):
            return False  # "最近几天" is a button's title, however much it sounds like a question
        if asked in ("order_what", "order_where") and gazetteer().resolve(words) is not None:
            return False
        if not QUESTION.search(words):
            return False
        asks = intent_of(tracker) in ("ask_matter", "hotline_info")
        if asks and confidence_of(tracker) >= _DIGRESSION_CONFIDENCE:
            return True
        # "讨薪要准备什么材料" reads like a grievance; the base knows better.
        found = look_up(tracker) if asked != "order_what" else None
        return bool(found and found["aspect"])

    def after_failure(self) -> list[EventType]:
        """Keep the form where it is: at least one slot must be set, or Rasa gives the form up."""
        return [SlotSet("order_outcome", None)]


@lru_cache(maxsize=16)
def _offered(asked: str) -> frozenset[str]:
    """What the buttons under the question for a slot say."""
    domain = yaml.safe_load((Path(__file__).resolve().parents[1] / "domain.yml").read_text(encoding="utf-8"))
    said = domain["responses"].get(f"utter_ask_{asked}", [])
    return frozenset(button["title"] for item in said for button in item.get("buttons", []))


def answer_between(dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType] | None:
    """Answer a question that comes in the middle of a form; None when there is no sure answer."""
    if intent_of(tracker) == "hotline_info" or _ABOUT_THE_ORDER.search(text_of(tracker)):
        return [] if say_about(dispatcher, text_of(tracker)) else None
    answer = ask(tracker)
    return give(dispatcher, tracker, answer) if answer["outcome"] == "answer" else None


def _go_on(slots: intake.Slots, kept: list[EventType], new: intake.Slots | None = None) -> list[EventType]:
    """Set what is new and ask what is next. ``order_outcome`` is set so that Rasa sees the form alive."""
    following = intake.next_slot({**slots, **(new or {})})
    return [
        *kept,
        *(SlotSet(name, value) for name, value in (new or {}).items()),
        SlotSet("order_outcome", None),
        SlotSet("requested_slot", following),
    ]


def _end(outcome: str) -> list[EventType]:
    return [SlotSet("order_outcome", outcome), SlotSet("requested_slot", None)]


class AskOrderConfirmed(HotlineAction):
    """Shows what will be sent, to be confirmed."""

    def name(self) -> str:
        """The name by which Rasa's form finds it."""
        return "action_ask_order_confirmed"

    def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """See the class."""
        facts = [(label, value) for label, value in [*_facts(tracker), ("照片", _photos(tracker))] if value]
        lines = [f"{label}：{value}" for label, value in facts]
        items = [{"label": label, "text": value} for label, value in facts]
        section = {"heading": "您要提交的内容", "style": "facts", "open": True, "items": items}
        say(
            dispatcher,
            "\n".join([texts.SUMMARY, *lines]),
            buttons=texts.SUMMARY_BUTTONS,
            card={"kind": "summary", "title": "请核对", "sections": [section], "source": None},
        )
        return []


def _photos(tracker: Tracker) -> str:
    """How many photographs go along; empty for none, and when the service cannot tell: they go along all the same."""
    try:
        count = client().photos_waiting(tracker.sender_id)
    except HotlineError:
        return ""
    return texts.PHOTOS.format(count=count) if count else ""


def _facts(tracker: Tracker) -> list[tuple[str, str]]:
    get = tracker.get_slot
    district, where = get("order_district") or "", get("order_where") or ""
    place = (
        where if not district or district == intake.UNCLEAR or district in where else f"{district} {where}"
    )
    name = get("order_name") or ""
    return [
        ("类型", str(get("order_nature"))),
        ("内容", str(get("order_what"))),
        ("地点", place),
        ("时间", get("order_when") or ""),
        ("电话", get("order_contact") or ""),
        ("称呼", "" if name == intake.NO_NAME else name),
        ("保密", intake.CONFIDENTIAL.get(get("order_confidential") or "", "")),
    ]


class FinishOrder(HotlineAction):
    """Sends the confirmed form and gives the receipt, or ends a form that was cancelled."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_finish_order"

    def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """See the class."""
        closed: list[EventType] = [SlotSet("order_open", False)]
        outcome = tracker.get_slot("order_outcome")
        if outcome == "human":
            # What was said stays, to go on with when the bot has the conversation again.
            orders = len(client().orders(tracker.sender_id))
            say(dispatcher, texts.HANDOFF, handoff="queued", reason="citizen")
            return [*closed, SlotSet("order_outcome", f"{_LEFT}:{orders}")]
        if outcome != "submitted":
            return [*closed, SlotSet("order_outcome", None)]
        return [*closed, *resubmit(dispatcher, tracker)]

    def after_failure(self) -> list[EventType]:
        """The form is closed; what was filled in stays, to be sent again."""
        return [SlotSet("order_open", False), SlotSet("order_outcome", "failed")]


def resubmit(dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
    """Send the form; the same form sent again gives the same receipt."""
    try:
        order = client().create_order(_draft(tracker))
    except HotlineError as error:
        text = error.message if error.refused else texts.SUBMIT_FAILED
        say(dispatcher, text, buttons=texts.SUBMIT_FAILED_BUTTONS)
        return [SlotSet("order_outcome", "failed")]
    date = day(order["promised_date"])
    notes = [texts.RECEIPT_KEEP]
    photos = order.get("photos") or 0
    if tracker.get_slot("order_contact") == intake.ANONYMOUS:
        notes.append(texts.ANONYMOUS_NOTE)
    numbers = texts.RECEIPT_NUMBERS.format(number=order["number"], code=order["query_code"])
    items = [
        {"label": "工单号", "text": order["number"]},
        {"label": "查询码", "text": order["query_code"]},
        {"label": "答复日期", "text": f"{date}前"},
        {"label": "状态", "text": order["status"]},
    ]
    if photos:
        items.append({"label": "照片", "text": texts.PHOTOS.format(count=photos)})
    sections = [
        {"heading": "回执", "style": "facts", "open": True, "items": items},
        {"heading": "请记下", "style": "text", "open": True, "items": [{"text": note} for note in notes]},
    ]
    along = [texts.RECEIPT_PHOTOS.format(count=photos)] if photos else []
    text = "\n".join([texts.RECEIPT.format(date=date), numbers, *along, *notes])
    say(
        dispatcher,
        text,
        card={"kind": "receipt", "title": "提交回执", "sections": sections, "source": None},
        handoff="work_order",
        work_order={"number": order["number"], "status": order["status"]},
    )
    return [SlotSet("order_outcome", None)]


def _draft(tracker: Tracker) -> dict[str, Any]:
    get = tracker.get_slot
    area, _, street = str(get("order_place") or "|").partition("|")
    anonymous = get("order_contact") == intake.ANONYMOUS
    facts = dict(_facts(tracker))
    confidential = get("order_confidential")
    return {
        "id": str(get("order_draft")),
        "conversation_id": tracker.sender_id,
        "nature": get("order_nature"),
        "enterprise": bool(get("order_enterprise")),
        "what": str(get("order_what"))[:4000],
        "where_text": facts["地点"][:500],
        "area_code": area or None,
        "street_code": street or None,
        "when_text": (get("order_when") or "")[:200],
        "name": None if anonymous else (facts["称呼"] or None),
        "phone": None if anonymous else get("order_contact"),
        "anonymous": anonymous,
        "confidential": confidential is not None,
        "content_confidential": confidential == "都保密",
    }
