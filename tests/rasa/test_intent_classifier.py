from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from components.chinese_tokenizer import ChineseTokenizer
from components.intent_classifier import LinearIntentClassifier
from components.tfidf_featurizer import TfidfFeaturizer

EXAMPLES = {
    "greet": ["你好", "您好啊", "喂你好", "早上好", "在吗您好", "哈喽"],
    "complaint": ["楼上太吵了", "物业不管事", "工地半夜施工太吵", "小区垃圾没人管", "邻居家狗太吵", "我要投诉物业"],
    "ask_matter": ["医保怎么报销", "社保卡怎么办", "居住证要什么材料", "公积金怎么提取", "失业金怎么领", "退休要什么材料"],
}  # fmt: skip


class Pipeline:
    """The tokenizer, the featurizers and the classifier, trained, stored and loaded as Rasa does it."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        folder.mkdir(exist_ok=True)
        self._storage = LocalModelStorage(folder)
        self._context = ExecutionContext(GraphSchema({}), "1")
        resource = Resource("tokenizer")
        self.parts: list[Any] = [
            ChineseTokenizer.create(
                ChineseTokenizer.get_default_config(), self._storage, resource, self._context
            )
        ]
        for number, pieces in enumerate(("characters", "words", "sounds")):
            config = {**TfidfFeaturizer.get_default_config(), "pieces": pieces}
            self.parts.append(
                TfidfFeaturizer.create(config, self._storage, Resource(f"f{number}"), self._context)
            )
        config = {**LinearIntentClassifier.get_default_config(), **settings}
        self.classifier = LinearIntentClassifier.create(config, self._storage, Resource("c"), self._context)

    def train(self, examples: dict[str, list[str]]) -> None:
        messages = [
            Message(data={TEXT: text, INTENT: name}) for name, texts in examples.items() for text in texts
        ]
        data = TrainingData(messages)
        self.parts[0].process_training_data(data)
        for part in self.parts[1:]:
            part.train(data)
            part.process_training_data(data)
        self.classifier.train(data)

    def load(self) -> None:
        for number, part in enumerate(self.parts[1:]):
            self.parts[number + 1] = TfidfFeaturizer.load(
                part._config, self._storage, Resource(f"f{number}"), self._context
            )
        self.classifier = LinearIntentClassifier.load(
            LinearIntentClassifier.get_default_config(), self._storage, Resource("c"), self._context
        )

    def parse(self, text: str) -> Message:
        message = Message(data={TEXT: text})
        for part in [*self.parts, self.classifier]:
            part.process([message])
        return message


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    pipeline = Pipeline(tmp_path_factory.mktemp("model"))
    pipeline.train(EXAMPLES)
    return pipeline


@pytest.mark.parametrize(
    ("text", "intent"),
    [("您好", "greet"), ("楼下工地太吵", "complaint"), ("医保卡要什么材料", "ask_matter"), ("医宝怎么抱销", "ask_matter")],
)  # fmt: skip
def test_the_likeliest_intent_comes_first(trained: Pipeline, text: str, intent: str) -> None:
    message = trained.parse(text)
    ranking = message.get(INTENT_RANKING_KEY)
    assert message.get(INTENT)["name"] == intent == ranking[0]["name"]
    assert sum(item["confidence"] for item in ranking) == pytest.approx(1.0)
    assert [item["confidence"] for item in ranking] == sorted(
        (i["confidence"] for i in ranking), reverse=True
    )


def test_a_stored_model_says_the_same(trained: Pipeline) -> None:
    texts = ["您好", "物业太吵", "社保卡怎么报销", "冇得"]
    before = [trained.parse(text).get(INTENT_RANKING_KEY) for text in texts]
    trained.load()
    after = [trained.parse(text).get(INTENT_RANKING_KEY) for text in texts]
    for one, other in zip(before, after, strict=True):
        assert [item["name"] for item in one] == [item["name"] for item in other]
        assert [i["confidence"] for i in one] == pytest.approx([i["confidence"] for i in other], abs=1e-5)


def test_a_long_letter_is_weighed_like_a_short_message(trained: Pipeline) -> None:
    letter = "尊敬的领导您好，我们小区的物业不管事，" * 10
    assert trained.parse(letter).get(INTENT)["name"] == "complaint"


def test_two_intents_are_enough_and_one_is_too_few(tmp_path: Path) -> None:
    two = Pipeline(tmp_path / "two")
    two.train({name: EXAMPLES[name] for name in ("greet", "complaint")})
    assert two.parse("物业太吵").get(INTENT)["name"] == "complaint"
    one = Pipeline(tmp_path / "one")
    one.train({"greet": EXAMPLES["greet"]})
    assert one.parse("您好").get(INTENT) is None


def test_unknown_pieces_are_refused() -> None:
    with pytest.raises(ValueError, match="characters"):
        TfidfFeaturizer.validate_config({"pieces": "letters"})
