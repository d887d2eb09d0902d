"""An independent reader, the library ``georeport``, finds in the open interface what is in it."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.open311.conftest import PATH, House, on_one_loop

pytestmark = on_one_loop

READER = ROOT / ".venv" / "georeport" / "bin" / "python"


async def read(house: House, number: str) -> dict[str, Any]:
    """What the library reads, by format."""
    if not READER.exists():
        words = f"{READER} is missing: make test installs it"
        if os.environ.get("CI"):
            pytest.fail(words)
        pytest.skip(words)
    script = Path(__file__).with_name("georeport_reader.py")
    address = f"{str(house.client.base_url).rstrip('/')}{PATH}"
    process = await asyncio.create_subprocess_exec(
        *(READER, "-I", script, address, number),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        # No proxy stands between it and this machine.
        env={"NO_PROXY": "*", "PATH": os.environ["PATH"]},
    )
    out, err = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0, err.decode()
    found: dict[str, Any] = json.loads(out)
    return found


async def test_it_reads_services_definitions_and_requests_in_both_formats(house: House) -> None:
    number = await house.submit(lat="27.8274", long="113.134")
    await house.submit()

    found = await read(house, number)

    json_, xml = found["json"], found["xml"]
    assert json_["services"] == (await house.get("services.json")).json()
    assert json_["definition"] == (await house.get("services/0711.json")).json()
    assert json_["request"] == await house.shown(number)
    assert json_["by_number"] == [json_["request"]]
    assert json_["request"] in json_["requests"]
    assert len(json_["requests"]) > 1

    assert xml["services"] == [_as_text(item) for item in json_["services"]]
    attributes = xml["definition"]["attributes"]["attribute"]
    assert [item["code"] for item in attributes] == [
        item["code"] for item in json_["definition"]["attributes"]
    ]
    assert xml["request"] == _as_text(json_["request"])
    # It unwraps a list of one.
    assert xml["by_number"] == xml["request"]
    assert xml["requests"] == [_as_text(item) for item in json_["requests"]]


def _as_text(item: dict[str, Any]) -> dict[str, str | None]:
    """Values as they stand in XML."""

    def text(value: Any) -> str | None:
        if isinstance(value, bool):
            return "true" if value else "false"
        return None if value is None else str(value)

    return {name: text(value) for name, value in item.items()}
