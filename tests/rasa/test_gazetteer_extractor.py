from __future__ import annotations

import time
from pathlib import Path

import pytest
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from components.city import city_dir
from components.gazetteer_extractor import GazetteerExtractor

MATTER = """
code: {code}
title: {title}
aliases: [{aliases}]
"""


@pytest.fixture(scope="module")
def extractor(tmp_path_factory: pytest.TempPathFactory) -> GazetteerExtractor:
    knowledge: Path = tmp_path_factory.mktemp("knowledge")
    (knowledge / "life").mkdir()
    for code, title, aliases in (
        ("newborn", "新生儿出生一件事", "宝宝上户口, 落户口"),
        ("household_register", "户口登记", "迁户口, 落户口"),
    ):
        text = MATTER.format(code=code, title=title, aliases=aliases)
        (knowledge / "life" / f"{code}.yml").write_text(text, encoding="utf-8")
    return GazetteerExtractor.read(city_dir(), knowledge)


def _found(extractor: GazetteerExtractor, text: str) -> list[tuple[str, str, str]]:
    return [
        (item["entity"], item["value"], text[item["start"] : item["end"]]) for item in extractor.extract(text)
    ]


def test_places_units_and_matters_are_found(extractor: GazetteerExtractor) -> None:
    assert _found(extractor, "荷塘区月塘街道宝宝上户口找卫健委") == [
        ("district", "荷塘区", "荷塘区"),
        ("street", "月塘街道", "月塘街道"),
        ("matter", "newborn", "宝宝上户口"),
        ("unit", "株洲市卫生健康委", "卫健委"),
    ]


def test_the_whole_message_decides_which_village_is_meant(extractor: GazetteerExtractor) -> None:
    found = {item["entity"]: item for item in extractor.extract("仙庾镇东山村的路坏了")}
    assert found["village"]["code"] == "430202100204"


def test_a_place_that_stays_open_and_a_shared_alias_are_no_entities(extractor: GazetteerExtractor) -> None:
    assert _found(extractor, "东山村的路坏了") == []
    assert _found(extractor, "落户口") == []


def test_everyday_words_are_no_places(extractor: GazetteerExtractor) -> None:
    assert _found(extractor, "桂花开了，建设得不错") == []


def test_commands_are_left_alone(extractor: GazetteerExtractor) -> None:
    message = Message(data={TEXT: '/ask_matter{"matter":"新生儿出生一件事"}'})
    extractor.process([message])
    assert message.get(ENTITIES) is None


def test_every_unit_of_the_city_is_known_by_its_name(extractor: GazetteerExtractor) -> None:
    for text in ("市医保局", "公积金中心", "市监局", "残联", "人社局"):
        assert [entity for entity, _, _ in _found(extractor, f"{text}电话多少")] == ["unit"], text


def test_a_sentence_takes_a_few_milliseconds_at_most(extractor: GazetteerExtractor) -> None:
    start = time.perf_counter()
    for _ in range(50):
        extractor.extract("我住在荷塘区月塘街道石子头社区，想问医保局生育津贴怎么领")
    assert (time.perf_counter() - start) / 50 < 0.02
