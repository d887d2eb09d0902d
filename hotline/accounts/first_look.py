"""Looks at the session before a large body is read: what a stranger sends is not listened to."""

from __future__ import annotations

from contextlib import suppress

from sqlalchemy.exc import DBAPIError
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from hotline.accounts.door import session_of
from hotline.accounts.errors import AccountError
from hotline.errors import error_response, status_of


class SessionFirst:
    """A framework reads a form before it asks who sent it; this stands before it."""

    def __init__(self, app: ASGIApp, *, prefix: str, above: int) -> None:
        """
        Args:
            prefix: how the paths begin that are only for whoever is logged in.
            above: bytes that anybody may send, since a login is sent by strangers.
        """
        self._app = app
        self._prefix = prefix
        self._above = above

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] == "http" and scope["path"].startswith(self._prefix) and self._is_large(scope):
            try:
                with suppress(DBAPIError):  # without its database the service says so itself
                    await session_of(HTTPConnection(scope))
            except AccountError as error:
                refuse = error_response(status_of(error.code), error.code, error.message)
                await refuse(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _is_large(self, scope: Scope) -> bool:
        headers = dict(scope["headers"])
        if b"transfer-encoding" in headers:  # it does not say how much will come
            return True
        announced = headers.get(b"content-length", b"0")
        return not announced.isdigit() or int(announced) > self._above
