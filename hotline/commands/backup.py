"""``hotline backup`` and ``hotline restore``: everything that must not be lost, in one file."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Annotated

import typer

from hotline.run import database
from hotline.settings import get_settings

File = Annotated[Path, typer.Argument(help="备份文件。")]


def backup(file: File) -> None:
    """把数据库备份到一个文件（热线可以照常运行）。"""
    # Written under another name first: a file with this name is always whole.
    part = file.with_name(f".{file.name}.part")
    part.touch(mode=0o600)  # citizens' messages and phone numbers are in it
    _call("pg_dump", "--format=custom", f"--file={part}", _url())
    part.replace(file)
    typer.echo(f"已备份到 {file}（{file.stat().st_size / 1e6:.1f} MB）。文件里有市民信息，请妥善保管。")


def restore(
    file: File,
    yes: Annotated[bool, typer.Option("--yes", help="不再询问。")] = False,
) -> None:
    """用备份文件替换数据库里的全部内容（请先停止热线，只运行数据库）。"""
    if not file.exists():
        _fail(f"没有这个文件：{file}")
    if not yes:
        typer.confirm("数据库现有的内容会被替换，确定吗？", abort=True)
    options = ["--clean", "--if-exists", "--no-owner", "--single-transaction", "--exit-on-error"]
    _call("pg_restore", *options, f"--dbname={_url()}", str(file))
    typer.echo("已恢复。")


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
