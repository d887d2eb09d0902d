"""``hotline audit``: who did what, on a running hotline."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from hotline.commands.client import Service, ServiceError
from hotline.work_orders.deadlines import SHANGHAI

app = typer.Typer(help="审计：谁看过、导出过、改过什么；核对记录有没有被动过。", no_args_is_help=True)

Url = Annotated[str | None, typer.Option("--url", help="热线的地址，默认是本机正在运行的那个。")]
As = Annotated[str, typer.Option("--as", help="身份：督办、领导。")]
By = Annotated[str, typer.Option("--by", help="你的工号。")]
Who = Annotated[str | None, typer.Option("--actor", help="只看这个工号做的。")]
Action = Annotated[str | None, typer.Option("--action", help="只看这种操作，例如 查看原文、导出工单。")]
Subject = Annotated[str | None, typer.Option("--subject", help="只看和它有关的，例如一个工单号。")]
Since = Annotated[str | None, typer.Option("--since", help="从哪天起，例如 2026-11-01。")]
Until = Annotated[str | None, typer.Option("--until", help="到哪天为止（含）。")]


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except ServiceError as error:
        typer.secho(str(error), fg="red", err=True)
        raise typer.Exit(1) from None


def _asked(role: str, number: str, **wanted: str | None) -> dict[str, Any]:
    return {"role": role, "actor": number} | {name: value for name, value in wanted.items() if value}


@app.command("list")
def list_lines(
    role: As = "督办",
    by: By = "0",
    actor: Who = None,
    action: Action = None,
    subject: Subject = None,
    since: Since = None,
    until: Until = None,
    limit: Annotated[int, typer.Option(help="最多列多少条。", min=1, max=500)] = 50,
    url: Url = None,
) -> None:
    """列出审计记录，最新的在前。"""
    asked = _asked(role, by, by=actor, action=action, subject=subject, since=since, until=until)
    with _told():
        found = Service(url).call("GET", "/audit", params=asked | {"limit": limit})
    for line in found["lines"]:
        at = datetime.fromisoformat(line["at"]).astimezone(SHANGHAI)
        detail = json.dumps(line["detail"], ensure_ascii=False) if line["detail"] else ""
        typer.echo(
            f"{line['id']:>6}  {at:%Y-%m-%d %H:%M:%S}  {line['role']} {line['actor']}  "
            f"{line['action']}  {line['subject']}  {detail}".rstrip()
        )
    typer.echo(f"—— 共 {found['total']} 条")


@app.command()
def export(
    output: Annotated[Path, typer.Option("--output", "-o", help="写到哪个 CSV 文件。")],
    role: As = "督办",
    by: By = "0",
    actor: Who = None,
    action: Action = None,
    subject: Subject = None,
    since: Since = None,
    until: Until = None,
    url: Url = None,
) -> None:
    """导出成 CSV（Excel 能直接打开），导出本身也会记一条。"""
    asked = _asked(role, by, by=actor, action=action, subject=subject, since=since, until=until)
    with _told():
        Service(url).download("GET", "/audit/export.csv", output, params=asked)
    typer.echo(f"已导出到 {output}。")


@app.command()
def check(role: As = "督办", by: By = "0", url: Url = None) -> None:
    """核对全部记录有没有被改过、删过；有就列出来，并以 1 退出。"""
    with _told():
        found = Service(url).call("POST", "/audit/check", params=_asked(role, by), timeout=600)
    for fault in found["faults"]:
        typer.secho(fault["message"], fg="red", err=True)
    if found["faults"]:
        typer.secho("审计记录对不上，请保护现场，查清是谁动过数据库。", fg="red", err=True)
        raise typer.Exit(1)
    typer.echo(f"{found['count']} 条记录都对得上。最后一条 {found['last']}，摘要 {found['digest']}")
    typer.echo("把摘要抄在别处，以后就能证明这之前的记录没有动过。")
