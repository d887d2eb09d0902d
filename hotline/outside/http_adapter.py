"""Reaches another system over HTTP with JSON, signed; the other side's manual is docs/outside-system.md."""

from __future__ import annotations

import asyncio
import json
import re
import secrets
import ssl
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from hotline.database import now
from hotline.language.identifiers import mask
from hotline.outside import signature
from hotline.outside.adapter import Message, NotDelivered
from hotline.outside.messages import ORDER
from hotline.outside.systems import System
from hotline.outside.trouble import describe

#: More than this is no answer of an interface like this one.
_MOST_BYTES = 64 * 1024
_MOST_WORDS = 300
_LONGEST_PAUSE = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the other side said; ``milliseconds`` from the first byte sent to the last received."""

    status: int
    headers: httpx.Headers
    body: bytes
    milliseconds: float

    def json(self) -> Any:
        """The body as JSON; None when it is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    def words(self) -> str:
        """Why it said no, in its own words: the error's message, or the beginning of whatever it sent."""
        found = self.json()
        if isinstance(found, dict):
            inner = found.get("error")
            found = (inner.get("message") if isinstance(inner, dict) else inner) or found.get("message")
        if not isinstance(found, str):
            found = self.body.decode("utf-8", "replace")
        # Neither markup nor what a database cannot store.
        plain = re.sub(r"<[^>]*>|[\x00-\x1f\ufffd]+", " ", found)
        return mask(re.sub(r"\s+", " ", plain).strip())[:_MOST_WORDS]

    def pause(self, at: datetime) -> timedelta | None:
        """What ``Retry-After`` says, in seconds or as a date."""
        given = self.headers.get("retry-after", "").strip()
        if re.fullmatch(r"[0-9]{1,9}", given):
            return min(timedelta(seconds=int(given)), _LONGEST_PAUSE)
        until = _date(given)
        return min(max(until - at, timedelta()), _LONGEST_PAUSE) if until else None

    def date(self) -> datetime | None:
        """What the other side's clock shows."""
        return _date(self.headers.get("date", ""))


def _date(words: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(words)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


class HttpSystem:
    """One system and the connections to it."""

    def __init__(self, system: System, key: str, *, clock: Callable[[], datetime] = now) -> None:
        """
        Args:
            key: signs what is sent.
        """
        self._system = system
        self._key = key
        self._clock = clock
        verify: ssl.SSLContext | bool = True
        if system.ca_file is not None:
            verify = ssl.create_default_context(cafile=str(system.ca_file))
        self._client = httpx.AsyncClient(
            verify=verify, follow_redirects=False, trust_env=False, timeout=system.timeout_seconds
        )

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.aclose()

    async def send(self, message: Message) -> str | None:
        """Hand it over.

        Raises:
            NotDelivered: see there.
        """
        path = "/orders" if message.kind == ORDER else f"/orders/{message.number}/events"
        try:
            answer = await self.post(path, {"id": str(message.key), **message.body}, key=message.key)
        except (httpx.TransportError, TimeoutError) as error:
            raise NotDelivered(describe(error), again=True) from None
        return self._read(answer, of_order=message.kind == ORDER)

    async def post(self, path: str, body: Mapping[str, Any], *, key: uuid.UUID) -> Answer:
        """Sign and send one request below the system's base.

        Raises:
            httpx.TransportError, TimeoutError: there is no answer.
        """
        content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        url = httpx.URL(self._system.base + path)
        stamp = signature.Stamp(
            timestamp=str(int(self._clock().timestamp())), nonce=secrets.token_urlsafe(16)
        )
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "User-Agent": "hotline-12345",
            "Idempotency-Key": str(key),
            signature.SYSTEM_HEADER: self._system.code,
            signature.TIMESTAMP_HEADER: stamp.timestamp,
            signature.NONCE_HEADER: stamp.nonce,
            signature.SIGNATURE_HEADER: signature.sign(
                self._key, "POST", url.raw_path.decode("ascii"), stamp, content
            ),
        }
        started = time.monotonic()
        received = b""
        # The client's own time limit begins anew with every byte; this one does not.
        async with (
            asyncio.timeout(self._system.timeout_seconds),
            self._client.stream("POST", url, content=content, headers=headers) as response,
        ):
            async for part in response.aiter_bytes():
                received += part
                if len(received) > _MOST_BYTES:
                    break
        return Answer(
            status=response.status_code,
            headers=response.headers,
            body=received,
            milliseconds=(time.monotonic() - started) * 1000,
        )

    def _read(self, answer: Answer, *, of_order: bool) -> str | None:
        status = answer.status
        if 200 <= status < 300:
            return _taken(answer, of_order=of_order)
        if status == 409:
            return _name(answer)
        said = answer.words()
        words = f"对方返回 {status}" + (f"：{said}" if said else "")
        if status == 429 or status >= 500:
            raise NotDelivered(words, again=True, after=answer.pause(self._clock()))
        # A redirection is a gateway's doing more often than the system's; it may be gone tomorrow.
        raise NotDelivered(words, again=status < 400)


def _taken(answer: Answer, *, of_order: bool) -> str | None:
    """Believe only an answer in the form agreed on: gateways are known to answer 200 with a page of their own."""
    name = _name(answer)
    empty = not answer.body.strip()
    if (of_order and name is None) or not (empty or isinstance(answer.json(), dict)):
        raise NotDelivered(
            f"对方返回 {answer.status}，但内容不是约定的格式：{answer.words() or '（空）'}", again=True
        )
    return name


def _name(answer: Answer) -> str | None:
    found = answer.json()
    name = found.get("id") if isinstance(found, dict) else None
    if isinstance(name, bool) or not isinstance(name, str | int) or not str(name).strip():
        return None
    return re.sub(r"[\x00-\x1f\ud800-\udfff]", "", str(name))[:200]
