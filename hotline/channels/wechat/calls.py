"""Calls of one of the platform's APIs, with a token that all processes share. An error comes as HTTP 200 with ``errcode``; here it is
an exception.
"""

from __future__ import annotations

import asyncio
import json
import re
from datetime import datetime, timedelta
from typing import Any, ClassVar, Protocol

import httpx
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from hotline.channels.wechat import codes
from hotline.channels.wechat.codes import Codes
from hotline.channels.wechat.models import WechatToken
from hotline.database import Database, now

_TIMEOUT = httpx.Timeout(8.0, connect=4.0)
#: A token is renewed when it has less than this left: the platform keeps the old one five minutes beside the new.
_MARGIN = timedelta(minutes=4)
#: A token is forced once in so long at most (the platform's rule: 30 seconds).
_FORCE_PAUSE = timedelta(seconds=35)
_BEGAN = re.compile(r'\s*\{\s*"errcode"\s*:\s*(-?\d+)\s*[,}]')
_MAX_MEDIA = 20 * 1024 * 1024


class WechatError(Exception):
    """The platform refuses, or does not answer (code -1)."""

    def __init__(self, code: int, message: str, known: Codes = codes.OFFICIAL) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        #: What the platform says of it; for people who know it, never for agents.
        self.said = message
        self.meaning = known.meaning(code)
        self.words = known.in_words(code)


class Tokens(Protocol):
    """Where an account gets its tokens."""

    #: The account's id; the token is kept under it.
    account: str

    async def ask(self, http: httpx.AsyncClient, *, force: bool) -> httpx.Response:
        """Ask for one: the same as long as it is good; ``force``: another one, the present is not taken any more."""
        ...


class Calls:
    """Speaks with one API for one account."""

    #: What its error codes mean.
    codes: ClassVar[Codes] = codes.OFFICIAL

    def __init__(self, api: str, tokens: Tokens, database: Database) -> None:
        self._tokens = tokens
        self._database = database
        self._http = httpx.AsyncClient(base_url=api, timeout=_TIMEOUT, trust_env=False)
        #: What this process knows of the shared token, and until when it may use it.
        self._known: tuple[str, datetime] = ("", now())
        self._asking = asyncio.Lock()

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.aclose()

    async def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Call ``path`` with the account's token; a token that is not good any more is renewed once.

        Raises:
            WechatError: the platform refuses.
        """
        # The platform wants the characters themselves, not \\u escapes.
        content = json.dumps(body, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json; charset=utf-8"}
        return await self._with_token(
            lambda token: self._http.post(
                path, params={"access_token": token}, content=content, headers=headers
            )
        )

    async def get(self, path: str) -> dict[str, Any]:
        """The same without a body.

        Raises:
            WechatError: the platform refuses.
        """
        return await self._with_token(lambda token: self._http.get(path, params={"access_token": token}))

    async def media(self, media_id: str) -> bytes:
        """What a citizen has sent.

        Raises:
            WechatError: the platform refuses, or what it gives is too large.
        """
        response = await self._answered(
            lambda token: self._http.get(
                "/cgi-bin/media/get", params={"access_token": token, "media_id": media_id}
            )
        )
        if len(response.content) > _MAX_MEDIA:
            raise WechatError(40006, "too large")
        return response.content

    # Below: parts of the above.

    async def _with_token(self, call: Any) -> dict[str, Any]:
        return _content(await self._answered(call))

    async def _answered(self, call: Any) -> httpx.Response:
        token = await self._token()
        response = await _sent(call, token)
        code = _code(response)
        if self.codes.meanings.get(code) == "token":
            response = await _sent(call, await self._token(instead_of=token))
            code = _code(response)
        if code:
            raise WechatError(code, str(_content_or_empty(response).get("errmsg", "")), self.codes)
        return response

    async def _token(self, *, instead_of: str = "") -> str:
        """The account's token, good for a while.

        Args:
            instead_of: one that the platform has refused.
        """
        value, until = self._known
        if value and value != instead_of and until > now():
            return value
        async with self._asking:
            value, until = self._known
            if value and value != instead_of and until > now():
                return value
            self._known = await self._shared(instead_of)
            return self._known[0]

    async def _shared(self, instead_of: str) -> tuple[str, datetime]:
        """The token that all processes share; one of them asks for it while the others wait for its row."""
        async with self._database.transaction() as session:
            first = insert(WechatToken).values(app_id=self._tokens.account, value="", until=now())
            await session.execute(first.on_conflict_do_nothing())
            query = select(WechatToken).where(WechatToken.app_id == self._tokens.account).with_for_update()
            row = (await session.scalars(query.execution_options(populate_existing=True))).one()
            if row.value and row.value != instead_of and row.until > now():
                return row.value, row.until
            force = bool(row.value) and row.value == instead_of
            if force and row.forced_at is not None and row.forced_at > now() - _FORCE_PAUSE:
                raise WechatError(40001, "the token was renewed a moment ago and is refused again")
            response = await _sent(lambda _: self._tokens.ask(self._http, force=force), "")
            content = _content(response)
            if code := _code(response):
                raise WechatError(code, str(content.get("errmsg", "")), self.codes)
            row.value = str(content["access_token"])
            row.until = now() + timedelta(seconds=float(content["expires_in"])) - _MARGIN
            if force:
                row.forced_at = now()
            return row.value, row.until


async def _sent(call: Any, token: str) -> httpx.Response:
    try:
        response: httpx.Response = await call(token)
    except httpx.HTTPError as error:
        raise WechatError(-1, f"the platform does not answer ({type(error).__name__})") from None
    if response.status_code != 200:
        raise WechatError(-1, f"HTTP {response.status_code}")
    return response


def _content_or_empty(response: httpx.Response) -> dict[str, Any]:
    try:
        content = response.json()
    except ValueError:
        # Cut off on the way: what was taken must not be sent again because the end of the answer is missing.
        began = _BEGAN.match(response.text)
        return {"errcode": int(began[1])} if began else {}
    return content if isinstance(content, dict) else {}


def _content(response: httpx.Response) -> dict[str, Any]:
    content = _content_or_empty(response)
    if not content:
        raise WechatError(-1, "not JSON")
    return content


def _code(response: httpx.Response) -> int:
    """The error code; 0 when all is well, or what came is no JSON at all (a picture)."""
    if not response.headers.get("content-type", "").startswith(("application/json", "text/")):
        return 0
    try:
        return int(_content_or_empty(response).get("errcode", 0))
    except (TypeError, ValueError):
        return -1
