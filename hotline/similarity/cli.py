"""``hotline hot-issues``: what many complain of, on a running hotline."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Any

import typer

from hotline.commands.client import Service, ServiceError
from hotline.work_orders.deadlines import SHANGHAI

app = typer.Typer(help="热点：很多人在反映什么；确认、忽略或办结。", no_args_is_help=True)

Url = Annotated[str | None, typer.Option("--url", help="热线的地址，默认是本机正在运行的那个。")]
As = Annotated[str, typer.Option("--as", help="身份：坐席、派单员、督办、领导。")]
By = Annotated[str, typer.Option("--by", help="工号。")]
Key = Annotated[str, typer.Argument(help="热点编号，例如 R20260930-1。")]


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except ServiceError as error:
        typer.secho(str(error), fg="red", err=True)
        raise typer.Exit(1) from None


@app.command("list")
def list_issues(
    role: As = "派单员",
    by: By = "0",
    window: Annotated[str | None, typer.Option("--window", help="哪个窗口，例如 当日、近7天。")] = None,
    state: Annotated[str | None, typer.Option("--state", help="进行中、已平息。")] = "进行中",
    decision: Annotated[
        str | None,
        typer.Option("--decision", help="待定、已确认、已忽略、已办结；忽略过和办结了的只有写明才列出。"),
    ] = None,
    level: Annotated[str | None, typer.Option("--level", help="地点、事项。")] = None,
    limit: Annotated[int, typer.Option(help="最多列多少条。", min=1, max=200)] = 50,
    url: Url = None,
) -> None:
    """列出热点，最热的在前。"""
    asked: dict[str, Any] = {"role": role, "actor": by, "limit": limit}
    wanted = {"window": window, "state": state, "decision": decision, "level": level}
    asked |= {name: value for name, value in wanted.items() if value}
    with _told():
        found = Service(url).call("GET", "/hot-issues", params=asked)
    for issue in found["issues"]:
        typer.echo(f"{issue['key']}  {_figures(issue)}  {issue['decision']}")
    typer.echo(f"—— 共 {found['total']} 个")


@app.command()
def show(key: Key, role: As = "派单员", by: By = "0", url: Url = None) -> None:
    """看一个热点：各窗口的数字，和里面的工单。"""
    with _told():
        issue = Service(url).call("GET", f"/hot-issues/{key}", params={"role": role, "actor": by})
    typer.echo(f"热点：{issue['key']}（{issue['level']}，{issue['decision']}）{issue['title']}")
    facts = [
        ("区县", issue["area_name"]),
        ("事项", issue["topic_name"]),
        ("常说的词", "、".join(issue["words"])),
        ("最近一件", _moment(issue["last_at"])),
    ]
    if issue["decided_by"]:
        facts.append(
            ("决定", f"{issue['decided_by']} {_moment(issue['decided_at'])} {issue['note']}".strip())
        )
    for label, value in facts:
        if value:
            typer.echo(f"{label}：{value}")
    for window in issue["windows"]:
        typer.echo(
            f"{window['window']}：{window['state']}，{_figures(window)}，上一个窗口 {window['before']} 人"
        )
    typer.echo(f"工单（{len(issue['members'])} 件）：")
    for order in issue["members"]:
        typer.echo(f"  {order['number']}  {order['status']}  {_short(order['what'])}")


@app.command()
def decide(
    key: Key,
    decision: Annotated[
        str, typer.Argument(help="确认、忽略，或者办结；忽略以后不再列出，办结以后有新的反映才再列出。")
    ],
    role: As,
    by: By,
    note: Annotated[str, typer.Option("--note", help="说明；忽略要写明为什么，办结要写明怎么处理的。")] = "",
    title: Annotated[str, typer.Option("--title", help="以后叫什么名称。")] = "",
    url: Url = None,
) -> None:
    """确认、忽略或办结一个热点。"""
    with _told():
        issue = Service(url).call(
            "POST",
            f"/hot-issues/{key}/decide",
            params={"role": role, "actor": by},
            json={"decision": decision, "note": note, "title": title},
        )
    typer.echo(f"记下了，热点 {issue['key']}（{issue['title']}）现在是“{issue['decision']}”。")


def _figures(figures: dict[str, Any]) -> str:
    return f"{figures['sentence']}（{figures['orders']} 件，热度 {figures['heat']:.1f}，{figures['trend']}）"


def _moment(at: str) -> str:
    return f"{datetime.fromisoformat(at).astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


def _short(words: str) -> str:
    line = words.replace("\n", " ")
    return line if len(line) <= 40 else line[:39] + "…"
