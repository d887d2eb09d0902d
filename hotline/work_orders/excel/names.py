"""The lists that the columns are chosen from."""

from __future__ import annotations

from dataclasses import dataclass

from hotline.dispatch.units import UnknownUnit
from hotline.work_orders.excel.columns import HISTORY, NEW, Choices
from hotline.work_orders.excel.places import PlaceNames
from hotline.work_orders.lifecycle import NATURES, NO_RATING, RATINGS
from hotline.work_orders.models import SOURCES, URGENCIES
from hotline.work_orders.office import Office


@dataclass(frozen=True)
class Names:
    """What can be written in the columns, and what it means."""

    office: Office
    places: PlaceNames

    def all(self, choices: Choices) -> list[str]:
        """What is shown in the drop-down."""
        fixed: dict[str, tuple[str, ...]] = {
            "natures": NATURES,
            "sources": SOURCES,
            "urgencies": URGENCIES,
            "statuses": (NEW, *HISTORY),
            "ratings": (*RATINGS, NO_RATING),
        }
        if choices in fixed:
            return list(fixed[choices])
        if choices == "areas":
            return list(self.places.areas.values())
        if choices == "streets":
            return list(dict.fromkeys(name for name, _ in self.places.streets.values()))
        if choices == "topics":
            return [f"{code} {name}" for code, name in self.office.topics.items()]
        return [unit.name for unit in self.office.units]

    def find(self, choices: Choices, words: str) -> str:
        """What is kept for ``words``; streets are looked up with their district, see :class:`PlaceNames`.

        Raises:
            ValueError: it is none of them; the message goes on after the header.
        """
        if choices == "areas":
            found = self.places.find_area(words)
        elif choices == "topics":
            code, _, name = words.partition(" ")
            topics = self.office.topics
            named = [one for one, other in topics.items() if other == (name or words)]
            found = code if code in topics else named[0] if len(named) == 1 else None
        elif choices == "units":
            try:
                found = self.office.units.find(words).code
            except UnknownUnit:
                found = None
        else:
            found = words if words in self.all(choices) else None
        if found is None:
            known = self.all(choices)
            instead = f"只能填：{'、'.join(known)}" if len(known) <= 12 else "请从下拉框里选"
            raise ValueError(f"“{words}”不对，{instead}")
        return found
