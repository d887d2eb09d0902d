"""Handing in a request: what is needed, what becomes of it, and that the same is not taken twice."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

import jsonschema
import pytest
from sqlalchemy import select

from hotline.open311.models import Open311Request
from tests.open311 import schemas
from tests.open311.conftest import CITIZEN, LAMP, PATH, House, on_one_loop, tree

pytestmark = on_one_loop


async def refused(house: House, status: int, **fields: Any) -> list[str]:
    """Why a request is not taken; the same in both formats."""
    given = {"api_key": house.key, "account_id": uuid.uuid4().hex} | fields
    json, xml = await house.post("requests.json", given), await house.post("requests.xml", given)
    assert (json.status_code, xml.status_code) == (status, status), json.text
    assert json.headers["content-type"] == "application/json; charset=utf-8"
    assert xml.headers["content-type"] == "text/xml; charset=utf-8"
    found = json.json()
    jsonschema.validate(found, schemas.ERRORS)
    assert {item["code"] for item in found} == {status}
    read = [{field.tag: field.text for field in error} for error in tree(xml).findall("error")]
    assert read == [{"code": str(item["code"]), "description": item["description"]} for item in found]
    return [item["description"] for item in found]


async def test_a_request_becomes_an_order_with_everything_that_was_said(house: House) -> None:
    number = await house.submit(
        lat="27.8274",
        long="113.1340",
        last_name="王",
        first_name="小明",
        phone="138 0013 8000",
        email="someone@example.org",
        media_url="https://photos.example/1.jpg",
        **{"attribute[label]": "SN-0032"},
    )

    order = await house.order(number)
    assert (order.source, order.topic, order.nature, order.status) == ("开放接口", "0711", "求助", "待受理")
    assert (order.what, order.where_text) == (LAMP["description"], LAMP["address_string"])
    assert (order.lat, order.long) == (27.8274, 113.134)
    assert (order.area_code, order.name, order.phone) == ("430211", "王小明", "13800138000")
    [line] = await house.orders.timeline(order)
    assert line.action == "提交"
    assert line.note == "哪种设施：路灯；设施上的编号：SN-0032；照片：https://photos.example/1.jpg"
    async with house.database.transaction() as session:
        kept = (
            await session.scalars(select(Open311Request).where(Open311Request.draft == order.draft))
        ).one()
    assert kept.email == "someone@example.org"
    assert kept.attributes == {"facility": ["lamp"], "label": ["SN-0032"]}
    assert kept.media == ["https://photos.example/1.jpg"]


async def test_a_realtime_service_gives_the_number_and_no_token(house: House) -> None:
    fields = LAMP | {"api_key": house.key, "account_id": uuid.uuid4().hex}
    response = await house.post("requests.json", fields)

    jsonschema.validate(response.json(), schemas.CREATED)
    [created] = response.json()
    assert "token" not in created
    assert created["account_id"] == fields["account_id"]
    order = await house.order(created["service_request_id"])
    day = f"{order.promised_date.month}月{order.promised_date.day}日"
    assert day in created["service_notice"]


async def test_a_batch_service_gives_a_token_that_stands_for_the_number(house: House) -> None:
    fields = {
        "api_key": house.key,
        "service_code": "1101",
        "description": f"建议在神农公园加几张长椅 {uuid.uuid4().hex}",
        "address_string": "天元区神农公园",
    }
    root = tree(await house.post("requests.xml", fields))
    assert root.tag == "service_requests"
    assert root.find("request/service_request_id") is None
    token = root.findtext("request/token")

    found = tree(await house.get(f"tokens/{token}.xml"))
    assert found.tag == "service_requests"
    assert found.findtext("request/token") == token
    number = found.findtext("request/service_request_id")
    [json] = (await house.get(f"tokens/{token}.json")).json()
    assert json == {"service_request_id": number, "token": token}
    assert (await house.shown(str(number)))["service_code"] == "1101"
    # The same again has the same token.
    assert tree(await house.post("requests.xml", fields)).findtext("request/token") == token


async def test_an_unknown_token_is_not_found(house: House) -> None:
    assert (await house.get("tokens/0000.json")).status_code == 404


@pytest.mark.parametrize(
    ("place", "where", "area"),
    [
        ({"address_string": "荷塘区月塘街道石子头社区"}, "荷塘区月塘街道石子头社区", "430202"),
        ({"lat": "27.8274", "long": "113.134"}, "地图上的点：北纬 27.82740，东经 113.13400", None),
        ({"address_id": "430202001"}, "荷塘区月塘街道", "430202"),
    ],
)
async def test_each_way_to_name_a_place_is_good_by_itself(
    house: House, place: dict[str, str], where: str, area: str | None
) -> None:
    number = await house.submit(**({"address_string": ""} | place))

    order = await house.order(number)
    assert (order.where_text, order.area_code) == (where, area)
    shown = await house.shown(number)
    assert shown["address"] == where
    if "address_id" in place:
        assert shown["address_id"] == place["address_id"]
    if "lat" in place:
        assert (shown["lat"], shown["long"]) == (27.8274, 113.134)


async def test_the_words_say_where_it_is_when_the_place_is_only_a_point(house: House) -> None:
    number = await house.submit(
        address_string="", lat="27.8274", long="113.134", description="石峰区响石岭街道的路灯不亮了"
    )

    assert (await house.order(number)).area_code == "430204"


async def test_without_words_the_choice_says_what_it_is_about(house: House) -> None:
    number = await house.submit(description="")

    assert (await house.order(number)).what == "道路与市政设施：哪种设施：路灯"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"address_string": ""}, "请填写地点"),
        ({"address_string": "", "lat": "27.8"}, "一起填写"),
        ({"lat": "27.8"}, "一起填写"),
        ({"lat": "113.1", "long": "27.8"}, "WGS-84"),
        ({"lat": "nan", "long": "113.1"}, "WGS-84"),
        ({"lat": "inf", "long": "113.1"}, "WGS-84"),
        ({"lat": "北", "long": "东"}, "WGS-84"),
        ({"address_id": "999"}, "address_id"),
        ({"description": "长" * 4001}, "最多 4000 个字"),
        ({"attribute[facility]": ""}, "attribute[facility]"),
        ({"attribute[facility]": "moon"}, "没有“moon”这个选项"),
        ({"attribute[facility]": ["lamp", "cover"]}, "只能填一个"),
        ({"attribute[noticed]": "昨天"}, "要填时间"),
        ({"attribute[nature]": "举报"}, "保密"),
        ({"attribute[nature]": "闲聊"}, "attribute[nature]"),
        ({"media_url": "ftp://photos.example/1.jpg"}, "media_url"),
        ({"media_url": "javascript:alert(1)"}, "media_url"),
        ({"media_url": [f"https://photos.example/{n}" for n in range(11)]}, "最多 10 个"),
        ({"email": "someone"}, "email"),
        ({"phone": "1" * 21}, "phone"),
        ({"service_code": ""}, "service_code"),
    ],
)
async def test_what_is_wrong_is_said_and_nothing_is_taken(
    house: House, fields: dict[str, Any], words: str
) -> None:
    assert words in "".join(await refused(house, 400, **(LAMP | fields)))


async def test_all_that_is_wrong_is_said_at_once(house: House) -> None:
    fields = {"service_code": "0711", "description": "长" * 4001, "email": "x"}

    assert len(await refused(house, 400, **fields)) == 4


async def test_an_unknown_service_or_jurisdiction_is_not_found(house: House) -> None:
    await refused(house, 404, **(LAMP | {"service_code": "0000"}))
    # A topic that is not open to other systems.
    await refused(house, 404, **(LAMP | {"service_code": "1004"}))
    await refused(house, 404, **LAMP, jurisdiction_id="changsha")
    await house.submit(jurisdiction_id="zhuzhou")


async def test_several_values_and_numbers_are_taken(house: House) -> None:
    number = await house.submit(
        **{
            "service_code": "0701",
            "attribute[facility]": "",
            "attribute[source]": "construction",
            "attribute[hours][]": ["evening", "night"],
            "attribute[nature]": "求助",
        }
    )

    order = await house.order(number)
    assert order.nature == "求助"
    [line] = await house.orders.timeline(order)
    assert line.note == "什么声音：工地施工；什么时段：晚上 7 点到 10 点、夜里 10 点以后"


async def test_what_the_service_did_not_ask_is_kept_for_the_staff(house: House) -> None:
    number = await house.submit(**{"attribute[fixmystreet_id]": "4711"})

    [line] = await house.orders.timeline(await house.order(number))
    assert "fixmystreet_id：4711" in line.note


async def test_the_same_request_again_is_the_same_order_also_at_the_same_time(house: House) -> None:
    account = uuid.uuid4().hex
    numbers = await asyncio.gather(*(house.submit(account_id=account) for _ in range(5)))

    assert len(set(numbers)) == 1
    assert await house.submit(account_id=account, description="另一盏路灯也不亮") != numbers[0]
    assert await house.submit(account_id=uuid.uuid4().hex) != numbers[0]


async def test_the_same_words_after_the_first_was_ended_are_a_new_request(house: House) -> None:
    account = uuid.uuid4().hex
    first = await house.submit(account_id=account)
    await house.walk(first, "已办结")

    second = await house.submit(account_id=account)

    assert second != first
    assert await house.submit(account_id=account) == second


async def test_who_was_cut_off_between_gets_the_order_by_sending_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    fields = LAMP | {"api_key": house.key, "account_id": uuid.uuid4().hex}

    async def die(*_: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as broken:
        broken.setattr(house.orders, "do_create", die)
        assert (await house.post("requests.json", fields)).status_code == 500
    async with house.database.transaction() as session:
        query = select(Open311Request).order_by(Open311Request.id.desc()).limit(1)
        token = (await session.scalars(query)).one().token
    # As long as there is no order, the token stands for none.
    assert (await house.get(f"tokens/{token}.json")).json()[0]["service_request_id"] is None

    [created] = (await house.post("requests.json", fields)).json()

    [found] = (await house.get(f"tokens/{token}.json")).json()
    assert found["service_request_id"] == created["service_request_id"]


async def test_danger_is_answered_with_the_number_to_call(house: House) -> None:
    fields = LAMP | {
        "api_key": house.key,
        "description": "路边房子着火了，里面还有人",
        "account_id": uuid.uuid4().hex,
    }

    [created] = (await house.post("requests.json", fields)).json()

    assert "119" in created["service_notice"]


async def test_a_form_with_parts_is_read_and_a_file_is_refused(house: House) -> None:
    fields = LAMP | {"api_key": house.key, "account_id": uuid.uuid4().hex}
    parts = {name: (None, value) for name, value in fields.items()}
    taken = await house.client.post(f"{PATH}/requests.json", files=parts)
    assert taken.status_code == 200

    photo = parts | {"photo1": ("1.jpg", b"\xff\xd8", "image/jpeg")}
    response = await house.client.post(f"{PATH}/requests.json", files=photo)
    assert response.status_code == 400
    assert "media_url" in response.json()[0]["description"]


async def test_json_is_no_form(house: House) -> None:
    response = await house.client.post(f"{PATH}/requests.json", json=LAMP | {"api_key": house.key})

    assert response.status_code == 400
    assert "x-www-form-urlencoded" in response.json()[0]["description"]


async def test_the_longest_description_fits_and_a_huge_body_does_not(house: House) -> None:
    words = "路灯😀" * 1333
    number = await house.submit(description=words)
    assert (await house.shown(number))["description"] == words

    for form in ("json", "xml"):
        response = await house.post(f"requests.{form}", LAMP | {"description": "a" * 70_000})
        assert response.status_code == 413
        assert ("errors" in response.text) == (form == "xml")


async def test_what_is_personal_goes_when_the_order_is_forgotten(house: House) -> None:
    number = await house.submit(
        email="someone@example.org",
        phone="13800138000",
        media_url="https://photos.example/1.jpg",
        **{"attribute[label]": "王小明家门口"},
    )
    await house.do(number, CITIZEN, "撤回")
    order = await house.order(number)

    async with house.database.transaction() as session:
        mine = await session.merge(order)
        await house.service.app.state.privacy.forget_orders(session, [mine])

    async with house.database.transaction() as session:
        query = select(Open311Request).where(Open311Request.draft == order.draft)
        kept = (await session.scalars(query)).one()
    assert (kept.email, kept.attributes, kept.media, kept.fingerprint) == (None, {}, [], order.draft)
    # That there was such a request may still be looked up.
    shown = await house.shown(number)
    assert (shown["status"], shown["lat"]) == ("closed", None)
