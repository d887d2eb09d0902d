"""All that is local to one city, read from ``data/city/<city>``."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from hotline.conversations.hours import HumanHours
from hotline.work_orders.deadlines import BusinessHours, WorkingCalendar
from hotline.yaml_files import read_yaml


@dataclass(frozen=True)
class City:
    """One city's names, deadlines, calendar and office hours."""

    name: str
    hotline_name: str
    deadlines: dict[str, int]
    calendar: WorkingCalendar
    complex_deadlines: dict[str, int] = field(default_factory=dict)
    business_hours: BusinessHours = field(default_factory=BusinessHours)
    #: When agents answer, and not only the bot.
    human_hours: HumanHours = field(default_factory=HumanHours)

    @classmethod
    def load(cls, folder: Path) -> City:
        """Read the city's folder.

        Raises:
            ValueError: the office hours are wrong; the message is Chinese.
        """
        hotline = _read(folder / "hotline.yml")
        holidays = _read(folder / "holidays.yml")
        deadlines = _read(folder / "deadlines.yml")["deadlines"]
        return cls(
            name=hotline["city"],
            hotline_name=hotline["name"],
            deadlines={item["nature"]: int(item["working_days"]) for item in deadlines},
            complex_deadlines={
                item["nature"]: int(item["complex_working_days"])
                for item in deadlines
                if "complex_working_days" in item
            },
            calendar=WorkingCalendar(
                workdays=frozenset(_dates(holidays["workdays"])),
                holidays=frozenset(_dates(holidays["holidays"])),
            ),
            business_hours=_hours(folder / "business_hours.yml"),
            human_hours=_human_hours(folder / "business_hours.yml"),
        )

    def working_days(self, nature: str) -> int:
        """How many working days an order of this nature is promised to take."""
        return self.deadlines[nature]

    def complex_working_days(self, nature: str) -> int:
        """The same for a complex case, which several units or the leadership deal with."""
        return self.complex_deadlines.get(nature, 2 * self.deadlines[nature])


def _read(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = read_yaml(path)
    return content


def _hours(path: Path) -> BusinessHours:
    if not path.exists():
        return BusinessHours()
    try:
        return BusinessHours.parse((_read(path) or {}).get("periods"))
    except ValueError as error:
        raise ValueError(f"{path.name}：{error}") from None


def _human_hours(path: Path) -> HumanHours:
    if not path.exists():
        return HumanHours()
    try:
        return HumanHours.parse((_read(path) or {}).get("human_service"))
    except ValueError as error:
        raise ValueError(f"{path.name}：{error}") from None


def _dates(values: list[Any]) -> list[date]:
    return [value if isinstance(value, date) else date.fromisoformat(str(value)) for value in values]
