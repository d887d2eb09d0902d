"""Figures, and the level that the labels of a file are written in."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hotline.dispatch.evaluation import choose_among, find_level, measure, raise_to_level
from hotline.dispatch.taxonomy import Taxonomy
from tests.dispatch.conftest import TAXONOMY

CODES = ["0604", "0701", "0713", "0801"]


@pytest.fixture
def taxonomy(tmp_path: Path) -> Taxonomy:
    (tmp_path / "taxonomy.yml").write_text(TAXONOMY, encoding="utf-8")
    return Taxonomy.load(tmp_path / "taxonomy.yml")


def test_figures_are_those_of_the_textbook() -> None:
    probabilities = np.asarray(
        [[0.9, 0.1, 0, 0], [0.1, 0.9, 0, 0], [0.6, 0.3, 0.1, 0], [0, 0.2, 0.2, 0.6]], dtype=np.float32
    )
    figures = measure(probabilities, ["a", "b", "c", "d"], ["a", "b", "b", "a"])
    assert figures.accuracy == 0.5
    assert figures.top3 == 0.75
    # F1: a 1/2, b 2/3, d 0
    assert figures.macro_f1 == pytest.approx((1 / 2 + 2 / 3 + 0) / 3)
    assert figures.confusions == (("b", "a", 1), ("a", "d", 1))
    assert figures.found == (("a", 2, 0.5), ("b", 2, 0.5))


@pytest.mark.parametrize(
    ("labels", "level"),
    [
        (["0701", "0713"], "code"),
        (["噪声扰民", "供电", "什么"], "name"),
        (["交通出行", "住房不动产"], "area"),
        (["城乡建设", "环境保护"], "field"),
        (["环境保护/环境污染"], "path"),
        (["甲", "乙", "供电"], None),
    ],
)
def test_the_level_of_a_file_is_found(taxonomy: Taxonomy, labels: list[str], level: str | None) -> None:
    assert find_level(taxonomy, labels) == level


def test_probabilities_are_summed_up_to_a_level(taxonomy: Taxonomy) -> None:
    row = np.asarray([[0.3, 0.35, 0.25, 0.1]], dtype=np.float32)
    sums, names = raise_to_level(row, CODES, taxonomy, "field")
    assert names == ["城乡建设", "环境保护", "交通运输"]
    np.testing.assert_allclose(sums, [[0.55, 0.35, 0.1]], rtol=1e-5)
    kept, left = choose_among(sums, names, {"环境保护", "交通运输"})
    assert left == ["环境保护", "交通运输"]
    np.testing.assert_allclose(kept, [[0.35, 0.1]], rtol=1e-5)
