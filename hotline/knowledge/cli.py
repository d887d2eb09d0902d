"""``hotline knowledge …``: check, try out, load, and edit the knowledge base in a workbook."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from datetime import date
from enum import Enum
from pathlib import Path
from typing import Annotated, NoReturn, TypeVar

import typer
from sqlalchemy.exc import OperationalError

from hotline.database import Database
from hotline.knowledge.answers import Question
from hotline.knowledge.cautions import find_cautions, read_cautions
from hotline.knowledge.excel import WorkbookError, read_workbook, write_workbook
from hotline.knowledge.files import Problem, read_folder
from hotline.knowledge.schema import Matter
from hotline.knowledge.service import Knowledge, KnowledgeError, published, read_base
from hotline.knowledge.service import load as load_files
from hotline.knowledge.yaml_text import write_matter
from hotline.run.database import address as embedded_address
from hotline.settings import get_settings

app = typer.Typer(help="知识库：检查、试问、载入，用 Excel 编辑", no_args_is_help=True)

T = TypeVar("T")

Folder = Annotated[Path | None, typer.Argument(help="知识库文件夹，不填就是设置里的那个")]
Book = Annotated[Path, typer.Argument(help=".xlsx 文件")]
_EXAMPLE = "newborn"


def _folder(given: Path | None) -> Path:
    return given or get_settings().data_dir / "knowledge"


def _stop(message: object) -> NoReturn:
    typer.echo(str(message), err=True)
    raise typer.Exit(1)


def _path(folder: Path, matter: Matter) -> Path:
    return folder / matter.area / f"{matter.code}.yml"


def _read(folder: Path) -> list[Matter]:
    try:
        return read_base(folder)[0]
    except KnowledgeError as error:
        _stop(error)


@app.command()
def check(folder: Folder = None) -> None:
    """检查所有事项文件：写法、必填项、不能写的说法。有问题就列出文件和行号。"""
    place = _folder(folder)
    if not place.is_dir():
        _stop(f"{place}：没有这个文件夹")
    matters, problems = read_folder(place)
    cautions = read_cautions(place)
    for matter in matters:
        problems += find_cautions(matter, _path(place, matter), cautions)
    for problem in problems:
        typer.echo(str(problem))
    if problems:
        _stop(f"一共 {len(problems)} 个问题，{len(matters)} 个事项文件读得出来。")
    typer.echo(f"{len(matters)} 个事项，没有发现问题。")


@app.command()
def template(file: Book) -> None:
    """导出空白的 Excel 模板，里面有一个填好的例子。"""
    example = [matter for matter in _read(_folder(None)) if matter.code == _EXAMPLE]
    write_workbook(example, file)
    typer.echo(f"已写好 {file}。表头上有批注说明怎么填；例子看完可以删掉。")


@app.command()
def export(file: Book, folder: Folder = None) -> None:
    """把知识库导出成 Excel。"""
    matters = _read(_folder(folder))
    write_workbook(matters, file)
    typer.echo(f"已导出 {len(matters)} 个事项到 {file}。")


class Change(Enum):
    """What an import does to a file."""

    NEW = "新增"
    CHANGED = "修改"
    SAME = "不变"


@app.command("import")
def import_(
    file: Book,
    output: Annotated[Path | None, typer.Option(help="写到哪个文件夹")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只看会改什么，不写文件")] = False,
) -> None:
    """从 Excel 更新事项文件。表里有一处不对就什么都不写。"""
    place = _folder(output)
    try:
        matters = read_workbook(file)
    except WorkbookError as error:
        _stop(f"{error}\n一共 {len(error.faults)} 个问题，没有写任何文件。")
    existing = {matter.code: matter for matter in (read_folder(place)[0] if place.is_dir() else [])}
    faults = _clashes(matters, existing)
    cautions = read_cautions(place)
    for matter in matters:
        faults += find_cautions(matter, _path(place, matter), cautions)
    if faults:
        _stop("\n".join(str(fault) for fault in faults) + "\n没有写任何文件。")
    changes = {matter.code: _change(matter, existing.get(matter.code)) for matter in matters}
    for matter in matters:
        typer.echo(f"{changes[matter.code].value}  {matter.code}  {matter.title}")
    if not dry_run:
        _write([matter for matter in matters if changes[matter.code] is not Change.SAME], existing, place)
    total = {kind: sum(1 for change in changes.values() if change is kind) for kind in Change}
    typer.echo("，".join(f"{kind.value} {count} 个" for kind, count in total.items()) + "。")


def _change(matter: Matter, before: Matter | None) -> Change:
    if before is None:
        return Change.NEW
    return Change.SAME if before == matter else Change.CHANGED


def _clashes(matters: list[Matter], existing: dict[str, Matter]) -> list[Problem]:
    """Titles that another file, not in the workbook, has already."""
    codes = {matter.code for matter in matters}
    kept = {item.title: item.code for item in existing.values() if item.code not in codes}
    return [
        Problem(Path(f"{matter.code}.yml"), 1, "title", f"标题和 {kept[matter.title]} 重复")
        for matter in matters
        if matter.title in kept
    ]


def _write(matters: list[Matter], existing: dict[str, Matter], place: Path) -> None:
    """Write beside, then put in place: a crash leaves whole files only."""
    fresh = []
    for matter in matters:
        path = _path(place, matter)
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_suffix(".yml.new")
        beside.write_text(write_matter(matter), encoding="utf-8")
        fresh.append((beside, path))
    for beside, path in fresh:
        os.replace(beside, path)
    for matter in matters:
        before = existing.get(matter.code)
        if before is not None and before.area != matter.area:
            _path(place, before).unlink(missing_ok=True)


@app.command()
def load(folder: Folder = None) -> None:
    """把事项文件载入数据库；正在运行的服务马上用新的。在工作台发布过的不会被盖掉。"""
    loaded = _with_database(lambda database: load_files(database, _folder(folder)))
    typer.echo(f"载入好了，{len(loaded.changed)} 个事项有变化。")
    for code in loaded.drafted:
        typer.echo(f"{code}：现在发布的是在工作台改过的，文件的改动成了待审核的草稿。")


@app.command()
def write(folder: Folder = None) -> None:
    """把正在发布的事项写回文件，好提交到 git，下次训练也会用到。只动和文件不一样的。"""
    place = _folder(folder)
    matters, withdrawn = _with_database(published)
    existing = {matter.code: matter for matter in (read_folder(place)[0] if place.is_dir() else [])}
    changed = [matter for matter in matters if existing.get(matter.code) != matter]
    _write(changed, existing, place)
    for matter in changed:
        typer.echo(f"{_change(matter, existing.get(matter.code)).value}  {matter.code}  {matter.title}")
    gone = [existing[code] for code in sorted(withdrawn) if code in existing]
    for matter in gone:
        _path(place, matter).unlink(missing_ok=True)
        typer.echo(f"删除  {matter.code}  {matter.title}（已经撤下）")
    typer.echo(f"写好了，{len(changed)} 个文件有变化，{len(gone)} 个删掉。请看一遍再提交到 git。")


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
    except KnowledgeError as error:
        _stop(error)
    except OperationalError:
        _stop("数据库没有在运行。请先启动服务，或者用 HOTLINE_DATABASE_URL 写明数据库地址。")


@app.command()
def ask(
    text: Annotated[str, typer.Argument(help="群众的问题")],
    folder: Annotated[Path | None, typer.Option(help="知识库文件夹")] = None,
    matter: Annotated[str | None, typer.Option(help="前面说到的事项代码")] = None,
    aspect: Annotated[str | None, typer.Option(help="前面说到的方面")] = None,
) -> None:
    """不开服务，直接拿事项文件试问一句。"""
    try:
        matters, outside = read_base(_folder(folder))
    except KnowledgeError as error:
        _stop(error)
    knowledge = Knowledge(None, encoder=get_settings().encoder, cache=get_settings().cache)
    knowledge.build(matters, outside)
    question = Question(text=text, today=date.today(), matter=matter, aspect=aspect)
    answer = asyncio.run(knowledge.answer(question))
    typer.echo(f"结果：{answer.outcome}    方面：{answer.aspect or '（没有说）'}")
    for item in answer.candidates:
        typer.echo(f"  {item.confidence:.3f}  {item.code}  {item.title}")
    typer.echo("")
    typer.echo(answer.reply["text"])
    if answer.reply["buttons"]:
        typer.echo("按钮：" + " | ".join(button["title"] for button in answer.reply["buttons"]))
    for note in answer.office_notes:
        typer.echo(f"待核对（不给群众看）：{note}")


if __name__ == "__main__":
    app()
