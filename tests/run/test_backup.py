"""What was backed up can be brought back."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner

from hotline.cli import app
from hotline.settings import Settings


@pytest.fixture(autouse=True)
def settings(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = Settings(database_url=database_url, var_dir=tmp_path / "var")
    monkeypatch.setattr("hotline.commands.backup.get_settings", lambda: wanted)


def test_a_backup_brings_back_what_was_lost(database_url: str, tmp_path: Path) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("CREATE TABLE rasa.kept (words text)")
        connection.execute("INSERT INTO rasa.kept VALUES ('孩子上学要什么材料')")
        file = tmp_path / "hotline.dump"
        result = CliRunner().invoke(app, ["backup", str(file)])
        assert result.exit_code == 0, result.output
        assert file.stat().st_mode & 0o077 == 0

        connection.execute("DELETE FROM rasa.kept")
        result = CliRunner().invoke(app, ["restore", "--yes", str(file)])
        assert result.exit_code == 0, result.output
        assert connection.execute("SELECT words FROM rasa.kept").fetchall() == [("孩子上学要什么材料",)]


def test_a_missing_file_replaces_nothing(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["restore", "--yes", str(tmp_path / "none.dump")])
    assert result.exit_code == 1
    assert "没有这个文件" in result.output
