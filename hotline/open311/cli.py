"""``hotline open311``: keys for other systems. Straight at the database: no address of the service can make a key."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, datetime, time, timedelta
from typing import Annotated, TypeVar

import typer

from hotline.database import Database
from hotline.open311.keys import MAX_RATE, RATE, ApiKeyError, ApiKeys
from hotline.open311.models import ApiKey
from hotline.run.progress import pad
from hotline.settings import get_settings
from hotline.work_orders.deadlines import SHANGHAI

app = typer.Typer(help="开放接口（Open311）：给别的系统发放和停用密钥。", no_args_is_help=True)
keys = typer.Typer(help="密钥：发放、列出、停用。", no_args_is_help=True)
app.add_typer(keys, name="keys")

Actor = Annotated[str, typer.Option("--actor", help="你的工号，记在审计里。")]

_Result = TypeVar("_Result")


@keys.command()
def create(
    label: Annotated[str, typer.Option("--label", help="用途，例如：随手拍小程序。")],
    owner: Annotated[str, typer.Option("--owner", help="对方单位和负责人。")],
    actor: Actor,
    scope: Annotated[
        list[str],
        typer.Option(
            "--scope",
            help="权限，可以写几个：create 提交，updates 补充别的系统提交的工单，read-all 查看其他来源的工单。",
        ),
    ] = ["create"],  # noqa: B006
    rate: Annotated[int, typer.Option("--rate", help=f"每分钟最多多少次，1 到 {MAX_RATE}。")] = RATE,
    expires: Annotated[
        str | None, typer.Option("--expires", help="用到哪一天（含），写成 2027-12-31；不写是一直有效。")
    ] = None,
) -> None:
    """发放一个密钥；密钥只显示这一次。"""

    async def make(service: ApiKeys) -> tuple[ApiKey, str]:
        return await service.do_create(
            label=label,
            owner=owner,
            scopes=scope,
            actor=actor,
            rate=rate,
            expires_at=_until(expires),
        )

    key, secret = _run(make)
    typer.echo(f"已发放密钥 {key.handle}（{key.label}，{key.owner}），权限 {'、'.join(key.scopes)}。")
    typer.echo("密钥只显示这一次，请马上交给对方，热线不保存原文：")
    typer.echo(secret)


@keys.command("list")
def list_keys() -> None:
    """列出全部密钥；不显示密钥本身。"""
    found = _run(lambda service: service.all())
    if not found:
        typer.echo("还没有发放过密钥。")
    for key in found:
        scopes = "、".join(key.scopes)
        used = f"最近用于 {_day(key.last_used_at)}" if key.last_used_at else "还没有用过"
        made = f"{_day(key.created_at)} 由 {key.created_by} 发放"
        typer.echo(f"{key.handle}  {pad(_state(key), 14)}  {key.label}（{key.owner}）")
        typer.echo(f"          {scopes}，每分钟 {key.rate} 次；{made}，{used}")


@keys.command()
def revoke(
    handle: Annotated[str, typer.Argument(help="list 列出的编号，就是密钥里 hk_ 后面的八位。")], actor: Actor
) -> None:
    """停用一个密钥，马上生效，不能恢复。"""
    key = _run(lambda service: service.do_revoke(handle, actor=actor))
    typer.echo(f"已停用密钥 {key.handle}（{key.label}）。它提交的工单照常办理。")


def _run(do: Callable[[ApiKeys], Awaitable[_Result]]) -> _Result:
    async def work() -> _Result:
        database = Database(_database_url())
        try:
            return await do(ApiKeys(database))
        finally:
            await database.close()

    try:
        return asyncio.run(work())
    except ApiKeyError as error:
        _fail(str(error))
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


def _until(words: str | None) -> datetime | None:
    """The end of that day in Shanghai."""
    if words is None:
        return None
    try:
        day = date.fromisoformat(words)
        return datetime.combine(day + timedelta(days=1), time(), SHANGHAI)
    except (ValueError, OverflowError):
        raise ApiKeyError(f"“{words}”不是日期，要写成 2027-12-31 这样。") from None


def _state(key: ApiKey) -> str:
    if key.revoked_at is not None:
        return f"{_day(key.revoked_at)} 停用"
    if key.expires_at is None:
        return "有效"
    last = _day(key.expires_at - timedelta(days=1))
    return f"有效到 {last}" if key.expires_at > datetime.now(SHANGHAI) else f"{last} 过期"


def _day(at: datetime) -> str:
    return at.astimezone(SHANGHAI).date().isoformat()


def _fail(words: str) -> None:
    typer.secho(words, fg="red", err=True)
    raise typer.Exit(1)
