"""The services, and what has to be said with a request for each."""

from __future__ import annotations

import jsonschema
import pytest

from hotline.dispatch.taxonomy import Taxonomy
from tests.conftest import ROOT
from tests.open311 import schemas
from tests.open311.conftest import House, on_one_loop, tree

pytestmark = on_one_loop

TAXONOMY = Taxonomy.load(ROOT / "data" / "dispatch" / "taxonomy.yml")


async def test_the_services_keep_the_schema_and_are_topics_of_the_taxonomy(house: House) -> None:
    response = await house.get("services.json")

    assert response.headers["content-type"] == "application/json; charset=utf-8"
    found = response.json()
    jsonschema.validate(found, schemas.SERVICES)
    assert len({item["service_code"] for item in found}) == len(found)
    for item in found:
        topic = TAXONOMY.topics[item["service_code"]]
        assert (item["service_name"], item["group"]) == (topic.name, TAXONOMY.area_name(topic.code))
        assert item["description"]
        assert item["keywords"]


async def test_xml_says_the_same_as_json(house: House) -> None:
    xml, json = await house.get("services.xml"), await house.get("services.json")

    assert xml.headers["content-type"] == "text/xml; charset=utf-8"
    assert xml.content.startswith(b'<?xml version="1.0" encoding="utf-8"?>')
    root = tree(xml)
    assert root.tag == "services"
    read = [{field.tag: field.text for field in item} for item in root.findall("service")]
    for item in read:
        # Literally true and false.
        assert item["metadata"] in ("true", "false")
    assert [item | {"metadata": item["metadata"] == "true"} for item in read] == json.json()


async def test_matters_of_one_person_and_what_must_stay_secret_are_no_services(house: House) -> None:
    names = {item["service_name"] for item in (await house.get("services.json")).json()}

    assert not names & {"违纪线索", "医保基金举报", "低保救助", "残疾人", "慢特病", "诈骗", "医患纠纷"}


async def test_every_definition_keeps_the_schema(house: House) -> None:
    services = (await house.get("services.json")).json()
    asking = [item["service_code"] for item in services if item["metadata"]]
    assert {"0711", "0307", "0901"} <= set(asking)

    for code in asking:
        found = (await house.get(f"services/{code}.json")).json()
        jsonschema.validate(found, schemas.DEFINITION)
        assert found["service_code"] == code
        attributes = found["attributes"]
        assert [item["order"] for item in attributes] == list(range(1, len(attributes) + 1))
        assert len({item["code"] for item in attributes}) == len(attributes)
        for item in attributes:
            # What is only said to the reader cannot be asked for.
            assert item["variable"] or not item["required"]
            assert bool(item["values"]) == (item["datatype"] in ("singlevaluelist", "multivaluelist"))


async def test_a_definition_in_xml_has_its_containers(house: House) -> None:
    root = tree(await house.get("services/0711.xml"))

    assert root.tag == "service_definition"
    assert root.findtext("service_code") == "0711"
    attributes = root.findall("attributes/attribute")
    assert [item.findtext("variable") for item in attributes][:2] == ["false", "true"]
    facility = next(item for item in attributes if item.findtext("code") == "facility")
    assert facility.findtext("required") == "true"
    values = {v.findtext("key"): v.findtext("name") for v in facility.findall("values/value")}
    assert (values["lamp"], values["cover"]) == ("路灯", "井盖")


async def test_a_service_that_asks_nothing_has_no_definition(house: House) -> None:
    assert (await house.get("services/0710.xml")).status_code == 404
    assert (await house.get("services/0000.xml")).status_code == 404


@pytest.mark.parametrize(
    "path", ["services", "services.html", "services.XML", "requests.csv", "elsewhere.xml"]
)
async def test_what_is_not_there_is_said_in_the_standards_form(house: House, path: str) -> None:
    response = await house.get(path)

    assert response.status_code == 404
    assert response.headers["content-type"] == "text/xml; charset=utf-8"
    root = tree(response)
    assert root.tag == "errors"
    assert root.findtext("error/code") == "404"


async def test_an_unknown_jurisdiction_is_not_found_and_an_empty_one_is_none(house: House) -> None:
    for path in ("services.json", "requests.json", "servicerequestupdates.json"):
        refused = await house.get(path, jurisdiction_id="changsha")
        assert refused.status_code == 404
        jsonschema.validate(refused.json(), schemas.ERRORS)
        for given in ("", "zhuzhou"):
            assert (await house.get(path, jurisdiction_id=given)).status_code == 200


async def test_no_cookie_is_set_and_other_pages_may_read(house: House) -> None:
    for path in ("services.xml", "requests.xml", "nowhere.xml"):
        response = await house.get(path)
        assert "set-cookie" not in response.headers
        assert response.headers["access-control-allow-origin"] == "*"


async def test_another_method_is_refused_in_the_same_form(house: House) -> None:
    response = await house.client.delete("/open311/v2/requests.json")

    assert response.status_code == 405
    jsonschema.validate(response.json(), schemas.ERRORS)


async def test_the_interface_describes_itself(house: House) -> None:
    paths = house.service.app.openapi()["paths"]

    for path in ("services.{fmt}", "requests.{fmt}", "servicerequestupdates.{fmt}", "tokens/{token}.{fmt}"):
        for operation in paths[f"/open311/v2/{path}"].values():
            assert operation["tags"] == ["open311"]
