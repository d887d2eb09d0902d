"""The 热线专报 over HTTP. Needs ``app.state.bulletins``, a :class:`hotline.reports.bulletins.Bulletins`."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel, ConfigDict, Field

from hotline.reports.api import PeriodDep, ReportsDep
from hotline.reports.bulletins import MOST_CASES, Bulletins, Change, title_of
from hotline.reports.models import Bulletin, BulletinVersion
from hotline.reports.periods import Kind
from hotline.work_orders.acting import ActorDep

router = APIRouter(prefix="/bulletins", tags=["热线专报"])

_MOST = 2**31 - 1


def _bulletins(request: Request) -> Bulletins:
    bulletins: Bulletins = request.app.state.bulletins
    return bulletins


BulletinsDep = Annotated[Bulletins, Depends(_bulletins)]
BulletinId = Annotated[int, Path(ge=1, le=_MOST)]


class TableOut(BaseModel):
    """Figures as they were counted, already in words."""

    columns: list[str]
    rows: list[list[str]]


class CaseOut(BaseModel):
    """A typical case (典型案例)."""

    model_config = ConfigDict(extra="forbid")

    title: Annotated[str, Field(max_length=100)]
    text: Annotated[str, Field(max_length=3000)]


class SectionOut(BaseModel):
    """A part of it; ``edited``: somebody has written the words."""

    key: str
    title: str
    text: str
    edited: bool
    table: TableOut | None = None
    cases: list[CaseOut] | None = None


class ListedOut(BaseModel):
    """A line of the list. ``issue`` is given when it is released."""

    id: int
    kind: Kind
    since: date
    until: date
    words: str
    year: int
    issue: int | None
    state: Literal["草稿", "已发布"]
    version: int
    made_by: str
    made_at: datetime
    changed_by: str
    changed_at: datetime
    counted_at: datetime
    released_by: str | None
    released_at: datetime | None


class VersionOut(BaseModel):
    """A change of it, with how it read then."""

    version: int
    what: str
    by: str
    at: datetime
    sections: list[SectionOut]


class BulletinOut(ListedOut):
    """The whole of it."""

    hotline: str
    sections: list[SectionOut]
    versions: list[VersionOut]


class ChangeIn(BaseModel):
    """New words of a section; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    key: Annotated[str, Field(max_length=20)]
    text: Annotated[str, Field(max_length=8000)] | None = None
    cases: Annotated[list[CaseOut], Field(max_length=MOST_CASES)] | None = None


class VersionIn(BaseModel):
    """The version on the screen."""

    model_config = ConfigDict(extra="forbid")

    version: Annotated[int, Field(ge=1, le=_MOST)]


class EditIn(VersionIn):
    """What is to be changed."""

    sections: Annotated[list[ChangeIn], Field(max_length=20)]


@router.get("")
async def bulletins(service: BulletinsDep, actor: ActorDep) -> list[ListedOut]:
    """Those that the role may read, the newest period first."""
    return [_listed(one) for one in await service.all(actor)]


@router.post("", status_code=201)
async def draft(
    service: BulletinsDep, reports: ReportsDep, actor: ActorDep, period: PeriodDep
) -> BulletinOut:
    """Begin one of a period."""
    made = await service.do_draft(actor, period)
    return await _page(service, reports, actor, made.id)


@router.get("/{bulletin}")
async def page(
    bulletin: BulletinId, service: BulletinsDep, reports: ReportsDep, actor: ActorDep
) -> BulletinOut:
    """One with its versions."""
    return await _page(service, reports, actor, bulletin)


@router.patch("/{bulletin}")
async def edit(
    bulletin: BulletinId, body: EditIn, service: BulletinsDep, reports: ReportsDep, actor: ActorDep
) -> BulletinOut:
    """Change the words of a draft."""
    changes = [
        Change(
            key=one.key,
            text=one.text,
            cases=None if one.cases is None else [case.model_dump() for case in one.cases],
        )
        for one in body.sections
    ]
    await service.do_edit(bulletin, actor, body.version, changes)
    return await _page(service, reports, actor, bulletin)


@router.post("/{bulletin}/recount")
async def recount(
    bulletin: BulletinId, body: VersionIn, service: BulletinsDep, reports: ReportsDep, actor: ActorDep
) -> BulletinOut:
    """Count anew for a draft; what somebody has written stays."""
    await service.do_recount(bulletin, actor, body.version)
    return await _page(service, reports, actor, bulletin)


@router.post("/{bulletin}/release")
async def release(
    bulletin: BulletinId, body: VersionIn, service: BulletinsDep, reports: ReportsDep, actor: ActorDep
) -> BulletinOut:
    """Give it its number; it does not change any more."""
    await service.do_release(bulletin, actor, body.version)
    return await _page(service, reports, actor, bulletin)


async def _page(service: Bulletins, reports: ReportsDep, actor: ActorDep, bulletin: int) -> BulletinOut:
    found, versions = await service.page(bulletin, actor)
    return BulletinOut(
        **_listed(found).model_dump(),
        hotline=reports.names.office.city.hotline_name,
        sections=[SectionOut.model_validate(section) for section in found.content],
        versions=[_version(one) for one in versions],
    )


def _listed(one: Bulletin) -> ListedOut:
    names = [name for name in ListedOut.model_fields if name != "words"]
    return ListedOut(words=title_of(one), **{name: getattr(one, name) for name in names})


def _version(one: BulletinVersion) -> VersionOut:
    return VersionOut(
        version=one.version,
        what=one.what,
        by=one.by,
        at=one.at,
        sections=[SectionOut.model_validate(section) for section in one.content],
    )
