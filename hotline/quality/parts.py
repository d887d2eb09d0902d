"""The quality loop, put together for the service."""

from __future__ import annotations

from dataclasses import dataclass

from hotline.database import Database
from hotline.knowledge.editing_desk import EditingDesk
from hotline.knowledge.service import Knowledge
from hotline.quality.acting import Acting
from hotline.quality.grouping import Grouper
from hotline.quality.groups import Groups
from hotline.quality.proposals import Proposals
from hotline.quality.releases import Releases
from hotline.quality.sandbox import Sandbox
from hotline.settings import Settings


@dataclass(frozen=True)
class Quality:
    """What the console's routes need."""

    grouper: Grouper
    groups: Groups
    acting: Acting
    sandbox: Sandbox
    proposals: Proposals
    releases: Releases
    desk: EditingDesk
    knowledge: Knowledge

    @classmethod
    def of(cls, settings: Settings, database: Database, knowledge: Knowledge, desk: EditingDesk) -> Quality:
        """Everything that hangs together."""
        groups = Groups(database)
        return cls(
            grouper=Grouper(database, knowledge, settings.cache),
            groups=groups,
            acting=Acting(groups, desk.editing),
            sandbox=Sandbox(database, knowledge),
            proposals=Proposals(database, knowledge, settings.data_dir),
            releases=Releases(database),
            desk=desk,
            knowledge=knowledge,
        )
