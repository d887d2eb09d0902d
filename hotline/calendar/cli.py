"""``hotline holidays``: which days are holidays and which are working days, for a running hotline."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from hotline.calendar.notice import NoticeError, read_day, read_notice, read_working
from hotline.commands.client import Service, ServiceError
from hotline.work_orders.deadlines import SHANGHAI

app = typer.Typer(help="放假和调休：看、设、取消，导入一年的放假通知。", no_args_is_help=True)
Url = Annotated[str | None, typer.Option("--url", help="热线的地址，默认是本机正在运行的那个。")]
Actor = Annotated[str, typer.Option("--actor", help="你的工号，记在这一天上。")]
Day = Annotated[str, typer.Argument(help="日期，写成 2027-02-06。")]


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except (NoticeError, ServiceError) as error:
        typer.secho(str(error), fg="red", err=True)
        raise typer.Exit(1) from None


def _arrangement(item: dict[str, Any]) -> str:
    return f"{item['day']}  {'上班' if item['working'] else '放假'}  {item['note']}".rstrip()


def _warn(answer: dict[str, Any]) -> None:
    if answer["warning"]:
        typer.secho(f"注意：{answer['warning']}。", fg="yellow", err=True)


def _changed(words: str, answer: dict[str, Any]) -> None:
    typer.echo(f"{words}{answer['message']}")
    _warn(answer)


@app.command("list")
def list_days(
    year: Annotated[int | None, typer.Option(help="只看这一年。", min=2004, max=2100)] = None,
    url: Url = None,
) -> None:
    """列出另外设过的日子；没列出的按 holidays.yml 和国务院的放假安排。"""
    with _told():
        found = Service(url).call("GET", "/calendar", params={} if year is None else {"year": year})
    if not found["days"]:
        typer.echo("没有另外设过的日子，都按 holidays.yml 和国务院的放假安排。")
    for item in found["days"]:
        when = datetime.fromisoformat(item["changed_at"]).astimezone(SHANGHAI).date()
        typer.echo(f"{_arrangement(item)}  （{item['changed_by']}，{when}）")
    _warn(found)


@app.command("set")
def set_day(
    day: Day,
    working: Annotated[str, typer.Argument(help="上班，或者放假。")],
    actor: Actor,
    note: Annotated[str, typer.Option("--note", help="说明，例如：春节调休。")] = "",
    url: Url = None,
) -> None:
    """设一天上班或放假。"""
    with _told():
        when = read_day(day)
        body = {"working": read_working(working), "note": note, "actor": actor}
        answer = Service(url).call("PUT", f"/calendar/{when}", json=body)
    _changed(f"已设好：{_arrangement(answer['days'][0])}。", answer)


@app.command("unset")
def unset_day(day: Day, actor: Actor, url: Url = None) -> None:
    """取消一天的设置，回到 holidays.yml 和国务院的放假安排。"""
    with _told():
        when = read_day(day)
        answer = Service(url).call("DELETE", f"/calendar/{when}", params={"actor": actor})
    _changed(f"已取消 {when} 的设置。", answer)


@app.command("import")
def import_notice(
    file: Annotated[Path, typer.Argument(help="CSV 文件，第一行 date,working,note，下面一天一行。")],
    actor: Actor,
    url: Url = None,
) -> None:
    """导入一年的放假通知：有一行不对就一天都不改。"""
    with _told():
        days = read_notice(file)
        listed = [{"day": str(item.day), "working": item.working, "note": item.note} for item in days]
        answer = Service(url).call("PUT", "/calendar", json={"days": listed, "actor": actor})
    for item in answer["days"]:
        typer.echo(_arrangement(item))
    off = sum(not item["working"] for item in answer["days"])
    _changed(f"已导入 {len(days)} 天：放假 {off} 天，上班 {len(days) - off} 天。", answer)
