"""The discovery, by the rules of open311-validator."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.open311.conftest import House, on_one_loop, tree

pytestmark = on_one_loop

#: The checker is given an address that ends so, and adds the format itself.
ADDRESSES = ("/open311/discovery", "/open311/v2/discovery")


async def discovered(house: House, address: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """What XML and JSON say, in one shape."""
    xml = await house.client.get(f"{address}.xml")
    json = await house.client.get(f"{address}.json")
    assert xml.status_code == json.status_code == 200
    assert xml.content.strip()
    assert json.content.strip()
    # Checkers compare the whole header.
    assert xml.headers["content-type"] == "text/xml"
    assert json.headers["content-type"] == "application/json"
    root = tree(xml)
    assert root.tag == "discovery"
    spoken: dict[str, Any] = {item.tag: item.text for item in root if item.tag != "endpoints"}
    spoken["endpoints"] = [
        {item.tag: item.text for item in endpoint if item.tag != "formats"}
        | {"formats": [form.text for form in endpoint.findall("formats/format")]}
        for endpoint in root.findall("endpoints/endpoint")
    ]
    return spoken, json.json()


def in_the_past(words: str) -> bool:
    """Whether ``words`` are a time before now."""
    return datetime.fromisoformat(words) < datetime.now(UTC)


@pytest.mark.parametrize("address", ADDRESSES)
async def test_the_discovery_is_what_checkers_ask_for(house: House, address: str) -> None:
    assert address[-9:] == "discovery"
    xml, json = await discovered(house, address)

    assert xml == json
    for found in (xml, json):
        assert found["contact"].strip()
        assert found["key_service"].strip()
        assert in_the_past(found["changeset"])
        assert isinstance(found["endpoints"], list)
        assert len(found["endpoints"]) > 0
        for endpoint in found["endpoints"]:
            assert endpoint["specification"] == "http://wiki.open311.org/GeoReport_v2"
            assert endpoint["url"].startswith("http")
            assert in_the_past(endpoint["changeset"])
            assert endpoint["type"] in ("production", "test")
            # One format alone would be no array to a reader of XML.
            assert isinstance(endpoint["formats"], list)
            assert len(endpoint["formats"]) > 1
            assert endpoint["formats"].count("text/xml") == 1
            assert "application/json" in endpoint["formats"]


@pytest.mark.parametrize("form", ["xml", "json"])
async def test_the_endpoint_that_is_named_answers(house: House, form: str) -> None:
    _, json = await discovered(house, "/open311/discovery")

    for endpoint in json["endpoints"]:
        response = await house.client.get(f"{endpoint['url']}/services.{form}")
        assert response.status_code == 200


async def test_who_to_ask_is_the_citys_hotline_and_no_invented_number(house: House) -> None:
    _, json = await discovered(house, "/open311/discovery")

    assert "株洲市12345政务服务便民热线" in json["contact"]
    digits = "".join(letter if letter.isdigit() else " " for letter in json["contact"] + json["key_service"])
    assert set(digits.split()) == {"12345"}


async def test_the_public_address_is_named_when_it_is_known(house: House) -> None:
    settings = house.service.app.state.settings
    settings.public_url = "https://hotline.example/"
    try:
        _, json = await discovered(house, "/open311/discovery")
    finally:
        settings.public_url = ""

    assert json["endpoints"][0]["url"] == "https://hotline.example/open311/v2"


async def test_the_discovery_without_a_format_is_xml(house: House) -> None:
    response = await house.client.get("/open311/discovery")

    assert tree(response).tag == "discovery"
