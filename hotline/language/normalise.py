"""The one spelling that every other part reads: widths, invisible characters, emoji and repetitions evened out.

Digits, names and addresses stay as they were typed: a phone number that ends in 8888 must survive.
"""

from __future__ import annotations

import re
import unicodedata

# NFKC would also turn these into ASCII, and the readers of sentences look for the Chinese ones.
_KEPT_PUNCTUATION = "，。！？；：（）、～“”‘’《》【】…—·"
# Combining marks are joined by NFKC already; left over are joiners, direction marks and variation selectors.
_INVISIBLE = re.compile(r"[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e"
                        r"\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e0fff]")  # fmt: skip
# Emoji and dingbats; ①–⑳ and ㎡ are letters and figures to a citizen and are left to NFKC.
_EMOJI = re.compile(
    r"[\u20e3\u2190-\u21ff\u2300-\u23ff\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff\U0001fb00-\U0001fbff]"
)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ue000-\uf8ff\ufffc\ufffd]")
# Three are left of "好好好好好"; digits, and the Chinese numerals in spoken numbers, are not touched.
_REPEATED = re.compile(r"([^\W\d_零〇一二三四五六七八九十幺两])\1{3,}")
_REPEATED_MARK = re.compile(r"([^\w\s])\1{3,}")
_BLANKS = re.compile(r"[ \t\u3000]+")
_LINES = re.compile(r"\s*\n\s*")


def normalise(text: str) -> str:
    """``text`` in its plain spelling; at most three of one character in a row, blanks and lines trimmed."""
    text = _LINES.sub("\n", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = "".join(_narrow(character) for character in text)
    text = unicodedata.normalize("NFC", text)
    text = _CONTROL.sub("", _EMOJI.sub("", _INVISIBLE.sub("", text)))
    text = _REPEATED_MARK.sub(r"\1\1\1", _REPEATED.sub(r"\1\1\1", text))
    return _BLANKS.sub(" ", text).strip()


def _narrow(character: str) -> str:
    """NFKC of one character, except where it would change Chinese punctuation or write one sign as several."""
    if character in _KEPT_PUNCTUATION:
        return character
    return unicodedata.normalize("NFKC", character)
