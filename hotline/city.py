"""All that is local to one city, read from ``data/city/<city>``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from hotline.work_orders.deadlines import WorkingCalendar


@dataclass(frozen=True)
class City:
    """One city's names, deadlines and calendar."""

    name: str
    hotline_name: str
    deadlines: dict[str, int]
    calendar: WorkingCalendar

    @classmethod
    def load(cls, folder: Path) -> City:
        """Read the city's folder."""
        hotline = _read(folder / "hotline.yml")
        holidays = _read(folder / "holidays.yml")
        deadlines = _read(folder / "deadlines.yml")["deadlines"]
        return cls(
            name=hotline["city"],
            hotline_name=hotline["name"],
            deadlines={item["nature"]: int(item["working_days"]) for item in deadlines},
            calendar=WorkingCalendar(
                workdays=frozenset(_dates(holidays["workdays"])),
                holidays=frozenset(_dates(holidays["holidays"])),
            ),
        )

    def working_days(self, nature: str) -> int:
        """How many working days an order of this nature is promised to take."""
        return self.deadlines[nature]


def _read(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return content


def _dates(values: list[Any]) -> list[date]:
    return [value if isinstance(value, date) else date.fromisoformat(str(value)) for value in values]
