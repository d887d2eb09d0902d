"""How alike cases are, in parts that can be shown: what is said (meaning and words), and where."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from hotline.language.encoder import Encoder
from hotline.language.reading import simplify
from hotline.similarity.places_said import Names, names_in
from hotline.similarity.words_said import content_words, weighed_words

Matrix = NDArray[np.float32]
Numbers = Sequence[int] | NDArray[np.intp]

#: The encoder reads about 110 characters at a time; the beginning of a letter says what it is about.
_PIECE, _PIECES = 110, 2
#: Words after so many characters are no more looked at.
_READ = 400
#: Weights of meaning and words in what is said; fitted on tests/similarity/pairs.yml.
_MEANING, _WORDS = 0.85, 0.15

#: How near two cases are to each other, by the places they name.
HERE, ROAD, STREET, DISTRICT, NOWHERE, UNKNOWN, APART, ELSEWHERE = range(8)


@dataclass(frozen=True)
class Measure:
    """What counts as the same.

    Attributes:
        needed: how alike what is said must be, for each of the above. The same words at another place are another case.
        topic: what the same topic gives, and one of another field takes; the classifier errs.
    """

    needed: tuple[float, ...]
    topic: float


#: Two cases are one: fitted on tests/similarity/pairs.yml.
ONE_CASE = Measure((0.36, 0.48, 0.54, 0.64, 0.80, 0.80, 0.80, 9.0), topic=0.05)
#: Two cases belong to one issue: judged on a year of messages, see docs/work-orders.md.
ONE_ISSUE = Measure((0.40, 0.48, 0.58, 0.68, 0.56, 0.84, 0.84, 9.0), topic=0.03)
#: A topic's code begins with that of its field; 0701 and 0703 are both in 城市管理与环境.
_FIELD = 2
#: 魅力之城 is in 万科魅力之城; shorter names are in too many others.
_CONTAINED = 3


@dataclass(frozen=True)
class Case:
    """What is known of one case.

    Attributes:
        id: whatever names it.
        text: the citizen's words.
        where: the place as it was written.
        area, street: division codes, when they are known.
        topic: code of its topic.
        caller: who it was, to count one person once; empty when nobody knows.
        weight: how often it was urged.
    """

    id: str
    text: str
    at: datetime
    where: str = ""
    area: str | None = None
    street: str | None = None
    topic: str | None = None
    caller: str = ""
    weight: float = 0.0

    @cached_property
    def places(self) -> Names:
        """The names of places in it."""
        return names_in(f"{self.text[:_READ]}，{self.where}")

    @property
    def words(self) -> tuple[str, ...]:
        """The words that carry meaning."""
        return content_words(self.matter)

    @cached_property
    def matter(self) -> str:
        """The words without the names of places: what it is about, wherever it is."""
        text = simplify(self.text[:_READ])
        for name in sorted(self.places.all, key=len, reverse=True):
            text = text.replace(name, "")
        return text


def meanings(cases: Sequence[Case], encoder: Encoder) -> Matrix:
    """A unit vector for each case, ``(n, encoder.size)``."""
    pieces: list[str] = []
    owners: list[int] = []
    for number, case in enumerate(cases):
        text = case.matter[: _PIECE * _PIECES]
        for start in range(0, max(len(text), 1), _PIECE):
            pieces.append(text[start : start + _PIECE])
            owners.append(number)
    vectors = np.zeros((len(cases), encoder.size), dtype=np.float32)
    for start in range(0, len(pieces), 256):
        part = encoder.encode(pieces[start : start + 256])
        np.add.at(vectors, owners[start : start + 256], part)
    return _unit(vectors)


def packed(vector: Matrix) -> bytes:
    """A meaning as it is kept: one byte a number. Thousands are read at a time, and a direction needs no more."""
    largest = float(np.abs(vector).max(initial=0)) or 1.0
    kept: bytes = np.rint(vector * (127 / largest)).astype(np.int8).tobytes()
    return kept


def unpacked(kept: Sequence[bytes], size: int) -> Matrix:
    """Kept meanings as unit rows; what was kept under another encoder is a row of zeros."""
    blank = bytes(size)
    whole = b"".join(meaning if len(meaning) == size else blank for meaning in kept)
    return _unit(np.frombuffer(whole, dtype=np.int8).reshape(len(kept), size).astype(np.float32))


class Likeness:
    """Compares ``cases`` with one another; everything is asked for by their numbers, in blocks of rows and columns."""

    def __init__(self, cases: Sequence[Case], vectors: Matrix, measure: Measure = ONE_CASE) -> None:
        """
        Args:
            vectors: what :func:`meanings` gave, one row a case; of a row of zeros, or none at all, words are compared.
            measure: :data:`ONE_CASE` or :data:`ONE_ISSUE`.
        """
        self._needed = np.array(measure.needed, dtype=np.float32)
        self._topic_counts = measure.topic
        self._vectors = vectors
        self._meant = np.asarray(vectors.any(axis=1))
        self._words = _words_table(cases)
        self._narrow = _names_table([case.places.narrow for case in cases])
        self._roads = _names_table([case.places.roads for case in cases])
        self._wide = _names_table([case.places.wide for case in cases])
        self._named = np.array([bool(case.places.narrow or case.places.roads) for case in cases])
        self._nowhere = np.array([not case.places.all and not case.where for case in cases])
        self._area = _numbered(case.area for case in cases)
        self._street = _numbered(case.street for case in cases)
        self._topic = _numbered(case.topic for case in cases)
        self._field = _numbered(case.topic and case.topic[:_FIELD] for case in cases)

    def score(self, rows: Numbers, columns: Numbers) -> Matrix:
        """0..1, ``(len(rows), len(columns))``; from 0.5 on they are likely the same case."""
        score: Matrix = 0.5 + self.said(rows, columns) - self._needed[self.near(rows, columns)]
        same_topic, _ = _compared(self._topic, rows, columns)
        _, two_fields = _compared(self._field, rows, columns)
        score += self._topic_counts * (same_topic.astype(np.float32) - two_fields)
        return score.clip(0, 1)

    def said(self, rows: Numbers, columns: Numbers) -> Matrix:
        """Likeness of what is said, wherever: meaning and words together, 0..1."""
        shared: Matrix = (self._words[rows] @ self._words[columns].T).toarray()
        meant = (self._vectors[rows] @ self._vectors[columns].T).clip(0, 1)
        both = (_MEANING * meant + _WORDS * shared).clip(0, 1)
        # Where one's meaning is not known, the words alone count.
        return np.where(self._meant[rows][:, None] & self._meant[columns][None, :], both, shared)

    def near(self, rows: Numbers, columns: Numbers) -> NDArray[np.int8]:
        """HERE: they name the same spot; ROAD: the same road; STREET: the same street office or neighbourhood; DISTRICT: the
        same district, and one names no spot; NOWHERE: neither speaks of a place; UNKNOWN: it may be; APART: two spots in one
        street office; ELSEWHERE."""

        def shared(table: sparse.csr_matrix) -> NDArray[np.bool_]:
            found: NDArray[np.bool_] = (table[rows] @ table[columns].T).toarray() > 0
            return found

        same_district, two_districts = _compared(self._area, rows, columns)
        same_street, two_streets = _compared(self._street, rows, columns)
        same_street |= shared(self._wide)
        both_named = self._named[rows][:, None] & self._named[columns][None, :]
        nowhere = self._nowhere[rows][:, None] & self._nowhere[columns][None, :]
        # The later counts.
        near = np.full(both_named.shape, UNKNOWN, dtype=np.int8)
        near[same_district] = DISTRICT
        near[nowhere] = NOWHERE
        near[same_street] = STREET
        near[both_named] = ELSEWHERE
        near[both_named & same_street] = APART
        near[two_districts | two_streets] = ELSEWHERE
        # Two districts may each have a 人民路; or the district was taken down wrongly.
        road, spot = shared(self._roads), shared(self._narrow)
        near[road] = np.where(two_districts, APART, ROAD)[road]
        near[spot] = np.where(two_districts, STREET, HERE)[spot]
        return near


def _unit(vectors: Matrix) -> Matrix:
    unit: Matrix = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    return unit


def shared_places(one: Case, two: Case) -> list[str]:
    """The names both speak of; 魅力之城 is in 万科魅力之城."""
    return sorted(
        min(a, b, key=len)
        for a in one.places.all
        for b in two.places.all
        if a == b or (min(len(a), len(b)) >= _CONTAINED and (a.endswith(b) or b.endswith(a)))
    )


def days_between(one: Case, two: Case) -> float:
    """Days, always positive."""
    return abs((one.at - two.at).total_seconds()) / 86400


def _words_table(cases: Sequence[Case]) -> sparse.csr_matrix:
    """One unit row a case, one column a word."""
    numbers: dict[str, int] = {}
    columns: list[int] = []
    values: list[float] = []
    ends = [0]
    for case in cases:
        row = weighed_words(case.matter)
        columns.extend(numbers.setdefault(word, len(numbers)) for word in row)
        values.extend(row.values())
        ends.append(len(columns))
    return sparse.csr_matrix(
        (np.array(values, dtype=np.float32), columns, ends), shape=(len(cases), max(len(numbers), 1))
    )


def _names_table(names: Sequence[frozenset[str]]) -> sparse.csr_matrix:
    """1 where a case names a place. A name counts as the shortest one that stands at its end."""
    columns = {name: number for number, name in enumerate(sorted(frozenset().union(*names)))}
    roots = {name: next(columns[end] for end in _ends(name) if end in columns) for name in columns}
    rows, places = [], []
    for number, named in enumerate(names):
        for root in {roots[name] for name in named}:
            rows.append(number)
            places.append(root)
    ones = np.ones(len(rows), dtype=np.float32)
    return sparse.csr_matrix((ones, (rows, places)), shape=(len(names), max(len(columns), 1)))


def _ends(name: str) -> Iterable[str]:
    """The ends of a name, the shortest first, the name itself last."""
    return (name[start:] for start in range(max(0, len(name) - _CONTAINED), -1, -1))


def _compared(
    codes: NDArray[np.intp], rows: Numbers, columns: Numbers
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which have the same code, and which have two; where one is not known, neither."""
    one, two = codes[rows][:, None], codes[columns][None, :]
    known = (one >= 0) & (two >= 0)
    return known & (one == two), known & (one != two)


def _numbered(codes: Iterable[str | None]) -> NDArray[np.intp]:
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(code, len(numbers)) if code else -1 for code in codes], dtype=np.intp)
