"""Tells whoever listens, at commit, which orders have changed, and which units that concerns: ids only."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

#: NOTIFY channel; see :func:`read`.
CHANNEL = "hotline_work_order"
#: So many units fit into a notice by far; of a larger import the others find out when they look next.
_MOST_UNITS = 200


async def tell(session: AsyncSession, number: str, units: Collection[str | None]) -> None:
    """Tell of one order; ``units``: those that have it, or had it until now. An empty number: many orders."""
    told = " ".join([number, *sorted({unit for unit in units if unit})[:_MOST_UNITS]])
    await session.execute(select(func.pg_notify(CHANNEL, told)))


def read(payload: str) -> tuple[str | None, frozenset[str]]:
    """The order's number (None: many orders) and the units of a notice."""
    number, *units = payload.split(" ")
    return number or None, frozenset(units)
