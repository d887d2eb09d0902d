"""坐席台有多快：``.venv/hotline/bin/python -m bench.desk``（约 2 分钟，自己起数据库和服务，不碰正在运行的）。

2,000 个会话、50 个坐席台，按真实的快慢来消息；量从消息存进数据库到坐席台收到的毫秒数。
标尺是同一时间、同一台机器上的一个空 NOTIFY→LISTEN：数据库自己要多久。
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import random
import shutil
import sys
import tempfile
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import psycopg
from websockets.asyncio.client import ClientConnection, connect

from hotline import postgres
from hotline.accounts.people import People
from hotline.accounts.service import By
from hotline.conversations import handover, steps, texts
from hotline.conversations.service import Conversations
from hotline.database import Database
from hotline.migrate import upgrade
from hotline.run.ports import choose
from hotline.settings import Settings
from hotline.work_orders.office import Office

ROOT = Path(__file__).resolve().parent.parent
_PASSWORD = "我家门前有一条河xiangjiang"
_YARDSTICK = "bench_yardstick"
_EACH, _QUEUED = 5, 100
_LINES = (
    "我想问一下社保卡丢了怎么补",
    "天元区泰山路那个路灯坏了三天了，晚上看不清路",
    "好的，谢谢",
    "我的电话是13800138000，麻烦你们尽快处理一下",
    "楼下烧烤店油烟很大，晚上根本不敢开窗，之前反映过一次，说是处理了，结果没两天又开始了，到底有没有人管",
)


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description="坐席台的延迟")
    parser.add_argument("--conversations", type=int, default=2000, help="打开的会话数")
    parser.add_argument("--consoles", type=int, default=50, help="坐席台数")
    parser.add_argument("--rate", type=float, default=10.0, help="市民每秒发来的消息数")
    parser.add_argument("--seconds", type=float, default=60.0, help="量多少秒")
    asyncio.run(_measure(parser.parse_args()))


async def _measure(wanted: argparse.Namespace) -> None:
    folder = Path(tempfile.mkdtemp(prefix="hotline-desk-"))
    server = postgres.start(folder / "postgres")
    try:
        url = postgres.address(psycopg.conninfo.conninfo_to_dict(server.get_uri()), database="bench")
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute("CREATE DATABASE bench")
        await asyncio.to_thread(upgrade, url)
        await _run(wanted, url, folder)
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


async def _run(wanted: argparse.Namespace, url: str, folder: Path) -> None:
    settings = Settings(
        _env_file=None,
        database_url=url,
        var_dir=folder / "var",
        encoder="none",
        password_time_cost=1,
        password_memory_kib=64,
        password_parallelism=1,
        address_logins=100_000,
        port=choose("127.0.0.1", 23450),
        rasa_port=choose("127.0.0.1", 23460),
    )
    database = Database(url)
    office = Office.load(settings.data_dir, settings.city_dir)
    people = People.of(settings, database, office.units, hotline=office.city.hotline_name)
    conversations = Conversations(database, office.city, max_length=1000, rate=0)
    numbers = [str(1000 + n) for n in range(wanted.consoles)]
    print(f"准备 {wanted.conversations} 个会话、{wanted.consoles} 个坐席……", flush=True)
    held = await _prepare(database, people, conversations, numbers, wanted.conversations)
    async with _serving(settings) as process, AsyncExitStack() as stack:
        ears = [Ear(number) for number in numbers]
        for ear in ears:
            await ear.open(stack, settings)
        await _talk(wanted, database, conversations, held, ears, url, process)
    await database.close()


async def _prepare(
    database: Database, people: People, conversations: Conversations, numbers: list[str], count: int
) -> dict[uuid.UUID, str | None]:
    """Agents who can log in, and conversations: five with each agent, a hundred waiting, the rest with the bot."""
    for number in numbers:
        account = await people.accounts.prepare(
            number=number, name="测试", roles=["坐席"], password=_PASSWORD, by=By(name="bench")
        )
        async with database.transaction() as session:
            await people.accounts.insert(session, account, By(name="bench"))
    owners = itertools.chain.from_iterable(itertools.repeat(number, _EACH) for number in numbers)
    held: dict[uuid.UUID, str | None] = {}
    for place in range(count):
        one = await conversations.start("web")
        owner = next(owners, None)
        held[one] = owner
        async with database.transaction() as session:
            conversation = await steps.lock(session, one)
            if owner is not None:
                await handover.give(session, conversation, owner, texts.CLAIMED)
            elif place < len(numbers) * _EACH + _QUEUED:
                await steps.wait(session, conversation, "citizen", priority=steps.USUAL)
    return held


class Ear:
    """A console: hears its own conversations' messages, and all list lines."""

    def __init__(self, number: str) -> None:
        self.number = number
        self.connection: ClientConnection | None = None
        #: When (``time.perf_counter``) this console heard of line ``seq`` of a conversation.
        self.lines: dict[tuple[str, int], float] = {}
        self.messages: dict[tuple[str, int], float] = {}
        self.frames = self.bytes = self.resyncs = 0

    async def open(self, stack: AsyncExitStack, settings: Settings) -> None:
        """Log in, come on duty, and listen."""
        base = f"http://127.0.0.1:{settings.port}"
        async with httpx.AsyncClient(base_url=base, trust_env=False, timeout=60) as client:
            who = {"number": self.number, "password": _PASSWORD}
            entered = await client.post("/console-api/login", json=who, headers={"Origin": base})
            entered.raise_for_status()
            headers = {"Origin": base, "X-CSRF-Token": entered.json()["session"]["csrf"]}
            on_duty = await client.post(
                "/console-api/desk/presence", json={"status": "online"}, headers=headers
            )
            on_duty.raise_for_status()
            cookie = "; ".join(f"{key}={value}" for key, value in client.cookies.items())
        self.connection = await stack.enter_async_context(
            connect(
                f"ws://127.0.0.1:{settings.port}/console-api/live",
                origin=base,  # type: ignore[arg-type]
                additional_headers={"Cookie": cookie},
                proxy=None,
                max_size=None,
            )
        )
        await self.connection.send(json.dumps({"type": "hello", "bot": True}))
        task = asyncio.create_task(self._listen())
        stack.callback(task.cancel)

    async def _listen(self) -> None:
        assert self.connection is not None
        asked = time.perf_counter()
        async for text in self.connection:
            at = time.perf_counter()
            self.frames += 1
            self.bytes += len(text)
            frame: dict[str, Any] = json.loads(text)
            kind = frame["type"]
            if kind == "conversation":
                line = frame["conversation"]
                self.lines[line["id"], line["last_id"]] = at
            elif kind == "messages":
                for message in frame["messages"]:
                    self.messages.setdefault((frame["conversation"], message["id"]), at)
            elif kind == "resync":
                self.resyncs += 1
            if at - asked > 15:
                asked = at
                await self.connection.send(json.dumps({"type": "ping"}))


async def _talk(
    wanted: argparse.Namespace,
    database: Database,
    conversations: Conversations,
    held: dict[uuid.UUID, str | None],
    ears: list[Ear],
    url: str,
    process: asyncio.subprocess.Process,
) -> None:
    """Citizens write at random moments, most of them to whom an agent speaks; then look who heard when."""
    chance = random.Random(12345)
    with_agent = [one for one, owner in held.items() if owner]
    with_others = [one for one, owner in held.items() if not owner]
    persisted: dict[tuple[str, int], tuple[float, str | None]] = {}
    under_way: set[asyncio.Task[None]] = set()

    async def write(one: uuid.UUID) -> None:
        message = await conversations.receive(one, client_id=uuid.uuid4().hex, text=chance.choice(_LINES))
        # The commit is done just before this returns.
        persisted[str(one), message.seq] = (time.perf_counter(), held[one])

    await asyncio.sleep(3)
    before, began = _cpu(process.pid), time.perf_counter()
    print(f"开始：{wanted.rate:g} 条/秒，{wanted.seconds:g} 秒……", flush=True)
    yardstick = asyncio.create_task(_yardstick(url, wanted.seconds))
    due = began
    while due < began + wanted.seconds:
        due += chance.expovariate(wanted.rate)
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        pool = with_agent if chance.random() < 0.6 else with_others
        task = asyncio.create_task(write(chance.choice(pool)))
        under_way.add(task)
        task.add_done_callback(under_way.discard)
    await asyncio.gather(*under_way)
    spent, took = _cpu(process.pid) - before, time.perf_counter() - began
    bare = await yardstick
    await asyncio.sleep(3)
    by_number = {ear.number: ear for ear in ears}
    to_agent, to_all, missed = [], [], 0
    for key, (at, owner) in persisted.items():
        if owner:
            heard = by_number[owner].messages.get(key)
            missed += heard is None
            to_agent += [] if heard is None else [(heard - at) * 1000]
        for ear in ears:
            line = ear.lines.get(key)  # not there: it was told together with the next one of the conversation
            to_all += [] if line is None else [(line - at) * 1000]
    frames = sum(ear.frames for ear in ears)
    print()
    print(
        f"{len(held)} 个会话，{len(ears)} 个坐席台，{len(persisted)} 条消息，{len(persisted) / took:.1f} 条/秒"
    )
    print("| 从存进数据库到收到（毫秒） | 次数 | p50 | p95 | p99 | 最长 |")
    print("|---|---:|---:|---:|---:|---:|")
    _row("正在接待的坐席收到消息", to_agent)
    _row("每个坐席台收到列表变化", to_all)
    _row("标尺：空的 NOTIFY→LISTEN", bare)
    print()
    print(
        f"服务进程 CPU {spent / took * 100:.0f} %（一个核为 100 %），共推送 {frames} 帧、"
        f"{sum(ear.bytes for ear in ears) / 1e6:.1f} MB；漏掉 {missed} 条，要求重读 {sum(e.resyncs for e in ears) - len(ears)} 次"
    )
    good = bool(to_agent) and missed == 0 and _at(to_agent, 0.95) <= 300
    print("达到要求（p95 ≤ 300 毫秒，一条不漏）" if good else "没有达到要求（p95 ≤ 300 毫秒，一条不漏）")
    sys.stdout.flush()


async def _yardstick(url: str, seconds: float) -> list[float]:
    """How long the database itself takes from a notice's commit to whoever listens, in milliseconds."""
    found = []
    async with (
        await psycopg.AsyncConnection.connect(url, autocommit=True) as hears,
        await psycopg.AsyncConnection.connect(url, autocommit=True) as tells,
    ):
        await hears.execute(f"LISTEN {_YARDSTICK}")
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            await tells.execute(f"NOTIFY {_YARDSTICK}")
            at = time.perf_counter()
            async for _ in hears.notifies(timeout=5, stop_after=1):
                found.append((time.perf_counter() - at) * 1000)
            await asyncio.sleep(0.1)
    return found


@asynccontextmanager
async def _serving(settings: Settings) -> AsyncIterator[asyncio.subprocess.Process]:
    """The service in a process of its own, as it runs in earnest."""
    given = {
        f"HOTLINE_{name.upper()}": str(getattr(settings, name))
        for name in (
            "database_url",
            "var_dir",
            "encoder",
            "port",
            "rasa_port",
            "address_logins",
            "password_time_cost",
            "password_memory_kib",
            "password_parallelism",
        )
    }
    # Citizens of this bench wait for no bot.
    code = (
        "import uvicorn; from hotline.app import create_app; from hotline.settings import get_settings as s; "
    )
    code += (
        "uvicorn.run(create_app(), host='127.0.0.1', port=s().port, log_level='warning', access_log=False,"
        " ws_per_message_deflate=False)"
    )
    log = (settings.var_dir.parent / "service.log").open("wb")
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        code,
        cwd=ROOT,
        env=os.environ | given | {"HOTLINE_QUEUE_TIMEOUT": "0"},
        stdout=log,
        stderr=log,
    )
    try:
        async with httpx.AsyncClient(trust_env=False) as client:
            for _ in range(600):
                try:
                    await client.get(f"http://127.0.0.1:{settings.port}/healthz")
                    break
                except httpx.HTTPError:
                    await asyncio.sleep(0.2)
                    if process.returncode is not None:
                        break
        if process.returncode is not None:
            raise SystemExit((settings.var_dir.parent / "service.log").read_text(encoding="utf-8"))
        yield process
    finally:
        process.terminate()
        await process.wait()
        log.close()


def _cpu(pid: int) -> float:
    """Seconds of CPU that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _at(values: list[float], part: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


def _row(name: str, values: list[float]) -> None:
    if not values:
        print(f"| {name} | 0 | | | | |")
        return
    figures = [_at(values, part) for part in (0.5, 0.95, 0.99)] + [max(values)]
    print(f"| {name} | {len(values)} | " + " | ".join(f"{figure:.1f}" for figure in figures) + " |")


if __name__ == "__main__":
    main()
