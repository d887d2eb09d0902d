"""A report's whole way between FixMyStreet and the hotline."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio

from tests.open311.conftest import ANSWER, CITIZEN, PATH, UNIT, House, on_one_loop
from tests.open311.fixmystreet import STATES, CouncilError, FixMyStreet

pytestmark = on_one_loop


@pytest_asyncio.fixture(loop_scope="session")
async def street(house: House) -> FixMyStreet:
    """FixMyStreet, set up with the hotline as a council."""
    return FixMyStreet(house.client, f"{PATH}/", house.key, "zhuzhou")


def report(**others: Any) -> dict[str, Any]:
    """What FixMyStreet sends of a report."""
    return {
        "lat": "27.827402",
        "long": "113.134013",
        "email": "reporter@example.org",
        "phone": "13800138000",
        "first_name": "Li",
        "last_name": "Ming",
        "description": f"路灯不亮\n\n神农大道东侧第三根灯杆\n\nhttps://street.example/report/{uuid.uuid4().int}\n",
        "media_url": "https://street.example/photo/1.0.jpeg",
    } | others


def words(moment: datetime) -> str:
    """A moment as FixMyStreet writes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


async def test_the_list_becomes_categories_with_their_questions(street: FixMyStreet) -> None:
    services = await street.services()

    assert len(services) > 40
    for service in services:
        assert service["service_code"]
        assert service["service_name"]
        assert service["group"]
        assert service["metadata"] in ("true", "false")
    for service in services:
        if service["metadata"] == "true":
            found = await street.definition(service["service_code"])
            assert found["service_code"] == service["service_code"]
            for attribute in found["attributes"]:
                assert {"code", "variable", "datatype", "required", "order", "description"} <= set(attribute)
                for value in attribute["values"] or []:
                    assert set(value) == {"key", "name"}


async def test_a_report_goes_out_is_followed_answered_and_closed(house: House, street: FixMyStreet) -> None:
    start = datetime.now(UTC) - timedelta(hours=2)
    sent = report()
    number = await street.send(sent, {"facility": "lamp"}, "0711")
    # A time-out: the same report is sent again.
    assert await street.send(sent, {"facility": "lamp"}, "0711") == number

    [found] = await street.reports(service_request_id=number)
    assert (found["status"], found["service_code"]) == ("open", "0711")
    assert found["description"].startswith("路灯不亮")

    await house.walk(number, "办理中")
    await house.do(number, UNIT, "挂起", question="是东侧还是西侧？")
    comment = await street.comment(
        {
            "updated_datetime": words(datetime.now(UTC)),
            "service_request_id": number,
            "update_id": "4711",
            "status": "OPEN",
            "description": "东侧",
            "first_name": "Li",
            "last_name": "-",
            "email": "reporter@example.org",
        }
    )
    await house.do(number, UNIT, "答复", answer=ANSWER)
    await house.do(number, CITIZEN, "评价", rating="满意")

    end = datetime.now(UTC)
    updates = [u for u in await street.updates(words(start), words(end)) if u["service_request_id"] == number]
    assert [u["state"] for u in updates] == [
        *("investigating", "action scheduled", "in progress", "in progress", "in progress"),
        "fixed - council",
    ]
    for update in updates:
        assert update["description"]
        # It leaves out what lies outside of what it asked for.
        at = words(datetime.fromisoformat(update["updated_datetime"]))
        assert words(start) <= at <= words(end)
    # Its own comment comes back under the id that it was given, and is known.
    assert comment in [u["update_id"] for u in updates]
    assert len({u["update_id"] for u in updates}) == len(updates)
    [closed] = await street.reports(service_request_id=number)
    assert closed["status"] == "closed"
    assert "灯泡" in closed["status_notes"]


async def test_a_token_is_polled_until_it_is_a_number(street: FixMyStreet) -> None:
    number = await street.send(report(description=f"建议加装长椅 {uuid.uuid4().hex}"), {}, "1101")

    [found] = await street.reports(service_request_id=number)
    assert found["service_code"] == "1101"


async def test_every_state_is_one_that_it_knows(house: House, street: FixMyStreet) -> None:
    start = datetime.now(UTC)
    await house.walk(await house.submit(), "已办结")
    await house.do(await house.submit(), CITIZEN, "撤回")

    updates = await street.updates(words(start - timedelta(hours=1)), words(datetime.now(UTC)))

    assert updates
    assert {update["state"] for update in updates} <= STATES


async def test_it_can_read_why_it_was_refused(street: FixMyStreet) -> None:
    with pytest.raises(CouncilError) as caught:
        await street.send(report(), {}, "0711")

    assert caught.value.status == 400
    assert caught.value.errors == [("400", "请填写 attribute[facility]（哪种设施）。")]


async def test_nothing_found_is_an_empty_list(street: FixMyStreet) -> None:
    assert await street.reports(service_request_id="20200101-99999") == []
    assert await street.updates("2020-01-01T00:00:00Z", "2020-01-01T02:00:00Z") == []
