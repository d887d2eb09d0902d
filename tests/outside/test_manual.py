"""What docs/outside-system.md tells the other side is true."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

from hotline.outside.messages import KINDS
from hotline.outside.progress import REPORT
from hotline.outside.sending import Sender
from hotline.outside.signature import Stamp, sign
from hotline.outside.systems import Systems
from tests.conftest import ROOT
from tests.outside.conftest import Take
from tests.outside.other_system import OtherSystem, signature_of

MANUAL = (ROOT / "docs" / "outside-system.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """The manual's code blocks."""
    return re.findall(rf"^```{language}\n(.*?)^```", MANUAL, re.MULTILINE | re.DOTALL)


def test_the_worked_example_of_the_signature_is_right() -> None:
    (block,) = blocks("text")
    given = dict(re.findall(r"^(\S+) +(.*)$", block, re.MULTILINE))

    assert hashlib.sha256(given["body"].encode()).hexdigest() == given["sha256"]
    stamp = Stamp(timestamp=given["timestamp"], nonce=given["nonce"])
    body = given["body"].encode()
    assert sign(given["key"], given["method"], given["path"], stamp, body) == given["signature"]
    rest = given["timestamp"], given["nonce"], body
    assert signature_of(given["key"], given["method"], given["path"], *rest) == given["signature"]


async def test_the_order_in_the_manual_has_the_fields_of_a_real_one(
    take: Take, sender: Sender, other: OtherSystem
) -> None:
    shown = json.loads(blocks("json")[0])
    order = await take()
    await sender.do_send()

    real = other.orders[order.number]
    assert fields(shown) == fields(real)


def fields(value: Any) -> Any:
    """The names of all fields, at all depths."""
    if isinstance(value, dict):
        return {name: fields(inner) for name, inner in value.items()}
    return [fields(inner) for inner in value] if isinstance(value, list) else None


def test_the_report_in_the_manual_is_a_good_one() -> None:
    report = REPORT.validate_json(blocks("json")[1])

    assert report.kind == "答复"


def test_the_manual_names_every_kind_of_message_and_of_report() -> None:
    for kind in KINDS:
        assert f"`{kind}`" in MANUAL, kind
    kinds = {
        kind
        for one in REPORT.json_schema()["$defs"].values()
        for kind in one["properties"]["kind"].get("enum", [one["properties"]["kind"].get("const")])
    }
    assert len(kinds) == 8
    for kind in kinds:
        assert f"\n| {kind} |" in MANUAL, kind


def test_the_manual_names_the_tries_and_their_time() -> None:
    waits = Systems().retry_seconds

    assert (waits[0], len(waits) + 1, round(sum(waits) / 3600)) == (30, 12, 17)
    assert "after 30 s, then each time twice as long, twelve times in 17 hours" in MANUAL
