"""HTTP for the filters that somebody has kept; only behind a session, which says whose they are."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel, ConfigDict, Field

from hotline.work_orders.acting import person_of
from hotline.work_orders.saved import SavedFilters

router = APIRouter(prefix="/saved-filters", tags=["saved filters"])

_LONGEST_BODY = 200


def _saved(request: Request) -> SavedFilters:
    return SavedFilters(request.app.state.database)


def _owner(request: Request) -> str:
    return person_of(request, None)


SavedDep = Annotated[SavedFilters, Depends(_saved)]
OwnerDep = Annotated[str, Depends(_owner)]
SavedId = Annotated[int, Path(ge=1, le=2**31 - 1)]
Name = Annotated[str, Field(max_length=_LONGEST_BODY)]


class SavedIn(BaseModel):
    """A list and its filters, as they stand in the address of the page."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    query: Annotated[dict[str, Annotated[str, Field(max_length=_LONGEST_BODY)]], Field(max_length=20)]


class RenameIn(BaseModel):
    """The new name."""

    model_config = ConfigDict(extra="forbid")

    name: Name


class SavedOut(BaseModel):
    """One that was kept."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    name: str
    query: dict[str, str]


@router.get("")
async def saved_filters(saved: SavedDep, owner: OwnerDep) -> list[SavedOut]:
    """One's own, oldest first."""
    return [SavedOut.model_validate(one) for one in await saved.of(owner)]


@router.post("", status_code=201)
async def save(body: SavedIn, saved: SavedDep, owner: OwnerDep) -> SavedOut:
    """Keep one more; what was searched for is not kept."""
    return SavedOut.model_validate(await saved.do_save(owner, body.name, body.query))


@router.patch("/{saved_id}")
async def rename(saved_id: SavedId, body: RenameIn, saved: SavedDep, owner: OwnerDep) -> SavedOut:
    """Call one otherwise."""
    return SavedOut.model_validate(await saved.do_rename(owner, saved_id, body.name))


@router.delete("/{saved_id}", status_code=204)
async def delete(saved_id: SavedId, saved: SavedDep, owner: OwnerDep) -> None:
    """Forget one."""
    await saved.do_delete(owner, saved_id)
