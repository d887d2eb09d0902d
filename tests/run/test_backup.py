"""What was backed up can be brought back."""

from __future__ import annotations

import io
import shutil
import subprocess
import tarfile
from pathlib import Path

import psycopg
import pytest
from typer.testing import CliRunner

from hotline.attachments.images import make_picture
from hotline.attachments.storage import Storage
from hotline.cli import app
from hotline.run import database
from hotline.settings import Settings
from tests.attachments.pictures import jpeg


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


def stored(folder: Path) -> dict[str, bytes]:
    """The files under a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_photographs_are_backed_up_and_come_back_for_this_user_only(tmp_path: Path) -> None:
    folder = tmp_path / "var" / "attachments"
    for mark in ("red", "blue"):
        Storage(folder).write(make_picture(jpeg(mark=mark), max_pixels=10**6))
    (folder / "ab").mkdir(exist_ok=True)
    (folder / "ab" / ".half.jpg.0123").write_bytes(b"half")
    before = {name: content for name, content in stored(folder).items() if "half" not in name}
    file = tmp_path / "hotline.backup"
    result = CliRunner().invoke(app, ["backup", str(file)])
    assert result.exit_code == 0, result.output
    assert "照片文件 4 个" in result.output
    assert file.stat().st_mode & 0o077 == 0
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == [file.name]

    shutil.rmtree(folder)
    result = CliRunner().invoke(app, ["restore", "--yes", str(file)])

    assert result.exit_code == 0, result.output
    assert stored(folder) == before
    assert {path.stat().st_mode & 0o777 for path in folder.rglob("*.jpg")} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_backup_of_the_database_alone_can_still_be_brought_back(database_url: str, tmp_path: Path) -> None:
    file = tmp_path / "old.dump"
    dump = [str(database.programs() / "pg_dump"), "--format=custom", f"--file={file}", database_url]
    subprocess.run(dump, check=True)

    result = CliRunner().invoke(app, ["restore", "--yes", str(file)])

    assert result.exit_code == 0, result.output


def test_a_backup_that_was_cut_off_replaces_nothing(database_url: str, tmp_path: Path) -> None:
    file = tmp_path / "hotline.backup"
    assert CliRunner().invoke(app, ["backup", str(file)]).exit_code == 0
    file.write_bytes(file.read_bytes()[:20_000])
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("CREATE TABLE rasa.kept (words text)")

        result = CliRunner().invoke(app, ["restore", "--yes", str(file)])

        assert result.exit_code == 1
        assert "不完整" in result.output
        assert connection.execute("SELECT count(*) FROM rasa.kept").fetchone() == (0,)


def test_nothing_in_a_backup_is_written_elsewhere(tmp_path: Path) -> None:
    file = tmp_path / "hotline.backup"
    assert CliRunner().invoke(app, ["backup", str(file)]).exit_code == 0
    with tarfile.open(file, "a") as archive:
        for name in ("attachments/../../../evil.jpg", "attachments/evil.sh", "../evil", "/tmp/evil"):
            member = tarfile.TarInfo(name)
            member.size = 4
            archive.addfile(member, io.BytesIO(b"evil"))

    result = CliRunner().invoke(app, ["restore", "--yes", str(file)])

    assert result.exit_code == 0, result.output
    assert "照片文件 0 个" in result.output
    assert list(tmp_path.rglob("*evil*")) == []
