"""``hotline demo``: a believable month of data to look at the hotline with, and out again. Straight at the database."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Annotated, TypeVar

import typer

from hotline.accounts.errors import AccountError
from hotline.demo import service
from hotline.demo.parts import house, opened
from hotline.demo.service import DemoError, Wish
from hotline.run.progress import pad
from hotline.settings import Settings, get_settings
from hotline.work_orders.deadlines import SHANGHAI

app = typer.Typer(help="演示数据：填入一个月、看看有没有、全部删除。", no_args_is_help=True)

_Parts = TypeVar("_Parts")
_Result = TypeVar("_Result")


@app.command()
def fill(
    days: Annotated[int, typer.Option(help="往前多少天。", min=1, max=120)] = 30,
    per_day: Annotated[
        int, typer.Option("--per-day", help="一个普通工作日大约多少件工单。", min=1, max=500)
    ] = 60,
    talks: Annotated[int, typer.Option(help="一个普通工作日大约多少个会话。", min=0, max=2000)] = 160,
    seed: Annotated[int | None, typer.Option(help="同一个数得到同样的一个月。")] = None,
    people: Annotated[bool, typer.Option("--people", help="同时添加演示用的账号，打印一次性密码。")] = False,
    beside_real: Annotated[
        bool, typer.Option("--beside-real", help="和真实的数据放在一起（不建议）。")
    ] = False,
) -> None:
    """填入演示数据：工单、会话、排队、热点。页面上会一直写着“演示数据”，不会告诉任何人。"""
    if beside_real:
        typer.secho(
            "注意：演示数据会混在真实的列表和统计里，用完请马上 hotline demo remove。", fg="yellow", err=True
        )
    wish = Wish(
        days=days,
        orders_per_day=per_day,
        talks_per_day=talks,
        seed=seed,
        people=people,
        beside_real=beside_real,
    )
    done = _run(lambda parts: service.do_fill(parts, wish, typer.echo), opened)
    typer.echo(f"已填入演示工单 {done.orders} 件、会话 {done.conversations} 个，用了 {done.seconds:.0f} 秒。")
    if done.people:
        hours = get_settings().temporary_password_hours
        typer.echo(f"演示账号的临时密码只显示这一次，{hours} 小时内有效，第一次登录要改：")
        for number, name, role, password in done.people:
            typer.echo(f"  {number}  {pad(name, 14)}  {pad(role, 8)}  {password}")
    typer.echo("看完用 hotline demo remove 全部删除。")


@app.command()
def queue(
    count: Annotated[int, typer.Option(help="几位。", min=1, max=50)] = 5,
) -> None:
    """再来几位排队等人工的：排队太久的会自己回到机器人。"""
    _run(lambda parts: service.do_queue(parts, count), opened)
    typer.echo(f"又有 {count} 位在排队。")


@app.command()
def remove() -> None:
    """删除全部演示数据，包括后来对它们做的一切；审计记录留着。"""
    removed = _run(service.do_remove, house)
    if removed is None:
        typer.echo("没有演示数据。")
        return
    accounts = f"、演示账号 {removed.people} 个" if removed.people else ""
    typer.echo(f"已删除演示工单 {removed.orders} 件、会话 {removed.conversations} 个{accounts}。")


@app.command()
def status() -> None:
    """有没有演示数据。"""
    found = _run(lambda parts: service.state(parts.database), house)
    if found is None:
        typer.echo("没有演示数据。")
        return
    at = found.filled_at.astimezone(SHANGHAI)
    typer.echo(
        f"有演示数据：{at:%Y-%m-%d %H:%M} 填入，往前 {found.days} 天，工单 {found.orders} 件，"
        f"会话 {found.conversations} 个，账号 {len(found.people)} 个（seed {found.seed}）。"
    )


def _run(
    do: Callable[[_Parts], Awaitable[_Result]],
    open_: Callable[[Settings, str], AbstractAsyncContextManager[_Parts]],
) -> _Result:
    async def work() -> _Result:
        async with open_(get_settings(), _database_url()) as parts:
            return await do(parts)

    try:
        return asyncio.run(work())
    except DemoError as error:
        _fail(str(error))
    except AccountError as error:
        _fail(f"{error.message}这是演示账号要用的工号。")
    raise AssertionError("unreachable")


def _database_url() -> str:
    settings = get_settings()
    if settings.database_url:
        return settings.database_url
    from hotline.run import database

    folder = settings.var_dir / "postgres"
    if database.running(folder) is None:
        _fail("自带的数据库没有运行。请先 make run，或在另一个窗口运行 hotline database。")
    return database.address(folder)


def _fail(words: str) -> None:
    typer.secho(words, fg="red", err=True)
    raise typer.Exit(1)
