"""All that belongs to the channel, put together; without an account there is none of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hotline.channels.wechat.account import load
from hotline.channels.wechat.intake import Intake
from hotline.channels.wechat.official.api import Door
from hotline.channels.wechat.official.client import Client
from hotline.channels.wechat.official.service import Wechat
from hotline.channels.wechat.sender import Sender
from hotline.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Parts:
    """The door for pushes, and what sends."""

    door: Door
    sender: Sender
    client: Client

    @classmethod
    def of(cls, settings: Settings, state: Any) -> Parts | None:
        """Those of a service whose other parts are in ``state``.

        Raises:
            SetupError: the account's files have mistakes.
        """
        connected = load(settings)
        if connected is None:
            return None
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
        sender = Sender({"official": client}, state.database, state.hub)
        return cls(door=Door(connected=connected, wechat=wechat), sender=sender, client=client)

    async def close(self) -> None:
        """Stop sending."""
        await self.sender.close()
        await self.client.close()
