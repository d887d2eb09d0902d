"""Who gets which conversation: never beyond a limit, the least busy first, and nobody waits while somebody is free."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from hotline.desk.assignment import Agent, Waiting, assign

START = datetime(2026, 9, 30, tzinfo=UTC)
TEAMS = ("", "一组", "二组")

agents_of_an_office = st.lists(
    st.builds(
        Agent,
        number=st.integers(1, 99).map(str),
        team=st.sampled_from(TEAMS),
        load=st.integers(0, 8),
        limit=st.integers(0, 6),
        idle_since=st.integers(0, 1000).map(lambda minutes: START + timedelta(minutes=minutes)),
    ),
    max_size=8,
    unique_by=lambda agent: agent.number,
)
queue = st.lists(
    st.builds(Waiting, id=st.integers(), team=st.sampled_from((None, "一组", "二组"))),
    max_size=30,
    unique_by=lambda waiting: waiting.id,
)


def agent(number: str, *, load: int = 0, limit: int = 5, idle: int = 0, team: str = "") -> Agent:
    """Somebody idle for ``idle`` minutes."""
    return Agent(number=number, team=team, load=load, limit=limit, idle_since=START - timedelta(minutes=idle))


@given(queue, agents_of_an_office)
def test_nobody_gets_more_than_the_limit_and_nothing_is_given_twice(
    waiting: list[Waiting[int]], agents: list[Agent]
) -> None:
    pairs = assign(waiting, agents)

    given_out = Counter(number for _, number in pairs)
    for one in agents:
        assert given_out[one.number] <= max(0, one.limit - one.load)
    assert len({conversation for conversation, _ in pairs}) == len(pairs)


@given(queue, agents_of_an_office)
def test_who_waits_on_has_nobody_free_and_teams_are_kept(
    waiting: list[Waiting[int]], agents: list[Agent]
) -> None:
    pairs = dict(assign(waiting, agents))

    given_out = Counter(pairs.values())
    teams = {one.number: one.team for one in agents}
    for conversation in waiting:
        if conversation.id in pairs:
            assert conversation.team in (None, teams[pairs[conversation.id]])
        else:
            free = [
                one
                for one in agents
                if one.load + given_out[one.number] < one.limit and conversation.team in (None, one.team)
            ]
            assert not free


@given(agents_of_an_office)
def test_the_next_one_goes_to_the_least_busy(agents: list[Agent]) -> None:
    pairs = assign([Waiting(id=1)], agents)

    free = [one for one in agents if one.load < one.limit]
    if not free:
        assert pairs == []
        return
    ((_, number),) = pairs
    chosen = next(one for one in agents if one.number == number)
    assert chosen.load == min(one.load for one in free)
    assert all(chosen.idle_since <= one.idle_since for one in free if one.load == chosen.load)


@given(queue, agents_of_an_office)
def test_it_is_the_same_whatever_order_the_agents_come_in(
    waiting: list[Waiting[int]], agents: list[Agent]
) -> None:
    assert assign(waiting, agents) == assign(waiting, agents[::-1])


def test_of_equals_the_longest_idle_comes_first_and_then_in_turn() -> None:
    agents = [agent("1", idle=1), agent("2", idle=9), agent("3", idle=5)]

    assert assign([Waiting(id=n) for n in range(6)], agents) == [
        (0, "2"),
        (1, "3"),
        (2, "1"),
        (3, "2"),
        (4, "3"),
        (5, "1"),
    ]


def test_a_team_is_waited_for_while_others_are_served() -> None:
    waiting = [Waiting(id=1, team="二组"), Waiting(id=2)]

    assert assign(waiting, [agent("1", team="一组")]) == [(2, "1")]
