"""Coming in: the lock, equal answers, the authenticator, and how long a session lasts."""

from __future__ import annotations

import asyncio
import base64
from collections import Counter
from typing import Any

import pytest
from sqlalchemy import event

from hotline.accounts import totp
from hotline.accounts.errors import AccountError
from hotline.accounts.login import LoggedIn, SecondStep
from hotline.accounts.passwords import Passwords
from hotline.accounts.people import People
from hotline.accounts.sessions import Where
from hotline.database import Database
from hotline.settings import Settings
from hotline.work_orders.office import Office
from tests.accounts.conftest import BOSS, HERE, PASSWORD, Staff, audited
from tests.work_orders.conftest import Clock

WRONG = "不是我的密码啊真的不是"


async def refusal(people: People, number: str, password: str) -> AccountError:
    """How the login is refused."""
    with pytest.raises(AccountError) as caught:
        await people.logins.do_log_in(number, password, HERE)
    return caught.value


async def test_five_wrong_tries_lock_for_fifteen_minutes(
    people: People, staff: Staff, clock: Clock, database: Database
) -> None:
    await staff.add("1024", "坐席")
    for _ in range(4):
        await refusal(people, "1024", WRONG)
    assert isinstance(await people.logins.do_log_in("1024", PASSWORD, HERE), LoggedIn)

    for _ in range(5):
        await refusal(people, "1024", WRONG)
    assert (await refusal(people, "1024", PASSWORD)).code == "login_failed"
    clock.on(minutes=14)
    assert (await refusal(people, "1024", PASSWORD)).code == "login_failed"
    clock.on(minutes=1)
    assert isinstance(await people.logins.do_log_in("1024", PASSWORD, HERE), LoggedIn)

    [locked] = await audited(database, "账号锁定")
    assert (locked.subject, locked.actor, locked.role) == ("账号-1024", "1024", "未登录")
    assert locked.detail == {"minutes": 15, "address": HERE.address}


async def test_many_tries_at_once_count_like_many_after_each_other(
    people: People, staff: Staff, database: Database
) -> None:
    await staff.add("1024", "坐席")
    tries = [people.logins.do_log_in("1024", WRONG, HERE) for _ in range(12)]
    done = await asyncio.gather(*tries, return_exceptions=True)
    assert all(isinstance(one, AccountError) for one in done)
    why = Counter(line.detail["why"] for line in await audited(database, "登录失败"))
    assert why == {"密码不对": 5, "账号锁着": 7}
    assert (await refusal(people, "1024", PASSWORD)).code == "login_failed"


async def test_an_administrator_opens_the_lock(people: People, staff: Staff) -> None:
    await staff.add("1024", "坐席")
    for _ in range(5):
        await refusal(people, "1024", WRONG)
    await people.accounts.do_unlock("1024", BOSS)
    assert isinstance(await people.logins.do_log_in("1024", PASSWORD, HERE), LoggedIn)


async def test_nobody_learns_what_was_wrong(
    people: People, staff: Staff, monkeypatch: pytest.MonkeyPatch, database: Database
) -> None:
    await staff.add("1024", "坐席")
    await staff.add("1025", "坐席")
    await people.accounts.do_deactivate("1025", BOSS)
    await staff.add("1026", "坐席")
    for _ in range(5):
        await refusal(people, "1026", WRONG)

    compared: list[bool] = []
    verify = Passwords._verify

    def counted(self: Passwords, kept: str, password: str) -> bool:
        compared.append(kept.startswith("$argon2id$v=19$m=64,t=1,p=1$"))
        return verify(self, kept, password)

    monkeypatch.setattr(Passwords, "_verify", counted)
    said = set()
    for number, password in (
        ("1024", WRONG),  # wrong password
        ("1025", PASSWORD),  # not active
        ("1026", PASSWORD),  # locked
        ("9999", WRONG),  # nobody
        ("王芳", WRONG),  # no number at all
        ("", ""),
    ):
        refused = await refusal(people, number, password)
        said.add((refused.code, refused.message))
    assert len(said) == 1
    # The same work was done for each: one comparison with the same parameters.
    assert compared == [True] * 6

    why = [line.detail["why"] for line in await audited(database, "登录失败")][:6]
    assert why == ["工号不存在", "工号不存在", "工号不存在", "账号锁着", "账号已停用", "密码不对"]
    named = [line.actor for line in await audited(database, "登录失败")][:3]
    assert named == ["未知", "未知", "9999"]  # what is no number may be a password


async def test_a_hash_of_other_parameters_is_made_anew_at_the_next_login(
    people: People, staff: Staff, settings: Settings, database: Database, office: Office
) -> None:
    before = (await staff.add("1024", "坐席")).password
    stronger = settings.model_copy(update={"password_time_cost": 2})
    later = People.of(stronger, database, office.units, hotline="测试市12345热线")
    assert isinstance(await later.logins.do_log_in("1024", PASSWORD, HERE), LoggedIn)
    after = (await people.accounts.find("1024")).password
    assert (",t=1," in before, ",t=2," in after) == (True, True)
    assert isinstance(await later.logins.do_log_in("1024", PASSWORD, HERE), LoggedIn)
    assert (await people.accounts.find("1024")).password == after


async def test_a_temporary_password_must_be_used_in_time(people: People, clock: Clock) -> None:
    _, password = await people.accounts.do_add(number="1024", name="王芳", roles=["坐席"], by=BOSS)
    clock.on(hours=72)
    assert (await refusal(people, "1024", password)).code == "temporary_over"
    fresh = await people.accounts.do_reset("1024", BOSS)
    assert isinstance(await people.logins.do_log_in("1024", fresh, HERE), LoggedIn)
    assert (await refusal(people, "1024", password)).code == "login_failed"


async def with_authenticator(people: People, staff: Staff, clock: Clock) -> tuple[bytes, list[str]]:
    """Give 1024 an authenticator: its key, and the recovery codes."""
    current = await staff.enter(await staff.add("1024", "坐席"))
    secret, _ = await people.second_factor.do_offer(current, PASSWORD)
    key = base64.b32decode(secret)
    codes = await people.second_factor.do_confirm(current, totp.code(key, totp.step_at(clock())))
    clock.on(minutes=2)
    return key, codes


async def second(people: People, code: str) -> LoggedIn:
    """Password, then code."""
    first = await people.logins.do_log_in("1024", PASSWORD, HERE)
    assert isinstance(first, SecondStep)
    return await people.logins.do_second_step(first.challenge, code, HERE)


async def test_with_an_authenticator_the_password_is_half_the_way(
    people: People, staff: Staff, clock: Clock, database: Database
) -> None:
    key, codes = await with_authenticator(people, staff, clock)
    code = totp.code(key, totp.step_at(clock()))
    assert (await second(people, code)).account.number == "1024"

    async def refused(given: str) -> str:
        with pytest.raises(AccountError) as caught:
            await second(people, given)
        return caught.value.code

    assert await refused(code) == "code_wrong"  # seen over the shoulder
    assert (await second(people, codes[0])).account.number == "1024"
    assert await refused(codes[0]) == "code_wrong"
    clock.on(seconds=30)
    assert (await second(people, totp.code(key, totp.step_at(clock())))).account.number == "1024"
    [used] = [line for line in await audited(database, "登录") if "recovery_codes_left" in line.detail]
    assert used.detail["recovery_codes_left"] == 9


async def test_guessing_codes_locks_though_the_password_is_known(
    people: People, staff: Staff, clock: Clock
) -> None:
    key, _ = await with_authenticator(people, staff, clock)
    codes = []
    for _ in range(5):
        with pytest.raises(AccountError) as caught:
            await second(people, "000000")
        codes.append(caught.value.code)
    assert codes == ["code_wrong"] * 5
    assert (await refusal(people, "1024", PASSWORD)).code == "login_failed"
    clock.on(minutes=15)
    assert await second(people, totp.code(key, totp.step_at(clock())))


async def test_the_last_try_may_still_be_the_right_one(people: People, staff: Staff, clock: Clock) -> None:
    key, _ = await with_authenticator(people, staff, clock)
    for _ in range(4):
        await refusal(people, "1024", WRONG)
    assert await second(people, totp.code(key, totp.step_at(clock())))


async def test_a_challenge_is_good_for_its_password_only(people: People, staff: Staff, clock: Clock) -> None:
    key, _ = await with_authenticator(people, staff, clock)
    first = await people.logins.do_log_in("1024", PASSWORD, HERE)
    assert isinstance(first, SecondStep)
    await people.accounts.do_reset("1024", BOSS)
    for challenge in (first.challenge, "nonsense", "\ud800", ""):
        with pytest.raises(AccountError) as caught:
            await people.logins.do_second_step(challenge, totp.code(key, totp.step_at(clock())), HERE)
        assert caught.value.code == "challenge_over"


async def test_a_lost_phone_is_forgotten_at_the_reset(people: People, staff: Staff, clock: Clock) -> None:
    await with_authenticator(people, staff, clock)
    password = await people.accounts.do_reset("1024", BOSS)
    assert isinstance(await people.logins.do_log_in("1024", password, HERE), SecondStep)
    password = await people.accounts.do_reset("1024", BOSS, without_totp=True)
    assert isinstance(await people.logins.do_log_in("1024", password, HERE), LoggedIn)


async def test_a_session_ends_when_it_is_idle_and_at_its_end(
    people: People, staff: Staff, clock: Clock
) -> None:
    account = await staff.add("1024", "坐席")

    async def open_session() -> str:
        done = await people.logins.do_log_in("1024", PASSWORD, HERE)
        assert isinstance(done, LoggedIn)
        return done.token

    token = await open_session()
    clock.on(minutes=59)
    assert await people.sessions.find(token) is not None
    clock.on(minutes=59)
    assert await people.sessions.find(token) is not None
    clock.on(minutes=60)
    assert await people.sessions.find(token) is None

    token = await open_session()
    for _ in range(14):
        clock.on(minutes=50)
        assert await people.sessions.find(token) is not None
    clock.on(minutes=20)  # twelve hours
    assert await people.sessions.find(token) is None
    assert await people.sessions.of(account) == []
    await open_session()
    assert len(await people.sessions.of(account)) == 1


async def test_looking_a_session_up_is_one_query_and_writes_once_a_minute(
    people: People, staff: Staff, clock: Clock, database: Database
) -> None:
    await staff.add("1024", "坐席")
    done = await people.logins.do_log_in("1024", PASSWORD, HERE)
    assert isinstance(done, LoggedIn)
    statements: list[str] = []

    def note(_c: Any, _k: Any, statement: str, *_: Any) -> None:
        statements.append(statement.split()[0])

    event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    for _ in range(3):
        clock.on(seconds=19)
        assert await people.sessions.find(done.token)
    assert statements == ["SELECT"] * 3
    statements.clear()
    clock.on(seconds=3)
    await asyncio.gather(*(people.sessions.find(done.token) for _ in range(5)))
    assert statements.count("SELECT") == 5
    assert statements.count("UPDATE") >= 1
    statements.clear()
    assert await people.sessions.find(done.token)
    assert statements == ["SELECT"]


async def test_neither_passwords_nor_secrets_nor_tokens_are_in_the_audit_or_readable_in_the_tables(
    people: People, staff: Staff, clock: Clock, database: Database
) -> None:
    key, codes = await with_authenticator(people, staff, clock)
    await refusal(people, "1024", WRONG)
    code = totp.code(key, totp.step_at(clock()))
    token = (await second(people, code)).token
    temporary = await people.accounts.do_reset("1024", BOSS)
    said = " ".join(
        f"{line.actor} {line.role} {line.action} {line.subject} {line.detail}"
        for line in await audited(database)
    )
    account = await people.accounts.find("1024")
    kept = f"{account.password} {account.recovery}"
    assert code not in said
    for secret in (PASSWORD, WRONG, temporary, token, *codes, base64.b32encode(key).decode()):
        assert secret not in said
        assert secret not in kept
    actions = [line.action for line in await audited(database)][::-1]
    assert actions[:4] == ["添加人员", "登录", "修改密码", "登录"]
    assert actions[4:] == ["启用动态口令", "登录失败", "登录", "重置密码"]


async def test_an_address_that_looks_like_a_telephone_number_is_kept_as_it_is(
    people: People, staff: Staff, database: Database
) -> None:
    await staff.add("1024", "坐席")
    await people.logins.do_log_in("1024", PASSWORD, Where(address="192.168.10.200", device="x"))
    assert (await audited(database, "登录"))[0].detail["address"] == "192.168.10.200"


async def test_a_number_of_eight_digits_is_not_masked(
    people: People, staff: Staff, database: Database
) -> None:
    await staff.add("26001024", "坐席")
    assert {line.subject for line in await audited(database)} == {"账号-26001024"}
