"""Which unit answers for an order: the topic's probabilities and the place, through the city's routing table.

Pure but for :meth:`Routing.load`. The confidence of a unit is the sum of the probabilities of all topics that lead
to it: who is unsure between 噪声 and 油烟 may still be sure of 生态环境局.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hotline.dispatch.units import Units
from hotline.yaml_files import read_yaml

#: Topics below this probability are not looked at.
_NEGLIGIBLE = 0.01
_PLACES = ("district", "street")


class RoutingError(ValueError):
    """The routing table has mistakes; the message is Chinese and names them all."""


@dataclass(frozen=True)
class Rule:
    """One line of ``routing.yml``."""

    topics: tuple[str, ...]
    lead: str
    assist: tuple[str, ...] = ()
    otherwise: str | None = None
    areas: tuple[str, ...] = ()


@dataclass(frozen=True)
class Place:
    """Where it happened, as far as it is known: division codes."""

    area: str | None = None
    street: str | None = None


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """A unit that may be responsible.

    Attributes:
        confidence: 0..1, the probability that this is the right unit; 0 when the place that decides is not known.
        reason: in Chinese, for the dispatcher.
    """

    unit: str
    assisting: tuple[str, ...]
    confidence: float
    reason: str


@dataclass
class _Sum:
    probability: float = 0.0
    topics: list[tuple[float, str]] = field(default_factory=list)
    assisting: tuple[str, ...] = ()
    sure: bool = True


class Routing:
    """The routing table of one city."""

    def __init__(self, rules: Sequence[Rule], units: Units) -> None:
        self._units = units
        # A rule for certain districts is looked at before one for the whole city.
        self._rules = sorted(rules, key=lambda rule: not rule.areas)

    @classmethod
    def load(cls, city_dir: Path, units: Units, topics: Iterable[str]) -> Routing:
        """Read and check ``routing.yml``.

        Raises:
            RoutingError: a topic without a rule, an unknown topic or unit, a place without ``else``.
        """
        content = read_yaml(city_dir / "routing.yml")
        rules = [_rule(item) for item in content["routes"]]
        routing = cls(rules, units)
        if problems := list(routing._problems(frozenset(topics))):
            raise RoutingError("派单目录 routing.yml 有错：\n" + "\n".join(problems))
        return routing

    def _problems(self, topics: frozenset[str]) -> Iterable[str]:
        everywhere = {topic for rule in self._rules if not rule.areas for topic in rule.topics}
        for topic in sorted(topics - everywhere):
            yield f"事项 {topic} 没有写派给谁"
        for rule in self._rules:
            for topic in rule.topics:
                if topic not in topics:
                    yield f"没有事项 {topic}"
            for unit in (rule.lead, *rule.assist, *filter(None, [rule.otherwise])):
                if unit not in _PLACES and unit not in self._units:
                    yield f"没有单位 {unit}"
            if rule.lead in _PLACES and rule.otherwise is None:
                yield f"事项 {'、'.join(rule.topics)} 按地点派，要用 else 写明不知道地点时给谁"

    def propose(
        self, topics: Mapping[str, float], place: Place, names: Mapping[str, str], *, most: int = 3
    ) -> list[Proposal]:
        """The likely units, best first.

        Args:
            topics: probability of each topic code.
            place: where it happened.
            names: the topics' names, for the reasons.
            most: how many units at most.
        """
        sums: dict[str, _Sum] = {}
        for topic, probability in sorted(topics.items(), key=lambda item: -item[1]):
            rule = self._rule_for(topic, place)
            if rule is None or probability < _NEGLIGIBLE:
                continue
            lead = self._at(rule.lead, place)
            unit = lead or str(rule.otherwise)
            total = sums.setdefault(unit, _Sum())
            total.sure = total.sure and lead is not None
            if not total.topics:  # the likeliest topic names the assisting units
                total.assisting = self._assisting(rule, place, unit)
            total.probability += probability
            total.topics.append((probability, names.get(topic, topic)))
        best = sorted(sums.items(), key=lambda item: -item[1].probability)[:most]
        return [self._proposal(unit, total, place) for unit, total in best]

    def _proposal(self, unit: str, total: _Sum, place: Place) -> Proposal:
        like = "、".join(f"“{name}”（{probability:.0%}）" for probability, name in total.topics[:2])
        where = self._where(place)
        reason = f"内容像{like}" + (f"，地点在{where}" if where else "，地点还不清楚")
        reason += f"；按派单目录由{self._units.name(unit)}主办"
        if total.assisting:
            reason += f"，{'、'.join(map(self._units.name, total.assisting))}协办"
        if not total.sure:
            reason += "。这类事按地点派，请先问清在哪个区、哪个街道"
        return Proposal(
            unit=unit,
            assisting=total.assisting,
            confidence=round(total.probability, 3) if total.sure else 0.0,
            reason=reason + "。",
        )

    def _rule_for(self, topic: str, place: Place) -> Rule | None:
        return next(
            (r for r in self._rules if topic in r.topics and (not r.areas or place.area in r.areas)), None
        )

    def _assisting(self, rule: Rule, place: Place, lead: str) -> tuple[str, ...]:
        found = (self._at(unit, place) for unit in rule.assist)
        return tuple(unit for unit in found if unit is not None and unit != lead)

    def _at(self, unit: str, place: Place) -> str | None:
        if unit == "district":
            return place.area
        if unit == "street":
            return place.street
        return unit

    def _where(self, place: Place) -> str:
        code = place.street or place.area
        if code is None:
            return ""
        return self._units.name(code).removesuffix("人民政府").removesuffix("办事处")


def _rule(item: Mapping[str, Any]) -> Rule:
    return Rule(
        topics=tuple(item["topics"]),
        lead=item["lead"],
        assist=tuple(item.get("assist") or ()),
        otherwise=item.get("else"),
        areas=tuple(item.get("areas") or ()),
    )
