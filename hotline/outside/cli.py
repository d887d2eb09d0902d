"""``hotline outside``: messages to other systems that could not be delivered, and whether a system can be reached."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Any

import typer

from hotline.commands.client import Service, ServiceError
from hotline.dispatch.units import Units
from hotline.outside.systems import SetupError, Systems, load_keys
from hotline.settings import get_settings
from hotline.work_orders.deadlines import SHANGHAI

app = typer.Typer(help="外部系统：没有送到的消息（死信），重发、放弃，检查能不能连通。", no_args_is_help=True)

Url = Annotated[str | None, typer.Option("--url", help="热线的地址，默认是本机正在运行的那个。")]
As = Annotated[str, typer.Option("--as", help="身份：派单员或督办。")]
By = Annotated[str, typer.Option("--by", help="工号。")]
Ids = Annotated[list[int] | None, typer.Argument(help="list 列出的编号，可以写几个。")]
Of = Annotated[
    str | None, typer.Option("--system", help="系统代码；写了它、不写编号，就是这个系统的全部死信。")
]


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except (ServiceError, SetupError) as error:
        typer.secho(str(error), fg="red", err=True)
        raise typer.Exit(1) from None


def _fetch(service: Service, role: str, by: str, system: str | None) -> dict[str, Any]:
    asked = {"role": role, "actor": by} | ({"system": system} if system else {})
    found: dict[str, Any] = service.call("GET", "/outside/dead-letters", params=asked)
    return found


def _ids(found: dict[str, Any]) -> list[int]:
    return [letter["id"] for letter in found["dead_letters"]]


def _when(moment: str | None) -> str:
    return (
        datetime.fromisoformat(moment).astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
        if moment
        else "从来没有"
    )


@app.command("list")
def list_letters(role: As = "派单员", by: By = "0", system: Of = None, url: Url = None) -> None:
    """列出各系统的情况，和要人来处理的死信。"""
    with _told():
        found = _fetch(Service(url), role, by, system)
    for one in found["systems"]:
        typer.echo(
            f"{one['name']}（{one['code']}）：等待发送 {one['waiting']} 条，死信 {one['dead']} 条，"
            f"上次送达 {_when(one['last_delivered_at'])}"
        )
        if one["error"]:
            typer.echo(f"    最近没有送到的原因：{one['error']}")
    for letter in found["dead_letters"]:
        typer.echo(
            f"{letter['id']:>6}  工单 {letter['number']}  {letter['system_name']}  {letter['kind']}  "
            f"{_when(letter['created_at'])}，试了 {letter['attempts']} 次\n        {letter['error']}"
        )
    typer.echo(f"—— 共 {found['total']} 条死信")


@app.command()
def retry(letters: Ids = None, role: As = "派单员", by: By = "0", system: Of = None, url: Url = None) -> None:
    """重发死信：对方修好以后用。"""
    if not letters and not system:
        typer.secho("请写要重发的编号，或者用 --system 写明系统。", fg="red", err=True)
        raise typer.Exit(2)
    with _told():
        service = Service(url)
        done: set[int] = set()
        # A page at a time; what has failed again meanwhile is left for another day.
        while wanted := set(letters or _ids(_fetch(service, role, by, system))) - done:
            for one in sorted(wanted):
                service.call("POST", f"/outside/dead-letters/{one}/retry", params={"role": role, "actor": by})
                typer.echo(f"{one} 已经排上，马上重发。")
            done |= wanted


@app.command("give-up")
def give_up(
    letter: Annotated[int, typer.Argument(help="list 列出的编号。")],
    by: By,
    reason: Annotated[str, typer.Option("--reason", help="为什么不再发，告诉了谁，记在工单上。")],
    role: As = "派单员",
    url: Url = None,
) -> None:
    """放弃一条死信：已经用别的办法告诉承办单位的。"""
    with _told():
        Service(url).call(
            "POST",
            f"/outside/dead-letters/{letter}/give-up",
            params={"role": role, "actor": by},
            json={"reason": reason},
        )
    typer.echo("记下了，不再发。")


@app.command()
def check(
    code: Annotated[str | None, typer.Argument(metavar="[系统]", help="系统代码；不写就全部检查。")] = None,
) -> None:
    """检查配置、密钥，给每个系统发一个签了名的 ping，说明哪里不对。"""
    from hotline.outside.check import check as ping

    settings = get_settings()
    with _told():
        systems = Systems.load(settings.city_dir / "outside.yml", Units.load(settings.city_dir))
        keys = load_keys(settings, systems)
    wanted = [system for system in systems if code in (None, system.code)]
    if not wanted:
        typer.echo(f"outside.yml 里没有系统 {code}。" if code else "outside.yml 里没有接入任何系统。")
        raise typer.Exit(1 if code else 0)
    bad = 0
    for system in wanted:
        found = asyncio.run(ping(system, keys[system.code].send))
        bad += not found.good
        typer.secho(f"{system.name}（{system.code}）：{found.words}", fg=None if found.good else "red")
    raise typer.Exit(1 if bad else 0)
