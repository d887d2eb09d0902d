from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from components.intent_classifier import features, picked
from components.tfidf import vectorizer
from components.tfidf_featurizer import TfidfFeaturizer, characters_of

TEXTS = ["医保报销怎么弄", "医保卡丢了怎么补，医保卡在哪里补", "路灯坏了", "孩子上学要户口本", "路灯路灯路灯"]


@pytest.fixture
def featurizer(tmp_path: Path) -> TfidfFeaturizer:
    config = TfidfFeaturizer.get_default_config()
    parts = (config, LocalModelStorage(tmp_path), Resource("tfidf"), ExecutionContext(GraphSchema({})))
    examples = [Message(data={TEXT: text}) for text in TEXTS]
    TfidfFeaturizer.create(*parts).train(TrainingData(examples))
    return TfidfFeaturizer.load(*parts)


def test_a_row_is_what_the_learnt_vectorizer_makes(featurizer: TfidfFeaturizer) -> None:
    asked = [*TEXTS, "医保局电话", "毫不相干", "/greet"]
    messages = featurizer.process([Message(data={TEXT: text}) for text in asked])
    learnt = vectorizer(1, 3, None).fit([characters_of(Message(data={TEXT: text})) for text in TEXTS])
    for message in messages:
        expected = learnt.transform([characters_of(message)]).toarray()
        assert features(message).toarray() == pytest.approx(expected, abs=1e-6)


def test_the_classifier_picks_what_the_whole_row_holds(featurizer: TfidfFeaturizer) -> None:
    [message] = featurizer.process(featurizer.process([Message(data={TEXT: "医保报销"})]))
    columns, values, width = picked(message)
    row = np.zeros(width, dtype=np.float32)
    row[columns] = values
    assert features(message).toarray()[0] == pytest.approx(row)
    assert picked(Message(data={TEXT: ""}))[2] == 0
