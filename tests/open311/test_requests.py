"""Looking requests up: which ones, in which window, and what is said of each."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import jsonschema
import pytest

from hotline.work_orders.deadlines import SHANGHAI, due_moment
from hotline.work_orders.service import Draft
from tests.open311 import schemas
from tests.open311.conftest import AGENT, ANSWER, CITIZEN, DISPATCHER, UNIT, House, on_one_loop, tree

pytestmark = on_one_loop


async def numbers(house: House, **params: Any) -> list[str]:
    """The numbers that a query finds."""
    response = await house.get("requests.json", **params)
    assert response.status_code == 200, response.text
    jsonschema.validate(response.json(), schemas.REQUESTS, format_checker=jsonschema.FormatChecker())
    return [item["service_request_id"] for item in response.json()]


async def taken_at(house: House, time: datetime, **others: Any) -> str:
    """A request that came at ``time``."""
    form: dict[str, Any] = {
        "id": f"open311:0:{uuid.uuid4().hex}",
        "conversation_id": None,
        "nature": "求助",
        "what": "路灯不亮了很久",
        "where_text": "天元区",
        "topic": "0711",
        "source": "开放接口",
    }
    order = await house.orders_at(time).do_create(Draft(**(form | others)))
    return order.number


async def test_one_request_is_a_list_of_one_in_both_formats(house: House) -> None:
    number = await house.submit(lat="27.8274", long="113.134")

    json = (await house.get(f"requests/{number}.json")).json()
    jsonschema.validate(json, schemas.REQUESTS, format_checker=jsonschema.FormatChecker())
    [found] = json
    root = tree(await house.get(f"requests/{number}.xml"))
    assert root.tag == "service_requests"
    [request] = root.findall("request")
    # Every field is there; what is missing is empty.
    read = {field.tag: field.text for field in request}
    assert read == {name: None if value is None else str(value) for name, value in found.items()}
    assert {"address", "address_id", "zipcode", "media_url"} <= set(read)


async def test_a_new_request_says_what_is_known(house: House) -> None:
    number = await house.submit()

    found = await house.shown(number)
    assert found["status"] == "open"
    assert found["status_notes"] == "已经登记，等待受理。"
    assert (found["service_code"], found["service_name"]) == ("0711", "道路与市政设施")
    assert found["agency_responsible"] is None
    assert found["address_id"] == "430211"
    for name in ("requested_datetime", "updated_datetime", "expected_datetime"):
        assert found[name].endswith("+08:00")


async def test_the_promised_time_is_the_end_of_office_hours_of_the_promised_day(house: House) -> None:
    number = await house.submit()
    order = await house.order(number)

    expected = datetime.fromisoformat((await house.shown(number))["expected_datetime"])
    assert expected == due_moment(order.promised_date, house.orders.casework.office.hours)
    assert expected.astimezone(SHANGHAI).date() == order.promised_date


async def test_a_request_is_told_of_step_by_step_in_plain_words(house: House) -> None:
    number = await house.submit()
    told = []
    for status in ("已受理", "已派单", "办理中"):
        await house.do(number, *_STEPS[status][:2], **_STEPS[status][2])
        found = await house.shown(number)
        assert found["status"] == "open"
        told.append(found["status_notes"])
    unit = house.orders.casework.office.units.name("urban_management")
    assert told == ["已经受理。", f"已经转给{unit}办理。", f"已经转给{unit}办理。"]
    assert (await house.shown(number))["agency_responsible"] == unit


async def test_the_answer_is_shown_when_the_citizen_has_it_and_closed_when_all_is_done(house: House) -> None:
    number = await house.submit()
    await house.walk(number, "办理中")
    office = house.orders.casework.office
    before = office.process.answer_review
    office.process = office.process.model_copy(update={"answer_review": "manual"})
    try:
        await house.do(number, UNIT, "答复", answer=ANSWER)
    finally:
        office.process = office.process.model_copy(update={"answer_review": before})
    waiting = await house.shown(number)
    assert "灯泡" not in str(waiting)

    await house.do(number, AGENT, "发起回访")
    given = await house.shown(number)
    assert (given["status"], "灯泡" in given["status_notes"]) == ("open", True)

    await house.do(number, CITIZEN, "评价", rating="基本满意", reason="等得有点久，我是三栋的")
    closed = await house.shown(number)
    assert closed["status"] == "closed"
    assert "灯泡" in closed["status_notes"]
    assert "市民评价：基本满意。" in closed["status_notes"]
    assert "三栋" not in closed["status_notes"]
    order = await house.order(number)
    assert order.closed_at is not None
    at = datetime.fromisoformat(closed["updated_datetime"])
    assert at == order.closed_at.replace(microsecond=0)


async def test_an_answer_that_does_not_content_stays_readable_while_it_is_looked_at_again(
    house: House,
) -> None:
    number = await house.submit()
    await house.walk(number, "回访中")
    async with house.database.transaction() as session:
        (await session.merge(await house.order(number))).redone = 2

    await house.do(number, CITIZEN, "评价", rating="不满意", reason="还是不亮")

    found = await house.shown(number)
    assert found["status"] == "open"
    assert "灯泡" in found["status_notes"]
    assert found["status_notes"].endswith("市民评价：不满意。转给督办人员复核。")


@pytest.mark.parametrize("ending", ["撤回", "不予受理"])
async def test_what_is_withdrawn_or_refused_is_closed_with_the_reason(house: House, ending: str) -> None:
    number = await house.submit()
    if ending == "撤回":
        await house.do(number, CITIZEN, "撤回")
    else:
        await house.do(number, AGENT, "不予受理", reason="这盏灯归小区物业管", alternative="请联系物业")

    found = await house.shown(number)
    assert found["status"] == "closed"
    if ending == "不予受理":
        assert found["status_notes"] == "不予受理：这盏灯归小区物业管。可以这样办：请联系物业。"


async def test_the_filters_choose(house: House) -> None:
    lamp, noise = await house.submit(), await house.submit(**_NOISE)
    await house.do(noise, CITIZEN, "撤回")

    both = {lamp, noise}
    assert set(await numbers(house, service_code="0711")) & both == {lamp}
    assert set(await numbers(house, service_code="0711, 0701")) & both == both
    assert set(await numbers(house, status="open")) & both == {lamp}
    assert set(await numbers(house, status="closed")) & both == {noise}
    assert set(await numbers(house, status="open,closed")) & both == both
    assert set(await numbers(house, status="")) & both == both


async def test_numbers_stand_over_all_other_filters(house: House) -> None:
    old = await taken_at(house, datetime.now(UTC) - timedelta(days=200))
    new = await house.submit()

    asked = f"{old},{new},20200101-99999"
    found = await numbers(house, service_request_id=asked, status="closed", service_code="0000", page_size=1)

    assert set(found) == {old, new}


async def test_the_last_ninety_days_are_listed_and_older_ones_when_asked_for(house: House) -> None:
    now = datetime.now(UTC)
    recent = await taken_at(house, now - timedelta(days=89))
    old = await taken_at(house, now - timedelta(days=150))

    usual = await numbers(house)
    assert recent in usual
    assert old not in usual
    from_old = await numbers(house, start_date=(now - timedelta(days=151)).strftime("%Y-%m-%dT%H:%M:%SZ"))
    assert old in from_old
    assert recent in from_old
    until = await numbers(house, end_date=(now - timedelta(days=140)).isoformat(timespec="seconds"))
    assert old in until
    assert recent not in until
    # Both ends belong to the span, to the second.
    at = (await house.shown(old))["requested_datetime"]
    assert await numbers(house, start_date=at, end_date=at) == [old]
    # A plus that was not escaped comes as a blank.
    assert await numbers(house, start_date=at.replace("+", " "), end_date=at.replace("+", " ")) == [old]


async def test_who_asks_for_changes_gets_old_orders_too(house: House) -> None:
    start = datetime.now(UTC)
    old = await taken_at(house, start - timedelta(days=150))
    other = await taken_at(house, start - timedelta(days=150))
    await house.do(old, AGENT, "受理", topic="0711")

    changed = await numbers(house, updated_after=(start - timedelta(seconds=2)).isoformat())
    assert old in changed
    assert other not in changed
    before = await numbers(house, updated_before=(start - timedelta(days=1)).isoformat())
    assert other in before
    assert old not in before


async def test_the_pages_hold_all_and_nothing_twice(house: House) -> None:
    mine = [await house.submit() for _ in range(5)]
    since = (await house.shown(mine[0]))["requested_datetime"]

    pages = [await numbers(house, start_date=since, page=page, page_size=2) for page in range(1, 5)]
    found = [number for page in pages for number in page]

    assert len(found) == len(set(found))
    assert [number for number in found if number in mine] == mine[::-1]
    assert len(pages[0]) == 2


@pytest.mark.parametrize(
    "params",
    [
        {"status": "offen"},
        {"start_date": "2026-11-28"},
        {"start_date": "2026-11-28T09:00:00"},
        {"start_date": "gestern"},
        {"start_date": "2026-13-45T09:00:00Z"},
        {"end_date": "0001-01-01T00:00:00+14:00"},
        {"start_date": "2026-11-28T09:00:00Z", "end_date": "2026-11-27T09:00:00Z"},
        {"start_date": "2026-01-01T00:00:00Z", "end_date": "2026-11-27T09:00:00Z"},
        {"updated_after": "1"},
        {"page": "0"},
        {"page": "x"},
        {"page": "-1"},
        {"page": "٣"},
        {"page_size": "1001"},
        {"service_request_id": ",".join(str(n) for n in range(1001))},
    ],
)
async def test_a_wrong_argument_is_refused_in_chinese(house: House, params: dict[str, str]) -> None:
    response = await house.get("requests.json", **params)

    assert response.status_code == 400
    jsonschema.validate(response.json(), schemas.ERRORS)


async def test_an_unknown_service_or_number_is_not_found(house: House) -> None:
    assert (await house.get("requests.json", service_code="0711,4711")).status_code == 404
    assert (await house.get("requests/20200101-99999.xml")).status_code == 404
    assert await numbers(house, service_request_id="20200101-99999") == []


@pytest.mark.parametrize(
    "words", ["\x00", "%00", "'; DROP TABLE work_order", "🙂", "../../etc/passwd", "a" * 3000]
)
async def test_strange_words_are_no_error_of_ours(house: House, words: str) -> None:
    for params in (
        {"service_request_id": words},
        {"service_code": words},
        {"api_key": words},
        {"page": words},
    ):
        response = await house.get("requests.json", **params)
        assert response.status_code in (200, 400, 403, 404)
    for path in ("requests", "services", "tokens"):
        response = await house.client.get(f"/open311/v2/{path}/{quote(words, safe='')}.json")
        assert response.status_code in (404, 405)


_NOISE = {"service_code": "0701", "attribute[facility]": "", "attribute[source]": "shop"}
_STEPS: dict[str, tuple[Any, str, dict[str, Any]]] = {
    "已受理": (AGENT, "受理", {"topic": "0711"}),
    "已派单": (DISPATCHER, "派单", {"unit": "urban_management"}),
    "办理中": (UNIT, "签收", {}),
}
