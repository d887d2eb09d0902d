"""``hotline privacy``: what a person may ask for by law, on a running hotline."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from hotline.commands.client import Service, ServiceError

app = typer.Typer(
    help="个人信息：本人要复制件、要求删除时用。先核实来人就是本人（比如拨回这个号码）。",
    no_args_is_help=True,
)

Url = Annotated[str | None, typer.Option("--url", help="热线的地址，默认是本机正在运行的那个。")]
As = Annotated[str, typer.Option("--as", help="身份：派单员、督办。")]
By = Annotated[str, typer.Option("--by", help="你的工号，记进审计。")]
Phone = Annotated[str, typer.Option("--phone", help="本人登记工单时留的电话。")]
Order = Annotated[str | None, typer.Option("--order", help="只办这一张工单。")]
Reason = Annotated[str, typer.Option("--reason", help="依据什么办，例如：本人书面申请。")]


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except ServiceError as error:
        typer.secho(str(error), fg="red", err=True)
        raise typer.Exit(1) from None


def _body(phone: str, order: str | None, reason: str) -> dict[str, Any]:
    return {"phone": phone, "order": order, "reason": reason}


@app.command()
def export(
    phone: Phone,
    reason: Reason,
    by: By,
    output: Annotated[Path, typer.Option("--output", "-o", help="写到哪个 zip 文件。")],
    order: Order = None,
    role: As = "派单员",
    url: Url = None,
) -> None:
    """把保存的、和这个电话有关的个人信息导出成一个 zip（表格、JSON、照片）。"""
    with _told():
        Service(url).download(
            "POST",
            "/privacy/export",
            output,
            params={"role": role, "actor": by},
            json=_body(phone, order, reason),
        )
    typer.echo(f"已导出到 {output}。里面是未遮挡的个人信息，只能交给本人，交付以后请删除。")


@app.command()
def forget(
    phone: Phone,
    reason: Reason,
    by: By,
    order: Order = None,
    role: As = "派单员",
    yes: Annotated[bool, typer.Option("--yes", help="不再询问。")] = False,
    url: Url = None,
) -> None:
    """删除和这个电话有关的个人信息；没办完的工单不删，会列出来，并以 1 退出。"""
    if not yes:
        typer.confirm("删除以后不能恢复，确定吗？", abort=True)
    with _told():
        done = Service(url).call(
            "POST",
            "/privacy/forget",
            params={"role": role, "actor": by},
            json=_body(phone, order, reason),
        )
    if done["forgotten"]:
        typer.echo(f"已删除 {len(done['forgotten'])} 张工单里的个人信息：{'、'.join(done['forgotten'])}。")
    if done["open"]:
        typer.secho(
            f"这些工单还在办，没有删：{'、'.join(done['open'])}。办结以后再来办，或者请本人先撤回。",
            fg="red",
            err=True,
        )
        raise typer.Exit(1)
