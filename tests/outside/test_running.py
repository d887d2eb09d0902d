"""The service and a worker as they run in earnest, connected to another system: there and back."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from hotline.settings import Settings
from tests.channels.conftest import Service, running, settings_for
from tests.conftest import ROOT
from tests.outside.conftest import KEYS, system_at
from tests.outside.other_system import OtherSystem
from tests.serving import serve
from tests.work_orders.conftest import ANSWER

AGENT = {"role": "坐席", "actor": "1024"}
DISPATCHER = {"role": "派单员", "actor": "2001"}


@pytest.fixture
async def platform() -> AsyncIterator[tuple[OtherSystem, str]]:
    """The other system, on the time of the wall."""
    other = OtherSystem(KEYS.send, KEYS.receive[0], clock=time.time)
    async with serve(other.app()) as url:
        yield other, url


@pytest.fixture
def connected(database_url: str, tmp_path: Path, platform: tuple[OtherSystem, str]) -> Settings:
    """Settings of a hotline that is connected."""
    settings = settings_for(database_url, tmp_path)
    for part in ("city", "dispatch"):
        (settings.data_dir / part).unlink()
        shutil.copytree(ROOT / "data" / part, settings.data_dir / part)
    for path in (settings.data_dir / "dispatch" / "examples").glob("*.yml"):
        # A person dispatches here: the worker need not learn for a minute first.
        examples = yaml.safe_load(path.read_text(encoding="utf-8"))
        path.write_text(yaml.safe_dump({code: words[:2] for code, words in examples.items()}))
    system = json.loads(system_at(platform[1]).model_dump_json(exclude_none=True))
    (settings.city_dir / "outside.yml").write_text(yaml.safe_dump({"systems": [system]}))
    secrets = tmp_path / "outside-keys.yml"
    secrets.touch(0o600)
    secrets.write_text(yaml.safe_dump({"tianyuan": {"send": KEYS.send, "receive": list(KEYS.receive)}}))
    return settings.model_copy(update={"outside_secrets": secrets})


@asynccontextmanager
async def worker(settings: Settings, log: Path) -> AsyncIterator[None]:
    """``hotline worker``."""
    names = ("database_url", "data_dir", "var_dir", "outside_secrets", "encoder")
    environment = {f"HOTLINE_{name.upper()}": str(getattr(settings, name)) for name in names}
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "hotline.cli", "worker"),
            cwd=ROOT,
            env=os.environ | environment,
            stdout=output,
            stderr=output,
        )
    try:
        yield
    finally:
        process.terminate()
        await asyncio.wait_for(process.wait(), 30)


async def act(service: Service, number: str, who: dict[str, str], action: str, **fields: Any) -> None:
    """One step at the desk."""
    body = {"action": action, "fields": fields, "request": uuid.uuid4().hex}
    done = await service.inside("POST", f"/orders/{number}/actions", params=who, json=body)
    assert done.status_code == 200, done.text


async def test_an_order_goes_to_the_other_system_and_its_answer_comes_back(
    connected: Settings, platform: tuple[OtherSystem, str], tmp_path: Path
) -> None:
    other, _ = platform
    log = tmp_path / "worker.log"
    async with running(connected) as service, worker(connected, log):
        taken = {
            "id": uuid.uuid4().hex,
            "nature": "投诉",
            "what": "小区楼下工地夜里十二点还在施工",
            "where_text": "天元区某小区",
            "confidential": True,  # a person dispatches it
        }
        response = await service.inside("POST", "/orders", params=AGENT, json=taken)
        assert response.status_code == 201, response.text
        number = response.json()["number"]
        await act(service, number, DISPATCHER, "受理", topic="0701")
        await act(service, number, DISPATCHER, "派单", unit="430211")

        async with asyncio.timeout(150):
            while number not in other.orders:
                await asyncio.sleep(0.05)
        client: httpx.AsyncClient = service.client
        for report in ({"kind": "签收"}, {"kind": "答复", "answer": ANSWER}):
            done = await other.report(client, number, **report)
            assert done.status_code == 200, done.text
        assert done.json()["status"] in ("已答复", "回访中")
        standing = await service.inside("GET", "/outside/dead-letters", params=DISPATCHER)
        assert standing.json()["dead_letters"] == []
        (system,) = standing.json()["systems"]
        assert (system["code"], system["waiting"]) == ("tianyuan", 0)
    assert len(other.requests) == 1
