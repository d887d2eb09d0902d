"""Services that are connected to 微信客服, and the platform beside them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from hotline.channels.wechat.delivery import delivery_of
from hotline.channels.wechat.models import WechatContact
from hotline.conversations import handover
from hotline.conversations.models import Conversation, Message
from hotline.database import Database
from hotline.settings import Settings
from tests.channels.conftest import Service, running, settings_for
from tests.desk.conftest import Office
from tests.serving import serve
from tests.wechat.conftest import connect
from tests.wechat.kf_platform import (
    CORP_ID,
    KF_AES_KEY,
    KF_SECRET,
    KF_TOKEN,
    OPEN_KFID,
    KfPhone,
    KfPlatform,
)
from tests.wechat.phone import Wire
from tests.wechat.platform import APP_ID, ORIGINAL_ID, Platform


@dataclass
class House:
    """Services of one 客服 account."""

    platform: KfPlatform
    settings: Settings
    services: list[Service]
    stack: AsyncExitStack
    official: Wire | None = None

    @property
    def service(self) -> Service:
        return self.services[0]

    @property
    def database(self) -> Database:
        database: Database = self.service.app.state.database
        return database

    def office(self) -> Office:
        """The people at its consoles."""
        office = Office(self.service, self.settings)
        self.stack.push_async_callback(office.close)
        return office

    async def another(self) -> Service:
        """One more worker, or the first one started again."""
        return await self.stack.enter_async_context(running(self.settings))

    async def conversation(self, phone: KfPhone) -> Conversation:
        """How the citizen's conversation stands."""
        async with self.database.transaction() as session:
            contact = await session.get_one(WechatContact, phone.openid)
            return await session.get_one(Conversation, contact.conversation_id)

    async def lines(self, phone: KfPhone) -> list[Message]:
        """Its transcript."""
        conversation = await self.conversation(phone)
        async with self.database.transaction() as session:
            return list(await handover.messages(session, conversation.id))

    async def not_seen(self, phone: KfPhone) -> list[tuple[str, str]]:
        """State and reason of what has not arrived."""
        conversation = await self.conversation(phone)
        async with self.database.transaction() as session:
            found = await delivery_of(session, conversation.id)
            assert found is not None
            return [(message.state, message.error) for message in found.not_seen]

    async def tell(self, phone: KfPhone, words: str) -> None:
        """The hotline says something."""
        conversation = await self.conversation(phone)
        async with self.database.transaction() as session:
            await self.service.app.state.conversations.tell(session, conversation.id, words, {})


async def until(fits: Callable[[], Any], seconds: float = 10.0) -> Any:
    """Wait until something is so; it may have to be awaited."""
    async with asyncio.timeout(seconds):
        while True:
            found = fits()
            if isinstance(found, Awaitable):
                found = await found
            if found:
                return found
            await asyncio.sleep(0.03)


Begin = Callable[..., Awaitable[House]]


@pytest.fixture
async def begin(database_url: str, tmp_path: Path) -> AsyncIterator[Begin]:
    """Connects 微信客服; what is given goes into ``kf`` of wechat.yml. ``both``: a 公众号 as well."""
    async with AsyncExitStack() as stack:

        async def start(*, workers: int = 1, both: bool = False, scenes: Any = None, **kf: Any) -> House:
            platform = KfPlatform()
            stack.push_async_callback(platform.http.aclose)
            api = await stack.enter_async_context(serve(platform.app))
            settings = settings_for(database_url, tmp_path).model_copy(
                update={"audit_key": "key", "address_logins": 1000, "conversation_rate": 0}
            )
            content: dict[str, Any] = {
                "kf": {"corp_id": CORP_ID, "open_kfid": OPEN_KFID, "api": api} | kf,
                "scenes": scenes or {},
            }
            official = Platform()
            if both:
                there = await stack.enter_async_context(serve(official.app))
                content |= {"app_id": APP_ID, "original_id": ORIGINAL_ID, "api": there}
            connect(settings, content)
            path = settings.var_dir / "secrets" / "wechat.yml"
            secrets = yaml.safe_load(path.read_text(encoding="utf-8")) if both else {}
            secrets["kf"] = {"secret": KF_SECRET, "token": KF_TOKEN, "aes_key": KF_AES_KEY}
            path.write_text(yaml.safe_dump(secrets), encoding="utf-8")
            services = [await stack.enter_async_context(running(settings)) for _ in range(workers)]
            platform.urls = [str(service.client.base_url).rstrip("/") for service in services]
            house = House(platform, settings, services, stack)
            if both:
                house.official = Wire(official, platform.urls)
                stack.push_async_callback(house.official.client.aclose)
            return house

        yield start
