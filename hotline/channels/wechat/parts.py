"""All that belongs to the channel, put together; without an account there is none of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hotline.channels.wechat.account import load, load_kf
from hotline.channels.wechat.intake import Intake
from hotline.channels.wechat.kf.api import KfDoor
from hotline.channels.wechat.kf.parts import KfParts
from hotline.channels.wechat.official.api import Door
from hotline.channels.wechat.official.client import Client
from hotline.channels.wechat.official.service import Wechat
from hotline.channels.wechat.outlet import Outlet
from hotline.channels.wechat.sender import Sender
from hotline.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Parts:
    """The doors for pushes and callbacks, and what sends: for the 公众号, for 微信客服, or for both."""

    door: Door | None
    client: Client | None
    kf: KfParts | None
    sender: Sender

    @classmethod
    def of(cls, settings: Settings, state: Any) -> Parts | None:
        """Those of a service whose other parts are in ``state``.

        Raises:
            SetupError: an account's files have mistakes.
        """
        connected, connected_kf = load(settings), load_kf(settings)
        outlets: dict[str, Outlet] = {}
        door = client = None
        if connected is not None:
            client = Client(connected, state.database)
            intake = Intake(
                "official",
                connected.account.rules,
                state.database,
                state.conversations,
                state.attachments,
                media=client.media,
                asked=connected.account.asked,
            )
            wechat = Wechat(connected.account, state.database, intake, state.processor, state.hub, client)
            door = Door(connected=connected, wechat=wechat)
            outlets["official"] = client
        kf = None if connected_kf is None else KfParts.of(connected_kf, state)
        if kf is not None:
            outlets["kf"] = kf.outlet
        if not outlets:
            return None
        return cls(door=door, client=client, kf=kf, sender=Sender(outlets, state.database, state.hub))

    @property
    def kf_door(self) -> KfDoor | None:
        """The door for callbacks of 微信客服."""
        return None if self.kf is None else self.kf.door

    def start(self) -> None:
        """Begin to send, and to pull."""
        self.sender.start()
        if self.kf is not None:
            self.kf.start()

    async def close(self) -> None:
        """Stop."""
        await self.sender.close()
        if self.kf is not None:
            await self.kf.close()
        if self.client is not None:
            await self.client.close()
