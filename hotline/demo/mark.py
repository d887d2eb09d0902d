"""Whether what is shown is demo data: every page says so."""

from __future__ import annotations

from hotline.database import Database
from hotline.demo.models import DemoFill


async def is_filled(database: Database) -> bool:
    """Whether there are demo data."""
    async with database.transaction() as session:
        return await session.get(DemoFill, 1) is not None
