"""The taxonomy and its examples; what their editors are told when something is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from hotline.dispatch.taxonomy import Taxonomy, TaxonomyError
from tests.dispatch.conftest import TAXONOMY

SHIPPED = Path(__file__).resolve().parents[2] / "data" / "dispatch"


def _taxonomy(tmp_path: Path, text: str = TAXONOMY) -> Taxonomy:
    path = tmp_path / "taxonomy.yml"
    path.write_text(text, encoding="utf-8")
    return Taxonomy.load(path)


def _examples(tmp_path: Path, text: str) -> dict[str, list[str]]:
    folder = tmp_path / "examples"
    folder.mkdir()
    (folder / "07.yml").write_text(text, encoding="utf-8")
    return _taxonomy(tmp_path).examples(folder)


def test_a_topic_knows_its_area_and_its_field(tmp_path: Path) -> None:
    taxonomy = _taxonomy(tmp_path)
    assert taxonomy.title("0701") == "城市管理与环境 / 噪声扰民"
    assert taxonomy.topics["0701"].field == "环境保护"
    assert taxonomy.topics["0713"].path == "城乡建设/城市建设和市政管理"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (('"0713"', '"0701"'), "taxonomy.yml：事项编号 0701 写了两次"),
        (('code: "07"', 'code: "06"'), "领域编号 06 写了两次"),
        (("name: 供电, ", ""), "缺少 name"),
        (('"0713"', "713"), "编号要加引号"),
        (("areas:", "aeras:"), "areas 应该是列表"),
        (("areas:", "areas: ["), "taxonomy.yml 的写法有误"),
    ],
)
def test_mistakes_in_the_taxonomy_are_named(tmp_path: Path, change: tuple[str, str], words: str) -> None:
    with pytest.raises(TaxonomyError, match=words):
        _taxonomy(tmp_path, TAXONOMY.replace(*change))


def test_examples_are_read_by_topic(tmp_path: Path) -> None:
    text = '"0701":\n  - 太吵了\n  - |-\n    尊敬的领导：\n    夜里施工。\n"0713":\n  - 停电了\n'
    assert _examples(tmp_path, text) == {"0701": ["太吵了", "尊敬的领导：\n夜里施工。"], "0713": ["停电了"]}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('"0799":\n  - 太吵了\n', "07.yml：事项编号 0799 在 taxonomy.yml 里没有"),
        ('"0701":\n  - 太吵了\n"0701":\n  - 吵\n', "“0701”写了两次"),
        ("701:\n  - 太吵了\n", "编号 701 要加引号"),
        ('"0701":\n  - 12345\n', "不是一句话"),
        ('"0701": 太吵了\n', "应该是列表"),
        ("- 太吵了\n", "应该是“事项编号: 句子列表”"),
        ("", "没有训练句子"),
    ],
)
def test_mistakes_in_the_examples_are_named(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(TaxonomyError, match=words):
        _examples(tmp_path, text)


def test_a_missing_taxonomy_is_said(tmp_path: Path) -> None:
    with pytest.raises(TaxonomyError, match="读不出来"):
        Taxonomy.load(tmp_path / "none.yml")


def test_every_shipped_topic_has_enough_examples() -> None:
    taxonomy = Taxonomy.load(SHIPPED / "taxonomy.yml")
    examples = taxonomy.examples(SHIPPED / "examples")
    thin = {code for code in taxonomy.topics if len(examples.get(code, [])) < 20}
    assert not thin
