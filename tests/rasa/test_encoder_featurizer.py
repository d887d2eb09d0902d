from __future__ import annotations

import numpy as np
import pytest
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from components.encoder_featurizer import EncoderFeaturizer
from hotline.language.encoder import UnknownEncoder


def _featurizer(**settings: object) -> EncoderFeaturizer:
    return EncoderFeaturizer({**EncoderFeaturizer.get_default_config(), **settings}, "encoder")


def _vector(message: Message) -> np.ndarray:
    sequence, sentence = message.get_dense_features(TEXT)
    assert sequence is None
    assert sentence is not None
    return np.asarray(sentence.features)


def test_a_message_gets_one_sentence_vector_of_the_wanted_length() -> None:
    message = Message(data={TEXT: "社保卡怎么办"})
    _featurizer(scale=5.0).process([message])
    assert _vector(message).shape == (1, 512)
    assert np.linalg.norm(_vector(message)) == pytest.approx(5.0, abs=1e-3)


def test_commands_get_zeros_so_that_rows_stay_of_one_width() -> None:
    message = Message(data={TEXT: '/ask_matter{"matter":"newborn"}'})
    _featurizer().process([message])
    assert _vector(message).shape == (1, 512)
    assert not _vector(message).any()


def test_spelling_does_not_change_the_meaning() -> None:
    one, other = Message(data={TEXT: "ＡＰＰ怎么用！！！！！！😊"}), Message(data={TEXT: "APP怎么用！！！"})
    _featurizer().process([one, other])
    assert np.allclose(_vector(one), _vector(other), atol=1e-4)


def test_the_digits_of_a_telephone_do_not_change_the_meaning() -> None:
    one, other = (
        Message(data={TEXT: "电梯坏了，电话13812345678"}),
        Message(data={TEXT: "电梯坏了，电话159 8765 4321"}),
    )
    _featurizer().process([one, other])
    assert np.allclose(_vector(one), _vector(other), atol=1e-4)


def test_a_message_without_words_has_no_meaning() -> None:
    message = Message(data={TEXT: "？？。"})
    _featurizer().process([message])
    assert not _vector(message).any()


def test_training_and_asking_give_the_same_vector() -> None:
    trained = [Message(data={TEXT: f"第{number}种问法，医保怎么报销"}) for number in range(70)]
    _featurizer().process_training_data(TrainingData(trained))
    asked = Message(data={TEXT: "第69种问法，医保怎么报销"})
    _featurizer().process([asked])
    assert np.allclose(_vector(trained[69]), _vector(asked), atol=1e-4)


def test_actions_without_text_are_skipped() -> None:
    message = Message(data={"action_name": "action_listen"})
    _featurizer().process([message])
    assert message.get_dense_features(TEXT) == (None, None)


def test_no_encoder_adds_no_features() -> None:
    message = Message(data={TEXT: "社保卡怎么办"})
    _featurizer(encoder="none").process([message])
    assert message.get_dense_features(TEXT) == (None, None)


def test_an_unknown_encoder_is_refused_before_training() -> None:
    with pytest.raises(UnknownEncoder, match="usem3"):
        EncoderFeaturizer.validate_config({"encoder": "bert"})
