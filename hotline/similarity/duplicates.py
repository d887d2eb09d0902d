"""疑似重复: orders of other callers that are likely the same case — same place, same matter, days apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hotline.language.encoder import Encoder, NoEncoder
from hotline.similarity.likeness import (
    STREET,
    Case,
    Likeness,
    days_between,
    meanings,
    packed,
    shared_places,
    unpacked,
)

#: From this score on a person is asked.
THRESHOLD = 0.5
#: So many are proposed at most.
_MOST = 5
#: So many of the others are compared word by word: the nearest by meaning and by the places they name. Measured among 4,173
#: letters of Hunan: of 1,364 pairs above the threshold 3 lie beyond.
_LOOKED = 120
#: A place's name is looked for by its last characters: 魅力之城 in 万科魅力之城.
_END = 4
#: About what the same place counts for, in meaning.
_NAMED = 0.5
#: What a month between two cases takes, up to two months.
_A_MONTH = 0.15


@dataclass(frozen=True)
class Proposal:
    """Another case that may be the same; ``reason`` is for the agent."""

    id: str
    score: float
    reason: str


class Duplicates:
    """Finds likely duplicates among cases whose meanings were kept."""

    def __init__(self, encoder: Encoder | None) -> None:
        self._encoder = encoder or NoEncoder()

    def encode(self, case: Case) -> bytes:
        """What to keep of a case's meaning; empty without a model."""
        return packed(meanings([case], self._encoder)[0])

    def propose(
        self, new: Case, others: Sequence[tuple[Case, bytes]], *, meaning: bytes | None = None
    ) -> list[Proposal]:
        """The cases among ``others`` that are likely the same as ``new``, likeliest first.

        Args:
            others: cases with what :meth:`encode` gave for each.
            meaning: the same for ``new``, when it is there already.
        """
        meaning = self.encode(new) if meaning is None else meaning
        others = self._nearest(new, meaning, others)
        if not others:
            return []
        kept = [meaning, *(one for _, one in others)]
        likeness = Likeness([new, *(case for case, _ in others)], unpacked(kept, self._encoder.size))
        columns = range(1, len(others) + 1)
        (score,), (said,), (near,) = (
            of([0], columns) for of in (likeness.score, likeness.said, likeness.near)
        )
        found = []
        for (case, _), by_words, alike, nearness in zip(others, score, said, near, strict=True):
            value = _weighed(float(by_words), new, case)
            if value >= THRESHOLD:
                reason = _reason(new, case, float(alike), nearness == STREET)
                found.append(Proposal(case.id, round(value, 3), reason))
        return sorted(found, key=lambda proposal: -proposal.score)[:_MOST]

    def _nearest(
        self, new: Case, meaning: bytes, others: Sequence[tuple[Case, bytes]]
    ) -> Sequence[tuple[Case, bytes]]:
        """The others worth a close look, so that thousands take no time."""
        if len(others) <= _LOOKED:
            return others
        size = self._encoder.size
        near = unpacked([one for _, one in others], size) @ unpacked([meaning], size)[0]
        ends = {name[-_END:] for name in (*new.places.narrow, *new.places.roads)}
        for number, (case, _) in enumerate(others):
            if any(end in case.text or end in case.where for end in ends):
                near[number] += _NAMED
            if new.area and case.area and new.area != case.area:
                near[number] -= _NAMED
        return [others[number] for number in near.argsort(kind="stable")[::-1][:_LOOKED]]


def _weighed(score: float, one: Case, two: Case) -> float:
    """The score, with time."""
    return max(0.0, min(1.0, score - _A_MONTH * min(days_between(one, two), 60) / 30))


def _reason(one: Case, two: Case, said: float, same_street: bool) -> str:
    words = [word for word in dict.fromkeys(one.words) if word in set(two.words)][:4]
    places = shared_places(one, two)
    parts = [f"都说到{'、'.join(words)}" if words else "说的是差不多的事"]
    if places:
        parts.append(f"地点都在{'、'.join(places[:2])}")
    elif same_street:
        parts.append("在同一个街道")
    days = days_between(one, two)
    parts.append("同一天" if days < 1 else f"相隔 {round(days)} 天")
    return "；".join(parts) + f"（内容相似 {said:.0%}）"
