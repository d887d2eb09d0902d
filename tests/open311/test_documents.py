"""Any words make a document that can be read."""

from __future__ import annotations

import asyncio
import json
import uuid
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hotline.open311.documents import clean, render
from hotline.work_orders.masking import for_public
from hotline.work_orders.models import WorkOrder
from tests.open311.conftest import LAMP, House, on_one_loop

#: Also what is no text at all: controls, half a pair, what is no character.
ANY = st.text(
    st.characters() | st.sampled_from("\x00\x08\x0b\x0c\x1f\x7f\x85\ufffe\uffff\u202e\u200f\r\n\t<>&\"']🙂é")
)


@given(ANY)
def test_any_text_comes_back_from_xml_and_json(text: str) -> None:
    content = [{"service_request_id": "1", "description": text, "media_url": None, "lat": 27.5}]

    root = ElementTree.fromstring(render("service_requests", content, "xml"))
    [read] = json.loads(render("service_requests", content, "json"))

    assert [child.tag for child in root] == ["request"]
    assert (root.findtext("request/description") or "") == clean(text)
    assert read == {"service_request_id": "1", "description": clean(text), "media_url": None, "lat": 27.5}
    assert root.findtext("request/lat") == "27.5"
    assert root.findtext("request/media_url") == ""


@given(ANY)
def test_cleaning_takes_nothing_but_what_no_document_may_hold(text: str) -> None:
    cleaned = clean(text)

    assert clean(cleaned) == cleaned
    kept = [letter for letter in text if letter.isprintable() and letter not in "\ufffe\uffff"]
    assert [letter for letter in cleaned if letter.isprintable()] == kept


def test_the_documents_are_what_the_standard_shows() -> None:
    attribute = {"variable": True, "code": "A", "values": [{"key": "1", "name": "<b>"}]}
    definition = {"service_code": "01", "attributes": [attribute | {"required": False}]}

    assert render("service_definition", definition, "xml").decode() == (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        "<service_definition><service_code>01</service_code><attributes><attribute><variable>true</variable>"
        "<code>A</code><values><value><key>1</key><name>&lt;b&gt;</name></value></values><required>false</required>"
        "</attribute></attributes></service_definition>\n"
    )
    assert json.loads(render("service_definition", definition, "json")) == definition
    assert render("services", [], "xml").endswith(b"<services />\n")
    assert render("services", [], "json") == b"[]"


@on_one_loop
async def test_any_description_goes_through_the_service_and_back(house: House) -> None:
    tried = 0

    async def there_and_back(text: str) -> None:
        nonlocal tried
        tried += 1
        number = await house.submit(description=text)
        expected = clean(text).strip()
        order = WorkOrder(name=None, phone=None, what=expected)
        shown = await house.shown(number)
        root = ElementTree.fromstring((await house.get(f"requests/{number}.xml")).content)
        if len(expected) >= 4:
            assert shown["description"] == for_public(order)(expected)[:4000]
        else:
            assert expected in shown["description"]
        # Both formats tell the same.
        assert root.findtext("request/description") == shown["description"]

    loop = asyncio.get_running_loop()

    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        st.text(
            st.characters(exclude_categories=["Cs"]) | st.sampled_from("\x00\x08\x1f\u202e\r\n<&🙂"),
            max_size=300,
        )
    )
    def any_text(text: str) -> None:
        asyncio.run_coroutine_threadsafe(there_and_back(text), loop).result(30)

    await asyncio.to_thread(any_text)
    assert tried >= 40


@on_one_loop
@pytest.mark.parametrize("path", ["requests", "servicerequestupdates"])
async def test_whatever_form_is_sent_the_answer_is_a_document_and_no_fault_of_ours(
    house: House, path: str
) -> None:
    loop = asyncio.get_running_loop()
    words = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
    names = st.sampled_from(
        [
            *(
                "service_code",
                "lat",
                "long",
                "address_string",
                "address_id",
                "description",
                "media_url",
                "email",
            ),
            *(
                "phone",
                "first_name",
                "last_name",
                "account_id",
                "device_id",
                "jurisdiction_id",
                "attribute[facility]",
            ),
            *(
                "attribute[]",
                "attribute[x][]",
                "attribute[nature]",
                "service_request_id",
                "update_id",
                "status",
            ),
            "updated_datetime",
        ]
    )
    key = await house.new_key("create", "updates")

    async def send(fields: dict[str, Any]) -> None:
        given_ = LAMP | {"api_key": key, "account_id": uuid.uuid4().hex} | fields
        response = await house.post(f"{path}.xml", given_)
        assert response.status_code in (200, 400, 404), (fields, response.text)
        ElementTree.fromstring(response.content)

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.dictionaries(names | words, words | st.lists(words, max_size=3), max_size=6))
    def any_form(fields: dict[str, Any]) -> None:
        fields.pop("api_key", None)
        asyncio.run_coroutine_threadsafe(send(fields), loop).result(30)

    await asyncio.to_thread(any_form)
