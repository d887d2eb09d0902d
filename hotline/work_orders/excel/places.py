"""Names of districts and streets, for tables in which nobody reads codes."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class PlaceNames:
    """Codes and names of the city's districts and streets.

    Attributes:
        areas: names by code.
        streets: (name, code of the district) by code.
    """

    areas: dict[str, str]
    streets: dict[str, tuple[str, str]]

    @classmethod
    def load(cls, city_dir: Path) -> PlaceNames:
        """Read the city's folder."""
        return cls(
            {row["code"]: row["name"] for row in _rows(city_dir / "areas.csv")},
            {row["code"]: (row["name"], row["areaCode"]) for row in _rows(city_dir / "streets.csv")},
        )

    def area(self, code: str | None) -> str | None:
        """The district's name; of one that is no longer in the data, its code."""
        return self.areas.get(code, code) if code else None

    def street(self, code: str | None) -> str | None:
        """The street's name; see above."""
        return self.streets.get(code, (code, ""))[0] if code else None

    def find_area(self, words: str) -> str | None:
        """The code of the district with this name or code; None: there is none."""
        return next((code for code, name in self.areas.items() if words in (code, name)), None)

    def find_streets(self, words: str, area: str | None) -> list[str]:
        """The codes of the streets with this name or code, within ``area`` when it is given."""
        return [
            code
            for code, (name, of) in self.streets.items()
            if words in (code, name) and (area is None or of == area)
        ]


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
