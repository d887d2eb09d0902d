"""热点: what many complain of within a window that moves with time, by place, and by matter in a district. Pure."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from hotline.language.names import introduced_names
from hotline.similarity.clusters import belonging, clusters
from hotline.similarity.likeness import ONE_ISSUE, Case, Likeness, Matrix
from hotline.similarity.words_said import is_word, rareness

Level = Literal["地点", "事项"]
Trend = Literal["新出现", "上升", "持平", "下降"]

#: A change within these bounds is none.
_DOWN, _UP = 0.7, 1.3
_SAMPLE, _WORDS = 3, 4
#: Which cases of an issue are central is found by so many of them at most.
_COMPARED = 500
#: A matter in a district is told as one place's where more than this share of it is there.
_ALONE = 0.8
#: Where the place stands that a letter is about; later come those around it.
_OPENING = 40


@dataclass(frozen=True)
class Rules:
    """What counts as hot; ``data/city/<city>/process.yml``.

    Attributes:
        days: how long the window before is set back, to be compared with this one.
        callers: distinct callers at least, for a place; ``matter_callers``: for a matter in a district.
        half_life: days after which a case counts half.
    """

    days: float = 7
    callers: int = 3
    matter_callers: int = 4
    half_life: float = 3.5


@dataclass(frozen=True)
class Known:
    """An issue that was found before. ``members`` are ids of its cases."""

    key: str
    level: Level
    members: frozenset[str]
    topic: str | None = None
    area: str | None = None


@dataclass(frozen=True, kw_only=True)
class HotIssue:
    """One issue.

    Attributes:
        key: stays the same while the issue goes on; empty for a new one.
        level: 地点 (one place) or 事项 (one topic in one district, at several places).
        words: what is said most, for whom the topic says too little.
        callers: distinct callers in the window; ``before``: in the window before.
        heat: see :func:`heat`.
        members: ids of its cases in the window, and ``times`` when they came in; ``earlier``: ids of the cases before that
            are the same issue.
        sample: ids of its most central cases.
    """

    key: str = ""
    level: Level
    title: str
    place: str
    topic: str | None
    area: str | None
    words: tuple[str, ...]
    callers: int
    before: int
    heat: float
    trend: Trend
    since: datetime
    until: datetime
    members: tuple[str, ...]
    times: tuple[datetime, ...]
    earlier: tuple[str, ...]
    sample: tuple[str, ...]


@dataclass(frozen=True)
class Window:
    """From ``begin`` (not included) until ``until``, with the rules that count in it."""

    begin: datetime
    until: datetime
    rules: Rules

    def holds(self, case: Case) -> bool:
        """Whether the case lies in it."""
        return self.begin < case.at <= self.until

    @property
    def before(self) -> Window:
        """The same hours, ``days`` ago."""
        back = timedelta(days=self.rules.days)
        return Window(self.begin - back, self.until - back, self.rules)


@dataclass(frozen=True)
class Names:
    """How topics and districts are called."""

    topics: Mapping[str, str]
    areas: Mapping[str, str]


def find(
    cases: Sequence[Case],
    vectors: Matrix,
    window: Window,
    *,
    names: Names,
    known: Sequence[Known] = (),
) -> list[HotIssue]:
    """The hot issues of a window, hottest first.

    Args:
        cases: of the window, of the one before, and older ones by which a known issue is recognised.
        vectors: their meanings, one row a case.
        known: the issues found before; one that goes on keeps its key.
    """
    now = [n for n, case in enumerate(cases) if window.holds(case)]
    older = [n for n, case in enumerate(cases) if case.at <= window.begin]
    likeness = Likeness(cases, vectors, ONE_ISSUE)
    found = [
        *_by_place(cases, likeness, now, older, window, names),
        *_by_matter(cases, likeness, now, older, window, names),
    ]
    places = [set(issue.members) for issue in found if issue.level == "地点"]
    found = [issue for issue in found if issue.level == "地点" or not _alone(set(issue.members), places)]
    present = frozenset(case.id for case in cases)
    return keep_keys(sorted(found, key=lambda issue: (-issue.heat, issue.members)), known, present)


def heat(cases: Sequence[Case], until: datetime, half_life: float) -> float:
    """``sum of 2^(-age / half_life) over callers + 0.5 * ln(1 + urgings)``; age in days of the caller's newest case."""
    newest: dict[str, datetime] = {}
    for case in cases:
        newest[_who(case)] = max(case.at, newest.get(_who(case), case.at))
    ages = ((until - at).total_seconds() / 86400 for at in newest.values())
    return sum(2 ** (-age / half_life) for age in ages) + 0.5 * math.log1p(
        sum(max(case.weight, 0) for case in cases)
    )


def keep_keys(found: Sequence[HotIssue], known: Sequence[Known], present: frozenset[str]) -> list[HotIssue]:
    """Give each issue the key of the known one it goes on from: the one with which it shares most cases.

    Args:
        present: ids of the cases that were looked at; a known issue's other members cannot be found again.
    """
    pairs = []
    for number, issue in enumerate(found):
        mine = {*issue.members, *issue.earlier}
        for other in known:
            theirs = other.members & present
            common = len(mine & theirs)
            same_matter = issue.level == "事项" and (issue.topic, issue.area) == (other.topic, other.area)
            if issue.level == other.level and (
                same_matter or (issue.level == "地点" and common * 2 >= min(len(mine), len(theirs)) > 0)
            ):
                pairs.append((-common, other.key, number))
    keys: dict[int, str] = {}
    for _, key, number in sorted(pairs):
        if number not in keys and key not in keys.values():
            keys[number] = key
    return [replace(issue, key=keys.get(number, "")) for number, issue in enumerate(found)]


def sentence(issue_title: str, callers: int, window: str) -> str:
    """How it is said in a report: ``当日共有4位市民反映荷塘区消防隐患``."""
    return f"{window}共有{callers}位市民反映{issue_title.replace('：', '')}"


def _by_place(
    cases: Sequence[Case],
    likeness: Likeness,
    now: Sequence[int],
    older: Sequence[int],
    window: Window,
    names: Names,
) -> Iterable[HotIssue]:
    """The same at the same place."""
    heaps = [
        heap for heap in clusters(likeness, now) if _callers([cases[n] for n in heap]) >= window.rules.callers
    ]
    earlier: dict[int, list[int]] = defaultdict(list)
    for number, owner in zip(older, belonging(likeness, older, heaps), strict=True):
        if owner is not None:
            earlier[owner].append(number)
    for number, heap in enumerate(heaps):
        yield _issue("地点", cases, likeness, heap, earlier[number], window, names)


def _by_matter(
    cases: Sequence[Case],
    likeness: Likeness,
    now: Sequence[int],
    older: Sequence[int],
    window: Window,
    names: Names,
) -> Iterable[HotIssue]:
    """One topic in one district, at several places: 当日共有4位市民投诉小区消防隐患."""
    groups: dict[tuple[str, str], tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for when, numbers in enumerate((now, older)):
        for number in numbers:
            topic, area = cases[number].topic, cases[number].area
            if topic and area:
                groups[topic, area][when].append(number)
    for _, (here, before) in sorted(groups.items()):
        if _callers([cases[n] for n in here]) >= window.rules.matter_callers:
            yield _issue("事项", cases, likeness, here, before, window, names)


def _alone(members: set[str], places: Sequence[set[str]]) -> bool:
    return any(len(members & place) > _ALONE * len(members) for place in places)


def _issue(
    level: Level,
    cases: Sequence[Case],
    likeness: Likeness,
    members: Sequence[int],
    earlier: Sequence[int],
    window: Window,
    names: Names,
) -> HotIssue:
    here, older = [cases[n] for n in members], [cases[n] for n in earlier]
    topic = _most((case.topic for case in here), len(here))
    area = _most((case.area for case in here), len(here))
    place = _place(here) if level == "地点" else ""
    where = place or names.areas.get(area or "", "")
    some = members[:: 1 + len(members) // _COMPARED]
    central = likeness.said(members, some).mean(axis=1).argsort(kind="stable")[::-1][:_SAMPLE]
    sample = [here[number] for number in central]
    words = _words(here)
    callers, before = _callers(here), _callers([case for case in older if window.before.holds(case)])
    return HotIssue(
        level=level,
        title=_title(where, names.topics.get(topic or "", ""), words),
        place=where,
        topic=topic,
        area=area,
        words=words,
        callers=callers,
        before=before,
        heat=round(heat(here, window.until, window.rules.half_life), 2),
        trend=_trend(callers, before),
        since=min(case.at for case in here),
        until=max(case.at for case in here),
        members=tuple(case.id for case in here),
        times=tuple(case.at for case in here),
        earlier=tuple(case.id for case in older),
        sample=tuple(case.id for case in sample),
    )


def _title(place: str, matter: str, words: Sequence[str]) -> str:
    """Place and matter; where the topic is not clear, what is said most. Nobody's own sentence, which may name somebody."""
    if matter:
        return f"{place}{matter}"
    said = "、".join(words[:3]) or "多人反映的同一件事"
    return f"{place}：{said}" if place else said


def _place(cases: Sequence[Case]) -> str:
    """The name that most of them speak of: the spot, else the road, else the neighbourhood."""
    for width in ("narrow", "roads", "wide"):
        said: Counter[str] = Counter()
        loud: Counter[str] = Counter()
        for case in cases:
            opening = case.where + case.text[:_OPENING]
            for name in getattr(case.places, width):
                said[name] += 1
                loud[name] += name in opening
        best = max(said, key=lambda name: (loud[name], said[name], len(name), name), default="")
        # 魅力之城 is said in 万科魅力之城 too.
        if best and sum(n for name, n in said.items() if best in name or name in best) * 2 >= len(cases):
            return best
    return ""


def _words(cases: Sequence[Case]) -> tuple[str, ...]:
    """What is said in a third of them at least, the rarest and most often said first; no names of people."""
    people = "，".join(name for case in cases for name in introduced_names(case.text))
    counted = Counter(word for case in cases for word in set(case.words))
    often = [
        word
        for word, n in counted.items()
        if n * 3 >= len(cases) and n > 1 and is_word(word) and word not in people
    ]
    return tuple(sorted(often, key=lambda word: (-counted[word] * rareness(word), word))[:_WORDS])


def _trend(callers: int, before: int) -> Trend:
    if before == 0:
        return "新出现"
    ratio = callers / before
    return "上升" if ratio >= _UP else "下降" if ratio <= _DOWN else "持平"


def _callers(cases: Iterable[Case]) -> int:
    return len({_who(case) for case in cases})


def _who(case: Case) -> str:
    return case.caller or f"case {case.id}"


def _most(values: Iterable[str | None], of: int) -> str | None:
    """What more than half of them have."""
    counted = Counter(value for value in values if value)
    return next((value for value, count in counted.most_common(1) if count * 2 > of), None)
