"""The responsible units (承办单位): the city's, from ``units.yml``, and the governments of its districts and streets."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from hotline.yaml_files import read_yaml

#: A park or a farm of the rank of a town goes by its own name.
_OFFICE = {"街道": "办事处", "镇": "人民政府", "乡": "人民政府"}


@dataclass(frozen=True, kw_only=True)
class Unit:
    """One unit.

    Attributes:
        code: a word of ``units.yml``, or the division code of a district (6 digits) or street (9 digits).
        area: the district it belongs to; None for the city's own.
    """

    code: str
    name: str
    area: str | None = None


class UnknownUnit(ValueError):
    """No unit has this code or name; the message is Chinese."""


class Units:
    """All units of one city."""

    def __init__(self, units: Iterable[Unit]) -> None:
        self._by_code = {unit.code: unit for unit in units}

    @classmethod
    def load(cls, city_dir: Path) -> Units:
        """Read the city's folder."""
        content = read_yaml(city_dir / "units.yml")
        units = [Unit(code=u["code"], name=u["name"], area=u.get("area")) for u in content["units"]]
        for row in _rows(city_dir / "areas.csv"):
            units.append(Unit(code=row["code"], name=f"{row['name']}人民政府", area=row["code"]))
        for row in _rows(city_dir / "streets.csv"):
            office = row["name"] + _OFFICE.get(row["type"], "")
            units.append(Unit(code=row["code"], name=office, area=row["areaCode"]))
        return cls(units)

    def __contains__(self, code: object) -> bool:
        return code in self._by_code

    def __iter__(self) -> Iterator[Unit]:
        return iter(self._by_code.values())

    def name(self, code: str) -> str:
        """The unit's name; of a unit that is no longer in the data, its code."""
        unit = self._by_code.get(code)
        return unit.name if unit else code

    def find(self, words: str) -> Unit:
        """The unit with this code or full name.

        Raises:
            UnknownUnit: there is none.
        """
        unit = self._by_code.get(words) or next((u for u in self._by_code.values() if u.name == words), None)
        if unit is None:
            raise UnknownUnit(f"没有“{words}”这个承办单位，请按单位名录填写。")
        return unit


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
