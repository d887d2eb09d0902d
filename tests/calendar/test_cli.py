"""``hotline holidays`` against a hotline that runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from typer.testing import CliRunner, Result

from hotline.calendar.cli import app as commands
from hotline.calendar.service import CalendarService
from hotline.settings import get_settings
from tests.serving import serve


class Holidays:
    """Calls the command as an official would."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def __call__(self, *arguments: str) -> Result:
        words = [*arguments, "--url", self._url]
        if arguments[0] != "list":
            words += ["--actor", "1001"]
        return await asyncio.to_thread(CliRunner().invoke, commands, words)


@pytest.fixture
async def holidays(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Holidays]:
    """The command, and a hotline for it."""
    monkeypatch.setenv("HOTLINE_INTERNAL_TOKEN", "inside")
    get_settings.cache_clear()
    async with serve(app) as url:
        yield Holidays(url)
    get_settings.cache_clear()


async def test_a_day_is_set_listed_and_taken_back(holidays: Holidays) -> None:
    assert "没有另外设过" in (await holidays("list")).output

    done = await holidays("set", "2099/2/6", "上班", "--note", "春节调休")
    assert done.exit_code == 0, done.output
    assert "已设好：2099-02-06  上班  春节调休。" in done.output
    assert "期限不会跟着变" in done.output
    assert "2099 年的放假安排还没有公布" in done.output

    listed = (await holidays("list", "--year", "2099")).output
    assert "2099-02-06  上班  春节调休  （1001，" in listed
    assert "2099" not in (await holidays("list", "--year", "2098")).output

    gone = await holidays("unset", "2099-02-06")
    assert "已取消 2099-02-06 的设置。" in gone.output
    assert "期限不会跟着变" in gone.output
    again = await holidays("unset", "2099-02-06")
    assert (again.exit_code, "没有另外设过" in again.output) == (1, True)


async def test_a_whole_years_notice_is_imported_or_nothing(
    holidays: Holidays, service: CalendarService, tmp_path: Path
) -> None:
    file = tmp_path / "放假.csv"
    file.write_text("date,working,note\n2027-02-05,放假,春节\n2027-02-31,上班,\n", encoding="utf-8")
    refused = await holidays("import", str(file))
    assert (refused.exit_code, "第 3 行" in refused.output) == (1, True)
    assert not await service.days()

    file.write_text("date,working,note\n2027-02-05,放假,春节\n2027-02-06,上班,调休\n", encoding="utf-8")
    done = await holidays("import", str(file))

    assert done.exit_code == 0, done.output
    assert "已导入 2 天：放假 1 天，上班 1 天。" in done.output
    assert [(str(item.day), item.working, item.note) for item in await service.days()] == [
        ("2027-02-05", False, "春节"),
        ("2027-02-06", True, "调休"),
    ]


async def test_what_cannot_be_is_refused_in_chinese(holidays: Holidays, service: CalendarService) -> None:
    for wrong in (
        ("set", "2027-02-30", "放假"),
        ("set", "2027-02-05", "也许"),
        ("set", "1999-02-05", "放假"),
        ("unset", "明天"),
    ):
        refused = await holidays(*wrong)
        assert refused.exit_code == 1
        assert any("一" <= letter <= "鿿" for letter in refused.output)
    assert not await service.days()
