"""企业微信 as far as a 客服 account meets it: messages that are pulled by a cursor, sessions with their states, messages that are
few, codes for one message each, callbacks, and whatever goes wrong. Always HTTP 200 with ``errcode``, as the real one.

Callbacks are encrypted by wechatpy, written by other hands.
"""

from __future__ import annotations

import asyncio
import itertools
import re
import secrets
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from xml.etree import ElementTree

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from wechatpy.enterprise.crypto import PrpCrypto, WeChatCrypto

CORP_ID, KF_SECRET, OPEN_KFID = "ww0123456789abcdef", "corp-secret", "wk0123456789AAA"
KF_TOKEN, KF_AES_KEY = "kf12345token", "HwsPDhEQExIVFBcWGRgbGh0cHwECAwQFBgcICQoLDA0"
NEW, OURS, WAITING, THERE, OVER = range(5)
_ALLOWED = {
    NEW: {OURS, WAITING, THERE, OVER},
    OURS: {OURS, WAITING, THERE, OVER},
    WAITING: {THERE, OVER},
    THERE: {THERE, OVER},
    OVER: set(),
}

Call = Callable[[Request, dict[str, Any]], Any]


@dataclass
class Code:
    """Allows one message."""

    openid: str
    #: The state in which it is good; None: any.
    state: int | None
    until: float
    kinds: tuple[str, ...] = ("text",)


@dataclass
class KfCitizen:
    """What the platform knows of a citizen, and all that the citizen has seen, in order."""

    openid: str
    seen: list[str] = field(default_factory=list)
    #: The choices at the end of what was seen last.
    tiles: list[str] = field(default_factory=list)
    state: int = OVER
    servicer: str = ""
    messages: int = 0
    until: float = 0.0
    welcomed: bool = False
    #: Ways that the session has gone by the API, in order.
    moved: list[int] = field(default_factory=list)


class KfPlatform:
    """The platform's side."""

    def __init__(self) -> None:
        self.citizens: dict[str, KfCitizen] = {}
        self.log: list[dict[str, Any]] = []
        self.media: dict[str, bytes] = {}
        self.codes: dict[str, Code] = {}
        self.sent: dict[str, str] = {}
        self.token = ""
        self.page = 1000
        self.callback_tokens: set[str] = set()
        self.calls: Counter[str] = Counter()
        self.blind_pulls = 0
        self.faults: dict[str, list[int | str]] = {}
        self.always: dict[str, int] = {}
        #: Addresses of our workers; callbacks go to the next one, each so often.
        self.urls: list[str] = []
        self.copies = 1
        self.lost_callbacks = False
        self._turn = itertools.count()
        self._ids = itertools.count(1)
        self.http = httpx.AsyncClient(trust_env=False)
        calls: dict[str, Call] = {
            "/cgi-bin/gettoken": self._gettoken,
            "/cgi-bin/kf/sync_msg": self._sync,
            "/cgi-bin/kf/send_msg": self._send,
            "/cgi-bin/kf/send_msg_on_event": self._send_on_event,
            "/cgi-bin/kf/service_state/get": self._get_state,
            "/cgi-bin/kf/service_state/trans": self._trans,
            "/cgi-bin/kf/account/list": self._accounts,
            "/cgi-bin/media/get": self._get_media,
        }
        self.app = Starlette(
            routes=[
                Route(path, partial(self._answer, path=path, call=call), methods=["GET", "POST"])
                for path, call in calls.items()
            ]
        )

    # What people do.

    def phone(self) -> KfPhone:
        """Another citizen's phone."""
        return KfPhone(self, f"wm{secrets.token_urlsafe(20)}")

    def citizen(self, openid: str) -> KfCitizen:
        return self.citizens.setdefault(openid, KfCitizen(openid))

    def servicer_takes(self, openid: str, userid: str) -> None:
        """Somebody in 企业微信 takes the session of who waits, or takes it up again."""
        citizen = self.citizen(openid)
        change = 1 if citizen.state == WAITING else 4
        citizen.state, citizen.servicer = THERE, userid
        code = self._code(openid, THERE, 48 * 3600) if change == 1 else {}
        self.add_event(
            "session_status_change", openid, change_type=change, new_servicer_userid=userid, **code
        )

    def servicer_writes(self, openid: str, userid: str, text: str) -> None:
        """Somebody in 企业微信 writes."""
        citizen = self.citizen(openid)
        assert citizen.state == THERE
        citizen.seen.append(text)
        self._add(openid, 5, "text", {"content": text}, servicer_userid=userid)

    def servicer_ends(self, openid: str) -> None:
        """Somebody in 企业微信 ends the session."""
        citizen = self.citizen(openid)
        old, citizen.state, citizen.servicer = citizen.servicer, OVER, ""
        code = self._code(openid, OVER, 20, ("text", "msgmenu"))
        self.add_event("session_status_change", openid, change_type=3, old_servicer_userid=old, **code)

    def add_event(self, name: str, openid: str, **fields: Any) -> None:
        """Something that is no message."""
        event = {"event_type": name, "open_kfid": OPEN_KFID, "external_userid": openid} | fields
        self._add("", 4, "event", event)

    async def call_back(self) -> None:
        """Tell that something has happened."""
        if self.lost_callbacks:
            return
        token = f"ENC{secrets.token_hex(8)}"
        self.callback_tokens.add(token)
        xml = (
            f"<xml><ToUserName><![CDATA[{CORP_ID}]]></ToUserName><CreateTime>{int(time.time())}</CreateTime>"
            "<MsgType><![CDATA[event]]></MsgType><Event><![CDATA[kf_msg_or_event]]></Event>"
            f"<Token><![CDATA[{token}]]></Token><OpenKfId><![CDATA[{OPEN_KFID}]]></OpenKfId></xml>"
        )
        answers = await asyncio.gather(*(self.post(xml) for _ in range(self.copies)))
        assert all((answer.status_code, answer.text) == (200, "success") for answer in answers)

    async def post(self, xml: str, **changed: str) -> httpx.Response:
        """One callback, signed anew; ``changed`` replaces parts of the query."""
        timestamp, nonce = str(int(time.time())), secrets.token_hex(5)
        crypto = WeChatCrypto(KF_TOKEN, KF_AES_KEY, CORP_ID)
        envelope = ElementTree.fromstring(crypto.encrypt_message(xml, nonce, timestamp))
        body = (
            f"<xml><ToUserName><![CDATA[{CORP_ID}]]></ToUserName>"
            f"<Encrypt><![CDATA[{envelope.findtext('Encrypt')}]]></Encrypt><AgentID></AgentID></xml>"
        )
        query = {
            "msg_signature": envelope.findtext("MsgSignature") or "",
            "timestamp": timestamp,
            "nonce": nonce,
        }
        url = self.urls[next(self._turn) % len(self.urls)]
        return await self.http.post(f"{url}/wechat/kf", params=query | changed, content=body, timeout=5)

    async def verify(self, words: str, corp_id: str = CORP_ID) -> httpx.Response:
        """Ask whether the address is ours: ``words`` come back when it is."""
        from wechatpy.utils import WeChatSigner

        crypto = WeChatCrypto(KF_TOKEN, KF_AES_KEY, corp_id)
        echo = PrpCrypto(crypto.key).encrypt(words, corp_id)
        echo = echo.decode() if isinstance(echo, bytes) else echo
        timestamp, nonce = str(int(time.time())), secrets.token_hex(5)
        signer = WeChatSigner()
        signer.add_data(KF_TOKEN, timestamp, nonce, echo)
        query = {
            "msg_signature": signer.signature,
            "timestamp": timestamp,
            "nonce": nonce,
            "echostr": echo,
        }
        return await self.http.get(f"{self.urls[0]}/wechat/kf", params=query, timeout=5)

    def _add(
        self, openid: str, origin: int, kind: str, content: dict[str, Any], **fields: Any
    ) -> dict[str, Any]:
        entry = {"msgid": f"id{next(self._ids)}", "send_time": int(time.time()), "origin": origin}
        entry |= {"msgtype": kind, kind: content}
        if openid:
            entry |= {"open_kfid": OPEN_KFID, "external_userid": openid}
        self.log.append(entry | fields)
        return self.log[-1]

    def _code(
        self, openid: str, state: int | None, seconds: float, kinds: tuple[str, ...] = ("text",)
    ) -> dict[str, str]:
        code = secrets.token_urlsafe(12)
        self.codes[code] = Code(openid, state, time.time() + seconds, kinds)
        return {"msg_code": code}

    # Below: the routes.

    async def _answer(self, request: Request, *, path: str, call: Call) -> Response:
        self.calls[path] += 1
        waiting = self.faults.get(path)
        fault = waiting.pop(0) if waiting else self.always.get(path)
        if fault == "500":
            return Response("oops", 500)
        if isinstance(fault, int):
            return _refusal(fault)
        if not path.endswith("gettoken") and request.query_params.get("access_token") != self.token:
            return _refusal(40014)
        body = await request.json() if request.method == "POST" else {}
        if request.method == "POST" and body.get("open_kfid", OPEN_KFID) != OPEN_KFID:
            return _refusal(95000)
        answer = call(request, body)
        if fault == "lost":  # done, and the answer is lost on the way
            return Response("", 504)
        return (
            answer if isinstance(answer, Response) else JSONResponse({"errcode": 0, "errmsg": "ok"} | answer)
        )

    def _gettoken(self, request: Request, body: dict[str, Any]) -> Any:
        if request.query_params.get("corpid") != CORP_ID:
            return _refusal(40013)
        if request.query_params.get("corpsecret") != KF_SECRET:
            return _refusal(40001)
        self.token = self.token or secrets.token_urlsafe(60)
        return {"access_token": self.token, "expires_in": 7200}

    def _sync(self, request: Request, body: dict[str, Any]) -> Any:
        token = body.get("token")
        if token and token not in self.callback_tokens:
            return _refusal(95007)
        self.blind_pulls += not token
        begin = int(str(body.get("cursor") or "c0").removeprefix("c"))
        end = min(begin + min(int(body.get("limit", 1000)), self.page), len(self.log))
        return {
            "next_cursor": f"c{end}",
            "has_more": int(end < len(self.log)),
            "msg_list": self.log[begin:end],
        }

    def _send(self, request: Request, body: dict[str, Any]) -> Any:
        citizen = self.citizens.get(body.get("touser", ""))
        if citizen is None:
            return _refusal(40096)
        if (wrong := self._wrong(body)) is not None:
            return wrong
        if citizen.state not in (NEW, OURS):
            return _refusal(95018)
        if citizen.until < time.time():
            return _refusal(95002)
        if not citizen.messages:
            return _refusal(95001)
        citizen.messages -= 1
        return self._show(citizen, body)

    def _send_on_event(self, request: Request, body: dict[str, Any]) -> Any:
        code = self.codes.get(body.get("code", ""))
        if code is None or code.until < time.time():
            return _refusal(40029)
        citizen = self.citizens[code.openid]
        if (wrong := self._wrong(body)) is not None:
            return wrong
        if code.state not in (None, citizen.state) or body["msgtype"] not in code.kinds:
            return _refusal(95018)
        del self.codes[body["code"]]
        return self._show(citizen, body)

    def _wrong(self, body: dict[str, Any]) -> Response | None:
        msgid = body.get("msgid", "")
        if not re.fullmatch(r"[0-9a-zA-Z_-]{1,32}", msgid):
            return _refusal(40058)
        if msgid in self.sent:
            return _refusal(40058, "invalid request parameter: msgid duplicated")
        if body["msgtype"] == "text":
            text = body["text"]["content"]
            return _refusal(44004 if not text else 45002) if not 0 < len(text.encode()) <= 2048 else None
        menu = body["msgmenu"]
        if len(menu["list"]) > 10:
            return _refusal(95008)
        for item in menu["list"]:
            if not 1 <= len(item["click"]["content"].encode()) <= 128:
                return _refusal(95009)
        return _refusal(45002) if len(menu["head_content"].encode()) > 1024 else None

    def _show(self, citizen: KfCitizen, body: dict[str, Any]) -> dict[str, str]:
        if body["msgtype"] == "text":
            text, citizen.tiles = body["text"]["content"], []
        else:
            text = body["msgmenu"]["head_content"]
            citizen.tiles = [item["click"]["content"] for item in body["msgmenu"]["list"]]
        citizen.seen.append(text)
        self.sent[body["msgid"]] = citizen.openid
        return {"msgid": body["msgid"]}

    def _get_state(self, request: Request, body: dict[str, Any]) -> Any:
        citizen = self.citizen(body["external_userid"])
        found: dict[str, Any] = {"service_state": citizen.state}
        return found | ({"servicer_userid": citizen.servicer} if citizen.state == THERE else {})

    def _trans(self, request: Request, body: dict[str, Any]) -> Any:
        citizen = self.citizen(body["external_userid"])
        wanted = int(body["service_state"])
        if citizen.state == OVER:
            return _refusal(95013)
        if wanted not in _ALLOWED[citizen.state]:
            return _refusal(95016)
        citizen.state = wanted
        citizen.moved.append(wanted)
        if wanted == WAITING:
            return self._code(citizen.openid, WAITING, 48 * 3600)
        if wanted == OVER:
            return self._code(citizen.openid, OVER, 20, ("text", "msgmenu"))
        return {}

    def _accounts(self, request: Request, body: dict[str, Any]) -> Any:
        return {"account_list": [{"open_kfid": OPEN_KFID, "name": "株洲 12345"}]}

    def _get_media(self, request: Request, body: dict[str, Any]) -> Any:
        found = self.media.get(request.query_params.get("media_id", ""))
        return _refusal(40007) if found is None else Response(found, media_type="image/jpeg")


@dataclass
class KfPhone:
    """One citizen."""

    platform: KfPlatform
    openid: str

    @property
    def citizen(self) -> KfCitizen:
        return self.platform.citizen(self.openid)

    @property
    def seen(self) -> list[str]:
        return self.citizen.seen

    async def write(self, text: str, **fields: Any) -> None:
        """Type ``text``."""
        await self.send("text", content=text, **fields)

    async def tap(self, title: str) -> None:
        """Tap a choice of the last list."""
        place = self.citizen.tiles.index(title) + 1
        await self.write(title, menu_id=str(place))

    async def send(self, kind: str, **content: Any) -> str:
        """Send something; returns its id."""
        citizen = self.citizen
        citizen.messages, citizen.until = 5, time.time() + 48 * 3600
        if citizen.state == OVER:
            citizen.state = NEW
        entry = self.platform._add(self.openid, 3, kind, content)
        await self.platform.call_back()
        return str(entry["msgid"])

    async def enter(self, scene: str = "") -> None:
        """Open the chat, perhaps by a link of a scene."""
        code: dict[str, str] = {}
        if not self.citizen.welcomed and not self.citizen.messages:
            self.citizen.welcomed = True
            made = self.platform._code(self.openid, None, 20, ("text", "msgmenu"))
            code = {"welcome_code": made["msg_code"]}
        self.platform.add_event("enter_session", self.openid, scene="link", scene_param=scene, **code)
        await self.platform.call_back()


def _refusal(code: int, words: str = "refused") -> JSONResponse:
    hint = f"{words}, hint: [{secrets.token_hex(6)}], from ip: 127.0.0.1"
    return JSONResponse({"errcode": code, "errmsg": hint})
