"""The editing of the knowledge base, put together for the service."""

from __future__ import annotations

from dataclasses import dataclass

from hotline.accounts.models import Account
from hotline.database import Database
from hotline.dispatch.units import Units
from hotline.knowledge.cautions import read_cautions
from hotline.knowledge.due import Rule
from hotline.knowledge.editing import Editing
from hotline.knowledge.looking import Looking
from hotline.knowledge.publishing import Judge, Publishing
from hotline.knowledge.reviewing import Reviewing
from hotline.knowledge.rights import Person, UnitNames
from hotline.knowledge.service import Knowledge
from hotline.knowledge.workbooks import Workbooks
from hotline.settings import Settings


@dataclass(frozen=True)
class EditingDesk:
    """What the console's routes need."""

    editing: Editing
    reviewing: Reviewing
    publishing: Publishing
    looking: Looking
    workbooks: Workbooks
    names: UnitNames
    units: Units

    @classmethod
    def of(
        cls,
        settings: Settings,
        database: Database,
        knowledge: Knowledge,
        units: Units,
        judge: Judge,
        *,
        city: str,
    ) -> EditingDesk:
        """Everything that hangs together."""
        cautions = read_cautions(settings.data_dir / "knowledge")
        editing = Editing(database, cautions)
        looking = Looking(database, Rule.load(settings.city_dir))
        return cls(
            editing=editing,
            reviewing=Reviewing(database, cautions),
            publishing=Publishing(database, cautions, knowledge, judge),
            looking=looking,
            workbooks=Workbooks(editing, looking),
            names=UnitNames.load(settings.city_dir, city, [(unit.code, unit.name) for unit in units]),
            units=units,
        )

    def person(self, account: Account) -> Person:
        """The person as the knowledge base knows them: somebody of a unit edits that unit's matters only."""
        if account.unit is None:
            return Person(number=account.number, roles=account.roles)
        return Person(
            number=account.number,
            roles=account.roles,
            unit=self.names.of(account.unit),
            unit_name=self.units.name(account.unit),
        )
