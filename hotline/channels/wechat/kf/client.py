"""微信客服's API: its tokens, pulling, sending, and the state of sessions.

Sources: developer.work.weixin.qq.com, pages 91039 (gettoken), 94670 (sync_msg), 94677 (send_msg), 95122 (send_msg_on_event),
94669 (service_state), 94661 (account/list), 90254 (media/get).
"""

from __future__ import annotations

from typing import Any, ClassVar

import httpx

from hotline.channels.wechat.calls import Calls, WechatError
from hotline.channels.wechat.codes import Codes
from hotline.channels.wechat.kf.account import KfConnected
from hotline.channels.wechat.kf.codes import KF
from hotline.channels.wechat.outlet import Menu, Said
from hotline.channels.wechat.words import size
from hotline.database import Database

#: Messages in a page; the platform gives up to 1000. The place is kept after each page.
_PAGE = 200
_HEAD, _ITEM, _ITEMS = 1024, 128, 10
_ACCOUNTS = 100


class CorpTokens:
    """``gettoken``: the same token for all who ask, as long as it is good."""

    def __init__(self, connected: KfConnected) -> None:
        # A corporation has as many tokens as secrets: another account of it may have another.
        self.account = f"{connected.account.corp_id}/{connected.account.open_kfid}"
        self._corp_id = connected.account.corp_id
        self._secret = connected.secrets.app_secret

    async def ask(self, http: httpx.AsyncClient, *, force: bool) -> httpx.Response:
        """See :class:`~hotline.channels.wechat.calls.Tokens`; the platform decides whether it is another one."""
        params = {"corpid": self._corp_id, "corpsecret": self._secret}
        return await http.get("/cgi-bin/gettoken", params=params)


class KfClient(Calls):
    """Speaks with the platform for one 客服 account."""

    codes: ClassVar[Codes] = KF

    def __init__(self, connected: KfConnected, database: Database) -> None:
        super().__init__(connected.account.api, CorpTokens(connected), database)
        self._account = connected.account.open_kfid

    async def pull(self, cursor: str, token: str) -> dict[str, Any]:
        """The next page of messages: ``msg_list``, ``next_cursor``, ``has_more``.

        Args:
            token: that of a callback; without one the platform allows few looks.

        Raises:
            WechatError: it was refused, or cut off on the way.
        """
        body: dict[str, Any] = {"open_kfid": self._account, "limit": _PAGE}
        if cursor:
            body["cursor"] = cursor
        if token:
            body["token"] = token
        page = await self.post("/cgi-bin/kf/sync_msg", body)
        if "has_more" not in page:
            raise WechatError(-1, "a page was cut off", KF)
        return page

    async def say(self, openid: str, said: Said) -> None:
        """Send a message; choices can be tapped when there is room for them.

        Raises:
            WechatError: it was not taken.
        """
        body = {"touser": openid, "open_kfid": self._account, "msgid": said.key} | shown(said)
        await self._sent_once("/cgi-bin/kf/send_msg", body)

    async def say_by(self, code: str, said: Said) -> None:
        """Send the one message that a code allows.

        Raises:
            WechatError: it was not taken.
        """
        await self._sent_once(
            "/cgi-bin/kf/send_msg_on_event", {"code": code, "msgid": said.key} | shown(said)
        )

    async def state(self, openid: str) -> tuple[int, str]:
        """The session's state, and who in 企业微信 has it when it is 3.

        Raises:
            WechatError: the platform refuses.
        """
        body = {"open_kfid": self._account, "external_userid": openid}
        found = await self.post("/cgi-bin/kf/service_state/get", body)
        return int(found["service_state"]), str(found.get("servicer_userid") or "")

    async def move(self, openid: str, state: int) -> str:
        """Bring the session into another state; return the code for a message about it, if there is one.

        Raises:
            WechatError: the platform refuses.
        """
        body = {"open_kfid": self._account, "external_userid": openid, "service_state": state}
        found = await self.post("/cgi-bin/kf/service_state/trans", body)
        return str(found.get("msg_code") or "")

    async def name(self) -> str | None:
        """What the account is called; None: the corporation has none with this id.

        Raises:
            WechatError: the platform refuses.
        """
        offset = 0
        while True:
            page = await self.post("/cgi-bin/kf/account/list", {"offset": offset, "limit": _ACCOUNTS})
            found = page.get("account_list") or []
            for account in found:
                if account.get("open_kfid") == self._account:
                    return str(account.get("name") or "")
            if len(found) < _ACCOUNTS:
                return None
            offset += len(found)

    async def _sent_once(self, path: str, body: dict[str, Any]) -> None:
        try:
            await self.post(path, body)
        except WechatError as error:
            # A message's id is taken once. Which code says so is not documented; the words name the id.
            if error.meaning not in ("again", "broken") or "msgid" not in error.said.lower():
                raise


def shown(said: Said) -> dict[str, Any]:
    """The part of a message's body that the citizen sees."""
    if said.menu is not None and _fits(said.menu):
        items = [
            {"type": "click", "click": {"id": str(place), "content": title}}
            for place, title in enumerate(said.menu.titles, 1)
        ]
        return {"msgtype": "msgmenu", "msgmenu": {"head_content": said.menu.head, "list": items}}
    return {"msgtype": "text", "text": {"content": said.text}}


def _fits(menu: Menu) -> bool:
    return (
        0 < size(menu.head) <= _HEAD
        and 0 < len(menu.titles) <= _ITEMS
        and all(0 < size(title) <= _ITEM for title in menu.titles)
    )
