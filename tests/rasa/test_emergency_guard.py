from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.nlu.classifiers.fallback_classifier import FallbackClassifier
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from components.danger import windows
from components.emergency_guard import EmergencyGuard

DANGEROUS = [
    "我家着火了快来人", "屋里有股臭鸡蛋味", "我爸叫不醒了", "楼顶边上坐着个人", "有人拿刀砍人", "孩子掉到塘里了",
    "老人家摔倒流好多血", "不想活了药都买好了", "邻居家里冒黑烟", "有人在砸我的房门说要弄死我", "煤气味好大头晕", "她吞了一瓶药",
]  # fmt: skip
HARMLESS = [
    "消防栓没水", "派出所几点上班", "救护车收费太贵", "小区消防通道被车堵了没人管", "社保卡怎么补办", "居住证怎么办理", "医保怎么报销",
    "物业不管事", "路灯坏了", "去年家里着火怎么补助", "楼上太吵了", "我要投诉停车收费", "工伤怎么认定", "房门钥匙丢了怎么办", "你好",
    "他说吃完这顿饭就上路了是什么电视剧",
]  # fmt: skip


class Guarded:
    """A guard, its storage, and the fallback that comes after it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self._storage = LocalModelStorage(folder)
        self._context = ExecutionContext(GraphSchema({}), "1")
        self.guard = self._make(EmergencyGuard.create)

    def _make(self, how: Any) -> EmergencyGuard:
        config = EmergencyGuard.get_default_config()
        made: EmergencyGuard = how(config, self._storage, Resource("guard"), self._context)
        return made

    def train(self) -> None:
        examples = [(text, "emergency") for text in DANGEROUS] + [(text, "complaint") for text in HARMLESS]
        self.guard.train(
            TrainingData([Message(data={TEXT: text, INTENT: intent}) for text, intent in examples])
        )

    def load(self) -> None:
        self.guard = self._make(EmergencyGuard.load)

    def judge(self, text: str, **confidences: float) -> Message:
        ranking: list[dict[str, Any]] = [
            {"name": name, "confidence": value}
            for name, value in sorted(confidences.items(), key=lambda item: -item[1])
        ]
        message = Message(data={TEXT: text, INTENT: dict(ranking[0]), INTENT_RANKING_KEY: ranking})
        fallback = FallbackClassifier({"threshold": 0.4, "ambiguity_threshold": 0.1})
        return fallback.process(self.guard.process([message]))[0]


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Guarded:
    found = Guarded(tmp_path_factory.mktemp("guard"))
    found.train()
    return found


def test_danger_wins_over_a_certain_classifier(guarded: Guarded) -> None:
    message = guarded.judge("我爸叫不醒", ask_matter=0.97, emergency=0.01, complaint=0.02)
    assert message.get(INTENT) == {"name": "emergency", "confidence": 1.0}
    names = [item["name"] for item in message.get(INTENT_RANKING_KEY)]
    assert names == ["emergency", "ask_matter", "complaint"]


def test_danger_in_one_part_of_a_question_is_seen(guarded: Guarded) -> None:
    text = "请问居住证怎么办理，另外合租的室友喝醉了，有人在砸我的房门说要弄死我，房东电话打不通"
    assert guarded.judge(text, ask_matter=0.9, complaint=0.1).get(INTENT)["name"] == "emergency"


def test_what_only_sounds_dangerous_goes_to_the_next_intent(guarded: Guarded) -> None:
    message = guarded.judge("小区消防通道被车堵了没人管", emergency=0.6, complaint=0.35, report=0.05)
    assert message.get(INTENT)["name"] == "complaint"
    assert message.get(INTENT)["confidence"] == pytest.approx(0.875)
    assert all(item["name"] != "emergency" for item in message.get(INTENT_RANKING_KEY))


def test_what_only_sounds_dangerous_and_nobody_understands_falls_back(guarded: Guarded) -> None:
    message = guarded.judge("消防栓没水", emergency=0.5, complaint=0.16, report=0.15, ask_matter=0.14)
    assert message.get(INTENT)["name"] == "nlu_fallback"


def test_an_ordinary_question_stays_as_it_is(guarded: Guarded) -> None:
    message = guarded.judge("社保卡怎么补办", ask_matter=0.9, emergency=0.05)
    assert message.get(INTENT) == {"name": "ask_matter", "confidence": 0.9}


def test_commands_pass_through_untouched(guarded: Guarded) -> None:
    message = guarded.judge('/deny{"x":"着火了"}', emergency=0.9, deny=0.1)
    assert message.get(INTENT) == {"name": "emergency", "confidence": 0.9}


def test_a_stored_guard_judges_the_same(guarded: Guarded) -> None:
    before = [guarded.judge(text, complaint=1.0).get(INTENT) for text in (*DANGEROUS, *HARMLESS)]
    guarded.load()
    assert [guarded.judge(text, complaint=1.0).get(INTENT) for text in (*DANGEROUS, *HARMLESS)] == before


def test_an_untrained_guard_goes_by_the_patterns(tmp_path: Path) -> None:
    untrained = Guarded(tmp_path / "guard")
    assert untrained.judge("我家着火了", ask_matter=1.0).get(INTENT)["name"] == "emergency"
    assert untrained.judge("社保卡怎么补办", ask_matter=1.0).get(INTENT)["name"] == "ask_matter"


def test_windows_cover_a_long_text_and_a_short_one_has_none() -> None:
    text = "，".join(
        ["请问居住证怎么办理", "我室友喝醉了", "在砸我的房门", "说要弄死我", "门板已经裂开了", "房东电话不通"]
    )
    found = windows(text)
    assert all(any(part in window for window in found) for part in text.split("，"))
    assert windows("路灯坏了，没人修") == []
    assert len(windows(text * 20)) <= 24
