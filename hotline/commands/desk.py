"""``hotline desk``: the agents' desk on the command line."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from hotline.commands.client import Service, ServiceError

app = typer.Typer(help="坐席台：看排队、领取会话、答复、交还机器人。", no_args_is_help=True)
Url = Annotated[str | None, typer.Option("--url", help="热线的地址，默认是本机正在运行的那个。")]
Agent = Annotated[str, typer.Option("--agent", help="坐席工号（数字）。")]
_AUTHORS = {"citizen": "市民", "bot": "机器人", "agent": "坐席", "system": "系统"}


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except ServiceError as error:
        typer.secho(str(error), fg="red", err=True)
        raise typer.Exit(1) from None


@app.command("list")
def list_queue(url: Url = None) -> None:
    """列出正在等人工的会话：紧急的在前，其余等得最久的在前。"""
    with _told():
        waiting = Service(url).call("GET", "/desk/queue")
    if not waiting:
        typer.echo("没有人在排队。")
    for item in waiting:
        minutes, seconds = divmod(item["waiting_seconds"], 60)
        typer.echo(
            f"{item['conversation']}  已等 {minutes}分{seconds:02d}秒  {item['channel']}  {item['reason_text']}"
        )


@app.command()
def show(conversation: uuid.UUID, url: Url = None) -> None:
    """看一个会话的全部内容（电话和证件号已遮挡）。"""
    with _told():
        found = Service(url).call("GET", f"/desk/{conversation}")
    for message in found["messages"]:
        typer.echo(f"{message['id']:>3} {_AUTHORS[message['author']]}：{message['text']}")
    typer.echo(
        f"—— 现在由{ {'bot': '机器人接待', 'queued': '市民排队等人工', 'human': '坐席接待'}[found['mode']] }"
    )


@app.command()
def claim(conversation: uuid.UUID, agent: Agent, url: Url = None) -> None:
    """领取一个排队的会话。"""
    with _told():
        Service(url).call("POST", f"/desk/{conversation}/claim", json={"agent": agent})
    typer.echo("已领取。")


@app.command()
def say(conversation: uuid.UUID, text: str, agent: Agent, url: Url = None) -> None:
    """以坐席身份说一句话。"""
    body = {"agent": agent, "text": text, "client_id": uuid.uuid4().hex}
    with _told():
        Service(url).call("POST", f"/desk/{conversation}/say", json=body)
    typer.echo("已发送。")


@app.command("back")
def hand_back(conversation: uuid.UUID, agent: Agent, url: Url = None) -> None:
    """结束接待，交还机器人。"""
    with _told():
        Service(url).call("POST", f"/desk/{conversation}/hand-back", json={"agent": agent})
    typer.echo("已交还机器人。")
