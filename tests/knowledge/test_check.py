"""``hotline knowledge check`` and what must not be said."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner

from hotline.knowledge.cli import app
from hotline.knowledge.yaml_text import write_matter
from tests.knowledge.conftest import Make

KNOWLEDGE = Path(__file__).resolve().parents[2] / "data" / "knowledge"
runner = CliRunner()


def test_the_shipped_base_has_no_problem() -> None:
    done = runner.invoke(app, ["check", str(KNOWLEDGE)])
    assert done.exit_code == 0, done.output


def test_a_claim_without_a_source_is_found_with_its_file_and_line(folder: Path, make: Make) -> None:
    (folder / "forbidden.yml").write_text(
        (KNOWLEDGE / "forbidden.yml").read_text(encoding="utf-8"), encoding="utf-8"
    )
    path = folder / "life" / "kite.yml"
    path.write_text(write_matter(make("kite", channel=[{"name": "诸事达APP"}])), encoding="utf-8")
    done = runner.invoke(app, ["check", str(folder)])
    line = next(
        n for n, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1) if "诸事达" in text
    )
    assert done.exit_code == 1
    assert f"kite.yml:{line}: channel：“诸事达”" in done.output


def test_a_broken_file_and_a_missing_folder_are_said(folder: Path, tmp_path: Path) -> None:
    (folder / "life" / "boat.yml").write_text("code: boat\ntitle: [", encoding="utf-8")
    done = runner.invoke(app, ["check", str(folder)])
    assert done.exit_code == 1
    assert "boat.yml:" in done.output
    assert runner.invoke(app, ["check", str(tmp_path / "missing")]).exit_code == 1


def test_a_question_can_be_tried_on_the_files(folder: Path) -> None:
    done = runner.invoke(app, ["ask", "风筝证要钱不", "--folder", str(folder)])
    assert done.exit_code == 0, done.output
    assert "结果：answer" in done.output
    assert "办理不收费。" in done.output
