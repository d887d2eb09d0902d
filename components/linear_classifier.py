"""Multinomial logistic regression over sparse and dense features: Rasa's own classifier, without its detours.

Rasa's LogisticRegressionClassifier copies its coefficients at every message, turns the dense features into sparse ones,
and keeps the model by a library that takes 2 s to import. The model here is the same (same loss, same class weights, same
optimiser); it is kept as plain arrays.
"""

from __future__ import annotations

from typing import Any

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
    INTENT,
    INTENT_NAME_KEY,
    INTENT_RANKING_KEY,
    PREDICTED_CONFIDENCE_KEY,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

Array = NDArray[np.float64]

_FILE = "classifier.npz"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class LinearClassifier(GraphComponent, IntentClassifier):
    """Softmax over intents, from the sentence features of the text."""

    @classmethod
    def required_components(cls) -> list[type]:
        """Features come first."""
        return [Featurizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """``C``: inverse strength of the L2 penalty; ``max_iter``, ``tol``: when L-BFGS ends.

        ``ranking_length``: how many intents are told.
        """
        return {"C": 1.0, "max_iter": 100, "tol": 1e-4, "ranking_length": 10}

    def __init__(self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        """An untrained classifier."""
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._intents: list[str] = []
        #: A row a feature, sparse ones first; a column an intent.
        self._weights: NDArray[np.float32] = np.zeros((0, 0), np.float32)
        self._intercept: Array = np.zeros(0)

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> LinearClassifier:
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
    ) -> LinearClassifier:
        """The trained classifier; see the base class."""
        classifier = cls(config, model_storage, resource)
        try:
            with model_storage.read_from(resource) as folder, np.load(folder / _FILE) as kept:
                classifier._intents = [str(name) for name in kept["intents"]]
                classifier._weights = kept["weights"]
                classifier._intercept = kept["intercept"]
        except ValueError:  # trained without any example
            pass
        return classifier

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from all examples that have an intent."""
        examples = [m for m in training_data.intent_examples if m.get(INTENT) and m.get(TEXT)]
        if not examples:
            return self._resource
        self._intents, labels = _labels([example.get(INTENT) for example in examples])
        self._weights, self._intercept = _fit(
            *_matrices(examples),
            labels,
            penalty=1.0 / float(self._config["C"]),
            max_iter=int(self._config["max_iter"]),
            tol=float(self._config["tol"]),
        )
        with self._model_storage.write_to(self._resource) as folder:
            np.savez_compressed(
                folder / _FILE,
                intents=np.asarray(self._intents),
                weights=self._weights,
                intercept=self._intercept,
            )
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Set the intent and the ranking of each message."""
        for message in messages:
            if self._intents and message.get(TEXT):
                self._classify(message)
        return messages

    def _classify(self, message: Message) -> None:
        scores = self._intercept.copy()
        sparse, dense = _features(message)
        if sparse is not None:
            scores += sparse.data @ self._weights[sparse.indices]
        if dense is not None:
            scores += dense @ self._weights[-len(dense) :]
        powers = np.exp(scores - scores.max())
        shares = powers / powers.sum()
        ranking = [
            {INTENT_NAME_KEY: self._intents[number], PREDICTED_CONFIDENCE_KEY: float(shares[number])}
            for number in np.argsort(-shares, kind="stable")
        ]
        message.set(INTENT, dict(ranking[0]), add_to_output=True)
        length = int(self._config["ranking_length"])
        message.set(INTENT_RANKING_KEY, ranking[:length] if length > 0 else ranking, add_to_output=True)


def _features(message: Message) -> tuple[scipy.sparse.csr_matrix | None, NDArray[np.float32] | None]:
    """The sentence features of a text: one sparse row, one dense vector; None for what no featurizer makes."""
    _, sparse = message.get_sparse_features(TEXT)
    _, dense = message.get_dense_features(TEXT)
    return (
        None if sparse is None else scipy.sparse.csr_matrix(sparse.features),
        None if dense is None else np.asarray(dense.features[0], dtype=np.float32),
    )


def _matrices(examples: list[Message]) -> tuple[scipy.sparse.csr_matrix, NDArray[np.float32]]:
    pairs = [_features(example) for example in examples]
    count = len(pairs)
    sparse = [row for row, _ in pairs if row is not None]
    dense = [row for _, row in pairs if row is not None]
    return (
        scipy.sparse.vstack(sparse, format="csr").astype(np.float32)
        if sparse
        else scipy.sparse.csr_matrix((count, 0), dtype=np.float32),
        np.stack(dense) if dense else np.zeros((count, 0), np.float32),
    )


def _labels(intents: list[str]) -> tuple[list[str], NDArray[np.int64]]:
    names = sorted(set(intents))
    places = {name: number for number, name in enumerate(names)}
    return names, np.asarray([places[intent] for intent in intents], dtype=np.int64)


def _fit(
    sparse: scipy.sparse.csr_matrix,
    dense: NDArray[np.float32],
    labels: NDArray[np.int64],
    *,
    penalty: float,
    max_iter: int,
    tol: float,
) -> tuple[NDArray[np.float32], Array]:
    """Weights and intercept of least loss, intents weighing the same however many examples they have."""
    from scipy.optimize import minimize

    rows, classes = len(labels), int(labels.max()) + 1
    narrow, wide = sparse.shape[1], sparse.shape[1] + dense.shape[1]
    share = rows / (classes * np.bincount(labels, minlength=classes))
    weight = share[labels].astype(np.float32)
    # Features by examples, so that both products run along the rows of a sparse matrix.
    across = sparse.T.tocsr()

    def loss(flat: Array) -> tuple[float, Array]:
        coefficients = flat.reshape(wide + 1, classes)
        quick = coefficients.astype(np.float32)
        scores = sparse @ quick[:narrow]
        scores += dense @ quick[narrow:wide]
        scores += quick[wide]
        scores -= scores.max(axis=1, keepdims=True)
        right = scores[np.arange(rows), labels].copy()
        np.exp(scores, out=scores)
        sums = scores.sum(axis=1)
        total = float((weight * (np.log(sums) - right)).sum(dtype=np.float64))
        scores /= sums[:, None]
        scores[np.arange(rows), labels] -= 1.0
        scores *= weight[:, None]
        gradient = np.empty_like(coefficients)
        gradient[:narrow] = across @ scores
        gradient[narrow:wide] = dense.T @ scores
        gradient[wide] = scores.sum(axis=0)
        gradient[:wide] += penalty * coefficients[:wide]
        total += 0.5 * penalty * float((coefficients[:wide] ** 2).sum())
        return total, gradient.ravel()

    found = minimize(
        loss,
        np.zeros((wide + 1) * classes),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": max_iter, "gtol": tol, "maxls": 50},
    )
    coefficients = found.x.reshape(wide + 1, classes)
    return coefficients[:wide].astype(np.float32), coefficients[wide].copy()
