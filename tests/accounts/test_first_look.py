"""A large body is listened to only after the session was looked at."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi import FastAPI
from starlette.types import Message

from hotline.accounts.first_look import SessionFirst
from tests.accounts.conftest import HERE, PASSWORD, Staff

LIMIT = 32 * 1024


class Sender:
    """Somebody who sends a large file, and notes whether anybody listens."""

    def __init__(self, app: FastAPI, cookie: str, **headers: str) -> None:
        self.listened = False
        self.answer: int | None = None
        sent = {"host": "test", "cookie": cookie} | headers
        self.scope: dict[str, Any] = {
            "type": "http",
            "method": "POST",
            "path": "/console-api/orders/import",
            "query_string": b"",
            "scheme": "http",
            "client": ("127.0.0.1", 5),
            "headers": [(key.replace("_", "-").encode(), value.encode()) for key, value in sent.items()],
            "app": app,
        }

    async def receive(self) -> Message:
        """The body is asked for."""
        self.listened = True
        return {"type": "http.request", "body": b"x" * 100_000, "more_body": False}

    async def send(self, message: Message) -> None:
        """The answer comes."""
        self.answer = message.get("status", self.answer)


@pytest.mark.parametrize("size", [{"content_length": "8000000"}, {"transfer_encoding": "chunked"}])
async def test_nobody_listens_to_a_strangers_large_file(
    app: FastAPI, staff: Staff, size: dict[str, str]
) -> None:
    await staff.add("2001", "派单员")
    done = await staff.people.logins.do_log_in("2001", PASSWORD, HERE)
    token = done.token
    current = await staff.people.sessions.find(token)

    async def inner(_: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "http.response.start", "status": 200, "headers": []})

    looked = SessionFirst(inner, prefix="/console-api/", above=LIMIT)
    stranger = Sender(app, "hotline_session=made-up", **size)
    forger = Sender(app, f"hotline_session={token}", **size)
    own = Sender(app, f"hotline_session={token}", x_csrf_token=current.csrf, **size)
    for sender in (stranger, forger, own):
        await looked(sender.scope, sender.receive, sender.send)

    assert (stranger.listened, stranger.answer) == (False, 401)
    assert (forger.listened, forger.answer) == (False, 403)
    assert (own.listened, own.answer) == (True, 200)
