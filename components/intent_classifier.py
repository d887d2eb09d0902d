"""The intent of a message: a linear support vector machine over all features, with honest probabilities."""

from __future__ import annotations

import json
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.sparse
from numpy.typing import NDArray
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.shared.nlu.constants import (
    FEATURE_TYPE_SENTENCE,
    INTENT,
    INTENT_NAME_KEY,
    INTENT_RANKING_KEY,
    PREDICTED_CONFIDENCE_KEY,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

if TYPE_CHECKING:
    from sklearn.svm import LinearSVC

Array = NDArray[np.float32]

_FOLDS = 3
_RANKED = 10


def features(message: Message) -> scipy.sparse.csr_matrix:
    """All sentence features of a message in one row; empty when it has none."""
    sparse, dense = message.get_sparse_features(TEXT)[1], message.get_dense_features(TEXT)[1]
    parts = [scipy.sparse.csr_matrix(item.features) for item in (sparse, dense) if item is not None]
    return scipy.sparse.hstack(parts, format="csr") if parts else scipy.sparse.csr_matrix((1, 0))


def picked(message: Message) -> tuple[NDArray[np.int64], Array, int]:
    """The row of :func:`features` as columns, values and width, without making matrices of it."""
    mine = [
        part for part in message.features if part.attribute == TEXT and part.type == FEATURE_TYPE_SENTENCE
    ]
    columns, values, width = [], [], 0
    for part in sorted(mine, key=lambda part: bool(part.is_dense())):
        if part.is_dense():
            columns.append(np.arange(width, width + part.features.shape[1]))
            values.append(part.features[0])
        else:
            sparse = part.features.tocoo()
            columns.append(sparse.col + width)
            values.append(sparse.data)
        width += part.features.shape[1]
    if not mine:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32), 0
    return np.concatenate(columns), np.concatenate(values).astype(np.float32), width


def machine(penalty: float) -> LinearSVC:
    """The untrained machine, rare intents counting as much as frequent ones."""
    from sklearn.svm import LinearSVC  # here and below, because only training needs them

    return LinearSVC(C=penalty, class_weight="balanced", random_state=12345)


def sharpness(scores: NDArray[np.float64], right: NDArray[np.int64]) -> float:
    """What the scores (one row an example, one column an intent) are multiplied by before the softmax.

    Fitted by maximum likelihood on examples the machine has not seen, so that .8 is right about 8 times in 10.
    """
    from scipy.optimize import minimize_scalar

    rows = np.arange(len(right))

    def loss(factor: float) -> float:
        scaled = factor * scores
        top = scaled.max(axis=1, keepdims=True)
        total = np.log(np.exp(scaled - top).sum(axis=1)) + top[:, 0]
        return float((total - scaled[rows, right]).mean())

    return float(minimize_scalar(loss, bounds=(0.5, 20.0), method="bounded").x)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class LinearIntentClassifier(GraphComponent, IntentClassifier):
    """``penalty``: the machine's C. Messages without features get no intent."""

    @classmethod
    def required_components(cls) -> list[type]:
        """Features come first."""
        return [Featurizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """See the class."""
        return {"penalty": 1.0}

    def __init__(self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        """An untrained classifier."""
        self._penalty = float(config["penalty"])
        self._storage = model_storage
        self._resource = resource
        self._intents: list[str] = []
        # One column an intent: the few features of a message pick their rows.
        self._weights: Array = np.zeros((0, 0), dtype=np.float32)
        self._bias: Array = np.zeros(0, dtype=np.float32)
        self._sharpness = 1.0

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> LinearIntentClassifier:
        """A new classifier; see the base class."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> LinearIntentClassifier:
        """A classifier as it was trained."""
        classifier = cls(config, model_storage, resource)
        try:
            with model_storage.read_from(resource) as folder:
                kept = json.loads((folder / "intents.json").read_text(encoding="utf-8"))
                classifier._weights = np.load(folder / "weights.npy")
                classifier._bias = np.load(folder / "bias.npy")
        except ValueError:  # trained without any example
            return classifier
        classifier._intents, classifier._sharpness = kept["intents"], kept["sharpness"]
        return classifier

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from the examples that have an intent and words."""
        examples = [item for item in training_data.intent_examples if item.get(TEXT)]
        names = np.asarray([item.get(INTENT) for item in examples])
        if len(set(names)) < 2:
            return self._resource
        from sklearn.exceptions import ConvergenceWarning

        rows = scipy.sparse.vstack([features(item) for item in examples], format="csr")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            self._sharpness = self._fit_sharpness(rows, names)
            trained = machine(self._penalty).fit(rows, names)
        weights, bias = trained.coef_, trained.intercept_
        if len(trained.classes_) == 2:
            weights, bias = np.vstack([-weights, weights]), np.concatenate([-bias, bias])
        self._intents = [str(name) for name in trained.classes_]
        self._weights = np.ascontiguousarray(weights.T, dtype=np.float32)
        self._bias = bias.astype(np.float32)
        with self._storage.write_to(self._resource) as folder:
            kept = {"intents": self._intents, "sharpness": self._sharpness}
            (folder / "intents.json").write_text(json.dumps(kept), encoding="utf-8")
            np.save(folder / "weights.npy", self._weights)
            np.save(folder / "bias.npy", self._bias)
        return self._resource

    def _fit_sharpness(self, rows: scipy.sparse.csr_matrix, names: NDArray[np.str_]) -> float:
        from sklearn.model_selection import StratifiedKFold

        intents, right = np.unique(names, return_inverse=True)
        if np.bincount(right).min() < _FOLDS or len(intents) < 3:
            return 1.0  # too few examples to hold any back
        scores = np.zeros((len(names), len(intents)))
        for known, held in StratifiedKFold(_FOLDS, shuffle=True, random_state=12345).split(rows, names):
            scores[held] = machine(self._penalty).fit(rows[known], names[known]).decision_function(rows[held])
        return sharpness(scores, right)

    def process(self, messages: list[Message]) -> list[Message]:
        """Set the likeliest intent and the ranking of each message."""
        for message in messages:
            columns, values, width = picked(message)
            if not self._intents or not message.get(TEXT) or width != len(self._weights):
                continue
            scores = self._sharpness * (values @ self._weights[columns] + self._bias)
            powers = np.exp(scores - scores.max())
            shares = powers / powers.sum()
            ranking = [
                {INTENT_NAME_KEY: self._intents[number], PREDICTED_CONFIDENCE_KEY: float(shares[number])}
                for number in np.argsort(-shares)[:_RANKED]
            ]
            message.set(INTENT, dict(ranking[0]), add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        return messages
