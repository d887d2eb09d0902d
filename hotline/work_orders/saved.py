"""Lists with their filters that somebody has kept, to be found again at any desk. They change nothing of the work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.database import Database
from hotline.work_orders.errors import WorkOrderError
from hotline.work_orders.models import SavedFilter

#: What is kept. Not what was searched for: that may be somebody's name or number.
KEPT = ("list", "nature", "topic", "area", "of_unit", "since", "until", "enterprise")
MOST = 20
_LONGEST_NAME = 20
_LONGEST_VALUE = 60


def check_name(name: str) -> str:
    """The name without blanks around it.

    Raises:
        WorkOrderError: there is none, or it is too long.
    """
    name = " ".join(name.replace("\x00", "").split())
    if not 1 <= len(name) <= _LONGEST_NAME:
        raise WorkOrderError("invalid", f"名字请写 1 到 {_LONGEST_NAME} 个字。")
    return name


def check_query(query: Mapping[str, str]) -> dict[str, str]:
    """Only what is kept, and what is set.

    Raises:
        WorkOrderError: it is nothing that a list could be asked for.
    """
    kept = {key: query[key] for key in KEPT if query.get(key)}
    if "list" not in kept or any(len(value) > _LONGEST_VALUE or "\x00" in value for value in kept.values()):
        raise WorkOrderError("invalid", "这组筛选不完整，没有保存。请重新选一遍再保存。")
    return kept


class SavedFilters:
    """What people have kept; nobody sees what is another's."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, owner: str) -> Sequence[SavedFilter]:
        """All that this person has kept, oldest first."""
        query = select(SavedFilter).where(SavedFilter.owner == owner).order_by(SavedFilter.id)
        async with self._database.transaction() as session:
            return (await session.scalars(query)).all()

    async def do_save(self, owner: str, name: str, query: Mapping[str, str]) -> SavedFilter:
        """Keep one more.

        Raises:
            WorkOrderError: the name is used or not well written, or there are too many.
        """
        saved = SavedFilter(owner=owner, name=check_name(name), query=check_query(query))
        async with self._database.transaction() as session:
            count = await session.scalar(select(func.count()).where(SavedFilter.owner == owner))
            if (count or 0) >= MOST:
                raise WorkOrderError("full", f"最多保存 {MOST} 组筛选，请先删掉不用的。")
            session.add(saved)
            await _keep(session, saved)
        return saved

    async def do_rename(self, owner: str, saved_id: int, name: str) -> SavedFilter:
        """Call one otherwise.

        Raises:
            WorkOrderError: it is not there, or the name is used or not well written.
        """
        name = check_name(name)
        async with self._database.transaction() as session:
            saved = await _found(session, owner, saved_id)
            saved.name = name
            await _keep(session, saved)
        return saved

    async def do_delete(self, owner: str, saved_id: int) -> None:
        """Forget one.

        Raises:
            WorkOrderError: it is not there.
        """
        async with self._database.transaction() as session:
            await session.delete(await _found(session, owner, saved_id))


async def _found(session: AsyncSession, owner: str, saved_id: int) -> SavedFilter:
    saved = await session.get(SavedFilter, saved_id, with_for_update=True)
    if saved is None or saved.owner != owner:
        raise WorkOrderError("not_found", "这组筛选已经不在了。")
    return saved


async def _keep(session: AsyncSession, saved: SavedFilter) -> None:
    try:
        await session.flush()
    except IntegrityError:
        raise WorkOrderError("taken", f"已经有一组筛选叫“{saved.name}”，请换个名字。") from None
