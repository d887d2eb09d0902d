"""Entities that rules find: telephones and other numbers, times, and the aspect a question asks about."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES
from rasa.shared.nlu.training_data.message import Message

from components.city import words_of
from hotline.language.aspects import find_aspects
from hotline.language.identifiers import find_identifiers
from hotline.language.times import find_times


def _today() -> date:
    return datetime.now(ZoneInfo("Asia/Shanghai")).date()


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class IdentifierExtractor(GraphComponent, EntityExtractorMixin):
    """``phone``, ``id_card``, ``order_number``, ``query_code``: canonical spelling; ``time``: the day, or the words."""

    def __init__(self, today: Callable[[], date] = _today) -> None:
        """``today`` is the day in the city; tests give their own."""
        self._today = today

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> IdentifierExtractor:
        """A new extractor; see the base class."""
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Add what is found to the entities of each message."""
        for message in messages:
            text = words_of(message)
            found = self._identifiers(text) + self._times(text) if text else []
            if found:
                entities = message.get(ENTITIES, []) + self.add_extractor_name(found)
                message.set(ENTITIES, entities, add_to_output=True)
        return messages

    def _identifiers(self, text: str) -> list[dict[str, Any]]:
        return [_entity(item.kind, item.value, item.start, item.end) for item in find_identifiers(text)]

    def _times(self, text: str) -> list[dict[str, Any]]:
        return [
            _entity("time", item.date.isoformat() if item.date else item.text, item.start, item.end)
            for item in find_times(text, self._today())
        ]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class AspectExtractor(GraphComponent, EntityExtractorMixin):
    """``aspect``: the name of each aspect that is asked about, the strongest first."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> AspectExtractor:
        """A new extractor; see the base class."""
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Add what is found to the entities of each message."""
        for message in messages:
            found = [
                _entity("aspect", item.aspect, item.start, item.end)
                for item in find_aspects(words_of(message))
            ]
            if found:
                entities = message.get(ENTITIES, []) + self.add_extractor_name(found)
                message.set(ENTITIES, entities, add_to_output=True)
        return messages


def _entity(kind: str, value: str, start: int, end: int) -> dict[str, Any]:
    return {"entity": kind, "value": value, "start": start, "end": end, "confidence_entity": 1.0}
