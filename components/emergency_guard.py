"""Rules that speak before the classifier when someone is in danger, and correct it when no one is."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, INTENT_NAME_KEY, INTENT_RANKING_KEY, PREDICTED_CONFIDENCE_KEY
from rasa.shared.nlu.training_data.message import Message

from components.city import words_of
from hotline.language.emergency import detect_emergency, only_sounds_dangerous
from hotline.language.normalise import normalise
from hotline.language.reading import read

EMERGENCY = "emergency"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class EmergencyGuard(GraphComponent, IntentClassifier):
    """Stands after the classifier and before the FallbackClassifier.

    An emergency of the rules wins over any intent. One that only the classifier sees stands, from ``lift`` on even when
    another intent is likelier (recall first), unless the rules know the words to be harmless: then the next intent is
    taken, and the FallbackClassifier judges it as ever.
    """

    @classmethod
    def required_components(cls) -> list[type]:
        """A classifier comes first."""
        return [IntentClassifier]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """``lift``: the classifier's confidence from which its emergency counts before a likelier intent."""
        return {"lift": 0.35}

    def __init__(self, config: dict[str, Any]) -> None:
        """Keep the settings."""
        self._lift = float(config["lift"])

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> EmergencyGuard:
        """A new guard; see the base class."""
        return cls(config)

    def process(self, messages: list[Message]) -> list[Message]:
        """Correct the intent of each message."""
        for message in messages:
            text = normalise(words_of(message))
            if text:
                self._judge(message, (text, read(text)))
        return messages

    def _judge(self, message: Message, texts: tuple[str, str]) -> None:
        ranking = list(message.get(INTENT_RANKING_KEY) or [])
        others = [item for item in ranking if item.get(INTENT_NAME_KEY) != EMERGENCY]
        guessed = sum(
            item[PREDICTED_CONFIDENCE_KEY] for item in ranking if item.get(INTENT_NAME_KEY) == EMERGENCY
        )
        harmless = any(map(only_sounds_dangerous, texts))
        if any(map(detect_emergency, texts)) or (guessed >= self._lift and not harmless):
            # Halved, in their order: the FallbackClassifier must not find the emergency ambiguous.
            _set(message, [_intent(EMERGENCY, 1.0), *(_scaled(item, 0.5) for item in others)])
        elif others and ranking[0].get(INTENT_NAME_KEY) == EMERGENCY and harmless:
            _set(message, [_scaled(item, 1 / max(1.0 - guessed, 1e-6)) for item in others])


def _set(message: Message, ranking: list[dict[str, Any]]) -> None:
    message.set(INTENT, dict(ranking[0]), add_to_output=True)
    message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)


def _intent(name: str, confidence: float) -> dict[str, Any]:
    return {INTENT_NAME_KEY: name, PREDICTED_CONFIDENCE_KEY: confidence}


def _scaled(item: dict[str, Any], factor: float) -> dict[str, Any]:
    return {**item, PREDICTED_CONFIDENCE_KEY: min(1.0, item[PREDICTED_CONFIDENCE_KEY] * factor)}
