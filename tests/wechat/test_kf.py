"""What citizens, agents and operators of a 客服 account rely on."""

from __future__ import annotations

import asyncio
import io
import os
import sys
import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
import yaml
from PIL import Image
from sqlalchemy import update

from hotline.channels.wechat.account import SetupError, load_kf
from hotline.channels.wechat.forgetting import left
from hotline.channels.wechat.models import WechatContact, WechatCursor
from hotline.conversations.engine import EngineAnswer, Turn
from hotline.conversations.models import Message
from hotline.database import now
from tests.desk.conftest import HANDOFF, key
from tests.wechat.kf_house import Begin, House, begin, until
from tests.wechat.kf_platform import OURS, OVER, THERE, WAITING, KfPhone
from tests.wechat.phone import Phone

__all__ = ["begin"]

SEND = "/cgi-bin/kf/send_msg"
TRANS = "/cgi-bin/kf/service_state/trans"


async def test_the_platform_finds_us_strangers_do_not_and_a_question_is_answered(begin: Begin) -> None:
    house = await begin()
    platform, phone = house.platform, house.platform.phone()
    answer = await platform.verify("5823447 你好")
    assert (answer.status_code, answer.text) == (200, "5823447 你好")
    assert (await platform.verify("5823447", corp_id="ww_somebody_else")).status_code == 403
    assert (await platform.post("<xml/>", msg_signature="0" * 40)).status_code == 403
    assert (await platform.post("<xml/>", timestamp="1700000000")).status_code == 403
    other = "<xml><Event><![CDATA[change_contact]]></Event></xml>"
    assert (await platform.post(other)).text == "success"
    # The 公众号 is not connected: its door is shut.
    assert (await house.service.client.get("/wechat", params={"x": "1"})).status_code == 404

    await phone.write("社保卡 ]]> <b>丢了</b> 怎么补😀")
    await until(lambda: phone.seen == ["答：社保卡 ]]> <b>丢了</b> 怎么补😀"])
    assert phone.citizen.state == OURS
    assert phone.citizen.moved == [OURS]
    await phone.write("还有呢")
    await until(lambda: len(phone.seen) == 2)
    # The state of a session that is known to be ours is not asked for again.
    assert platform.calls["/cgi-bin/kf/service_state/get"] == 1


async def test_whatever_is_called_pulled_or_lost_twice_is_taken_and_answered_once(begin: Begin) -> None:
    house = await begin(workers=2, poll_seconds=1)
    platform, phones = house.platform, [house.platform.phone() for _ in range(8)]
    platform.copies, platform.page = 3, 4
    # Also when an answer is lost after the platform has taken the message.
    platform.faults[SEND] = ["lost", "500", -1, 42001]
    platform.faults["/cgi-bin/kf/sync_msg"] = ["lost", "500"]
    await asyncio.gather(*(phone.write(f"问{n}") for n, phone in enumerate(phones)))
    await until(lambda: all(phone.seen for phone in phones), 20)
    await asyncio.sleep(1.5)
    assert [phone.seen for phone in phones] == [[f"答：问{n}"] for n in range(8)]
    ran = [item for service in house.services for item in service.engine.ran]
    assert len(ran) == len(set(ran)) == 8

    # A callback that never came is made up for; the place is kept, and a page that comes again does nothing.
    platform.lost_callbacks = True
    await phones[0].write("没有回调")
    await until(lambda: phones[0].seen[-1:] == ["答：没有回调"])
    blind = platform.blind_pulls
    async with house.database.transaction() as session:
        await session.execute(update(WechatCursor).values(value="c1"))
    third = await house.another()
    await until(lambda: platform.blind_pulls > blind)
    await phones[1].write("接着问")
    await until(lambda: phones[1].seen[-1:] == ["答：接着问"])
    assert [len(await house.lines(phone)) for phone in phones[2:4]] == [3, 3]
    assert len({*ran, *third.engine.ran}) == 8 + len(third.engine.ran)


def _choice(turn: Turn) -> EngineAnswer:
    if turn.command:
        return EngineAnswer([{"text": f"选了 {turn.command}"}], {})
    buttons = [{"title": "要带什么", "payload": "/a"}, {"title": "去哪里办", "payload": "/b"}]
    return EngineAnswer([{"text": "您想问哪一样？", "buttons": buttons}], {})


async def test_who_opens_the_chat_is_welcomed_once_and_all_kinds_of_messages_are_understood(
    begin: Begin,
) -> None:
    house = await begin(scenes={"win1": {"name": "医保窗口", "say": "看病医保"}})
    platform, engine = house.platform, house.service.engine
    engine.script = _choice
    phone = platform.phone()
    await phone.enter()
    await until(lambda: phone.seen)
    assert "110" in phone.seen[0]
    await phone.enter()
    await phone.tap("查进度")
    await until(lambda: len(phone.seen) == 2)
    assert phone.seen[1] == "选了 /track_order"

    await phone.write("社保卡")
    await until(lambda: len(phone.seen) == 3)
    assert phone.citizen.tiles == ["要带什么", "去哪里办"]
    await phone.tap("去哪里办")
    await until(lambda: phone.seen[-1] == "选了 /b")

    content = io.BytesIO()
    Image.new("RGB", (60, 40), "#888").save(content, "JPEG")
    platform.media["m1"] = content.getvalue()
    await phone.send("image", media_id="m1")
    await until(lambda: "照片" in phone.seen[-1])
    await phone.send("voice", media_id="v")
    await until(lambda: "打字" in phone.seen[-1])
    await phone.send("miniprogram", title="x", appid="y")
    await until(lambda: "打不开" in phone.seen[-1])
    await phone.send("location", latitude=27.83, longitude=113.13, name="神农城", address="株洲市天元区")
    lines = await until(lambda: _with(house, phone, lambda line: "place" in line.content))
    assert lines[0].text == "神农城（株洲市天元区）"
    assert lines[0].content["place"]["datum"] == "GCJ-02"

    # By a link of a scene, the welcome brings its topic.
    other = platform.phone()
    await other.enter(scene="win1")
    await until(lambda: other.seen)
    assert engine.calls[-1].command == '/ask_matter{"area":"medical"}'
    assert other.seen[0].endswith('选了 /ask_matter{"area":"medical"}')
    assert "110" in other.seen[0]
    await asyncio.sleep(0.5)
    assert len(other.seen) == 1


async def _with(house: House, phone: KfPhone, fits: Callable[[Message], bool]) -> list[Message]:
    return [line for line in await house.lines(phone) if fits(line)]


def _hands_over(turn: Turn) -> EngineAnswer:
    if "人工" in turn.text:
        return EngineAnswer([HANDOFF], {"intent": "human_agent"})
    return EngineAnswer([{"text": f"答：{turn.text}"}], {})


async def test_our_agent_answers_from_the_console_and_the_session_stays_ours(begin: Begin) -> None:
    house = await begin()
    house.service.engine.script = _hands_over
    phone = house.platform.phone()
    agent = await house.office().agent("1203")
    await phone.write("转人工")
    await until(lambda: any("第一位" in text for text in phone.seen))
    conversation = str((await house.conversation(phone)).id)
    await agent.done(conversation, "claim")
    await agent.done(conversation, "messages", text="您好，请讲", client_id=key())
    await until(lambda: "【坐席 1203】您好，请讲" in "\n".join(phone.seen))
    recalled = await phone.send("text", content="我的身份证是 430203199001011234")
    await until(lambda: _with(house, phone, lambda line: "430203" in line.text))
    house.platform.add_event("user_recall_msg", phone.openid, recall_msgid=recalled)
    await house.platform.call_back()
    await until(lambda: _with(house, phone, lambda line: line.text == "市民撤回了一条消息。"))
    shown = await agent.transcript(conversation)
    assert "（市民撤回了这条消息）" in [line["text"] for line in shown["messages"]]
    assert "撤回了一条" not in "".join(phone.seen)
    draft = await agent.get(f"/conversations/{conversation}/order-draft")
    assert "身份证" not in str(draft)
    await agent.done(conversation, "close", text="")
    await until(lambda: "这次人工服务就到这里" in phone.seen[-1])
    await phone.write("谢谢")
    await until(lambda: phone.seen[-1] == "答：谢谢")
    assert (phone.citizen.state, phone.citizen.moved) == (OURS, [OURS])


async def test_while_somebody_in_wecom_has_the_session_the_bot_is_silent_and_agents_see_why(
    begin: Begin,
) -> None:
    house = await begin(seats_of={"zhangsan": 1203})
    platform, phone = house.platform, house.platform.phone()
    agent = await house.office().agent("1203")
    await phone.write("你好")
    await until(lambda: phone.seen == ["答：你好"])
    platform.servicer_takes(phone.openid, "zhangsan")
    platform.servicer_writes(phone.openid, "zhangsan", "我是张三，您说")
    await phone.write("路灯坏了")
    await until(lambda: _with(house, phone, lambda line: line.text == "路灯坏了"))
    await until(lambda: _with(house, phone, lambda line: line.author == "agent"))

    conversation = await house.conversation(phone)
    assert (conversation.mode, conversation.agent, conversation.elsewhere) == (
        "human",
        "1203",
        "企业微信客服",
    )
    shown = await agent.transcript(str(conversation.id))
    assert shown["conversation"]["elsewhere"] == "企业微信客服"
    assert shown["may"] == ["note", "reveal"]
    assert shown["delivery"]["held"] is True
    for what, body in (
        ("take-over", {}),
        ("messages", {"text": "我来", "client_id": key()}),
        ("close", {"text": ""}),
    ):
        refused = await agent.act(str(conversation.id), what, **body)
        assert refused.status_code == 409
        assert "企业微信客服" in refused.json()["error"]["message"]
    # It is not one of those that the agent has in hand here.
    await agent.be("offline")

    await house.tell(phone, "您的工单办好了")
    await until(lambda: _kept(house, phone, "企业微信"))
    assert phone.seen == ["答：你好", "我是张三，您说"]

    platform.servicer_ends(phone.openid)
    await platform.call_back()
    await until(lambda: _mode(house, phone, "bot"))
    await until(lambda: "智能助手继续为您服务" in phone.seen[-1])
    await phone.write("再问一句")
    await until(lambda: phone.seen[-1] == "答：再问一句")
    told = [text for text in phone.seen if "智能助手继续" in text or "工单办好了" in text]
    assert len(told) == 2
    lines = await house.lines(phone)
    assert [line.agent for line in lines if line.author == "agent"] == ["1203"]
    assert [turn.text for turn in house.service.engine.calls] == ["你好", "再问一句"]


async def _mode(house: House, phone: KfPhone, mode: str) -> bool:
    async with house.database.transaction() as session:
        contact = await session.get(WechatContact, phone.openid)
        return contact is not None and (await house.conversation(phone)).mode == mode


async def _kept(house: House, phone: KfPhone, words: str) -> bool:
    return any(state == "等市民来信" and words in error for state, error in await house.not_seen(phone))


async def test_a_session_that_the_platform_gave_to_somebody_is_noticed_when_we_write(begin: Begin) -> None:
    house = await begin()
    phone = house.platform.phone()
    phone.citizen.servicer, phone.citizen.state = "lisi", THERE  # by a rule of theirs: no event tells
    await phone.write("有人吗")
    await until(lambda: _mode(house, phone, "human"))
    conversation = await house.conversation(phone)
    assert (conversation.agent, conversation.elsewhere) == ("企微", "企业微信客服")
    assert house.service.engine.calls == []
    # It ends unseen as well; the next message finds that out.
    phone.citizen.servicer, phone.citizen.state = "", OVER
    await phone.write("还有人吗")
    await until(lambda: phone.seen == ["答：还有人吗"])

    # Nobody leaves such an account: who has been silent for long is not kept either, once the words are forgotten.
    async with house.database.transaction() as session:
        assert await left(session) == []
        long_ago = now() - timedelta(days=90)
        await session.execute(update(WechatContact).values(created_at=long_ago, allowance_until=long_ago))
        assert await left(session) == [conversation.id]


async def test_with_seats_in_wecom_who_wants_a_person_waits_there(begin: Begin) -> None:
    house = await begin(workers=2, seats="wecom")
    for service in house.services:
        service.engine.script = _hands_over
    platform = house.platform
    phone = platform.phone()
    await phone.write("转人工")
    await until(lambda: phone.citizen.state == WAITING)
    assert any("帮您转人工" in text for text in phone.seen)
    assert phone.citizen.moved == [OURS, WAITING]
    agent = await house.office().agent("1203")
    conversation = str((await house.conversation(phone)).id)
    assert (await agent.get())["queue"] == []
    refused = await agent.act(conversation, "claim")
    assert (refused.status_code, "排队" in refused.json()["error"]["message"]) == (409, True)
    # What cannot wait is said all the same, by the code of the queue.
    await phone.write("家里着火了")
    await until(lambda: any("119" in text for text in phone.seen))

    platform.servicer_takes(phone.openid, "lisi")
    platform.servicer_writes(phone.openid, "lisi", "我来帮您")
    await platform.call_back()
    await until(lambda: _mode(house, phone, "human"))
    platform.servicer_ends(phone.openid)
    await platform.call_back()
    await until(lambda: _mode(house, phone, "bot"))

    # Who waits no longer leaves the queue there as well, as far as that is possible: the session ends.
    other = platform.phone()
    platform.faults[TRANS] = [-1, -1]  # making it ours; the first way to the queue
    await other.write("转人工")
    await until(lambda: other.citizen.state == WAITING, 20)
    await other.write("不等了")
    await until(lambda: other.citizen.state == OVER)
    await until(lambda: "已经不排队了" in other.seen[-1])
    await other.write("社保卡")
    await until(lambda: other.seen[-1] == "答：社保卡")
    assert other.citizen.moved == [WAITING, OVER, OURS]


async def test_what_does_not_arrive_is_seen_and_comes_with_the_next_message(begin: Begin) -> None:
    house = await begin()
    platform, phone = house.platform, house.platform.phone()
    await phone.write("你好")
    await until(lambda: phone.seen == ["答：你好"])
    for number in range(6):
        await house.tell(phone, f"通知{number}")
        await until(lambda n=number: len(phone.seen) == min(n + 2, 5))
    await until(lambda: _states(house, phone, {"等市民来信"}))
    newest = next(reversed(platform.sent))
    platform.add_event("msg_send_fail", phone.openid, fail_msgid=newest, fail_type=10)
    await platform.call_back()
    await until(lambda: _states(house, phone, {"未送达", "等市民来信"}))
    assert (await house.not_seen(phone))[0][1] == "市民拒收（10）"
    # The platform counts otherwise than we do.
    await asyncio.sleep(1)
    platform.always[SEND] = 95001
    await phone.write("在吗")
    await until(lambda: _states(house, phone, {"等市民来信"}))
    del platform.always[SEND]
    await asyncio.sleep(1)
    await phone.write("还在吗")
    await until(lambda: phone.seen[-1] == "答：还在吗")
    assert phone.seen[5:] == ["通知3\n\n通知4\n\n通知5\n\n答：在吗", "答：还在吗"]
    assert await house.not_seen(phone) == []


async def _states(house: House, phone: KfPhone, wanted: set[str]) -> bool:
    return {state for state, _ in await house.not_seen(phone)} == wanted


async def test_both_kinds_of_account_serve_side_by_side(begin: Begin) -> None:
    house = await begin(both=True)
    assert house.official is not None

    at_official, at_kf = Phone(house.official), house.platform.phone()
    assert await at_official.write("你好") == "答：你好"
    await at_kf.write("您好")
    await until(lambda: at_kf.seen == ["答：您好"])
    contact = house.service.app.state.wechat.wechat
    one = await contact.conversation_of(at_official.openid)
    assert isinstance(one, uuid.UUID)
    async with house.database.transaction() as session:
        await house.service.app.state.conversations.tell(session, one, "到公众号", {})
    await house.tell(at_kf, "到客服")
    await until(lambda: at_official.seen[-1] == "到公众号" and at_kf.seen[-1] == "到客服")


async def test_operators_are_told_in_words_what_is_wrong_with_the_connection(begin: Begin) -> None:
    house = await begin()
    assert await _check(house) == (0, "微信客服：连接正常；客服账号“株洲 12345”。")
    path = house.settings.var_dir / "secrets" / "wechat.yml"
    secrets = yaml.safe_load(path.read_text(encoding="utf-8"))
    secrets["kf"]["secret"] = "wrong"
    path.write_text(yaml.safe_dump(secrets), encoding="utf-8")
    house.platform.token = ""  # the one that is kept is over
    assert await _check(house) == (1, "微信客服：微信客服的 secret 不对（40001）")

    def wrong() -> str:
        with pytest.raises(SetupError) as caught:
            load_kf(house.settings)
        return str(caught.value)

    path.write_text("kf: {secret: s, token: t12345}", encoding="utf-8")
    assert "kf 下面要写 aes_key（企业微信后台上的 EncodingAESKey）" in wrong()
    path.write_text("app_secret: s", encoding="utf-8")
    assert "里要写 kf" in wrong()
    path.chmod(0o644)
    assert "chmod 600" in wrong()
    wechat = house.settings.city_dir / "wechat.yml"
    wechat.write_text("kf: {corp_id: ww1, seats: nobody}", encoding="utf-8")
    assert "wechat.yml 里这几处不对" in wrong()
    wechat.write_text("kf: {corp_id: ww1}", encoding="utf-8")
    assert "要写就都写" in wrong()
    wechat.write_text("{}", encoding="utf-8")
    assert load_kf(house.settings) is None


async def _check(house: House) -> tuple[int, str]:
    """``hotline wechat check``."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "hotline.cli", "wechat", "check"),
        env=os.environ
        | {
            "HOTLINE_DATABASE_URL": house.settings.database_url,
            "HOTLINE_DATA_DIR": str(house.settings.data_dir),
            "HOTLINE_VAR_DIR": str(house.settings.var_dir),
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    # What is logged stands before what is said.
    return process.returncode or 0, said.decode().strip().splitlines()[-1]
