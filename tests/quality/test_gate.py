"""A changed base reaches citizens only when the evaluation's questions say so."""

from __future__ import annotations

import pytest

from hotline.knowledge.schema import Matter
from hotline.knowledge.service import Knowledge, read_base
from hotline.quality.gate import HAIR, is_good_enough, judge
from hotline.settings import Settings
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def base() -> Knowledge:
    """The base as the files have it, without a database."""
    held = Knowledge(None, cache=Settings(_env_file=None).cache)
    held.build(*read_base(ROOT / "data" / "knowledge"))
    return held


def _matter(base: Knowledge, of: str, /, **changes: object) -> Matter:
    matter = base.matter(of)
    assert matter is not None
    return Matter.model_validate(matter.model_dump(mode="json") | changes)


async def test_a_good_change_passes_and_a_greedy_one_is_stopped_with_what_it_breaks(base: Knowledge) -> None:
    work_injury = base.matter("work_injury")
    assert work_injury is not None
    good = _matter(base, "work_injury", samples=[*work_injury.samples, "上班路上摔断了腿单位管不管"])
    verdict = await judge(base, [good])
    assert verdict.passed
    assert not verdict.broken
    assert {figure.name for figure in verdict.figures} >= {"matters.top1", "matters.sure_wrong"}

    grabbed = [text for matter in base.matters() for text in matter.samples[:4]]
    greedy = _matter(
        base,
        "work_injury",
        aliases=[*work_injury.aliases, "医保", "社保", "身份证", "公司"],
        samples=list(dict.fromkeys([*work_injury.samples, *grabbed])),
    )
    verdict = await judge(base, [greedy])
    assert not verdict.passed
    assert verdict.broken
    assert all(item.now.grade != "right" for item in verdict.broken)
    assert base.matter("work_injury") == work_injury  # citizens never had it


async def test_a_matter_that_the_questions_do_not_know_is_shown_to_people_not_counted_as_wrong(
    base: Knowledge,
) -> None:
    licence = _matter(
        base,
        "work_injury",
        code="driving_licence",
        title="驾驶证期满换证",
        aliases=["换驾照", "驾照到期"],
        samples=[f"驾照到期了{end}" for end in ("怎么换", "去哪换", "要带什么", "要多久", "要多少钱")]
        + ["驾驶证过期一年还能换吗", "换驾驶证要体检吗", "网上能换驾驶证吗"],
    )
    verdict = await judge(base, [licence])
    assert verdict.passed
    assert verdict.newly_covered
    assert {item.now.matter for item in verdict.newly_covered} == {"driving_licence"}


async def test_a_wrong_matter_can_always_be_withdrawn(base: Knowledge) -> None:
    verdict = await judge(base, [], ["work_injury"])
    assert verdict.passed
    assert verdict.left_out > 0


def test_no_change_takes_a_figure_under_its_floor_and_one_that_is_under_it_may_not_fall() -> None:
    assert is_good_enough("matters.top1", 0.95, 0.945, 0.99)
    assert not is_good_enough("matters.top1", 0.944, 0.945, 0.945)
    assert is_good_enough("matters.top1", 0.90, 0.945, 0.90)
    assert not is_good_enough("matters.top1", 0.90 - 2 * HAIR, 0.945, 0.90)
    assert is_good_enough("matters.sure_wrong", 0.04, 0.03, 0.05)
    assert not is_good_enough("matters.sure_wrong", 0.031, 0.03, 0.03)
