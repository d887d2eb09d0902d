"""Which agent gets which waiting conversation. Pure."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, kw_only=True)
class Waiting(Generic[Key]):
    """A conversation that waits; ``team``: only for that team."""

    id: Key
    team: str | None = None


@dataclass(frozen=True, kw_only=True)
class Agent:
    """Somebody on duty. ``idle_since``: since when nothing was given to them."""

    number: str
    team: str
    load: int
    limit: int
    idle_since: datetime


def assign(waiting: Sequence[Waiting[Key]], agents: Sequence[Agent]) -> list[tuple[Key, str]]:
    """Pairs of conversation and agent, in the order of ``waiting``; for whom there is no place waits on.

    Each goes to the agent who has the fewest, of those to the one idle longest. Nobody gets more than the limit, and who
    has just been given one is no more idle than the others.
    """
    loads = {agent.number: agent.load for agent in agents}
    given: dict[str, int] = {}
    pairs: list[tuple[Key, str]] = []
    for conversation in waiting:
        free = [
            agent
            for agent in agents
            if loads[agent.number] < agent.limit and conversation.team in (None, agent.team)
        ]
        if not free:
            continue
        chosen = min(
            free, key=lambda a: (loads[a.number], given.get(a.number, 0), a.idle_since, a.number)
        ).number
        loads[chosen] += 1
        given[chosen] = len(pairs) + 1
        pairs.append((conversation.id, chosen))
    return pairs
