"""``hotline wechat …``: try the connections, push the menu, see what did not arrive."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, NoReturn, TypeVar

import typer
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from hotline.channels.wechat.account import Connected, SetupError, load, load_kf
from hotline.channels.wechat.calls import WechatError
from hotline.channels.wechat.kf.account import KfConnected
from hotline.channels.wechat.kf.client import KfClient
from hotline.channels.wechat.models import WechatMessage
from hotline.channels.wechat.official.client import Client
from hotline.channels.wechat.official.menu import menu_of
from hotline.channels.wechat.official.qrcode import draw, make
from hotline.database import Database
from hotline.run.database import address as embedded_address
from hotline.settings import get_settings

app = typer.Typer(help="微信公众号和微信客服：试连接、发布菜单、看没送到的消息", no_args_is_help=True)
menu = typer.Typer(help="公众号菜单", no_args_is_help=True)
app.add_typer(menu, name="menu")

T = TypeVar("T")


def _stop(message: object) -> NoReturn:
    typer.echo(str(message), err=True)
    raise typer.Exit(1)


def _connected() -> Connected:
    try:
        found = load(get_settings())
    except SetupError as error:
        _stop(error)
    if found is None:
        _stop("wechat.yml 里没有写 app_id，还没有接公众号。")
    return found


def _with_database(call: Callable[[Database], Awaitable[T]]) -> T:
    settings = get_settings()
    url = settings.database_url or embedded_address(settings.var_dir / "postgres")

    async def run() -> T:
        database = Database(url)
        try:
            return await call(database)
        finally:
            await database.close()

    try:
        return asyncio.run(run())
    except WechatError as error:
        _stop(error.words)
    except OperationalError:
        _stop("数据库没有在运行。请先启动服务，或者用 HOTLINE_DATABASE_URL 写明数据库地址。")


def _with_client(call: Callable[[Client, Database], Awaitable[T]]) -> T:
    connected = _connected()

    async def run(database: Database) -> T:
        client = Client(connected, database)
        try:
            return await call(client, database)
        finally:
            await client.close()

    return _with_database(run)


@app.command()
def check() -> None:
    """检查设置，向微信取一次访问凭证，读出公众号现在的菜单、微信客服的账号名。"""
    try:
        connected, connected_kf = load(get_settings()), load_kf(get_settings())
    except SetupError as error:
        _stop(error)
    if connected is None and connected_kf is None:
        _stop("wechat.yml 里没有写 app_id，也没有写 kf 的 corp_id，还没有接微信。")
    tries: list[tuple[str, Callable[[Database], Awaitable[str]]]] = []
    if connected is not None:
        tries.append(("公众号", lambda database: _try_official(connected, database)))
    if connected_kf is not None:
        tries.append(("微信客服", lambda database: _try_kf(connected_kf, database)))

    async def run(database: Database) -> bool:
        well = True
        for name, call in tries:
            try:
                typer.echo(f"{name}：{await call(database)}")
            except WechatError as error:
                well = False
                typer.echo(f"{name}：{error.words}", err=True)
        return well

    if not _with_database(run):
        raise typer.Exit(1)


async def _try_official(connected: Connected, database: Database) -> str:
    client = Client(connected, database)
    try:
        found = await client.get("/cgi-bin/menu/get")
    except WechatError as error:
        if error.code != 46003:  # there is none yet
            raise
        return "连接正常；公众号上还没有菜单。"
    finally:
        await client.close()
    names = [line["name"] for line in found["menu"]["button"]]
    return f"连接正常；现在的菜单：{'、'.join(names)}。"


async def _try_kf(connected: KfConnected, database: Database) -> str:
    client = KfClient(connected, database)
    try:
        name = await client.name()
    finally:
        await client.close()
    if name is None:
        raise WechatError(95004, "no such account", KfClient.codes)
    return f"连接正常；客服账号“{name}”。"


@menu.command()
def show() -> None:
    """看 wechat.yml 里的菜单会发成什么样。"""
    typer.echo(json.dumps(menu_of(_connected().account), ensure_ascii=False, indent=2))


@menu.command()
def push() -> None:
    """把 wechat.yml 里的菜单发布到公众号。"""
    content = menu_of(_connected().account)
    if not content["button"]:
        _stop("wechat.yml 里没有写 menu。")

    async def run(client: Client, database: Database) -> None:
        await client.post("/cgi-bin/menu/create", content)

    _with_client(run)
    typer.echo("菜单发布好了。手机上最多过 5 分钟就会换；取消关注再关注能马上看到。")


@app.command()
def qrcode(
    scene: Annotated[str, typer.Argument(help="场景的编号；不写就做 wechat.yml 里全部的")] = "",
    folder: Annotated[Path, typer.Option("--to", help="图片放在哪里")] = Path("qrcodes"),
) -> None:
    """给 wechat.yml 里的场景做二维码图片，打印出来贴在窗口、街道、单位。"""
    scenes = _connected().account.scenes
    if not scenes:
        _stop("wechat.yml 里没有写 scenes。")
    if scene and scene not in scenes:
        _stop(f"wechat.yml 的 scenes 里没有“{scene}”，有：{'、'.join(scenes)}。")

    async def run(client: Client, database: Database) -> None:
        for one in [scene] if scene else scenes:
            path = draw(await make(client, one), one, folder)
            typer.echo(f"{scenes[one].name}：{path}，扫了以后问“{scenes[one].say}”")

    _with_client(run)


@app.command()
def undelivered(
    limit: Annotated[int, typer.Option(help="最多列几条")] = 50,
) -> None:
    """列出没有送到市民手机上的消息，和原因。"""

    async def run(database: Database) -> None:
        waiting = WechatMessage.state.in_(("未送达", "等市民来信"))
        async with database.transaction() as session:
            total = await session.scalar(select(func.count()).where(waiting))
            query = select(WechatMessage).where(waiting).order_by(WechatMessage.id.desc()).limit(limit)
            for message in await session.scalars(query):
                at = message.created_at.astimezone().strftime("%m-%d %H:%M")
                typer.echo(f"{at}  …{message.openid[-6:]}  {message.state}  {message.error}")
        typer.echo(f"一共 {total} 条。")

    _with_database(run)
