"""The systems that are connected, with what the service and the worker make of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from hotline.database import Database
from hotline.outside.http_adapter import HttpSystem
from hotline.outside.outbox import Outbox
from hotline.outside.sending import Sender
from hotline.outside.systems import Keys, Systems, load_keys
from hotline.settings import Settings
from hotline.work_orders.casework import Observer
from hotline.work_orders.office import Office


@dataclass(kw_only=True)
class Connected:
    """What ``outside.yml`` and the file of keys say. Without systems nothing is written, called or sent."""

    systems: Systems
    keys: Mapping[str, Keys]
    #: For the casework: what is written down with every action, and which jobs come after it.
    observers: tuple[Observer, ...] = ()
    then: tuple[str, ...] = field(default=("deliver",))

    @classmethod
    def load(cls, settings: Settings, office: Office) -> Connected:
        """Read and check both files.

        Raises:
            SetupError: what is wrong.
        """
        systems = Systems.load(settings.city_dir / "outside.yml", office.units)
        keys = load_keys(settings, systems)
        if not len(systems):
            return cls(systems=systems, keys=keys)
        outbox = Outbox(systems, office)
        return cls(systems=systems, keys=keys, observers=(outbox.observe,), then=("deliver", "outside"))

    def sender(self, database: Database, office: Office) -> Sender:
        """Sends to all of them over HTTP."""
        adapters = {system.code: HttpSystem(system, self.keys[system.code].send) for system in self.systems}
        return Sender(database, self.systems, adapters, office.units)
