"""Following an order: progress, urging, withdrawing; in a conversation that knows it, or by number and code.

Who has shown number and code once is known: the service has the conversation follow the order from then on.
"""

from __future__ import annotations

from abc import ABC
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import texts
from actions.base import HotlineAction, confidence_of, entity, intent_of, is_command, message_id, say, text_of
from actions.client import HotlineError, client
from actions.emergency import say_emergency
from actions.intake import is_cancel
from actions.matters import ask, give
from actions.wording import day, moment
from actions.work_orders import NATURE_OF_INTENT, begin_order
from hotline.language.identifiers import find_identifiers

#: From this confidence on a message is about something else than the order that was asked for.
_SURELY_ELSE = 0.6
_INTENT = {
    "track": "track_order",
    "urge": "urge_order",
    "withdraw": "withdraw_order",
    "rate": "rate_order",
    "supplement": "supplement_order",
}

RATINGS = ("满意", "基本满意", "不满意")
_ENDED = ("已办结", "已撤回", "不予受理")
MAY_URGE = ("待受理", "已受理", "待审定", "已派单", "办理中", "挂起", "已并案")
#: Steps whose names are the office's own, in words for the citizen.
_ACTIONS = {
    "派单": "转给承办单位",
    "审定": "转给承办单位",
    "现场交办": "转给承办单位",
    "改派": "改由别的单位办理",
    "挂起": "请您补充情况",
    "恢复": "接着办理",
    "同意延期": "延长办理时间",
    "并案": "和同样的反映合在一起办",
    "解除并案": "单独办理",
    "发起回访": "答复并请您评价",
    "并案答复": "答复并请您评价",
    "回访期满": "办结",
    "复核重办": "退回重办",
    "复核办结": "复核后办结",
}


def _identifier(words: str, kind: str) -> str | None:
    return next((item.value for item in find_identifiers(words) if item.kind == kind), None)


class FollowOrder(HotlineAction, ABC):
    """Finds the order that is meant; asks for number and code when the conversation has none."""

    purpose: str = ""
    #: The states in which an order is one that may be meant; empty: any. What to say when there is none in them.
    waiting: tuple[str, ...] = ()
    none_waiting: str = ""

    def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """See the class."""
        words = text_of(tracker)
        number = entity(tracker, "order_number") or _identifier(words, "order_number")
        code = entity(tracker, "query_code") or _identifier(words, "query_code")
        mine = client().orders(tracker.sender_id, followed=True)
        if number is None and mine and self.waiting:
            mine = [order for order in mine if order["status"] in self.waiting]
            if not mine:
                say(dispatcher, self.none_waiting)
                return self.after_failure()
        if number is None and len(mine) == 1:
            number = str(mine[0]["number"])
        if number is None and mine:
            return self._which(dispatcher, mine)
        if number is not None and (code or any(order["number"] == number for order in mine)):
            return [*self.found(dispatcher, tracker, number, code), SlotSet("failures", 0)]
        if number is None:
            say(dispatcher, texts.NO_ORDERS)
        return [
            SlotSet("query_purpose", self.purpose),
            SlotSet("query_number", number),
            SlotSet("query_code", None),
            SlotSet("query_outcome", None),
            SlotSet("query_open", True),
            SlotSet("remark_open", False),
        ]

    def found(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, number: str, code: str | None
    ) -> list[EventType]:
        """Do what is wanted with the order that was found."""
        sure = entity(tracker, "confirmed") if is_command(tracker) else None
        follow(dispatcher, tracker, self.purpose, number, code, confirmed=sure)
        return [SlotSet("query_open", False)]

    def _which(self, dispatcher: CollectingDispatcher, orders: list[dict[str, Any]]) -> list[EventType]:
        # What is still under way is asked for most.
        orders = sorted(orders, key=lambda order: order["status"] in _ENDED)
        buttons = [
            {
                "title": f"{order['number']}　{order['what'][:12]}",
                "payload": f'/{_INTENT[self.purpose]}{{"order_number":"{order["number"]}"}}',
                "style": "default",
            }
            for order in orders[:5]
        ]
        say(dispatcher, texts.WHICH_ORDER.format(count=len(orders)), buttons=buttons)
        return self.after_failure()

    def after_failure(self) -> list[EventType]:
        """Begin no form."""
        return [SlotSet("query_open", False)]


class TrackOrder(FollowOrder):
    """Tells how an order stands."""

    purpose = "track"

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_track_order"


class UrgeOrder(FollowOrder):
    """Leaves an urging in an order's timeline."""

    purpose = "urge"

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_urge_order"


class WithdrawOrder(FollowOrder):
    """Withdraws an order, after asking once more."""

    purpose = "withdraw"

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_withdraw_order"


def follow(
    dispatcher: CollectingDispatcher,
    tracker: Tracker,
    purpose: str,
    number: str,
    code: str | None,
    *,
    confirmed: str | None = None,
) -> None:
    """Tell, urge or withdraw the order ``number``."""
    conversation = tracker.sender_id
    if purpose == "urge":
        order = client().act(
            number,
            "urge",
            conversation_id=conversation,
            query_code=code,
            request=message_id(tracker),
            note=text_of(tracker),
        )
        text = texts.URGED.format(number=order["number"], date=day(order["promised_date"]))
        say(dispatcher, _with_followed(text, order, code), work_order=brief(order))
    elif purpose in ("rate", "supplement"):
        _offer(
            dispatcher, purpose, client().order(number, conversation_id=conversation, query_code=code), code
        )
    elif purpose == "withdraw" and confirmed == "yes":
        order = client().act(
            number, "withdraw", conversation_id=conversation, query_code=code, request=message_id(tracker)
        )
        say(dispatcher, texts.WITHDRAWN.format(number=order["number"]), work_order=brief(order))
    elif purpose == "withdraw" and confirmed == "no":
        say(dispatcher, texts.KEPT)
    elif purpose == "withdraw":
        order = client().order(number, conversation_id=conversation, query_code=code)
        known = _known(_still_needed(order, code))
        command = f'/withdraw_order{{"order_number":"{order["number"]}"{known},"confirmed":"%s"}}'
        buttons = [
            {"title": "撤回", "payload": command % "yes", "style": "danger"},
            {"title": "不撤回", "payload": command % "no", "style": "default"},
        ]
        sure = texts.WITHDRAW_SURE.format(number=order["number"])
        say(dispatcher, _with_followed(sure, order, code), buttons=buttons)
    else:
        _tell(dispatcher, client().order(number, conversation_id=conversation, query_code=code), code)


def brief(order: dict[str, Any]) -> dict[str, Any]:
    """What the service keeps of an order beside a reply."""
    return {"number": order["number"], "status": order["status"]}


def _followed(order: dict[str, Any], code: str | None) -> list[str]:
    """What is said of an order whose code was given: that the conversation follows it now."""
    words = {"yes": texts.FOLLOWED, "full": texts.NOT_FOLLOWED}.get(order["following"] or "")
    return [words] if code and words else []


def _with_followed(text: str, order: dict[str, Any], code: str | None) -> str:
    return "\n".join([text, *_followed(order, code)])


def _still_needed(order: dict[str, Any], code: str | None) -> str | None:
    """The code, unless the conversation follows the order and is known by that."""
    return None if order["following"] == "yes" else code


def _known(code: str | None) -> str:
    """The code as a part of a button's command."""
    return f',"query_code":"{code}"' if code else ""


def _tell(dispatcher: CollectingDispatcher, order: dict[str, Any], code: str | None) -> None:
    date = day(order["promised_date"])
    ended = order["status"] in _ENDED
    words = texts.FOUND_ENDED if ended else texts.FOUND
    text = words.format(number=order["number"], nature=order["nature"], status=order["status"], date=date)
    facts = [("工单号", order["number"]), ("状态", order["status"]), ("承办单位", order["unit"])]
    facts += [] if ended else [("答复日期", f"{date}前")]
    facts += [("内容", order["what"]), ("地点", order["where"]), ("您的评价", order["rating"])]
    sections: list[dict[str, Any]] = [
        {
            "heading": "工单",
            "style": "facts",
            "open": True,
            "items": [{"label": label, "text": value} for label, value in facts if value],
        },
        {
            "heading": "办理经过",
            "style": "steps",
            "open": True,
            "items": [
                {"text": f"{moment(e['at'])}　{_ACTIONS.get(e['action'], e['action'])}", "note": None}
                for e in order["events"]
            ],
        },
    ]
    if order["answer"]:
        items = [{"text": line} for line in order["answer"].splitlines() if line.strip()]
        sections.insert(1, {"heading": "答复", "style": "text", "open": True, "items": items})
    if followed := _followed(order, code):
        items = [{"text": words} for words in followed]
        sections.append({"heading": "以后", "style": "text", "open": True, "items": items})
    lines = [f"{moment(e['at'])} {_ACTIONS.get(e['action'], e['action'])}" for e in order["events"]]
    answer = [f"答复：{order['answer']}"] if order["answer"] else []
    card = {"kind": "order", "title": f"工单 {order['number']}", "sections": sections, "source": None}
    say(
        dispatcher,
        "\n".join([text, *answer, *lines, *followed]),
        buttons=_next_steps(order, code),
        card=card,
        work_order=brief(order),
    )


def _offer(dispatcher: CollectingDispatcher, purpose: str, order: dict[str, Any], code: str | None) -> None:
    """Offer what may be said about an order that was found by number and code."""
    number = order["number"]
    if purpose == "rate" and order["status"] == "回访中":
        text = texts.RATE.format(number=number)
        say(
            dispatcher,
            _with_followed(text, order, code),
            buttons=rating_buttons(number, _still_needed(order, code)),
        )
    elif purpose == "supplement" and order["status"] in MAY_URGE:
        add = next(button for button in _next_steps(order, code) if button["title"] == "补充情况")
        text = texts.FOUND_TO_ADD_TO.format(number=number)
        say(dispatcher, _with_followed(text, order, code), buttons=[add])
    else:
        text = texts.NOTHING_TO_RATE if purpose == "rate" else texts.NOTHING_TO_ADD_TO
        say(dispatcher, _with_followed(text, order, code))


def rating_buttons(number: str, code: str | None) -> list[dict[str, Any]]:
    """The three answers to the callback's question."""
    known = _known(code)
    return [
        {
            "title": rating,
            "payload": f'/rate_order{{"order_number":"{number}"{known},"rating":"{rating}"}}',
            "style": "primary" if rating == RATINGS[0] else "default",
        }
        for rating in RATINGS
    ]


def _next_steps(order: dict[str, Any], code: str | None) -> list[dict[str, Any]]:
    """What the citizen may do with the order as it stands."""
    number, status = order["number"], order["status"]
    which = f'{{"order_number":"{number}"{_known(_still_needed(order, code))}}}'
    # The service's own command: see hotline/conversations/following.py.
    stop = {"title": "不再通知", "payload": f"!stop_following:{number}", "style": "default"}
    last = [stop] if order["following"] == "yes" and status not in _ENDED else []
    if status == "回访中":
        return [{"title": "评价答复", "payload": f"/rate_order{which}", "style": "primary"}, *last]
    if status not in MAY_URGE:
        return last
    waits = status == "挂起"
    add = {
        "title": "补充情况",
        "payload": f"/supplement_order{which}",
        "style": "primary" if waits else "default",
    }
    urge = {"title": "催办", "payload": f"/urge_order{which}", "style": "default"}
    withdraw = {"title": "撤回", "payload": f"/withdraw_order{which}", "style": "default"}
    return [*([add, withdraw] if waits else [urge, add, withdraw]), *last]


class ValidateOrderQueryForm(HotlineAction):
    """Takes number and code; both may come in one message."""

    def name(self) -> str:
        """The name by which Rasa's form finds it."""
        return "validate_order_query_form"

    def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """See the class."""
        asked = tracker.get_slot("requested_slot")
        number, code = tracker.get_slot("query_number"), tracker.get_slot("query_code")
        if asked is None:
            return self._next(number, code)
        words = text_of(tracker)
        if intent_of(tracker) == "emergency":
            say_emergency(dispatcher, words, after=texts.EMERGENCY_AFTER)
            return self._next(number, code)
        if intent_of(tracker) == "human_agent" and (is_command(tracker) or confidence_of(tracker) >= 0.7):
            return _ended("human")
        if is_cancel(words) or is_command(tracker):
            return _ended("cancelled")
        if "不记得" in words or "忘" in words or "没有" in words:
            return _ended("forgotten")
        found = _identifier(words, "order_number")
        if found is None and _identifier(words, "query_code") is None and _leaves(tracker):
            return _ended("left")
        number = found or number
        # Five digits of the number's end must not pass for the code: only what stands alone is one.
        code = _identifier(words, "query_code") or code
        if asked == "query_number" and found is None:
            say(dispatcher, texts.NUMBER_WRONG)
        elif asked == "query_code" and code is None:
            say(dispatcher, texts.CODE_WRONG)
        return self._next(number, code)

    @staticmethod
    def _next(number: str | None, code: str | None) -> list[EventType]:
        following = "query_number" if number is None else "query_code" if code is None else None
        return [
            SlotSet("query_number", number),
            SlotSet("query_code", code),
            SlotSet("query_outcome", None if following else "complete"),
            SlotSet("requested_slot", following),
        ]

    def after_failure(self) -> list[EventType]:
        """Keep the form where it is."""
        return [SlotSet("query_outcome", None)]


def _leaves(tracker: Tracker) -> bool:
    """Whether the citizen has turned to something else than the order."""
    intent = intent_of(tracker)
    return (intent == "ask_matter" or intent in NATURE_OF_INTENT) and confidence_of(tracker) >= _SURELY_ELSE


def _ended(outcome: str) -> list[EventType]:
    return [SlotSet("query_outcome", outcome), SlotSet("requested_slot", None)]


class FinishQuery(HotlineAction):
    """Does what the citizen wanted with the order that number and code name."""

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_finish_query"

    def act(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """See the class."""
        outcome = tracker.get_slot("query_outcome")
        if outcome == "human":
            say(dispatcher, texts.HANDOFF, handoff="queued", reason="citizen")
        elif outcome == "forgotten":
            say(dispatcher, texts.NO_NUMBER, buttons=[texts.HUMAN_BUTTON])
        elif outcome == "left":
            return [*self.after_failure(), *self._turn_to(dispatcher, tracker)]
        elif outcome != "complete":
            say(dispatcher, texts.QUERY_CANCELLED)
        else:
            self._follow(dispatcher, tracker)
        return self.after_failure()

    @staticmethod
    def _turn_to(dispatcher: CollectingDispatcher, tracker: Tracker) -> list[EventType]:
        """Leave the order, and go on with what the citizen has turned to."""
        say(dispatcher, texts.QUERY_LEFT)
        intent = intent_of(tracker)
        if intent == "ask_matter":
            return give(dispatcher, tracker, ask(tracker))
        return begin_order(
            dispatcher,
            tracker,
            nature=NATURE_OF_INTENT[intent],
            words=text_of(tracker),
            enterprise=intent == "enterprise_help",
        )

    @staticmethod
    def _follow(dispatcher: CollectingDispatcher, tracker: Tracker) -> None:
        number, code = str(tracker.get_slot("query_number")), tracker.get_slot("query_code")
        try:
            follow(dispatcher, tracker, str(tracker.get_slot("query_purpose")), number, code)
        except HotlineError as error:
            if not error.refused:
                raise
            again = {"title": "再查一次", "payload": "/track_order", "style": "primary"}
            say(dispatcher, error.message, buttons=[again, texts.HUMAN_BUTTON])

    def after_failure(self) -> list[EventType]:
        """The form is closed."""
        return [SlotSet("query_open", False), SlotSet("query_number", None), SlotSet("query_code", None)]
