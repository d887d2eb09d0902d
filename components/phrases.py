"""Finds the phrases of a long list in a text: the longest first, none inside or across another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Span:
    """A phrase in a text; ``end`` is exclusive."""

    start: int
    end: int
    label: str
    code: str


class Phrases:
    """A list of phrases. Of two with the same spelling the one that was given first counts.

    Each character of a text costs one look-up for every length that phrases beginning with it have: a few microseconds a
    sentence for thousands of phrases, without a library that takes a second to import.
    """

    def __init__(self, phrases: Iterable[tuple[str, str, str]]) -> None:
        """``phrases``: spelling, label and code of each."""
        self._known: dict[str, tuple[str, str]] = {}
        sizes: dict[str, set[int]] = {}
        for spelling, label, code in phrases:
            if spelling:
                self._known.setdefault(spelling, (label, code))
                sizes.setdefault(spelling[0], set()).add(len(spelling))
        self._sizes = {first: sorted(found) for first, found in sizes.items()}

    def find(self, text: str) -> list[Span]:
        """The phrases in ``text``, in its order."""
        taken = bytearray(len(text))
        chosen = []
        for start, end in sorted(self._candidates(text), key=lambda span: (span[0] - span[1], span[0])):
            if not any(taken[start:end]):
                taken[start:end] = b"\1" * (end - start)
                chosen.append(Span(start, end, *self._known[text[start:end]]))
        return sorted(chosen, key=lambda span: span.start)

    def _candidates(self, text: str) -> Iterator[tuple[int, int]]:
        for start, first in enumerate(text):
            for size in self._sizes.get(first, ()):
                if text[start : start + size] in self._known:
                    yield start, min(start + size, len(text))
