"""The live socket: nothing is missed, each gets what is theirs, and other sites get nothing."""

from __future__ import annotations

import asyncio
import contextlib
import json
import uuid

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from hotline.database import now
from hotline.work_orders.effects.step import Actor
from hotline.work_orders.lifecycle import Role
from hotline.work_orders.service import Taken, WorkOrders
from tests.channels.conftest import running
from tests.desk.conftest import Console, Office, Socket, key
from tests.work_orders.conftest import draft


async def closed_with(connection: ClientConnection) -> int:
    """The code that the socket is closed with."""
    async with asyncio.timeout(15):
        await connection.wait_closed()
    assert connection.close_code is not None
    return connection.close_code


def of(conversation: str):  # type: ignore[no-untyped-def]
    """Whether a frame is about this conversation."""
    return lambda frame: conversation in (frame.get("conversation"), _id(frame.get("conversation")))


def _id(value: object) -> object:
    return value.get("id") if isinstance(value, dict) else None


async def test_all_consoles_hear_who_waits_who_takes_it_and_what_is_said(office: Office) -> None:
    agent, colleague = await office.agent("1024"), await office.agent("2048")
    async with agent.live() as mine, colleague.live() as other:
        citizen, conversation = await office.waiting("天元区泰山路的路灯坏了")
        line = await other.until(
            "conversation",
            lambda f: f["conversation"]["id"] == conversation and f["conversation"]["mode"] == "queued",
        )
        assert line["conversation"]["area"] == {"code": "430211", "name": "天元区"}
        assert (await other.until("queue"))["waiting"] == 1

        await agent.done(conversation, "claim")
        claimed = await other.until("claim")
        assert (claimed["conversation"], claimed["agent"], claimed["how"]) == (conversation, "1024", "claim")
        assert (await mine.until("presence", lambda f: f["agent"]["number"] == "1024"))["agent"]["load"] == 1

        await citizen.send("电话 13800138000")
        said = await mine.until("messages", lambda f: "138****8000" in f["messages"][-1]["text"])
        assert said["messages"][-1]["author"] == "citizen"
        await agent.done(conversation, "notes", client_id=key(), text="老住户")
        assert (await mine.until("note"))["note"]["text"] == "老住户"

    told = [frame["type"] for frame in other.heard if of(conversation)(frame)]
    assert "messages" not in told
    assert "note" not in told


async def test_who_watches_hears_the_words_and_what_was_understood_of_them(office: Office) -> None:
    trainee = await office.console("7", "跟班学习")
    citizen = await office.service.citizen()
    conversation = str(office.service.app.state.web.conversation(citizen.token))
    engine = office.service.engine
    engine.hold()  # the answer comes when the words have been heard
    async with trainee.live(watch=[conversation]) as socket:
        await citizen.send("楼下夜里施工")
        asked = await socket.until("messages", lambda f: f["messages"][-1]["author"] == "citizen")
        assert asked["messages"][-1]["evidence"] is None
        await engine.release()
        answered = await socket.until("messages", lambda f: f["messages"][-1]["author"] == "bot")

    again, answer = answered["messages"]
    assert (again["id"], again["evidence"]["intent"]) == (asked["messages"][-1]["id"], "complaint")
    assert answer["reply_to"] == again["id"]


async def test_a_socket_killed_in_the_middle_of_thirty_messages_loses_nothing(office: Office) -> None:
    agent = await office.agent("1024")
    citizen, conversation = await office.waiting()
    await agent.done(conversation, "claim")
    known: dict[int, str] = {}
    place: dict[str, object] = {}

    async def follow(enough: int) -> None:
        """Follow as the page does: by the place in the stream, and by message ids where that is not known."""
        async with agent.live(**place) as socket:
            while len(known) < enough:
                frame = socket.heard.pop() if socket.heard and socket.heard[-1]["type"] == "resync" else None
                frame = frame or await socket.next()
                if frame["type"] == "resync":
                    found = (await agent.transcript(conversation, after=max(known, default=0)))["messages"]
                    known.update({m["id"]: m["text"] for m in found})
                elif frame["type"] == "messages":
                    known.update({m["id"]: m["text"] for m in frame["messages"]})
                place.update(stream=socket.stream, after=socket.seq)
            socket.connection.transport.abort()

    before = len((await agent.transcript(conversation))["messages"])
    sending = asyncio.create_task(send(citizen, 30))
    await follow(before + 10)
    place_killed = dict(place)
    await follow(before + 30)
    await sending

    whole = (await agent.transcript(conversation))["messages"]
    assert known == {m["id"]: m["text"] for m in whole}
    assert place_killed["after"]


async def send(citizen, count: int) -> None:  # type: ignore[no-untyped-def]
    """Send so many messages, one after the other."""
    for number in range(count):
        assert (await citizen.send(f"第 {number} 句")).status_code == 202


async def test_who_comes_back_with_a_place_gets_what_was_missed_without_reading_anew(office: Office) -> None:
    agent = await office.agent("1024")
    state = await agent.get()
    _, conversation = await office.waiting()
    async with agent.live(stream=state["stream"], after=state["seq"]) as socket:
        line = await socket.until("conversation", of(conversation))

    assert line["conversation"]["mode"] in ("bot", "queued")
    assert "resync" not in [frame["type"] for frame in socket.heard]


async def test_writing_is_seen_on_both_sides(office: Office) -> None:
    agent = await office.agent("1024")
    citizen, conversation = await office.waiting()
    await agent.done(conversation, "claim")
    async with agent.live() as desk, citizen.socket(0) as widget:
        await widget.recv()
        await widget.send(json.dumps({"type": "typing"}))
        assert (await desk.until("typing"))["who"] == "citizen"

        await desk.say(type="typing", conversation=conversation, on=True)
        async with asyncio.timeout(15):
            while json.loads(await widget.recv()) != {"type": "typing", "on": True}:
                pass
        assert (await citizen.poll(0))["typing"] is True
        await agent.done(conversation, "typing", on=False)
        async with asyncio.timeout(15):
            while json.loads(await widget.recv()) != {"type": "typing", "on": False}:
                pass


async def test_an_emergency_is_alarmed_at_every_console_while_the_bot_talks(office: Office) -> None:
    agent = await office.agent("1024")
    async with agent.live() as socket:
        citizen = await office.service.citizen()
        await citizen.send("我家着火了，快来人")
        alarm = await socket.until("emergency")

    assert alarm["mode"] == "bot"
    assert "119" in alarm["numbers"]


async def test_two_processes_on_one_database_see_each_others_events(office: Office, tmp_path_factory) -> None:  # type: ignore[no-untyped-def]
    agent = await office.agent("1024")
    other = office.settings.model_copy(update={"var_dir": office.settings.var_dir})
    async with running(other) as second:
        elsewhere = await office.log_in("1024", at=second)
        async with elsewhere.live() as there, agent.live() as here:
            citizen, conversation = await office.waiting()
            await there.until("conversation", of(conversation))
            await elsewhere.done(conversation, "claim")
            assert (await here.until("claim"))["agent"] == "1024"
            await citizen.send("听得到吗")
            for socket in (here, there):
                said = await socket.until("messages", lambda f: f["messages"][-1]["text"] == "听得到吗")
                assert said["conversation"] == conversation
            await elsewhere.done(conversation, "messages", client_id=key(), text="听得到")
            await here.until("messages", lambda f: f["messages"][-1]["text"] == "听得到")
            assert [m["text"] for m in (await citizen.poll(0))["messages"]][-1] == "听得到"


async def test_who_waits_is_told_with_what_the_citizen_said(office: Office) -> None:
    agent = await office.agent("1024")
    async with agent.live() as socket:
        citizen, conversation = await office.waiting("天元区泰山路的路灯坏了")

        def waits(frame: dict[str, object]) -> bool:
            line = frame["conversation"]
            return isinstance(line, dict) and line["id"] == conversation and line["mode"] == "queued"

        line = (await socket.until("conversation", waits))["conversation"]
        assert line["last"]["text"] == "天元区泰山路的路灯坏了"
        assert (await agent.get())["queue"][0]["last"] == line["last"]
        await citizen.send("就在公交站旁边")
        line = (await socket.until("conversation", waits))["conversation"]
        assert line["last"]["text"] == "就在公交站旁边"
        await agent.done(conversation, "claim")
        assert (await agent.get())["mine"][0]["last"]["text"] == "就在公交站旁边"


async def test_orders_are_told_at_once_and_a_unit_hears_only_of_its_own(office: Office) -> None:
    agent = await office.agent("1024")
    ecology = await office.console("5", "承办单位", unit="ecology")
    health = await office.console("8", "承办单位", unit="health")
    admin = await office.console("9", "管理员")
    orders: WorkOrders = office.service.app.state.work_orders
    casework = orders.casework

    async def do(number: str, role: Role, action: str, **fields: object) -> None:
        actor = Actor(id="2001", role=role, unit="ecology" if role is Role.UNIT else None)
        await casework.do_act(number, actor, action, fields, request=key())

    async with agent.live() as desk, ecology.live() as own, health.live() as other, admin.live() as boss:
        place = {"stream": own.stream, "after": own.seq}
        citizen, conversation = await office.waiting("工地半夜打桩")
        order = await orders.do_create(draft(conversation_id=None, nature="投诉"))
        assert (await desk.until("order"))["number"] == order.number
        await do(order.number, Role.DISPATCHER, "受理", topic="0701")
        await do(order.number, Role.DISPATCHER, "派单", unit="ecology")
        assert (await own.until("order"))["number"] == order.number
        await do(order.number, Role.UNIT, "申请退单", reason="这件事不归我们管，应当由卫健部门办")
        await do(order.number, Role.DISPATCHER, "同意退单")
        await do(order.number, Role.DISPATCHER, "派单", unit="health")
        assert (await other.until("order"))["number"] == order.number
        # Whoever had it until now has heard that it left, and of nothing after that.
        await own.say(type="ping")
        await own.until("pong")
        heard = [frame["type"] for frame in own.heard]
        await citizen.send("还在吗")
        await desk.until("conversation", of(conversation))
        for socket in (other, boss):
            await socket.say(type="ping")
            await socket.until("pong")

    assert "order" not in [frame["type"] for frame in boss.heard]
    for socket in (own, other):
        assert {frame["type"] for frame in socket.heard} == {"welcome", "resync", "order", "pong"}
    assert heard.count("order") >= 3
    assert [frame["type"] for frame in other.heard].count("order") == 1
    # What is caught up with is held to the same.
    async with health.live(**place) as again:
        await again.say(type="ping")
        await again.until("pong")
        assert [frame["type"] for frame in again.heard].count("order") == 1


async def test_of_many_orders_at_once_it_is_told_once(office: Office) -> None:
    agent = await office.agent("1024")
    unit = await office.console("5", "承办单位", unit="ecology")
    orders: WorkOrders = office.service.app.state.work_orders
    async with agent.live() as desk, unit.live() as own:
        async with office.database.transaction() as session:
            taken = [
                Taken(draft=draft(id=f"d{n}", conversation_id=None), at=now(), number=f"20261101-{n:05d}")
                for n in range(30)
            ]
            await orders.insert_all(session, taken)
        assert (await desk.until("order"))["number"] is None
        await own.say(type="ping")
        await own.until("pong")
    assert "order" not in [frame["type"] for frame in own.heard]


async def test_who_was_with_a_person_before_the_service_began_anew_is_told_to_all(office: Office) -> None:
    agent, other = await office.agent("1024"), await office.agent("2048")
    _, conversation = await office.waiting()
    await agent.done(conversation, "claim")
    live = office.service.app.state.desk.live
    live._known.clear()  # as a process that has just begun
    async with other.live() as socket:
        await agent.done(conversation, "close")
        line = await socket.until("conversation", of(conversation))
    assert line["conversation"]["mode"] == "bot"


async def test_other_sites_strangers_and_editors_get_no_events(office: Office) -> None:
    agent = await office.agent("1024")
    editor = await office.console("6", "知识编辑")

    async def refused(console: Console, **options: object) -> int:
        async with console.bare(**options) as connection:  # type: ignore[arg-type]
            with contextlib.suppress(ConnectionClosed):  # it may be closed before anything is said
                await Socket(connection).say(type="hello")
            return await closed_with(connection)

    assert await refused(agent, origin="https://evil.example") == 4401
    assert await refused(agent, cookies=False) == 4401
    assert await refused(editor) == 4403
    for frame in ("x", json.dumps({"type": "ping"}), b"\x00"):
        async with agent.bare() as connection:
            await connection.send(frame)
            assert await closed_with(connection) == 1008


async def test_what_is_not_a_frame_ends_the_socket_and_nothing_else(office: Office) -> None:
    agent = await office.agent("1024")
    async with agent.live() as socket:
        await socket.say(type="ping")
        await socket.until("pong")
        await socket.say(type="typing", conversation=str(uuid.uuid4()))
        await socket.say(type="ping")
        await socket.until("pong")
        await socket.say(type="dance")
        assert await closed_with(socket.connection) == 1008
