"""Writes to citizens through 微信客服, wherever their session is."""

from __future__ import annotations

from hotline.channels.wechat.calls import WechatError
from hotline.channels.wechat.kf.client import KfClient
from hotline.channels.wechat.kf.codes import NOT_OURS
from hotline.channels.wechat.kf.sessions import Sessions
from hotline.channels.wechat.notices import Notice
from hotline.channels.wechat.outlet import Said, Told


class KfOutlet:
    """One 客服 account, as far as it writes to citizens."""

    def __init__(self, client: KfClient, sessions: Sessions) -> None:
        self._client = client
        self._sessions = sessions

    async def send(self, openid: str, said: Said) -> None:
        """See :class:`~hotline.channels.wechat.outlet.Outlet`."""
        code = await self._sessions.ready(openid)
        try:
            await self._say(openid, said, code)
        except WechatError as error:
            if error.code not in NOT_OURS:
                raise
            await self._say(openid, said, await self._sessions.ready(openid, fresh=True))

    async def tell(self, openid: str, notice: Notice) -> Told | None:
        """There are no template messages here: what cannot be sent waits until the citizen writes."""
        return None

    async def _say(self, openid: str, said: Said, code: str) -> None:
        if code:
            # By a code goes text, and a list to tap only in some states: text always goes.
            await self._client.say_by(code, Said(key=said.key, text=said.text))
        else:
            await self._client.say(openid, said)
