"""What is hot: many callers with one matter at one place, or in one district; told apart from what only sounds alike."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hotline.language.encoder import Encoder, NoEncoder
from hotline.similarity import clusters as module
from hotline.similarity.clusters import clusters
from hotline.similarity.hot_issues import (
    HotIssue,
    Known,
    Names,
    Rules,
    Window,
    find,
    heat,
    keep_keys,
    sentence,
)
from hotline.similarity.likeness import ONE_ISSUE, Case, Likeness, meanings
from tests.similarity.conftest import ELSE, FIRE, NOW, SITE, WATER, Cases

WEEK = Window(NOW - timedelta(days=7), NOW, Rules(days=7, callers=3, matter_callers=4, half_life=3.5))
NAMES = Names({"0701": "噪声扰民", "0901": "消防隐患", "0712": "供水"}, {"430202": "荷塘区"})


def hot(given: Sequence[Case], encoder: Encoder, window: Window = WEEK, **others: Any) -> list[HotIssue]:
    """The hot issues among these cases."""
    return find(given, meanings(given, encoder), window, names=NAMES, **others)


def known(issues: Sequence[HotIssue]) -> list[Known]:
    """Issues as they are remembered."""
    return [Known(one.key, one.level, frozenset(one.members), one.topic, one.area) for one in issues]


def test_many_callers_with_one_matter_at_one_place_are_an_issue(cases: Cases, encoder: Encoder) -> None:
    site, water = cases(SITE, topic="0701"), cases(WATER, days=2, topic="0712")

    found = hot([*site, *water, *cases(ELSE)], encoder)

    assert [issue.title for issue in found] == ["滨江一村噪声扰民", "锦绣花园供水"]
    first, second = found
    assert set(first.members) == {case.id for case in site}
    assert set(second.members) == {case.id for case in water}
    assert (first.callers, first.before, first.trend, first.level) == (6, 0, "新出现", "地点")
    assert (first.since, first.until) == (site[0].at, NOW)
    assert set(first.sample) <= set(first.members)
    assert "施工" in first.words
    assert first.heat > second.heat


def test_one_matter_at_many_places_of_a_district_is_told_as_in_the_paper(
    cases: Cases, encoder: Encoder
) -> None:
    fire = cases(FIRE, topic="0901", area="430202")
    elsewhere = cases(FIRE[:3], name="别处", topic="0901", area="430211")

    (found,) = hot([*fire, *elsewhere, *cases(ELSE)], encoder)

    assert (found.level, found.title, found.callers) == ("事项", "荷塘区消防隐患", 4)
    assert sentence(found.title, found.callers, "当日") == "当日共有4位市民反映荷塘区消防隐患"


def test_one_place_alone_is_not_told_again_as_a_matter(cases: Cases, encoder: Encoder) -> None:
    found = hot(cases(SITE, topic="0701", area="430202"), encoder)

    assert [issue.level for issue in found] == ["地点"]


def test_the_same_caller_many_times_counts_once(cases: Cases, encoder: Encoder) -> None:
    assert hot(cases(SITE, caller="13800138000"), encoder) == []

    site = cases(SITE)
    again = [replace(case, id=f"{case.id}+", at=case.at - timedelta(days=1)) for case in site]
    (once,), (twice,) = hot(site, encoder), hot([*site, *again], encoder)

    assert twice.callers == once.callers
    assert twice.heat == once.heat
    assert len(twice.members) == 2 * len(once.members)


def test_callers_nobody_knows_count_each(cases: Cases, encoder: Encoder) -> None:
    (found,) = hot(cases(SITE, caller=""), encoder)

    assert found.callers == len(SITE)


def test_the_window_before_tells_whether_it_grows(cases: Cases, encoder: Encoder) -> None:
    now = cases(SITE[:4])

    def trend(before: Sequence[Case]) -> tuple[int, str]:
        (issue,) = hot([*now, *before], encoder)
        return issue.before, issue.trend

    assert trend(cases(SITE[:2], name="前", days=8)) == (2, "上升")
    assert trend(cases(SITE[:4], name="前", days=8)) == (4, "持平")
    assert trend(cases(SITE, name="前", days=8)) == (6, "下降")
    assert trend(cases(SITE, name="前", days=20)) == (0, "新出现")


def test_a_title_tells_nobodys_own_words_where_the_topic_is_not_clear(cases: Cases, encoder: Encoder) -> None:
    texts = [f"我叫王建国，电话13800138000，{text}" for text in SITE]

    (found,) = hot(cases(texts), encoder)

    assert found.title.startswith("滨江一村：")
    assert "建国" not in found.title
    assert "138" not in found.title


def test_without_a_model_words_and_places_are_compared(cases: Cases) -> None:
    found = hot([*cases(SITE), *cases(ELSE)], NoEncoder())

    assert [issue.place for issue in found] == ["滨江一村"]


def test_nothing_is_hot_among_nothing(encoder: Encoder) -> None:
    assert hot([], encoder) == []
    odd = [Case(id=str(number), text=text, at=NOW) for number, text in enumerate(["", "……", "😀", "ok"])]
    assert hot(odd, encoder) == []


def test_three_thousand_times_the_same_words_are_one_issue(cases: Cases, encoder: Encoder) -> None:
    one = cases(SITE[:1])[0]
    many = [replace(one, id=str(number), caller=str(number)) for number in range(3000)]
    vectors = np.repeat(meanings([one], encoder), len(many), axis=0)

    (found,) = find(many, vectors, WEEK, names=NAMES)

    assert found.callers == 3000


def test_a_heap_too_large_to_be_cut_is_parted_by_stronger_links(
    cases: Cases, encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = [*cases(SITE), *cases(WATER)]
    monkeypatch.setattr(module, "_LARGEST", 3)

    heaps = clusters(Likeness(given, meanings(given, encoder), ONE_ISSUE), range(len(given)))

    assert sorted(number for heap in heaps for number in heap) == list(range(len(given)))
    assert all(max(heap) < len(SITE) or min(heap) >= len(SITE) for heap in heaps)


# What must hold whatever comes in.

_POOL = [
    (text, topic)
    for texts, topic in ((SITE, "0701"), (WATER, "0712"), (FIRE, "0901"), (ELSE, None))
    for text in texts
]
_MADE = st.tuples(
    st.integers(0, len(_POOL) - 1),
    st.floats(0, 13.9),
    st.integers(0, 8),
    st.sampled_from(["430202", "430211", None]),
)


@pytest.fixture(scope="module")
def pool(encoder: Encoder) -> np.ndarray[Any, Any]:
    """The meanings of the pool, in which no district stands."""
    return meanings([Case(id="", text=text, at=NOW) for text, _ in _POOL], encoder)


def arrived(made: Sequence[tuple[int, float, int, str | None]]) -> list[Case]:
    """Cases of the pool, days ago, by one of nine callers."""
    return [
        Case(
            id=f"{number:03}",
            text=_POOL[which][0],
            at=NOW - timedelta(days=days),
            topic=_POOL[which][1],
            area=area,
            caller=str(caller),
        )
        for number, (which, days, caller, area) in enumerate(made)
    ]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(made=st.lists(_MADE, max_size=40))
def test_whatever_comes_in_the_figures_hold(
    made: list[tuple[int, float, int, str | None]], pool: Any
) -> None:
    given = arrived(made)
    by_id = {case.id: case for case in given}
    vectors = pool[[which for which, *_ in made]] if made else pool[:0]

    found = find(given, vectors, WEEK, names=NAMES)

    assert [issue.heat for issue in found] == sorted((issue.heat for issue in found), reverse=True)
    placed = [number for issue in found if issue.level == "地点" for number in issue.members]
    assert len(placed) == len(set(placed)), "a case is at one place"
    for issue in found:
        members = [by_id[number] for number in issue.members]
        assert issue.callers == len({case.caller for case in members})
        assert issue.callers >= (WEEK.rules.callers if issue.level == "地点" else WEEK.rules.matter_callers)
        assert all(WEEK.holds(case) for case in members)
        assert (issue.since, issue.until) == (min(c.at for c in members), max(c.at for c in members))
        assert set(issue.sample) <= set(issue.members)
        assert not set(issue.members) & set(issue.earlier)
        assert 0 < issue.heat <= issue.callers
        assert (issue.before == 0) == (issue.trend == "新出现")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(made=st.lists(_MADE, min_size=5, max_size=30), seed=st.integers(0, 99))
def test_an_issue_keeps_its_key_while_it_goes_on(
    made: list[tuple[int, float, int, str | None]], seed: int, pool: Any
) -> None:
    given = arrived(made)
    vectors = pool[[which for which, *_ in made]]
    first = [replace(issue, key=f"K{n}") for n, issue in enumerate(find(given, vectors, WEEK, names=NAMES))]
    order = random.Random(seed).sample(range(len(given)), len(given))

    again = find([given[n] for n in order], vectors[order], WEEK, names=NAMES, known=known(first))

    assert {(one.key, frozenset(one.members)) for one in again} == {
        (one.key, frozenset(one.members)) for one in first
    }
    later = Window(WEEK.begin, NOW + timedelta(hours=1), WEEK.rules)
    grown = [*given, *(replace(case, id=f"{case.id}x", at=later.until, caller="new") for case in given[:3])]
    doubled = np.concatenate([vectors, vectors[:3]])
    keys = [one.key for one in find(grown, doubled, later, names=NAMES, known=known(first)) if one.key]
    assert len(keys) == len(set(keys)), "no key is given twice"


def issue_of(members: Sequence[str], **others: Any) -> HotIssue:
    """An issue with these members."""
    plain: dict[str, Any] = dict.fromkeys(
        (
            "title",
            "place",
            "topic",
            "area",
            "words",
            "callers",
            "before",
            "heat",
            "trend",
            "since",
            "until",
            "sample",
        )
    )
    return HotIssue(
        **plain | {"level": "地点", "members": tuple(members), "times": (), "earlier": ()} | others
    )


_IDS = st.lists(st.sampled_from("abcdefghijkl"), min_size=1, max_size=8, unique=True)


@given(found=st.lists(_IDS, max_size=4), before=st.lists(_IDS, max_size=4))
def test_keys_go_to_those_that_share_most(found: list[list[str]], before: list[list[str]]) -> None:
    remembered = [Known(f"K{n}", "地点", frozenset(ids)) for n, ids in enumerate(before)]

    kept = keep_keys([issue_of(ids) for ids in found], remembered, frozenset("abcdefghijkl"))

    keys = [issue.key for issue in kept if issue.key]
    assert len(keys) == len(set(keys))
    for issue in kept:
        if issue.key:
            theirs = remembered[int(issue.key[1:])].members
            common = len(set(issue.members) & theirs)
            assert common * 2 >= min(len(issue.members), len(theirs))
    if len(kept) == len(remembered) == 1:
        common = len(set(found[0]) & set(before[0]))
        assert bool(kept[0].key) == (common * 2 >= min(len(found[0]), len(before[0])))


def test_an_issue_is_known_again_by_older_cases_that_were_quiet(cases: Cases, encoder: Encoder) -> None:
    long_ago = cases(SITE[:4], days=40, name="旧")
    before = [Known("K", "地点", frozenset(case.id for case in long_ago))]

    (found,) = hot([*long_ago, *cases(SITE[2:])], encoder, known=before)

    assert found.key == "K"
    assert found.before == 0, "they are older than the window before"


def test_a_matter_of_a_district_is_known_by_both(cases: Cases, encoder: Encoder) -> None:
    before = [
        Known("K", "事项", frozenset(), "0901", "430202"),
        Known("L", "事项", frozenset(), "0901", "430211"),
    ]

    (found,) = hot(cases(FIRE, topic="0901", area="430202"), encoder, known=before)

    assert found.key == "K"


_MOMENTS = st.lists(
    st.tuples(st.floats(0, 30), st.integers(0, 5), st.integers(0, 20)), min_size=1, max_size=12
)


@given(made=_MOMENTS, later=st.floats(0.01, 60), half=st.floats(1, 30))
def test_heat_falls_with_age_and_grows_with_callers(
    made: list[tuple[float, int, int]], later: float, half: float
) -> None:
    given = [
        Case(id=str(n), text="", at=NOW - timedelta(days=days), caller=str(caller), weight=weight)
        for n, (days, caller, weight) in enumerate(made)
    ]
    callers = len({case.caller for case in given})
    urged = 0.5 * np.log1p(sum(case.weight for case in given))

    def at(cases: Sequence[Case], moment: datetime) -> float:
        return heat(cases, moment, half)

    now = at(given, NOW)
    assert urged < now <= callers + urged + 1e-9
    assert at(given, NOW + timedelta(days=later)) < now
    # After a half-life all callers count half.
    assert at(given, NOW + timedelta(days=half)) - urged == pytest.approx((now - urged) / 2, rel=1e-6)
    older = replace(given[0], id="again", at=given[0].at - timedelta(days=1), weight=0)
    assert at([*given, older], NOW) == pytest.approx(now), "the same caller once more counts nothing"
    assert at([*given, replace(older, caller="new")], NOW) > now
