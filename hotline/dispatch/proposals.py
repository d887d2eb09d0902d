"""What is proposed for an order: its topics and its units, by the classifier in use and the city's routing table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hotline.dispatch.classifier import Classifier
from hotline.dispatch.default_model import load_default
from hotline.dispatch.model_file import Model, ModelError
from hotline.dispatch.routing import Place, Proposal, Routing
from hotline.dispatch.units import Units, UnknownUnit
from hotline.settings import Settings

_MOST = 3


@dataclass(frozen=True)
class Judge:
    """Looks at one order at a time.

    Attributes:
        by_topic: its classes are topic codes.
        by_unit: learnt from the city's own history, when there is such a model; its classes are units.
    """

    by_topic: Classifier
    by_unit: Classifier | None
    routing: Routing
    units: Units
    names: Mapping[str, str]

    def topics(self, text: str) -> dict[str, float]:
        """The probability of each topic code."""
        (row,) = self.by_topic.probabilities([text])
        return dict(zip(self.by_topic.classes, map(float, row), strict=True))

    def propose(self, text: str, topics: Mapping[str, float], place: Place) -> list[Proposal]:
        """The likely units, best first; the city's own history is heard before the routing table."""
        by_table = self.routing.propose(topics, place, self.names)
        by_history = self._by_history(text, by_table)
        known = {proposal.unit for proposal in by_history}
        return [*by_history, *(p for p in by_table if p.unit not in known)][:_MOST]

    def _by_history(self, text: str, by_table: Sequence[Proposal]) -> list[Proposal]:
        if self.by_unit is None:
            return []
        (row,) = self.by_unit.probabilities([text])
        assisting = {proposal.unit: proposal.assisting for proposal in by_table}
        found = []
        for place in row.argsort()[::-1][:_MOST]:
            unit = self.units.find(self.by_unit.classes[place]).code
            reason = f"本市以往这样的工单多由{self.units.name(unit)}办理。"
            found.append(
                Proposal(
                    unit=unit,
                    assisting=assisting.get(unit, ()),
                    confidence=round(float(row[place]), 3),
                    reason=reason,
                )
            )
        return found


def load_judge(settings: Settings, routing: Routing, units: Units, names: Mapping[str, str]) -> Judge:
    """The judge of this installation: with the city's own model (``HOTLINE_DISPATCH_MODEL``) or the default one.

    Raises:
        ModelError: the city's model does not speak of this city's topics or units.
    """
    default = load_default(settings)
    if settings.dispatch_model is None:
        return Judge(default, None, routing, units, names)
    own = Model.load(settings.dispatch_model)
    by_topic = own.category or default
    if unknown := sorted(set(by_topic.classes) - set(names)):
        raise ModelError(f"派单模型里的分类不是本市的事项编号：{'、'.join(unknown[:5])}")
    try:
        for label in own.unit.classes if own.unit else ():
            units.find(label)
    except UnknownUnit as error:
        raise ModelError(f"派单模型里的单位不在单位名录里：{error}") from None
    return Judge(by_topic, own.unit, routing, units, names)
