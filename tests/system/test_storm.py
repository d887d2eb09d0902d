"""Hundreds of citizens at WeChat at once meet no silence and nothing twice, while processes of the service are killed under them."""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from hotline.channels.wechat import words
from hotline.run.database import address
from tests.running import Running
from tests.system.storm import Asking, Place, Watched, begun, storming
from tests.wechat.phone import UNAVAILABLE, Phone

CITIZENS, A_SECOND = 500, 7.0
#: More do not come as long as so many wait: a machine that others use too is given fewer a second.
WAITING = 12
#: So many come when both processes were killed.
AFTERWARDS = 50
#: A message that was sent so shortly before a kill may come again: its delivery was not written down yet.
UNWRITTEN_SECONDS = 2.0


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    """The whole hotline, with two processes of the service; many answers are too late for the passive reply."""
    async with storming(tmp_path, workers=2, wait=0.4) as found:
        yield found


async def test_a_storm_of_citizens_is_answered_once_each_while_processes_are_killed(place: Place) -> None:
    citizens = [place.asking(number) for number in range(CITIZENS)]
    both_killed = asyncio.Event()
    killing = asyncio.create_task(_kill_both(place.hotline, both_killed))
    chance = random.Random(12345)
    under_way = []
    room = asyncio.Semaphore(WAITING)
    began = time.monotonic()
    due = 0.0
    for number, citizen in enumerate(citizens):
        due += chance.expovariate(A_SECOND)
        await asyncio.sleep(due - (time.monotonic() - began))
        if number == CITIZENS - AFTERWARDS:
            await both_killed.wait()
        await room.acquire()
        due = max(due, time.monotonic() - began)
        # Every third comes twice at once; every tenth is so long on its way that the platform gives the first try up.
        copies, late = 2 if number % 3 == 0 else 1, 4.8 if number % 10 == 7 else 0.0
        under_way.append(asyncio.create_task(citizen.ask(copies=copies, late=late)))
        under_way[-1].add_done_callback(lambda _: room.release())
    await asyncio.gather(*under_way)
    killed = await killing
    await _all_brought(place.hotline)
    _tell(citizens, place.platform, killed, time.monotonic() - began)

    contacts = await asyncio.to_thread(_contacts, place.hotline)
    assert set(contacts) == {citizen.phone.openid for citizen in citizens}
    assert not place.platform.refused, "more was sent than may be, or what is not taken"
    for citizen in citizens:
        _check_answered(citizen, contacts[citizen.phone.openid], place.platform, killed)
    told = defaultdict(set)
    for citizen in citizens:
        if citizen.push.get("Event") == "CLICK":  # what a menu opens is ordered by what is asked most
            continue
        told[citizen.push["kind"], citizen.words].add(_bare(citizen.phone.seen[:1])[:100])
    assert all(len(answers) == 1 for answers in told.values()), "who asked the same was told something else"
    turns = await asyncio.to_thread(_turns, place.hotline)
    assert Counter(turns.values()) == {1: CITIZENS}, "Rasa was asked more than once, or not at all"


async def _kill_both(hotline: Running, both_killed: asyncio.Event) -> list[float]:
    """``kill -9`` first one process, then, when there are two again, the other; return when."""
    killed = []
    try:
        for victim in hotline.answering():
            await asyncio.sleep(12)
            before = begun(hotline)
            killed.append(time.time())
            victim.kill()
            if len(killed) == 2:
                break
            async with asyncio.timeout(120):
                while begun(hotline) == before:
                    await asyncio.sleep(0.2)
    finally:
        both_killed.set()
    assert len(killed) == 2
    return killed


def _rows(hotline: Running, query: str) -> list[Any]:
    with psycopg.connect(address(hotline.var / "postgres"), autocommit=True) as connection:
        return connection.execute(query).fetchall()


async def _all_brought(hotline: Running) -> None:
    """Wait until nothing waits to be answered or sent."""
    query = """SELECT (SELECT count(*) FROM hotline.message WHERE state = 'pending')
        + (SELECT count(*) FROM hotline.wechat_message WHERE state = '待发送')
        + (SELECT count(*) FROM hotline.wechat_contact c JOIN hotline.conversation v ON v.id = c.conversation_id
           WHERE v.last_seq > c.told_seq)"""
    async with asyncio.timeout(30):
        while (await asyncio.to_thread(_rows, hotline, query))[0][0]:
            await asyncio.sleep(0.5)


def _contacts(hotline: Running) -> dict[str, dict[str, Any]]:
    """By citizen: the lines of the conversation, and the states of the messages that were sent."""
    found: dict[str, dict[str, Any]] = {}
    for openid, new in _rows(hotline, "SELECT openid, conversation_id FROM hotline.wechat_contact"):
        found[openid] = {"id": new, "lines": [], "states": set()}
    for row in _rows(
        hotline,
        """SELECT openid, seq, author, agent, text, state, reply_to, content FROM hotline.message
        JOIN hotline.wechat_contact USING (conversation_id) ORDER BY conversation_id, seq""",
    ):
        found[row[0]]["lines"].append(row[1:])
    for openid, state in _rows(hotline, "SELECT openid, state FROM hotline.wechat_message"):
        found[openid]["states"].add(state)
    return found


def _turns(hotline: Running) -> dict[str, int]:
    """How often Rasa took something said in each conversation."""
    query = "SELECT sender_id, count(*) FROM rasa.events WHERE type_name = 'user' GROUP BY sender_id"
    return dict(_rows(hotline, query))


def _check_answered(citizen: Asking, contact: dict[str, Any], platform: Watched, killed: list[float]) -> None:
    said = [line for line in contact["lines"] if line[1] == "citizen"]
    assert [(line[3], line[4]) for line in said] == [(citizen.words, "done")]
    answers = [line for line in contact["lines"] if line[5] == said[0][0]]
    assert answers, f"{citizen.words}: no answer"
    assert contact["states"] <= {"已发送"}
    seen = _without_repeats(citizen.phone, platform, killed)
    assert UNAVAILABLE not in seen
    # Who subscribes is welcomed too; all others only get their answer.
    first = 0 if citizen.push.get("Event") == "subscribe" else 1
    told = [line for line in contact["lines"] if line[0] > first and line[1] != "citizen"]
    spoken = [words.spoken(line[1], line[2], line[3], line[6]) for line in told]
    assert _bare(seen) == _bare(spoken), f"{citizen.words}: missing, doubled or out of order"


def _without_repeats(phone: Phone, platform: Watched, killed: list[float]) -> list[str]:
    """What was seen, without what a kill explains: sent a moment before it, and sent again."""
    seen = list(phone.seen)
    for at, text in platform.sent[phone.openid]:
        again = seen.count(text) > 1
        if again and any(0 <= kill - at < UNWRITTEN_SECONDS for kill in killed):
            seen.remove(text)
    return seen


def _bare(texts: list[str]) -> str:
    return "".join("".join(texts).split())


def _tell(citizens: list[Asking], platform: Watched, killed: list[float], seconds: float) -> None:
    times = sorted(citizen.seconds for citizen in citizens)
    passive = sum(citizen.passive for citizen in citizens) / len(citizens)
    print(
        f"{len(citizens)} citizens in {seconds:.0f} s: p50 {statistics.median(times):.2f} s, "
        f"p95 {times[int(len(times) * 0.95)]:.2f} s, longest {times[-1]:.2f} s; "
        f"{passive:.0%} in the passive reply, {sum(map(len, platform.sent.values()))} messages"
    )
