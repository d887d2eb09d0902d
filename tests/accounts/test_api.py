"""The console's door as a browser meets it: cookies, forged requests, sessions, administrators."""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from hotline.accounts import totp
from hotline.accounts.people import People
from hotline.database import Database
from hotline.settings import Settings
from tests.accounts.conftest import BOSS, PASSWORD, Browser, Staff, audited, code_of
from tests.channels.conftest import running, settings_for
from tests.work_orders.conftest import Clock


async def test_who_logs_in_gets_a_session_and_who_logs_out_has_none(
    browser: Browser, staff: Staff, database: Database
) -> None:
    await staff.add("1024", "坐席", "派单员")
    assert code_of(await browser("GET", "/session")) == (401, "not_logged_in")
    session = await browser.log_in("1024")
    asked = await browser("GET", "/session")
    assert asked.json() == session
    assert {name: session[name] for name in ("number", "name", "roles", "acting_roles", "unit")} == {
        "number": "1024",
        "name": "王芳",
        "roles": ["坐席", "派单员"],
        "acting_roles": ["坐席", "派单员"],
        "unit": None,
    }
    assert (session["must_change_password"], session["totp"]) == (False, False)
    token = browser.client.cookies["hotline_session"]
    assert (await browser("POST", "/logout")).status_code == 204
    assert "hotline_session" not in browser.client.cookies
    browser.client.cookies.set("hotline_session", token)
    assert code_of(await browser("GET", "/session")) == (401, "not_logged_in")
    assert [line.action for line in await audited(database)][:2] == ["退出登录", "登录"]


async def test_the_cookie_is_for_no_script_and_no_other_site(browser: Browser, staff: Staff) -> None:
    await staff.add("1024", "坐席")
    answer = await browser("POST", "/login", json={"number": "1024", "password": PASSWORD})
    cookie = answer.headers["set-cookie"]
    assert re.match(r"hotline_session=[\w-]{43}; ", cookie)
    flags = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert flags == {"httponly", "path=/", "samesite=strict"}
    csrf = answer.json()["session"]["csrf"]
    assert csrf not in cookie


async def test_over_https_the_cookie_is_bound_to_the_host(
    app: FastAPI, staff: Staff, settings: Settings
) -> None:
    await staff.add("1024", "坐席")
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="https://12345.example.cn") as client:
        answer = await client.post("/console-api/login", json={"number": "1024", "password": PASSWORD})
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("__Host-hotline_session=")
        assert {"secure", "httponly", "samesite=strict"} <= {p.strip().lower() for p in cookie.split(";")}
        assert (await client.get("/console-api/session")).status_code == 200
        gone = await client.post(
            "/console-api/logout", headers={"X-CSRF-Token": answer.json()["session"]["csrf"]}
        )
        assert gone.status_code == 204
        assert (await client.get("/console-api/session")).status_code == 401


@pytest.mark.parametrize(
    ("changed", "headers", "secure"),
    [
        ({}, {"X-Forwarded-Proto": "https"}, False),  # anybody may say so
        ({"trusted_proxies": ["127.0.0.1"]}, {"X-Forwarded-Proto": "https"}, True),
        ({"trusted_proxies": ["127.0.0.1"]}, {}, False),
        ({"secure_cookies": True}, {}, True),
    ],
)
async def test_behind_a_proxy_https_is_believed_of_the_proxy_only(
    browser: Browser,
    staff: Staff,
    settings: Settings,
    changed: dict[str, Any],
    headers: dict[str, str],
    secure: bool,
) -> None:
    for name, value in changed.items():
        setattr(settings, name, value)
    await staff.add("1024", "坐席")
    body = {"number": "1024", "password": PASSWORD}
    cookie = (await browser("POST", "/login", json=body, headers=headers)).headers["set-cookie"]
    assert ("Secure" in cookie, cookie.startswith("__Host-")) == (secure, secure)


async def test_a_changing_request_needs_the_sessions_own_token(browsers: list[Browser], staff: Staff) -> None:
    first, second, *_ = browsers
    await staff.add("1024", "坐席")
    await staff.add("1025", "坐席")
    await first.log_in("1024")
    await second.log_in("1025")
    own = first.csrf
    for wrong in ("", second.csrf, own[:-1], "长"):
        answer = await first("POST", "/logout", headers={"X-CSRF-Token": wrong.encode()})
        assert code_of(answer) == (403, "csrf")
    first.csrf = ""
    assert code_of(await first("DELETE", "/sessions")) == (403, "csrf")
    assert (await first("GET", "/session")).status_code == 200
    first.csrf = own
    assert (await first("DELETE", "/sessions")).status_code == 200


@pytest.mark.parametrize(
    ("headers", "taken"),
    [
        ({"Origin": "https://evil.example"}, False),
        ({"Origin": "null"}, False),
        ({"Origin": "http://["}, False),
        ({"Origin": "https://hotline.example.cn"}, True),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({}, True),
    ],
)
async def test_what_another_site_sends_is_refused_at_every_door(
    address: str, settings: Settings, staff: Staff, headers: dict[str, str], taken: bool
) -> None:
    settings.public_url = "https://hotline.example.cn"
    await staff.add("1024", "坐席")
    async with httpx.AsyncClient(base_url=address, trust_env=False) as client:
        body = {"number": "1024", "password": PASSWORD}
        answer = await client.post("/console-api/login", json=body, headers=headers)
        if taken:
            assert answer.status_code == 200
        else:
            assert code_of(answer) == (403, "other_site")
            for path in ("/login/totp", "/setup", "/logout", "/orders"):
                refused = await client.post(f"/console-api{path}", json={}, headers=headers)
                assert refused.status_code in (403, 422)


async def test_a_wrong_login_is_answered_like_an_unknown_number(browser: Browser, staff: Staff) -> None:
    await staff.add("1024", "坐席")
    answers = [
        await browser("POST", "/login", json={"number": number, "password": "不对不对不对不对不对"})
        for number in ("1024", "7777", "x" * 100)
    ]
    assert {code_of(answer) for answer in answers} == {(401, "login_failed")}
    assert len({answer.text for answer in answers}) == 1
    assert all("set-cookie" not in answer.headers for answer in answers)


async def test_one_address_may_not_try_without_end(
    browser: Browser, settings: Settings, staff: Staff
) -> None:
    settings.address_logins = 3
    await staff.add("1024", "坐席")
    body = {"number": "7", "password": "不对不对不对不对不对"}
    for _ in range(3):
        assert (await browser("POST", "/login", json=body)).status_code == 401
    refused = await browser("POST", "/login", json={"number": "1024", "password": PASSWORD})
    assert code_of(refused) == (429, "too_fast")
    assert 1 <= int(refused.headers["retry-after"]) <= 60


async def test_a_temporary_password_lets_one_change_it_and_nothing_else(
    browser: Browser, people: People
) -> None:
    _, password = await people.accounts.do_add(number="1024", name="王芳", roles=["坐席", "管理员"], by=BOSS)
    assert (await browser.log_in("1024", password))["must_change_password"]
    for method, path in (
        ("GET", "/orders"),
        ("GET", "/users"),
        ("GET", "/sessions"),
        ("GET", "/calendar"),
        ("GET", "/units"),
    ):
        assert code_of(await browser(method, path)) == (403, "must_change")
    assert code_of(await browser("POST", "/totp", json={"password": password})) == (403, "must_change")
    weak = await browser("POST", "/password", json={"old": password, "new": "短"})
    assert code_of(weak) == (422, "weak_password")
    before = browser.client.cookies["hotline_session"]
    changed = await browser("POST", "/password", json={"old": password, "new": PASSWORD})
    assert changed.json()["must_change_password"] is False
    assert browser.client.cookies["hotline_session"] != before
    assert code_of(await browser("POST", "/logout")) == (403, "csrf")
    browser.csrf = changed.json()["csrf"]
    assert (await browser("GET", "/users")).status_code == 200


async def test_a_new_password_ends_the_sessions_elsewhere(browsers: list[Browser], staff: Staff) -> None:
    here, there, *_ = browsers
    await staff.add("1024", "坐席")
    await here.log_in("1024")
    await there.log_in("1024")
    new = {"old": PASSWORD, "new": "换一句更长的话来当密码"}
    assert (await here("POST", "/password", json=new)).status_code == 200
    assert (await here("GET", "/session")).status_code == 200
    assert code_of(await there("GET", "/session")) == (401, "not_logged_in")
    old = {"number": "1024", "password": PASSWORD}
    assert code_of(await there("POST", "/login", json=old)) == (401, "login_failed")


async def test_one_sees_where_one_is_logged_in_and_ends_it_there(
    browsers: list[Browser], staff: Staff, people: People, clock: Clock, database: Database
) -> None:
    await staff.add("1024", "坐席")
    await people.sessions.do_revoke_others(await staff.enter(await people.accounts.find("1024")))
    other = await staff.enter(await staff.add("1025", "坐席"))
    clock.on(hours=2)  # what tests have opened is over
    for browser in browsers:
        await browser.log_in("1024")
        clock.on(minutes=1)
    here, there, third = browsers
    listed = (await here("GET", "/sessions")).json()
    assert len(listed) == 3
    assert {item["device"] for item in listed} == {"Windows 上的 Edge"}
    assert {item["address"] for item in listed} == {"127.0.0.1"}
    [current] = [item for item in listed if item["current"]]
    foreign = await here("DELETE", f"/sessions/{other.session.id}")
    assert code_of(foreign) == (404, "not_found")
    newest = next(item["id"] for item in listed if item["id"] == max(i["id"] for i in listed))
    assert (await here("DELETE", f"/sessions/{newest}")).status_code == 204
    assert (await third("GET", "/session")).status_code == 401
    assert (await there("GET", "/session")).status_code == 200
    assert (await here("DELETE", "/sessions")).json() == {"ended": 1}
    assert (await there("GET", "/session")).status_code == 401
    assert (await here("DELETE", f"/sessions/{current['id']}")).status_code == 204
    assert (await here("GET", "/session")).status_code == 401
    actions = [line.action for line in await audited(database)]
    assert actions[:3] == ["结束登录", "结束其他登录", "结束登录"]
    for bad in ("0", "x", str(2**40)):
        assert (await here("DELETE", f"/sessions/{bad}")).status_code in (401, 422)


async def test_an_authenticator_is_put_on_and_off_with_the_password(
    browser: Browser, staff: Staff, clock: Clock
) -> None:
    await staff.add("1024", "坐席")
    await browser.log_in("1024")
    assert code_of(await browser("POST", "/totp/confirm", json={"code": "123456"})) == (409, "changed")
    assert code_of(await browser("POST", "/totp", json={"password": "x"})) == (403, "wrong_password")
    offered = (await browser("POST", "/totp", json={"password": PASSWORD})).json()
    assert offered["uri"].startswith("otpauth://totp/")
    key = base64.b32decode(offered["secret"])
    assert not (await browser("GET", "/session")).json()["totp"]
    assert code_of(await browser("POST", "/totp/confirm", json={"code": "x"})) == (403, "code_wrong")
    code = totp.code(key, totp.step_at(clock()))
    confirmed = (await browser("POST", "/totp/confirm", json={"code": code})).json()
    assert len(confirmed["recovery_codes"]) == 10
    session = (await browser("GET", "/session")).json()
    assert (session["totp"], session["recovery_codes_left"]) == (True, 10)
    assert code_of(await browser("POST", "/totp", json={"password": PASSWORD})) == (409, "changed")

    await browser("POST", "/logout")
    browser.csrf = ""
    first = await browser("POST", "/login", json={"number": "1024", "password": PASSWORD})
    assert (first.json()["next"], first.json()["session"]) == ("totp", None)
    assert "set-cookie" not in first.headers
    step = {"challenge": first.json()["challenge"], "code": code}
    assert code_of(await browser("POST", "/login/totp", json=step)) == (403, "code_wrong")
    clock.on(seconds=30)
    step["code"] = totp.code(key, totp.step_at(clock()))
    second = await browser("POST", "/login/totp", json=step)
    assert second.json()["next"] == "done"
    browser.csrf = second.json()["session"]["csrf"]
    assert (await browser("POST", "/totp/remove", json={"password": PASSWORD})).status_code == 204
    assert code_of(await browser("POST", "/totp/remove", json={"password": PASSWORD})) == (409, "changed")


async def test_a_stolen_session_cannot_guess_the_password(browser: Browser, staff: Staff) -> None:
    await staff.add("1024", "坐席")
    await browser.log_in("1024")
    wrong = {"old": "猜一个密码试试看行不行", "new": "换一句更长的话来当密码"}
    answers = [code_of(await browser("POST", "/password", json=wrong))[1] for _ in range(6)]
    assert answers == ["wrong_password"] * 5 + ["locked"]
    right = {"old": PASSWORD, "new": "换一句更长的话来当密码"}
    assert code_of(await browser("POST", "/password", json=right)) == (429, "locked")


async def test_an_administrator_lets_people_in_and_out(
    browsers: list[Browser], staff: Staff, database: Database
) -> None:
    boss, agent, *_ = browsers
    await staff.add("1", "管理员")
    await boss.log_in("1")
    new = {"number": "1024", "name": "王芳", "team": "一组", "roles": ["坐席"]}
    made = await boss("POST", "/users", json=new)
    assert made.status_code == 201
    assert code_of(await boss("POST", "/users", json=new)) == (409, "taken")
    password = made.json()["one_time_password"]
    user = (await boss("GET", "/users/1024")).json()
    assert user == made.json()["user"]
    assert (user["must_change_password"], user["created_by"], user["active"]) == (True, "1", True)
    assert not any("password" in key and key != "must_change_password" for key in user)

    await agent.log_in("1024", password)
    changed = await boss("PATCH", "/users/1024", json={"roles": ["承办单位"], "unit": "ecology", "team": ""})
    assert changed.json()["unit"]["code"] == "ecology"
    assert (await agent("GET", "/session")).status_code == 401
    agent.csrf = ""
    for _ in range(5):
        await agent("POST", "/login", json={"number": "1024", "password": "不对不对不对不对不对"})
    assert (await boss("GET", "/users/1024")).json()["locked_until"]
    assert (await boss("POST", "/users/1024/unlock")).json()["locked_until"] is None
    await agent.log_in("1024", password)
    fresh = (await boss("POST", "/users/1024/reset", json={})).json()["one_time_password"]
    assert (await agent("GET", "/session")).status_code == 401
    agent.csrf = ""
    await agent.log_in("1024", fresh)
    assert (await boss("POST", "/users/1024/deactivate")).json()["active"] is False
    assert (await agent("GET", "/session")).status_code == 401
    assert code_of(await boss("POST", "/users/1024/reset", json={})) == (422, "invalid")
    assert code_of(await boss("POST", "/users/1/deactivate")) == (409, "last_admin")
    assert code_of(await boss("PATCH", "/users/1", json={"roles": ["坐席"]})) == (409, "last_admin")
    assert code_of(await boss("GET", "/users/77")) == (404, "not_found")
    assert [item["number"] for item in (await boss("GET", "/users")).json()] == ["1", "1024"]
    who = {(line.actor, line.detail.get("address")) for line in await audited(database, "停用账号")}
    assert who == {("1", "127.0.0.1")}


@pytest.mark.parametrize("roles", [["坐席", "派单员", "督办", "领导"], ["知识编辑"], ["跟班学习"]])
async def test_nobody_but_administrators_touches_accounts(
    browser: Browser, staff: Staff, roles: list[str]
) -> None:
    await staff.add("1024", *roles)
    await browser.log_in("1024")
    for method, path, body in (
        ("GET", "/users", None),
        ("GET", "/users/1024", None),
        ("POST", "/users", {"number": "2", "name": "李", "roles": ["管理员"]}),
        ("PATCH", "/users/1024", {"roles": ["管理员"]}),
        ("POST", "/users/1024/reset", {}),
        ("POST", "/users/1024/unlock", None),
        ("POST", "/users/1024/deactivate", None),
        ("PUT", "/calendar/2027-02-06", {"working": True}),
    ):
        assert code_of(await browser(method, path, json=body)) == (403, "forbidden")


async def test_the_first_administrator_comes_in_by_the_link_once(
    browsers: list[Browser], people: People
) -> None:
    first, second, *_ = browsers
    token = await people.setup.do_make()
    body = {"token": token, "number": "1", "name": "张敏", "password": PASSWORD}
    assert code_of(await first("POST", "/setup", json=body | {"password": "1234567890"})) == (
        422,
        "weak_password",
    )
    done = await first("POST", "/setup", json=body)
    assert (done.status_code, done.json()["roles"]) == (201, ["管理员"])
    assert (await first("GET", "/users")).status_code == 200
    assert code_of(await second("POST", "/setup", json=body | {"number": "2"})) == (403, "link_over")


async def test_the_calendar_is_kept_by_administrators_under_their_number(
    browsers: list[Browser], staff: Staff
) -> None:
    boss, agent, *_ = browsers
    await staff.add("1", "管理员")
    await staff.add("1024", "坐席")
    await boss.log_in("1")
    await agent.log_in("1024")
    body = {"working": True, "note": "春节调休", "actor": "9999"}
    kept = await boss("PUT", "/calendar/2027-02-06", json=body)
    assert kept.json()["days"][0]["changed_by"] == "1"
    assert len((await agent("GET", "/calendar")).json()["days"]) == 1
    assert (await boss("DELETE", "/calendar/2027-02-06")).status_code == 200


async def test_the_whole_service_has_the_door_and_keeps_its_answers_out_of_caches(
    database_url: str, tmp_path: Path
) -> None:
    settings = settings_for(database_url, tmp_path).model_copy(
        update={"password_memory_kib": 64, "password_time_cost": 1, "password_parallelism": 1}
    )
    async with running(settings) as service:
        people: People = service.app.state.people
        browser = Browser(service.client)
        body = {"token": await people.setup.do_make(), "number": "1", "name": "张敏", "password": PASSWORD}
        done = await browser("POST", "/setup", json=body)
        assert done.status_code == 201
        assert done.headers["cache-control"] == "no-store"
        browser.csrf = done.json()["csrf"]
        new = {"number": "1024", "name": "王芳", "roles": ["派单员"]}
        password = (await browser("POST", "/users", json=new)).json()["one_time_password"]
        await browser("POST", "/logout")
        refused = await browser("GET", "/users")
        assert (refused.status_code, refused.headers["cache-control"]) == (401, "no-store")
        browser.csrf = ""
        await browser.log_in("1024", password)
        browser.csrf = (await browser("POST", "/password", json={"old": password, "new": PASSWORD})).json()[
            "csrf"
        ]
        draft = {"id": "draft", "nature": "求助", "what": "路灯不亮了三天", "where_text": "天元区泰山路"}
        taken = await browser("POST", "/orders", json=draft)
        assert taken.status_code == 201, taken.text
        page = (await browser("GET", f"/orders/{taken.json()['number']}")).json()
        assert page["events"][0]["actor"] == "1024"
        assert (await browser("GET", "/hot-issues")).status_code == 200
        inside = await service.inside("GET", "/orders", params={"role": "督办", "actor": "3001"})
        assert inside.json()["total"] == 1
        assert (await service.inside("GET", "/orders")).status_code == 422
