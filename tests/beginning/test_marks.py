"""What the office has to confirm is found in its files, and called by names that people know."""

from __future__ import annotations

from pathlib import Path

from hotline.beginning import texts
from hotline.beginning.marks import Marks, read_marks
from tests.conftest import ROOT


def test_every_mark_in_the_city_is_found_and_named() -> None:
    marks = {item.file: item for item in read_marks(ROOT / "data" / "city" / "zhuzhou")}

    assert {"process.yml", "deadlines.yml", "routing.yml", "units.yml"} <= marks.keys()
    assert marks.keys() <= texts.FILES.keys()
    assert "延期的次数和天数" in marks["process.yml"].items
    assert "株洲市公安局" in marks["units.yml"].items
    assert marks["routing.yml"] == Marks("routing.yml", "派单目录", ())
    # Nothing is shown by a key that only programs know.
    assert not [item for mark in marks.values() for item in mark.items if item.isascii() and "_" in item]


def test_a_file_without_marks_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("days: 5\nconfirm: false\n", encoding="utf-8")
    (tmp_path / "b.yml").write_text("- {name: 某单位, confirm: true}\n- {name: 另一个}\n", encoding="utf-8")

    assert read_marks(tmp_path) == [Marks("b.yml", "b.yml", ("某单位",))]
