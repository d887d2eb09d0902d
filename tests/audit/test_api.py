"""Who may read the audit, how it is searched, and how it is taken out."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from fastapi import FastAPI
from typer.testing import CliRunner, Result

from hotline.audit import service
from hotline.audit.cli import app as commands
from hotline.database import Database
from hotline.settings import get_settings
from tests.audit.conftest import write
from tests.serving import serve

SUPERVISOR: dict[str, Any] = {"role": "督办", "actor": "3001"}


@pytest.mark.parametrize("role", ["坐席", "派单员", "承办单位"])
async def test_only_supervisors_and_leaders_read_it(client: httpx.AsyncClient, role: str) -> None:
    asked = {"role": role, "actor": "1", "unit": "ecology"}
    for method, path in (("GET", "/audit"), ("GET", "/audit/export.csv"), ("POST", "/audit/check")):
        refused = await client.request(method, path, params=asked)
        assert refused.status_code == 403
        assert "督办" in refused.json()["error"]["message"]
    for role in ("督办", "领导"):
        assert (await client.get("/audit", params={"role": role, "actor": "1"})).status_code == 200


async def test_it_is_searched_by_who_what_and_when(client: httpx.AsyncClient, database: Database) -> None:
    await write(database, "工单 20261125-00001", "工单 20261125-00002")
    await write(database, "工单 20261125-00001", actor="2001", action="导出工单")

    async def subjects(**wanted: Any) -> list[tuple[str, str]]:
        found = await client.get("/audit", params=SUPERVISOR | wanted)
        assert found.status_code == 200, found.text
        assert found.json()["total"] >= len(found.json()["lines"])
        return [(line["actor"], line["subject"][-5:]) for line in found.json()["lines"]]

    assert await subjects() == [("2001", "00001"), ("1024", "00002"), ("1024", "00001")]
    assert await subjects(by="2001") == [("2001", "00001")]
    assert await subjects(action="查看原文", subject="20261125-00001") == [("1024", "00001")]
    assert await subjects(subject="%") == []
    assert await subjects(since="2099-01-01") == []
    assert await subjects(until="2020-01-01") == []
    assert len(await subjects(since="2020-01-01", until="2099-01-01")) == 3

    first = (await client.get("/audit", params=SUPERVISOR | {"limit": 2})).json()
    rest = (await client.get("/audit", params=SUPERVISOR | {"limit": 2, "before": first["next"]})).json()
    assert [line["subject"][-5:] for line in first["lines"] + rest["lines"]] == ["00001", "00002", "00001"]
    assert rest["next"] is None


@pytest.mark.parametrize(
    "bad",
    [
        {"since": "昨天"},
        {"limit": 0},
        {"limit": 501},
        {"before": -1},
        {"before": 2**40},
        {"subject": "长" * 101},
        {"role": "市民"},
        {"actor": "a b"},
    ],
)
async def test_a_bad_question_is_answered_in_chinese(client: httpx.AsyncClient, bad: dict[str, Any]) -> None:
    refused = await client.get("/audit", params=SUPERVISOR | bad)
    assert refused.status_code == 422
    assert not refused.json()["error"]["message"].isascii()


async def test_the_export_opens_in_excel_runs_nothing_and_is_recorded(
    client: httpx.AsyncClient, database: Database
) -> None:
    await write(database, "=cmd|' /C calc'!A0", "工单 20261125-00001")
    got = await client.get("/audit/export.csv", params=SUPERVISOR | {"action": "查看原文"})
    assert got.status_code == 200
    assert got.headers["cache-control"] == "no-store"
    assert got.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(got.content.decode("utf-8-sig"))))
    assert rows[0][:6] == ["编号", "时间", "工号", "身份", "操作", "对象"]
    assert [row[5] for row in rows[1:]] == ["'=cmd|' /C calc'!A0", "工单 20261125-00001"]
    newest = (await client.get("/audit", params=SUPERVISOR)).json()["lines"][0]
    assert (newest["actor"], newest["action"]) == ("3001", "导出审计")
    assert newest["detail"] == {"action": "查看原文"}


@pytest.fixture
def secret(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The commands know the test's secret."""
    monkeypatch.setenv("HOTLINE_INTERNAL_TOKEN", "inside")
    get_settings.cache_clear()
    yield
    get_settings.cache_clear()


@pytest.mark.usefixtures("secret")
async def test_the_commands_list_export_and_check(
    app: FastAPI, database: Database, database_url: str, tmp_path: Path
) -> None:
    async with serve(app) as url:

        async def call(*arguments: str) -> Result:
            return await asyncio.to_thread(CliRunner().invoke, commands, [*arguments, "--url", url])

        await write(database, "工单 20261125-00001", "工单 20261125-00002", "工单 20261125-00003")
        listed = await call("list", "--actor", "1024", "--subject", "00002")
        assert "查看原文  工单 20261125-00002" in listed.output
        assert "共 1 条" in listed.output
        refused = await call("list", "--as", "坐席")
        assert (refused.exit_code, "坐席不能查看审计记录" in refused.output) == (1, True)

        file = tmp_path / "审计.csv"
        assert (await call("export", "--output", str(file))).exit_code == 0
        assert "工单 20261125-00003" in file.read_text(encoding="utf-8-sig")
        assert file.stat().st_mode & 0o077 == 0
        lost = await call("export", "--output", str(tmp_path / "没有" / "审计.csv"))
        assert (lost.exit_code, "写不进" in lost.output) == (1, True)

        good = await call("check")
        assert (good.exit_code, "都对得上" in good.output) == (0, True), good.output
        [second] = [
            line.id
            for line in (await service.lines(database, service.Wanted()))[0]
            if line.subject.endswith("00002")
        ]
        with psycopg.connect(database_url) as connection:
            connection.execute("UPDATE hotline.audit_line SET actor = '7' WHERE id = %s", [second])
        bad = await call("check")
        assert bad.exit_code == 1
        assert f"第 {second} 行" in bad.output
