"""A worker's sender as a process of its own, to be killed: ``python -m tests.outside.worker DATABASE BASE``."""

from __future__ import annotations

import asyncio
import sys
from datetime import timedelta

from hotline.database import Database
from hotline.dispatch.units import Units
from hotline.outside.http_adapter import HttpSystem
from hotline.outside.sending import Sender
from hotline.outside.systems import Systems
from tests.outside.conftest import KEYS, system_at
from tests.work_orders.conftest import TAKEN


async def main(database_url: str, url: str) -> None:
    """Send what waits, at the tests' time."""
    system = system_at(url, timeout_seconds=60)
    moment = TAKEN + timedelta(seconds=1)
    adapter = HttpSystem(system, KEYS.send, clock=lambda: moment)
    sender = Sender(
        Database(database_url), Systems([system]), {system.code: adapter}, Units([]), clock=lambda: moment
    )
    await sender.do_send()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
