"""How a work order is taken, as a pure state machine: what was asked, what the citizen said, what comes next.

No Rasa, no I/O. ``actions/work_orders.py`` turns its outcome into Rasa's events.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from actions import texts
from hotline.language.identifiers import find_identifiers
from hotline.language.places import Gazetteer, Place

Slots = dict[str, str | None]

#: The slots in the order in which they are asked.
ORDER = (
    "order_what",
    "order_where",
    "order_district",
    "order_when",
    "order_contact",
    "order_name",
    "order_confidential",
    "order_confirmed",
)
ANONYMOUS = "匿名"
NO_NAME = "不留姓名"
UNCLEAR = "说不清"
CONFIDENTIAL = {"内容可以核实": "身份保密，内容可以核实", "都保密": "身份和内容都保密"}

PLACED = ("投诉", "求助", "举报")
_FIELDS = {
    "order_contact": ("电话", "手机", "号码", "联系方式"),
    "order_where": ("地点", "地址", "位置", "地方"),
    "order_name": ("称呼", "姓名", "名字", "姓"),
    "order_when": ("时间", "日期", "什么时候"),
    "order_what": ("内容", "事情", "情况", "描述"),
}
#: What is left of a correction that names a field and no new value.
_BARE_CORRECTION = re.compile(
    "|".join(key for keys in _FIELDS.values() for key in keys)
    + "|一下|不对|错|改|换|更正|修改|写|填|搞|说|要|想|我|把|的|了|下|是|那个|[，,。 ]"
)
_FIELD_NAMES = {
    "order_contact": "电话",
    "order_where": "地点",
    "order_name": "称呼",
    "order_when": "时间",
    "order_what": "内容",
}
_CANCEL = re.compile(
    r"^(我?(先|还是)?(取消|退出|算了|不反映|不投诉|不举报|不登记|不填|不报|不说|不弄|不搞)(了|吧|啦|算了|登记|工单|反映|投诉|举报)*"
    r"|算了吧?[,，]?(不.{0,4}了)?)[。.!！~]*$"
)
_WRONG = re.compile(
    r"^(不对|不是|错了|写错|填错|搞错|说错|更正|改一下|改下|修改|等一下|等下)|改成|改为|应该是|更正为|换成"
)
_YES = re.compile(
    r"^((确认提交|确认|提交|对的?|是的?|没错|没(有)?问题|可以|好的?|行|嗯+|要得|就这样|就是这样|正确|ok)[了吧的啊呀，,、。.!！ ]*){1,3}$",
    re.IGNORECASE,
)
_ANONYMOUS = re.compile(r"匿名|不留|不想留|不方便|保密|不(给|提供|告诉|要|用)|没有?电话|冇得电话")
_NO_NAME = re.compile(r"不留|不想|不方便|不(说|用|要|告诉|提供)|匿名|随便|保密|没必要")
_NAME_LEAD = re.compile(r"^(我叫|叫我|我姓|我是|免贵姓|姓|称呼我?|就叫我?|名字(是|叫)?|您?可以叫我)")


@dataclass
class Step:
    """What one message of the citizen does to the form."""

    slots: Slots = field(default_factory=dict)
    #: What to say before the next question.
    say: list[str] = field(default_factory=list)
    #: ``submitted``, ``cancelled``, or None while the form goes on.
    outcome: str | None = None
    #: Whether the message was an answer to what was asked, or a correction.
    understood: bool = True


def next_slot(slots: Slots) -> str | None:
    """What has to be asked next; None when all is there."""
    nature = slots.get("order_nature") or ""
    for name in ORDER:
        if slots.get(name) is not None:
            continue
        if name in ("order_where", "order_district", "order_when") and nature not in PLACED:
            continue
        if name == "order_name" and slots.get("order_contact") == ANONYMOUS:
            continue
        if name == "order_confidential" and nature != "举报":
            continue
        return name
    return None


def take(asked: str, words: str, slots: Slots, gazetteer: Gazetteer) -> Step:
    """Take the citizen's words while the form asks for ``asked``.

    Args:
        asked: the slot that was asked for.
        words: what the citizen wrote.
        slots: the form's slots so far.
        gazetteer: the city's places.
    """
    words = words.strip()
    if is_cancel(words):
        return Step(outcome="cancelled", say=[texts.CANCELLED])
    if _WRONG.search(words):
        corrected = _correct(asked, words, slots, gazetteer)
        if corrected is not None:
            return corrected
    return _TAKERS[asked](words, slots, gazetteer)


def is_cancel(words: str) -> bool:
    """Whether the citizen wants to stop."""
    return bool(_CANCEL.match(words.strip()))


def begin(words: str, gazetteer: Gazetteer) -> Slots:
    """The slots that the message which opened the form fills already: the matter, and the place if it names one."""
    slots: Slots = {}
    if len(words) >= 8:
        slots["order_what"] = words
        place = gazetteer.resolve(words)
        if place is not None and (place.street or place.village):
            slots.update(_place_slots(words, place))
            slots["order_where"] = place.name
    return slots


def pointed_out(place: str, gazetteer: Gazetteer) -> Slots:
    """The slots that a place on a map fills."""
    return _take_where(place, {}, gazetteer).slots


def _correct(asked: str, words: str, slots: Slots, gazetteer: Gazetteer) -> Step | None:
    """A correction of something said before: by the field's name, or by a value that can only be a telephone."""
    rest = re.sub(
        r"^(不对|不是|错了|写错了?|填错了?|搞错了?|说错了?|更正|改一下|改下|修改|等一下|等下)[,，。 、]*",
        "",
        words,
    )
    value = re.split(r"改成|改为|应该是|更正为|换成|是|：|:", rest, maxsplit=1)
    wanted = value[-1].strip(" ，。,.了啊") if len(value) > 1 else rest.strip(" ，。,.")
    target = next(
        (name for name, keys in _FIELDS.items() if any(key in (value[0] or rest)[:12] for key in keys)), None
    )
    if target is None and any(item.kind == "phone" for item in find_identifiers(rest)):
        target, wanted = "order_contact", rest
    if target is None:
        if asked == "order_confirmed":
            return Step(say=[texts.ASK_WHAT_TO_CHANGE], understood=False)
        return None
    if target != asked and slots.get(target) is None:
        return None  # nothing was said of it yet: take it as an answer to what was asked
    if not _BARE_CORRECTION.sub("", wanted):
        # Only the field was named: ask for it again.
        return Step(slots={target: None, **({"order_district": None} if target == "order_where" else {})})
    step = _TAKERS[target](wanted, slots, gazetteer)
    if step.understood:
        step.say.insert(0, texts.CHANGED.format(field=_FIELD_NAMES[target]))
    return step


def _take_what(words: str, slots: Slots, gazetteer: Gazetteer) -> Step:
    if len(words) < 4:
        return Step(say=[texts.WHAT_TOO_SHORT], understood=False)
    filled: Slots = {"order_what": words}
    place = gazetteer.resolve(words)
    if slots.get("order_where") is None and place is not None and (place.street or place.village):
        filled["order_where"] = place.name
        filled.update(_place_slots(words, place))
    return Step(slots=filled)


def _take_where(words: str, slots: Slots, gazetteer: Gazetteer) -> Step:
    place = gazetteer.resolve(words)
    if len(words) < 2 or (place is None and len(words) < 4 and words != UNCLEAR):
        return Step(say=[texts.WHERE_TOO_SHORT], understood=False)
    filled: Slots = {"order_where": words, "order_district": None, "order_place": None}
    said = []
    if place is not None:
        filled.update(_place_slots(words, place))
        if place.street or place.village:
            said.append(texts.NOTED_PLACE.format(place=place.name))
    return Step(slots=filled, say=said)


def _place_slots(words: str, place: Place) -> Slots:
    return {
        "order_district": place.district,
        "order_place": "|".join([place.district_code or "", place.street_code or ""]),
    }


def _take_district(words: str, slots: Slots, gazetteer: Gazetteer) -> Step:
    if UNCLEAR in words or "不知道" in words or "不清楚" in words:
        return Step(slots={"order_district": UNCLEAR})
    place = gazetteer.resolve(words)
    if place is None or not place.district:
        return Step(say=[texts.DISTRICT_UNKNOWN], understood=False)
    return Step(slots=_place_slots(words, place))


def _take_when(words: str, slots: Slots, gazetteer: Gazetteer) -> Step:
    return Step(slots={"order_when": words[:200]})


def _take_contact(words: str, slots: Slots, gazetteer: Gazetteer) -> Step:
    phone = next((item.value for item in find_identifiers(words) if item.kind == "phone"), None)
    if phone is not None:
        filled: Slots = {"order_contact": phone}
        if slots.get("order_contact") == ANONYMOUS:
            filled["order_name"] = None
        return Step(slots=filled)
    if _ANONYMOUS.search(words):
        return Step(slots={"order_contact": ANONYMOUS})
    return Step(say=[texts.PHONE_WRONG], understood=False)


def _take_name(words: str, slots: Slots, gazetteer: Gazetteer) -> Step:
    if _NO_NAME.search(words):
        return Step(slots={"order_name": NO_NAME})
    name = _NAME_LEAD.sub("", words).strip(" ，。,.!！吧")
    if not 1 <= len(name) <= 12:
        return Step(say=[texts.NAME_TOO_LONG], understood=False)
    return Step(slots={"order_name": name})


def _take_confidential(words: str, slots: Slots, gazetteer: Gazetteer) -> Step:
    return Step(
        slots={"order_confidential": "内容可以核实" if "核实" in words or "可以" in words else "都保密"}
    )


def _take_confirmed(words: str, slots: Slots, gazetteer: Gazetteer) -> Step:
    if _YES.match(words):
        return Step(slots={"order_confirmed": "yes"}, outcome="submitted")
    target = next((name for name, keys in _FIELDS.items() if any(key in words[:12] for key in keys)), None)
    if target is not None:
        corrected = _correct("order_confirmed", words, slots, gazetteer)
        if corrected is not None:
            return corrected
    return Step(say=[texts.ASK_WHAT_TO_CHANGE], understood=False)


_TAKERS = {
    "order_what": _take_what,
    "order_where": _take_where,
    "order_district": _take_district,
    "order_when": _take_when,
    "order_contact": _take_contact,
    "order_name": _take_name,
    "order_confidential": _take_confidential,
    "order_confirmed": _take_confirmed,
}
