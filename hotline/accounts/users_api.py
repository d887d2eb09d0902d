"""For administrators: who works here. Passwords are made here and shown once. ``/console-api/users``."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, ConfigDict, Field

from hotline.accounts.api import UnitOut
from hotline.accounts.door import AccountDep, PeopleDep, WhereDep, require
from hotline.accounts.models import Account
from hotline.accounts.people import People
from hotline.accounts.roles import ADMIN
from hotline.accounts.service import By, Change

router = APIRouter(tags=["people"])

Words = Annotated[str, Field(max_length=100)]
Roles = Annotated[list[Annotated[str, Field(max_length=10)]], Field(max_length=20)]
Number = Annotated[str, Path(pattern="^[0-9]{1,8}$")]


class UserIn(BaseModel):
    """Somebody new."""

    model_config = ConfigDict(extra="forbid")

    number: Words
    name: Words
    team: Words = ""
    roles: Roles
    unit: Words | None = None


class UserChange(BaseModel):
    """What is to be changed; what is left out stays. An empty team or unit takes it away."""

    model_config = ConfigDict(extra="forbid")

    name: Words | None = None
    team: Words | None = None
    roles: Roles | None = None
    unit: Words | None = None
    active: bool | None = None


class ResetIn(BaseModel):
    """``without_totp``: also forget the authenticator, when the phone is lost."""

    model_config = ConfigDict(extra="forbid")

    without_totp: bool = False


class UserOut(BaseModel):
    """Somebody who works here; never a password."""

    number: str
    name: str
    team: str
    roles: list[str]
    unit: UnitOut | None
    active: bool
    locked_until: datetime | None
    must_change_password: bool
    totp: bool
    created_at: datetime
    created_by: str
    last_login_at: datetime | None


class UserAdded(BaseModel):
    """Somebody new, with the password for the first login: it is shown here and nowhere else."""

    user: UserOut
    one_time_password: str


class Reset(BaseModel):
    """The password for the next login: it is shown here and nowhere else."""

    one_time_password: str


AdminDep = Annotated[Account, Depends(require(ADMIN))]


def _by(admin: AdminDep, where: WhereDep) -> By:
    return By(name=admin.number, address=where.address)


ByDep = Annotated[By, Depends(_by)]


def _out(people: People, account: Account) -> UserOut:
    unit = UnitOut(code=account.unit, name=people.accounts.units.name(account.unit)) if account.unit else None
    return UserOut(
        number=account.number,
        name=account.name,
        team=account.team,
        roles=account.roles,
        unit=unit,
        active=account.active,
        locked_until=people.logins.locked_until(account),
        must_change_password=account.must_change,
        totp=account.totp is not None,
        created_at=account.created_at,
        created_by=account.created_by,
        last_login_at=account.last_login_at,
    )


@router.get("/units")
async def units(people: PeopleDep, _: AccountDep) -> list[UnitOut]:
    """All units, to choose from."""
    return [UnitOut(code=unit.code, name=unit.name) for unit in people.accounts.units]


@router.get("/users", dependencies=[Depends(require(ADMIN))])
async def users(people: PeopleDep) -> list[UserOut]:
    """Everybody; those who are not active any more come last."""
    return [_out(people, account) for account in await people.accounts.all()]


@router.get("/users/{number}", dependencies=[Depends(require(ADMIN))])
async def user(number: Number, people: PeopleDep) -> UserOut:
    """One person."""
    return _out(people, await people.accounts.find(number))


@router.post("/users", status_code=201)
async def add(body: UserIn, people: PeopleDep, by: ByDep) -> UserAdded:
    """Add somebody."""
    account, password = await people.accounts.do_add(**body.model_dump(), by=by)
    return UserAdded(user=_out(people, account), one_time_password=password)


@router.patch("/users/{number}")
async def change(number: Number, body: UserChange, people: PeopleDep, by: ByDep) -> UserOut:
    """Change somebody; new roles, another unit and being deactivated end all of the person's sessions."""
    return _out(people, await people.accounts.do_change(number, Change(**body.model_dump()), by))


@router.post("/users/{number}/reset")
async def reset(number: Number, body: ResetIn, people: PeopleDep, by: ByDep) -> Reset:
    """Give somebody a new password; all of the person's sessions end, a lock is opened."""
    password = await people.accounts.do_reset(number, by, without_totp=body.without_totp)
    return Reset(one_time_password=password)


@router.post("/users/{number}/unlock")
async def unlock(number: Number, people: PeopleDep, by: ByDep) -> UserOut:
    """Open the lock of too many wrong tries."""
    return _out(people, await people.accounts.do_unlock(number, by))


@router.post("/users/{number}/deactivate")
async def deactivate(number: Number, people: PeopleDep, by: ByDep) -> UserOut:
    """Let somebody in no more."""
    return _out(people, await people.accounts.do_deactivate(number, by))
