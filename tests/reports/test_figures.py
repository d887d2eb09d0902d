"""Every figure against rows that were counted by hand, and every number against the rows it opens."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from hotline.reports.excel import write_report
from hotline.reports.indicators import INDICATORS, MEASURES
from hotline.reports.periods import Period
from hotline.reports.service import Reports
from hotline.reports.shapes import ReportOut
from hotline.work_orders.effects.step import Actor
from hotline.work_orders.lifecycle import Role
from tests.reports.conftest import HOUSING, Story
from tests.work_orders.conftest import AGENT, DISPATCHER, LEADER, STRANGER, SUPERVISOR, UNIT, refused

TRAINEE = Actor(id="7001", role=Role.TRAINEE)
SEPTEMBER, OCTOBER, NOVEMBER = (Period.of("month", date(2026, month, 1)) for month in (9, 10, 11))


def values(report: ReportOut) -> dict[str, float | None]:
    return {figure.key: figure.value for figure in report.figures}


def table(report: ReportOut, key: str) -> dict[str, dict[str, Any]]:
    found = next(one for one in report.tables if one.key == key)
    return {
        row.value: dict(zip([c.key for c in found.columns], row.cells, strict=True)) for row in found.rows
    }


async def named(reports: Reports, story: Story, measure: str, period: Period) -> set[str]:
    found = await reports.rows(LEADER, measure, period, limit=200)
    return {story.numbers[order["number"]] for order in found.orders}


async def test_every_figure_is_what_one_counts_by_hand(reports: Reports, story: Story) -> None:
    september, october, november = [
        await reports.report(LEADER, period) for period in (SEPTEMBER, OCTOBER, NOVEMBER)
    ]

    assert values(september) == {
        "talks": 6,
        "by_bot": 1 / 6,
        "handed": 3 / 6,
        "response": 60,
        "response_p90": 60,
        "left": 1,
        "taken": 8,
        "daily": 8 / 30,
        "effective": 6,
        "acceptance": 5 / 6,
        "dispatched": 4,
        "direct": 1,
        "reply": 1,
        "on_time": 1,
        "completion": 1,
        "satisfaction": 1,
        "at_once": 1 / 2,
        "redo": 1 / 2,
    }
    # What was promised and not answered counts on the day it was due; what was never asked for has no rate.
    assert values(october) | {"daily": 1 / 31, "reply": 0, "on_time": 0, "completion": 0} == values(october)
    assert {key for key, value in values(october).items() if value is None} == {
        "by_bot",
        "handed",
        "response",
        "response_p90",
        "acceptance",
        "satisfaction",
        "at_once",
        "redo",
    }
    # Both answers were too late, one of them in an earlier round only; nobody rated the desk's own.
    wanted = {
        "taken": 0,
        "daily": 0,
        "reply": 1,
        "on_time": 0,
        "completion": 1,
        "satisfaction": 1,
        "at_once": 1 / 2,
        "redo": 1 / 3,
    }
    assert values(november) | wanted == values(november)
    assert await named(reports, story, "taken", SEPTEMBER) == set(story.orders) - {"next"}
    assert await named(reports, story, "missed", OCTOBER) == {"last", "next"}
    assert await named(reports, story, "late", NOVEMBER) == {"slow", "twice"}
    assert await named(reports, story, "redone", SEPTEMBER) == {"again"}
    assert await named(reports, story, "refused", SEPTEMBER) == {"refused"}

    units = table(september, "unit")
    assert (units["ecology"]["count"], units["housing"]["count"]) == (3, 1)
    assert units["ecology"]["share"] == 3 / 4
    assert (units["housing"]["redo"], units["ecology"]["redo"]) == (1, 0)
    assert {value: row["count"] for value, row in table(september, "area").items()} == {
        "430211": 6,
        "430202": 1,
        "": 1,
    }
    assert table(september, "field")["07"]["count"] == 4
    assert table(september, "street")["430211001"]["count"] == 1
    assert {value: row["count"] for value, row in table(september, "reason").items()} == {
        "citizen": 1,
        "two_failures": 1,
        "taken_over": 1,
    }


async def test_a_number_opens_exactly_so_many_rows(reports: Reports, story: Story) -> None:
    for actor in (LEADER, UNIT, AGENT):
        for period in (SEPTEMBER, OCTOBER, NOVEMBER):
            report = await reports.report(actor, period)
            for figure in report.figures:
                for part in figure.parts:
                    rate = figure.key if INDICATORS[figure.key].base else None
                    found = await reports.rows(actor, part.measure, period, indicator=rate, limit=200)
                    assert found.total == len(found.orders) + len(found.talks) == part.count, part
            for one in report.tables:
                for row in one.rows:
                    opened = await reports.rows(
                        actor,
                        one.columns[0].measure,
                        period,
                        dimension=one.key,
                        value=row.value,
                        limit=200,
                    )
                    assert opened.total == len(opened.orders) + len(opened.talks) == row.cells[0], row
            for point in report.course.points:
                for measure, count in point.counts.items():
                    step = Period.between(point.since, point.until)
                    assert (await reports.rows(actor, measure, step)).total == count, point
    board = await reports.board(LEADER)
    today = Period.of("day", reports.today)
    for part in [*board.standing, *(part for figure in board.figures for part in figure.parts)]:
        assert (await reports.rows(LEADER, part.measure, today, whole=True)).total == part.count, part
    assert {part.measure: part.count for part in board.standing} == {"open": 2, "near": 0, "overdue": 2}


async def test_nothing_is_compared_with_what_was_not_counted(reports: Reports, story: Story) -> None:
    september = await reports.report(LEADER, SEPTEMBER)
    october = await reports.report(LEADER, OCTOBER)
    november = await reports.report(LEADER, NOVEMBER)

    # The first order came on September 30: neither August nor the rest of September is known.
    assert september.before is None
    assert october.before is None
    assert all(
        figure.before is None and figure.year is None for figure in (*september.figures, *october.figures)
    )
    assert all(row["before"] is None for row in table(october, "nature").values())
    # Two days of November against two of October, in which one order came: now none.
    assert november.running
    assert november.before is not None
    assert (november.before.since, november.before.until) == (date(2026, 10, 1), date(2026, 10, 2))
    before = {figure.key: figure.before for figure in november.figures}
    assert (before["taken"], before["on_time"], before["satisfaction"]) == (1, None, None)


async def test_everybody_sees_their_own_part_only(reports: Reports, story: Story) -> None:
    of_unit = await reports.report(UNIT, SEPTEMBER)
    of_agent = await reports.report(AGENT, SEPTEMBER)

    assert values(of_unit)["taken"] == 3
    assert not {"talks", "by_bot", "handed", "response", "left"} & set(values(of_unit))
    assert {one.key for one in of_unit.tables}.isdisjoint({"unit", "channel", "reason"})
    assert (values(of_agent)["taken"], values(of_agent)["talks"]) == (2, 1)
    for actor in (SUPERVISOR, DISPATCHER, TRAINEE):
        assert values(await reports.report(actor, SEPTEMBER))["taken"] == 8
    # Rows are asked for by whoever likes: another unit's are not there.
    others = await reports.rows(HOUSING, "taken", SEPTEMBER, dimension="unit", value="ecology")
    assert (others.total, others.orders) == (0, [])
    assert (await reports.rows(STRANGER, "taken", SEPTEMBER)).total == 0
    for measure in ("talks", "handovers", "waiting"):
        await refused("forbidden", reports.rows(UNIT, measure, SEPTEMBER))
    assert (await reports.board(UNIT)).desk is None
    # An agent sees the whole of today, and of other days what is their own.
    assert (await reports.rows(AGENT, "open", SEPTEMBER, whole=True)).total == 2
    assert (await reports.rows(AGENT, "taken", SEPTEMBER)).total == 2
    await refused("not_found", reports.rows(LEADER, "nothing", SEPTEMBER))
    await refused("not_found", reports.rows(LEADER, "taken", SEPTEMBER, dimension="channel"))
    await refused("not_found", reports.rows(LEADER, "taken", SEPTEMBER, indicator="on_time"))
    for actor in (Actor(id="citizen", role=Role.CITIZEN), Actor(id="1", role=Role.UNIT)):
        await refused("forbidden", reports.report(actor, SEPTEMBER))


async def test_the_workbook_says_the_same(reports: Reports, story: Story, tmp_path: Path) -> None:
    report = await reports.report(LEADER, SEPTEMBER)
    write_report(tmp_path / "report.xlsx", report)

    book = load_workbook(tmp_path / "report.xlsx")

    assert book.sheetnames[:2] == ["指标", "走势"]
    assert {"来源", "类型", "领域", "区县", "承办单位", "转人工原因", "怎么算的"} <= set(book.sheetnames)
    shown = {row[0].value: row[1].value for row in book["指标"].iter_rows(min_row=2)}
    assert shown["登记工单"] == 8
    assert shown["重办率"] == 0.5
    assert (
        next(row[1].number_format for row in book["指标"].iter_rows() if row[0].value == "重办率") == "0.00%"
    )
    assert [cell.value for cell in book["指标"][2]][2:4] == ["—", "—"]
    assert sum(row[3].value for row in book["走势"].iter_rows(min_row=2)) == 6
    how = {row[0].value: row[1].value for row in book["怎么算的"].iter_rows(min_row=2)}
    assert how.keys() >= {one.name for one in INDICATORS.values()}


def test_a_rate_is_made_of_what_it_says() -> None:
    for indicator in INDICATORS.values():
        assert not indicator.how.isascii()
        assert MEASURES[indicator.top]
        if indicator.form == "rate":
            kinds = {MEASURES[key].of for key in (indicator.top, indicator.base, indicator.rest)}
            assert len(kinds) == 1
