"""What goes into the fields of template and subscription messages: a key's beginning is its kind. Pure.

The platform refuses a message with a value that its field does not take (47003), so that each is made to fit; the limits are
those of its page 订阅消息参数值内容限制.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal

#: What can be told: the order's number, its state, when it came to that, the first words of the notice.
What = Literal["number", "status", "date", "text"]

_KIND = re.compile(r"([a-z_]+?)\d*")
_HAN = "\u4e00-\u9fff"
_MOST = 20


def _cut(value: str, most: int) -> str:
    return value if len(value) <= most else value[: most - 1] + "…"


def _only(pattern: str, most: int) -> Callable[[str], str]:
    return lambda value: re.sub(f"[^{pattern}]", "", value)[:most]


#: Kinds, what they can hold, and how a value is made to fit. What is not named takes twenty characters of anything.
_KINDS: dict[str, tuple[frozenset[What], Callable[[str], str]]] = {
    "thing": (frozenset({"number", "status", "date", "text"}), lambda value: _cut(value, _MOST)),
    "phrase": (frozenset({"status"}), _only(_HAN, 5)),
    "name": (frozenset({"status"}), _only(_HAN, 10)),
    "character_string": (frozenset({"number"}), _only(r"!-~", 32)),
    "number": (frozenset({"number"}), _only(r"0-9", 32)),
    "time": (frozenset({"date"}), lambda value: value),
    "date": (frozenset({"date"}), lambda value: value),
    "const": (frozenset({"status"}), lambda value: _cut(value, _MOST)),
}
#: Kinds for which we have nothing.
_NOTHING = ("letter", "symbol", "amount", "phone_number", "car_number")


def takes(key: str, what: What) -> bool:
    """Whether a field of this key can hold it."""
    kind = _kind(key)
    return kind not in _NOTHING and (kind not in _KINDS or what in _KINDS[kind][0])


def fitted(key: str, value: str) -> str:
    """``value`` as the field takes it."""
    flat = " ".join(value.split())
    kind = _kind(key)
    return _KINDS[kind][1](flat) if kind in _KINDS else _cut(flat, _MOST)


def _kind(key: str) -> str:
    found = _KIND.fullmatch(key)
    return found[1] if found else key
