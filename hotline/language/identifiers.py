"""Numbers that stand for someone or something: phones, identity cards, work orders, query codes.

Citizens type them with blanks, hyphens and full-width digits, or spell them as they are spoken (一三八…, 幺).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

Kind = Literal["phone", "id_card", "order_number", "query_code"]

_SPOKEN = "零〇一二三四五六七八九幺两洞拐壹贰叁肆伍陆柒捌玖"
# One character for one, so that a place found in the plain text is the same place in the citizen's text.
_WIDTHS = str.maketrans("０１２３４５６７８９ＸX×　－—–_.·（）＋", "0123456789xxx ------()+")
_SPOKEN_DIGITS = str.maketrans(_SPOKEN + "，、,", "001234567891207123456789" + "   ")
# Fewer than six spoken digits in a row are a word (六零一社区, 一二三四五热线), not a number.
_SPOKEN_RUN = re.compile(f"[{_SPOKEN}0-9](?:[ ，、,\\-]?[{_SPOKEN}0-9]){{5,}}")

# What is no gap for somebody who reads may be one for somebody who hides: masking looks through all of these.
_WIDE = str.maketrans(
    dict.fromkeys("\t\n\r\u00a0\u3000\u200b\u200c\u200d\u2060\ufeff/|~=()", " ") | dict.fromkeys("‐‑‒―−", "-")
)

# What people put between the groups of a number.
_GAP = "[ -]{0,3}"


def _digits(count: int) -> str:
    """``count`` more digits, with gaps allowed before each."""
    return f"(?:{_GAP}[0-9]){{{count}}}"


# The star keeps what is masked already from being read again.
_BEFORE, _AFTER = "(?<![0-9a-zA-Z*])", "(?![0-9a-zA-Z*])"
_ID_CARD = re.compile(f"{_BEFORE}[1-9](?:{_digits(16)}{_GAP}[0-9x]|{_digits(14)}){_AFTER}", re.IGNORECASE)
_ORDER = re.compile(f"{_BEFORE}20{_digits(6)}{_digits(5)}{_AFTER}")
_MOBILE = re.compile(rf"(?<![0-9])(?:\+?(?:00)?86{_GAP})?1{_GAP}[3-9]{_digits(9)}(?![0-9])")
_LANDLINE = re.compile(
    rf"(?<![0-9])\(?0(?:[12][0-9]|[3-9][0-9]{{2}})\)?{_GAP}[2-8]{_digits(6)}(?:{_GAP}[0-9])?(?![0-9])"
)
# Without an area code only eight digits in one or two groups are a phone; seven may be anything.
_LOCAL = re.compile("(?<![0-9a-zA-Z*-])[2-8][0-9]{3}[ -]?[0-9]{4}(?![0-9a-zA-Z*-])")
_CODE = re.compile("(?<![0-9a-zA-Z*-])[0-9]{6}(?![0-9a-zA-Z*-])")
# Bank cards and mistyped identity numbers: no identifier, but nothing to show either.
_LONG = re.compile(f"{_BEFORE}[0-9]{_digits(13)}(?:{_GAP}[0-9x]){{1,5}}{_AFTER}", re.IGNORECASE)
# The same for masking: letters may stand around them, and an extension or a word before makes a local number one.
_NO_DIGIT_BEFORE, _NO_DIGIT_AFTER = "(?<![0-9*])", "(?![0-9*])"
_WIDE_ID_CARD, _WIDE_LONG = (
    re.compile(
        pattern.pattern.replace(_BEFORE, _NO_DIGIT_BEFORE).replace(_AFTER, _NO_DIGIT_AFTER), re.IGNORECASE
    )
    for pattern in (_ID_CARD, _LONG)
)
_WIDE_LOCAL = re.compile(r"(?<![0-9a-zA-Z*-])[2-8][0-9]{3}[ -]?[0-9]{4}(?:-[0-9]{1,5})?(?![0-9a-zA-Z*-])")
_SEVEN = re.compile(
    r"(?:电话|座机|固话|号码|联系方式|拨打?|[回致]电)[是为:： ]{0,3}([2-8][0-9]{2}[ -]?[0-9]{4})(?![0-9*])"
)
_UUID = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
# Fewer figures than these are no telephone number.
_FEW = 7
_FIGURE = re.compile(f"[0-9０-９{_SPOKEN}]")

_AMOUNT = re.compile(r"\s*(?:元|块|万|亿|多|余|人|个|户|平|米|吨|斤|公里|度)")
_MONEY = re.compile(r"(?:￥|¥|钱|款|费|价|金额|邮编|邮政编码|工资|共|约|计|了)[是为:： ]*$")
_CODE_WORD = re.compile(r"(?:查询码|查询密码|查询号|密码|码)")

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10x98765432"


@dataclass(frozen=True)
class Identifier:
    """A number found in a text; ``value`` is its canonical spelling, ``end`` is exclusive."""

    kind: Kind
    value: str
    start: int
    end: int


def find_identifiers(text: str) -> list[Identifier]:
    """Every identifier in ``text``, in its order; none overlaps another."""
    return _read(text)[0]


def find_long_numbers(text: str) -> list[tuple[int, int]]:
    """Where ``text`` has 15 to 19 digits that are no identifier: bank cards, mistyped identity numbers."""
    return sorted((start, end) for start, end, _ in _read(text)[1])


# The longest first, so that no phone is seen inside an identity number. No kind: nothing but hidden.
_KINDS: tuple[tuple[Kind | None, re.Pattern[str]], ...] = (
    ("id_card", _ID_CARD),
    ("order_number", _ORDER),
    ("phone", _MOBILE),
    ("phone", _LANDLINE),
    (None, _LONG),
    ("phone", _LOCAL),
)
_WIDE_KINDS: tuple[tuple[Kind | None, re.Pattern[str]], ...] = (
    ("id_card", _WIDE_ID_CARD),
    ("order_number", _ORDER),
    ("phone", _MOBILE),
    ("phone", _LANDLINE),
    (None, _WIDE_LONG),
    ("phone", _WIDE_LOCAL),
)


def _read(text: str, *, wide: bool = False) -> tuple[list[Identifier], list[tuple[int, int, str]]]:
    """The identifiers, and the long numbers that are none, as start, end and digits.

    Args:
        wide: take more for a number than a reader would.
    """
    plain = _plain(text.translate(_WIDE) if wide else text)
    if wide:
        plain = _UUID.sub(lambda match: "#" * len(match.group()), plain)
    found: list[Identifier] = []
    long: list[tuple[int, int, str]] = []
    for kind, pattern in _WIDE_KINDS if wide else _KINDS:
        for match in pattern.finditer(plain):
            digits = re.sub("[^0-9x]", "", match.group().lower())
            if kind is None:
                long.append((*match.span(), digits.upper()))
            else:
                if pattern is _WIDE_LOCAL:
                    digits = digits[:8]
                value = _canonical(kind, digits)
                local = pattern in (_LOCAL, _WIDE_LOCAL)
                if value is None or (local and _is_amount(plain, match)):
                    continue
                found.append(Identifier(kind, value, *match.span()))
            # What is taken is blotted out, so that it is found once and is no neighbour to anything.
            plain = plain[: match.start()] + "#" * len(match.group()) + plain[match.end() :]
    if wide:
        for match in _SEVEN.finditer(plain):
            digits = re.sub("[^0-9]", "", match[1])
            found.append(Identifier("phone", digits, *match.span(1)))
        return found, long
    for match in _CODE.finditer(plain):
        if _is_code(plain, match, any(item.kind == "order_number" for item in found)):
            found.append(Identifier("query_code", match.group(), match.start(), match.end()))
    return sorted(found, key=lambda item: item.start), long


def mask(text: str, *, landlines: bool = True) -> str:
    """``text`` with the middle of phones, identity and bank card numbers hidden; orders and codes stay.

    Args:
        landlines: mask them too. The words of a unit name offices, whose numbers are for everybody.
    """
    return replace_numbers(text, _masked, landlines=landlines)


def masked(value: Any) -> Any:
    """The same JSON with all its strings masked."""
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, dict):
        return {key: masked(item) for key, item in value.items()}
    return [masked(item) for item in value] if isinstance(value, list | tuple) else value


def replace_numbers(text: str, instead: Callable[[str, str], str], *, landlines: bool = True) -> str:
    """``text`` with other words for the numbers that stand for a person.

    Args:
        instead: given the kind (``phone``, ``id_card``, ``long``) and the digits, what to write.
    """
    if len(_FIGURE.findall(text)) < _FEW:
        return text
    found, long = _read(text, wide=True)
    hidden = [(start, end, instead("long", digits)) for start, end, digits in long]
    for item in found:
        if item.kind == "id_card" or (item.kind == "phone" and (landlines or is_mobile(item.value))):
            hidden.append((item.start, item.end, instead(item.kind, item.value)))
    for start, end, words in sorted(hidden, reverse=True):
        text = text[:start] + words + text[end:]
    return text


def is_mobile(number: str) -> bool:
    """Whether canonical digits are a mobile number."""
    return bool(re.fullmatch(r"1\d{10}", number))


def _masked(kind: str, digits: str) -> str:
    return mask_phone(digits) if kind == "phone" else _mask_long(digits)


def mask_phone(number: str) -> str:
    """``138****5678``; of a landline the area code and the last two digits stay."""
    if is_mobile(number):
        return f"{number[:3]}****{number[-4:]}"
    area, _, local = number.rpartition("-")
    return (f"{area}-" if area else "") + "*" * (len(local) - 2) + local[-2:]


def _mask_long(number: str) -> str:
    return f"{number[:4]}{'*' * (len(number) - 8)}{number[-4:]}"


def valid_id_card(number: str) -> bool:
    """Whether the birth date is a date and the check digit of an 18-digit number is right."""
    if re.fullmatch(r"\d{15}", number):
        return _is_date("19" + number[6:12])
    if not re.fullmatch(r"\d{17}[\dXx]", number) or not _is_date(number[6:14]):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], _WEIGHTS, strict=True))
    return _CHECK[total % 11] == number[-1].lower()


def _plain(text: str) -> str:
    text = text.translate(_WIDTHS)
    return _SPOKEN_RUN.sub(lambda match: match.group().translate(_SPOKEN_DIGITS), text)


def _canonical(kind: Kind, digits: str) -> str | None:
    if kind == "id_card":
        return digits.upper() if valid_id_card(digits) else None
    if kind == "order_number":
        return f"{digits[:8]}-{digits[8:]}" if _is_date(digits[:8]) else None
    if len(digits) > 11:
        digits = re.sub("^(?:00)?86", "", digits)
    if digits.startswith("0"):
        area = 3 if digits[1] in "12" else 4
        return f"{digits[:area]}-{digits[area:]}" if len(digits) - area in (7, 8) else None
    return None if len(digits) == 8 and _is_date(digits) else digits


def _is_amount(plain: str, match: re.Match[str]) -> bool:
    return bool(_AMOUNT.match(plain[match.end() :]) or _MONEY.search(plain[: match.start()]))


def _is_code(plain: str, match: re.Match[str], with_order: bool) -> bool:
    """Six digits stand alone: after a word for them, beside an order number, or as nearly the whole message."""
    if _CODE_WORD.search(plain[: match.start()]):
        return True
    if _is_amount(plain, match):
        return False
    rest = re.sub(r"[\W#]", "", plain[: match.start()] + plain[match.end() :])
    return with_order or len(rest) <= 6


def _is_date(digits: str) -> bool:
    try:
        return 1900 <= date(int(digits[:4]), int(digits[4:6]), int(digits[6:8])).year <= 2099
    except ValueError:
        return False
