"""What the dialogue says to photographs, which order they go to, and who sees them there."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import pytest
from sqlalchemy import select

from hotline.attachments.models import Attachment
from hotline.conversations import texts
from hotline.conversations.engine import EngineAnswer
from tests.attachments.conftest import (
    AGENT,
    DISPATCHER,
    HELPER,
    STRANGER,
    UNIT,
    answers,
    conversation_of,
    do,
    handed_in,
    in_form,
    later,
    order_of,
    page_of,
    send_photos,
)
from tests.attachments.pictures import corner, jpeg
from tests.channels.conftest import Citizen, Service, on_shared
from tests.scripted import echo
from tests.work_orders.conftest import ANSWER

CLIENT_ID = {"client_id": "once"}


@pytest.fixture(name="service")
def _service(shared: Service) -> Service:
    """The shared service, with an engine that remembers nothing."""
    shared.engine.script, shared.engine.away = echo, False
    shared.engine.calls.clear()
    shared.engine.ran.clear()
    return shared


async def say(citizen: Citizen, words: str) -> list[dict[str, Any]]:
    """Say something; the answers."""
    return await answers(citizen, (await citizen.send(words)).json()["message"])


async def press(citizen: Citizen, message: dict[str, Any], title: str) -> dict[str, Any]:
    """Press a button of a message; what is said next."""
    place = [button["title"] for button in message["buttons"]].index(title)
    pressed = await citizen.send(press={"message": message["id"], "button": place})
    return (await later(citizen, pressed.json()["message"]["id"], lambda one: one["author"] != "citizen"))[0]


def notes(page: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Who did what with which words."""
    return [(event["role"], event["action"], event["note"]) for event in page["events"]]


@on_shared
async def test_in_a_form_the_photographs_are_taken_and_the_question_is_asked_again(service: Service) -> None:
    citizen = await service.citizen()
    service.engine.script = in_form("work_order_form")
    asked = (await say(citizen, "楼下工地夜里施工"))[-1]

    photos = await send_photos(citizen, 2)
    taken, again = await answers(citizen, photos)

    assert taken["text"] == "2 张照片收到了，会和工单一起交给办理的人。"
    assert (again["text"], again["buttons"]) == (asked["text"], asked["buttons"])
    assert len(service.engine.ran) == 1, "the dialogue has not seen the photographs: its form is where it was"
    more = await answers(citizen, await send_photos(citizen))
    assert [one["text"] for one in more] == ["照片收到了，会和工单一起交给办理的人。", asked["text"]]
    assert (await press(citizen, more[-1], "说不清"))["text"] == "好的。"
    waiting = await service.inside("GET", f"/conversations/{conversation_of(service, citizen)}/photos")
    assert waiting.json() == {"waiting": 3}

    order = await handed_in(service, citizen)

    assert order["photos"] == 3
    page = await page_of(service, order["number"], AGENT)
    assert [(one["kind"], one["by"], one["width"]) for one in page["attachments"]] == [
        ("photo", "市民", 640)
    ] * 3
    assert notes(page) == [("市民", "提交", "照片 3 张")]


@on_shared
async def test_a_summary_is_asked_again_in_short(service: Service) -> None:
    citizen = await service.citizen()
    summary = {
        "text": "请核对一下，没问题就选“确认提交”：\n内容：很长",
        "card": {"kind": "summary", "title": "请核对", "sections": []},
        "buttons": [{"title": "确认提交", "payload": "确认提交"}],
    }
    service.engine.script = lambda turn: in_form("work_order_form")(turn).__class__(
        [summary], {"form": "work_order_form"}
    )
    await say(citizen, "匿名")

    _, again = await answers(citizen, await send_photos(citizen))

    assert again["text"] == "请核对一下，没问题就选“确认提交”。"
    assert again["card"] is None
    assert [button["title"] for button in again["buttons"]] == ["确认提交"]


@on_shared
async def test_outside_of_a_form_it_asks_what_the_photograph_is_about(service: Service) -> None:
    citizen = await service.citizen()

    (said,) = await answers(citizen, await send_photos(citizen))

    assert said["text"].startswith("照片收到了。请说说是什么事、在哪里")
    assert [button["title"] for button in said["buttons"]] == ["我要反映问题", "查进度", "转人工"]
    assert service.engine.calls == []
    # The complaint that follows takes it along.
    assert (await handed_in(service, citizen))["photos"] == 1


@on_shared
async def test_photographs_are_answered_while_the_dialogue_is_away(service: Service) -> None:
    service.engine.away = True
    citizen = await service.citizen()

    (said,) = await answers(citizen, await send_photos(citizen))

    assert said["text"].startswith("照片收到了")


@on_shared
async def test_a_photograph_sent_before_the_form_has_opened_waits_for_it(service: Service) -> None:
    citizen = await service.citizen()
    service.engine.script = in_form("work_order_form")
    service.engine.hold()
    await citizen.send("楼下工地夜里施工")
    photos = await send_photos(citizen)
    await service.engine.release()

    assert (await answers(citizen, photos))[0]["text"] == "照片收到了，会和工单一起交给办理的人。"


@on_shared
async def test_what_was_promised_to_a_form_that_was_left_is_promised_no_longer(service: Service) -> None:
    citizen = await service.citizen()
    service.engine.script = in_form("work_order_form")
    await say(citizen, "楼下工地夜里施工")
    await answers(citizen, await send_photos(citizen))

    mine = Attachment.conversation_id == conversation_of(service, citizen)

    async def promised() -> list[bool]:
        async with service.app.state.database.transaction() as session:
            return list((await session.scalars(select(Attachment.promised).where(mine))).all())

    await say(citizen, "荷塘区")
    assert await promised() == [True]
    service.engine.script = in_form(None, "好的，不登记了。")
    await say(citizen, "取消")

    assert await promised() == [False]


@on_shared
async def test_after_the_receipt_photographs_are_added_to_the_order(service: Service) -> None:
    citizen = await service.citizen()
    number = await order_of(service, citizen)

    (said,) = await answers(citizen, await send_photos(citizen, 2))

    assert said["text"] == f"2 张照片收到了，已经加到工单 {number} 里，承办的人能看到。"
    page = await page_of(service, number, DISPATCHER)
    assert len(page["attachments"]) == 2
    assert notes(page)[-1] == ("市民", "补充", "补充照片 2 张")


@on_shared
async def test_photographs_go_to_the_newest_open_order_and_to_none_that_has_ended(service: Service) -> None:
    citizen = await service.citizen()
    first, second = [await order_of(service, citizen) for _ in range(2)]

    assert second in (await answers(citizen, await send_photos(citizen)))[0]["text"]

    await do(service, second, AGENT, "撤回")
    assert first in (await answers(citizen, await send_photos(citizen)))[0]["text"]
    await do(service, first, AGENT, "撤回")
    assert (await answers(citizen, await send_photos(citizen)))[0]["text"].startswith("照片收到了。请说说")


@on_shared
async def test_while_one_order_is_talked_about_they_go_to_that_one(service: Service) -> None:
    citizen = await service.citizen()
    first, second = [await order_of(service, citizen) for _ in range(2)]
    question = f"请把要补充的情况写下来，我加到工单 {first} 里。"
    service.engine.script = in_form("remark_form", question, order=first)
    await say(citizen, "我要补充")

    said, again = await answers(citizen, await send_photos(citizen))

    assert first in said["text"]
    assert again["text"] == question
    assert len((await page_of(service, first, AGENT))["attachments"]) == 1
    assert (await page_of(service, second, AGENT))["attachments"] == []


@on_shared
async def test_a_new_form_has_its_photographs_for_itself_though_another_order_is_open(
    service: Service,
) -> None:
    citizen = await service.citizen()
    old = await order_of(service, citizen)
    service.engine.script = in_form("work_order_form")
    await say(citizen, "还有一件事，路灯坏了")

    assert "会和工单一起" in (await answers(citizen, await send_photos(citizen)))[0]["text"]

    new = await order_of(service, citizen)
    assert (await page_of(service, old, AGENT))["attachments"] == []
    assert len((await page_of(service, new, AGENT))["attachments"]) == 1


@on_shared
async def test_a_photograph_of_another_matter_can_be_taken_back(service: Service) -> None:
    citizen = await service.citizen()
    old = await order_of(service, citizen)
    (said,) = await answers(citizen, await send_photos(citizen))

    heard = await press(citizen, said, "这是另一件事")

    assert heard["text"].startswith(f"好的，照片没有放进工单 {old}。")
    assert (await page_of(service, old, AGENT))["attachments"] == []
    assert notes(await page_of(service, old, AGENT))[-1] == (
        "市民",
        "补充",
        "取回照片 1 张，市民说是另一件事",
    )
    again = await press(citizen, said, "这是另一件事")
    assert again["text"] == texts.PHOTOS_NOT_TAKEN_BACK
    new = await order_of(service, citizen)
    assert len((await page_of(service, new, AGENT))["attachments"]) == 1


async def to_unit(service: Service, number: str) -> None:
    """Bring an order to the unit that handles it, with another one that helps."""
    await do(service, number, AGENT, "受理", topic="0701")
    assisting = [{"unit": "430211", "duty": "现场查看"}]
    await do(service, number, DISPATCHER, "派单", unit="ecology", assisting=assisting)
    await do(service, number, UNIT, "签收")


@on_shared
async def test_a_photograph_answers_what_the_unit_has_asked_for(service: Service) -> None:
    citizen = await service.citizen()
    number = await order_of(service, citizen)
    await to_unit(service, number)
    await do(service, number, UNIT, "挂起", question="请发一张现场照片")

    await answers(citizen, await send_photos(citizen))

    page = await page_of(service, number, UNIT)
    assert page["status"] == "办理中"
    assert notes(page)[-1] == ("市民", "补充", "补充照片 1 张")


@on_shared
async def test_a_photograph_after_the_answer_shows_that_nothing_was_done(service: Service) -> None:
    citizen = await service.citizen()
    number = await order_of(service, citizen)
    await to_unit(service, number)
    await do(service, number, UNIT, "答复", answer=ANSWER)
    before = await page_of(service, number, AGENT)

    assert number in (await answers(citizen, await send_photos(citizen)))[0]["text"]

    page = await page_of(service, number, AGENT)
    assert page["status"] == before["status"]
    assert page["version"] == before["version"] + 1
    assert len(page["attachments"]) == 1
    assert notes(page)[-1] == ("市民", "补充", "补充照片 1 张")


@on_shared
async def test_photographs_go_to_the_agent_as_messages_do(service: Service) -> None:
    citizen = await service.citizen()
    conversation = conversation_of(service, citizen)
    number = await order_of(service, citizen)
    service.engine.script = lambda _: EngineAnswer([{"text": "好", "handoff": "queued"}])
    await citizen.send("转人工")
    await later(citizen, 1, lambda one: "转人工" in one["text"] and one["author"] == "system")

    waiting = await send_photos(citizen)
    assert (
        await service.inside("POST", f"/desk/{conversation}/claim", json={"agent": "1024"})
    ).status_code == 204
    talking = await send_photos(citizen, 2)

    transcript = (await service.inside("GET", f"/desk/{conversation}")).json()["messages"]
    shown = {line["id"]: line["attachments"] for line in transcript}
    assert shown[waiting["id"]] == waiting["attachments"]
    assert shown[talking["id"]] == talking["attachments"]
    photo = talking["attachments"][0]["id"]
    seen = await service.inside("GET", f"/desk/{conversation}/attachments/{photo}")
    assert corner(seen.content) == "red"
    elsewhere = await service.inside("GET", f"/desk/{uuid.uuid4()}/attachments/{photo}")
    assert elsewhere.status_code == 404
    assert [line for line in transcript if line["author"] == "bot" and line["id"] > waiting["id"]] == []
    assert len((await page_of(service, number, AGENT))["attachments"]) == 3


async def photo_at(service: Service, number: str, photo: str, actor: dict[str, str]) -> int:
    """The status with which ``actor`` is answered who wants to see a photograph of an order."""
    large, small = [
        await service.inside("GET", f"/orders/{number}/attachments/{photo}{path}", params=actor)
        for path in ("", "/thumbnail")
    ]
    assert large.status_code == small.status_code
    if large.status_code == 200:
        assert corner(large.content) == corner(small.content) == "red"
        assert "sandbox" in large.headers["content-security-policy"]
    return large.status_code


@on_shared
async def test_a_unit_sees_the_photographs_of_its_own_orders_only(service: Service) -> None:
    citizen = await service.citizen()
    await answers(citizen, await send_photos(citizen))
    number = await order_of(service, citizen)
    await to_unit(service, number)
    photo = (await page_of(service, number, AGENT))["attachments"][0]["id"]

    for actor in (AGENT, DISPATCHER, UNIT, HELPER):
        assert await photo_at(service, number, photo, actor) == 200
    assert await photo_at(service, number, photo, STRANGER) == 404
    other = await order_of(service, await service.citizen())
    assert await photo_at(service, other, photo, AGENT) == 404, "each photograph at its own order"
    assert await photo_at(service, "20260101-00001", photo, AGENT) == 404
    bare = await service.client.get(f"/internal/orders/{number}/attachments/{photo}", params=AGENT)
    assert bare.status_code == 401


@on_shared
async def test_a_confidential_content_is_for_the_leading_unit_alone(service: Service) -> None:
    citizen = await service.citizen()
    await answers(citizen, await send_photos(citizen))
    number = await order_of(service, citizen, nature="举报", content_confidential=True, confidential=True)
    await to_unit(service, number)
    photo = (await page_of(service, number, AGENT))["attachments"][0]["id"]

    assert (await page_of(service, number, HELPER))["attachments"] == []
    assert await photo_at(service, number, photo, HELPER) == 404
    page = await page_of(service, number, UNIT)
    assert [one["by"] for one in page["attachments"]] == ["市民"]
    assert await photo_at(service, number, photo, UNIT) == 200


@on_shared
async def test_photographs_of_merged_orders_are_seen_by_whoever_handles_the_case(service: Service) -> None:
    callers = [await service.citizen() for _ in range(3)]
    for caller in callers:
        await answers(caller, await send_photos(caller))
    main, member = [await order_of(service, caller) for caller in callers[:2]]
    hidden = await order_of(service, callers[2], content_confidential=True)
    for number in (member, hidden):
        await do(service, number, AGENT, "并案", target=main)
    await to_unit(service, main)

    for actor, numbers in ((AGENT, [main, member, hidden]), (UNIT, [main, member])):
        seen = (await page_of(service, main, actor))["attachments"]
        assert [one["number"] for one in seen] == numbers
        for one in seen:
            assert await photo_at(service, main, one["id"], actor) == 200
    secret = (await page_of(service, hidden, AGENT))["attachments"][0]["id"]
    assert await photo_at(service, main, secret, UNIT) == 404
    assert await photo_at(service, member, secret, AGENT) == 404


@on_shared
async def test_a_unit_adds_photographs_of_the_repair_once(service: Service) -> None:
    number = await order_of(service, await service.citizen())
    await to_unit(service, number)
    path = f"/orders/{number}/attachments"
    files = [("file", (f"{mark}.jpg", jpeg(mark=mark))) for mark in ("red", "blue")]

    for _ in range(2):
        added = await service.inside("POST", path, params=UNIT | CLIENT_ID, files=files)
        assert added.status_code == 201
    raw = await service.inside("POST", path, params=AGENT | CLIENT_ID, content=jpeg(mark="green"))

    page = await page_of(service, number, DISPATCHER)
    assert raw.json() == {"number": number, "version": page["version"], "attachments": page["attachments"]}
    assert [one["by"].split(" ")[-1] for one in page["attachments"]] == ["5001", "5001", "1024"]
    assert "生态" in page["attachments"][0]["by"]
    assert notes(page)[-2:] == [("承办单位", "备注", "上传照片 2 张"), ("坐席", "备注", "上传照片 1 张")]
    citizen_sees = [event for event in page["events"] if event["public"] and "照片" in event["note"]]
    assert citizen_sees == []


@on_shared
async def test_photographs_of_a_unit_are_refused_as_those_of_citizens_are(service: Service) -> None:
    number = await order_of(service, await service.citizen())
    await to_unit(service, number)
    path = f"/orders/{number}/attachments"
    four = [("file", (f"{n}.jpg", jpeg(quality=50 + n))) for n in range(4)]
    one_bad = [("file", ("a.jpg", jpeg())), ("file", ("b.jpg", b"<html>"))]

    for actor, options, status in (
        (STRANGER, {"content": jpeg()}, 404),
        (UNIT, {"content": b""}, 422),
        (UNIT, {"content": b"<html>"}, 422),
        (UNIT, {"files": four}, 422),
        (UNIT, {"files": one_bad}, 422),
        (UNIT, {"content": b"\xff" * (8 * 1024 * 1024 + 1)}, 413),
        (UNIT | {"unit": "nowhere"}, {"content": jpeg()}, 422),
    ):
        response = await service.inside("POST", path, params=actor | CLIENT_ID, **options)  # type: ignore[arg-type]
        assert response.status_code == status, response.text
        assert not response.json()["error"]["message"].isascii()
    assert (await page_of(service, number, AGENT))["attachments"] == []


@on_shared
async def test_photographs_sent_while_the_order_is_handed_in_are_not_lost(service: Service) -> None:
    citizen = await service.citizen()
    service.engine.script = in_form("work_order_form")
    await say(citizen, "楼下工地夜里施工")
    await answers(citizen, await send_photos(citizen))
    service.engine.script = in_form(None, "已经提交。")
    service.engine.hold()
    await citizen.send("确认提交")
    await service.engine.called(2)

    number, *sent = await asyncio.gather(
        order_of(service, citizen), *(send_photos(citizen, 1 + n % 2) for n in range(5))
    )
    await service.engine.release()
    said = [(await answers(citizen, photos))[0]["text"] for photos in sent]

    assert all(number in words for words in said)
    assert len((await page_of(service, number, AGENT))["attachments"]) == 1 + 7
