"""``hotline quality …``: approved corrections into files, and into the training when all floors hold."""

from __future__ import annotations

import asyncio
import getpass
import shutil
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import typer
from sqlalchemy.exc import OperationalError

from hotline.database import Database
from hotline.quality.files import write_files
from hotline.quality.models import INTENT, OUTSIDE, QualityProposal
from hotline.quality.proposals import approved
from hotline.quality.releases import Releases
from hotline.run.database import address as embedded_address
from hotline.run.progress import StepFailed, say
from hotline.run.training import fingerprint
from hotline.settings import get_settings

app = typer.Typer(help="问答质量：把复核通过的纠正写进文件，过了检验再换上新训练", no_args_is_help=True)

T = TypeVar("T")


def _with_database(work: Callable[[Database], Awaitable[T]]) -> T:
    settings = get_settings()
    url = settings.database_url or embedded_address(settings.var_dir / "postgres")

    async def run() -> T:
        database = Database(url)
        try:
            return await work(database)
        finally:
            await database.close()

    try:
        return asyncio.run(run())
    except OperationalError:
        typer.echo("数据库没有在运行。请先启动服务，或者用 HOTLINE_DATABASE_URL 写明数据库地址。", err=True)
        raise typer.Exit(1) from None


async def _approved(database: Database) -> tuple[list[QualityProposal], list[str]]:
    corrections = await approved(database, INTENT)
    return corrections, [row.text for row in await approved(database, OUTSIDE)]


@app.command()
def write() -> None:
    """把复核通过的意图纠正和库外问题写进数据文件夹，好在 git 里看一遍。写完下次启动会重新训练。"""
    rows, outside = _with_database(_approved)
    settings = get_settings()
    changed = write_files(settings.data_dir, [(str(row.intent), row.text) for row in rows], outside)
    for path in changed:
        typer.echo(f"写好  {path}")
    typer.echo(f"{len(rows)} 条纠正，{len(outside)} 个库外问题，{len(changed)} 个文件有变化。")
    if changed:
        typer.echo("请看一遍再提交到 git；要先过检验再换上，请用 hotline quality release。")


@app.command()
def release(
    by: Annotated[str, typer.Option(help="谁做的，记在发布记录里。")] = "",
) -> None:
    """用复核通过的纠正和已发布的知识训练一个候选模型，问完全部评测题；每项都不低于底线才换上，否则什么都不改。"""
    from hotline.knowledge.cli import write as write_matters
    from hotline.quality.release import copy_data, try_candidate

    settings = get_settings()
    rows, outside = _with_database(_approved)
    place = settings.var_dir / "release"
    data = copy_data(settings, place)
    write_matters(data / "knowledge")
    write_files(data, [(str(row.intent), row.text) for row in rows], outside)
    if fingerprint(settings.model_copy(update={"data_dir": data})) == fingerprint(settings):
        say("没有要训练的新内容：纠正、库外问题和知识的问法都已经在训练里了。")
        return
    try:
        outcome = try_candidate(settings, data)
    except StepFailed as failure:
        typer.echo(f"没有换上，什么都没改。{failure}", err=True)
        raise typer.Exit(1) from None
    shutil.rmtree(place, ignore_errors=True)  # what passed is in place; what did not is of no more use
    who = by.strip() or f"命令行（{getpass.getuser()}）"
    used = [row.id for row in rows]
    _with_database(
        lambda database: Releases(database).do_record(
            by=who,
            passed=outcome.passed,
            model=outcome.model,
            figures=outcome.figures,
            fallen=outcome.fallen,
            used=used,
        )
    )
    if not outcome.passed:
        from hotline.evaluation.questions import NAMES

        names = "、".join(NAMES.get(name, name) for name in outcome.fallen)
        say(f"没有换上，什么都没改。没达到底线的：{names}。")
        raise typer.Exit(1)
    for path in outcome.changed:
        say(f"换上  {path}")
    say(f"过了全部底线，{len(rows)} 条纠正已进训练。请提交到 git，再运行 make stop run 用上新模型。")
