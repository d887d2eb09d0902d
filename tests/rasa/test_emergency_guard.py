from __future__ import annotations

import pytest
from rasa.nlu.classifiers.fallback_classifier import FallbackClassifier
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message

from components.emergency_guard import EmergencyGuard


def _message(text: str, **confidences: float) -> Message:
    ranking: list[dict] = [
        {"name": name, "confidence": value}
        for name, value in sorted(confidences.items(), key=lambda item: -item[1])
    ]
    return Message(data={TEXT: text, INTENT: dict(ranking[0]), INTENT_RANKING_KEY: ranking})


def _judge(message: Message) -> Message:
    guard = EmergencyGuard(EmergencyGuard.get_default_config())
    fallback = FallbackClassifier({"threshold": 0.4, "ambiguity_threshold": 0.1})
    return fallback.process(guard.process([message]))[0]


def test_an_emergency_of_the_rules_wins_over_a_certain_classifier() -> None:
    message = _judge(_message("我爸叫不醒", ask_matter=0.97, emergency=0.01, complaint=0.02))
    assert message.get(INTENT) == {"name": "emergency", "confidence": 1.0}
    assert [item["name"] for item in message.get(INTENT_RANKING_KEY)] == [
        "emergency",
        "ask_matter",
        "complaint",
    ]


def test_what_only_sounds_dangerous_goes_to_the_next_intent() -> None:
    message = _judge(_message("小区消防通道被车堵了没人管", emergency=0.6, complaint=0.35, report=0.05))
    assert message.get(INTENT)["name"] == "complaint"
    assert message.get(INTENT)["confidence"] == pytest.approx(0.875)
    assert all(item["name"] != "emergency" for item in message.get(INTENT_RANKING_KEY))


def test_what_only_sounds_dangerous_and_nobody_understands_falls_back() -> None:
    message = _judge(_message("119怎么年检", emergency=0.5, complaint=0.16, report=0.15, ask_matter=0.14))
    assert message.get(INTENT)["name"] == "nlu_fallback"


def test_an_emergency_that_only_the_classifier_sees_stands() -> None:
    message = _judge(_message("他说吃完这顿饭就上路了", emergency=0.7, chitchat=0.3))
    assert message.get(INTENT)["name"] == "emergency"


def test_a_likely_emergency_comes_before_a_likelier_intent() -> None:
    message = _judge(_message("他说吃完这顿饭就上路了", chitchat=0.5, emergency=0.45))
    assert message.get(INTENT) == {"name": "emergency", "confidence": 1.0}


def test_an_unlikely_emergency_changes_nothing() -> None:
    message = _judge(_message("社保卡怎么补办", ask_matter=0.9, emergency=0.05))
    assert message.get(INTENT) == {"name": "ask_matter", "confidence": 0.9}


def test_commands_pass_through_untouched() -> None:
    message = _message('/deny{"x":"着火了"}', emergency=0.9, deny=0.1)
    before = dict(message.data)
    EmergencyGuard(EmergencyGuard.get_default_config()).process([message])
    assert message.data == before
