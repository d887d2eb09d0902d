"""Who works here: added, changed and let go, by administrators; and the link for the first of them."""

from __future__ import annotations

import asyncio
import re
import threading
from typing import Any

import pytest

from hotline.accounts.errors import AccountError
from hotline.accounts.login import LoggedIn
from hotline.accounts.people import People
from hotline.accounts.service import Change
from hotline.accounts.setup import link
from hotline.database import Database
from hotline.run.programs import Place
from hotline.run.runner import _Runner
from hotline.settings import Settings
from tests.accounts.conftest import BOSS, HERE, PASSWORD, Staff, audited
from tests.work_orders.conftest import Clock


async def refused(call: Any) -> str:
    """The code of a refusal."""
    with pytest.raises(AccountError) as caught:
        await call
    assert not caught.value.message.isascii()
    return caught.value.code


async def test_somebody_new_changes_the_password_at_the_first_login(people: People) -> None:
    account, password = await people.accounts.do_add(
        number=" 1024 ", name="王芳", team="一组", roles=["坐席", "派单员"], by=BOSS
    )
    assert (account.number, account.must_change, account.unit) == ("1024", True, None)
    done = await people.logins.do_log_in("1024", password, HERE)
    assert isinstance(done, LoggedIn)
    current = await people.sessions.find(done.token)
    assert current is not None
    assert await refused(people.logins.do_change_password(current, password, password)) == "weak_password"
    assert await refused(people.logins.do_change_password(current, password, "12345")) == "weak_password"
    assert await refused(people.logins.do_change_password(current, PASSWORD, PASSWORD)) == "wrong_password"
    token = await people.logins.do_change_password(current, password, PASSWORD)
    assert await people.sessions.find(done.token) is None
    now = await people.sessions.find(token)
    assert now is not None
    assert not now.account.must_change


@pytest.mark.parametrize(
    ("others", "code"),
    [
        ({"number": "123456789"}, "invalid"),
        ({"number": "12a"}, "invalid"),
        ({"number": "１０２４"}, "invalid"),
        ({"number": ""}, "invalid"),
        ({"name": " "}, "invalid"),
        ({"name": "长" * 21}, "invalid"),
        ({"name": "a\x00b"}, "invalid"),
        ({"name": "a\ud800b"}, "invalid"),
        ({"team": "长" * 31}, "invalid"),
        ({"roles": []}, "invalid"),
        ({"roles": ["承办单位"]}, "invalid"),
        ({"roles": ["承办单位"], "unit": "没有这个单位"}, "unknown_unit"),
        ({"number": "2001"}, "taken"),
    ],
)
async def test_somebody_who_cannot_be_is_refused_and_nothing_is_kept(
    people: People, others: dict[str, Any], code: str
) -> None:
    await people.accounts.do_add(number="2001", name="李明", roles=["派单员"], by=BOSS)
    given: dict[str, Any] = {"number": "1024", "name": "王芳", "roles": ["坐席"], "by": BOSS} | others
    assert await refused(people.accounts.do_add(**given)) == code
    assert [account.number for account in await people.accounts.all()] == ["2001"]


async def test_a_unit_is_found_by_code_or_name_and_goes_with_the_role(people: People, staff: Staff) -> None:
    account = await staff.add("5001", "承办单位", unit=people.accounts.units.name("ecology"))
    assert account.unit == "ecology"
    assert await refused(people.accounts.do_change("5001", Change(unit=""), BOSS)) == "invalid"
    assert (
        await refused(people.accounts.do_change("5001", Change(roles=["承办单位", "坐席"]), BOSS))
        == "invalid"
    )
    changed = await people.accounts.do_change("5001", Change(unit="health"), BOSS)
    assert changed.unit == "health"
    changed = await people.accounts.do_change("5001", Change(roles=["坐席"]), BOSS)
    assert (changed.roles, changed.unit) == (["坐席"], None)


@pytest.mark.parametrize(
    ("change", "ends"),
    [
        (Change(name="王小芳", team="二组"), False),
        (Change(roles=["坐席", "督办"]), True),
        (Change(active=False), True),
    ],
)
async def test_new_roles_and_being_let_go_end_the_sessions(
    people: People, staff: Staff, change: Change, ends: bool
) -> None:
    current = await staff.enter(await staff.add("1024", "坐席"))
    await people.accounts.do_change("1024", change, BOSS)
    assert (await people.sessions.of(current.account) == []) is ends


async def test_what_was_changed_is_in_the_audit_with_what_it_was(
    people: People, staff: Staff, database: Database
) -> None:
    await staff.add("1024", "坐席")
    await people.accounts.do_change("1024", Change(team="二组", roles=["督办"]), BOSS)
    [line] = await audited(database, "修改人员")
    assert (line.actor, line.role, line.subject) == ("1", "管理员", "账号-1024")
    assert line.detail == {"team": {"from": "", "to": "二组"}, "roles": {"from": ["坐席"], "to": ["督办"]}}
    assert await refused(people.accounts.do_change("1024", Change(team="二组"), BOSS)) == "invalid"
    await people.accounts.do_deactivate("1024", BOSS)
    await people.accounts.do_change("1024", Change(active=True), BOSS)
    assert [line.action for line in await audited(database)][:2] == ["启用账号", "停用账号"]


async def test_the_last_administrator_stays(people: People, staff: Staff) -> None:
    await staff.add("1", "管理员", "督办")
    assert await refused(people.accounts.do_deactivate("1", BOSS)) == "last_admin"
    assert await refused(people.accounts.do_change("1", Change(roles=["督办"]), BOSS)) == "last_admin"
    await people.accounts.do_change("1", Change(roles=["管理员"]), BOSS)
    await staff.add("2", "管理员")
    await people.accounts.do_deactivate("2", BOSS)
    assert await refused(people.accounts.do_deactivate("1", BOSS)) == "last_admin"
    await people.accounts.do_change("2", Change(active=True), BOSS)
    await people.accounts.do_deactivate("1", BOSS)


async def test_administrators_who_let_each_other_go_at_once_leave_one(people: People, staff: Staff) -> None:
    for number in ("1", "2", "3"):
        await staff.add(number, "管理员")
    done = await asyncio.gather(
        *(people.accounts.do_deactivate(number, BOSS) for number in ("1", "2", "3")), return_exceptions=True
    )
    assert sorted(getattr(one, "code", "done") for one in done) == ["done", "done", "last_admin"]
    assert sum(account.active for account in await people.accounts.all()) == 1


async def test_nobody_else_is_found(people: People) -> None:
    for call in (
        people.accounts.find("7"),
        people.accounts.do_reset("7", BOSS),
        people.accounts.do_unlock("7", BOSS),
        people.accounts.do_deactivate("7", BOSS),
    ):
        assert await refused(call) == "not_found"


async def use(people: People, token: str, number: str = "1", password: str = PASSWORD) -> str:
    """Become administrator."""
    _, session = await people.setup.do_use(
        token,
        number=number,
        name="张敏",
        password=password,
        accounts=people.accounts,
        sessions=people.sessions,
        where=HERE,
    )
    return session


async def test_the_link_makes_one_administrator_who_is_logged_in(people: People, database: Database) -> None:
    assert await people.setup.is_needed()
    token = await people.setup.do_make()
    assert await refused(use(people, token, password="1234567890")) == "weak_password"
    assert await refused(use(people, token, number="x")) == "invalid"
    current = await people.sessions.find(await use(people, token))
    assert current is not None
    assert (current.account.roles, current.account.must_change) == (["管理员"], False)
    assert not await people.setup.is_needed()
    assert await refused(use(people, token, number="2")) == "link_over"
    assert [(line.actor, line.action) for line in await audited(database)] == [
        ("1", "添加人员"),
        ("命令行", "生成首次登录链接"),
    ]


async def test_of_two_who_use_the_link_at_once_one_comes_in(people: People) -> None:
    token = await people.setup.do_make()
    done = await asyncio.gather(use(people, token, "1"), use(people, token, "2"), return_exceptions=True)
    assert sorted(getattr(one, "code", "done") for one in done) == ["done", "link_over"]
    assert len(await people.accounts.all()) == 1


async def test_the_link_is_good_for_a_day_and_until_the_next(people: People, clock: Clock) -> None:
    first = await people.setup.do_make()
    second = await people.setup.do_make()
    assert await refused(use(people, first)) == "link_over"
    clock.on(hours=24)
    assert await refused(use(people, second)) == "link_over"
    assert await refused(use(people, "")) == "link_over"


async def test_a_taken_number_leaves_the_link_good(people: People, staff: Staff) -> None:
    await staff.add("1", "坐席")
    token = await people.setup.do_make()
    assert await refused(use(people, token)) == "taken"
    assert await use(people, token, "2")


async def test_make_run_prints_a_link_as_long_as_there_is_no_administrator(
    people: People, settings: Settings, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    wanted = settings.model_copy(update={"database_url": database_url})
    runner = _Runner(wanted, Place(settings.var_dir), 1, threading.Event())
    base = "http://127.0.0.1:12345"
    await asyncio.to_thread(runner._tell_first_login, wanted, base)
    printed = re.search(r"管理员第一次登录：(\S+)", capsys.readouterr().out)
    assert printed is not None
    assert printed[1].startswith(f"{base}/console/setup#")
    # The real clock made it; the test's own stands in the past, in which it is good as well.
    await use(people, printed[1].split("#")[1])
    await asyncio.to_thread(runner._tell_first_login, wanted, base)
    assert capsys.readouterr().out == ""
    assert link("https://12345.example.cn/", "t") == "https://12345.example.cn/console/setup#t"


async def test_a_hotline_runs_though_nobody_can_be_asked_for_a_link(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    wanted = settings.model_copy(update={"database_url": "postgresql://nobody@127.0.0.1:1/none"})
    runner = _Runner(wanted, Place(settings.var_dir), 1, threading.Event())
    await asyncio.to_thread(runner._tell_first_login, wanted, "http://127.0.0.1:12345")
    assert "hotline users setup-link" in capsys.readouterr().out
