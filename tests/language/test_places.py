from __future__ import annotations

import time

import pytest

from hotline.language.patterns import data_dir
from hotline.language.places import Gazetteer

GAZETTEER = Gazetteer.load(data_dir() / "city" / "zhuzhou")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("荷塘区月塘街道石子头社区污水排进下水道", "荷塘区月塘街道石子头社区居委会"),
        ("石子头社区路面积水", "荷塘区月塘街道石子头社区居委会"),
        ("我住石子头，路面积水", "荷塘区月塘街道石子头社区居委会"),
        ("泰山路街道办的人态度不好", "天元区泰山路街道"),
        ("白关的丝瓜", "芦淞区白关镇"),
        ("白关镇楠木山村没水", "芦淞区白关镇楠木山村"),
        ("茨菇塘那边", "荷塘区茨菇塘街道"),
        ("天元路灯不亮", "天元区"),
        ("我在醴陵", "醴陵市"),
        ("荷塘区桂花街道", "荷塘区桂花街道"),
        ("荷塘区桂花垃圾没人清", "荷塘区桂花街道"),
        ("月塘街道东湖社区", "荷塘区月塘街道东湖社区居委会"),
        ("东湖社区居委会在哪", "荷塘区月塘街道东湖社区居委会"),
        ("大湖塘社区停电", "天元区嵩山路街道大湖塘居委会"),
        ("天元区尚格社区", "天元区嵩山路街道尙格社区居委会"),
        ("原来的株洲县龙门镇", "渌口区龙门镇"),
        ("禄口区南洲镇", "渌口区南洲镇"),
        ("攸县新市镇", "攸县新市镇"),
        ("炎陵水口镇停水", "炎陵县水口镇"),
        ("渌口那边修路", "渌口区"),
        ("天元区栗雨街道月塘社区", "天元区栗雨街道月塘居委会"),
    ],
)
def test_the_finest_name_that_fits_decides(text: str, name: str) -> None:
    place = GAZETTEER.resolve(text)
    assert place is not None
    assert place.name == name
    assert place.alternatives == ()


@pytest.mark.parametrize(
    "text",
    [
        "东湖公园的灯不亮", "我们学院的宿舍", "桂花开了", "城市建设局电话", "社保卡怎么办", "贴春联", "龙门吊噪音",
        "建设路堵车", "月塘路附近有人捡废品", "火车站出租车拒载", "红旗路修路", "广场上跳舞太吵", "明月高照",
        "向阳的房子", "我买的是和谐家园的房子", "文化路堵车",
    ],
)  # fmt: skip
def test_everyday_words_are_no_places(text: str) -> None:
    assert GAZETTEER.resolve(text) is None


def test_a_name_that_several_villages_carry_is_left_open() -> None:
    place = GAZETTEER.resolve("东山村的路坏了")
    assert place is not None
    assert place.village is None
    assert place.district is None
    assert [item.street for item in place.alternatives] == ["仙庾镇", "白关镇", "腰潞镇", "船湾镇"]


def test_another_mention_decides_between_villages_of_one_name() -> None:
    place = GAZETTEER.resolve("仙庾镇东山村的路坏了")
    assert place is not None
    assert (place.district, place.street, place.alternatives) == ("荷塘区", "仙庾镇", ())
    by_district = GAZETTEER.resolve("我是荷塘区的，东山村的路坏了")
    assert by_district is not None
    assert by_district.street == "仙庾镇"


def test_two_districts_are_left_open() -> None:
    place = GAZETTEER.resolve("我住荷塘区，在天元区上班")
    assert place is not None
    assert place.district is None
    assert [item.district for item in place.alternatives] == ["荷塘区", "天元区"]


def test_codes_lead_back_to_the_names() -> None:
    place = GAZETTEER.resolve("月塘街道石子头社区")
    assert place is not None
    assert place.code == place.village_code
    assert GAZETTEER.place(str(place.code)) == place


def test_mentions_keep_their_places_in_the_text() -> None:
    text = "我家在芦淞区白关镇，电话打不通"
    assert [text[item.start : item.end] for item in GAZETTEER.mentions(text)] == ["芦淞区", "白关镇"]


def test_every_full_name_resolves_to_a_place_of_that_name() -> None:
    for area in GAZETTEER.areas.values():
        place = GAZETTEER.resolve(
            "".join(GAZETTEER.areas[code].name for code in reversed(area.parents)) + area.name
        )
        assert place is not None
        assert area.code == place.code or area.name in {item.village for item in place.alternatives}, area


def test_patterns_are_phrases_with_codes() -> None:
    patterns = list(GAZETTEER.patterns())
    assert {"label": "street", "pattern": "月塘街道", "id": "430202001"} in patterns
    assert len({item["pattern"] for item in patterns}) == len(patterns)
    shared = next(item for item in patterns if item["pattern"] == "东山村")
    assert "|" in shared["id"]
    assert all(item["pattern"] != "桂花" for item in patterns)


def test_resolving_takes_well_under_a_millisecond() -> None:
    text = "我是荷塘区月塘街道石子头社区的居民，楼下污水排进下水道经常路面积水，出行不便，反映多次了都没有人来处理"
    start = time.perf_counter()
    for _ in range(100):
        GAZETTEER.resolve(text)
    assert (time.perf_counter() - start) / 100 < 0.005
