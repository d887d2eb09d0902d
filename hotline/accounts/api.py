"""Logging in and out, one's own password, authenticator and sessions: ``/console-api``."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from hotline.accounts import texts
from hotline.accounts.door import AccountDep, CurrentDep, PeopleDep, WhereDep, give_cookie, take_cookie
from hotline.accounts.login import LoggedIn
from hotline.accounts.models import Account
from hotline.accounts.people import People
from hotline.accounts.roles import acting
from hotline.accounts.sessions import Where, csrf_of

router = APIRouter(tags=["accounts"])

#: Longer than any password may be, so that a too long one is told so in words.
Secret = Annotated[str, Field(max_length=1000)]
Code = Annotated[str, Field(max_length=100)]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class LoginIn(_In):
    """Who wants to come in."""

    number: Annotated[str, Field(max_length=100)]
    password: Secret


class SecondStepIn(_In):
    """The authenticator's code, or a recovery code."""

    challenge: Annotated[str, Field(max_length=500)]
    code: Code


class SetupIn(_In):
    """The first administrator; ``token`` is what stands after the # of the link."""

    token: Annotated[str, Field(max_length=200)]
    number: Annotated[str, Field(max_length=100)]
    name: Annotated[str, Field(max_length=100)]
    password: Secret


class PasswordIn(_In):
    """The password now, and the new one."""

    old: Secret
    new: Secret


class ConfirmIn(_In):
    """The password, to show that it is still the same person."""

    password: Secret


class CodeIn(_In):
    """A code of the authenticator."""

    code: Code


class UnitOut(BaseModel):
    """A unit."""

    code: str
    name: str


class SessionOut(BaseModel):
    """Who is logged in.

    Attributes:
        acting_roles: those in which the person sees orders; with several ``X-Acting-Role`` says which.
        csrf: the value of ``X-CSRF-Token`` for every changing request.
        must_change_password: nothing else may be done before.
        totp: whether an authenticator is in use, with how many recovery codes left.
    """

    number: str
    name: str
    team: str
    roles: list[str]
    acting_roles: list[str]
    unit: UnitOut | None
    csrf: str
    must_change_password: bool
    totp: bool
    recovery_codes_left: int


class LoginOut(BaseModel):
    """``done``: with the session. ``totp``: the code is wanted next, with the challenge."""

    next: Literal["done", "totp"]
    session: SessionOut | None = None
    challenge: str | None = None


class TotpOut(BaseModel):
    """What the authenticator is given: the secret to type, or the address as a QR code."""

    secret: str
    uri: str


class RecoveryOut(BaseModel):
    """Codes for the day on which the phone is lost; shown once."""

    recovery_codes: list[str]


class OwnSession(BaseModel):
    """A browser in which one is logged in."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    device: str
    address: str
    created_at: datetime
    last_seen_at: datetime
    ends_at: datetime
    current: bool = False


class Ended(BaseModel):
    """How many sessions were ended."""

    ended: int


def _session(people: People, account: Account, csrf: str) -> SessionOut:
    unit = UnitOut(code=account.unit, name=people.accounts.units.name(account.unit)) if account.unit else None
    return SessionOut(
        number=account.number,
        name=account.name,
        team=account.team,
        roles=account.roles,
        acting_roles=acting(account.roles),
        unit=unit,
        csrf=csrf,
        must_change_password=account.must_change,
        totp=account.totp is not None,
        recovery_codes_left=len(account.recovery),
    )


def _begun(request: Request, response: Response, people: People, account: Account, token: str) -> SessionOut:
    give_cookie(response, request, token)
    return _session(people, account, csrf_of(token))


def _limit(people: People, where: Where) -> None:
    people.limits.check(where.address, "login", people.settings.address_logins, texts.TOO_FAST)


@router.post("/login")
async def log_in(
    body: LoginIn, request: Request, response: Response, people: PeopleDep, where: WhereDep
) -> LoginOut:
    """Log in by number and password."""
    _limit(people, where)
    done = await people.logins.do_log_in(body.number, body.password, where)
    if isinstance(done, LoggedIn):
        return LoginOut(next="done", session=_begun(request, response, people, done.account, done.token))
    return LoginOut(next="totp", challenge=done.challenge)


@router.post("/login/totp")
async def second_step(
    body: SecondStepIn, request: Request, response: Response, people: PeopleDep, where: WhereDep
) -> LoginOut:
    """The second step, for whoever has an authenticator."""
    _limit(people, where)
    done = await people.logins.do_second_step(body.challenge, body.code, where)
    return LoginOut(next="done", session=_begun(request, response, people, done.account, done.token))


@router.post("/setup", status_code=201)
async def set_up(
    body: SetupIn, request: Request, response: Response, people: PeopleDep, where: WhereDep
) -> SessionOut:
    """Become administrator by the link that the server has printed."""
    _limit(people, where)
    account, token = await people.setup.do_use(
        body.token,
        number=body.number,
        name=body.name,
        password=body.password,
        accounts=people.accounts,
        sessions=people.sessions,
        where=where,
    )
    return _begun(request, response, people, account, token)


@router.get("/session")
async def session(people: PeopleDep, current: CurrentDep) -> SessionOut:
    """Who am I."""
    return _session(people, current.account, current.csrf)


@router.post("/logout", status_code=204)
async def log_out(request: Request, response: Response, people: PeopleDep, current: CurrentDep) -> None:
    """End this session."""
    await people.sessions.do_log_out(current)
    take_cookie(response, request)


@router.post("/password")
async def change_password(
    body: PasswordIn, request: Request, response: Response, people: PeopleDep, current: CurrentDep
) -> SessionOut:
    """Change one's own password; all other sessions end, and this one goes on with a new token."""
    token = await people.logins.do_change_password(current, body.old, body.new)
    account = await people.accounts.find(current.account.number)
    return _begun(request, response, people, account, token)


@router.get("/sessions")
async def sessions(people: PeopleDep, current: CurrentDep, _: AccountDep) -> list[OwnSession]:
    """Where one is logged in."""
    found = [OwnSession.model_validate(item) for item in await people.sessions.of(current.account)]
    for item in found:
        item.current = item.id == current.session.id
    return found


@router.delete("/sessions")
async def revoke_others(people: PeopleDep, current: CurrentDep, _: AccountDep) -> Ended:
    """End all of one's own sessions but this one."""
    return Ended(ended=await people.sessions.do_revoke_others(current))


@router.delete("/sessions/{session_id}", status_code=204)
async def revoke(
    session_id: Annotated[int, Path(ge=1, le=2**31 - 1)],
    request: Request,
    response: Response,
    people: PeopleDep,
    current: CurrentDep,
    _: AccountDep,
) -> None:
    """End one of one's own sessions."""
    await people.sessions.do_revoke(current, session_id)
    if session_id == current.session.id:
        take_cookie(response, request)
