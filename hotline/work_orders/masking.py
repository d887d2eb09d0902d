"""What of an order's words may be shown to whom. Every way out of the service goes through here.

Everybody: numbers masked, names cut to the surname. The units, of a confidential or an anonymous order: nothing that says
who brought it, also where the citizen's own words say it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from hotline.language.erasing import ACCOUNTS
from hotline.language.identifiers import is_mobile, mask, mask_phone, replace_numbers
from hotline.language.names import hide_introduced, hide_name, introduced_names, mask_name
from hotline.work_orders.lifecycle import Role
from hotline.work_orders.models import WorkOrder

if TYPE_CHECKING:
    from hotline.work_orders.effects.step import Actor

HIDDEN = "（保密）"
#: Stands on the page of an order whose content may not be shown to the one reported.
CONTENT_NOTE = "内容保密：办理中不得把反映的内容告诉被反映的单位和个人，答复里也不要复述。"
CONTENT_HIDDEN = "（内容保密，请按职责要求办理，详情由主办单位说明）"

Veil = Callable[[str], str]

#: The end of a number that is given to be recognised by.
_TAIL = re.compile(r"(?:尾号|[后末]四位)[是为:：\s]{0,3}[0-9]{3,4}(?![0-9])")


def hidden_from(order: WorkOrder, actor: Actor) -> bool:
    """Whether ``actor`` may not know who brought the order."""
    return actor.role is Role.UNIT and (order.confidential or order.anonymous)


def for_actor(order: WorkOrder, actor: Actor, *, landlines: bool = True) -> Veil:
    """How words of the order are shown to ``actor``.

    Args:
        landlines: mask them too. In the words of a unit, an office's number is for everybody.
    """
    of_unit = actor.role is Role.UNIT
    return for_units(order, landlines=landlines) if of_unit else for_everybody(order, landlines=landlines)


def for_units(order: WorkOrder, *, landlines: bool = True) -> Veil:
    """How words of the order are shown to any unit, and written into what goes to units."""
    if not (order.confidential or order.anonymous):
        return for_everybody(order, landlines=landlines)
    return lambda words: _hidden(order, words, landlines)


def for_everybody(order: WorkOrder, *, landlines: bool = True) -> Veil:
    """How words of the order are shown to the hotline's own people, and to whoever has its query code."""
    return lambda words: _masked(order, words, landlines)


def for_public(order: WorkOrder, *, landlines: bool = True) -> Veil:
    """How words of the order are shown to anybody outside the hotline: nothing that says who brought it."""
    return lambda words: _hidden(order, words, landlines)


def sees_content(order: WorkOrder, actor: Actor) -> bool:
    """Whether ``actor`` is shown what was reported: of a confidential content the leading unit alone among the units."""
    return not order.content_confidential or actor.role is not Role.UNIT or actor.unit == order.lead_unit


def sees_photograph(order: WorkOrder, role: str, actor: Actor) -> bool:
    """Whether ``actor`` is shown a photograph that somebody of ``role`` added: a citizen's is a part of the content."""
    return role != Role.CITIZEN or sees_content(order, actor)


def veiled(value: Any, veil: Veil) -> Any:
    """The same JSON with all its strings veiled."""
    if isinstance(value, str):
        return veil(value)
    if isinstance(value, dict):
        return {key: veiled(item, veil) for key, item in value.items()}
    return [veiled(item, veil) for item in value] if isinstance(value, list) else value


def names_of(order: WorkOrder) -> list[str]:
    """The caller's name; of an order without one, those the caller's words bring with them."""
    return [order.name] if order.name else introduced_names(order.what)


def _masked(order: WorkOrder, words: str, landlines: bool) -> str:
    if not words:
        return words
    words = hide_introduced(words, mask_name)
    for name in names_of(order):
        words = hide_name(words, name, mask_name(name))
    if order.phone and not is_mobile(order.phone):
        words = _digits_of(order.phone).sub(mask_phone(order.phone), words)
    return mask(words, landlines=landlines)


def _hidden(order: WorkOrder, words: str, landlines: bool) -> str:
    if not words:
        return words
    words = hide_introduced(words, lambda _: HIDDEN)
    for name in names_of(order):
        words = hide_name(words, name, HIDDEN, called=True)
    if order.phone:
        words = _digits_of(order.phone).sub(HIDDEN, words)
    words = ACCOUNTS.sub(HIDDEN, _TAIL.sub(HIDDEN, words))
    return replace_numbers(words, lambda *_: HIDDEN, landlines=landlines)


def _digits_of(phone: str) -> re.Pattern[str]:
    """The phone's own digits, however they are set apart; of a landline also without the area code."""
    area, _, local = phone.rpartition("-")
    gap = r"[\s-]{0,3}"
    own = gap.join(re.sub(r"\D", "", local) or "x")
    code = gap.join(re.sub(r"\D", "", area))
    return re.compile(rf"(?<!\d){f'(?:{code}{gap})?' if code else ''}{own}(?!\d)")
