"""Bot, queue and agents: who speaks, and who is silent."""

from __future__ import annotations

import asyncio
import uuid
from datetime import timedelta

import pytest
from sqlalchemy import update

from hotline.conversations import texts
from hotline.conversations.models import Conversation, Message
from hotline.conversations.service import ConversationError, Conversations, Press
from hotline.database import Database, now
from tests.conversations.conftest import Ears
from tests.conversations.test_receiving import pressed, refused, said

HANDOFF = {"text": "好的，帮您转人工。", "handoff": "queued", "reason": "citizen"}


@pytest.fixture
def queue(database: Database, conversations: Conversations):
    """Begins a conversation and brings it into the queue, as the bot's reply does."""

    async def enqueue() -> uuid.UUID:
        conversation_id = await conversations.start("web")
        asked = await said(conversations, conversation_id, "转人工")
        async with database.transaction() as session:
            await conversations.deliver(session, conversation_id, asked.seq, [HANDOFF], {})
        return conversation_id

    return enqueue


async def lines(conversations: Conversations, conversation_id: uuid.UUID) -> list[tuple[str, str]]:
    """Author and text of all messages but the welcome."""
    return [(m.author, m.text) for m in (await conversations.messages(conversation_id))[1:]]


async def test_a_handoff_puts_the_conversation_into_the_queue(conversations: Conversations, queue) -> None:
    first, second = await queue(), await queue()

    state = await conversations.state(second)
    assert (state.mode, state.position, state.agent, state.typing) == ("queued", 2, None, False)
    assert [(item.id, item.queue_reason) for item in await conversations.queue()] == [
        (first, "citizen"),
        (second, "citizen"),
    ]
    assert (await lines(conversations, first))[-1] == ("system", texts.QUEUED_NEXT)
    assert (await lines(conversations, second))[-1] == ("system", texts.QUEUED.format(ahead=1))


async def test_what_was_written_while_the_bot_handed_over_is_for_the_agent(
    database: Database, conversations: Conversations
) -> None:
    conversation_id = await conversations.start("web")
    asked = await said(conversations, conversation_id, "我想问")
    more = await said(conversations, conversation_id, "还有一件事")
    async with database.transaction() as session:
        await conversations.deliver(session, conversation_id, asked.seq, [HANDOFF], {})

    assert not (await conversations.state(conversation_id)).typing
    async with database.transaction() as session:
        assert not await conversations.deliver(session, conversation_id, more.seq, [{"text": "迟了"}], {})


async def test_of_ten_agents_who_claim_at_once_exactly_one_gets_it(
    conversations: Conversations, queue
) -> None:
    conversation_id = await queue()

    claims = [conversations.do_claim(conversation_id, str(1000 + n)) for n in range(10)]
    outcomes = await asyncio.gather(*claims, return_exceptions=True)

    lost = [outcome for outcome in outcomes if outcome is not None]
    assert len(lost) == 9
    assert all(isinstance(error, ConversationError) and error.code == "not_waiting" for error in lost)
    winner = str(1000 + outcomes.index(None))
    state = await conversations.state(conversation_id)
    assert (state.mode, state.agent, state.position) == ("human", winner, None)
    claimed = [text for author, text in await lines(conversations, conversation_id) if "为您服务" in text]
    assert claimed == [texts.CLAIMED.format(agent=winner)]


async def test_a_conversation_with_the_bot_cannot_be_claimed(conversations: Conversations) -> None:
    conversation_id = await conversations.start("web")

    await refused("not_waiting", conversations.do_claim(conversation_id, "1024"))


async def test_the_bot_is_silent_while_an_agent_speaks(
    database: Database, conversations: Conversations, queue
) -> None:
    conversation_id = await queue()
    await conversations.do_claim(conversation_id, "1024")
    before = await lines(conversations, conversation_id)

    message = await said(conversations, conversation_id, "社保卡丢了怎么办")

    assert message.state == "done"
    assert (await lines(conversations, conversation_id)) == [*before, ("citizen", "社保卡丢了怎么办")]


async def test_a_reply_that_comes_after_the_claim_is_not_given(
    database: Database, conversations: Conversations, ears: Ears
) -> None:
    conversation_id = await conversations.start("web")
    asked = await said(conversations, conversation_id, "社保卡丢了怎么办")
    async with database.transaction() as session:
        values = {"mode": "queued", "queued_at": now()}
        await session.execute(update(Conversation).values(values))
    await conversations.do_claim(conversation_id, "1024")
    assert (await conversations.messages(conversation_id))[1].state == "pending"

    with ears.hub.changes(conversation_id) as changed:
        async with database.transaction() as session:
            late = [{"text": "迟到的回答"}]
            assert not await conversations.deliver(
                session, conversation_id, asked.seq, late, {"intent": "ask"}
            )
        async with asyncio.timeout(10):
            await changed.wait()  # whoever waits for the end of the turn is told of it

    question, *rest = (await conversations.messages(conversation_id))[1:]
    assert (question.state, question.evidence) == ("done", {"intent": "ask"})
    assert [message.author for message in rest] == ["system"]


async def test_an_agent_says_something_once_for_each_client_id(conversations: Conversations, queue) -> None:
    conversation_id = await queue()
    await conversations.do_claim(conversation_id, "1024")

    saying = [
        conversations.do_say(conversation_id, "1024", "您好，请讲。", client_id="a-1") for _ in range(5)
    ]
    seqs = {message.seq for message in await asyncio.gather(*saying)}

    assert len(seqs) == 1
    spoken = [m for m in await conversations.messages(conversation_id) if m.author == "agent"]
    assert [(m.text, m.agent) for m in spoken] == [("您好，请讲。", "1024")]


async def test_only_the_agent_who_has_the_conversation_may_speak_or_hand_back(
    conversations: Conversations, queue
) -> None:
    conversation_id = await queue()
    words = "您好"
    await refused("not_yours", conversations.do_say(conversation_id, "1024", words, client_id="a-1"))
    await conversations.do_claim(conversation_id, "1024")

    await refused("not_yours", conversations.do_say(conversation_id, "2048", words, client_id="a-1"))
    await refused("not_yours", conversations.do_hand_back(conversation_id, "2048"))
    await refused("empty", conversations.do_say(conversation_id, "1024", "  ", client_id="a-1"))

    assert (await conversations.state(conversation_id)).agent == "1024"


async def test_a_conversation_that_is_handed_back_is_the_bots_again(
    conversations: Conversations, queue
) -> None:
    conversation_id = await queue()
    await conversations.do_claim(conversation_id, "1024")

    await conversations.do_hand_back(conversation_id, "1024")

    state = await conversations.state(conversation_id)
    assert (state.mode, state.agent, state.position) == ("bot", None, None)
    assert (await lines(conversations, conversation_id))[-1] == ("system", texts.HANDED_BACK)
    await refused("not_yours", conversations.do_say(conversation_id, "1024", "还有", client_id="a-2"))
    assert (await said(conversations, conversation_id, "谢谢")).state == "pending"


async def leave_by_press(conversations: Conversations, conversation_id: uuid.UUID) -> None:
    """Press the queue message's own button."""
    last = (await conversations.messages(conversation_id))[-1]
    await pressed(conversations, conversation_id, Press(last.seq, 0))


async def test_the_queue_is_left_by_its_button(conversations: Conversations, queue) -> None:
    conversation_id = await queue()

    await leave_by_press(conversations, conversation_id)

    assert (await conversations.state(conversation_id)).mode == "bot"
    assert (await lines(conversations, conversation_id))[-1] == ("system", texts.LEFT_QUEUE)
    assert not await conversations.queue()
    await refused("not_waiting", conversations.do_claim(conversation_id, "1024"))


async def test_the_queue_is_left_in_words(conversations: Conversations, queue) -> None:
    for words in (
        "不等了",
        "不等了。",
        "不排队了！",
        "取消排队",
        "转机器人",
        "回到机器人",
        "不等了，回到机器人",
    ):
        conversation_id = await queue()
        await said(conversations, conversation_id, "我家楼下天天施工")

        message = await said(conversations, conversation_id, words)

        assert (message.text, message.state, message.command) == (words, "done", texts.LEAVE_QUEUE)
        assert (await conversations.state(conversation_id)).mode == "bot"
        assert (await lines(conversations, conversation_id))[-1] == ("system", texts.LEFT_QUEUE)


async def test_words_for_leaving_the_queue_are_plain_words_elsewhere(
    conversations: Conversations, queue
) -> None:
    conversation_id = await conversations.start("web")
    assert (await said(conversations, conversation_id, "不等了")).state == "pending"

    conversation_id = await queue()
    assert (await said(conversations, conversation_id, "等了半天，不等了行不行")).command is None
    await conversations.do_claim(conversation_id, "1024")
    await said(conversations, conversation_id, "不等了")
    assert (await conversations.state(conversation_id)).mode == "human"


async def test_leaving_a_queue_that_has_just_ended_is_answered(conversations: Conversations, queue) -> None:
    conversation_id = await queue()
    button = (await conversations.messages(conversation_id))[-1].seq
    await leave_by_press(conversations, conversation_id)

    await pressed(conversations, conversation_id, Press(button, 0))

    assert (await lines(conversations, conversation_id))[-1] == ("system", texts.LEFT_QUEUE)


async def test_those_behind_move_up_and_are_told(conversations: Conversations, queue, ears: Ears) -> None:
    claimed, left, stays = await queue(), await queue(), await queue()
    assert (await conversations.state(stays)).position == 3

    with ears.hub.changes(stays) as changed:
        for step, position in (
            (lambda: conversations.do_claim(claimed, "1024"), 2),
            (lambda: leave_by_press(conversations, left), 1),
        ):
            changed.clear()
            await step()
            async with asyncio.timeout(10):
                await changed.wait()
            assert (await conversations.state(stays)).position == position


async def test_an_emergency_is_answered_at_once_while_nobody_has_claimed(
    conversations: Conversations, queue
) -> None:
    conversation_id = await queue()

    await said(conversations, conversation_id, "楼下着火了，快来人")

    author, text = (await lines(conversations, conversation_id))[-1]
    assert author == "system"
    assert "119" in text
    assert (await conversations.state(conversation_id)).mode == "queued"
    await leave_by_press(conversations, conversation_id)
    assert (await conversations.state(conversation_id)).mode == "bot"


async def test_a_queue_that_nobody_serves_ends_with_the_offer_of_a_work_order(
    database: Database, conversations: Conversations, queue
) -> None:
    stale, fresh = await queue(), await queue()
    async with database.transaction() as session:
        long_ago = update(Conversation).where(Conversation.id == stale)
        await session.execute(long_ago.values(queued_at=now() - timedelta(minutes=16)))

    assert await conversations.do_end_stale_queues(15) == 1
    assert await conversations.do_end_stale_queues(15) == 0

    assert (await conversations.state(stale)).mode == "bot"
    assert (await conversations.state(fresh)).mode == "queued"
    last = (await conversations.messages(stale))[-1]
    assert (last.author, last.text) == ("system", texts.QUEUE_TIMEOUT)
    order = await pressed(conversations, stale, Press(last.seq, 0))
    assert (order.text, order.command, order.state) == ("留下工单", "/complaint", "pending")


async def test_the_queue_is_reached_without_the_engine(
    database: Database, conversations: Conversations, queue
) -> None:
    await queue()
    conversation_id = await conversations.start("web")
    asked = await said(conversations, conversation_id, "社保卡丢了怎么办")
    async with database.transaction() as session:
        sorry = [{"text": texts.ENGINE_DOWN_NOTHING, "buttons": texts.ENGINE_DOWN_BUTTONS}]
        await conversations.deliver(session, conversation_id, asked.seq, sorry, {})
    waiting = await said(conversations, conversation_id, "还在吗")

    await said(conversations, conversation_id, "转人工")

    state = await conversations.state(conversation_id)
    assert (state.mode, state.position, state.typing) == ("queued", 2, False)
    assert (await conversations.queue())[-1].queue_reason == "engine_down"
    last = (await conversations.messages(conversation_id))[-1]
    assert last.text == texts.QUEUED.format(ahead=1)
    # What was still to be answered is the agent's now.
    async with database.transaction() as session:
        message = await session.get(Message, (conversation_id, waiting.seq))
        assert message is not None
        assert message.state == "done"
