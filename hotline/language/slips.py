"""Mends words that were typed or heard wrong: 医宝 is read as 医保, 社保咔 as 社保卡.

Only the hotline's own words (``data/lexicon/words.txt`` and ``slips.yml``) are looked for. A stretch of text is read as
one of them when it sounds like it, shares at least one character with it in its place, and is made of no other words.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from hotline.language.patterns import lexicon_file, read_lexicon

_HAN = re.compile(r"[\u4e00-\u9fff]+")
#: What follows is somebody's name.
_NAME = re.compile(
    r"(?:我叫|名叫|姓名(?:是|叫)?|名字(?:是|叫)?|联系人(?:是|叫)?|我姓|(?:本人|身份证上)叫)[:：\s]*([\u4e00-\u9fff]{2,4})"
)
#: What stands before it is the name of a place.
_PLACE = re.compile(
    r"[小社街片园]区|[东西南北中]?[路街村镇乡巷苑]|大道|公寓|花园|广场|大厦|[一二三四五六七八九十\d]+[栋组期]"
)
_SHORTEST, _LONGEST = 2, 8
#: From so many characters on, a stretch may be made of real words (工商认定 for 工伤认定), …
_LONG = 3
#: … when at least this share of them is right.
_MOSTLY = 0.6
#: A word of general language that is at least so frequent in jieba's dictionary is what it is.
_KNOWN = 3

Targets = dict[str, list[tuple[str, int]]]


@lru_cache(maxsize=20_000)
def sounds_of(character: str) -> frozenset[str]:
    """The ways a character is read, without tones, with those sounds made one that southern speakers mix up."""
    from pypinyin import Style, pinyin  # here, because its dictionary takes some time to load

    return frozenset(fold(item) for item in pinyin(character, style=Style.NORMAL, heteronym=True)[0])


@lru_cache(maxsize=20_000)
def fold(syllable: str) -> str:
    """A toneless syllable with zh/z, ch/c, sh/s, n/l, hu/f and -ng/-n made one."""
    for written, kept in (("zh", "z"), ("ch", "c"), ("sh", "s")):
        if syllable.startswith(written):
            syllable = kept + syllable[2:]
    if syllable.startswith("n"):
        syllable = "l" + syllable[1:]
    elif syllable.startswith("hu"):
        syllable = "f" + (syllable[2:] or "u")
    return syllable[:-1] if syllable.endswith("ng") else syllable


def heard(text: str) -> list[str]:
    """The folded syllables of the Chinese characters of ``text``."""
    from pypinyin import lazy_pinyin

    return [fold(syllable) for run in _HAN.findall(text) for syllable in lazy_pinyin(run)]


@lru_cache(maxsize=4)
def _targets(words: Path, slips: Path) -> tuple[Targets, frozenset[str], frozenset[str]]:
    content = read_lexicon(slips)
    known = [line.split()[0] for line in words.read_text(encoding="utf-8").splitlines() if line.strip()]
    targets: Targets = {}
    wanted = dict.fromkeys([*known, *content["words"]])
    for word in content["never"]:
        wanted.pop(word, None)
    for word in wanted:
        if _SHORTEST <= len(word) <= _LONGEST and _HAN.fullmatch(word):
            for place, character in enumerate(word):
                targets.setdefault(character, []).append((word, place))
    return targets, frozenset([*wanted, *content["never"], *content["kept"]]), frozenset(content["alone"])


def mend(text: str) -> str:
    """``text`` with slips mended, one character for one."""
    targets, right, alone = _targets(lexicon_file("words.txt"), lexicon_file("slips.yml"))
    mended = list(text)
    names = [match.span(1) for match in _NAME.finditer(text)]
    for run in _HAN.finditer(text):
        offset = run.start()
        alike = _alike(run.group(), targets)
        if not alike:
            continue
        cut = _cut(run.group())
        edges = {start for start, _ in cut} | {len(run.group())}
        taken = [(first - offset, last - offset) for first, last in names]
        for start, word in sorted(alike, key=lambda item: (-len(item[1]), item[0])):
            end = start + len(word)
            if (
                _PLACE.match(text, offset + end)
                or not {start, end} <= edges
                or any(start < last and end > first for first, last in taken)
            ):
                continue
            parts = [(place - start, part) for place, part in cut if start <= place < end]
            if _is_slip(word, parts, right) and not _wrong(word, parts) & alone:
                mended[offset + start : offset + end] = word
                taken.append((start, end))
    return "".join(mended)


def _alike(run: str, targets: Targets) -> set[tuple[int, str]]:
    """Where a word of ours may stand that is not written as it should be."""
    found = set[tuple[int, str]]()
    for number, character in enumerate(run):
        for word, place in targets.get(character, ()):
            start = number - place
            if start < 0 or start + len(word) > len(run) or (start, word) in found:
                continue
            written = run[start : start + len(word)]
            if written != word and all(
                one == other or sounds_of(one) & sounds_of(other)
                for one, other in zip(written, word, strict=True)
            ):
                found.add((start, word))
    return found


def _is_slip(word: str, parts: list[tuple[int, str]], right: frozenset[str]) -> bool:
    """Whether a stretch cut into ``parts`` (place and text) is ``word`` written wrong, and no words of its own."""
    wrong = [part for place, part in parts if word[place : place + len(part)] != part]
    if len(parts) == 1 and (wrong[0] in right or (len(word) < _LONG and _frequency(wrong[0]) >= _KNOWN)):
        return False
    if all(len(part) == 1 for part in wrong) or len(word) < _LONG:
        return len(parts) == 1 or all(len(part) == 1 for part in wrong)
    same = sum(one == other for place, part in parts for one, other in zip(part, word[place:], strict=False))
    return same / len(word) >= _MOSTLY


def _wrong(word: str, parts: list[tuple[int, str]]) -> set[str]:
    """The characters of ``parts`` that ``word`` does not have in their place."""
    written = "".join(part for _, part in parts)
    return {one for one, other in zip(written, word, strict=True) if one != other}


def _cut(run: str) -> list[tuple[int, str]]:
    import jieba

    found, start = list[tuple[int, str]](), 0
    for part in jieba.cut(run, HMM=False):
        found.append((start, part))
        start += len(part)
    return found


def _frequency(word: str) -> int:
    import jieba

    jieba.initialize()
    return int(jieba.dt.FREQ.get(word) or 0)
