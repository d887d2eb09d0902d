"""What a citizen sends is kept once, in order, within its limits."""

from __future__ import annotations

import asyncio
import uuid
from datetime import timedelta

import pytest
from sqlalchemy import update

from hotline.city import City
from hotline.conversations import texts
from hotline.conversations.models import Message
from hotline.conversations.service import ConversationError, Conversations, Press
from hotline.database import Database, now
from tests.conversations.conftest import Ears

OFFER = [
    {"title": "办理材料", "payload": '/ask_aspect{"aspect":"materials"}'},
    {"title": "在荷塘区", "payload": "我在荷塘区"},
]


async def said(conversations: Conversations, conversation_id: uuid.UUID, text: str) -> Message:
    """A typed message."""
    return await conversations.receive(conversation_id, client_id=uuid.uuid4().hex, text=text)


async def pressed(conversations: Conversations, conversation_id: uuid.UUID, press: Press) -> Message:
    """A pressed button."""
    return await conversations.receive(conversation_id, client_id=uuid.uuid4().hex, press=press)


async def offered(database: Database, conversations: Conversations, conversation_id: uuid.UUID) -> int:
    """The number of a new bot message that offers the buttons of ``OFFER``."""
    asked = await said(conversations, conversation_id, "问一下")
    async with database.transaction() as session:
        reply = {"text": "您要问哪一样？", "buttons": OFFER}
        assert await conversations.deliver(session, conversation_id, asked.seq, [reply], {})
    return asked.seq + 1


async def refused(code: str, call) -> ConversationError:
    """The error of ``call``, which must have ``code`` and Chinese words."""
    with pytest.raises(ConversationError) as caught:
        await call
    assert caught.value.code == code
    assert not caught.value.message.isascii()
    return caught.value


async def test_a_conversation_begins_with_the_welcome_and_its_menu(conversations: Conversations) -> None:
    conversation_id = await conversations.start("web")

    (welcome,) = await conversations.messages(conversation_id)

    assert (welcome.seq, welcome.author) == (1, "bot")
    assert "测试市12345热线" in welcome.text
    assert "119" in welcome.text
    assert [button["title"] for button in welcome.content["buttons"]][-1] == "转人工"
    assert (await conversations.state(conversation_id)).mode == "bot"


async def test_the_same_client_id_again_gives_the_same_message(conversations: Conversations) -> None:
    conversation_id = await conversations.start("web")

    first = await conversations.receive(conversation_id, client_id="c-1", text="社保卡丢了")
    again = await conversations.receive(conversation_id, client_id="c-1", text="社保卡丢了，别的话")

    assert (again.seq, again.text) == (first.seq, "社保卡丢了")
    assert len(await conversations.messages(conversation_id)) == 2


async def test_the_same_client_id_ten_times_at_once_is_kept_once(conversations: Conversations) -> None:
    conversation_id = await conversations.start("web")

    same = [conversations.receive(conversation_id, client_id="c-1", text="社保卡丢了") for _ in range(10)]
    found = await asyncio.gather(*same)

    assert {message.seq for message in found} == {2}
    assert len(await conversations.messages(conversation_id)) == 2


async def test_two_conversations_may_use_the_same_client_id(conversations: Conversations) -> None:
    for _ in range(2):
        conversation_id = await conversations.start("web")
        message = await conversations.receive(conversation_id, client_id="c-1", text="社保卡丢了")
        assert message.seq == 2


async def test_a_reader_sees_fifty_concurrent_messages_once_and_in_order(
    conversations: Conversations, ears: Ears
) -> None:
    conversation_id = await conversations.start("web")
    seen: list[Message] = []

    async def read() -> None:
        with ears.hub.changes(conversation_id) as changed:
            while len(seen) < 51:
                changed.clear()
                after = seen[-1].seq if seen else 0
                seen.extend(await conversations.messages(conversation_id, after=after))
                if len(seen) < 51:
                    await changed.wait()

    async with asyncio.timeout(20):
        texts_sent = [f"第{n}条" for n in range(50)]
        await asyncio.gather(read(), *(said(conversations, conversation_id, words) for words in texts_sent))

    assert [message.seq for message in seen] == list(range(1, 52))
    assert sorted(message.text for message in seen[1:]) == sorted(texts_sent)


async def test_a_message_that_is_too_long_or_empty_is_refused_and_not_kept(
    conversations: Conversations,
) -> None:
    conversation_id = await conversations.start("web")

    await refused("too_long", said(conversations, conversation_id, "长" * 1001))
    await refused("empty", said(conversations, conversation_id, " \n\t　"))
    await refused("empty", said(conversations, conversation_id, "\x00"))
    await refused("empty", conversations.receive(conversation_id, client_id="c-1"))

    assert len(await conversations.messages(conversation_id)) == 1
    assert (await said(conversations, conversation_id, "长" * 1000)).text == "长" * 1000


async def test_characters_that_cannot_be_stored_are_left_out(conversations: Conversations) -> None:
    conversation_id = await conversations.start("web")

    assert (await said(conversations, conversation_id, "噪\x00音\ud83d太大")).text == "噪音太大"


async def test_who_writes_too_fast_is_told_when_to_go_on(database: Database, city: City) -> None:
    conversations = Conversations(database, city, max_length=1000, rate=3)
    conversation_id = await conversations.start("web")
    for n in range(3):
        await conversations.receive(conversation_id, client_id=f"c-{n}", text="喂")

    error = await refused("too_fast", said(conversations, conversation_id, "喂"))

    assert error.retry_after is not None
    assert 55 <= error.retry_after <= 60
    assert f"{error.retry_after} 秒" in error.message
    # What was kept before may be sent again, and another conversation is not held back.
    assert (await conversations.receive(conversation_id, client_id="c-0", text="喂")).seq == 2
    await said(conversations, await conversations.start("web"), "喂")
    # And a minute later all is well.
    async with database.transaction() as session:
        await session.execute(update(Message).values(created_at=now() - timedelta(seconds=61)))
    await said(conversations, conversation_id, "喂")


async def test_an_unknown_conversation_is_refused(conversations: Conversations) -> None:
    nowhere = uuid.uuid4()

    await refused("token_invalid", said(conversations, nowhere, "喂"))
    await refused("token_invalid", conversations.state(nowhere))


async def test_what_looks_like_a_command_is_never_one_when_typed(conversations: Conversations) -> None:
    conversation_id = await conversations.start("web")

    for words in ("/restart", "/human_agent", '/complaint{"nature":"投诉"}', "!queue", "!leave_queue"):
        message = await said(conversations, conversation_id, words)
        assert (message.text, message.command, message.state) == (words, None, "pending")

    assert (await conversations.state(conversation_id)).mode == "bot"


async def test_a_pressed_button_says_its_title_and_stands_for_its_command(
    database: Database, conversations: Conversations
) -> None:
    conversation_id = await conversations.start("web")
    offer = await offered(database, conversations, conversation_id)

    message = await pressed(conversations, conversation_id, Press(offer, 0))

    assert (message.text, message.command) == ("办理材料", '/ask_aspect{"aspect":"materials"}')
    assert message.state == "pending"


async def test_a_pressed_button_may_stand_for_plain_words(
    database: Database, conversations: Conversations
) -> None:
    conversation_id = await conversations.start("web")
    offer = await offered(database, conversations, conversation_id)

    message = await pressed(conversations, conversation_id, Press(offer, 1))

    assert (message.text, message.command, message.state) == ("在荷塘区", "我在荷塘区", "pending")


async def test_a_menu_tile_may_be_pressed_at_any_time(
    database: Database, conversations: Conversations
) -> None:
    conversation_id = await conversations.start("web")
    await offered(database, conversations, conversation_id)

    message = await pressed(conversations, conversation_id, Press(1, 6))

    assert (message.text, message.command) == ("查进度", "/track_order")


async def test_a_button_that_is_not_there_is_refused(conversations: Conversations) -> None:
    conversation_id = await conversations.start("web")
    await said(conversations, conversation_id, "喂")

    for press in (Press(1, 8), Press(1, -1), Press(2, 0), Press(99, 0)):
        await refused("no_such_button", pressed(conversations, conversation_id, press))

    assert len(await conversations.messages(conversation_id)) == 2


async def test_a_buttons_title_typed_in_words_is_a_press(
    database: Database, conversations: Conversations
) -> None:
    conversation_id = await conversations.start("web")
    await offered(database, conversations, conversation_id)

    for words in ("办理材料", "办理材料。", " 办理材料！"):
        message = await said(conversations, conversation_id, words)
        assert message.text == words.strip()
        assert message.command == '/ask_aspect{"aspect":"materials"}'


@pytest.mark.parametrize("words", ["1", "第一个", "第1个", "一"])
async def test_the_place_of_a_button_typed_in_words_is_a_press(
    database: Database, conversations: Conversations, words: str
) -> None:
    conversation_id = await conversations.start("web")
    assert (await said(conversations, conversation_id, words)).command is None, "the tiles have no numbers"
    await offered(database, conversations, conversation_id)

    assert (await said(conversations, conversation_id, words)).command == '/ask_aspect{"aspect":"materials"}'


async def test_a_menu_tiles_title_typed_in_words_is_a_press(conversations: Conversations) -> None:
    conversation_id = await conversations.start("web")

    assert (await said(conversations, conversation_id, "转人工")).command == "/human_agent"
    assert (await said(conversations, conversation_id, "我要转人工")).command is None


async def test_the_title_of_an_older_button_is_plain_words(
    database: Database, conversations: Conversations
) -> None:
    conversation_id = await conversations.start("web")
    await offered(database, conversations, conversation_id)
    asked = await said(conversations, conversation_id, "再问一下")
    async with database.transaction() as session:
        await conversations.deliver(session, conversation_id, asked.seq, [{"text": "好"}], {})

    assert (await said(conversations, conversation_id, "办理材料")).command is None


async def test_replies_are_kept_with_what_was_understood(
    database: Database, conversations: Conversations
) -> None:
    conversation_id = await conversations.start("web")
    asked = await said(conversations, conversation_id, "问一下")
    replies = [{"text": "一", "can_rate": True, "buttons": []}, {"text": "二", "card": {"kind": "answer"}}]

    async with database.transaction() as session:
        assert await conversations.deliver(session, conversation_id, asked.seq, replies, {"intent": "ask"})

    question, one, two = (await conversations.messages(conversation_id))[1:]
    assert (question.state, question.evidence) == ("done", {"intent": "ask"})
    assert question.answered_at is not None
    assert (one.text, one.content, one.reply_to, one.ordinal) == ("一", {"can_rate": True}, 2, 0)
    assert (two.text, two.content, two.reply_to, two.ordinal) == ("二", {"card": {"kind": "answer"}}, 2, 1)


async def test_a_second_answer_to_the_same_message_is_not_given(
    database: Database, conversations: Conversations
) -> None:
    conversation_id = await conversations.start("web")
    asked = await said(conversations, conversation_id, "问一下")

    for given in (True, False):
        async with database.transaction() as session:
            done = await conversations.deliver(session, conversation_id, asked.seq, [{"text": "好"}], {})
            assert done is given

    assert len(await conversations.messages(conversation_id)) == 3


async def test_an_answer_may_be_rated_and_rated_anew(conversations: Conversations) -> None:
    conversation_id = await conversations.start("web")
    mine = await said(conversations, conversation_id, "问一下")

    for useful in (True, False):
        await conversations.do_rate(conversation_id, 1, useful)
        assert (await conversations.messages(conversation_id))[0].feedback is useful
    await refused("not_found", conversations.do_rate(conversation_id, mine.seq, True))
    await refused("not_found", conversations.do_rate(conversation_id, 99, True))


def test_every_word_for_leaving_the_queue_is_bare() -> None:
    assert all(words == words.strip(" 。.!！，,~～") for words in texts.LEAVE_QUEUE_WORDS)
