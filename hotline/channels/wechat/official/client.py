"""The 公众号's API: its tokens, customer-service messages, templates."""

from __future__ import annotations

import contextlib

import httpx

from hotline.channels.wechat.account import Connected
from hotline.channels.wechat.calls import Calls, WechatError
from hotline.channels.wechat.notices import Notice, fields_of
from hotline.channels.wechat.outlet import Said, Told
from hotline.database import Database


class StableTokens:
    """``stable_token``: one token for all who ask, until one of them forces another."""

    def __init__(self, connected: Connected) -> None:
        self.account = connected.account.app_id
        self._secret = connected.secrets.app_secret

    async def ask(self, http: httpx.AsyncClient, *, force: bool) -> httpx.Response:
        """See :class:`~hotline.channels.wechat.calls.Tokens`."""
        body = {
            "grant_type": "client_credential",
            "appid": self.account,
            "secret": self._secret,
            "force_refresh": force,
        }
        return await http.post("/cgi-bin/stable_token", json=body)


class Client(Calls):
    """Speaks with the platform for one 公众号."""

    def __init__(self, connected: Connected, database: Database) -> None:
        super().__init__(connected.account.api, StableTokens(connected), database)
        self._account = connected.account
        self._page = connected.page

    async def send(self, openid: str, said: Said) -> None:
        """A customer-service message (客服消息).

        Raises:
            WechatError: it was not taken.
        """
        body: dict[str, object] = {"touser": openid, "msgtype": "text", "text": {"content": said.text}}
        if said.menu is not None and self._account.choices == "msgmenu":
            items = [{"id": str(place), "content": title} for place, title in enumerate(said.menu.titles, 1)]
            menu = {"head_content": said.menu.head, "list": items, "tail_content": ""}
            body = {"touser": openid, "msgtype": "msgmenu", "msgmenu": menu}
        await self.post("/cgi-bin/message/custom/send", body)

    async def tell(self, openid: str, notice: Notice) -> Told | None:
        """A template or subscription message; None: there is none for the notice.

        Raises:
            WechatError: it was not taken.
        """
        template = notice.template(self._account.templates)
        if template is None:
            return None
        fields = {key: {"value": value} for key, value in fields_of(template, notice).items()}
        body: dict[str, object] = {"touser": openid, "template_id": template.id, "data": fields}
        if template.kind == "template":
            # Sent again within ten minutes, by whoever was killed before it could note it: it arrives once.
            body["client_msg_id"] = notice.key
        if self._page:
            body["url" if template.kind == "template" else "page"] = self._page
        path = "template/send" if template.kind == "template" else "subscribe/bizsend"
        answer = await self.post(f"/cgi-bin/message/{path}", body)
        number = answer.get("msgid")
        return Told(number=None if number is None else str(number))

    async def typing(self, openid: str) -> None:
        """Show the citizen that somebody writes; it is no matter when that fails."""
        with contextlib.suppress(WechatError):
            await self.post("/cgi-bin/message/custom/typing", {"touser": openid, "command": "Typing"})
