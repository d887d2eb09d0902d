"""``hotline orders``: the work orders on the command line, for whoever has no console at hand."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from hotline.commands.client import Service, ServiceError

app = typer.Typer(help="工单：列表、查看、受理、派单、办理、答复、督办、回访。", no_args_is_help=True)

Url = Annotated[str | None, typer.Option("--url", help="热线的地址，默认是本机正在运行的那个。")]
As = Annotated[str, typer.Option("--as", help="身份：坐席、派单员、承办单位、督办、领导。")]
By = Annotated[str, typer.Option("--by", help="工号。")]
Of = Annotated[str | None, typer.Option("--of", help="承办单位的名称或编号（身份是承办单位时要写）。")]
Number = Annotated[str, typer.Argument(help="工单号，例如 20261124-00017。")]


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except ServiceError as error:
        typer.secho(str(error), fg="red", err=True)
        raise typer.Exit(1) from None


def _actor(role: str, by: str, unit: str | None) -> dict[str, str]:
    return {"role": role, "actor": by} | ({"unit": unit} if unit else {})


@app.command("list")
def list_orders(
    role: As = "派单员",
    by: By = "0",
    unit: Of = None,
    status: Annotated[list[str] | None, typer.Option("--status", help="只看这些状态。")] = None,
    words: Annotated[str | None, typer.Option("--words", help="工单号，或内容、地点里的字。")] = None,
    overdue: Annotated[bool, typer.Option("--overdue", help="只看超期的。")] = False,
    asking: Annotated[bool, typer.Option("--asking", help="只看申请退单、延期待批的。")] = False,
    everything: Annotated[bool, typer.Option("--all", help="不只看自己手上的。")] = False,
    limit: Annotated[int, typer.Option(help="最多列多少条。")] = 50,
    url: Url = None,
) -> None:
    """列出工单，最急的在前。"""
    asked: dict[str, Any] = _actor(role, by, unit) | {
        "limit": limit,
        "everything": everything,
        "asking": asking,
    }
    asked |= {"status": status or [], "words": words} | ({"overdue": True} if overdue else {})
    with _told():
        found = Service(url).call("GET", "/orders", params=asked)
    for order in found["orders"]:
        marks = "".join(
            [
                "加急 " if order["urgency"] == "加急" else "",
                "企业 " if order["enterprise"] else "",
                f"{order['supervision']} " if order["supervision"] else "",
            ]
        )
        who = order["lead_unit_name"] or "未派单"
        typer.echo(
            f"{order['number']}  {order['status']}  {order['nature']}  {order['clock']['words'] or '—'}  "
            f"{who}  {marks}{_short(order['what'])}"
        )
    typer.echo(f"—— 共 {found['total']} 件")


@app.command()
def show(number: Number, role: As = "派单员", by: By = "0", unit: Of = None, url: Url = None) -> None:
    """看一张工单的全部内容和现在能做的操作。"""
    with _told():
        order = Service(url).call("GET", f"/orders/{number}", params=_actor(role, by, unit))
    caller = order["caller"]
    who = "匿名" if caller["anonymous"] else f"{caller['name'] or '没留称呼'} {caller['phone'] or '没留电话'}"
    facts = [
        ("工单", f"{order['number']}（{order['nature']}，{order['status']}，{order['urgency']}）"),
        ("分类", order["topic_name"]),
        ("注意", order["note"]),
        ("内容", order["what"]),
        ("地点", order["where"]),
        ("时间", order["when"]),
        ("诉求人", who),
        ("承办", order["lead_unit_name"]),
        ("协办", "；".join(f"{u['name']}（{u['duty']}）" for u in order["assisting"])),
        ("期限", f"{order['promised_date']}　{order['clock']['words']}"),
        ("督办", order["supervision"]),
        ("答复", order["answer"]),
        ("评价", " ".join(filter(None, [order["rating"], order["rating_reason"]]))),
        ("并入", order["merged_into"]),
        ("并案", "、".join(order["members"])),
        ("照片", f"{len(order['attachments'])} 张，用 photos 看" if order["attachments"] else None),
    ]
    for label, value in facts:
        if value:
            typer.echo(f"{label}：{value}")
    for unit_ in (order.get("proposal") or {}).get("units", []):
        typer.echo(f"建议派给 {unit_['name']}（把握 {unit_['confidence']:.0%}）：{unit_['reason']}")
    for other in order.get("likely_same", []):
        if other["same"] is None:
            typer.echo(f"疑似重复 {other['number']}（{other['status']}）：{other['reason']}")
    for asked in order["requests"]:
        result = {None: "等待决定", True: "同意", False: "没有同意"}[asked["granted"]]
        typer.echo(f"{asked['unit']}申请{asked['kind']}（{result}）：{asked['reason']}")
    typer.echo("经过：")
    for event in order["events"]:
        typer.echo(
            f"  {event['at'][:16]} {event['role']} {event['actor']} {event['action']} {_short(event['note'])}"
        )
    typer.echo("现在可以：" + ("、".join(a["action"] for a in order["actions"]) or "没有可做的操作"))


@app.command()
def do(
    number: Number,
    action: Annotated[
        str, typer.Argument(help="操作，例如 受理、派单、签收、答复、督办；show 会列出现在能做的。")
    ],
    role: As,
    by: By,
    unit: Of = None,
    field: Annotated[
        list[str] | None,
        typer.Option(
            "--field", "-f", help="要填的内容，写成 名=值，例如 unit=株洲市教育局、reason=…、days=3。"
        ),
    ] = None,
    version: Annotated[int | None, typer.Option(help="看到的版本号；变过就不办。")] = None,
    url: Url = None,
) -> None:
    """办一步。"""
    body = {"action": action, "fields": _fields(field or []), "version": version, "request": uuid.uuid4().hex}
    with _told():
        order = Service(url).call(
            "POST", f"/orders/{number}/actions", params=_actor(role, by, unit), json=body
        )
    typer.echo(f"办好了，工单 {order['number']} 现在是“{order['status']}”。")


@app.command()
def photos(
    number: Number,
    role: As = "派单员",
    by: By = "0",
    unit: Of = None,
    to: Annotated[
        Path | None, typer.Option("--to", help="把照片存到哪个文件夹。", exists=True, file_okay=False)
    ] = None,
    add: Annotated[
        list[Path] | None,
        typer.Option(
            "--add", help="给工单加照片（可以写几次），例如修好以后的。", exists=True, dir_okay=False
        ),
    ] = None,
    url: Url = None,
) -> None:
    """列出工单的照片；存下来看，或者加上办理的照片。"""
    acting = _actor(role, by, unit)
    path = f"/orders/{number}/attachments"
    with _told():
        service = Service(url)
        if add:
            files = [("file", (file.name, file.read_bytes())) for file in add]
            service.call("POST", path, params=acting | {"client_id": uuid.uuid4().hex}, files=files)
        found = service.call("GET", f"/orders/{number}", params=acting)["attachments"]
        for place, photo in enumerate(found, 1):
            kept = to / f"{number}-{place}.jpg" if to else None
            if kept:
                service.download("GET", f"{path}/{photo['id']}", kept, params=acting)
            size = f"{photo['width']}×{photo['height']}"
            typer.echo(f"{place:>3}  {photo['at'][:16]}  {photo['by']}  {size}  {kept or ''}".rstrip())
    typer.echo(f"—— 共 {len(found)} 张")


@app.command()
def calls(role: As = "坐席", by: By = "0", url: Url = None) -> None:
    """列出要打电话告知市民的，和没有送达的。"""
    with _told():
        found = Service(url).call("GET", "/orders/undelivered", params=_actor(role, by, None))
    for item in found:
        typer.echo(f"{item['id']:>5}  工单 {item['number']}  {item['state']}\n       {item['text']}")
    typer.echo(f"—— 共 {len(found)} 条")


@app.command()
def told(
    delivery: Annotated[int, typer.Argument(help="calls 列出的编号。")], by: By, url: Url = None
) -> None:
    """记下已经打电话告知了市民。"""
    with _told():
        Service(url).call("POST", f"/orders/deliveries/{delivery}/told", params=_actor("坐席", by, None))
    typer.echo("记下了。")


@app.command("export")
def export_orders(
    output: Annotated[Path, typer.Option("--output", "-o", help="写到哪个 Excel 文件（.xlsx）。")],
    role: As = "派单员",
    by: By = "0",
    unit: Of = None,
    status: Annotated[list[str] | None, typer.Option("--status", help="只要这些状态。")] = None,
    nature: Annotated[list[str] | None, typer.Option("--nature", help="只要这些类型。")] = None,
    topic: Annotated[str | None, typer.Option("--topic", help="只要这个分类（编号）。")] = None,
    area: Annotated[str | None, typer.Option("--area", help="只要这个区县。")] = None,
    lead: Annotated[str | None, typer.Option("--unit", help="只要这个单位主办的。")] = None,
    overdue: Annotated[bool, typer.Option("--overdue", help="只要超期的。")] = False,
    since: Annotated[str | None, typer.Option("--since", help="从哪天登记的起，例如 2026-11-01。")] = None,
    until: Annotated[str | None, typer.Option("--until", help="到哪天登记的为止（含）。")] = None,
    url: Url = None,
) -> None:
    """导出工单到 Excel（电话、姓名已遮挡），另附一张统计表；导出会记进审计。"""
    asked: dict[str, Any] = _actor(role, by, unit) | {"status": status or [], "nature": nature or []}
    asked |= {"topic": topic, "area": area, "of_unit": lead, "since": since, "until": until}
    asked |= {"overdue": True} if overdue else {}
    with _told():
        Service(url).download("GET", "/orders/export.xlsx", output, params=asked)
    typer.echo(f"已导出到 {output}。")


@app.command("import")
def import_orders(
    file: Annotated[Path, typer.Argument(help="按模板填好的 Excel 文件。", exists=True, dir_okay=False)],
    by: By,
    role: As = "派单员",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只检查，不导入。")] = False,
    url: Url = None,
) -> None:
    """导入从别处登记的工单：有一行不对就一行也不导入；同一个文件再导入不会重复。"""
    from hotline.work_orders.excel.api import XLSX

    with _told():
        done = Service(url).call(
            "POST",
            "/orders/import",
            params=_actor(role, by, None) | {"dry_run": dry_run},
            files={"file": (file.name, file.read_bytes(), XLSX)},
            timeout=900,
        )
    for made in done["orders"]:
        code = f"  查询码 {made['query_code']}" if made["query_code"] else ""
        typer.echo(f"第 {made['row']} 行  {made['external'] or ''}  工单 {made['number']}{code}")
    known = f"，{done['known']} 张以前导入过" if done["known"] else ""
    if dry_run:
        typer.echo(f"没有问题：共 {done['rows']} 行，可以导入 {done['created']} 张{known}。")
    else:
        typer.echo(f"共 {done['rows']} 行，导入 {done['created']} 张{known}。")


@app.command()
def template(
    file: Annotated[Path, typer.Argument(help="写到哪个 Excel 文件（.xlsx）。")],
) -> None:
    """写一个导入工单用的 Excel 模板，有下拉框和说明。"""
    from hotline.settings import get_settings
    from hotline.work_orders.excel.names import Names
    from hotline.work_orders.excel.places import PlaceNames
    from hotline.work_orders.excel.template import write_template
    from hotline.work_orders.office import Office

    settings = get_settings()
    names = Names(Office.load(settings.data_dir, settings.city_dir), PlaceNames.load(settings.city_dir))
    try:
        write_template(file, names)
    except OSError as error:
        typer.secho(f"写不进 {file}：{error.strerror}。", fg="red", err=True)
        raise typer.Exit(1) from None
    typer.echo(f"模板已写到 {file}。")


@app.command()
def reveal(
    number: Number,
    role: As,
    by: By,
    reason: Annotated[str, typer.Option("--reason", help="为什么要看，记进审计。")],
    fields: Annotated[
        list[str],
        typer.Option("--field", "-f", help="看哪几项：姓名、电话、内容、地点、时间、答复、评价理由、经过。"),
    ],
    unit: Of = None,
    url: Url = None,
) -> None:
    """看没有遮挡的电话、姓名等；谁看了什么、为什么看，都记进审计。"""
    from hotline.work_orders.personal import CLEAR

    by_name = {words: name for name, words in CLEAR.items()}
    body = {"fields": [by_name.get(field, field) for field in fields], "reason": reason}
    with _told():
        shown = Service(url).call(
            "POST", f"/orders/{number}/reveal", params=_actor(role, by, unit), json=body
        )
    for name, words in CLEAR.items():
        if name == "notes":
            for line in shown.get("notes") or []:
                typer.echo(f"{line['at'][:16]} {line['role']} {line['action']}：{line['note']}")
        elif name in shown:
            typer.echo(f"{words}：{shown[name] or '没有填'}")


@app.command()
def lifecycle(
    table: Annotated[bool, typer.Option("--table", help="打印表格，不打印图。")] = False,
) -> None:
    """打印工单的流转图（Mermaid）或流转表（Markdown）。"""
    from hotline.work_orders.lifecycle import as_table, diagram

    typer.echo(as_table() if table else diagram())


def _fields(given: list[str]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for item in given:
        name, separator, value = item.partition("=")
        if not separator:
            typer.secho(f"“{item}”要写成 名=值。", fg="red", err=True)
            raise typer.Exit(2)
        fields[name] = int(value) if name in ("days", "level") and value.isdigit() else value
    if isinstance(fields.get("assisting"), str):
        try:
            fields["assisting"] = json.loads(fields["assisting"])
        except json.JSONDecodeError:
            # 单位:职责;单位:职责
            pairs = [
                part.partition(":") for part in fields["assisting"].replace("：", ":").split(";") if part
            ]
            fields["assisting"] = [{"unit": unit, "duty": duty} for unit, _, duty in pairs]
    return fields


def _short(words: str) -> str:
    line = words.replace("\n", " ")
    return line if len(line) <= 40 else line[:39] + "…"
