"""The workbook: out and in again without loss, and every mistake with its sheet and row."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

from hotline.knowledge.cli import app
from hotline.knowledge.excel import WorkbookError, read_workbook, write_workbook
from hotline.knowledge.files import read_folder
from hotline.knowledge.schema import Matter
from hotline.knowledge.yaml_text import write_matter
from tests.knowledge.conftest import Make

KNOWLEDGE = Path(__file__).resolve().parents[2] / "data" / "knowledge"
runner = CliRunner()


def test_the_whole_base_survives_the_way_out_and_in(tmp_path: Path) -> None:
    matters, problems = read_folder(KNOWLEDGE)
    assert problems == []
    write_workbook(matters, tmp_path / "all.xlsx")
    assert read_workbook(tmp_path / "all.xlsx") == matters


def test_a_file_written_is_read_as_the_same_matter(folder: Path, matters: list[Matter]) -> None:
    read, problems = read_folder(folder)
    assert problems == []
    assert sorted(read, key=lambda item: item.code) == sorted(matters, key=lambda item: item.code)


def test_a_file_reads_like_one_written_by_hand(make: Make) -> None:
    text = write_matter(make("kite"))
    assert "aliases: [放风筝, 风筝证]\n" in text
    assert "  - {name: 监护人同意书, when: 未成年人放飞时}\n" in text
    assert "valid_from: 2026-07-21\n" in text
    assert text.startswith("code: kite\ntitle: ")
    assert "null" not in text


def test_text_that_looks_like_a_formula_or_a_number_stays_text(make: Make, tmp_path: Path) -> None:
    odd = make("kite", process=["=1+1", "0731", "是", "2026-07-21"], summary="-5 度也能放")
    write_workbook([odd], tmp_path / "odd.xlsx")
    assert read_workbook(tmp_path / "odd.xlsx") == [odd]


def test_every_mistake_names_its_sheet_and_row(make: Make, tmp_path: Path) -> None:
    path = tmp_path / "bad.xlsx"
    write_workbook([make("kite"), make("pond")], path)
    book = load_workbook(path)
    book["时限"]["C2"] = "五"
    book["材料"]["A4"] = "nobody"
    book["事项"]["C3"] = "别的"
    book["来源"]["D2"] = "昨天"
    book.save(path)
    with pytest.raises(WorkbookError) as raised:
        read_workbook(path)
    said = str(raised.value)
    for expected in ["“时限”第 2 行", "“材料”第 4 行", "“事项”第 3 行", "“来源”第 2 行"]:
        assert expected in said


def test_what_the_model_refuses_names_its_row_too(make: Make, tmp_path: Path) -> None:
    path = tmp_path / "bad.xlsx"
    write_workbook([make("kite")], path)
    book = load_workbook(path)
    book["电话"]["B3"] = "12"
    for row in range(3, 10):
        book["问法"][f"B{row}"] = None
        book["问法"][f"A{row}"] = None
    book.save(path)
    with pytest.raises(WorkbookError) as raised:
        read_workbook(path)
    assert "工作表“电话”第 3 行：kite：“号码”电话号码写法不对" in str(raised.value)
    assert "条数不够" in str(raised.value)


def test_something_that_is_no_workbook_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "x.xlsx").write_text("hello")
    with pytest.raises(WorkbookError, match="打不开"):
        read_workbook(tmp_path / "x.xlsx")


def test_an_import_says_what_is_new_changed_and_the_same(folder: Path, make: Make, tmp_path: Path) -> None:
    path = tmp_path / "in.xlsx"
    write_workbook(
        [make("kite"), make("pond", unit="新水产站"), make("boat", code="raft", title="竹筏")], path
    )
    untouched = (folder / "life" / "kite.yml").stat().st_mtime_ns
    done = runner.invoke(app, ["import", str(path), "--output", str(folder)])
    assert done.exit_code == 0, done.output
    assert "不变  kite" in done.output
    assert "修改  pond" in done.output
    assert "新增  raft" in done.output
    assert (folder / "life" / "kite.yml").stat().st_mtime_ns == untouched
    read, problems = read_folder(folder)
    assert problems == []
    assert {item.code: item.unit for item in read}["pond"] == "新水产站"
    assert (folder / "life" / "boat.yml").exists()


def test_an_import_with_a_mistake_writes_nothing(folder: Path, make: Make, tmp_path: Path) -> None:
    path = tmp_path / "in.xlsx"
    write_workbook([make("pond", unit="新水产站"), make("kite")], path)
    book = load_workbook(path)
    book["时限"]["C2"] = "很快"
    book.save(path)
    before = {file: file.read_text(encoding="utf-8") for file in folder.rglob("*.yml")}
    done = runner.invoke(app, ["import", str(path), "--output", str(folder)])
    assert done.exit_code == 1
    assert "没有写任何文件" in done.output
    assert {file: file.read_text(encoding="utf-8") for file in folder.rglob("*.yml")} == before


def test_a_dry_run_writes_nothing(make: Make, tmp_path: Path) -> None:
    write_workbook([make("kite")], tmp_path / "in.xlsx")
    done = runner.invoke(
        app, ["import", str(tmp_path / "in.xlsx"), "--output", str(tmp_path / "out"), "--dry-run"]
    )
    assert done.exit_code == 0
    assert not (tmp_path / "out").exists()


def test_a_matter_that_moves_to_another_area_leaves_no_second_file(
    folder: Path, make: Make, tmp_path: Path
) -> None:
    write_workbook([make("kite", area="school")], tmp_path / "in.xlsx")
    runner.invoke(app, ["import", str(tmp_path / "in.xlsx"), "--output", str(folder)])
    assert (folder / "school" / "kite.yml").exists()
    assert not (folder / "life" / "kite.yml").exists()


def test_the_template_explains_itself_and_can_be_read_back(tmp_path: Path) -> None:
    path = tmp_path / "template.xlsx"
    done = runner.invoke(app, ["template", str(path)])
    assert done.exit_code == 0, done.output
    book = load_workbook(path)
    assert "事项" in book.sheetnames
    assert "来源" in book.sheetnames
    assert "必填" in book["事项"]["A1"].comment.text
    assert book["时限"].data_validations.dataValidation
    assert len(read_workbook(path)) == 1
