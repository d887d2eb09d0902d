"""Every message is answered once, in order, whatever happens to the engine and to the process."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from hotline.city import City
from hotline.conversations import processor as module
from hotline.conversations import texts
from hotline.conversations.engine import EngineAnswer, Turn
from hotline.conversations.models import Conversation, Message
from hotline.conversations.processor import Processor
from hotline.conversations.service import Conversations
from hotline.database import Database, now
from tests.conversations.conftest import Ears
from tests.conversations.test_receiving import said
from tests.scripted import ScriptedEngine

SORRY = "暂时连不上"


async def sorry(words: str) -> EngineAnswer:
    """What is said without the engine."""
    return EngineAnswer([{"text": SORRY}], {"fallback": True})


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_RETRY_PAUSE", 0.01)
    monkeypatch.setattr(module, "_SWEEP_PAUSE", 0.05)


Make = Callable[..., Processor]


@pytest.fixture
async def make(database: Database, conversations: Conversations) -> AsyncIterator[Make]:
    """Makes processors on the database, and closes them."""
    made: list[Processor] = []

    def one(
        engine: ScriptedEngine,
        *,
        fallback: module.Fallback = sorry,
        patience: float = 10,
        service: Conversations | None = None,
        concurrency: int = 8,
        queue_timeout: int = 0,
    ) -> Processor:
        processor = Processor(
            database,
            service or conversations,
            engine,
            fallback,
            patience=patience,
            queue_timeout=queue_timeout,
            concurrency=concurrency,
        )
        made.append(processor)
        return processor

    yield one
    for processor in made:
        await processor.close()


async def grow_old(database: Database) -> None:
    """Let all messages be some seconds old, so that the sweeper takes them for forgotten."""
    async with database.transaction() as session:
        await session.execute(update(Message).values(created_at=now() - timedelta(seconds=5)))


async def evidence(conversations: Conversations, conversation_id: uuid.UUID) -> dict[str, Any]:
    """What is kept with the newest citizen's message."""
    messages = await conversations.messages(conversation_id)
    kept = [message.evidence for message in messages if message.author == "citizen"][-1]
    assert kept is not None
    return kept


async def test_a_conversations_messages_are_answered_one_at_a_time_in_order(
    conversations: Conversations, make: Make, ears: Ears
) -> None:
    engine = ScriptedEngine()
    processor = make(engine)
    conversation_id = await conversations.start("web")
    engine.hold()
    for n in range(5):
        await said(conversations, conversation_id, f"第{n}句")
        processor.wake(conversation_id)
    await engine.called(1)

    await engine.release()

    assert await ears.answers(conversation_id, 5) == [f"答：第{n}句" for n in range(5)]
    assert [turn.text for turn in engine.calls] == [f"第{n}句" for n in range(5)]
    assert engine.most_in_one == 1


async def test_a_turn_carries_the_buttons_command_and_an_id_that_is_its_own(
    conversations: Conversations, make: Make, ears: Ears
) -> None:
    engine = ScriptedEngine()
    conversation_id = await conversations.start("web")
    await said(conversations, conversation_id, "/restart")
    await said(conversations, conversation_id, "查进度")

    make(engine).wake(conversation_id)

    await ears.answers(conversation_id, 2)
    assert engine.calls == [
        Turn(conversation_id, f"{conversation_id}:2", "/restart", None),
        Turn(conversation_id, f"{conversation_id}:3", "查进度", "/track_order"),
    ]


async def test_one_slow_conversation_does_not_hold_up_another(
    conversations: Conversations, make: Make, ears: Ears
) -> None:
    engine = ScriptedEngine()
    processor = make(engine)
    slow, quick = await conversations.start("web"), await conversations.start("web")
    engine.hold(slow)
    await said(conversations, slow, "慢")
    processor.wake(slow)
    await engine.called(1)

    await said(conversations, quick, "快")
    processor.wake(quick)

    assert await ears.answers(quick, 1) == ["答：快"]
    assert (await conversations.state(slow)).typing
    await engine.release()
    assert await ears.answers(slow, 1) == ["答：慢"]


async def test_no_more_turns_are_under_way_than_there_are_connections_for(
    conversations: Conversations, make: Make, ears: Ears
) -> None:
    engine = ScriptedEngine()
    processor = make(engine, concurrency=2)
    started = [await conversations.start("web") for _ in range(5)]
    engine.hold()
    for conversation_id in started:
        await said(conversations, conversation_id, "喂")
        processor.wake(conversation_id)
    await engine.called(2)
    await engine.release()

    for conversation_id in started:
        assert await ears.answers(conversation_id, 1) == ["答：喂"]
    assert engine.most == 2


async def test_an_engine_that_was_away_for_a_while_answers_once(
    conversations: Conversations, make: Make, ears: Ears
) -> None:
    engine = ScriptedEngine()
    engine.away = True
    conversation_id = await conversations.start("web")
    await said(conversations, conversation_id, "社保卡丢了")
    make(engine).wake(conversation_id)
    await engine.called(3)
    assert (await conversations.state(conversation_id)).typing

    engine.away = False

    assert await ears.answers(conversation_id, 1) == ["答：社保卡丢了"]
    assert {turn.message_id for turn in engine.calls} == {f"{conversation_id}:2"}
    assert len(engine.ran) == 1


async def test_an_engine_that_stays_away_is_honestly_said_to_be_away(
    conversations: Conversations, make: Make, ears: Ears
) -> None:
    engine = ScriptedEngine()
    engine.away = True
    processor = make(engine, patience=0.1)
    conversation_id = await conversations.start("web")
    await said(conversations, conversation_id, "社保卡丢了")

    processor.wake(conversation_id)

    assert await ears.answers(conversation_id, 1) == [SORRY]
    assert (await evidence(conversations, conversation_id))["fallback"] is True
    # It was tried more than once before giving up; who comes later in the same outage does not wait so long.
    tries = len(engine.calls)
    assert tries > 1
    await said(conversations, conversation_id, "还在吗")
    processor.wake(conversation_id)
    assert await ears.answers(conversation_id, 2) == [SORRY, SORRY]
    assert len(engine.calls) == tries + 1
    # And when it is back, it answers.
    engine.away = False
    await said(conversations, conversation_id, "现在呢")
    processor.wake(conversation_id)
    assert (await ears.answers(conversation_id, 3))[-1] == "答：现在呢"


async def test_an_outage_that_ended_unseen_takes_no_patience_from_the_next(
    conversations: Conversations, make: Make, ears: Ears, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = ScriptedEngine()
    engine.away = True
    processor = make(engine, patience=0.1)
    conversation_id = await conversations.start("web")
    await said(conversations, conversation_id, "社保卡丢了")
    processor.wake(conversation_id)
    assert await ears.answers(conversation_id, 1) == [SORRY]

    engine.away = False
    seen = asyncio.Event()
    ready = engine.ready

    async def watched() -> bool:
        answer = await ready()
        seen.set()
        return answer

    monkeypatch.setattr(engine, "ready", watched)
    processor.start()
    async with asyncio.timeout(10):
        await seen.wait()
    engine.away = True
    tries = len(engine.calls)
    await said(conversations, conversation_id, "还在吗")
    processor.wake(conversation_id)

    await engine.called(tries + 2)  # it is waited for again, not given up at the first try


async def test_an_engine_that_breaks_does_not_leave_the_citizen_without_an_answer(
    conversations: Conversations, make: Make, ears: Ears
) -> None:
    engine = ScriptedEngine()
    engine.broken = KeyError
    processor = make(engine, patience=0.1)
    conversation_id = await conversations.start("web")
    await said(conversations, conversation_id, "怪话")
    processor.wake(conversation_id)
    assert await ears.answers(conversation_id, 1) == [SORRY]

    engine.broken = None
    await said(conversations, conversation_id, "好话")
    processor.wake(conversation_id)

    assert await ears.answers(conversation_id, 2) == [SORRY, "答：好话"]


async def test_when_even_the_fallback_breaks_the_citizen_is_offered_an_agent(
    conversations: Conversations, make: Make, ears: Ears
) -> None:
    async def broken(words: str) -> EngineAnswer:
        raise RuntimeError("broken")

    engine = ScriptedEngine()
    engine.away = True
    conversation_id = await conversations.start("web")
    await said(conversations, conversation_id, "社保卡丢了")

    make(engine, fallback=broken, patience=0.05).wake(conversation_id)

    assert await ears.answers(conversation_id, 1) == [texts.ENGINE_DOWN_NOTHING]
    buttons = (await conversations.messages(conversation_id))[-1].content["buttons"]
    assert buttons == texts.ENGINE_DOWN_BUTTONS


async def test_an_engine_without_a_word_is_replaced_by_the_fallback(
    conversations: Conversations, make: Make, ears: Ears
) -> None:
    conversation_id = await conversations.start("web")
    await said(conversations, conversation_id, "嗯")

    make(ScriptedEngine(lambda _: EngineAnswer([]))).wake(conversation_id)

    assert await ears.answers(conversation_id, 1) == [SORRY]


async def test_an_answer_that_was_not_delivered_before_the_process_died_is_delivered_once(
    database: Database, city: City, conversations: Conversations, make: Make, ears: Ears
) -> None:
    reached = asyncio.Event()

    class Dying(Conversations):
        """Has the engine's answer and never gets to deliver it."""

        async def deliver(self, *args: Any, **kwargs: Any) -> bool:
            reached.set()
            await asyncio.Event().wait()
            raise AssertionError

    engine = ScriptedEngine()
    dying = make(engine, service=Dying(database, city, max_length=1000, rate=0))
    conversation_id = await conversations.start("web")
    await said(conversations, conversation_id, "社保卡丢了")
    dying.wake(conversation_id)
    async with asyncio.timeout(10):
        await reached.wait()
    assert engine.ran == [f"{conversation_id}:2"]
    assert len(await conversations.messages(conversation_id)) == 2

    await dying.close()
    make(engine).wake(conversation_id)

    assert await ears.answers(conversation_id, 1) == ["答：社保卡丢了"]
    assert [turn.message_id for turn in engine.calls] == [f"{conversation_id}:2"] * 2
    assert engine.ran == [f"{conversation_id}:2"]


async def test_a_reply_and_the_mark_answered_are_kept_together_or_not_at_all(
    database: Database, city: City, conversations: Conversations, make: Make, ears: Ears
) -> None:
    delivered = asyncio.Event()

    class Dying(Conversations):
        """Has delivered and never gets to commit."""

        async def deliver(self, *args: Any, **kwargs: Any) -> bool:
            await super().deliver(*args, **kwargs)
            delivered.set()
            await asyncio.Event().wait()
            raise AssertionError

    engine = ScriptedEngine()
    dying = make(engine, service=Dying(database, city, max_length=1000, rate=0))
    conversation_id = await conversations.start("web")
    await said(conversations, conversation_id, "社保卡丢了")
    dying.wake(conversation_id)
    async with asyncio.timeout(10):
        await delivered.wait()
    await dying.close()
    assert [m.state for m in await conversations.messages(conversation_id)] == ["done", "pending"]

    make(engine).wake(conversation_id)

    assert await ears.answers(conversation_id, 1) == ["答：社保卡丢了"]


async def test_messages_of_a_dead_process_are_found_and_answered(
    database: Database, conversations: Conversations, make: Make, ears: Ears
) -> None:
    left = [await conversations.start("web") for _ in range(3)]
    for conversation_id in left:
        await said(conversations, conversation_id, "有人吗")
    await grow_old(database)

    make(ScriptedEngine()).start()

    for conversation_id in left:
        assert await ears.answers(conversation_id, 1) == ["答：有人吗"]


async def test_two_processes_on_one_database_answer_each_message_once(
    database: Database, conversations: Conversations, make: Make, ears: Ears
) -> None:
    engine = ScriptedEngine()
    processors = [make(engine), make(engine)]
    started = [await conversations.start("web") for _ in range(6)]
    for n in range(3):
        for conversation_id in started:
            await said(conversations, conversation_id, f"第{n}句")
            for processor in processors:
                processor.wake(conversation_id)
    await grow_old(database)  # what fell between the two is for the sweepers, and both see it
    for processor in processors:
        processor.start()

    for conversation_id in started:
        assert await ears.answers(conversation_id, 3) == [f"答：第{n}句" for n in range(3)]
    assert engine.most_in_one == 1
    assert len(engine.calls) == len(engine.ran) == 18


async def test_a_reply_under_way_when_an_agent_claims_is_not_given(
    conversations: Conversations, make: Make, ears: Ears, database: Database
) -> None:
    engine = ScriptedEngine()
    processor = make(engine)
    conversation_id = await conversations.start("web")
    asked = await said(conversations, conversation_id, "你好")
    async with database.transaction() as session:
        offer = [{"text": "要人工吗", "buttons": texts.ENGINE_DOWN_BUTTONS}]
        await conversations.deliver(session, conversation_id, asked.seq, offer, {})
    engine.hold()
    await said(conversations, conversation_id, "社保卡丢了")
    processor.wake(conversation_id)
    await engine.called(1)

    await said(conversations, conversation_id, "转人工")
    await conversations.do_claim(conversation_id, "1024")
    await engine.release()
    # The bot's turn has ended when its next one may begin.
    await conversations.do_hand_back(conversation_id, "1024")
    await said(conversations, conversation_id, "谢谢")
    processor.wake(conversation_id)

    assert (await ears.answers(conversation_id, 2)) == ["要人工吗", "答：谢谢"]
    assert [turn.text for turn in engine.calls] == ["社保卡丢了", "谢谢"]


async def test_the_sweeper_ends_queues_that_nobody_serves(
    conversations: Conversations, make: Make, ears: Ears, database: Database
) -> None:
    conversation_id = await conversations.start("web")
    asked = await said(conversations, conversation_id, "转人工")
    async with database.transaction() as session:
        handoff = [{"text": "好的", "handoff": "queued"}]
        await conversations.deliver(session, conversation_id, asked.seq, handoff, {})
        await session.execute(update(Conversation).values(queued_at=now() - timedelta(minutes=20)))

    make(ScriptedEngine(), queue_timeout=15).start()

    await ears.until(conversation_id, lambda messages: messages[-1].text == texts.QUEUE_TIMEOUT)


async def test_a_closed_processor_begins_nothing_more(conversations: Conversations, make: Make) -> None:
    engine = ScriptedEngine()
    processor = make(engine)
    conversation_id = await conversations.start("web")
    engine.hold()
    await said(conversations, conversation_id, "一")
    processor.wake(conversation_id)
    await engine.called(1)
    processor.wake(conversation_id)

    before = asyncio.all_tasks()
    await processor.close()
    processor.wake(conversation_id)

    assert asyncio.all_tasks() <= before
    assert len(engine.calls) == 1
    assert (await conversations.state(conversation_id)).typing
