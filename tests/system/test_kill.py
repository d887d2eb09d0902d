"""Nothing accepted is lost and nothing is done twice, while every process is killed in the middle of the work."""

from __future__ import annotations

import asyncio
import itertools
import uuid
from collections import Counter
from typing import Any

import httpx

from tests.running import Running

CONVERSATIONS = 200
AT_A_TIME = 12

_QUESTIONS = ["孩子今年上小学要准备什么材料", "那要多久?", "怎么收费", "谢谢"]
_PLACES = ["荷塘区月塘街道石子头社区", "天元区泰山路街道", "芦淞区建设街道", "石峰区响石岭街道"]


def _script(number: int) -> list[str]:
    """What citizen ``number`` says; every other one files a complaint."""
    if number % 2:
        return _QUESTIONS
    return [
        f"小区消防通道被车堵了没人管，编号{number:04d}",
        _PLACES[number % len(_PLACES)],
        "最近几天",
        "匿名",
        "确认提交",
        "查进度",
    ]


class Citizen:
    """Talks over plain HTTP, and repeats what did not get through, as the widget does."""

    def __init__(self, client: httpx.AsyncClient, script: list[str]) -> None:
        self._client = client
        self._script = script
        self._headers: dict[str, str] = {}
        self.messages: list[dict[str, Any]] = []
        self.sent: list[str] = []

    async def _call(self, method: str, path: str, **options: Any) -> Any:
        for pause in itertools.chain([0.05, 0.1, 0.2, 0.4], itertools.repeat(0.5, 400)):
            try:
                response = await self._client.request(method, path, headers=self._headers, **options)
                if response.status_code < 500:
                    assert response.status_code < 400, response.text
                    return response.json()
            except httpx.TransportError:
                pass
            await asyncio.sleep(pause)
        raise AssertionError(f"{path} never answered")

    async def talk(self) -> None:
        """Say everything, each line after the answer to the one before."""
        started = await self._call("POST", "/api/conversations", json={})
        self._headers = {"Authorization": f"Bearer {started['token']}"}
        self.messages += started["messages"]
        for words in self._script:
            body = {"client_id": uuid.uuid4().hex, "text": words}
            sent = (await self._call("POST", "/api/conversations/current/messages", json=body))["message"]
            self.sent.append(sent["id"])
            await self._answered(sent["id"])

    async def _answered(self, seq: int) -> None:
        for _ in range(300):
            after = self.messages[-1]["id"]
            got = await self._call(
                "GET", "/api/conversations/current/messages", params={"after": after, "wait": 5}
            )
            self.messages += got["messages"]
            if any(m["reply_to"] == seq for m in self.messages) and not got["typing"]:
                return
        raise AssertionError(f"message {seq} was never answered")


async def _kill_everything(hotline: Running, done: asyncio.Event) -> list[str]:
    """Kill one program after the other, each once all parts answer again, for as long as citizens talk."""
    killed: list[str] = []
    for name in itertools.cycle(["actions", "worker", "service", "rasa", "postgres"]):
        try:
            await asyncio.wait_for(done.wait(), 4)
            return killed
        except TimeoutError:
            pass
        hotline.kill(name)
        killed.append(name)
        await asyncio.to_thread(hotline.wait_ready, 120)
    return killed


async def test_killing_each_process_loses_and_doubles_nothing(hotline: Running) -> None:
    slots = asyncio.Semaphore(AT_A_TIME)
    limits = httpx.Limits(max_connections=AT_A_TIME * 2)
    async with httpx.AsyncClient(base_url=hotline.url, timeout=30, limits=limits, trust_env=False) as client:
        citizens = [Citizen(client, _script(number)) for number in range(CONVERSATIONS)]

        async def talk(citizen: Citizen) -> None:
            async with slots:
                await citizen.talk()

        done = asyncio.Event()
        killer = asyncio.create_task(_kill_everything(hotline, done))
        talks = asyncio.gather(*(talk(citizen) for citizen in citizens))
        await asyncio.wait({talks, killer}, return_when=asyncio.FIRST_COMPLETED)
        await talks
        done.set()
        killed = await killer
    assert {"actions", "worker", "service", "rasa", "postgres"} <= set(killed), killed

    numbers: list[str] = []
    for number, citizen in enumerate(citizens):
        ids = [m["id"] for m in citizen.messages]
        assert ids == list(range(1, len(ids) + 1)), "a message is missing, doubled or out of order"
        said = [m["text"] for m in citizen.messages if m["author"] == "citizen"]
        assert said == _script(number)
        for seq in citizen.sent:
            replies = [m for m in citizen.messages if m["reply_to"] == seq]
            assert replies, f"message {seq} has no answer"
            texts = Counter(m["text"] for m in replies)
            assert max(texts.values()) == 1, f"an answer was given twice: {texts}"
        notices = Counter(m["text"] for m in citizen.messages if m["author"] == "system")
        assert max(notices.values(), default=0) <= 1, f"something was told twice: {notices}"
        if number % 2:
            continue
        receipts = [m for m in citizen.messages if (m["card"] or {}).get("kind") == "receipt"]
        assert len(receipts) == 1, [m["text"] for m in citizen.messages]
        facts = {item["label"]: item["text"] for item in receipts[0]["card"]["sections"][0]["items"]}
        numbers.append(facts["工单号"])
        progress = [m for m in citizen.messages if (m["card"] or {}).get("kind") == "order"]
        assert len(progress) == 1, [m["text"] for m in citizen.messages]
        assert facts["工单号"] in progress[0]["text"]
        assert f"编号{number:04d}" in str(progress[0]["card"]), "the order is somebody else's"
    assert len(set(numbers)) == CONVERSATIONS // 2, "two citizens share an order, or one has two"
    days = {number.split("-")[0] for number in numbers}
    if len(days) == 1:
        running = sorted(int(number.split("-")[1]) for number in numbers)
        assert running == list(range(running[0], running[0] + len(running))), "an order was made twice"
