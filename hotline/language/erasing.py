"""Taking out of a free text what points to a person, so that it cannot be put back (匿名化).

Masking keeps the ends of a number for those who work on a case; this keeps nothing. It finds what it knows and what has
a form or a word before it; a stranger's name without either stays, as docs/privacy.md says.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from hotline.language.identifiers import replace_numbers
from hotline.language.names import called_by_surname, hide_introduced, hide_name

NAME, NUMBER, ACCOUNT, PLATE, DOOR = (
    "（姓名已删）",
    "（号码已删）",
    "（账号已删）",
    "（车牌已删）",
    "（门牌已删）",
)

_FIGURE = "[0-9０-９一二两三四五六七八九十百]"
#: Mail addresses, and what follows 微信 or QQ.
ACCOUNTS = re.compile(
    r"[A-Za-z0-9_.+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+|(?<=微信)[号是为:：\s]{0,3}[A-Za-z][A-Za-z0-9_-]{4,19}|(?<=[QqＱ][QqＱ])[号是为:：\s]{0,3}\d{5,11}"
    r"|(?<![A-Za-z])(?:wx|vx|wechat)[号是为:：\s]{0,3}[A-Za-z0-9_-]{5,20}",
    re.IGNORECASE,
)
_PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Z][·•\s]?(?=[A-Z0-9]*[0-9])[A-Z0-9]{5,6}(?![A-Z0-9])",
    re.IGNORECASE,
)
#: Passports and the like.
_PAPER = re.compile(r"(?<![A-Za-z0-9])[A-Z]{1,2}[0-9]{7,9}(?![A-Za-z0-9])")
#: What masking has left of a number.
_MASKED = re.compile(r"(?:[0-9]{3,4}-)?[0-9]{0,4}\*{3,}[0-9]{1,4}[0-9Xx]?")
#: A door within a building: 2单元502室, 三单元四楼402, 3-2-502. The building itself is where it happened.
_DOOR = re.compile(
    rf"{_FIGURE}{{1,3}}\s?单元(?:\s?{_FIGURE}{{1,3}}\s?[楼层])?(?:\s?{_FIGURE}{{1,4}}(?:\s?[室房号户门]+)?)?"
    rf"|(?<=[栋幢座])\s?[0-9０-９]{{3,4}}(?:\s?[室房号])?(?![0-9米元人户])"
    rf"|{_FIGURE}{{2,5}}\s?(?:室|号房)(?!内|外设)"
    r"|(?<![0-9-])[0-9]{1,2}-[0-9]{1,2}-[0-9]{3,4}(?![0-9-])"
)


def erase(text: str, *, names: Sequence[str] = (), landlines: bool = True) -> str:
    """``text`` without what points to a person.

    Args:
        names: of people who are known to be spoken of.
        landlines: take them out too; not from the words of a unit, where they are an office's.
    """
    if not text:
        return text
    for name in names:
        text = hide_name(text, name, NAME, called=True)
    text = called_by_surname(hide_introduced(text, lambda _: NAME), NAME)
    text = ACCOUNTS.sub(ACCOUNT, text)
    text = _PLATE.sub(PLATE, text)
    text = replace_numbers(text, lambda *_: NUMBER, landlines=landlines)
    text = _PAPER.sub(NUMBER, _MASKED.sub(NUMBER, text))
    return _DOOR.sub(DOOR, text)


def erased(value: Any, how: Callable[[str], str]) -> Any:
    """The same JSON with ``how`` done to all its strings."""
    if isinstance(value, str):
        return how(value)
    if isinstance(value, dict):
        return {key: erased(item, how) for key, item in value.items()}
    return [erased(item, how) for item in value] if isinstance(value, list) else value
