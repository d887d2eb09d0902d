"""Entities that lists know: places of the city, responsible units, matters of the knowledge base."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import spacy
import yaml
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES
from rasa.shared.nlu.training_data.message import Message
from spacy.language import Language

from components.city import city_dir, words_of
from hotline.language.patterns import data_dir
from hotline.language.places import Gazetteer

Named = dict[tuple[str, str], str]

_PLACES = ("district", "street", "village")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class GazetteerExtractor(GraphComponent, EntityExtractorMixin):
    """``district``, ``street``, ``village``, ``unit``: value is the canonical name; ``matter``: value is its code.

    Every entity also has ``code`` and ``name``. The lists are read when the model is loaded, so that a new matter or
    unit is known after a restart without training.
    """

    @staticmethod
    def required_packages() -> list[str]:
        """The parts beside Rasa."""
        return ["spacy"]

    def __init__(self, gazetteer: Gazetteer, nlp: Language, names: Named) -> None:
        """Keep the lists; ``names`` are the names by label and code."""
        self._gazetteer = gazetteer
        self._nlp = nlp
        self._names = names

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> GazetteerExtractor:
        """An extractor with the lists of the data folder."""
        return cls.read(city_dir(), data_dir() / "knowledge")

    @classmethod
    def read(cls, city: Path, knowledge: Path) -> GazetteerExtractor:
        """An extractor with the lists of the two folders."""
        gazetteer = Gazetteer.load(city)
        nlp = spacy.blank("zh")
        ruler = nlp.add_pipe("entity_ruler")
        # Places are spotted too, so that no matter or unit is found inside the name of one; see _places.
        patterns = {(item["label"], item["pattern"]): item["id"] for item in gazetteer.patterns()}
        names: Named = {}
        for label, code, name, spellings in (*_units(city), *_matters(knowledge)):
            names[label, code] = name
            for spelling in spellings:
                # A spelling that two of a kind share decides nothing.
                patterns[label, spelling] = "" if (label, spelling) in patterns else code
        ruler.add_patterns(  # type: ignore[attr-defined]
            [
                {"label": label, "pattern": spelling, "id": code}
                for (label, spelling), code in patterns.items()
                if code
            ]
        )
        return cls(gazetteer, nlp, names)

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """A hash of the lists."""
        digest = hashlib.sha256()
        for path in sorted([*city_dir().glob("*"), *(data_dir() / "knowledge").glob("*/*.yml")]):
            digest.update(path.read_bytes())
        return digest.hexdigest()

    def process(self, messages: list[Message]) -> list[Message]:
        """Add what is found to the entities of each message."""
        for message in messages:
            text = words_of(message)
            found = self.extract(text) if text else []
            if found:
                entities = message.get(ENTITIES, []) + self.add_extractor_name(found)
                message.set(ENTITIES, entities, add_to_output=True)
        return messages

    def extract(self, text: str) -> list[dict[str, Any]]:
        """The entities of ``text``, in its order."""
        found = self._places(text)
        for span in self._nlp(text).ents:
            if span.label_ not in _PLACES:
                name = self._names[span.label_, span.ent_id_]
                value = span.ent_id_ if span.label_ == "matter" else name
                found.append(_entity(span.label_, value, span.ent_id_, name, span.start_char, span.end_char))
        return sorted(found, key=lambda item: (item["start"], item["end"]))

    def _places(self, text: str) -> list[dict[str, Any]]:
        """Places with the code that the whole message decides on; what stays open is left out."""
        place = self._gazetteer.resolve(text)
        if place is None:
            return []
        decided = {place.district_code, place.street_code, place.village_code}
        found = []
        for mention in self._gazetteer.mentions(text):
            areas = [area for area in mention.areas if area.code in decided] or list(mention.areas)
            if len(areas) == 1:
                area = areas[0]
                found.append(_entity(area.level, area.name, area.code, area.name, mention.start, mention.end))
        return found


def _entity(label: str, value: str, code: str, name: str, start: int, end: int) -> dict[str, Any]:
    return {
        "entity": label,
        "value": value,
        "code": code,
        "name": name,
        "start": start,
        "end": end,
        "confidence_entity": 1.0,
    }


def _units(city: Path) -> Iterator[tuple[str, str, str, list[str]]]:
    path = city / "units.yml"
    if not path.exists():
        return
    for unit in _read(path)["units"]:
        yield "unit", unit["code"], unit["name"], [unit["name"], *unit.get("aliases", [])]


def _matters(knowledge: Path) -> Iterator[tuple[str, str, str, list[str]]]:
    for path in sorted(knowledge.glob("*/*.yml")):
        content = _read(path)
        if isinstance(content, dict) and "code" in content:
            spellings = dict.fromkeys([content["title"], *content.get("aliases", [])])
            yield "matter", content["code"], content["title"], list(spellings)


def _read(path: Path) -> Any:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast
    return yaml.load(path.read_text(encoding="utf-8"), Loader=loader)
