"""The door of ``/console-api``: whose session it is, and as whom this person acts on orders.

A changing request is taken only when it comes from our own pages (``Origin``) and carries the session's token against
forged requests (``X-CSRF-Token``); the cookie itself is not sent from other sites (``SameSite=Strict``).
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from typing import Annotated
from urllib.parse import unquote, urlsplit

from fastapi import Depends, Header, Query
from starlette.requests import HTTPConnection
from starlette.responses import Response

from hotline.accounts import texts
from hotline.accounts.devices import in_words
from hotline.accounts.errors import AccountError
from hotline.accounts.models import Account
from hotline.accounts.people import People
from hotline.accounts.roles import TRAINEE, UNIT, acting
from hotline.accounts.sessions import Current, Where
from hotline.channels.web.limits import client_address
from hotline.settings import Settings
from hotline.work_orders.acting import seat
from hotline.work_orders.effects.step import Actor
from hotline.work_orders.lifecycle import Role

COOKIE = "hotline_session"
_READING = ("GET", "HEAD", "OPTIONS")


def people_of(connection: HTTPConnection) -> People:
    """The accounts of the application."""
    people: People = connection.app.state.people
    return people


PeopleDep = Annotated[People, Depends(people_of)]


def where_of(connection: HTTPConnection, people: PeopleDep) -> Where:
    """Where the caller sits."""
    address = client_address(connection, people.settings.trusted_proxies)
    return Where(address=address, device=in_words(connection.headers.get("user-agent", "")))


WhereDep = Annotated[Where, Depends(where_of)]


def guard(connection: HTTPConnection, people: PeopleDep) -> None:
    """Refuse what another site makes a browser send; a socket is always looked at.

    Raises:
        AccountError: it does not come from our own pages.
    """
    socket = connection.scope["type"] == "websocket"
    if not socket and _reads(connection):
        return
    origin = connection.headers.get("origin")
    if origin is None:
        # Not a browser, or one that says by other means where the request comes from.
        ours = not socket and connection.headers.get("sec-fetch-site") in (None, "same-origin", "none")
    else:
        ours = _host(origin) in {
            connection.headers.get("host", "").lower(),
            _host(people.settings.public_url),
        } - {""}
    if not ours:
        raise AccountError("other_site", texts.OTHER_SITE)


async def session_of(connection: HTTPConnection) -> Current:
    """Who is logged in, also at a socket; a password that is to be changed does not matter yet.

    Raises:
        AccountError: nobody, or the request may be forged.
    """
    people = people_of(connection)
    guard(connection, people)
    token = connection.cookies.get(_cookie_name(connection, people.settings))
    current = await people.sessions.find(token) if token else None
    if current is None:
        raise AccountError("not_logged_in", texts.NOT_LOGGED_IN)
    if connection.scope["type"] == "http" and not _reads(connection):
        given = connection.headers.get("x-csrf-token", "").encode("utf-8", "replace")
        if not hmac.compare_digest(given, current.csrf.encode()):
            raise AccountError("csrf", texts.CSRF)
    return current


CurrentDep = Annotated[Current, Depends(session_of)]


async def current_account(connection: HTTPConnection, current: CurrentDep) -> Account:
    """The person who is logged in, with a password of their own.

    Raises:
        AccountError: nobody is, or the password is still the one that somebody else has made.
    """
    account = current.account
    if account.must_change:
        raise AccountError("must_change", texts.MUST_CHANGE)
    seat(connection, person=account.number)
    return account


AccountDep = Annotated[Account, Depends(current_account)]


def require(*roles: str) -> Callable[[Account], Awaitable[Account]]:
    """A dependency: the person who is logged in and has one of ``roles``."""

    async def required(account: AccountDep) -> Account:
        if not set(roles) & set(account.roles):
            raise AccountError("forbidden", texts.FORBIDDEN.format(roles="或".join(roles)))
        return account

    return required


async def acting_account(
    connection: HTTPConnection,
    account: AccountDep,
    people: PeopleDep,
    x_acting_role: Annotated[str | None, Header(description="percent-encoded")] = None,
    acting_role: Annotated[
        str | None, Query(max_length=10, description="where no header can be set: pictures, downloads")
    ] = None,
) -> Actor:
    """As whom the person acts on orders: the routes of work orders are given this by ``acting.actor_of``.

    Raises:
        AccountError: no role of the person's sees orders, several do and none was chosen, or it may only look on.
    """
    roles = acting(account.roles)
    if not roles:
        raise AccountError("forbidden", texts.NO_WORK.format(roles="、".join(account.roles)))
    asked = _words(x_acting_role) if x_acting_role is not None else acting_role
    if asked is None and len(roles) > 1:
        raise AccountError("which_role", texts.WHICH_ROLE.format(roles="、".join(roles)))
    role = roles[0] if asked is None else asked
    if role not in roles:
        raise AccountError("forbidden", texts.NOT_YOUR_ROLE.format(role=role[:10], roles="、".join(roles)))
    if role == TRAINEE and not _reads(connection):
        raise AccountError("forbidden", texts.ONLY_LOOKING)
    if role == UNIT and account.unit not in people.accounts.units:
        raise AccountError("forbidden", texts.UNIT_GONE)
    actor = Actor(id=account.number, role=Role(role), unit=account.unit if role == UNIT else None)
    seat(connection, person=account.number, actor=actor)
    return actor


ActingDep = Annotated[Actor, Depends(acting_account)]


def give_cookie(response: Response, connection: HTTPConnection, token: str) -> None:
    """Put the session's token into the browser, until that is closed. Scripts do not see it."""
    settings = people_of(connection).settings
    response.set_cookie(
        _cookie_name(connection, settings),
        token,
        path="/",
        secure=_is_secure(connection, settings),
        httponly=True,
        samesite="strict",
    )


def take_cookie(response: Response, connection: HTTPConnection) -> None:
    """Take the token out of the browser."""
    settings = people_of(connection).settings
    response.delete_cookie(
        _cookie_name(connection, settings),
        path="/",
        secure=_is_secure(connection, settings),
        httponly=True,
        samesite="strict",
    )


def _cookie_name(connection: HTTPConnection, settings: Settings) -> str:
    # A browser takes this prefix only from the host itself, over https: no neighbour can set the cookie.
    return f"__Host-{COOKIE}" if _is_secure(connection, settings) else COOKIE


def _is_secure(connection: HTTPConnection, settings: Settings) -> bool:
    if settings.secure_cookies or connection.url.scheme in ("https", "wss"):
        return True
    peer = connection.client.host if connection.client else ""
    forwarded = connection.headers.get("x-forwarded-proto", "")
    return peer in settings.trusted_proxies and forwarded.lower() in ("https", "wss")


def _reads(connection: HTTPConnection) -> bool:
    return connection.scope.get("method") in _READING


def _host(url: str) -> str:
    try:
        return urlsplit(url).netloc.lower()
    except ValueError:
        return ""


def _words(header: str) -> str:
    """What a header says: percent-encoded, or UTF-8 as it is."""
    try:
        return unquote(header.encode("latin-1").decode("utf-8"), errors="replace")
    except UnicodeError:
        return ""
