"""What an agent sees of a conversation on WeChat: how much may still be written, and what did not arrive."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from sqlalchemy import update

from hotline.channels.wechat.models import WechatContact, WechatMessage
from hotline.conversations import steps
from hotline.database import now
from tests.desk.conftest import Office, key

OPENID = "oSecretOfOneCitizen00000001"
GONE = "市民取消了关注或拒收（43004）"


async def on_wechat(office: Office, openid: str = OPENID, **contact: Any) -> str:
    """A citizen at WeChat who waits for a person."""
    conversation = await office.service.app.state.conversations.start("wechat")
    async with office.database.transaction() as session:
        session.add(WechatContact(openid=openid, conversation_id=conversation, **contact))
        waiting = await steps.lock(session, conversation)
        await steps.wait(session, waiting, "citizen", priority=steps.USUAL)
        await steps.notify(session, conversation)
    return str(conversation)


def message(seq: int, **fields: Any) -> WechatMessage:
    """A message to the phone, as the sender keeps it."""
    text = "您的电话 13800138000 对吗"
    return WechatMessage(openid=OPENID, first_seq=seq, last_seq=seq, text=text, **fields)


async def noted(office: Office, conversation: str, *messages: WechatMessage, **contact: Any) -> list[int]:
    """The sender notes something in one transaction, and tells of the conversation; the messages' numbers."""
    async with office.database.transaction() as session:
        if contact:
            mine = WechatContact.conversation_id == uuid.UUID(conversation)
            await session.execute(update(WechatContact).where(mine).values(**contact))
        kept = [await session.merge(one) for one in messages]
        await session.flush()
        await steps.notify(session, uuid.UUID(conversation))
        return [one.id for one in kept]


async def test_who_answers_at_wechat_sees_what_may_be_written_and_what_did_not_arrive(office: Office) -> None:
    agent = await office.agent("1024")
    until = now() + timedelta(hours=40)
    conversation = await on_wechat(office, allowance=3, allowance_until=until)
    _, on_the_web = await office.waiting()
    await agent.done(conversation, "claim")
    said = (await agent.done(conversation, "messages", client_id=key(), text="请补一张照片"))["message"]["id"]
    assert (await agent.transcript(on_the_web))["delivery"] is None

    # Nothing was said: the consoles learn all the same.
    async with agent.live() as socket:
        (sent,) = await noted(office, conversation, message(said), allowance=2)
        told = await socket.until("delivery", lambda f: f["delivery"]["left"] == 2)
        assert (told["conversation"], told["delivery"]["gone"]) == (conversation, False)
        assert told["delivery"]["until"] == until.isoformat().replace("+00:00", "Z")
        (under_way,) = told["delivery"]["not_seen"]
        assert (under_way["id"], under_way["first"], under_way["last"]) == (sent, said, said)
        assert (under_way["state"], under_way["error"]) == ("待发送", "")
        assert under_way["next_try_at"] is not None

        await noted(office, conversation, message(said, id=sent, state="已发送"))
        assert (await socket.until("delivery"))["delivery"]["not_seen"] == []
        # Told again without anything new, nothing is told; what comes next is the next thing that happened.
        await noted(office, conversation)
        lost = message(said, state="未送达", error=GONE)
        (failed,) = await noted(office, conversation, lost, left_at=now())
        line = await socket.until("conversation", lambda f: f["conversation"]["undelivered"] == 1)
        assert line["conversation"]["id"] == conversation
        told = await socket.until("delivery")
        assert (told["conversation"], told["delivery"]["gone"]) == (conversation, True)
        assert (told["delivery"]["left"], told["delivery"]["until"]) == (0, None)
        assert [(one["id"], one["error"]) for one in told["delivery"]["not_seen"]] == [(failed, GONE)]

    found = await agent.transcript(conversation)
    assert found["delivery"] == told["delivery"]
    assert found["conversation"]["undelivered"] == 1
    assert OPENID[-6:] not in str(found)
    state = await agent.get()
    assert [line["undelivered"] for line in state["mine"]] == [1]
    assert [line["undelivered"] for line in state["queue"]] == [0]

    everything = await agent.get("/undelivered")
    (stuck,) = everything["messages"]
    assert everything["total"] == 1
    assert (stuck["conversation"], stuck["state"], stuck["first"], stuck["gone"]) == (
        conversation,
        "未送达",
        said,
        True,
    )
    assert stuck["text"] == "您的电话 138****8000 对吗"
    assert OPENID[-6:] not in str(everything)

    # The citizen comes back: all may be written again. Of long ago is told in the transcript only.
    old = message(said, id=failed, created_at=now() - timedelta(days=8))
    waits = message(said, state="等市民来信")
    await noted(office, conversation, old, waits, left_at=None, allowance=5, allowance_until=until)
    found = await agent.transcript(conversation)
    assert (found["delivery"]["left"], found["conversation"]["undelivered"]) == (5, 0)
    assert [one["state"] for one in found["delivery"]["not_seen"]] == ["未送达", "等市民来信"]
    assert {one["state"] for one in (await agent.get("/undelivered"))["messages"]} == {"未送达", "等市民来信"}

    admin = await office.console("9", "管理员")
    assert (await admin("GET", "/undelivered")).status_code == 403


async def test_a_press_of_the_menu_counts_only_while_nothing_better_does(office: Office) -> None:
    agent = await office.agent("1024")
    soon, later = now() + timedelta(seconds=60), now() + timedelta(hours=40)
    pressed = {"event_allowance": 3, "event_allowance_until": soon}
    one = await on_wechat(office, "one", **pressed)
    both = await on_wechat(office, "both", allowance=1, allowance_until=later, **pressed)
    over = await on_wechat(office, "over", allowance=5, allowance_until=now() - timedelta(seconds=1))

    left = [(await agent.transcript(which))["delivery"]["left"] for which in (one, both, over)]
    assert left == [3, 1, 0]
