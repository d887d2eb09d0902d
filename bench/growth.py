"""How the cost grows: of a message with the length of its conversation, of a search with the number of matters."""

from __future__ import annotations

import itertools
import time
from collections.abc import Sequence

import numpy as np

from bench.dialogues import long_talk
from bench.engines import Running

#: The messages whose cost is told; each is the median of those around it.
PLACES = (5, 25, 50, 100, 150, 200)
_AROUND = 5
MATTERS = (64, 250, 1000, 2500, 5000)


async def conversation(engine: Running, *, talks: int) -> dict[int, float]:
    """Milliseconds of the 5th, 25th … message of one conversation: the median over several."""
    turns = max(PLACES) + _AROUND
    spent: list[Sequence[float]] = []
    for number in range(talks):
        caller = engine.caller(f"long-{number}-{time.time_ns()}")
        times = []
        for text in long_talk(number, turns):
            begun = time.perf_counter()
            await caller.say(text)
            times.append((time.perf_counter() - begun) * 1000)
        caller.close()
        spent.append(times)
    return {
        place: float(
            np.median(
                list(
                    itertools.chain.from_iterable(t[max(0, place - _AROUND) : place + _AROUND] for t in spent)
                )
            )
        )
        for place in PLACES
    }
