"""What is not typed: places, photographs, recordings, links, and codes on the wall."""

from __future__ import annotations

import io
import uuid
from typing import Any

from PIL import Image

from hotline.conversations.engine import EngineAnswer, Turn
from hotline.conversations.handover import claim
from tests.wechat.conftest import Account, Start
from tests.wechat.phone import Nested, Phone

_WHERE = "株洲市天元区泰山路1号"


def _picture() -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (60, 40), "#888").save(content, "JPEG")
    return content.getvalue()


async def _conversation(account: Account, phone: Phone) -> str:
    return str(await account.service.app.state.wechat.wechat.conversation_of(phone.openid))


async def _order(account: Account, phone: Phone, **fields: Any) -> dict[str, Any]:
    """What the form hands in when it is confirmed."""
    draft = {
        "id": f"draft-{phone.openid}-{len(fields)}",
        "conversation_id": await _conversation(account, phone),
        "nature": "求助",
        "what": "路灯坏了三天，晚上看不见路",
        "where_text": _WHERE,
    } | fields
    answer = await account.service.inside("POST", "/work-orders", json=draft)
    assert answer.status_code in (200, 201)
    made: dict[str, Any] = answer.json()
    return made


async def _place_of(account: Account, number: str) -> tuple[float | None, float | None]:
    from sqlalchemy import select

    from hotline.work_orders.models import WorkOrder

    async with account.service.app.state.database.transaction() as session:
        order = (await session.scalars(select(WorkOrder).where(WorkOrder.number == number))).one()
        return order.lat, order.long


async def test_a_place_on_the_map_becomes_the_place_of_the_order(start: Start) -> None:
    account = await start()
    phone = account.phone()
    map_ = {"Location_X": "27.8274", "Location_Y": "113.1340", "Scale": 16}
    answer = await phone.push("location", **map_, Label=_WHERE)
    assert answer is not None
    assert _WHERE in answer
    assert "什么事" in answer
    assert account.service.engine.calls == []
    query = {"conversation_id": await _conversation(account, phone)}
    begun = await account.service.inside("GET", "/work-orders/place", params=query)
    assert begun.json() == {"place": _WHERE}
    made = await _order(account, phone)
    lat, long = await _place_of(account, made["number"])
    # Chinese maps show it some hundred metres away from where it is.
    assert lat is not None
    assert long is not None
    assert 27.8274 - lat != 0
    assert 100 < ((27.8274 - lat) ** 2 + (113.1340 - long) ** 2) ** 0.5 * 111_000 < 1000
    lookup = await account.service.inside("POST", f"/work-orders/{made['number']}/lookup", json=query)
    assert "GCJ-02" in lookup.json()["events"][-1]["note"]
    # The next order is about somewhere else.
    begun = await account.service.inside("GET", "/work-orders/place", params=query)
    assert begun.json() == {"place": None}
    assert await _place_of(account, (await _order(account, phone, anonymous=True))["number"]) == (None, None)


async def test_a_place_without_a_name_is_a_place(start: Start) -> None:
    account = await start()
    answer = await account.phone().push("location", Location_X="27.8", Location_Y="113.1", Scale=16, Label="")
    assert answer is not None
    assert answer.startswith("位置收到了。请说说")


async def test_a_place_answers_the_form_that_asks_for_it(start: Start) -> None:
    account = await start()

    def asks(turn: Turn) -> EngineAnswer:
        return EngineAnswer([{"text": f"地点：{turn.text}"}], {"form": "work_order_form", "form_order": None})

    account.service.engine.script = asks
    phone = account.phone()
    await phone.write("我要反映路灯坏了")
    point = {"Location_X": "27.8274", "Location_Y": "113.1340", "Scale": 16}
    assert await phone.push("location", **point, Label=_WHERE) == f"地点：{_WHERE}"
    nameless = await phone.push("location", **point, Label="")
    assert nameless is not None
    assert "地图" in nameless
    # A phone that tells where it is all the time says nothing by it.
    event = {"Latitude": "27.8", "Longitude": "113.1", "Precision": "30"}
    assert await phone.event("LOCATION", **event) is None


async def test_a_photograph_goes_with_the_order(start: Start) -> None:
    account = await start()
    phone = account.phone()
    account.platform.media["m1"] = _picture()
    await phone.push("image", MediaId="m1", PicUrl="http://127.0.0.1/x", copies=3)
    made = await _order(account, phone)
    assert made["photos"] == 1
    gone = await phone.push("image", MediaId="nothing", PicUrl="http://127.0.0.1/x")
    assert gone is not None
    assert "再发一次" in gone


async def test_what_cannot_be_read_is_asked_to_be_typed_and_an_agent_knows_of_it(start: Start) -> None:
    account = await start()
    phone = account.phone()
    for kind, fields in (
        ("voice", {"MediaId": "v", "MediaId16K": "w", "Format": "amr", "Recognition": ""}),
        ("video", {"MediaId": "v", "ThumbMediaId": "t"}),
        ("shortvideo", {"MediaId": "v", "ThumbMediaId": "t"}),
        ("holiday", {}),
    ):
        answer = await phone.push(kind, **fields)
        assert answer is not None
        assert "打字" in answer
    link = {"Title": "通知", "Description": "停水", "Url": "http://127.0.0.1/a"}
    assert await phone.push("link", **link) == "答：通知\n停水\nhttp://127.0.0.1/a"
    heard = await phone.push("voice", MediaId="v", Format="amr", Recognition="路灯坏了")
    assert heard == "答：路灯坏了"
    conversation = uuid.UUID(await _conversation(account, phone))
    async with account.service.app.state.database.transaction() as session:
        await claim(session, conversation, "1024", from_bot=True)
    assert "打字" in str(await phone.push("voice", MediaId="v", Format="amr"))
    lines = await account.service.app.state.conversations.messages(conversation)
    assert lines[-1].author == "citizen"
    assert "语音" in lines[-1].text


async def test_codes_on_the_wall_and_lines_of_the_menu_open_their_topics(start: Start) -> None:
    account = await start(
        scenes={"window-medical": {"name": "医保窗口", "say": "看病医保"}},
        menu=[{"name": "扫码", "opens": "scan"}, {"name": "人工", "say": "转人工"}],
    )
    calls = account.service.engine.calls
    phone = account.phone()
    await phone.event("subscribe", EventKey="qrscene_window-medical", Ticket="t")
    assert calls[-1].command == '/ask_matter{"area":"medical"}'
    await phone.event("SCAN", EventKey="window-medical", Ticket="t")
    assert len(calls) == 2
    await phone.event(
        "scancode_waitmsg",
        EventKey="scan",
        ScanCodeInfo=Nested("<ScanType>qrcode</ScanType><ScanResult>window-medical</ScanResult>"),
    )
    assert len(calls) == 3
    unknown = await phone.event("SCAN", EventKey="nobody-knows", Ticket="t")
    assert unknown is not None
    assert "打字" in unknown
    old = await phone.event("CLICK", EventKey="say:旧菜单")
    assert old is not None
    assert "打字" in old
    # What is only looked at says nothing.
    assert await phone.event("VIEW", EventKey="http://127.0.0.1/", MenuId="1") is None
    assert await phone.event("pic_sysphoto", EventKey="p", SendPicsInfo=Nested("<Count>1</Count>")) is None
    point = Nested("<Location_X>27.8</Location_X><Location_Y>113.1</Location_Y><Label>泰山路</Label>")
    assert await phone.event("location_select", EventKey="place", SendLocationInfo=point) is None
    assert len(calls) == 3
