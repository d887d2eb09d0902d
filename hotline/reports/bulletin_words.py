"""The words of a 专报, made of its numbers. Pure. Whoever edits it changes words; the tables stay as they were counted.

The parts are those of real ones: 总体情况、来源渠道、诉求类型、诉求领域、区县、责任单位、热点诉求、督办情况、典型案例、建议.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hotline.reports import wording
from hotline.reports.hot import Issue
from hotline.reports.reckoning import change
from hotline.reports.shapes import ColumnForm, FigureOut, ReportOut, RowOut, TableOut

Section = dict[str, Any]

#: Lines of a table; the rest is in the workbook.
_MOST_ROWS = 15
_NAMED = 3
#: A growth that is worth a word: of so many at least, by so much.
_TELLING, _GROWN = 10, 0.2
#: Who is named for answering late: with so many to answer at least, fewer on time than this share.
_ENOUGH, _ON_TIME = 5, 0.9


@dataclass(frozen=True)
class Level:
    """Orders of one level of 督办 that came in in the period."""

    name: str
    count: int
    closed: int
    unanswered: int


def sections(
    report: ReportOut, issues: Sequence[Issue], levels: Sequence[Level], units: dict[str, str], hotline: str
) -> list[Section]:
    """All parts.

    Args:
        units: names of the units by code.
        hotline: its name.
    """
    tables = {table.key: table for table in report.tables}
    figures = {figure.key: figure for figure in report.figures}
    return [
        _section("overall", "总体情况", _overall(report, figures, hotline), _overall_table(report, figures)),
        _by("source", "来源渠道", "按来源看", tables["source"]),
        _by("nature", "诉求类型", "按类型看", tables["nature"]),
        _by("field", "诉求领域", "按领域看", tables["field"], growth=True),
        _by("area", "区县分布", "按区县看", tables["area"], growth=True),
        _section("unit", "责任单位办理情况", _units(tables["unit"]), _table(tables["unit"])),
        _section("hot", "本期热点诉求", _hot(issues, units)),
        _section("supervision", "督办情况", _supervision(figures, levels), _levels(levels)),
        _section("cases", "典型案例", "") | {"cases": []},
        _section("advice", "工作建议", _advice(tables, issues, figures)),
    ]


def _section(key: str, title: str, text: str, table: dict[str, Any] | None = None) -> Section:
    return {"key": key, "title": title, "text": text, "edited": False, "table": table}


def _count(figure: FigureOut) -> int:
    return figure.parts[0].count


def _overall(report: ReportOut, figures: dict[str, FigureOut], hotline: str) -> str:
    taken, daily, talks = figures["taken"], figures["daily"], figures["talks"]
    first = (
        f"{report.period.words}，{hotline}共登记群众诉求 {_count(taken)} 件{_grown(taken)}，"
        f"日均 {wording.value('per_day', daily.value)} 件。其中有效工单 {_count(figures['effective'])} 件；"
        f"本期转派承办单位 {_count(figures['dispatched'])} 件，热线中心在线办结 {_count(figures['direct'])} 件。"
    )
    second = f"智能助手接待会话 {_count(talks)} 段{_grown(talks)}"
    if _count(talks):
        bot, handed = figures["by_bot"], figures["handed"]
        second += (
            f"，其中机器人独立答复 {_count(bot)} 段，占 {wording.value('rate', bot.value)}；"
            f"转人工 {_count(handed)} 段，占 {wording.value('rate', handed.value)}"
        )
        if figures["response"].value is not None:
            second += f"，一半的市民 {wording.duration(figures['response'].value)}内等到人工答复"
    rates = [
        f"{figures[key].name} {wording.value('rate', figures[key].value)}{_points(figures[key])}"
        for key in ("on_time", "completion", "satisfaction", "at_once", "redo")
        if figures[key].value is not None
    ]
    third = f"本期{'，'.join(rates)}。" if rates else "本期还没有可以统计的办理结果。"
    lines = [first, f"{second}。", third]
    return "\n".join([f"（{wording.DEMO}）", *lines] if report.demo else lines)


def _grown(figure: FigureOut) -> str:
    """``，环比增加 12.3%``; nothing where there is nothing to compare with."""
    grown = change(figure.value, figure.before)
    if grown is None:
        return ""
    if round(grown * 100, 1) == 0:
        return "，环比持平"
    return f"，环比{'增加' if grown > 0 else '减少'} {abs(grown) * 100:.1f}%"


def _points(figure: FigureOut) -> str:
    if figure.value is None or figure.before is None:
        return ""
    grown = round((figure.value - figure.before) * 100, 2)
    if grown == 0:
        return "（环比持平）"
    return f"（环比{'上升' if grown > 0 else '下降'} {abs(grown):.2f} 个百分点）"


def _overall_table(report: ReportOut, figures: dict[str, FigureOut]) -> dict[str, Any]:
    keys = [
        "talks",
        "by_bot",
        "handed",
        "response",
        "taken",
        "daily",
        "effective",
        "dispatched",
        "direct",
        "acceptance",
        "reply",
        "on_time",
        "completion",
        "satisfaction",
        "redo",
    ]
    before = report.before.words if report.before else "上期"
    rows = []
    for figure in (figures[key] for key in keys):
        rows.append(
            [
                figure.name,
                wording.value(figure.form, figure.value),
                wording.value(figure.form, figure.before),
                wording.compared(figure, figure.before),
                wording.compared(figure, figure.year),
            ]
        )
    return {"columns": ["指标", "本期", before, "环比", "同比"], "rows": rows}


def _table(table: TableOut) -> dict[str, Any]:
    forms: list[ColumnForm] = [column.form for column in table.columns]
    shown = [row for row in table.rows if row.value or row.cells[0]][:_MOST_ROWS]
    return {
        "columns": [table.name, *(column.name for column in table.columns)],
        "rows": [
            [row.label, *(wording.cell(form, cell) for form, cell in zip(forms, row.cells, strict=True))]
            for row in shown
        ],
    }


def _by(key: str, title: str, begin: str, table: TableOut, *, growth: bool = False) -> Section:
    named = [row for row in table.rows if row.value and row.cells[0]]
    if not named:
        return _section(key, title, "本期没有登记工单。" if not table.rows else "本期的工单都没有写明。")
    shares = [
        f"{row.label} {int(row.cells[0] or 0)} 件，占 {wording.cell('share', row.cells[1])}"
        for row in named[:_NAMED]
    ]
    text = f"{begin}，{'；'.join(shares)}。"
    grown = _growing(named) if growth else []
    if grown:
        told = [f"{row.label}（{wording.cell('change', row.cells[2])}）" for row in grown]
        text += f"环比增加较多的是{'、'.join(told)}。"
    return _section(key, title, text, _table(table))


def _growing(rows: Sequence[RowOut]) -> list[RowOut]:
    found = [row for row in rows if (row.cells[0] or 0) >= _TELLING and (row.cells[2] or 0) >= _GROWN]
    return sorted(found, key=lambda row: -(row.cells[2] or 0))[:_NAMED]


def _units(table: TableOut) -> str:
    named = [row for row in table.rows if row.value and row.cells[0]]
    if not named:
        return "本期没有转派承办单位的工单。"
    counts = [f"{row.label} {int(row.cells[0] or 0)} 件" for row in named[:_NAMED]]
    text = f"本期转派涉及 {len(named)} 家单位，件数排在前面的是{'、'.join(counts)}。"
    late = _late(table)
    if late:
        told = [f"{row.label}（{_on_time(table, row)}）" for row in late[:_NAMED]]
        text += f"按时率不到 {_ON_TIME:.0%} 的是{'、'.join(told)}。"
    return text


def _place(table: TableOut, key: str) -> int:
    return next(n for n, column in enumerate(table.columns) if column.key == key)


def _on_time(table: TableOut, row: RowOut) -> str:
    return wording.cell("rate", row.cells[_place(table, "on_time")])


def _late(table: TableOut) -> list[RowOut]:
    """Units that answer late, with enough orders to say so; the worst first."""
    place = _place(table, "on_time")
    found = [
        row
        for row in table.rows
        if row.value and (row.cells[0] or 0) >= _ENOUGH and (row.cells[place] or 1) < _ON_TIME
    ]
    return sorted(found, key=lambda row: row.cells[place] or 0)


def _hot(issues: Sequence[Issue], units: dict[str, str]) -> str:
    if not issues:
        return "本期没有形成热点诉求。"
    lines = []
    for place, issue in enumerate(issues, 1):
        line = (
            f"{place}. {issue.title}。本期共有 {issue.callers} 位市民反映，登记工单 {issue.orders} 件，"
            f"已答复 {issue.answered} 件。"
        )
        if issue.done is None:
            line += "还没有答复市民。"
        else:
            unit = units.get(issue.unit or "", "热线中心")
            line += f"办理情况：{unit}答复，{issue.done}"
        lines.append(line)
    return "\n".join(lines)


def _supervision(figures: dict[str, FigureOut], levels: Sequence[Level]) -> str:
    missed = next(part.count for part in figures["reply"].parts if part.measure == "missed")
    total = sum(level.count for level in levels)
    if not total and not missed:
        return "本期登记的工单没有列入督办的，也没有到期没答复的。"
    text = f"本期登记的工单有 {total} 件列入督办"
    if total:
        text += f"，其中已办结 {sum(level.closed for level in levels)} 件"
    return f"{text}；本期到期、到统计时还没答复的工单 {missed} 件。"


def _levels(levels: Sequence[Level]) -> dict[str, Any] | None:
    if not levels:
        return None
    rows = [[one.name, str(one.count), str(one.closed), str(one.unanswered)] for one in levels]
    return {"columns": ["督办级别", "件数", "已办结", "还没答复"], "rows": rows}


def _advice(tables: dict[str, TableOut], issues: Sequence[Issue], figures: dict[str, FigureOut]) -> str:
    lines = []
    waiting = [issue for issue in issues if issue.answered < issue.orders]
    if waiting:
        lines.append(f"建议牵头单位集中处置“{waiting[0].title}”，办完以后统一答复反映过的市民。")
    grown = _growing([row for row in tables["field"].rows if row.value])
    if grown:
        lines.append(
            f"{grown[0].label}类诉求环比{wording.cell('change', grown[0].cells[2])}，建议主管部门提前研判。"
        )
    late = _late(tables["unit"])
    if late:
        names = "、".join(row.label for row in late[:_NAMED])
        lines.append(f"建议对{names}按时答复的情况跟踪督办。")
    unanswered = figures["left"]
    if _count(unanswered):
        lines.append(f"本期有 {_count(unanswered)} 人次没有等到人工，建议按排队时段调整坐席班次。")
    if not lines:
        return "（请填写建议。）"
    return "\n".join(f"{place}. {line}" for place, line in enumerate(lines, 1))
