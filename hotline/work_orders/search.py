"""What a person types to find orders: a number or the end of one, a telephone number, or words of content and place.

Words are looked up by pairs of neighbouring characters, in the index ``ix_work_order_words``: PostgreSQL's own trigrams
need an extension that not every server has, and know no Chinese under the locale C.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, cast, func, literal
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text

from hotline.language.identifiers import find_identifiers
from hotline.work_orders.errors import WorkOrderError
from hotline.work_orders.models import WORDS, WorkOrder

#: So many words are looked for; more make nothing clearer.
_MOST = 8
_NUMBER = re.compile(r"20\d{6}(-\d{0,5})?")
_TAIL = re.compile(r"\d{1,5}")
_SPACES = re.compile(r"\s+")


def pairs(word: str) -> list[str]:
    """The pairs of neighbouring characters of ``word``, as ``hotline.bigrams`` makes them in the database."""
    letters = _SPACES.sub("", word).lower()
    return sorted({letters[place : place + 2] for place in range(len(letters) - 1)})


def identified(typed: str) -> ColumnElement[bool] | None:
    """What an order fulfils that a number or a telephone number names; None when these are words."""
    if _NUMBER.fullmatch(typed):
        return WorkOrder.number.startswith(typed)
    if _TAIL.fullmatch(typed):
        return func.split_part(WorkOrder.number, "-", 2) == typed.zfill(5)
    phone = next((item.value for item in find_identifiers(typed) if item.kind == "phone"), None)
    return WorkOrder.phone == phone if phone and len(typed) <= len(phone) + 6 else None


def is_number(typed: str) -> bool:
    """Whether an order's number, or the end of one, was typed."""
    return bool(_NUMBER.fullmatch(typed) or _TAIL.fullmatch(typed))


def terms(typed: str) -> list[str]:
    """The words, all of which must stand in an order.

    Raises:
        WorkOrderError: there is nothing to look for.
    """
    found = typed.lower().split()[:_MOST]
    if not any(len(word) > 1 for word in found):
        raise WorkOrderError("too_short", "请至少输入两个字，或者工单号、电话号码。")
    return found


def stand_in(said: ColumnElement[str], words: Sequence[str]) -> ColumnElement[bool]:
    """Whether all words stand in ``said``."""
    return and_(*(func.lower(said).contains(word, autoescape=True) for word in words))


def have_pairs_of(words: Sequence[str]) -> ColumnElement[bool]:
    """The candidates that the index gives; 山泰路 has the pairs of 泰路 and 山泰, so that the text decides."""
    known = sorted({pair for word in words for pair in pairs(word)})
    kept: Any = func.hotline.bigrams(WORDS)
    found: ColumnElement[bool] = kept.op("@>")(cast(literal(known, ARRAY(Text)), ARRAY(Text)))
    return found
