"""Whatever is sent to the service, it answers: no 5xx, errors in Chinese, and bodies as the OpenAPI document says."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
import requests
import schemathesis
import uvicorn
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance

from hotline.accounts.setup import first_login_link
from hotline.app import create_app
from hotline.settings import Settings
from tests.conftest import FreshDatabase
from tests.scripted import ScriptedEngine

TOKEN = "inside"
_INSIDE = {"Authorization": f"Bearer {TOKEN}"}
#: No number that is hit by chance: what is tried on people ends no session of the test's.
_STAFF = {"number": "73519264", "name": "张敏", "password": "我家门前有一条河xiangjiang"}


def _document() -> dict[str, Any]:
    """What is tried: routes that the console has from ``/internal`` are tried there only."""
    app = create_app(Settings(internal_token=TOKEN, signing_key="key"), engine=ScriptedEngine())
    document = app.openapi()
    paths = document["paths"]
    for path in [path for path in paths if path.startswith("/console-api/")]:
        if path.replace("/console-api/", "/internal/", 1) in paths:
            del paths[path]
    return document


schema = schemathesis.openapi.from_dict(_document())


@dataclass(frozen=True)
class Service:
    """A running service with a few orders, a citizen's token, and somebody with all roles at the console."""

    url: str
    database: str
    numbers: list[str]
    citizen: dict[str, str]
    conversation: str

    def staff(self) -> dict[str, str]:
        """What a browser sends after a login."""
        body = {name: _STAFF[name] for name in ("number", "password")}
        done = requests.post(f"{self.url}/console-api/login", json=body, timeout=10)
        assert done.ok, done.text
        cookie = f"hotline_session={done.cookies['hotline_session']}"
        acting = quote("派单员")
        return {"Cookie": cookie, "X-CSRF-Token": done.json()["session"]["csrf"], "X-Acting-Role": acting}


@pytest.fixture(scope="module")
def service(fresh_database: FreshDatabase, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    with fresh_database() as url:
        configured = Settings(
            database_url=url,
            internal_token=TOKEN,
            signing_key="key",
            var_dir=tmp_path_factory.mktemp("var"),
            encoder="none",
            address_rate=10**6,
            address_starts=10**6,
            conversation_rate=10**6,
            address_logins=10**6,
            login_tries=10**6,
            password_time_cost=1,
            password_memory_kib=64,
        )
        app = create_app(configured, engine=ScriptedEngine())
        server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", access_log=False))
        thread = threading.Thread(target=server.run)
        thread.start()
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            time.sleep(0.05)
        address = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        try:
            _enter(address, url)
            yield _filled(address, url)
        finally:
            server.should_exit = True
            thread.join()


def _enter(address: str, database_url: str) -> None:
    """Make the first administrator, as ``make run`` would have it, and give her all other roles as well."""
    link = first_login_link(database_url, address)
    assert link is not None
    made = requests.post(
        f"{address}/console-api/setup", json=_STAFF | {"token": link.split("#")[1]}, timeout=10
    )
    assert made.ok, made.text
    changed = requests.patch(
        f"{address}/console-api/users/{_STAFF['number']}",
        json={"roles": ["坐席", "派单员", "督办", "领导", "知识编辑", "管理员"]},
        cookies=made.cookies,
        headers={"X-CSRF-Token": made.json()["csrf"]},
        timeout=10,
    )
    assert changed.ok, changed.text


def _filled(url: str, database: str) -> Service:
    """Orders in several states, so that what is asked of one is not only refused for its number."""
    started = requests.post(f"{url}/api/conversations", timeout=10).json()
    numbers = []
    for steps in ([], ["受理"], ["受理", "派单"], ["受理", "派单", "签收"], ["受理", "派单", "签收", "挂起"]):
        draft = {
            "id": uuid.uuid4().hex,
            "nature": "投诉",
            "what": "楼下工地夜里十二点还在施工",
            "where_text": "天元区泰山路",
            "phone": "13800138000",
        }
        actor = {"role": "派单员", "actor": "2001"}
        taken = requests.post(f"{url}/internal/orders", params=actor, json=draft, headers=_INSIDE, timeout=10)
        number = taken.json()["number"]
        for step in steps:
            who = (
                actor
                if step in ("受理", "派单")
                else {"role": "承办单位", "actor": "5001", "unit": "ecology"}
            )
            fields = {"topic": "0701", "unit": "ecology", "question": "请补充具体地点"}
            done = requests.post(
                f"{url}/internal/orders/{number}/actions",
                params=who,
                json={"action": step, "fields": fields},
                headers=_INSIDE,
                timeout=10,
            )
            assert done.ok, done.text
        numbers.append(number)
    return Service(
        url, database, numbers, {"Authorization": f"Bearer {started['token']}"}, started["conversation"]
    )


@schema.parametrize()
@settings(max_examples=12, derandomize=True, suppress_health_check=list(HealthCheck))
def test_no_request_breaks_the_service(case: schemathesis.Case, service: Service) -> None:
    _aim(case, service)
    headers = service.citizen if case.path.startswith("/api/") else _INSIDE
    if case.path.startswith("/console-api/"):
        headers = service.staff()
    response = case.call(base_url=service.url, headers=headers)
    case.validate_response(response, checks=[not_a_server_error, response_schema_conformance])
    if response.status_code >= 400 and case.path.startswith(("/internal", "/api", "/console-api")):
        message = response.json()["error"]["message"]
        assert not message.isascii(), message


def _aim(case: schemathesis.Case, service: Service) -> None:
    """Aim half of the cases at something that is there, and wait for nothing."""
    aimed = len(str(case.query) + str(case.body)) % 2 == 0
    parameters: dict[str, Any] = case.path_parameters or {}
    if "number" in parameters and aimed:
        parameters["number"] = service.numbers[len(str(case.body)) % len(service.numbers)]
    if "conversation_id" in parameters and aimed:
        parameters["conversation_id"] = service.conversation
    if case.query and "wait" in case.query:
        case.query["wait"] = 0


def test_the_document_is_for_those_who_may_know(service: Service) -> None:
    assert requests.get(f"{service.url}/openapi.json", timeout=10).status_code == 401
    document = requests.get(f"{service.url}/openapi.json", headers=_INSIDE, timeout=10).json()

    assert document["openapi"].startswith("3.")
    assert "/internal/orders/{number}/actions" in document["paths"]


def test_nothing_inside_is_told_without_the_secret(service: Service) -> None:
    document = requests.get(f"{service.url}/openapi.json", headers=_INSIDE, timeout=10).json()
    open_doors = []
    for path, operations in document["paths"].items():
        for method in operations:
            url = service.url + path.format_map(_Anything())
            if path.startswith("/internal") and requests.request(method, url, timeout=10).status_code != 401:
                open_doors.append((method, path))
    assert open_doors == []


def test_nothing_at_the_console_is_told_without_a_session(service: Service) -> None:
    document = requests.get(f"{service.url}/openapi.json", headers=_INSIDE, timeout=10).json()
    open_doors = set()
    for path, operations in document["paths"].items():
        for method in operations:
            url = service.url + path.format_map(_Anything())
            if (
                path.startswith("/console-api")
                and requests.request(method, url, timeout=10).status_code != 401
            ):
                open_doors.add(path.removeprefix("/console-api"))
    assert open_doors == {"/login", "/login/totp", "/setup"}

    assert requests.get(f"{service.url}/console-api/orders", headers=service.staff(), timeout=10).ok


class _Anything(dict[str, str]):
    def __missing__(self, name: str) -> str:
        return "1"


def test_no_request_left_a_connection_inside_its_transaction(service: Service) -> None:
    with psycopg.connect(service.database) as connection:
        query = """SELECT query FROM pg_stat_activity WHERE state = 'idle in transaction'
            AND datname = current_database() AND state_change < now() - interval '5 seconds'"""
        assert connection.execute(query).fetchall() == []
