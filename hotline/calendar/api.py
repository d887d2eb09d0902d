"""The calendar's part of the internal API. Needs ``app.state.calendar``, a CalendarService."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from hotline.calendar.service import MAX_DAYS, MAX_NOTE, CalendarError, CalendarService, SetDay
from hotline.calendar.year import special_days
from hotline.work_orders.acting import person_of
from hotline.work_orders.deadlines import unannounced_warning

router = APIRouter(prefix="/calendar", tags=["calendar"])

#: Said after every change.
PROMISES_STAY = "已经答应市民的办理期限不会跟着变，以后新定的期限按新的安排算。"


def _calendar(request: Request) -> CalendarService:
    service: CalendarService = request.app.state.calendar
    return service


Service = Annotated[CalendarService, Depends(_calendar)]
Actor = Annotated[str, Field(min_length=1, max_length=50, pattern=r"\S")]
Note = Annotated[str, Field(max_length=MAX_NOTE)]


class DayIn(BaseModel):
    """Whether offices work on a day."""

    model_config = ConfigDict(extra="forbid")

    working: bool
    note: Note = ""
    #: Left out where the session says who it is.
    actor: Actor | None = None


class NoticeDayIn(BaseModel):
    """One day of a notice."""

    model_config = ConfigDict(extra="forbid")

    day: date
    working: bool
    note: Note = ""


class NoticeIn(BaseModel):
    """A whole year's notice."""

    model_config = ConfigDict(extra="forbid")

    days: Annotated[list[NoticeDayIn], Field(min_length=1, max_length=MAX_DAYS)]
    actor: Actor | None = None


class DayOut(BaseModel):
    """A day that was set."""

    model_config = ConfigDict(from_attributes=True)

    day: date
    working: bool
    note: str
    changed_by: str
    changed_at: datetime


class CalendarOut(BaseModel):
    """The days that were set, and the years from now to three months ahead that are not announced."""

    days: list[DayOut]
    unannounced_years: list[int]
    warning: str


class Changed(BaseModel):
    """What a change did; ``message`` and ``warning`` are to be shown."""

    days: list[DayOut]
    message: str = PROMISES_STAY
    warning: str


class SpecialOut(BaseModel):
    """A weekday off or a weekend at work; ``name``: the holiday it belongs to, as far as it is known."""

    model_config = ConfigDict(from_attributes=True)

    day: date
    working: bool
    name: str


class YearOut(BaseModel):
    """A year: what is otherwise than Monday to Friday, what was set by hand, and whether it is announced."""

    year: int
    announced: bool
    special: list[SpecialOut]
    days: list[DayOut]
    warning: str


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except CalendarError as error:
        raise HTTPException(404 if error.code == "not_found" else 422, error.message) from None


def _warning(service: CalendarService, *days: date) -> str:
    return unannounced_warning(service.unannounced(days))


@router.get("")
async def set_days(
    service: Service, year: Annotated[int | None, Query(ge=2004, le=2100)] = None
) -> CalendarOut:
    """What was set, in all years or one."""
    found = [DayOut.model_validate(item) for item in await service.days(year)]
    return CalendarOut(days=found, unannounced_years=service.unannounced(), warning=_warning(service))


@router.get("/years/{year}")
async def whole_year(year: Annotated[int, Path(ge=2004, le=2100)], service: Service) -> YearOut:
    """One year, to be looked at as a whole."""
    first = date(year, 1, 1)
    announced = service.calendar.announced(first)
    return YearOut(
        year=year,
        announced=announced,
        special=[SpecialOut.model_validate(item) for item in special_days(service.calendar, year)],
        days=[DayOut.model_validate(item) for item in await service.days(year)],
        warning="" if announced else unannounced_warning([year]),
    )


@router.put("")
async def set_notice(body: NoticeIn, service: Service, request: Request) -> Changed:
    """Set many days at once, or none when one is wrong."""
    days = [SetDay(item.day, item.working, item.note) for item in body.days]
    with _told():
        kept = await service.do_set_all(days, person_of(request, body.actor))
    warning = _warning(service, *(item.day for item in kept))
    return Changed(days=[DayOut.model_validate(item) for item in kept], warning=warning)


@router.put("/{day}")
async def set_day(day: date, body: DayIn, service: Service, request: Request) -> Changed:
    """Set one day; what was set for it before is replaced."""
    with _told():
        kept = await service.do_set(day, body.working, body.note, person_of(request, body.actor))
    return Changed(days=[DayOut.model_validate(kept)], warning=_warning(service, day))


@router.delete("/{day}")
async def unset_day(
    day: date, service: Service, request: Request, actor: Annotated[Actor | None, Query()] = None
) -> Changed:
    """Take back what was set for a day."""
    with _told():
        await service.do_unset(day, person_of(request, actor))
    return Changed(days=[], warning=_warning(service))
