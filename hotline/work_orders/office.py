"""What the city's folder says about casework, in one object: who is responsible, by when, and in which words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from hotline.city import City
from hotline.dispatch.routing import Routing
from hotline.dispatch.taxonomy import Taxonomy
from hotline.dispatch.units import Units
from hotline.language.encoder import Encoder
from hotline.work_orders.deadlines import SHANGHAI, BusinessHours, WorkingCalendar
from hotline.work_orders.process import Process
from hotline.work_orders.templates import Templates


@dataclass
class Office:
    """The hotline's office. ``calendar`` is replaced when somebody changes a holiday."""

    city: City
    process: Process
    units: Units
    routing: Routing
    topics: Mapping[str, str]
    templates: Templates
    calendar: WorkingCalendar = field(default_factory=WorkingCalendar)
    #: Tells whether an answer is about the question.
    encoder: Encoder | None = None

    @classmethod
    def load(cls, data_dir: Path, city_dir: Path) -> Office:
        """Read and check everything.

        Raises:
            ValueError: in Chinese, what is wrong in which file.
        """
        city = City.load(city_dir)
        units = Units.load(city_dir)
        taxonomy = Taxonomy.load(data_dir / "dispatch" / "taxonomy.yml")
        topics = {code: topic.name for code, topic in taxonomy.topics.items()}
        return cls(
            city=city,
            process=Process.load(city_dir / "process.yml"),
            units=units,
            routing=Routing.load(city_dir, units, topics),
            topics=topics,
            templates=Templates.load(city_dir / "reply_templates.yml", units),
            calendar=city.calendar,
        )

    def use_calendar(self, calendar: WorkingCalendar) -> None:
        """Reckon with another calendar from now on; dates that were promised stay."""
        self.calendar = calendar

    @property
    def hours(self) -> BusinessHours:
        """The units' office hours."""
        return self.city.business_hours

    def promise(self, nature: str, at: datetime, *, days: int | None = None) -> date:
        """The day promised to somebody who comes at ``at``: ``days`` working days, or what the nature gives."""
        return self.calendar.add(
            at.astimezone(SHANGHAI).date(), days if days is not None else self.city.working_days(nature)
        )


def in_words(day: date) -> str:
    """``11月30日``."""
    return f"{day.month}月{day.day}日"
