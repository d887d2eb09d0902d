from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import scipy.sparse
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, FEATURE_TYPE_SEQUENCE, INTENT, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from sklearn.linear_model import LogisticRegression

from components.linear_classifier import LinearClassifier

INTENTS = ["greet", "tax", "thanks"]
CONFIG = LinearClassifier.get_default_config() | {"max_iter": 1000}


def example(number: int, *, dense: bool = True) -> Message:
    chance = np.random.default_rng(number)
    kind = number % 3
    row = np.zeros((1, 20), dtype=np.float32)
    row[0, chance.integers(0, 20, 6)] = 1
    row[0, kind] = 1
    message = Message(data={TEXT: f"第{number}句", INTENT: INTENTS[min(kind, number % 5)]})
    for level in (FEATURE_TYPE_SEQUENCE, FEATURE_TYPE_SENTENCE):
        message.add_features(Features(scipy.sparse.coo_matrix(row), level, TEXT, "words"))
    if dense:
        vector = chance.normal(size=(1, 8)).astype(np.float32)
        message.add_features(Features(vector, FEATURE_TYPE_SENTENCE, TEXT, "meaning"))
    return message


def trained(folder: Path, examples: list[Message]) -> LinearClassifier:
    storage, resource = LocalModelStorage(folder), Resource("classifier")
    LinearClassifier(CONFIG, storage, resource).train(TrainingData(examples))
    return LinearClassifier.load(CONFIG, storage, resource, None)  # type: ignore[arg-type]


@pytest.mark.parametrize("dense", [True, False])
def test_a_kept_classifier_says_what_the_plain_regression_says(tmp_path: Path, dense: bool) -> None:
    examples = [example(number, dense=dense) for number in range(120)]
    classifier = trained(tmp_path, examples)
    rows = [
        np.hstack([m.get_sparse_features(TEXT)[1].features.toarray(), *([_dense(m)] if dense else [])])
        for m in examples
    ]
    plain = LogisticRegression(class_weight="balanced", max_iter=1000, tol=1e-6)
    plain.fit(np.vstack(rows), [m.get(INTENT) for m in examples])
    for message, expected in zip(examples, plain.predict_proba(np.vstack(rows)), strict=False):
        classifier.process([message])
        ranking = {item["name"]: item["confidence"] for item in message.get("intent_ranking")}
        assert [ranking[name] for name in plain.classes_] == pytest.approx(list(expected), abs=0.003)
        assert message.get(INTENT) == message.get("intent_ranking")[0]


def test_without_examples_nothing_is_said(tmp_path: Path) -> None:
    classifier = trained(tmp_path, [])
    message = Message(data={TEXT: "你好"})
    assert classifier.process([message])[0].get(INTENT) is None


def _dense(message: Message) -> np.ndarray:
    return np.asarray(message.get_dense_features(TEXT)[1].features)
