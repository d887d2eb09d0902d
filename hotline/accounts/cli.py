"""``hotline users``: who works here. Straight at the database: it is the way in when nobody can log in any more."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, TypeVar

import typer

from hotline.accounts.errors import AccountError
from hotline.accounts.models import Account
from hotline.accounts.people import People
from hotline.accounts.service import COMMAND_LINE
from hotline.accounts.setup import HOURS, Setup, link
from hotline.city import City
from hotline.database import Database
from hotline.dispatch.units import Units
from hotline.run.progress import pad
from hotline.settings import Settings, get_settings
from hotline.work_orders.deadlines import SHANGHAI

app = typer.Typer(help="人员：列出、添加、重置密码、停用、解锁、首次登录链接。", no_args_is_help=True)

Number = Annotated[str, typer.Argument(help="工号，1 到 8 位数字。")]

_Result = TypeVar("_Result")


@app.command("list")
def list_users() -> None:
    """列出全部人员。"""
    found = _run(lambda people: people.accounts.all())
    if not found:
        typer.echo("还没有人员。用 hotline users setup-link 生成首次登录链接，由第一位管理员打开。")
    for account in found:
        seen = f"最近登录 {_moment(account.last_login_at)}" if account.last_login_at else "还没有登录过"
        of = [account.team] if account.team else []
        of += [account.unit] if account.unit else []
        where = f"（{'，'.join(of)}）" if of else ""
        typer.echo(
            f"{account.number:>8}  {pad(_state(account), 16)}  {account.name}{where}  "
            f"{'、'.join(account.roles)}；{seen}"
        )


@app.command()
def add(
    number: Number,
    name: Annotated[str, typer.Option("--name", help="姓名。")],
    role: Annotated[list[str], typer.Option("--role", help="身份，可以写几个。")],
    team: Annotated[str, typer.Option("--team", help="组。")] = "",
    unit: Annotated[str | None, typer.Option("--unit", help="承办单位的人是哪个单位：代码或全称。")] = None,
) -> None:
    """添加一个人；临时密码只显示这一次。"""
    account, password = _run(
        lambda people: people.accounts.do_add(
            number=number, name=name, roles=role, team=team, unit=unit, by=COMMAND_LINE
        )
    )
    typer.echo(f"已添加 {account.number} {account.name}（{'、'.join(account.roles)}）。")
    _show(password)


@app.command()
def reset(
    number: Number,
    totp: Annotated[bool, typer.Option("--totp", help="同时停用动态口令（手机丢了）。")] = False,
) -> None:
    """重置密码：原来的密码和登录马上失效，临时密码只显示这一次。"""
    password = _run(lambda people: people.accounts.do_reset(number, COMMAND_LINE, without_totp=totp))
    typer.echo(f"已重置 {number} 的密码{'，动态口令已停用' if totp else ''}。")
    _show(password)


@app.command()
def deactivate(number: Number) -> None:
    """停用一个人，马上退出；办过的事都留着。"""
    account = _run(lambda people: people.accounts.do_deactivate(number, COMMAND_LINE))
    typer.echo(f"已停用 {account.number} {account.name}。")


@app.command()
def unlock(number: Number) -> None:
    """解开因为输错密码锁住的账号。"""
    account = _run(lambda people: people.accounts.do_unlock(number, COMMAND_LINE))
    typer.echo(f"已解锁 {account.number} {account.name}。")


@app.command("setup-link")
def setup_link(
    url: Annotated[str | None, typer.Option("--url", help="管理台的网址，默认是本机正在运行的热线。")] = None,
) -> None:
    """生成一个首次登录链接，打开它的人成为管理员；之前的链接作废。"""
    settings = get_settings()

    async def make(database: Database) -> str:
        return await Setup(database).do_make()

    token = _with_database(make)
    typer.echo(link(url or _running(settings), token))
    typer.echo(f"{HOURS} 小时内有效，只能用一次。")


def _show(password: str) -> None:
    hours = get_settings().temporary_password_hours
    typer.echo(f"临时密码只显示这一次，{hours} 小时内有效，第一次登录要改：")
    typer.echo(password)


def _running(settings: Settings) -> str:
    from hotline.run.programs import own_url

    address = settings.var_dir / "run" / "address"
    running = address.read_text(encoding="utf-8").strip() if address.exists() else own_url(settings)
    return settings.public_url or running


def _run(do: Callable[[People], Awaitable[_Result]]) -> _Result:
    settings = get_settings()

    async def work(database: Database) -> _Result:
        name = City.load(settings.city_dir).hotline_name
        return await do(People.of(settings, database, Units.load(settings.city_dir), hotline=name))

    return _with_database(work)


def _with_database(do: Callable[[Database], Awaitable[_Result]]) -> _Result:
    async def work() -> _Result:
        database = Database(_database_url(), pool_size=1)
        try:
            return await do(database)
        finally:
            await database.close()

    try:
        return asyncio.run(work())
    except AccountError as error:
        _fail(error.message)
        raise AssertionError("unreachable") from None


def _database_url() -> str:
    settings = get_settings()
    if settings.database_url:
        return settings.database_url
    from hotline.run import database

    folder = settings.var_dir / "postgres"
    if database.running(folder) is None:
        _fail("自带的数据库没有运行。请先 make run，或在另一个窗口运行 hotline database。")
    return database.address(folder)


def _state(account: Account) -> str:
    if not account.active:
        return "已停用"
    if account.locked_until is not None and account.locked_until > datetime.now(SHANGHAI):
        return f"锁到 {account.locked_until.astimezone(SHANGHAI):%H:%M}"
    return "要改临时密码" if account.must_change else "在用"


def _moment(at: datetime) -> str:
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


def _fail(words: str) -> None:
    typer.secho(words, fg="red", err=True)
    raise typer.Exit(1)
