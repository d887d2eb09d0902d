"""``hotline report``: the figures of a period, from a running hotline, in the terminal or as a workbook."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from hotline.commands.client import Service, ServiceError
from hotline.reports import wording
from hotline.reports.periods import BadPeriod, Kind, Period
from hotline.reports.shapes import ReportOut

app = typer.Typer(help="统计报表：日、周、月、季、年，或者任意几天。", no_args_is_help=True)

Url = Annotated[str | None, typer.Option("--url", help="热线的地址，默认是本机正在运行的那个。")]
As = Annotated[str, typer.Option("--as", help="身份：派单员、督办、领导、承办单位（还要写 --unit）、坐席。")]
By = Annotated[str, typer.Option("--by", help="工号。")]
Unit = Annotated[str | None, typer.Option("--unit", help="承办单位，编号或全名。")]
Output = Annotated[Path | None, typer.Option("--output", "-o", help="存成 Excel 文件；不写就显示在这里。")]


@app.command()
def day(
    which: Annotated[str, typer.Argument(metavar="日期", help="例如 2026-11-28。")],
    output: Output = None,
    role: As = "督办",
    by: By = "0",
    unit: Unit = None,
    url: Url = None,
) -> None:
    """一天的报表。"""
    _tell("day", which, output, role, by, unit, url)


@app.command()
def week(
    which: Annotated[str, typer.Argument(metavar="日期", help="这一周里的任一天，例如 2026-11-28。")],
    output: Output = None,
    role: As = "督办",
    by: By = "0",
    unit: Unit = None,
    url: Url = None,
) -> None:
    """一周（周一到周日）的报表。"""
    _tell("week", which, output, role, by, unit, url)


@app.command()
def month(
    which: Annotated[str, typer.Argument(metavar="月份", help="例如 2026-11。")],
    output: Output = None,
    role: As = "督办",
    by: By = "0",
    unit: Unit = None,
    url: Url = None,
) -> None:
    """一个月的报表。"""
    _tell("month", which, output, role, by, unit, url)


@app.command()
def quarter(
    which: Annotated[str, typer.Argument(metavar="月份", help="这个季度里的任一月，例如 2026-11。")],
    output: Output = None,
    role: As = "督办",
    by: By = "0",
    unit: Unit = None,
    url: Url = None,
) -> None:
    """一个季度的报表。"""
    _tell("quarter", which, output, role, by, unit, url)


@app.command()
def year(
    which: Annotated[str, typer.Argument(metavar="年份", help="例如 2026。")],
    output: Output = None,
    role: As = "督办",
    by: By = "0",
    unit: Unit = None,
    url: Url = None,
) -> None:
    """一年的报表。"""
    _tell("year", which, output, role, by, unit, url)


@app.command("range")
def range_(
    since: Annotated[str, typer.Argument(metavar="从", help="例如 2026-11-01。")],
    until: Annotated[str, typer.Argument(metavar="到", help="例如 2026-11-15，这一天也算在内。")],
    output: Output = None,
    role: As = "督办",
    by: By = "0",
    unit: Unit = None,
    url: Url = None,
) -> None:
    """任意几天的报表。"""
    try:
        Period.between(_day(since), _day(until))
    except BadPeriod as error:
        _fail(str(error))
    _get({"kind": "range", "since": since, "until": until}, output, role, by, unit, url)


def _tell(
    kind: Kind, which: str, output: Path | None, role: str, by: str, unit: str | None, url: str | None
) -> None:
    _get({"kind": kind, "day": _day(which).isoformat()}, output, role, by, unit, url)


def _get(
    asked: dict[str, Any], output: Path | None, role: str, by: str, unit: str | None, url: str | None
) -> None:
    asked |= {"role": role, "actor": by} | ({"unit": unit} if unit else {})
    try:
        if output is not None:
            Service(url).download("GET", "/reports/export.xlsx", output, params=asked)
            typer.echo(f"已存到 {output}。")
            return
        report = ReportOut.model_validate(Service(url).call("GET", "/reports", params=asked))
    except ServiceError as error:
        _fail(str(error))
    _show(report)


def _show(report: ReportOut) -> None:
    typer.echo(f"{report.period.words}，{report.scope}")
    if report.running:
        typer.echo("（本期还没过完，统计到现在）")
    if report.demo:
        typer.secho(wording.DEMO, fg="yellow")
    for figure in report.figures:
        made_of = "  ".join(f"{part.name} {part.count}" for part in figure.parts if figure.form == "rate")
        grown = wording.compared(figure, figure.before)
        value = wording.value(figure.form, figure.value)
        typer.echo(f"{figure.name}  {value}  环比 {grown}" + (f"  （{made_of}）" if made_of else ""))


def _day(words: str) -> date:
    """A day from 2026, 2026-11 or 2026-11-28: the first that is meant."""
    if not re.fullmatch(r"\d{4}(-\d{1,2}){0,2}", words):
        _fail(f"日期写成 2026-11-28 或 2026-11 这样，不能是“{words}”。")
    parts = [int(part) for part in words.split("-")]
    try:
        return date(*[*parts, 1, 1][:3])
    except ValueError:
        _fail(f"没有“{words}”这一天。")


def _fail(words: str) -> NoReturn:
    typer.secho(words, fg="red", err=True)
    raise typer.Exit(1)
