"""Words of a Chinese message: jieba with the hotline's own dictionaries, and the model keeps a copy of them."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.tokenizers.jieba_tokenizer import JiebaTokenizer
from rasa.nlu.tokenizers.tokenizer import Token
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from components.city import STAND_INS, city_dir, reading
from hotline.language.identifiers import find_identifiers
from hotline.language.normalise import normalise
from hotline.language.patterns import lexicon_file
from hotline.language.reading import pieces

_NARROW = {
    code: code - 0xFEE0 for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))
}

_WORD = re.compile(r"\w")
_NOTHING = "□"


def dictionaries() -> list[Path]:
    """The user dictionaries: the words every city shares, and the city's own."""
    return [path for path in (lexicon_file("words.txt"), city_dir() / "lexicon.txt") if path.exists()]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=True)
class ChineseTokenizer(JiebaTokenizer):
    """JiebaTokenizer that knows the hotline's words and makes no tokens of blanks."""

    def __init__(self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        """See the base class. The words are kept in a jieba of its own, apart from everyone else's."""
        super().__init__(config, model_storage, resource)
        import jieba

        jieba.setLogLevel("WARNING")
        self._jieba = jieba.Tokenizer()

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """A hash of the dictionaries, so that a new word retrains the model."""
        digest = hashlib.sha256(reading())
        for path in dictionaries():
            digest.update(path.read_bytes())
        return digest.hexdigest()

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> ChineseTokenizer:
        """A tokenizer with the dictionaries of the data folder, for training."""
        tokenizer = cls(config, model_storage, resource)
        tokenizer._read(dictionaries())
        return tokenizer

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> ChineseTokenizer:
        """A tokenizer with the dictionaries that the model was trained with."""
        tokenizer = cls(config, model_storage, resource)
        try:
            with model_storage.read_from(resource) as folder:
                tokenizer._read(sorted(folder.glob("*.txt")))
        except ValueError:  # trained without any dictionary
            pass
        return tokenizer

    def train(self, training_data: TrainingData) -> Resource:
        """Nothing is learnt; the dictionaries are put into the model."""
        self.persist()
        return self._resource

    def persist(self) -> None:
        """Copy the dictionaries into the model."""
        with self._model_storage.write_to(self._resource) as folder:
            for number, path in enumerate(dictionaries()):
                shutil.copyfile(path, Path(folder) / f"{number}-{path.name}")

    def _read(self, paths: list[Path]) -> None:
        import jieba

        # Its general words are those of the jieba that everyone else uses: 60 MB once, not twice.
        jieba.initialize()
        self._jieba.FREQ, self._jieba.total = jieba.dt.FREQ.copy(), jieba.dt.total
        self._jieba.initialized = True
        for path in paths:
            with path.open("rb") as file:
                self._jieba.load_userdict(file)

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        """Words with their places in the text as it was typed; features are counted on them as they are read.

        A telephone or another number is one token, counted by its kind.
        """
        text = message.get(attribute)
        tokens: list[Token] = []
        start = 0
        for item in find_identifiers(text):
            tokens.extend(self._read_words(text, start, item.start))
            tokens.append(Token(text[item.start : item.end], item.start, lemma=STAND_INS[item.kind]))
            start = item.end
        tokens.extend(self._read_words(text, start, len(text)))
        if not any(_WORD.search(token.lemma) for token in tokens):
            # A lone full stop or emoji means nothing: a token that the featurizers have never seen.
            return [Token(text, 0, lemma=_NOTHING)]
        return tokens

    def _read_words(self, text: str, start: int, end: int) -> Iterator[Token]:
        # One character for one: jieba cuts full-width letters apart, and the places must stay.
        part = text[start:end].translate(_NARROW)
        for piece in pieces(part):
            first, last = start + piece.start, start + piece.end
            if len(piece.text) != last - first:  # a word of the dialect
                yield Token(text[first:last], first, lemma=piece.text)
                continue
            for word, begin, stop in self._jieba.tokenize(piece.text):
                plain = normalise(word).lower()
                if plain:
                    yield Token(text[first + begin : first + stop], first + begin, lemma=plain)
