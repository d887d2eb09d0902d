"""For an administrator who begins: who is there already, and what the office has to confirm. ``/console-api/beginning``."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict

from hotline.accounts.door import PeopleDep, require
from hotline.accounts.models import Account
from hotline.accounts.roles import ADMIN, ROLES
from hotline.beginning.marks import read_marks
from hotline.calendar.service import CalendarService
from hotline.knowledge.service import Knowledge
from hotline.settings import Settings
from hotline.work_orders.deadlines import unannounced_warning

router = APIRouter(tags=["people"])


class MarksOut(BaseModel):
    """A file with something to confirm; no items: all of it."""

    model_config = ConfigDict(from_attributes=True)

    file: str
    title: str
    items: list[str]


class RoleOut(BaseModel):
    """How many active people have a role."""

    role: str
    people: int


class BeginningOut(BaseModel):
    """Where an office stands."""

    roles: list[RoleOut]
    marks: list[MarksOut]
    #: Matters of the knowledge base in which something is to be confirmed, and all of them.
    matters_to_confirm: int
    matters: int
    #: About years whose holidays are not announced; empty: none.
    calendar_warning: str
    #: Whether the one who asks has an authenticator.
    totp: bool


@router.get("/beginning")
async def beginning(
    request: Request, people: PeopleDep, account: Annotated[Account, Depends(require(ADMIN))]
) -> BeginningOut:
    """Where the office stands."""
    settings: Settings = request.app.state.settings
    knowledge: Knowledge = request.app.state.knowledge
    calendar: CalendarService = request.app.state.calendar
    counted = Counter(role for one in await people.accounts.all() if one.active for role in one.roles)
    matters = knowledge.matters()
    marks = await asyncio.to_thread(read_marks, settings.city_dir)
    return BeginningOut(
        roles=[RoleOut(role=role, people=counted[role]) for role in ROLES],
        marks=[MarksOut.model_validate(item) for item in marks],
        matters_to_confirm=sum(bool(matter.to_confirm) for matter in matters),
        matters=len(matters),
        calendar_warning=unannounced_warning(calendar.unannounced()),
        totp=account.totp is not None,
    )
