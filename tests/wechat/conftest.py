"""A service with an account, the platform, and phones."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from hotline.settings import Settings
from tests.channels.conftest import Service, running, settings_for
from tests.serving import serve
from tests.wechat.phone import AES_KEY, TOKEN, Phone, Wire
from tests.wechat.platform import APP_ID, APP_SECRET, ORIGINAL_ID, Platform

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Account:
    """The services of one account, and the way to them."""

    platform: Platform
    wire: Wire
    services: list[Service]
    settings: Settings
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    @property
    def service(self) -> Service:
        return self.services[0]

    def phone(self) -> Phone:
        """Another citizen's phone."""
        return Phone(self.wire)

    async def see(self, what: Callable[[], Any], seconds: float = 10.0) -> Any:
        """Wait until ``what`` is true."""
        async with asyncio.timeout(seconds):
            while not (found := what()):
                await asyncio.sleep(0.02)
            return found

    async def see_async(
        self, ask: Callable[[], Awaitable[Any]], fits: Callable[[Any], Any], seconds: float = 10.0
    ) -> Any:
        """Wait until what ``ask`` gives fits."""
        async with asyncio.timeout(seconds):
            while not fits(found := await ask()):
                await asyncio.sleep(0.05)
            return found


Start = Callable[..., Awaitable[Account]]


@pytest.fixture
async def start(database_url: str, tmp_path: Path) -> AsyncIterator[Start]:
    """Connects an account; ``workers`` services share it. Other arguments go into wechat.yml."""
    async with AsyncExitStack() as stack:

        async def begin(
            *, workers: int = 1, aes_keys: tuple[str, ...] = (AES_KEY,), **content: Any
        ) -> Account:
            platform = Platform()
            api = await stack.enter_async_context(serve(platform.app))
            settings = settings_for(database_url, tmp_path)
            mode = content.setdefault("mode", "safe")
            connect(settings, {"app_id": APP_ID, "original_id": ORIGINAL_ID, "api": api} | content, aes_keys)
            services = [await stack.enter_async_context(running(settings)) for _ in range(workers)]
            urls = [str(service.client.base_url).rstrip("/") for service in services]
            wire = Wire(platform, urls, mode)
            stack.push_async_callback(wire.client.aclose)
            return Account(platform, wire, services, settings)

        yield begin


def connect(settings: Settings, content: dict[str, Any], aes_keys: tuple[str, ...] = (AES_KEY,)) -> None:
    """Write ``content`` as the wechat.yml of a service whose data folder is its own, and the secrets with it."""
    city = settings.city_dir
    own = settings.data_dir / "city"
    if own.is_symlink():  # the city's own files, but for this one
        own.unlink()
        city.mkdir(parents=True)
        for path in (ROOT / "data" / "city" / settings.city).iterdir():
            if path.name != "wechat.yml":
                (city / path.name).symlink_to(path)
    (city / "wechat.yml").write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    secrets = settings.var_dir / "secrets" / "wechat.yml"
    secrets.parent.mkdir(parents=True, exist_ok=True)
    keys = dict(zip(("aes_key", "previous_aes_key"), aes_keys, strict=False))
    secrets.write_text(yaml.safe_dump({"app_secret": APP_SECRET, "token": TOKEN} | keys), encoding="utf-8")
    secrets.chmod(0o600)
