"""A district's platform, as its own engineers would write it from docs/outside-system.md: nothing of ours is imported.

It checks signatures, keeps orders, does nothing twice, can be told to fail, and reports progress.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
from fastapi import FastAPI, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import Receive, Scope, Send


def signature_of(key: str, method: str, target: str, timestamp: str, nonce: str, body: bytes) -> str:
    """The signature, from the manual's words."""
    lines = ["v1", method, target, timestamp, nonce, hashlib.sha256(body).hexdigest()]
    return "v1=" + hmac.new(key.encode(), "\n".join(lines).encode(), "sha256").hexdigest()


class HangUp(Response):
    """Begins to answer and breaks off."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        headers = [(b"content-type", b"application/json"), (b"content-length", b"100")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b'{"id"', "more_body": True})
        raise ConnectionAbortedError("hung up on purpose")


@dataclass
class Received:
    """One request that was signed well."""

    path: str
    key: str
    body: dict[str, Any]


@dataclass
class OtherSystem:
    """The platform. ``plans`` says how the next requests are answered; when it is empty they go well."""

    #: What the hotline signs with, and what the platform signs with.
    hears: str
    speaks: str
    code: str = "tianyuan"
    clock: Callable[[], float] = time.time
    plans: list[Callable[[], Any]] = field(default_factory=list)
    #: Whatever else happens, this many seconds pass first.
    slowness: float = 0.0
    requests: list[Received] = field(default_factory=list)
    #: By number: the order, and then its events, each once.
    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    events: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    keys: set[str] = field(default_factory=set)
    refused: list[str] = field(default_factory=list)

    def app(self) -> FastAPI:
        """Its web application."""
        app = FastAPI()

        @app.post("/hotline/ping")
        async def ping(request: Request) -> Response:
            return await self._signed(request) or JSONResponse({"ok": True})

        @app.post("/hotline/orders")
        async def order(request: Request) -> Response:
            return await self._signed(request) or await self._take(request, self._keep_order)

        @app.post("/hotline/orders/{number}/events")
        async def event(request: Request, number: str) -> Response:
            return await self._signed(request) or await self._take(request, self._keep_event)

        return app

    async def _signed(self, request: Request) -> Response | None:
        given = request.headers
        body = await request.body()
        target = request.scope["raw_path"].decode()
        timestamp, nonce = given["x-hotline-timestamp"], given["x-hotline-nonce"]
        wanted = signature_of(self.hears, request.method, target, timestamp, nonce, body)
        good = hmac.compare_digest(wanted, given["x-hotline-signature"])
        if not good or given["x-hotline-system"] != self.code:
            self.refused.append("signature")
            return JSONResponse({"error": {"message": "签名错误"}}, 401)
        if abs(self.clock() - int(timestamp)) > 300:
            self.refused.append("clock")
            return JSONResponse({"error": {"message": "时间戳过期"}}, 401)
        return None

    async def _take(self, request: Request, keep: Callable[[Received], Response]) -> Response:
        body = json.loads(await request.body())
        received = Received(request.url.path, request.headers["idempotency-key"], body)
        assert received.key == body["id"]
        self.requests.append(received)
        if self.slowness:
            await asyncio.sleep(self.slowness)
        if self.plans:
            planned = self.plans.pop(0)()
            if isinstance(planned, Response):
                return planned
            await planned  # takes time, and then goes well
        return keep(received)

    def _keep_order(self, received: Received) -> Response:
        number = received.body["number"]
        if number in self.orders:
            return JSONResponse({"id": f"TY-{number}"}, 409)
        self.keys.add(received.key)
        self.orders[number] = received.body
        return JSONResponse({"id": f"TY-{number}"}, 201)

    def _keep_event(self, received: Received) -> Response:
        number = received.body["number"]
        if number not in self.orders:
            return JSONResponse({"message": "没有这张工单"}, 404)
        if received.key not in self.keys:
            self.keys.add(received.key)
            self.events.setdefault(number, []).append(received.body)
        return Response(status_code=204)

    def kinds(self, number: str) -> list[str]:
        """The events of an order, in the order in which they were taken."""
        return [event["kind"] for event in self.events.get(number, [])]

    def fail(self, status: int, message: str = "出错了", times: int = 1, **headers: str) -> None:
        """Answer the next requests with an error."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        self.plans += [lambda: JSONResponse({"error": {"message": message}}, status, given)] * times

    def say(self, text: str, status: int = 200) -> None:
        """Answer the next request with a page."""
        self.plans.append(lambda: PlainTextResponse(text, status))

    def hang_up(self) -> None:
        """Break the next answer off."""
        self.plans.append(HangUp)

    def sleep(self, seconds: float) -> None:
        """Answer the next request well, but late."""
        self.plans.append(lambda: asyncio.sleep(seconds))

    async def report(self, client: httpx.AsyncClient, number: str, **report: Any) -> httpx.Response:
        """Report progress, as the manual says."""
        given = {"id": secrets.token_hex(8)} | report
        return await self.post(client, f"/outside/v1/orders/{number}/progress", given)

    async def fetch(self, client: httpx.AsyncClient, path: str) -> httpx.Response:
        """Fetch a photograph, as the manual says."""
        return await self.post(client, path, b"", method="GET")

    async def post(
        self,
        client: httpx.AsyncClient,
        target: str,
        report: Any,
        *,
        method: str = "POST",
        at: int | None = None,
        nonce: str = "",
        tampered: Mapping[str, Any] | None = None,
    ) -> httpx.Response:
        """Sign and send.

        Args:
            tampered: what is replaced after signing: headers by their last word, ``body`` or ``target``.
        """
        body = report if isinstance(report, bytes) else json.dumps(report, ensure_ascii=False).encode()
        timestamp, nonce = str(at or int(self.clock())), nonce or secrets.token_hex(16)
        signed = signature_of(self.speaks, method, target, timestamp, nonce, body)
        sent = {
            "system": self.code,
            "timestamp": timestamp,
            "nonce": nonce,
            "signature": signed,
            "body": body,
            "target": target,
        } | dict(tampered or {})
        body, target = sent.pop("body"), sent.pop("target")
        headers = {f"X-Hotline-{name.title()}": value for name, value in sent.items()}
        headers["Content-Type"] = "application/json"
        return await client.request(method, target, content=body, headers=headers)
