"""Whatever goes wrong at the platform or on the way: everything said arrives, once, or is seen not to."""

from __future__ import annotations

import asyncio
import time
import uuid
from datetime import timedelta

import pytest
from sqlalchemy import update

from hotline.channels.wechat.delivery import delivery_of
from hotline.channels.wechat.models import WechatContact, WechatMessage
from hotline.conversations.engine import EngineAnswer, Turn
from hotline.database import now
from tests.wechat.conftest import Account, Start
from tests.wechat.phone import AES_KEY, TOKEN, UNAVAILABLE, Phone
from tests.wechat.platform import APP_ID

SEND = "/cgi-bin/message/custom/send"
TOKENS = "/cgi-bin/stable_token"


async def _conversation(account: Account, phone: Phone) -> uuid.UUID:
    found = await account.service.app.state.wechat.wechat.conversation_of(phone.openid)
    assert isinstance(found, uuid.UUID)
    return found


async def _tell(account: Account, phone: Phone, words: str) -> None:
    """Somebody at the hotline says something."""
    conversation = await _conversation(account, phone)
    async with account.service.app.state.database.transaction() as session:
        await account.service.app.state.conversations.tell(session, conversation, words, {})


async def _not_seen(account: Account, phone: Phone) -> list[WechatMessage]:
    conversation = await _conversation(account, phone)
    async with account.service.app.state.database.transaction() as session:
        found = await delivery_of(session, conversation)
        assert found is not None
        return list(found.not_seen)


async def _change(account: Account, statement: object) -> None:
    async with account.service.app.state.database.transaction() as session:
        await session.execute(statement)


async def test_what_passes_by_itself_delays_a_message_and_does_not_double_it(start: Start) -> None:
    account = await start()
    phones = {fault: account.phone() for fault in (-1, "500", "cut", 40001, 42001, 40014)}
    for fault, phone in phones.items():
        await phone.write("你好")
        account.platform.faults[SEND] = [fault]
        await _tell(account, phone, "办好了")
        await account.see(lambda: not account.platform.faults[SEND])
    await account.see(lambda: all(phone.seen[1:] for phone in phones.values()))
    await asyncio.sleep(1.2)
    for phone in phones.values():
        assert phone.seen[1:] == ["办好了"]
        assert not await _not_seen(account, phone)
    assert account.platform.calls[TOKENS] <= 4


async def test_tries_that_fail_use_up_nothing(start: Start) -> None:
    account = await start()
    phone = account.phone()
    await phone.write("你好")
    account.platform.faults[SEND] = [-1, "500", -1, 45011, -1, 40164]
    await _tell(account, phone, "办好了")
    for tries in range(1, 7):
        await account.see(lambda n=tries: account.platform.calls[SEND] == n)
        await asyncio.sleep(0.2)  # until the try is noted
        await _change(account, update(WechatMessage).values(next_try_at=now()))
    await account.see(lambda: phone.seen[1:] == ["办好了"])
    conversation = await _conversation(account, phone)
    async with account.service.app.state.database.transaction() as session:
        found = await delivery_of(session, conversation)
        assert found is not None
        assert found.left == account.platform.citizen(phone.openid).messages == 4


async def test_a_platform_that_is_slow_or_loses_a_call_gets_it_again_when_it_must(start: Start) -> None:
    account = await start()
    phones = [account.phone() for _ in range(2)]
    for phone in phones:
        await phone.write("你好")
    account.platform.faults[SEND] = ["slow", "hang"]
    for phone in phones:
        await _tell(account, phone, "办好了")
    await account.see(lambda: account.platform.calls[SEND] == 2)
    # Eight seconds are waited for an answer; meanwhile the citizens can write, and no answer overtakes what is on its way.
    await phones[0].write("还在吗")
    await account.see(lambda: all("办好了" in "".join(phone.seen) for phone in phones), seconds=20)
    await account.see(lambda: len(phones[0].seen) == 3)
    assert phones[0].seen == ["答：你好", "办好了", "答：还在吗"]
    assert phones[1].seen == ["答：你好", "办好了"]


@pytest.mark.parametrize(("code", "words"), [(45009, "次数用完"), (45011, "次数用完"), (40164, "白名单")])
async def test_used_up_calls_and_wrong_settings_wait_and_are_seen(
    start: Start, code: int, words: str
) -> None:
    account = await start()
    phone = account.phone()
    await phone.write("你好")
    account.platform.always[SEND] = code
    await _tell(account, phone, "办好了")

    async def waiting() -> list[WechatMessage]:
        return [message for message in await _not_seen(account, phone) if message.error]

    (message,) = await account.see_async(waiting, lambda found: found)
    assert words in message.error
    assert message.state == "待发送"
    assert message.next_try_at > now() + timedelta(seconds=30)
    assert account.platform.calls[SEND] == 1
    account.platform.always.clear()
    await _change(account, update(WechatMessage).values(next_try_at=now()))
    await account.see(lambda: phone.seen[1:] == ["办好了"])


async def test_what_was_given_up_comes_with_the_next_answer(start: Start) -> None:
    account = await start()
    phone = account.phone()
    await phone.write("你好")
    account.platform.always[SEND] = 43101
    await _tell(account, phone, "办好了")
    await account.see_async(
        lambda: _not_seen(account, phone), lambda found: [m.state for m in found] == ["未送达"]
    )
    assert await phone.write("办得怎么样了") == "办好了\n\n答：办得怎么样了"
    assert not await _not_seen(account, phone)


async def test_pushes_for_another_account_or_with_a_broken_body_are_refused(start: Start) -> None:
    account = await start()
    phone = account.phone()
    xml = phone.xml("text", Content="你好")
    account.wire.app_id = "wxffffffffffffffff"
    assert (await account.wire.post(xml)).status_code == 403
    account.wire.app_id = APP_ID
    stranger = xml.replace("gh_0123456789ab", "gh_ffffffffffff")
    assert (await account.wire.post(stranger)).status_code == 403
    bomb = '<!DOCTYPE x [<!ENTITY a "b">]>' + xml.replace("你好", "&a;")
    for broken in ("", "<xml>", "没有标记", bomb, "<xml><MsgType>text</MsgType></xml>"):
        answer = await account.wire.post(broken)
        assert answer.status_code == 200
        assert answer.text == "success"
    assert account.service.engine.calls == []
    assert await phone.write("你好") == "答：你好"


async def test_a_platform_that_counts_stricter_gets_shorter_parts(start: Start) -> None:
    account = await start()
    phone = account.phone()
    await phone.write("你好")
    sentence = "补卡要带身份证到网点办，也可以在网上申请。"
    account.platform.faults[SEND] = [45002]
    await _tell(account, phone, sentence * 20)
    await account.see(lambda: "".join(phone.seen[1:]) == sentence * 20)
    assert len(phone.seen[1:]) == 2


async def test_two_citizens_at_once_get_each_their_own(start: Start) -> None:
    account = await start(workers=2, wait_seconds=0.5)
    phones = [account.phone() for _ in range(2)]
    for turn in range(4):
        await asyncio.gather(*(phone.write(f"{place}问{turn}") for place, phone in enumerate(phones)))
    for place, phone in enumerate(phones):
        await account.see(lambda p=phone: len(p.seen) == 4)
        assert phone.seen == [f"答：{place}问{turn}" for turn in range(4)]


async def test_a_tap_is_answered_and_opens_a_minute_only(start: Start) -> None:
    account = await start(choices="msgmenu", wait_seconds=0.3)

    def offer(turn: Turn) -> EngineAnswer:
        buttons = [{"title": "要带什么", "payload": "/a"}, {"title": "去哪里办", "payload": "/b"}]
        return EngineAnswer([{"text": f"答：{turn.text}", "buttons": [] if turn.command else buttons}], {})

    account.service.engine.script = offer
    account.service.engine.held = None
    phone = account.phone()
    assert await phone.write("社保卡") is None
    assert await account.see(lambda: phone.citizen.typing) == 1
    await account.service.engine.release()
    await account.see(lambda: phone.seen)
    assert phone.seen == ["答：社保卡\n[要带什么]\n[去哪里办]"]
    conversation = await _conversation(account, phone)
    over = update(WechatContact).values(allowance=0)
    await _change(account, over.where(WechatContact.conversation_id == conversation))
    account.platform.citizen(phone.openid).messages = 0
    assert await phone.write("去哪里办", bizmsgmenuid="2") == "答：去哪里办"
    for number in range(4):
        await _tell(account, phone, f"通知{number}")
        await account.see(lambda n=number: len(phone.seen) >= min(n + 3, 5))
    await account.see_async(
        lambda: _not_seen(account, phone), lambda found: [m.state for m in found] == ["等市民来信"]
    )
    assert phone.seen[2:] == ["通知0", "通知1", "通知2"]


async def test_a_choice_that_the_platform_does_not_take_comes_as_text(start: Start) -> None:
    account = await start(choices="msgmenu")
    phone = account.phone()
    await phone.write("你好")
    account.platform.faults[SEND] = [47001]
    conversation = await _conversation(account, phone)
    buttons = [{"title": "满意", "payload": "/a"}, {"title": "不满意", "payload": "/b"}]
    async with account.service.app.state.database.transaction() as session:
        await account.service.app.state.conversations.tell(
            session, conversation, "办得怎么样？", {"buttons": buttons}
        )
    await account.see(lambda: phone.seen[1:])
    assert "【1】满意\n【2】不满意" in phone.seen[1]


async def test_who_leaves_and_comes_back_hears_what_happened_meanwhile(start: Start) -> None:
    account = await start()
    phone = account.phone()
    await phone.write("你好")
    await phone.event("unsubscribe")
    await _tell(account, phone, "办好了")
    await account.see_async(
        lambda: _not_seen(account, phone), lambda found: [m.state for m in found] == ["未送达"]
    )
    account.platform.citizen(phone.openid).subscribed = True
    back = await phone.event("subscribe")
    assert back is not None
    assert back.startswith("办好了")


async def test_a_push_that_comes_late_or_from_a_wrong_clock_is_no_reason_for_silence(start: Start) -> None:
    account = await start()
    phone = account.phone()
    assert await phone.write("慢件", CreateTime=int(time.time()) - 200) == "答：慢件"
    assert await phone.write("快钟", CreateTime=int(time.time()) + 200) == "答：快钟"
    assert UNAVAILABLE not in phone.seen


def test_the_simulator_uses_other_peoples_crypto() -> None:
    from wechatpy.crypto import WeChatCrypto

    from hotline.channels.wechat.crypto import Crypt

    other = WeChatCrypto(TOKEN, AES_KEY, APP_ID)
    sealed = other.encrypt_message("<xml>你好😀</xml>", "n", "1")
    inside = sealed.split("<Encrypt><![CDATA[")[1].split("]]>")[0]
    assert Crypt([AES_KEY], APP_ID).open(inside) == "<xml>你好😀</xml>"
