from __future__ import annotations

from datetime import date

from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from components.identifier_extractor import AspectExtractor, IdentifierExtractor


def _entities(text: str) -> list[dict]:
    message = Message(data={TEXT: text})
    IdentifierExtractor(lambda: date(2026, 11, 24)).process([message])
    AspectExtractor().process([message])
    return message.get(ENTITIES, [])


def test_numbers_and_times_are_entities_in_their_canonical_spelling() -> None:
    text = "工单20261124 00012，电话138 1234 5678，昨天晚上说的"
    found = {item["entity"]: item for item in _entities(text)}
    assert found["order_number"]["value"] == "20261124-00012"
    assert found["phone"]["value"] == "13812345678"
    assert found["time"]["value"] == "2026-11-23"
    assert text[found["time"]["start"] : found["time"]["end"]] == "昨天晚上"
    assert found["phone"]["extractor"] == "IdentifierExtractor"


def test_a_time_without_a_day_keeps_its_words() -> None:
    assert [item["value"] for item in _entities("每天晚上十点开始吵")] == ["每天晚上十点"]


def test_aspects_are_entities_the_strongest_first() -> None:
    values = [
        item["value"] for item in _entities("社保卡要带什么材料，在哪里办") if item["entity"] == "aspect"
    ]
    assert values == ["materials", "location"]


def test_entities_of_others_are_kept() -> None:
    message = Message(data={TEXT: "电话13812345678", ENTITIES: [{"entity": "unit", "value": "x"}]})
    IdentifierExtractor().process([message])
    assert [item["entity"] for item in message.get(ENTITIES)] == ["unit", "phone"]


def test_commands_and_messages_without_text_are_left_alone() -> None:
    assert _entities('/track_order{"order_number":"20261124-00012"}') == []
    message = Message(data={"action_name": "action_listen"})
    IdentifierExtractor().process([message])
    AspectExtractor().process([message])
    assert message.data == {"action_name": "action_listen"}
