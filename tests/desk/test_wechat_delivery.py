"""What an agent sees of a conversation on WeChat: how much may still be written, and what did not arrive."""

from __future__ import annotations

import uuid
from collections.abc import Callable
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


async def message(office: Office, seq: int, openid: str = OPENID, **fields: Any) -> int:
    """A message to the phone, as the sender keeps it; its number."""
    async with office.database.transaction() as session:
        row = WechatMessage(
            openid=openid, first_seq=seq, last_seq=seq, text="您的电话 13800138000 对吗", **fields
        )
        session.add(row)
        await session.flush()
        return row.id


async def changed(office: Office, conversation: str, table: Any, where: Any, **values: Any) -> None:
    """The sender notes something, and tells of the conversation."""
    async with office.database.transaction() as session:
        await session.execute(update(table).where(where).values(**values))
        await steps.notify(session, uuid.UUID(conversation))


def about(conversation: str) -> Callable[[dict[str, Any]], bool]:
    """Frames about a conversation."""
    return lambda frame: bool(frame["conversation"] == conversation)


async def test_who_answers_at_wechat_sees_what_may_be_written_and_what_did_not_arrive(office: Office) -> None:
    agent = await office.agent("1024")
    until = now() + timedelta(hours=40)
    conversation = await on_wechat(office, allowance=3, allowance_until=until)
    _, on_the_web = await office.waiting()
    await agent.done(conversation, "claim")
    said = (await agent.done(conversation, "messages", client_id=key(), text="请补一张照片"))["message"]["id"]
    assert (await agent.transcript(on_the_web))["delivery"] is None

    # Nothing was said: the consoles learn all the same.
    mine = WechatContact.conversation_id == uuid.UUID(conversation)
    async with agent.live() as socket:
        sent = await message(office, said)
        await changed(office, conversation, WechatContact, mine, allowance=2)
        told = await socket.until("delivery", about(conversation))
        assert (told["delivery"]["left"], told["delivery"]["gone"]) == (2, False)
        assert told["delivery"]["until"] == until.isoformat().replace("+00:00", "Z")
        (under_way,) = told["delivery"]["not_seen"]
        assert (under_way["id"], under_way["first"], under_way["last"]) == (sent, said, said)
        assert (under_way["state"], under_way["error"]) == ("待发送", "")
        assert under_way["next_try_at"] is not None

        await changed(office, conversation, WechatMessage, WechatMessage.id == sent, state="已发送")
        assert (await socket.until("delivery", about(conversation)))["delivery"]["not_seen"] == []
        # Told again without anything new, nothing is told; what comes next is the next thing that happened.
        await changed(office, conversation, WechatContact, mine, allowance=2)
        failed = await message(office, said, state="未送达", error=GONE)
        await changed(office, conversation, WechatContact, mine, left_at=now())
        line = await socket.until("conversation", lambda f: f["conversation"]["undelivered"] == 1)
        assert line["conversation"]["id"] == conversation
        told = await socket.until("delivery", about(conversation))
        assert told["delivery"]["gone"] is True
        assert (told["delivery"]["left"], told["delivery"]["until"]) == (0, None)
        assert [(one["id"], one["error"]) for one in told["delivery"]["not_seen"]] == [(failed, GONE)]
        assert not any(frame["type"] == "resync" for frame in socket.heard[2:])

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
    await changed(
        office, conversation, WechatMessage, WechatMessage.id == failed, created_at=now() - timedelta(days=8)
    )
    await message(office, said, state="等市民来信")
    await changed(office, conversation, WechatContact, mine, left_at=None, allowance=5, allowance_until=until)
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
