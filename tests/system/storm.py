"""A whole hotline with an account at WeChat, the platform, and hundreds of citizens."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from starlette.requests import Request

from hotline.settings import ROOT, Settings
from tests.running import Running, running
from tests.serving import serve
from tests.wechat.phone import AES_KEY, TOKEN, Phone, Wire
from tests.wechat.platform import APP_ID, APP_SECRET, ORIGINAL_ID, Platform

_CITY = Settings().city_dir


class Watched(Platform):
    """A platform that remembers when what was sent."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: defaultdict[str, list[tuple[float, str]]] = defaultdict(list)
        self.refused: list[Any] = []

    def _send(self, request: Request, body: dict[str, Any]) -> Any:
        answer = super()._send(request, body)
        if isinstance(answer, dict):
            self.sent[body["touser"]].append((time.time(), body["text"]["content"]))
        else:
            self.refused.append(answer.body)
        return answer


@dataclass
class Asking:
    """What one citizen does: a question typed, a menu line pressed, or a QR code scanned by somebody new."""

    phone: Phone
    words: str
    push: dict[str, Any]
    seconds: float = 0.0
    passive: bool = False

    async def ask(self, *, copies: int = 1, late: float = 0.0) -> None:
        """Do it, and wait until something is seen."""
        began = time.monotonic()
        self.passive = await self.phone.push(copies=copies, late=late, **self.push) is not None
        while not self.phone.seen:
            await asyncio.sleep(0.05)
            assert time.monotonic() - began < 60, f"{self.words}: silence"
        self.seconds = time.monotonic() - began


@dataclass
class Place:
    """A hotline with an account, and the platform."""

    hotline: Running
    platform: Watched
    wire: Wire
    questions: list[str]
    pressed: list[str]

    def asking(self, number: int) -> Asking:
        """What the citizen of that number does."""
        phone = Phone(self.wire)
        said = self.questions[number % len(self.questions)]
        if number % 5 == 0:
            scene = f"qrscene_{number % len(self.questions)}"
            return Asking(
                phone, said, {"kind": "event", "Event": "subscribe", "EventKey": scene, "Ticket": "t"}
            )
        if number % 5 == 1:
            said = self.pressed[number % len(self.pressed)]
            return Asking(phone, said, {"kind": "event", "Event": "CLICK", "EventKey": f"say:{said}"})
        return Asking(phone, said, {"kind": "text", "Content": said})


@asynccontextmanager
async def storming(folder: Path, *, workers: int, wait: float = 4.0) -> AsyncIterator[Place]:
    """Start a hotline with so many processes of the service, and end it.

    Args:
        wait: seconds that a push waits for the answer; what comes later is a message of its own.
    """
    questions = _questions()
    scenes = {str(place): {"name": "窗口", "say": said} for place, said in enumerate(questions)}
    usual = yaml.safe_load((_CITY / "wechat.yml").read_text(encoding="utf-8"))
    platform = Watched()
    with ExitStack() as stack:
        async with serve(platform.app) as api:
            own = {
                "app_id": APP_ID,
                "original_id": ORIGINAL_ID,
                "api": api,
                "scenes": scenes,
                "wait_seconds": wait,
            }
            given = _account(folder, usual | own) | {"HOTLINE_WORKERS": str(workers)}
            starting = running(folder / "run.log", given)
            hotline = await asyncio.to_thread(stack.enter_context, starting)
            while begun(hotline) < workers:  # it counts as ready when the first one answers
                await asyncio.sleep(0.2)
            wire = Wire(platform, [hotline.url])
            pressed = [line["say"] for part in usual["menu"] for line in part["lines"] if "say" in line]
            yield Place(hotline, platform, wire, questions, pressed)
            await wire.client.aclose()
            await asyncio.to_thread(stack.close)


def begun(hotline: Running) -> int:
    """How often a process of the service has begun to answer."""
    return (hotline.var / "log" / "service.log").read_text(errors="replace").count("startup complete")


def _questions() -> list[str]:
    """A question of citizens about each matter."""
    paths = sorted((ROOT / "data" / "knowledge").glob("*/*.yml"))
    return [yaml.safe_load(path.read_text(encoding="utf-8"))["samples"][0] for path in paths]


def _account(folder: Path, content: dict[str, Any]) -> dict[str, str]:
    """Connect an account: the project's own data but for one file, and the secrets."""
    data = folder / "data"
    city = data / "city" / _CITY.name
    city.mkdir(parents=True)
    for path in (ROOT / "data").iterdir():
        if path.name != "city":
            (data / path.name).symlink_to(path)
    for path in _CITY.iterdir():
        if path.name != "wechat.yml":
            (city / path.name).symlink_to(path)
    (city / "wechat.yml").write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    secrets = folder / "wechat-secrets.yml"
    secrets.write_text(yaml.safe_dump({"app_secret": APP_SECRET, "token": TOKEN, "aes_key": AES_KEY}))
    secrets.chmod(0o600)
    return {"HOTLINE_DATA_DIR": str(data), "HOTLINE_WECHAT_SECRETS": str(secrets)}
