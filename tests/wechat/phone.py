"""A citizen's phone with the platform between it and us: pushes are signed, encrypted and repeated as the real ones.

Encryption is that of wechatpy, written by other hands: what it opens and closes is what real clients do.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import secrets
import time
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree

import httpx
from wechatpy.crypto import WeChatCrypto
from wechatpy.utils import WeChatSigner

from tests.wechat.platform import APP_ID, ORIGINAL_ID, Citizen, Platform

TOKEN = "hotline12345token"
AES_KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
UNAVAILABLE = "该公众号暂时无法提供服务，请稍后再试"
_PATIENCE = 5.0
_TRIES = 3
_numbers = itertools.count(random.randrange(10**18, 10**18 * 5))


class Nested(str):
    """Elements within an element."""

    __slots__ = ()


@dataclass
class Wire:
    """The way from the platform to our service."""

    platform: Platform
    #: The addresses of our workers; each try goes to the next one.
    urls: list[str]
    mode: str = "safe"
    aes_key: str = AES_KEY
    app_id: str = APP_ID
    client: httpx.AsyncClient = field(
        default_factory=lambda: httpx.AsyncClient(trust_env=False, limits=httpx.Limits(max_connections=200))
    )
    turn: itertools.count[int] = field(default_factory=itertools.count)

    async def post(self, xml: str, *, timeout: float = _PATIENCE, **changed: str) -> httpx.Response:
        """One try: signed anew. ``changed`` replaces parts of the query."""
        timestamp, nonce = str(int(time.time())), secrets.token_hex(5)
        signer = WeChatSigner()
        signer.add_data(TOKEN, timestamp, nonce)
        query = {"signature": signer.signature, "timestamp": timestamp, "nonce": nonce}
        body = xml
        if self.mode != "plain":
            crypto = WeChatCrypto(TOKEN, self.aes_key, self.app_id)
            envelope = ElementTree.fromstring(crypto.encrypt_message(xml, nonce, timestamp))
            encrypted = envelope.findtext("Encrypt") or ""
            query |= {"encrypt_type": "aes", "msg_signature": envelope.findtext("MsgSignature") or ""}
            inner = f"<ToUserName>{ORIGINAL_ID}</ToUserName><Encrypt>{encrypted}</Encrypt>"
            body = (
                xml.replace("</xml>", f"<Encrypt>{encrypted}</Encrypt></xml>")
                if self.mode == "compatible"
                else f"<xml>{inner}</xml>"
            )
        url = self.urls[next(self.turn) % len(self.urls)]
        return await self.client.post(
            f"{url}/wechat", params=query | changed, content=body.encode(), timeout=timeout
        )

    def read(self, response: httpx.Response) -> str | None:
        """What the citizen sees of a reply; None: nothing."""
        if response.text in ("", "success"):
            return None
        root = ElementTree.fromstring(response.text)
        encrypted = root.findtext("Encrypt")
        if encrypted is not None:
            crypto = WeChatCrypto(TOKEN, self.aes_key, self.app_id)
            plain = crypto.decrypt_message(
                response.text,
                root.findtext("MsgSignature"),
                root.findtext("TimeStamp"),
                root.findtext("Nonce"),
            )
            root = ElementTree.fromstring(plain)
        assert root.findtext("FromUserName") == ORIGINAL_ID
        assert root.findtext("MsgType") == "text"
        text = root.findtext("Content") or ""
        assert len(text.encode()) <= 2048
        return text


@dataclass
class Phone:
    """One citizen."""

    wire: Wire
    openid: str = field(default_factory=lambda: f"o{secrets.token_urlsafe(20)}"[:28])

    @property
    def citizen(self) -> Citizen:
        return self.wire.platform.citizen(self.openid)

    @property
    def seen(self) -> list[str]:
        return self.citizen.seen

    async def write(self, text: str, **fields: Any) -> str | None:
        """Type ``text``; what came back at once."""
        return await self.push("text", Content=text, **fields)

    async def event(self, name: str, **fields: Any) -> str | None:
        """Something that is no message."""
        return await self.push("event", Event=name, **fields)

    async def push(self, kind: str, *, copies: int = 1, late: float = 0.0, **fields: Any) -> str | None:
        """Send it, again and again until it is answered, as the platform does.

        Args:
            copies: it comes so often at once.
            late: the first try is so many seconds on its way, of the five that the platform waits.
        """
        xml = self.xml(kind, **fields)
        opens = "message" if kind != "event" and "bizmsgmenuid" not in fields else None
        if fields.get("Event", "").lower() in ("subscribe", "scan", "click") or "bizmsgmenuid" in fields:
            opens = "event"
        self.wire.platform.wrote(self.openid, opens)
        if fields.get("Event") == "unsubscribe":
            self.citizen.subscribed = False
        answers = await asyncio.gather(*(self._deliver(xml, late) for _ in range(copies)))
        told = [answer for answer in answers if answer is not None]
        if told:  # of copies the platform shows one answer
            assert len(set(told)) == 1, told
            self.seen.append(told[0])
            return told[0]
        return None

    async def _deliver(self, xml: str, late: float) -> str | None:
        for attempt in range(_TRIES):
            try:
                async with asyncio.timeout(_PATIENCE):
                    await asyncio.sleep(0.0 if attempt else late)
                    response = await self.wire.post(xml)
            except (httpx.HTTPError, TimeoutError):
                await asyncio.sleep(0.05)
                continue
            if response.status_code == 200:
                return self.wire.read(response)
        return UNAVAILABLE

    def xml(self, kind: str, **fields: Any) -> str:
        """A push as the platform writes it."""
        parts = {
            "ToUserName": ORIGINAL_ID,
            "FromUserName": self.openid,
            "CreateTime": int(time.time()),
            "MsgType": kind,
        }
        if kind != "event":
            parts["MsgId"] = next(_numbers)
        parts |= fields
        inner = "".join(
            f"<{name}>{value}</{name}>"
            if isinstance(value, (int, Nested))
            else f"<{name}><![CDATA[{str(value).replace(']]>', ']]]]><![CDATA[>')}]]></{name}>"
            for name, value in parts.items()
        )
        return f"<xml>{inner}</xml>"
