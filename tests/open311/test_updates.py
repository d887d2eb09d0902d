"""FixMyStreet's updates: what happened to requests, and what is added to them."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import jsonschema
import pytest

from tests.open311 import schemas
from tests.open311.conftest import AGENT, CITIZEN, UNIT, House, on_one_loop, tree

pytestmark = on_one_loop


def addition(number: str, **others: Any) -> dict[str, Any]:
    """Something that is added to a request."""
    return {
        "service_request_id": number,
        "update_id": uuid.uuid4().hex,
        "status": "OPEN",
        "updated_datetime": "2026-11-28T09:00:00+08:00",
        "description": "旁边那盏灯也不亮了",
    } | others


async def updates_of(house: House, number: str, **params: Any) -> list[dict[str, Any]]:
    """The steps of one request."""
    response = await house.get("servicerequestupdates.json", **params)
    assert response.status_code == 200, response.text
    found = response.json()
    jsonschema.validate(found, schemas.UPDATES, format_checker=jsonschema.FormatChecker())
    return [item for item in found if item["service_request_id"] == number]


async def test_the_way_of_a_request_is_told_in_order_in_both_formats(house: House) -> None:
    number = await house.submit()
    await house.walk(number, "已办结")

    found = await updates_of(house, number)
    unit = house.orders.casework.office.units.name("urban_management")
    assert [(item["status"], item["description"][:9]) for item in found] == [
        ("investigating", "已经受理。"),
        ("action_scheduled", f"已经转给{unit}"[:9]),
        ("in_progress", "答复：您好！感谢您"),
        ("fixed", "市民评价：满意。"),
    ]
    assert "很快" not in str(found)
    root = tree(await house.get("servicerequestupdates.xml"))
    assert root.tag == "service_request_updates"
    read = [{field.tag: field.text for field in update} for update in root.findall("request_update")]
    assert [item for item in read if item["service_request_id"] == number] == found


async def test_an_answer_goes_with_the_step_that_gave_it_also_after_it_was_done_again(house: House) -> None:
    number = await house.submit()
    await house.walk(number, "回访中")
    await house.do(number, CITIZEN, "评价", rating="不满意", reason="还是不亮")
    second = (await house.shown(number))["status_notes"]
    assert second == "市民评价：不满意。已经退回重办。"
    answered = await house.do(number, UNIT, "答复", answer=_SECOND)
    if answered.status == "已答复":  # somebody has looked at it
        await house.do(number, AGENT, "发起回访")

    given = [
        item["description"] for item in await updates_of(house, number) if "答复：" in item["description"]
    ]

    assert "灯泡已经损坏" in given[0]
    assert "整条线路" in given[1]


async def test_only_the_span_that_is_asked_for_is_told(house: House) -> None:
    number = await house.submit()
    await house.walk(number, "已受理")
    [update] = await updates_of(house, number)
    at = datetime.fromisoformat(update["updated_datetime"])

    def words(moment: datetime) -> str:
        return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    assert await updates_of(house, number, start_date=words(at), end_date=words(at)) == [update]
    later = at + timedelta(seconds=1)
    assert await updates_of(house, number, start_date=words(later)) == []
    earlier = at - timedelta(seconds=1)
    assert await updates_of(house, number, end_date=words(earlier)) == []
    # The pages of that second hold what the second holds.
    span = {"start_date": words(at), "end_date": words(at)}
    whole = (await house.get("servicerequestupdates.json", **span)).json()
    paged = [
        await house.get("servicerequestupdates.json", page=page, page_size=1, **span)
        for page in range(1, len(whole) + 2)
    ]
    assert [item for response in paged for item in response.json()] == whole


async def test_an_addition_reaches_the_timeline_and_comes_back_under_the_same_id(house: House) -> None:
    number = await house.submit()
    await house.walk(number, "办理中")
    fields = addition(number, api_key=house.key, media_url="https://photos.example/2.jpg")

    response = await house.post("servicerequestupdates.json", fields)
    assert response.status_code == 200, response.text
    [taken] = response.json()

    line = (await house.orders.timeline(await house.order(number)))[-1]
    assert (line.action, line.role, str(line.id)) == ("补充", "市民", taken["update_id"])
    assert line.note == "旁边那盏灯也不亮了\n照片：https://photos.example/2.jpg"
    told = (await updates_of(house, number))[-1]
    assert told["update_id"] == taken["update_id"]
    # What people add is for those who handle it, not for everybody.
    assert told["description"] == "收到了补充的情况。"


async def test_the_same_addition_again_is_taken_once(house: House) -> None:
    number = await house.submit()
    fields = addition(number, api_key=house.key)

    answers = [(await house.post("servicerequestupdates.xml", fields)).content for _ in range(3)]

    assert len(set(answers)) == 1
    root = tree(await house.post("servicerequestupdates.xml", fields))
    assert root.tag == "service_request_updates"
    assert root.findtext("request_update/update_id")
    lines = await house.orders.timeline(await house.order(number))
    assert [line.action for line in lines] == ["提交", "补充"]


async def test_an_answered_question_lets_the_work_go_on(house: House) -> None:
    number = await house.submit(phone="13800138000")
    await house.walk(number, "办理中")
    await house.do(number, UNIT, "挂起", question="是哪一根灯杆？")
    assert (await updates_of(house, number))[-1]["description"] == "请补充情况：是哪一根灯杆？"

    await house.post("servicerequestupdates.json", addition(number, api_key=house.key))

    assert (await house.order(number)).status == "办理中"


async def test_a_request_can_be_urged(house: House) -> None:
    number = await house.submit()
    fields = addition(number, api_key=house.key, description="") | {"attribute[action]": "urge"}

    assert (await house.post("servicerequestupdates.json", fields)).status_code == 200

    assert (await house.orders.timeline(await house.order(number)))[-1].action == "催办"


async def test_what_the_other_system_thinks_of_it_is_a_remark_and_decides_nothing(house: House) -> None:
    number = await house.submit()

    await house.post("servicerequestupdates.json", addition(number, api_key=house.key, status="FIXED"))

    order = await house.order(number)
    assert order.status == "待受理"
    assert "已经解决" in (await house.orders.timeline(order))[-1].note


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"update_id": ""}, "update_id"),
        ({"status": ""}, "status"),
        ({"status": "MAYBE"}, "status 不对"),
        ({"updated_datetime": ""}, "updated_datetime"),
        ({"updated_datetime": "2026-11-28 09:00"}, "带时区"),
        ({"description": ""}, "description"),
        ({"description": "长" * 4001}, "最多 4000 个字"),
        ({"media_url": "file:///etc/passwd"}, "media_url"),
        ({"service_request_id": ""}, "service_request_id"),
    ],
)
async def test_what_is_wrong_with_an_addition_is_said(
    house: House, fields: dict[str, str], words: str
) -> None:
    number = await house.submit()
    response = await house.post("servicerequestupdates.json", addition(number, api_key=house.key) | fields)

    assert response.status_code == 400
    jsonschema.validate(response.json(), schemas.ERRORS)
    assert words in "".join(item["description"] for item in response.json())


async def test_nothing_can_be_added_to_what_is_unknown_or_ended(house: House) -> None:
    response = await house.post("servicerequestupdates.json", addition("20200101-99999", api_key=house.key))
    assert response.status_code == 404

    number = await house.submit()
    await house.do(number, CITIZEN, "撤回")
    response = await house.post("servicerequestupdates.json", addition(number, api_key=house.key))
    assert response.status_code == 400
    assert "已撤回" in response.json()[0]["description"]


async def test_another_key_needs_the_scope(house: House) -> None:
    number = await house.submit()
    for scopes, status in ((("create",), 403), (("read-all",), 403), (("updates",), 200)):
        other = await house.new_key(*scopes)
        response = await house.post("servicerequestupdates.json", addition(number, api_key=other))
        assert response.status_code == status


_SECOND = (
    "您好！路灯仍然不亮的问题已经再次核实：整条线路的接头老化，我单位于 11 月 29 日更换了神农大道的路灯电缆，现在全部恢复亮灯。"
    "依据《城市照明管理规定》，我们会在 5 个工作日内再去复查，如果又不亮，请随时拨打 12345。"
    "株洲市城市管理和综合执法局，2026 年 11 月 29 日。"
)
