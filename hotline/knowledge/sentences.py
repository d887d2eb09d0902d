"""What one message says: a correction, or two questions. Pure."""

from __future__ import annotations

import re

from hotline.language.aspects import detect_aspects, without_aspect_words

#: "不是社保卡，是医保卡": the first is taken back, the second is meant.
_INSTEAD = re.compile(
    r"(?<![是要我他她你您这那们人])不是(?![说都只应已可会能有没不要让因]|很|太)([^，。,？?！!；;是吗么]{2,14}?)的?(?:吧|啊|咯|哦)?[，,。；; 、]*"
    r"(?:我?(?:是)?(?:说|问|讲|要|要问|要办|想问|指)的?(?:就)?是?|而?是(?:问|说|要|想问)?|应该是|我?要(?:问|办|的是))"
    r"(?=[\u4e00-\u9fffA-Za-z0-9]{2})"
)
#: "问的是医保卡，不是社保卡": what comes after is taken back.
_NOT_THAT = re.compile(
    r"(?:[，,。；; ]|(?<=[\u4e00-\u9fff]))(?<![是要])不是(?:问|说|讲)?(?![说都只应已可会能有没不要让因]|很|太)[^，。,？?！!；;吗么]{2,14}(?=[。.!！]*$)"
)
_CORRECTS = re.compile(r"是|问|说|讲|要|办|指")
_PARTS = re.compile(
    r"[。？！?!；;\n]+|[，,、 ]+(?=还有|另外|顺便|再问|同时|以及|另|还想|还要|第二|其次|再一个|再就是|二是|然后)"
)
_COMMAS = re.compile(r"[，,。？！?!；;\n ]+")
#: What joins a second question to a first.
_JOINS = re.compile(
    r"还有|另外|顺便|再问|同时|以及|还想|还要问|第二|其次|再一个|再就是|二是|两件事|两个事|两个问题|和(?=.{2,12}怎么)"
)
_TAIL = 12


def corrected(text: str) -> tuple[str, bool]:
    """``text`` without what it takes back, and whether it takes anything back."""
    match = _INSTEAD.search(text)
    if match is not None and text[match.end() :].strip():
        rest = text[: match.start()].rstrip("，,。；; ") if _CORRECTS.search(text[: match.start()]) else ""
        kept = text[match.end() :]
        return (kept if len(rest) < _TAIL else f"{rest}，{kept}"), True
    match = _NOT_THAT.search(text)
    if match is not None and _CORRECTS.search(text[: match.start()]):
        return text[: match.start()], True
    return text, False


def questions(text: str) -> list[str]:
    """The questions that stand side by side in ``text``; one, the whole, when there is nothing to part."""
    parts = [part.strip("，,、 ") for part in _PARTS.split(text)]
    asking = [part for part in parts if len(part) > 3 and detect_aspects(part)]
    if len(asking) < 2 and _JOINS.search(text):
        asking = [part for part in _COMMAS.split(text) if len(part) > 3 and detect_aspects(part)]
    named = [part for part in asking if without_aspect_words(part).strip()]
    return named if len(named) > 1 else [text]
