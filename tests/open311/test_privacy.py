"""What must never be seen from outside, in any document, whoever asks."""

from __future__ import annotations

import asyncio

import pytest

from tests.open311.conftest import CITIZEN, UNIT, House, on_one_loop

pytestmark = on_one_loop


async def everything(house: House, *numbers: str, api_key: str = "") -> str:
    """All that can be read, in both formats."""
    texts = []
    for form in ("json", "xml"):
        for path in ("requests", "servicerequestupdates", *(f"requests/{number}" for number in numbers)):
            response = await house.get(f"{path}.{form}", api_key=api_key)
            texts.append(response.text)
        listed = await house.get(f"requests.{form}", service_request_id=",".join(numbers), api_key=api_key)
        texts.append(listed.text)
    return "\n".join(texts)


async def test_nothing_of_the_reporter_is_shown_not_even_to_the_system_that_sent_it(house: House) -> None:
    number = await house.submit(
        last_name="欧阳",
        first_name="明华",
        phone="13800138000",
        email="someone@example.org",
        device_id="device-4711",
        description="我叫欧阳明华，电话 138-0013-8000，微信号abcd1234，身份证 430202199001011234，楼下路灯不亮",
        address_string="天元区某小区，联系 13800138000",
        media_url="https://photos.example/face.jpg",
    )
    await house.walk(number, "办理中")
    await house.do(number, UNIT, "挂起", question="请问欧阳明华（13800138000）是哪一根灯杆？")
    await house.do(number, CITIZEN, "补充", note="三栋 502 门口，我是欧阳明华")
    order = await house.order(number)

    everybody = await everything(house, number)
    assert "楼下路灯不亮" in everybody
    for key in ("", house.key, await house.new_key()):
        seen = await everything(house, number, api_key=key)
        for secret in (
            *(
                "明华",
                "13800138000",
                "138-0013-8000",
                "someone@",
                "device-4711",
                "abcd1234",
                "430202199001011234",
            ),
            *("三栋", order.draft),
        ):
            assert secret not in seen, secret
        # Nor a part of a number, in any of the words about it.
        shown = await house.shown(number, api_key=key)
        updates = (await house.get("servicerequestupdates.json", api_key=key)).json()
        words = [item["description"] for item in updates if item["service_request_id"] == number]
        words += [shown["description"], shown["address"], shown["status_notes"]]
        assert not [word for word in words if any(digit.isdigit() for digit in word)]
        assert order.query_code not in (*shown.values(), *words)
    # The picture is for the one who sent it: nobody has looked at it.
    assert "face.jpg" not in everybody
    assert "face.jpg" in await everything(house, number, api_key=house.key)


@pytest.mark.parametrize(
    "hidden",
    [
        {"nature": "举报"},
        {"confidential": True},
        {"content_confidential": True},
        # A matter that is no service of the interface, and one that nobody has looked at yet.
        {"topic": "1004"},
        {"topic": None},
    ],
)
async def test_what_is_confidential_is_not_there_for_anybody(house: House, hidden: dict[str, object]) -> None:
    full = await house.new_key()
    order = await house.take(source="开放接口", what="这句话谁也看不到", **hidden)
    await house.do(order.number, CITIZEN, "催办", note="这句话谁也看不到")

    for key in ("", house.key, full):
        seen = await everything(house, order.number, api_key=key)
        assert order.number not in seen.replace(f"没有 {order.number} 这个", "")
        assert "这句话" not in seen
        assert (await house.get(f"requests/{order.number}.json", api_key=key)).status_code == 404
    response = await house.post(
        "servicerequestupdates.json",
        {
            "api_key": full,
            "service_request_id": order.number,
            "update_id": "1",
            "status": "OPEN",
            "updated_datetime": "2026-11-28T09:00:00Z",
            "description": "探一探",
        },
    )
    assert response.status_code == 404


async def test_a_report_of_wrongdoing_is_not_there_even_when_its_mark_is_lost(house: House) -> None:
    order = await house.take(source="开放接口", nature="举报")
    async with house.database.transaction() as session:
        (await session.merge(order)).confidential = False

    response = await house.get(f"requests/{order.number}.json", api_key=await house.new_key())

    assert response.status_code == 404


async def test_what_becomes_confidential_disappears(house: House) -> None:
    number = await house.submit()
    await house.shown(number)

    async with house.database.transaction() as session:
        order = await session.merge(await house.order(number))
        order.confidential = True

    assert (await house.get(f"requests/{number}.json", api_key=house.key)).status_code == 404


async def test_what_was_said_in_private_is_shown_only_to_keys_that_may_read_all(house: House) -> None:
    order = await house.take(source="微信")
    full = await house.new_key("read-all")

    for key in ("", house.key, await house.new_key("create", "updates")):
        assert (await house.get(f"requests/{order.number}.json", api_key=key)).status_code == 404
        assert order.number not in (await house.get("requests.json", api_key=key)).text
    assert (await house.shown(order.number, api_key=full))["service_code"] == "0701"
    seen = await everything(house, order.number, api_key=full)
    assert "王小明" not in seen
    assert "13800138000" not in seen


async def test_a_step_that_is_not_known_here_is_not_shown(house: House) -> None:
    number = await house.submit()
    async with house.database.transaction() as session:
        order = await session.merge(await house.order(number))
        await house.orders.casework.add_line(
            session, order, CITIZEN, "添加照片", "门牌号看得到", request="photo"
        )

    seen = await everything(house, number)

    assert "门牌号" not in seen
    assert (await house.shown(number))["status_notes"] == "已经登记，等待受理。"


async def test_an_inner_remark_stays_inside(house: House) -> None:
    number = await house.submit()
    await house.walk(number, "办理中")
    await house.do(number, UNIT, "申请延期", reason="灯杆厂家没有货", days=3)

    assert "没有货" not in await everything(house, number)


async def test_the_address_of_a_picture_is_not_called(house: House) -> None:
    called = []
    server = await asyncio.start_server(lambda *_: called.append(True), "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        number = await house.submit(media_url=f"http://127.0.0.1:{port}/1.jpg")
        await house.walk(number, "已派单")
        shown = await house.shown(number, api_key=house.key)

    assert shown["media_url"] == f"http://127.0.0.1:{port}/1.jpg"
    assert not called
