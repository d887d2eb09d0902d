"""The classifier that comes with the hotline is there without being asked for, and always up to date."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from hotline.dispatch.default_model import load_default
from hotline.dispatch.model_file import Model
from hotline.dispatch.taxonomy import TaxonomyError
from hotline.settings import Settings


def _kept(settings: Settings) -> list[Path]:
    return sorted(settings.cache.glob("*dispatch-*"))


def test_it_is_trained_once_and_again_when_an_example_changes(settings: Settings) -> None:
    assert load_default(settings).classes == ["0604", "0701", "0713", "0801"]
    first = _kept(settings)
    made = first[0].stat().st_mtime_ns
    load_default(settings)
    assert _kept(settings) == first
    assert first[0].stat().st_mtime_ns == made
    path = settings.data_dir / "dispatch" / "examples" / "0701.yml"
    path.write_text(path.read_text(encoding="utf-8") + "\n  - 隔壁装修电钻响\n", encoding="utf-8")
    load_default(settings)
    assert len(_kept(settings)) == 1
    assert _kept(settings) != first


def test_a_broken_kept_file_is_made_anew(settings: Settings) -> None:
    load_default(settings)
    (path,) = _kept(settings)
    path.write_bytes(path.read_bytes()[:500])
    load_default(settings)
    assert Model.load(path).category is not None


def test_a_folder_that_cannot_be_written_is_no_failure(settings: Settings) -> None:
    settings.cache.parent.mkdir(exist_ok=True)
    settings.cache.write_text("a file where the folder should be", encoding="utf-8")
    assert load_default(settings).classes


def test_mistakes_in_the_examples_are_said(settings: Settings) -> None:
    path = settings.data_dir / "dispatch" / "examples" / "0701.yml"
    path.write_text('"0799":\n  - 太吵\n', encoding="utf-8")
    with pytest.raises(TaxonomyError, match="0799"):
        load_default(settings)


def _load_elsewhere(settings: Settings) -> list[str]:
    return load_default(settings).classes


def test_two_processes_may_start_together(settings: Settings) -> None:
    with get_context("spawn").Pool(2) as pool:
        first, second = pool.map(_load_elsewhere, [settings, settings])
    assert first == second == ["0604", "0701", "0713", "0801"]
    (path,) = _kept(settings)
    assert Model.load(path).category is not None


def test_the_shipped_classifier_sorts_what_citizens_say() -> None:
    shipped = Settings()
    classifier = load_default(shipped)
    assert all(path.stat().st_size < 30_000_000 for path in _kept(shipped))
    said = {
        "隔壁在建楼盘晚上十二点还在打桩，一家人睡不着": "0701",
        "自来水发黄有异味，已经停水两天": "0712",
        "老板欠我三个月工资不给": "0307",
        "小区物业乱涨物业费，电梯坏了也不修": "0604",
        "家门口的路灯坏了半个月，晚上漆黑": "0711",
        "买到过期的牛奶，超市不肯赔": "0408",
        "出租车司机拒载还绕路": "0802",
        "学校门口红绿灯坏了，车乱开": "0809",
    }
    probabilities = classifier.probabilities(list(said))
    found = [classifier.classes[number] for number in probabilities.argmax(axis=1)]
    right = sum(first == second for first, second in zip(found, said.values(), strict=True))
    assert right >= 7, dict(zip(said, found, strict=True))
    with ThreadPoolExecutor(2) as pool:  # as the service calls it
        assert list(pool.map(lambda text: classifier.probabilities([text]).argmax(), list(said))) == list(
            probabilities.argmax(axis=1)
        )
