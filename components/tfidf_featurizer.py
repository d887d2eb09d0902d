"""What a message is written with, as weighed pieces: characters, words, or sounds."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import FEATURIZER_CLASS_ALIAS, TOKENS_NAMES
from rasa.nlu.featurizers.sparse_featurizer.sparse_featurizer import SparseFeaturizer
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from components.city import features_of, reading, words_of
from hotline.language.slips import heard

if TYPE_CHECKING:
    from sklearn.feature_extraction.text import TfidfVectorizer

Pieces = Callable[[Message], list[str]]


def characters_of(message: Message) -> list[str]:
    """The characters of a message as it is read."""
    return list(features_of(message))


def tokens_of(message: Message) -> list[str]:
    """The words of a message as they are read."""
    return [token.lemma for token in message.get(TOKENS_NAMES[TEXT]) or []] if words_of(message) else []


def sounds_of(message: Message) -> list[str]:
    """The syllables of a message."""
    return heard(features_of(message))


#: The kinds of pieces, by their names in config.yml.
PIECES: dict[str, Pieces] = {"characters": characters_of, "words": tokens_of, "sounds": sounds_of}


def grams(pieces: list[str], smallest: int, longest: int) -> list[str]:
    """The n-grams of pieces."""
    return [
        "\u241f".join(pieces[start : start + size])
        for size in range(smallest, longest + 1)
        for start in range(len(pieces) - size + 1)
    ]


def vectorizer(smallest: int, longest: int, most: int | None) -> TfidfVectorizer:
    """The counter of n-grams that the featurizer learns with; its input are lists of pieces."""
    from sklearn.feature_extraction.text import TfidfVectorizer  # here, because only training needs it

    return TfidfVectorizer(
        analyzer=lambda pieces: grams(pieces, smallest, longest),
        sublinear_tf=True,
        max_features=most,
        dtype=np.float32,
    )


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class TfidfFeaturizer(SparseFeaturizer, GraphComponent):
    """One sparse row a sentence: TF-IDF of n-grams, of length one. Single words get none.

    Rasa's CountVectorsFeaturizer counts without weighing; a long letter then drowns everything else.
    """

    @classmethod
    def required_components(cls) -> list[type]:
        """Words need a tokenizer."""
        return [Tokenizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """``pieces``: characters, words or sounds; n-grams of ``min_ngram`` to ``max_ngram`` of them."""
        return {
            **SparseFeaturizer.get_default_config(),
            "pieces": "characters",
            "min_ngram": 1,
            "max_ngram": 3,
            "max_features": None,
        }

    def __init__(
        self, config: dict[str, Any], name: str, model_storage: ModelStorage, resource: Resource
    ) -> None:
        """An untrained featurizer."""
        super().__init__(name, config)
        self._storage = model_storage
        self._resource = resource
        self._pieces = PIECES[self._config["pieces"]]
        self._sizes = (int(self._config["min_ngram"]), int(self._config["max_ngram"]))
        self._known: dict[str, int] = {}
        self._rareness = np.zeros(0, dtype=np.float32)

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Fail early when ``pieces`` is not known."""
        if config.get("pieces", "characters") not in PIECES:
            raise ValueError(f"TfidfFeaturizer 的 pieces 可以填：{'、'.join(PIECES)}")

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
    ) -> TfidfFeaturizer:
        """A new featurizer; see the base class."""
        return cls(config, execution_context.node_name, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> TfidfFeaturizer:
        """A featurizer as it was trained; one that was never trained adds no features."""
        featurizer = cls(config, execution_context.node_name, model_storage, resource)
        try:
            with model_storage.read_from(resource) as folder:
                featurizer._known = json.loads((folder / "vocabulary.json").read_text(encoding="utf-8"))
                featurizer._rareness = np.load(folder / "weights.npy")
        except ValueError:
            pass
        return featurizer

    def train(self, training_data: TrainingData) -> Resource:
        """Learn which n-grams there are and how rare each is."""
        rows = [self._pieces(message) for message in training_data.training_examples if message.get(TEXT)]
        if any(rows):
            learnt = vectorizer(*self._sizes, self._config["max_features"]).fit(rows)
            self._known = {gram: int(number) for gram, number in learnt.vocabulary_.items()}
            self._rareness = learnt.idf_.astype(np.float32)
            with self._storage.write_to(self._resource) as folder:
                (folder / "vocabulary.json").write_text(json.dumps(self._known, ensure_ascii=False), "utf-8")
                np.save(folder / "weights.npy", self._rareness)
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Add features to the training examples."""
        self.process(training_data.training_examples)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Add features to the messages. Commands get zeros: the classifier needs rows of one width."""
        if self._known:
            for message in messages:
                if isinstance(message.get(TEXT), str):
                    message.add_features(
                        Features(
                            self._row(self._pieces(message)),
                            FEATURE_TYPE_SENTENCE,
                            TEXT,
                            self._config[FEATURIZER_CLASS_ALIAS],
                        )
                    )
        return messages

    def _row(self, pieces: list[str]) -> scipy.sparse.coo_matrix:
        """What the learnt vectorizer makes of one text, in a tenth of the time."""
        counts: dict[int, int] = {}
        for gram in grams(pieces, *self._sizes):
            number = self._known.get(gram)
            if number is not None:
                counts[number] = counts.get(number, 0) + 1
        columns = np.fromiter(counts.keys(), dtype=np.int32, count=len(counts))
        values = np.fromiter(counts.values(), dtype=np.float32, count=len(counts))
        values = (np.log(values) + 1) * self._rareness[columns]
        values /= max(float(np.sqrt(values @ values)), 1e-12)
        rows = np.zeros(len(counts), dtype=np.int32)
        return scipy.sparse.coo_matrix((values, (rows, columns)), shape=(1, len(self._rareness)))
