"""All that belongs to 微信客服, put together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hotline.channels.wechat.intake import Intake, Rules
from hotline.channels.wechat.kf.account import KfConnected
from hotline.channels.wechat.kf.api import KfDoor
from hotline.channels.wechat.kf.client import KfClient
from hotline.channels.wechat.kf.mover import Mover
from hotline.channels.wechat.kf.outlet import KfOutlet
from hotline.channels.wechat.kf.puller import Puller
from hotline.channels.wechat.kf.sessions import Sessions
from hotline.channels.wechat.kf.taking import Taking
from hotline.channels.wechat.kf.welcome import Welcome


@dataclass(frozen=True, kw_only=True)
class KfParts:
    """The door for callbacks, the way out, and what runs by itself."""

    door: KfDoor
    outlet: KfOutlet
    client: KfClient
    puller: Puller
    mover: Mover
    welcome: Welcome

    @classmethod
    def of(cls, connected: KfConnected, state: Any) -> KfParts:
        """Those of a service whose other parts are in ``state``."""
        account, database = connected.account, state.database
        client = KfClient(connected, database)
        rules = Rules(
            messages=account.messages,
            message_hours=account.message_hours,
            event_messages=0,
            event_seconds=0,
        )
        intake = Intake(
            "kf",
            rules,
            database,
            state.conversations,
            state.attachments,
            media=client.media,
            asked=lambda push: connected.scenes.get(push.value),
        )
        sessions = Sessions(account, client, database)
        welcome = Welcome(client, intake, state.processor, state.hub, database)
        taking = Taking(account, client, sessions, welcome, intake, state.processor, database)
        puller = Puller(account, client, database, taking.do_take)
        return cls(
            door=KfDoor(connected=connected, puller=puller),
            outlet=KfOutlet(client, sessions),
            client=client,
            puller=puller,
            mover=Mover(account, sessions, database, state.hub),
            welcome=welcome,
        )

    def start(self) -> None:
        """Begin to pull and to move."""
        self.puller.start()
        self.mover.start()

    async def close(self) -> None:
        """Stop."""
        await self.puller.close()
        await self.mover.close()
        await self.welcome.close()
        await self.client.close()
