"""What protects the public side: rates per address, and the size of a body."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from types import MappingProxyType

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hotline.conversations.service import ConversationError
from hotline.errors import error_response


def client_address(connection: HTTPConnection, trusted: Collection[str]) -> str:
    """The citizen's address: the peer's, or what a trusted proxy says it is."""
    peer = connection.client.host if connection.client else "unknown"
    forwarded = connection.headers.get("x-forwarded-for")
    if forwarded and peer in trusted:
        return forwarded.rsplit(",", 1)[-1].strip()
    return peer


class AddressLimits:
    """Rates per address, counted in this process."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def check(self, address: str, what: str, per_minute: int, message: str) -> None:
        """Count one ``what`` of ``address``.

        Raises:
            ConversationError: more than ``per_minute`` in the last minute.
        """
        item = RateLimitItemPerMinute(per_minute)
        if not self._limiter.hit(item, what, address):
            reset = self._limiter.get_window_stats(item, what, address).reset_time
            seconds = max(1, round(reset - time.time()))
            raise ConversationError("too_fast", message.format(seconds=seconds), retry_after=seconds)


#: The actions may send this many times more than a citizen.
_INSIDE = 8
#: How long what is still coming is listened to before it is refused.
_DRAIN_SECONDS = 10


class BodyLimit:
    """Refuses request bodies above a size, whether announced or streamed."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        max_bytes: int,
        streamed: Callable[[str], int | None] = lambda _: None,
        doors: Mapping[str, tuple[int, Callable[[str], ASGIApp]]] = MappingProxyType({}),
    ) -> None:
        """
        Args:
            streamed: the limit of a path whose body is not read here but by the application, which counts itself.
            doors: by how a path begins, another limit and what is answered above it.
        """
        self._app = app
        self._max = max_bytes
        self._streamed = streamed
        self._doors = doors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        # A body is read before the token is looked at, so the door that is not for the public has a limit, too.
        streamed = self._streamed(scope["path"])
        limit = streamed or (self._max * _INSIDE if scope["path"].startswith("/internal/") else self._max)
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        refuse: ASGIApp = error_response(413, "too_long", "内容太大了，请分几次发送。")
        for start, (most, refusal) in self._doors.items():
            if scope["path"].startswith(start):
                limit, refuse = most, refusal(scope["path"])
        if not announced.isdigit() or int(announced) > limit:
            await refuse(scope, receive, send)
            return
        if streamed is not None:
            await self._pass_on(scope, receive, send, limit)
            return
        # Read it whole before the application begins: it is small, or it is refused.
        body = b""
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > limit:
                await refuse(scope, receive, send)
                return
        given = False

        async def replay() -> Message:
            nonlocal given
            if given:
                return await receive()
            given = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, replay, send)

    async def _pass_on(self, scope: Scope, receive: Receive, send: Send, limit: int) -> None:
        taken = 0
        ended = False

        async def counted() -> Message:
            nonlocal taken, ended
            message = await receive()
            taken += len(message.get("body", b""))
            ended = not message.get("more_body", False)
            return message

        async def answered(message: Message) -> None:
            # Whoever is still sending would hear of a broken connection, and not why.
            if message["type"] == "http.response.start" and not ended:
                with suppress(TimeoutError):
                    async with asyncio.timeout(_DRAIN_SECONDS):
                        while not ended and taken <= limit:
                            await counted()
            await send(message)

        await self._app(scope, counted, answered)
