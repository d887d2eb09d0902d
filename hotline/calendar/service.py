"""Setting holidays and working days, and telling all processes of it.

Dates that were promised stay as they are: only a recorded action of the order moves one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import structlog
from sqlalchemy import delete, extract, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from hotline.audit import service as audit
from hotline.calendar.models import CalendarDay
from hotline.database import Database, now
from hotline.work_orders.deadlines import SHANGHAI, WorkingCalendar, unannounced_years

logger = structlog.get_logger(__name__)

#: Notified when a day was changed; whoever holds a calendar refreshes.
CHANNEL = "calendar_changed"
#: What is promised now hardly ever lies further ahead.
HORIZON = timedelta(days=90)
YEARS = range(2004, 2101)
MAX_NOTE = 50
#: Whoever keeps the calendar; the audit's column for it.
_ROLE = "管理员"
#: A year's notice names some thirty.
MAX_DAYS = 100


class CalendarError(Exception):
    """A change that cannot be made, in Chinese. ``code`` is for programs."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True)
class SetDay:
    """What is said of one day."""

    day: date
    working: bool
    note: str = ""


def check_days(days: Sequence[SetDay]) -> None:
    """Refuse days that cannot be set.

    Raises:
        CalendarError: with what is wrong.
    """
    if not days:
        raise CalendarError("empty", "没有写日期。")
    if len(days) > MAX_DAYS:
        raise CalendarError("too_many", f"一次最多设 {MAX_DAYS} 天。")
    seen: set[date] = set()
    for item in days:
        if item.day.year not in YEARS:
            raise CalendarError("bad_day", f"{item.day} 不对，年份要在 {YEARS[0]} 到 {YEARS[-1]} 之间。")
        if len(item.note) > MAX_NOTE:
            raise CalendarError("bad_note", f"{item.day} 的说明太长，最多 {MAX_NOTE} 个字。")
        if item.day in seen:
            raise CalendarError("twice", f"{item.day} 写了两次，请只留一次。")
        seen.add(item.day)


class CalendarService:
    """The calendar of this process. :meth:`refresh` once before use, and whenever ``CHANNEL`` is notified."""

    def __init__(
        self,
        database: Database,
        base: WorkingCalendar,
        *,
        changed: Callable[[WorkingCalendar], None] | None = None,
    ) -> None:
        """
        Args:
            database: where the set days are.
            base: the city's own lists (holidays.yml).
            changed: told of every calendar that is loaded.
        """
        self._database = database
        self._base = base
        self._changed = changed
        self._loading = asyncio.Lock()
        self.calendar = base

    async def load(self) -> WorkingCalendar:
        """The calendar as the database has it now."""
        days = await self.days()
        return self._base.overlaid(
            workdays=(item.day for item in days if item.working),
            holidays=(item.day for item in days if not item.working),
        )

    async def refresh(self) -> None:
        """Take what the database has now."""
        async with self._loading:  # else an older reading could come last
            self.calendar = await self.load()
            if self._changed is not None:
                self._changed(self.calendar)

    async def days(self, year: int | None = None) -> Sequence[CalendarDay]:
        """The days that were set, in all years or one, in their order."""
        query = select(CalendarDay).order_by(CalendarDay.day)
        if year is not None:
            query = query.where(extract("year", CalendarDay.day) == year)
        async with self._database.transaction() as session:
            return (await session.scalars(query)).all()

    def unannounced(self, days: Iterable[date] = ()) -> list[int]:
        """The years from today to three months ahead, and those of ``days``, whose holidays are not announced."""
        today = now().astimezone(SHANGHAI).date()
        ahead = unannounced_years(today, today + HORIZON, self.calendar)
        return sorted({*ahead, *(day.year for day in days if not self.calendar.announced(day))})

    async def do_set(self, day: date, working: bool, note: str, actor: str) -> CalendarDay:
        """Say whether offices work on ``day``.

        Raises:
            CalendarError: the day or the note cannot be.
        """
        return (await self.do_set_all([SetDay(day, working, note)], actor))[0]

    async def do_set_all(self, days: Sequence[SetDay], actor: str) -> list[CalendarDay]:
        """The same for many days, a whole year's notice: all of them or, when one is wrong, none.

        Raises:
            CalendarError: with what is wrong.
        """
        check_days(days)
        async with self._database.transaction() as session:
            # In one order, so that two who set the same days do not wait for each other.
            kept = [
                await self._store(session, item, actor) for item in sorted(days, key=lambda item: item.day)
            ]
            said = {str(item.day): "上班" if item.working else "放假" for item in kept}
            await audit.record(
                session, actor=actor, role=_ROLE, action="设置节假日", subject="节假日", detail={"days": said}
            )
            await session.execute(text(f"NOTIFY {CHANNEL}"))
        logger.info("days set", actor=actor, days={str(item.day): item.working for item in kept})
        await self.refresh()
        return kept

    @staticmethod
    async def _store(session: AsyncSession, item: SetDay, actor: str) -> CalendarDay:
        values = {"working": item.working, "note": item.note, "changed_by": actor, "changed_at": now()}
        statement = (
            insert(CalendarDay)
            .values(day=item.day, **values)
            .on_conflict_do_update(index_elements=["day"], set_=values)
            .returning(CalendarDay)
        )
        return (await session.scalars(statement, execution_options={"populate_existing": True})).one()

    async def do_unset(self, day: date, actor: str) -> None:
        """Take back what was set for ``day``: holidays.yml and the announced holidays hold again.

        Raises:
            CalendarError: nothing was set for it.
        """
        async with self._database.transaction() as session:
            gone = await session.scalar(
                delete(CalendarDay).where(CalendarDay.day == day).returning(CalendarDay.day)
            )
            if gone is None:
                raise CalendarError("not_found", f"{day} 没有另外设过，不用取消。")
            await audit.record(
                session,
                actor=actor,
                role=_ROLE,
                action="取消节假日设置",
                subject="节假日",
                detail={"days": [str(day)]},
            )
            await session.execute(text(f"NOTIFY {CHANNEL}"))
        logger.info("day unset", actor=actor, day=str(day))
        await self.refresh()
