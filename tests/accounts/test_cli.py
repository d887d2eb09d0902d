"""``hotline users``, on the database of a hotline."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from hotline.accounts.cli import app
from hotline.accounts.login import LoggedIn
from hotline.accounts.people import People
from hotline.database import Database
from hotline.settings import get_settings
from tests.accounts.conftest import HERE, PASSWORD, audited

Call = Callable[..., Awaitable[Result]]


@pytest.fixture
def call(database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Call]:
    """Runs a command against the test's database, and expects an exit code."""
    monkeypatch.setenv("HOTLINE_DATABASE_URL", database_url)
    monkeypatch.setenv("HOTLINE_VAR_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("HOTLINE_SIGNING_KEY", "key")
    monkeypatch.setenv("HOTLINE_PASSWORD_MEMORY_KIB", "64")
    monkeypatch.setenv("HOTLINE_PASSWORD_TIME_COST", "1")
    get_settings.cache_clear()

    async def run(*arguments: str, exits: int = 0) -> Result:
        result = await asyncio.to_thread(CliRunner().invoke, app, arguments)
        assert result.exit_code == exits, result.output
        return result

    yield run
    get_settings.cache_clear()


async def test_people_are_added_reset_locked_out_and_let_go(
    call: Call, people: People, database: Database
) -> None:
    assert "还没有人员" in (await call("list")).output
    added = await call(
        "add", "1024", "--name", "王芳", "--role", "坐席", "--role", "派单员", "--team", "一组"
    )
    password = added.output.splitlines()[-1]
    assert isinstance(await people.logins.do_log_in("1024", password, HERE), LoggedIn)

    again = await call("add", "1024", "--name", "王芳", "--role", "坐席", exits=1)
    assert "已经有人用了" in again.output
    assert "身份只能是" in (await call("add", "2", "--name", "李明", "--role", "局长", exits=1)).output
    unit = await call("add", "5001", "--name", "李明", "--role", "承办单位", "--unit", "ecology")
    assert "已添加 5001" in unit.output

    fresh = (await call("reset", "1024", "--totp")).output.splitlines()[-1]
    assert fresh != password
    assert isinstance(await people.logins.do_log_in("1024", fresh, HERE), LoggedIn)
    assert "已解锁" in (await call("unlock", "1024")).output
    assert "已停用" in (await call("deactivate", "1024")).output
    listed = (await call("list")).output
    assert "王芳（一组）" in listed
    assert "已停用" in listed
    assert "要改临时密码" in listed
    assert "没有工号" in (await call("unlock", "77", exits=1)).output

    lines = [line for line in await audited(database) if line.actor == "命令行"]
    assert [line.action for line in lines] == ["停用账号", "解锁账号", "重置密码", "添加人员", "添加人员"]
    assert {line.role for line in lines} == {"管理员"}
    assert password not in str([line.detail for line in lines])


async def test_a_setup_link_can_be_had_at_any_time(call: Call, people: People) -> None:
    link, words, *_ = (await call("setup-link", "--url", "https://12345.example.cn")).output.splitlines()
    assert link.startswith("https://12345.example.cn/console/setup#")
    assert "只能用一次" in words
    account, _ = await people.setup.do_use(
        link.split("#")[1],
        number="1",
        name="张敏",
        password=PASSWORD,
        accounts=people.accounts,
        sessions=people.sessions,
        where=HERE,
    )
    assert account.roles == ["管理员"]
    assert "最后一个管理员" in (await call("deactivate", "1", exits=1)).output
    assert "http://127.0.0.1:12345/console/setup#" in (await call("setup-link")).output
