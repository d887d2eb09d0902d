"""What citizens and operators of an account rely on."""

from __future__ import annotations

import asyncio
import time

import pytest

from hotline.channels.wechat.delivery import delivery_of
from hotline.conversations.engine import EngineAnswer, Turn
from tests.wechat.conftest import Start
from tests.wechat.phone import AES_KEY, UNAVAILABLE

SEND = "/cgi-bin/message/custom/send"


async def test_the_platform_finds_us_and_strangers_do_not(start: Start) -> None:
    account = await start()
    client, phone = account.service.client, account.phone()
    from wechatpy.utils import WeChatSigner

    signer = WeChatSigner()
    signer.add_data("hotline12345token", "1700000000", "nonce")
    query = {"timestamp": "1700000000", "nonce": "nonce", "echostr": "5823447", "signature": signer.signature}
    answer = await client.get("/wechat", params=query)
    assert (answer.status_code, answer.text) == (200, "5823447")
    assert (await client.get("/wechat", params=query | {"signature": "0" * 40})).status_code == 403
    xml = phone.xml("text", Content="你好")
    assert (await account.wire.post(xml, msg_signature="0" * 40)).status_code == 403
    assert (await account.wire.post(xml, timestamp=str(int(time.time()) - 900))).status_code == 403
    account.wire.aes_key = "B" * 43
    assert (await account.wire.post(xml)).status_code == 403
    assert account.service.engine.calls == []


@pytest.mark.parametrize("mode", ["plain", "compatible", "safe"])
async def test_a_question_is_answered_in_the_reply_in_every_mode(start: Start, mode: str) -> None:
    account = await start(mode=mode)
    phone = account.phone()
    said = "社保卡 ]]> <b>丢了</b> 怎么补😀"
    assert await phone.write(said) == f"答：{said}"
    assert account.platform.calls[SEND] == 0


async def test_a_signed_request_is_good_for_one_body_only(start: Start) -> None:
    account = await start(mode="plain")
    phone = account.phone()
    fixed = {"timestamp": str(int(time.time())), "nonce": "n1"}
    from wechatpy.utils import WeChatSigner

    signer = WeChatSigner()
    signer.add_data("hotline12345token", fixed["timestamp"], "n1")
    fixed["signature"] = signer.signature
    assert (await account.wire.post(phone.xml("text", Content="真的"), **fixed)).status_code == 200
    assert (await account.wire.post(phone.xml("text", Content="假的"), **fixed)).status_code == 403
    assert [turn.text for turn in account.service.engine.calls] == ["真的"]


async def test_a_key_that_was_changed_is_good_for_a_while(start: Start) -> None:
    account = await start(aes_keys=("Z" * 42 + "A", AES_KEY))
    assert (await account.wire.post(account.phone().xml("text", Content="你好"))).status_code == 200


async def test_copies_of_one_push_to_several_workers_are_one_question(start: Start) -> None:
    account = await start(workers=2)
    phone = account.phone()
    await phone.push("text", Content="要多久", copies=4)
    await phone.push("event", Event="CLICK", EventKey="say:查进度", copies=3)
    assert phone.seen[0] == "答：要多久"
    ran = [item for service in account.services for item in service.engine.ran]
    assert len(ran) == len(set(ran)) == 1


async def test_a_slow_answer_comes_as_a_message_and_once(start: Start) -> None:
    account = await start(wait_seconds=0.4)
    phone = account.phone()
    account.service.engine.held = None
    assert await phone.write("慢慢想") is None
    await account.service.engine.release()
    await account.see(lambda: phone.seen)
    assert phone.seen == ["答：慢慢想"]
    await asyncio.sleep(0.3)
    assert phone.seen == ["答：慢慢想"]


async def test_long_answers_are_parted_at_sentences_and_nothing_is_lost(start: Start) -> None:
    account = await start()
    phone = account.phone()
    sentence = "办理社会保障卡补卡要带身份证到网点，也可以在网上申请。"
    account.service.engine.script = lambda turn: EngineAnswer([{"text": sentence * 60}], {})
    first = await phone.write("怎么补卡")
    assert first is not None
    await account.see(lambda: "".join(phone.seen) == sentence * 60)
    assert all(len(part.encode()) <= 2048 and part.endswith("。") for part in phone.seen)


def _choice(turn: Turn) -> EngineAnswer:
    if turn.command:
        return EngineAnswer([{"text": f"选了 {turn.command}"}], {})
    buttons = [{"title": "要带什么", "payload": "/a"}, {"title": "去哪里办", "payload": "/b"}]
    return EngineAnswer([{"text": "您想问哪一样？", "buttons": buttons}], {})


async def test_choices_are_numbered_and_a_number_or_the_words_choose(start: Start) -> None:
    account = await start()
    account.service.engine.script = _choice
    phone = account.phone()
    asked = await phone.write("社保卡")
    assert asked is not None
    assert "【1】要带什么" in asked
    assert "【2】去哪里办" in asked
    assert await phone.write("2") == "选了 /b"
    await phone.write("社保卡")
    assert await phone.write("要带什么", bizmsgmenuid="1") == "选了 /a"


async def test_what_may_not_be_sent_any_more_comes_with_the_next_answer(start: Start) -> None:
    account = await start()
    phone = account.phone()
    await phone.write("你好")
    conversations = account.service.app.state.conversations
    contact = account.service.app.state.wechat.wechat
    conversation = await contact.conversation_of(phone.openid)
    for number in range(7):
        async with account.service.app.state.database.transaction() as session:
            await conversations.tell(session, conversation, f"通知{number}", {})
        await account.see(lambda n=number: len(phone.seen) == min(n + 2, 6))
    assert phone.seen[1:] == [f"通知{number}" for number in range(5)]
    answer = await phone.write("还在吗")
    assert answer == "通知5\n\n通知6\n\n答：还在吗"
    assert account.platform.citizen(phone.openid).messages == 5


async def test_a_token_that_is_over_is_renewed_once_for_all_workers(start: Start) -> None:
    account = await start(workers=3, wait_seconds=0.2)
    phones = [account.phone() for _ in range(12)]
    for service in account.services:
        service.engine.held = None
    await asyncio.gather(*(phone.write("慢") for phone in phones))
    account.platform.expire_tokens()
    for service in account.services:
        await service.engine.release()
    await account.see(lambda: all(phone.seen == ["答：慢"] for phone in phones))
    assert account.platform.calls["/cgi-bin/stable_token"] <= 2


async def test_a_token_that_is_never_good_ends_in_an_alarm_and_not_in_a_storm(start: Start) -> None:
    account = await start(wait_seconds=0.2)
    account.platform.always[SEND] = 40001
    account.service.engine.held = None
    phone = account.phone()
    await phone.write("慢")
    await account.service.engine.release()
    await account.see(lambda: account.platform.calls[SEND] >= 3)
    await asyncio.sleep(1)
    assert account.platform.calls[SEND] < 8
    assert account.platform.calls["/cgi-bin/stable_token"] < 4


async def test_after_leaving_nothing_is_sent_and_it_is_seen(start: Start) -> None:
    account = await start()
    phone = account.phone()
    await phone.write("你好")
    assert await phone.event("unsubscribe") is None
    conversation = await account.service.app.state.wechat.wechat.conversation_of(phone.openid)
    async with account.service.app.state.database.transaction() as session:
        await account.service.app.state.conversations.tell(session, conversation, "办好了", {})

    async def states() -> list[str]:
        async with account.service.app.state.database.transaction() as session:
            found = await delivery_of(session, conversation)
            assert found is not None
            assert found.gone
            return [message.state for message in found.not_seen]

    await account.see_async(states, lambda found: found == ["未送达"])
    assert account.platform.calls[SEND] == 0


async def test_a_photograph_is_kept_and_a_voice_is_asked_to_be_typed(start: Start) -> None:
    account = await start()
    phone = account.phone()
    import io

    from PIL import Image

    content = io.BytesIO()
    Image.new("RGB", (60, 40), "#888").save(content, "JPEG")
    account.platform.media["m1"] = content.getvalue()
    answer = await phone.push("image", MediaId="m1", PicUrl="http://127.0.0.1/x")
    assert answer is not None
    assert "照片" in answer
    answer = await phone.push("voice", MediaId="v", Format="amr")
    assert answer is not None
    assert "打字" in answer
    assert await phone.push("voice", MediaId="v", Format="amr", Recognition="路灯坏了") == "答：路灯坏了"


async def test_subscribing_scanning_and_pressing_open_the_right_topic(start: Start) -> None:
    account = await start(
        scenes={"win1": {"name": "医保窗口", "say": "看病医保"}},
        menu=[{"name": "咨询", "lines": [{"name": "查进度", "say": "查进度"}]}],
    )
    phone = account.phone()
    welcome = await phone.event("subscribe")
    assert welcome is not None
    assert "看病医保" in welcome
    assert "110" in welcome
    other = account.phone()
    scene = await other.event("subscribe", EventKey="qrscene_win1", Ticket="t")
    assert scene is not None
    assert account.service.engine.calls[-1].command == '/ask_matter{"area":"medical"}'
    await phone.event("CLICK", EventKey="say:查进度")
    assert account.service.engine.calls[-1].command == "/track_order"


async def test_nobody_is_told_that_the_account_is_out_of_service(start: Start) -> None:
    account = await start(wait_seconds=0.3)
    phone = account.phone()
    account.service.engine.away = True
    assert UNAVAILABLE not in (await phone.write("有人吗") or "")
