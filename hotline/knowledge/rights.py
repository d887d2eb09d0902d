"""Who may do what with the knowledge base, and which matters are whose. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from hotline.knowledge import editing_texts as texts
from hotline.knowledge.errors import EditingError
from hotline.yaml_files import read_yaml

EDITOR = "知识编辑"
_UNIT = "承办单位"
_READERS = ("坐席", "派单员", "督办", "领导", "跟班学习")
#: What separates units, and what is said of one in brackets.
_BETWEEN = re.compile(r"[、，,；;]|（[^）]*）|\([^)]*\)")


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody at work. ``unit``: the names of the unit whose matters alone they edit; None: all matters."""

    number: str
    roles: Collection[str]
    unit: frozenset[str] | None = None
    unit_name: str = ""

    @property
    def edits(self) -> bool:
        """Whether the person edits anything."""
        return EDITOR in self.roles

    @property
    def role(self) -> str:
        """The role that is written down."""
        return EDITOR if self.edits else next((role for role in _READERS if role in self.roles), "")

    def check_reads(self) -> None:
        """Refuse those who have nothing to do with the knowledge base.

        Raises:
            EditingError: with the person's roles.
        """
        if not self.role:
            raise EditingError("forbidden", texts.NOT_FOR_YOU.format(roles="、".join(self.roles)))

    def owns(self, unit: str) -> bool:
        """Whether the person edits the matters of this unit, as the matter names it."""
        return self.edits and (self.unit is None or not self.unit.isdisjoint(parties(unit)))

    def check_owns(self, *units: str) -> None:
        """Refuse who edits no matters of one of these units.

        Raises:
            EditingError: with whose they are.
        """
        if not self.edits:
            raise EditingError("forbidden", texts.ONLY_EDITORS)
        for unit in units:
            if not self.owns(unit):
                raise EditingError("forbidden", texts.NOT_YOURS.format(unit=unit or texts.NO_UNIT))


def parties(unit: str) -> set[str]:
    """The units that a matter names: "市卫健委、市医保局" are two; what they do stands in brackets."""
    return {part.strip() for part in _BETWEEN.split(unit) if part.strip()}


class UnitNames:
    """By which names the units of a city are known, with and without the city's own."""

    def __init__(self, units: Iterable[tuple[str, str, Iterable[str]]], city: str) -> None:
        """
        Args:
            units: code, name and other names of each.
        """
        self._names: dict[str, frozenset[str]] = {}
        for code, name, others in units:
            known = {name, *others}
            known |= {f"{city}市{one.removeprefix('市')}" for one in others}
            known |= {one.removeprefix(f"{city}市") for one in known}
            self._names[code] = frozenset(known)

    @classmethod
    def load(cls, city_dir: Path, city: str, units: Iterable[tuple[str, str]]) -> UnitNames:
        """Read what the city's units are called beside their full names."""
        content = read_yaml(city_dir / "units.yml")
        others = {item["code"]: item.get("aliases", []) for item in content["units"]}
        return cls(((code, name, others.get(code, ())) for code, name in units), city)

    def of(self, code: str) -> frozenset[str]:
        """The unit's names."""
        return self._names.get(code, frozenset())
