"""``hotline backup`` and ``hotline restore``: everything that must not be lost, in one file."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from hotline.attachments.storage import Storage
from hotline.run import database
from hotline.settings import get_settings

File = Annotated[Path, typer.Argument(help="备份文件。")]


#: What is in a backup: the database as pg_dump writes it, and after it the photographs' files.
_DUMP, _PHOTOS = "database.dump", "attachments/"


def backup(file: File) -> None:
    """把数据库和照片备份到一个文件（热线可以照常运行）。"""
    # Written under other names first: a file with this name is always whole.
    part, dump = file.with_name(f".{file.name}.part"), file.with_name(f".{file.name}.dump")
    for path in (part, dump):
        path.touch(mode=0o600)  # citizens' messages and phone numbers are in it
    try:
        _call("pg_dump", "--format=custom", f"--file={dump}", _url())
        with tarfile.open(part, "w") as archive:
            archive.add(dump, _DUMP)
            # After the database: every photograph that it knows was a file before.
            photos = sum(_add(archive, path, f"{_PHOTOS}{name}") for name, path in _storage().files())
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
        dump.unlink(missing_ok=True)
    size = file.stat().st_size / 1e6
    typer.echo(f"已备份到 {file}（{size:.1f} MB，照片文件 {photos} 个）。文件里有市民信息，请妥善保管。")


def restore(
    file: File,
    yes: Annotated[bool, typer.Option("--yes", help="不再询问。")] = False,
) -> None:
    """用备份文件替换数据库里的全部内容，放回照片（请先停止热线，只运行数据库）。"""
    if not file.exists():
        _fail(f"没有这个文件：{file}")
    if not yes:
        typer.confirm("数据库现有的内容会被替换，确定吗？", abort=True)
    url = _url()
    with tempfile.TemporaryDirectory(prefix="hotline-") as folder:
        dump, photos = file, 0
        if tarfile.is_tarfile(file):
            dump = Path(folder) / _DUMP
            # The files first: what the database does not know in the end is taken away by the housekeeping.
            photos = _unpack(file, dump)
        options = ["--clean", "--if-exists", "--no-owner", "--single-transaction", "--exit-on-error"]
        _call("pg_restore", *options, f"--dbname={url}", str(dump))
    typer.echo(f"已恢复，照片文件 {photos} 个。")


def _storage() -> Storage:
    return Storage.of(get_settings())


def _add(archive: tarfile.TarFile, path: Path, name: str) -> bool:
    with suppress(FileNotFoundError):  # forgotten since it was listed
        archive.add(path, name)
        return True
    return False


def _unpack(file: Path, dump: Path) -> int:
    """Write the database's dump to ``dump`` and put the photographs back; how many files there were."""
    photos = 0
    try:
        with tarfile.open(file) as archive:
            for member in archive:
                content = archive.extractfile(member)
                if content is None:
                    continue
                if member.name == _DUMP:
                    with dump.open("wb") as out:
                        shutil.copyfileobj(content, out)
                elif member.name.startswith(_PHOTOS):
                    photos += _storage().put(member.name.removeprefix(_PHOTOS), content.read())
    except (tarfile.TarError, EOFError):
        _fail("备份文件不完整，什么都没有恢复。")
    if not dump.exists():
        _fail("备份文件里没有数据库，什么都没有恢复。")
    return photos


def _url() -> str:
    settings = get_settings()
    if settings.database_url:
        return settings.database_url
    folder = settings.var_dir / "postgres"
    if database.running(folder) is None:
        _fail("自带的数据库没有运行。请先 make run，或在另一个窗口运行 hotline database。")
    return database.address(folder)


def _call(program: str, *arguments: str) -> None:
    path = database.programs() / program
    code = subprocess.run([str(path), *arguments], env=os.environ | {"LC_ALL": "C"}, check=False).returncode
    if code:
        _fail(f"{program} 没有成功（{code}），请看上面的英文信息。")


def _fail(words: str) -> None:
    typer.secho(words, fg="red", err=True)
    raise typer.Exit(1)
