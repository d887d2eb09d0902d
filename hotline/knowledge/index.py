"""What is searched: every text by which a citizen may mean a matter, and how like a question it is.

Pure: no file, no database. The features made here are weighed in :mod:`hotline.knowledge.ranking`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hotline.knowledge.lexical import LexicalIndex
from hotline.knowledge.ridge import Likeness, Linear, left_out, solve, targets
from hotline.knowledge.schema import Matter
from hotline.knowledge.words import characters, sounds, words
from hotline.language.encoder import Encoder
from hotline.language.identifiers import find_identifiers
from hotline.language.reading import read

Scores = NDArray[np.float32]
Encode = Callable[[Sequence[str]], Scores]

FEATURES = (
    "meaning",  # the nearest text, by the sentence encoder
    "meaning_near",  # the three nearest, on average
    "characters",  # the nearest text, by its characters
    "characters_near",
    "words",  # the nearest text, by its words
    "content",  # share of the question's words that the matter's whole content has
    "sounds",  # the nearest text, by how it sounds
    "learnt",  # what kernel ridge regression over all texts says; 0 in a base too large for it
    "named",  # the longest title or alias found word for word, as share of the question
)

#: From this many texts on, only the most likely matters are compared text by text.
_SHORTLIST_ABOVE = 20_000
_SHORTLIST = 40
#: Of the vectors' 512 dimensions, so many tell which matters to look at.
_ROUGH_SIZE = 128
_NEAR = 3
#: Learnt is from at least and at most so many texts, as many of each matter; with fewer than these of each, from none.
_FEWEST_LEARNT = 500
_MOST_LEARNT = 6_000
_FEWEST_EACH = 10
_LEARNT_KINDS = frozenset({"title", "alias", "faq", "sample"})
#: How much likeness in words counts beside characters and meaning; and the ridge.
_LEARNT_WORDS = 0.5
_RIDGE = 1.0
_SHORT_PART = 4
_SHORTEST_NAME = 2
_BRIEF = 10


@dataclass(frozen=True)
class Passage:
    """One text of a matter. ``kind``: title, alias, summary, bundle, faq or sample."""

    matter: int
    kind: str
    text: str


def passages_of(number: int, matter: Matter) -> list[Passage]:
    """The texts by which a question may mean ``matter``."""
    found = [Passage(number, "title", matter.title)]
    found += [Passage(number, "alias", text) for text in matter.aliases]
    found += [Passage(number, "summary", matter.summary)]
    # A short name of a part ("社保") says too little of the whole.
    found += [Passage(number, "bundle", text) for text in matter.bundle if len(text) > _SHORT_PART]
    found += [Passage(number, "faq", faq.question) for faq in matter.faqs]
    found += [Passage(number, "sample", text) for text in matter.samples]
    return found


def content_of(matter: Matter) -> str:
    """All that the answer may say, but no sample question."""
    parts = [
        matter.title,
        *matter.aliases,
        matter.audience,
        matter.summary,
        *matter.conditions,
        *matter.process,
    ]
    parts += [f"{item.name} {item.when or ''} {item.note or ''}" for item in matter.materials]
    parts += [item.name for item in matter.time_limit]
    parts += [item.text for item in matter.policy] + [item.text or "" for item in matter.basis]
    parts += [f"{faq.question} {faq.answer}" for faq in matter.faqs]
    return " ".join([*parts, *matter.bundle])


def details_of(matter: Matter) -> list[str]:
    """The texts among which the one that a question asks for is looked up, once the matter is known."""
    return (
        [item.text for item in matter.policy] + [item.name for item in matter.time_limit] + matter.conditions
    )


@dataclass(frozen=True)
class Query:
    """A question, made ready once: the text as it is read and what the index needs of it."""

    text: str
    vector: Scores


@dataclass(frozen=True)
class _Looked:
    """The matters that are looked at, and where their passages lie in an array of only theirs."""

    numbers: NDArray[np.intp]
    #: Their passages among all, first and last (exclusive); None: all matters are looked at.
    ranges: list[tuple[int, int]] | None
    starts: NDArray[np.intp]
    owner: NDArray[np.intp]

    def best(self, scores: Scores) -> Scores:
        """The best score of each matter."""
        return np.asarray(np.maximum.reduceat(scores, self.starts), dtype=np.float32)

    def near(self, scores: Scores) -> Scores:
        """The mean of the best three scores of each matter."""
        rest = scores.copy()
        total = np.zeros(len(self.numbers), dtype=np.float32)
        for turn in range(_NEAR):
            best = self.best(rest)
            total += np.maximum(best, 0.0)
            if turn + 1 < _NEAR:
                # Take one passage out of each matter: the first that holds the best score.
                hits = np.flatnonzero(rest == best[self.owner])
                _, first = np.unique(self.owner[hits], return_index=True)
                rest[hits[first]] = -1.0
        return np.asarray(total / _NEAR, dtype=np.float32)


def _rough(vectors: Scores) -> tuple[Scores, Scores]:
    """The directions in which the vectors differ most, and the vectors in those alone: a quarter of the numbers."""
    if not vectors.size:
        return np.zeros((0, vectors.shape[1]), dtype=np.float32), np.zeros(
            (len(vectors), 0), dtype=np.float32
        )
    _, found = np.linalg.eigh(vectors.T @ vectors)
    directions = np.ascontiguousarray(found[:, -_ROUGH_SIZE:].T, dtype=np.float32)
    return directions, np.ascontiguousarray(vectors @ directions.T, dtype=np.float32)


class Index:
    """All matters of the knowledge base, ready to be searched. Never changed: a new base is a new index."""

    def __init__(
        self,
        matters: Sequence[Matter],
        encoder: Encoder,
        *,
        outside: Sequence[str] = (),
        encode: Encode | None = None,
        learn: bool = True,
    ) -> None:
        """Index ``matters``.

        Args:
            matters: the base, in the order of the features' rows.
            encoder: for the questions.
            outside: questions that no matter answers; what is nearer to them is not covered.
            encode: for the base's own texts, where their vectors are kept; the encoder when absent.
            learn: learn from the texts, where the base is small enough.
        """
        encode = encode or encoder.encode
        self.matters = list(matters)
        self.outside_texts = tuple(outside)
        self.encoder = encoder
        self.passages = [
            passage for number, matter in enumerate(self.matters) for passage in passages_of(number, matter)
        ]
        texts = [read(passage.text) for passage in self.passages]
        self._texts = frozenset(texts)
        self._owner = np.asarray([passage.matter for passage in self.passages], dtype=np.intp)
        self._starts = np.searchsorted(self._owner, np.arange(len(self.matters) + 1))
        self.vectors: Scores = encode(texts)
        large = len(texts) > _SHORTLIST_ABOVE
        self._characters = LexicalIndex(texts, characters, by_text=large)
        self._gist = self._characters.gathered(self._owner) if large else None
        self._directions: Scores | None = None
        self._centres = self._centre()
        if large:
            self._directions, self._centres = _rough(self._centres)
        self._words = LexicalIndex(texts, words, by_text=large)
        self._sounds = LexicalIndex(texts, sounds, by_text=large)
        self._content = LexicalIndex(
            [read(content_of(matter)) for matter in self.matters], words, saturating=True
        )
        outsiders = [read(text) for text in outside]
        self._outside_vectors: Scores = encode(outsiders)
        self._outside_characters = LexicalIndex(outsiders, characters)
        self._learn(texts, outsiders, learn)
        self._names = self._collect_names()
        self._name_sizes = sorted({len(name) for name in self._names})
        details = list(dict.fromkeys(text for matter in self.matters for text in details_of(matter)))
        self._details = dict(zip(details, encode(details), strict=True))

    def _learn(self, texts: list[str], outsiders: list[str], wanted: bool) -> None:
        """Learn which matter each text means, and that outsiders mean none."""
        self.learnt_rows = self._rows_to_learn(len(outsiders))
        self._linear: Linear | None = None
        if not wanted or not len(self.learnt_rows):
            return
        alike = self._learnt_examples([texts[row] for row in self.learnt_rows], outsiders)
        self._linear = alike.collapse(solve(alike.matrix(), self._learnt_targets(), _RIDGE))

    def _learnt_examples(self, texts: list[str], outsiders: list[str]) -> Likeness:
        vectors = np.concatenate([self.vectors[self.learnt_rows], self._outside_vectors])
        kinds = ((1.0, characters), (_LEARNT_WORDS, words))
        return Likeness([*texts, *outsiders], vectors, kinds, 1.0)

    def _rows_to_learn(self, outsiders: int) -> NDArray[np.intp]:
        rows = np.asarray(
            [row for row, passage in enumerate(self.passages) if passage.kind in _LEARNT_KINDS], dtype=np.intp
        )
        room = _MOST_LEARNT - outsiders
        if len(rows) < _FEWEST_LEARNT:
            return rows[:0]
        if len(rows) <= room:
            return rows
        owners = self._owner[rows]
        place = np.arange(len(rows)) - np.searchsorted(owners, owners)
        each = room // max(len(self.matters), 1)
        return rows[place < each] if each >= _FEWEST_EACH else rows[:0]

    def _learnt_targets(self) -> Scores:
        none = np.full(len(self._outside_vectors), -1, dtype=np.intp)
        return targets(np.concatenate([self._owner[self.learnt_rows], none]), len(self.matters))

    @property
    def learns(self) -> bool:
        """Whether the base is small enough to be learnt from."""
        return self._linear is not None

    def learnt_left_out(self, outside: Sequence[str]) -> Scores:
        """The feature ``learnt`` of each learnt text and then of each outsider, had it not been learnt from."""
        texts = [read(self.passages[row].text) for row in self.learnt_rows]
        alike = self._learnt_examples(texts, [read(text) for text in outside])
        return left_out(alike.matrix(), self._learnt_targets(), _RIDGE)

    def _learnt_scores(self, query: Query, written: list[str], cut: list[str]) -> Scores:
        """What was learnt says of each matter: about 1 for the one that is meant, -1 for the others."""
        if self._linear is None:
            return np.zeros(len(self.matters), dtype=np.float32)
        return self._linear.scores(query.vector, (written, cut))

    def _centre(self) -> Scores:
        if not self.matters:
            return np.zeros((0, self.encoder.size), dtype=np.float32)
        sums = np.add.reduceat(self.vectors, self._starts[:-1], axis=0)
        norms = np.linalg.norm(sums, axis=1, keepdims=True)
        return np.asarray(sums / np.maximum(norms, 1e-9), dtype=np.float32)

    def _collect_names(self) -> dict[str, set[int]]:
        names: dict[str, set[int]] = {}
        for passage in self.passages:
            name = read(passage.text).removesuffix("一件事")
            if passage.kind in ("title", "alias") and len(name) >= _SHORTEST_NAME:
                names.setdefault(name, set()).add(passage.matter)
        return names

    def query(self, text: str) -> Query:
        """Make ``text`` ready; telephones and other numbers of persons say nothing of what is meant."""
        for item in reversed(find_identifiers(text)):
            text = f"{text[: item.start]} {text[item.end :]}"
        clean = read(text)
        return Query(clean, self.encoder.encode([clean])[0])

    def features(self, query: Query, *, hidden: frozenset[int] = frozenset()) -> Scores:
        """How like the question every matter is: one row a matter, one column of :data:`FEATURES` each.

        Args:
            query: the question.
            hidden: passages that must not count, so that a sample can be tried without seeing itself.
        """
        written, cut, heard = characters(query.text), words(query.text), sounds(query.text)
        content = self._content.scores_of(cut)
        looked = self._look_at(query.vector, written, content)
        pieces = ((self._characters, written), (self._words, cut), (self._sounds, heard))
        if looked.ranges is None:
            by_meaning = np.asarray(self.vectors @ query.vector, dtype=np.float32)
            by_characters, by_words, by_sounds = (index.scores_of(found) for index, found in pieces)
            for scores in (by_characters, by_words, by_sounds, by_meaning) if hidden else ():
                scores[list(hidden)] = 0.0
        else:  # large bases have no hidden passages
            by_meaning = np.concatenate([self.vectors[a:b] @ query.vector for a, b in looked.ranges])
            by_characters, by_words, by_sounds = (
                index.scores_in(found, looked.ranges) for index, found in pieces
            )
        if self.encoder.size == 0:
            by_meaning = np.zeros(len(looked.owner), dtype=np.float32)
        result = np.zeros((len(self.matters), len(FEATURES)), dtype=np.float32)
        result[looked.numbers] = np.stack(
            [
                looked.best(by_meaning),
                looked.near(by_meaning),
                looked.best(by_characters),
                looked.near(by_characters),
                looked.best(by_words),
                content[looked.numbers],
                looked.best(by_sounds),
                self._learnt_scores(query, written, cut)[looked.numbers],
                self._named(query.text)[looked.numbers],
            ],
            axis=1,
        )
        return result

    def _look_at(self, vector: Scores, written: list[str], content: Scores) -> _Looked:
        """Which matters are compared text by text: all, or in a large base the most likely."""
        if self._gist is None:
            return _Looked(np.arange(len(self.matters)), None, self._starts[:-1], self._owner)
        rough = self._gist.scores_of(written) + content
        if self._directions is not None:
            rough += self._centres @ (self._directions @ vector)
        numbers = np.sort(np.argpartition(rough, -_SHORTLIST)[-_SHORTLIST:])
        ranges = [(int(self._starts[number]), int(self._starts[number + 1])) for number in numbers]
        counts = np.asarray([last - first for first, last in ranges])
        starts = np.concatenate([[0], np.cumsum(counts)[:-1]])
        return _Looked(numbers, ranges, starts, np.repeat(np.arange(len(numbers)), counts))

    def _named(self, text: str) -> Scores:
        """For each matter, the longest of its names that the text has, as share of the text."""
        result = np.zeros(len(self.matters), dtype=np.float32)
        for start in range(len(text)):
            for size in self._name_sizes:
                for number in self._names.get(text[start : start + size], ()):
                    result[number] = max(result[number], min(1.0, size / len(text) * 2))
        return result

    def outside(self, query: Query, *, hidden: int | None = None) -> tuple[float, float]:
        """How near the question is to those that no matter answers, by meaning and by characters."""
        by_meaning = self._outside_vectors @ query.vector
        by_characters = self._outside_characters.scores(query.text)
        if hidden is not None:
            by_meaning[hidden] = by_characters[hidden] = 0.0
        return float(by_meaning.max(initial=0.0)), float(by_characters.max(initial=0.0))

    def is_named(self, query: Query, number: int) -> bool:
        """Whether the question has a name of the matter: word for word, or in a short one all its characters."""
        text = query.text
        return any(
            number in owners and (name in text or (len(text) <= _BRIEF and set(name) <= set(text)))
            for name, owners in self._names.items()
        )

    def is_sample(self, query: Query) -> bool:
        """Whether the question is one of the matters' own texts, word for word."""
        return query.text in self._texts

    def nearness(self, query: Query, text: str) -> float:
        """How near a detail of a matter is to the question: by meaning, and by the character pairs they share."""
        pairs = {text[start : start + 2] for start in range(len(text) - 1)}
        asked = {query.text[start : start + 2] for start in range(len(query.text) - 1)}
        shared = len(pairs & asked) / (len(asked) or 1)
        vector = self._details.get(text)
        return shared + (float(vector @ query.vector) if vector is not None and len(vector) else 0.0)

    def faq_likeness(self, query: Query, number: int) -> list[float]:
        """How near each of a matter's common questions is by meaning, in their order; none without an encoder."""
        rows = [
            row
            for row in range(self._starts[number], self._starts[number + 1])
            if self.passages[row].kind == "faq"
        ]
        return [float(value) for value in self.vectors[rows] @ query.vector] if self.encoder.size else []
