"""Whoever changes the audit is found out."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import psycopg
import pytest

from hotline.audit import service
from hotline.audit.chain import Chain, Checked
from hotline.audit.models import AuditLine
from hotline.database import Database
from hotline.settings import Settings
from tests.audit.conftest import write

FIVE = [f"工单 20261125-0000{n}" for n in range(1, 6)]


@pytest.fixture
async def filled(database: Database, chain: Chain) -> list[int]:
    """Five lines that were checked once; their numbers."""
    await write(database, *FIVE)
    assert (await chain.do_check()).faults == ()
    found, _ = await service.lines(database, service.Wanted())
    return sorted(line.id for line in found)


def sql(url: str, statement: str, *values: object) -> None:
    """What somebody with the database's password can do."""
    with psycopg.connect(url) as connection:
        connection.execute(statement, values)


def places(checked: Checked) -> list[int | None]:
    return [fault.line for fault in checked.faults]


async def test_what_nobody_touched_holds_also_under_many_writers(database: Database, chain: Chain) -> None:
    assert (await chain.do_check()).count == 0
    await asyncio.gather(*(write(database, f"工单 {n}", f"工单 {n}b") for n in range(12)))
    checked = await chain.do_check()
    assert (checked.count, checked.faults) == (24, ())
    await write(database, "再来一条")
    assert ((await chain.do_check()).count, (await chain.do_check()).faults) == (25, ())


@pytest.mark.parametrize(
    "change",
    [
        "actor = '9999'",
        "role = '领导'",
        "action = '备注'",
        "subject = '工单 20261125-00009'",
        "at = at + interval '1 second'",
        "detail = jsonb_set(detail, '{reason}', '\"别的理由\"')",
        "detail = '{}'",
    ],
)
async def test_a_changed_line_is_named(
    database_url: str, chain: Chain, filled: list[int], change: str
) -> None:
    sql(database_url, f"UPDATE hotline.audit_line SET {change} WHERE id = %s", filled[2])
    assert places(await chain.do_check()) == [filled[2]]
    assert places(await chain.do_check()) == [filled[2]], "a fault does not become the new truth"


async def test_a_line_taken_out_of_the_middle_is_missed(
    database_url: str, chain: Chain, filled: list[int]
) -> None:
    sql(database_url, "DELETE FROM hotline.audit_line WHERE id = %s", filled[2])
    checked = await chain.do_check()
    assert places(checked) == [filled[3], filled[4]]
    assert f"从 {filled[1]} 跳到 {filled[3]}" in checked.faults[0].message
    assert "少了 1 行" in checked.faults[1].message


async def test_the_first_line_taken_out_is_missed(database_url: str, chain: Chain, filled: list[int]) -> None:
    sql(database_url, "DELETE FROM hotline.audit_line WHERE id = %s", filled[0])
    assert filled[1] in places(await chain.do_check())


async def test_lines_cut_off_at_the_end_are_missed(
    database: Database, database_url: str, chain: Chain, filled: list[int]
) -> None:
    sql(database_url, "DELETE FROM hotline.audit_line WHERE id >= %s", filled[4])
    assert places(await chain.do_check()) == [filled[4]]
    await write(database, "后来的一条")  # the chain itself is whole again
    assert places(await chain.do_check()) == [filled[4]]
    sql(database_url, "DELETE FROM hotline.audit_line")
    assert places(await chain.do_check()) == [filled[4]]


async def test_a_chain_computed_anew_is_not_the_one_that_was_checked(
    database: Database, chain: Chain, filled: list[int]
) -> None:
    async with database.transaction() as session:
        before = ""
        for number in filled:
            line = await session.get_one(AuditLine, number)
            line.actor = "9999"
            line.digest = before = service.digest(line, before)
    checked = await chain.do_check()
    assert places(checked) == [filled[4]]
    assert "重新计算" in checked.faults[0].message


async def test_a_line_put_in_between_is_seen(database_url: str, chain: Chain, filled: list[int]) -> None:
    sql(
        database_url,
        "INSERT INTO hotline.audit_line (id, at, actor, role, action, subject, detail, digest) OVERRIDING SYSTEM VALUE "
        "SELECT 0, at, actor, role, action, subject, detail, digest FROM hotline.audit_line WHERE id = %s",
        filled[0],
    )
    found = places(await chain.do_check())
    assert found[-1] == filled[4]
    assert filled[0] in found


async def test_an_anchor_that_was_not_written_here_is_not_believed(
    database: Database, database_url: str, settings: Settings, chain: Chain, filled: list[int]
) -> None:
    file = settings.var_dir / "audit" / "anchor.json"
    assert file.stat().st_mode & 0o077 == 0
    kept = file.read_text(encoding="utf-8")
    sql(database_url, "DELETE FROM hotline.audit_line WHERE id >= %s", filled[3])
    content = json.loads(kept)
    for forged in (json.dumps(content | {"count": 3, "last": filled[2]}), "{}", "", "[1]"):
        file.write_text(forged, encoding="utf-8")
        checked = await chain.do_check()
        assert places(checked) == [None]
        assert str(file) in checked.faults[0].message
    file.write_text(kept, encoding="utf-8")
    other = Chain(database, anchor=file, key="another")
    assert places(await other.do_check()) == [None]
    assert places(await chain.do_check()) == [filled[4]]


async def test_numbers_do_not_stand_in_the_audit(database: Database) -> None:
    async with database.transaction() as session:
        await service.record(
            session,
            actor="1",
            role="坐席",
            action="查看原文",
            subject="电话 13800138000",
            detail={"reason": "他说打 138 0013 8000", "asked": [{"id": "11010519491231002X"}]},
        )
    [line], _ = await service.lines(database, service.Wanted())
    assert line.subject == "电话 138****8000"
    assert line.detail == {"reason": "他说打 138****8000", "asked": [{"id": "1101**********002X"}]}


async def test_what_is_rolled_back_leaves_no_line(database: Database, chain: Chain) -> None:
    async def fails() -> None:
        async with database.transaction() as session:
            await service.record(session, actor="1", role="坐席", action="a", subject="b")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fails()
    await write(database, "留下的")
    checked = await chain.do_check()
    assert (checked.count, checked.faults) == (1, ())


def test_the_anchor_is_kept_where_the_settings_say(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, var_dir=tmp_path)
    first, again = (
        settings.secret("audit_key"),
        Settings(_env_file=None, var_dir=tmp_path).secret("audit_key"),
    )
    assert len(first) > 30
    assert first == again
