"""The WeChat platform as far as an account meets it: tokens, customer-service messages with their numbers and sizes, templates,
menus, media, and whatever goes wrong. Always HTTP 200 with ``errcode``, as the real one.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.wechat.templates import Templates

APP_ID, APP_SECRET, ORIGINAL_ID = "wx0123456789abcdef", "0123456789abcdef0123456789abcdef", "gh_0123456789ab"
_MAX_BYTES = 2048


Call = Callable[[Request, dict[str, Any]], Any]


@dataclass
class Citizen:
    """What the platform knows of a citizen, and all that the citizen has seen, in order."""

    openid: str
    seen: list[str] = field(default_factory=list)
    notices: list[dict[str, Any]] = field(default_factory=list)
    subscribed: bool = True
    messages: int = 0
    messages_until: float = 0.0
    events: int = 0
    events_until: float = 0.0
    typing: int = 0


class Platform:
    """The platform's side. ``hours`` is what 48 hours are: tests need not wait so long."""

    def __init__(self) -> None:
        self.citizens: dict[str, Citizen] = {}
        self.media: dict[str, bytes] = {}
        self.menu: dict[str, Any] | None = None
        self.window = 48 * 3600.0
        self.templates = Templates()
        self.tokens: dict[str, float] = {}
        self.newest = ""
        self.lifetime = 7200.0
        #: Calls by path.
        self.calls: Counter[str] = Counter()
        #: The next calls of a path fail so, in this order: a code, ``500``, ``slow``, ``hang`` or ``cut``.
        self.faults: dict[str, list[int | str]] = {}
        #: As long as there is a code here every call of the path fails so.
        self.always: dict[str, int] = {}
        self.app = self._app()

    def citizen(self, openid: str) -> Citizen:
        return self.citizens.setdefault(openid, Citizen(openid))

    def wrote(self, openid: str, opens: str | None) -> None:
        """A push has left the phone: the account may write."""
        citizen = self.citizen(openid)
        if opens == "message":
            citizen.messages, citizen.messages_until = 5, time.time() + self.window
        elif opens == "event":
            citizen.events, citizen.events_until = 3, time.time() + 60

    def expire_tokens(self) -> None:
        """All tokens are over, before their time."""
        self.tokens.clear()

    # Below: the routes.

    def _app(self) -> Starlette:
        calls: dict[str, Call] = {
            "/cgi-bin/stable_token": self._stable_token,
            "/cgi-bin/message/custom/send": self._send,
            "/cgi-bin/message/custom/typing": self._typing,
            "/cgi-bin/message/template/send": self._notice,
            "/cgi-bin/message/subscribe/bizsend": self._notice,
            "/cgi-bin/menu/create": self._create_menu,
            "/cgi-bin/qrcode/create": self._create_code,
            "/cgi-bin/menu/get": self._get_menu,
            "/cgi-bin/media/get": self._get_media,
        }
        return Starlette(
            routes=[
                Route(path, partial(self._answer, path=path, call=call), methods=["GET", "POST"])
                for path, call in calls.items()
            ]
        )

    async def _answer(self, request: Request, *, path: str, call: Call) -> Response:
        self.calls[path] += 1
        waiting = self.faults.get(path)
        fault = waiting.pop(0) if waiting else self.always.get(path)
        if fault == "500":
            return Response("oops", 500)
        if fault == "slow":
            await asyncio.sleep(6)
        elif fault == "hang":  # it is lost on the way
            await asyncio.sleep(30)
            return Response("", 504)
        elif isinstance(fault, int):
            return _refusal(fault)
        is_token = path.endswith("token")
        if not is_token and self.tokens.get(request.query_params.get("access_token", ""), 0) < time.time():
            return _refusal(40001)
        body = await request.json() if request.method == "POST" else {}
        answer = call(request, body)
        if fault == "lost":  # it was taken, and nobody hears of it
            return Response("", 502)
        if fault == "cut":
            return Response('{"errcode":0,"err', media_type="application/json")
        return answer if isinstance(answer, Response) else JSONResponse(answer)

    def _stable_token(self, request: Request, body: dict[str, Any]) -> Any:
        if body.get("appid") != APP_ID:
            return _refusal(40013)
        if body.get("secret") != APP_SECRET:
            return _refusal(40125)
        if body.get("force_refresh"):
            self.tokens.pop(self.newest, None)
            self.newest = ""
        left = self.tokens.get(self.newest, 0) - time.time()
        if left < min(300, self.lifetime / 2):
            self.newest = secrets.token_urlsafe(90)
            self.tokens[self.newest] = time.time() + self.lifetime
            left = self.lifetime
        return {"access_token": self.newest, "expires_in": int(left)}

    def _send(self, request: Request, body: dict[str, Any]) -> Any:
        citizen = self.citizens.get(body.get("touser", ""))
        if citizen is None:
            return _refusal(40003)
        if not citizen.subscribed:
            return _refusal(43004)
        text = _shown(body)
        if not text:
            return _refusal(44004)
        if len(text.encode()) > _MAX_BYTES:
            return _refusal(45002)
        now = time.time()
        if citizen.events and citizen.events_until > now:
            citizen.events -= 1
        elif citizen.messages_until < now:
            return _refusal(45015)
        elif not citizen.messages:
            return _refusal(45047)
        else:
            citizen.messages -= 1
        citizen.seen.append(text)
        return {"errcode": 0, "errmsg": "ok"}

    def _typing(self, request: Request, body: dict[str, Any]) -> Any:
        self.citizen(body["touser"]).typing += 1
        return {"errcode": 0, "errmsg": "ok"}

    def _notice(self, request: Request, body: dict[str, Any]) -> Any:
        citizen = self.citizens.get(body.get("touser", ""))
        if citizen is None or not citizen.subscribed:
            return _refusal(43004)
        code = self.templates.refusal(body)
        if code is not None:
            return _refusal(code)
        number, new = self.templates.number(body)
        if new:
            citizen.notices.append(body)
        by_subscription = request.url.path.endswith("bizsend")
        return {"errcode": 0, "errmsg": "ok"} | ({} if by_subscription else {"msgid": number})

    def _create_menu(self, request: Request, body: dict[str, Any]) -> Any:
        self.menu = body
        return {"errcode": 0, "errmsg": "ok"}

    def _create_code(self, request: Request, body: dict[str, Any]) -> Any:
        scene = body["action_info"]["scene"]["scene_str"]
        if body["action_name"] != "QR_LIMIT_STR_SCENE" or not 1 <= len(scene) <= 64:
            return _refusal(40053)
        return {"ticket": secrets.token_urlsafe(30), "url": f"http://weixin.qq.com/q/{scene}"}

    def _get_menu(self, request: Request, body: dict[str, Any]) -> Any:
        return _refusal(46003) if self.menu is None else {"menu": self.menu}

    def _get_media(self, request: Request, body: dict[str, Any]) -> Any:
        found = self.media.get(request.query_params.get("media_id", ""))
        return _refusal(40007) if found is None else Response(found, media_type="image/jpeg")


def _shown(body: dict[str, Any]) -> str:
    """What the phone shows; of choices each as ``[words]``."""
    if body["msgtype"] != "msgmenu":
        text: str = body["text"]["content"]
        return text
    menu = body["msgmenu"]
    items = "".join(f"\n[{item['content']}]" for item in menu["list"])
    return f"{menu['head_content']}{items}{menu['tail_content']}"


def _refusal(code: int) -> JSONResponse:
    return JSONResponse({"errcode": code, "errmsg": f"refused rid: {secrets.token_hex(4)}"})
