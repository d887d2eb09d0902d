"""Every state and every step has its words, and all of them are checked in data."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from hotline.open311 import mapping, texts
from hotline.open311.catalogue import Catalogue, CatalogueError
from hotline.work_orders.lifecycle import ENDED, STATUSES, TABLE
from hotline.work_orders.models import WorkOrder, WorkOrderEvent
from tests.conftest import ROOT
from tests.open311.schemas import UPDATES

KNOWN = UPDATES["items"]["properties"]["status"]["enum"]


def order(status: str = "办理中", **others: object) -> WorkOrder:
    """An order in a state."""
    return WorkOrder(status=status, number="20261128-00001", what="路灯不亮", **others)


def event(action: str, status: str = "办理中", **others: object) -> WorkOrderEvent:
    """A step of it."""
    given = {
        "note": "某某",
        "detail": {},
        "at": datetime(2026, 11, 28, 1, 2, 3, 456789, UTC),
        "id": 7,
    } | others
    return WorkOrderEvent(action=action, status=status, **given)


def unit_name(code: str) -> str:
    """A unit's name."""
    return {"ecology": "株洲市生态环境局"}.get(code, code)


def test_every_step_that_the_citizen_sees_has_words() -> None:
    public = {row.action for row in TABLE if row.public}

    assert public | {"提交"} == set(texts.STEPS)
    for action in texts.STEPS:
        words = mapping.step(order(), event(action), unit_name)
        assert words
        assert "{" not in words


@pytest.mark.parametrize("status", STATUSES)
def test_every_state_is_one_the_other_side_knows(status: str) -> None:
    for rating in (None, "满意", "基本满意", "不满意", "未评价"):
        found = mapping.update(
            order(status), event("评价", status, detail={"rating": rating}), None, unit_name
        )
        assert found.status in KNOWN
        done = status == "已办结" and rating in ("满意", "基本满意")
        assert (found.status == "fixed") is done
    if status in ENDED:
        assert found.status in ("closed", "no_further_action", "not_councils_responsibility")


def test_what_the_office_wrote_to_itself_is_not_repeated() -> None:
    sent = event("派单", "已派单", note="株洲市生态环境局。自动派单：把握 93%", detail={"unit": "ecology"})

    assert mapping.step(order(), sent, unit_name) == "已经转给株洲市生态环境局办理。"


@pytest.mark.parametrize("action", ["补充", "催办", "撤回", "评价"])
def test_what_citizens_add_is_not_repeated(action: str) -> None:
    said = event(action, note="我住三栋 502", detail={"rating": "不满意"})

    assert "502" not in mapping.step(order(), said, unit_name)


def test_an_offices_number_stays_and_a_citizens_does_not() -> None:
    asked = event("挂起", note="请打 0731-28681541 告诉我们，您留的是 13800138000 吗？")

    words = mapping.step(order(), asked, unit_name)

    assert "0731-28681541" in words
    assert "13800138000" not in words


def test_times_have_an_offset_and_no_fractions() -> None:
    assert mapping.moment(datetime(2026, 11, 28, 1, 2, 3, 456789, UTC)) == "2026-11-28T09:02:03+08:00"


def test_the_citys_services_are_in_order() -> None:
    catalogue = Catalogue.load(ROOT / "data", ROOT / "data" / "city" / "zhuzhou")

    assert catalogue.jurisdiction == "zhuzhou"
    assert catalogue.changed < datetime.now(UTC)
    assert "举报" not in {service.nature for service in catalogue.services.values()}


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ('"9999": {is: 没有的}', "没有 9999 这个事项"),
        ('"0711": {is: 路灯, nature: 举报}', "0711"),
        ('"0711": {is: 路灯, colour: red}', "0711"),
        ('"0711": {is: 路灯, attributes: [{code: a, name: 甲, kind: singlevaluelist}]}', "values"),
        (
            '"0711": {is: 路灯, attributes: [{code: a, name: 甲, kind: text, info: true, required: true}]}',
            "必填",
        ),
        (
            '"0711": {is: 路灯, attributes: [{code: a, name: 甲, kind: text}, {code: a, name: 乙, kind: text}]}',
            "写了两次",
        ),
        (
            '"0711": {is: 路灯, attributes: [{code: nature, name: 性质, kind: singlevaluelist, values: {举报: 举报}}]}',
            "诉求性质",
        ),
    ],
)
def test_a_mistake_in_the_services_is_found_at_the_start(tmp_path: Path, wrong: str, words: str) -> None:
    (tmp_path / "dispatch").mkdir()
    (tmp_path / "dispatch" / "taxonomy.yml").symlink_to(ROOT / "data" / "dispatch" / "taxonomy.yml")
    (tmp_path / "dispatch" / "open311.yml").write_text(
        f'changed: "2026-11-28T00:00:00+08:00"\nservices:\n  {wrong}\n', encoding="utf-8"
    )

    with pytest.raises(CatalogueError, match=words):
        Catalogue.load(tmp_path, ROOT / "data" / "city" / "zhuzhou")
