"""Which side of a matter a question is about: its materials, its steps, how long it takes …

``fee`` is what the procedure itself costs; ``policy`` is what one gets or pays as a rule (rates, amounts, ages).
The patterns are data: ``data/lexicon/aspects.yml``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from hotline.language.patterns import Groups, LexiconError, lexicon_file, read_lexicon

ASPECTS = (
    "conditions", "materials", "process", "time_limit", "fee", "channel", "location", "phone", "basis", "policy",
)  # fmt: skip

#: A pattern of this weight or more leaves the general "how do I do this" (weight 1) no meaning of its own.
_CLEAR = 3
_NOT_WORD = re.compile(r"[^\w]+")


@dataclass(frozen=True)
class _Pattern:
    aspect: str
    find: re.Pattern[str]
    weight: int
    unless: re.Pattern[str] | None
    whole: bool


@dataclass(frozen=True)
class _Lexicon:
    patterns: tuple[_Pattern, ...]
    asking: re.Pattern[str]
    fillers: frozenset[str]


@dataclass(frozen=True)
class AspectMention:
    """Words that ask for an aspect. ``end`` is exclusive."""

    aspect: str
    text: str
    start: int
    end: int
    weight: int
    #: The documents named in it belong to the question ("没带身份证行不行"), they are not its subject.
    whole: bool


@lru_cache(maxsize=4)
def _load(path: Path) -> _Lexicon:
    content = read_lexicon(path)
    groups = Groups(content["groups"], path.name)
    unknown = set(content["aspects"]) - set(ASPECTS)
    if unknown:
        raise LexiconError(f"{path.name} 里有没见过的方面：{'、'.join(sorted(unknown))}")
    patterns = tuple(
        _Pattern(
            aspect,
            groups.compile(item["re"]),
            int(item["weight"]),
            groups.compile(item["unless"]) if "unless" in item else None,
            bool(item.get("whole", False)),
        )
        for aspect, items in content["aspects"].items()
        for item in items
    )
    asking = groups.compile("|".join(content["asking"]))
    return _Lexicon(patterns, asking, frozenset(content["fillers"]))


def find_aspects(text: str) -> list[AspectMention]:
    """Every mention in ``text``, the strongest of each aspect first; ties in the order of the sentence."""
    return list(_find(lexicon_file("aspects.yml"), text))


@lru_cache(maxsize=1024)  # one question is looked at several times
def _find(path: Path, text: str) -> tuple[AspectMention, ...]:
    best: dict[str, AspectMention] = {}
    for pattern in _load(path).patterns:
        known = best.get(pattern.aspect)
        if known is not None and known.weight >= pattern.weight:
            continue
        match = pattern.find.search(text)
        if match is None or (pattern.unless is not None and pattern.unless.search(text)):
            continue
        best[pattern.aspect] = AspectMention(
            pattern.aspect, match.group(), match.start(), match.end(), pattern.weight, pattern.whole
        )
    mentions = sorted(best.values(), key=lambda item: (-item.weight, item.start))
    if mentions and mentions[0].weight >= _CLEAR:
        mentions = [item for item in mentions if item.weight > 1]
    return tuple(mentions)


def detect_aspects(text: str) -> list[str]:
    """The aspects ``text`` asks about, the strongest first; empty when it names none."""
    return [mention.aspect for mention in find_aspects(text)]


def without_aspect_words(text: str) -> str:
    """What ``text`` is about once questions and filler words are taken away, words parted by blanks.

    Empty means a bare follow-up ("那要多久呢"): the matter is the one that was spoken of before.
    """
    import jieba  # here, because its dictionary takes half a second to load

    lexicon = _load(lexicon_file("aspects.yml"))
    for mention in find_aspects(text):
        if mention.whole:
            text = text[: mention.start] + " " * len(mention.text) + text[mention.end :]
    return " ".join(
        word
        for part in _NOT_WORD.split(lexicon.asking.sub(" ", text))
        for word in jieba.lcut(part, HMM=False)
        if word not in lexicon.fillers
    )
