"""The editing of the knowledge base over HTTP, at the console. Needs ``app.state.knowledge_editing``.

Who may do what is decided by the services behind.
"""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from datetime import date
from pathlib import Path as FilePath
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, UploadFile
from fastapi.responses import FileResponse
from starlette.background import BackgroundTask
from starlette.types import ASGIApp

from hotline.accounts.door import AccountDep, people_of
from hotline.errors import error_response
from hotline.knowledge import editing_texts as texts
from hotline.knowledge.checking import as_draft, troubles
from hotline.knowledge.differences import difference, merge
from hotline.knowledge.due import DUES
from hotline.knowledge.editing_desk import EditingDesk
from hotline.knowledge.editing_shapes import (
    BeginIn,
    ChangeOut,
    CompareIn,
    ContentIn,
    CountsOut,
    FormOut,
    ImportOut,
    ListOut,
    MatterOut,
    MergedOut,
    MergeIn,
    NewIn,
    PreviewOut,
    PublishIn,
    RevisionIn,
    SaveIn,
    SendBackIn,
    TroubleOut,
    VersionOut,
    WholeVersionOut,
)
from hotline.knowledge.editing_views import Views, changes_out
from hotline.knowledge.errors import EditingError
from hotline.knowledge.looking import STATES, Line, Wanted, chosen
from hotline.knowledge.previews import preview
from hotline.knowledge.rights import Person, parties
from hotline.knowledge.schema import Area
from hotline.knowledge.workbooks import MAX_BYTES, form

router = APIRouter(prefix="/knowledge", tags=["editing of the knowledge base"])

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: Bytes of a draft, and of a workbook with what stands around it in a form.
MAX_BODY = 512 * 1024
MAX_IMPORT = MAX_BYTES + 64 * 1024
_PAGE = 500


def too_large(path: str) -> ASGIApp:
    """What is answered to a body above these."""
    words = texts.WORKBOOK_TOO_LARGE.format(most=MAX_BYTES >> 20) if "/import" in path else texts.TOO_LARGE
    return error_response(413, "too_long", words)


def _desk(request: Request) -> EditingDesk:
    desk: EditingDesk = request.app.state.knowledge_editing
    return desk


DeskDep = Annotated[EditingDesk, Depends(_desk)]


def _person(account: AccountDep, desk: DeskDep) -> Person:
    person = desk.person(account)
    person.check_reads()
    return person


PersonDep = Annotated[Person, Depends(_person)]


async def _views(request: Request, person: PersonDep) -> Views:
    everybody = await people_of(request).accounts.all()
    return Views(person, {account.number: account.name for account in everybody})


ViewsDep = Annotated[Views, Depends(_views)]
CodePath = Annotated[str, Path(max_length=64)]
IdPath = Annotated[int, Path(ge=1, le=2**31 - 1)]


@router.get("")
async def matters(
    desk: DeskDep,
    person: PersonDep,
    views: ViewsDep,
    area: Area | None = None,
    unit: Annotated[str | None, Query(max_length=100)] = None,
    state: Annotated[str | None, Query(max_length=10)] = None,
    due: Annotated[str | None, Query(max_length=10)] = None,
    words: Annotated[str | None, Query(max_length=100)] = None,
    mine: bool = False,
    limit: Annotated[int, Query(ge=1, le=_PAGE)] = 100,
    offset: Annotated[int, Query(ge=0, le=10**6)] = 0,
) -> ListOut:
    """Matters of a filter (``mine``: those that the person edits). Who edits nothing sees what is published."""
    if state not in (None, "", *STATES) or due not in (None, "", "any", *DUES):
        raise EditingError("invalid", texts.NO_SUCH_FILTER)
    lines = [line for line in await desk.looking.lines(person) if not mine or person.owns(line.unit)]
    wanted = Wanted(area=area, unit=unit, state=state, due=due, words=words)
    found = chosen(lines, wanted)
    return ListOut(
        total=len(found),
        matters=[views.line(line) for line in found[offset : offset + limit]],
        areas=Counter(str(line.content["area"]) for line in lines if line.content.get("area")),
        states=_states(lines),
        due=Counter(kind for line in lines for kind in line.due) if person.edits else {},
        units=sorted({one for line in lines for one in parties(line.unit)}),
    )


def _states(lines: list[Line]) -> dict[str, int]:
    counted: Counter[str] = Counter(line.state for line in lines)
    for line in lines:
        counted.update({draft.state for draft in line.drafts})
    return dict(counted)


@router.get("/counts")
async def counts(desk: DeskDep, person: PersonDep) -> CountsOut:
    """How much there is to do, for the menu."""
    return CountsOut(**await desk.looking.counts(person))


@router.get("/form")
async def the_form(desk: DeskDep, person: PersonDep) -> FormOut:
    """The fields of a matter, as they are asked for."""
    rule = desk.looking.rule
    return FormOut.model_validate(
        {
            "sheets": form(),
            "review_days": rule.days,
            "review_confirm": rule.confirm,
            "unit": person.unit_name or None,
        }
    )


@router.post("/preview")
async def the_preview(asked: ContentIn, desk: DeskDep, person: PersonDep) -> PreviewOut:
    """What a citizen would see of a draft, and what is wrong with it."""
    person.check_owns()
    content = as_draft(asked.content, str(asked.content.get("code") or "draft"))
    found = troubles(content, desk.editing.cautions, await desk.editing.titles())
    return PreviewOut(
        **preview(content, desk.looking.today),
        troubles=[TroubleOut.model_validate(one) for one in found],
    )


@router.post("/difference")
async def compare(asked: CompareIn, person: PersonDep) -> list[ChangeOut]:
    """What differs between two drafts that need not be kept anywhere."""
    person.check_owns()
    before, after = (as_draft(one, "draft") for one in (asked.before, asked.after))
    return changes_out(difference(before, after))


@router.post("/merge")
async def merged(asked: MergeIn, person: PersonDep) -> MergedOut:
    """What two people have made of the same draft, put together."""
    person.check_owns()
    base, theirs, mine = (as_draft(one, "draft") for one in (asked.base, asked.theirs, asked.mine))
    content, clashes = merge(base, theirs, mine)
    return MergedOut(content=content, clashes=clashes)


@router.get("/matters/{code}")
async def matter(code: CodePath, desk: DeskDep, person: PersonDep, views: ViewsDep) -> MatterOut:
    """One matter, and for editors its versions."""
    line, found = await desk.looking.matter(person, code)
    content = dict(line.content)
    if not person.edits:
        content.pop("to_confirm", None)
    return MatterOut(
        **views.line(line).model_dump(),
        content=content,
        versions=[views.version(version) for version in found],
    )


@router.get("/matters/{code}/preview")
async def published_preview(code: CodePath, desk: DeskDep, person: PersonDep) -> PreviewOut:
    """What a citizen sees of a matter."""
    line, _ = await desk.looking.matter(person, code)
    return PreviewOut(**preview(line.content, desk.looking.today), troubles=[])


@router.get("/matters/{code}/difference")
async def the_difference(
    code: CodePath,
    desk: DeskDep,
    person: PersonDep,
    before: Annotated[int, Query(ge=0, le=2**31 - 1)],
    after: Annotated[int, Query(ge=0, le=2**31 - 1)],
) -> list[ChangeOut]:
    """What differs between two versions; version 0 is an empty one."""
    _, found = await desk.looking.matter(person, code)
    contents: dict[int, Any] = {0: {}} | {version.number: version.content for version in found}
    if before not in contents or after not in contents:
        raise EditingError("not_found", texts.NO_VERSION)
    return changes_out(difference(contents[before], contents[after]))


@router.post("/matters", status_code=201)
async def add(asked: NewIn, desk: DeskDep, person: PersonDep, views: ViewsDep) -> VersionOut:
    """Begin a matter that was not there."""
    return views.version(await desk.editing.do_new(person, asked.content, code=asked.code, note=asked.note))


@router.post("/matters/{code}/drafts", status_code=201)
async def begin(
    code: CodePath, asked: BeginIn, desk: DeskDep, person: PersonDep, views: ViewsDep
) -> VersionOut:
    """Begin a draft."""
    draft = await desk.editing.do_begin(
        person, code, number=asked.number, withdraw=asked.withdraw, note=asked.note
    )
    return views.version(draft)


@router.get("/versions/{version_id}")
async def version(version_id: IdPath, desk: DeskDep, person: PersonDep, views: ViewsDep) -> WholeVersionOut:
    """One version, with all that is to be known about it."""
    return await _whole(version_id, desk, person, views)


@router.put("/versions/{version_id}")
async def save(
    version_id: IdPath, asked: SaveIn, desk: DeskDep, person: PersonDep, views: ViewsDep
) -> WholeVersionOut:
    """Write a draft."""
    await desk.editing.do_save(person, version_id, asked.revision, asked.content, asked.note)
    return await _whole(version_id, desk, person, views)


@router.post("/versions/{version_id}/rebase")
async def rebase(
    version_id: IdPath, asked: RevisionIn, desk: DeskDep, person: PersonDep, views: ViewsDep
) -> WholeVersionOut:
    """Take what was published meanwhile into a draft."""
    _, clashes = await desk.editing.do_rebase(person, version_id, asked.revision)
    return await _whole(version_id, desk, person, views, clashes)


@router.post("/versions/{version_id}/submit")
async def submit(
    version_id: IdPath, asked: RevisionIn, desk: DeskDep, person: PersonDep, views: ViewsDep
) -> WholeVersionOut:
    """Give a draft to somebody else to be looked at."""
    await desk.reviewing.do_submit(person, version_id, asked.revision)
    return await _whole(version_id, desk, person, views)


@router.post("/versions/{version_id}/take-back")
async def take_back(
    version_id: IdPath, asked: RevisionIn, desk: DeskDep, person: PersonDep, views: ViewsDep
) -> WholeVersionOut:
    """Go on writing."""
    await desk.reviewing.do_take_back(person, version_id, asked.revision)
    return await _whole(version_id, desk, person, views)


@router.post("/versions/{version_id}/send-back")
async def send_back(
    version_id: IdPath, asked: SendBackIn, desk: DeskDep, person: PersonDep, views: ViewsDep
) -> WholeVersionOut:
    """Say what has to be better."""
    await desk.reviewing.do_send_back(person, version_id, asked.revision, asked.reason)
    return await _whole(version_id, desk, person, views)


@router.post("/versions/{version_id}/approve")
async def approve(
    version_id: IdPath, asked: RevisionIn, desk: DeskDep, person: PersonDep, views: ViewsDep
) -> WholeVersionOut:
    """Find a version good."""
    await desk.reviewing.do_approve(person, version_id, asked.revision)
    return await _whole(version_id, desk, person, views)


@router.post("/versions/{version_id}/discard")
async def discard(
    version_id: IdPath, asked: RevisionIn, desk: DeskDep, person: PersonDep, views: ViewsDep
) -> WholeVersionOut:
    """Give a draft up."""
    await desk.reviewing.do_discard(person, version_id, asked.revision)
    return await _whole(version_id, desk, person, views)


@router.post("/publish")
async def publish(asked: PublishIn, desk: DeskDep, person: PersonDep, views: ViewsDep) -> list[VersionOut]:
    """Put versions that were found good in force; the release gate is asked first, which takes some seconds."""
    wanted = [(one.id, one.revision) for one in asked.versions]
    return [views.version(one) for one in await desk.publishing.do_publish(person, wanted)]


@router.get("/export.xlsx", response_class=FileResponse)
async def export(desk: DeskDep, person: PersonDep, mine: bool = False) -> FileResponse:
    """The published matters as a workbook: all, or those that the person edits."""
    path = await desk.workbooks.export(person, mine=mine)
    return FileResponse(
        path,
        media_type=XLSX,
        filename=f"knowledge-{date.today().isoformat()}.xlsx",
        headers={"Cache-Control": "no-store"},
        background=BackgroundTask(_remove, path),
    )


def _remove(path: FilePath) -> None:
    with suppress(FileNotFoundError):
        path.unlink()


@router.post("/import")
async def import_(file: UploadFile, desk: DeskDep, person: PersonDep, dry_run: bool = True) -> ImportOut:
    """What a workbook would change, or (``dry_run=false``) drafts of it."""
    data = await file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise EditingError("too_long", texts.WORKBOOK_TOO_LARGE.format(most=MAX_BYTES >> 20))
    return ImportOut.model_validate(await desk.workbooks.do_import(person, data, dry_run=dry_run))


async def _whole(
    version_id: int, desk: EditingDesk, person: Person, views: Views, clashes: list[str] | None = None
) -> WholeVersionOut:
    person.check_owns()  # drafts are for editors
    standing = await desk.editing.standing(version_id)
    _, others = await desk.looking.matter(person, standing.version.code)
    return views.whole(standing, others, clashes=clashes or ())
