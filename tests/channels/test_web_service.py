"""The public face of the service: its state, its headers, its errors, and the door that is not for the public."""

from __future__ import annotations

import re

import pytest

from hotline.settings import Settings
from tests.channels.conftest import Run, Service, on_shared

HEADERS = {
    "Content-Security-Policy": "default-src 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=()",
}


@on_shared
async def test_the_process_says_that_it_lives(shared: Service) -> None:
    response = await shared.client.get("/healthz")

    assert (response.status_code, response.text) == (200, "ok")


async def test_readiness_names_each_part(service: Service) -> None:
    response = await service.client.get("/readyz")
    assert (response.status_code, response.json()) == (
        200,
        {"database": True, "engine": True, "knowledge": True, "jobs": False},
    )

    service.engine.away = True
    response = await service.client.get("/readyz")

    assert (response.status_code, response.json()) == (
        503,
        {"database": True, "engine": False, "knowledge": True, "jobs": False},
    )
    assert (await service.client.get("/healthz")).status_code == 200


@on_shared
@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/healthz", 200),
        ("GET", "/api/site", 200),
        ("GET", "/nowhere", 404),
        ("GET", "/api/conversations/current/messages", 401),
        ("POST", "/api/conversations", 201),
        ("POST", "/internal/converse", 401),
    ],
)
async def test_every_response_has_the_security_headers(
    shared: Service, method: str, path: str, status: int
) -> None:
    response = await shared.client.request(method, path, json={} if method == "POST" else None)

    assert response.status_code == status
    for name, beginning in HEADERS.items():
        assert response.headers[name].startswith(beginning)
    assert "server" not in response.headers


@on_shared
@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("GET", "/api/nowhere", 404),
        ("GET", "/api/conversations/current/messages/x", 404),
        ("GET", "/internal/nowhere", 404),
        ("DELETE", "/api/conversations", 405),
        ("PUT", "/api/site", 405),
        ("GET", "/docs", 404),
        ("GET", "/redoc", 404),
    ],
)
async def test_an_address_that_is_none_is_refused_in_json_and_chinese(
    shared: Service, method: str, path: str, status: int
) -> None:
    response = await shared.client.request(method, path)

    assert response.status_code == status
    error = response.json()["error"]
    assert set(error) == {"code", "message"}
    assert re.search("[一-鿿]", error["message"])


@on_shared
async def test_the_site_is_described(shared: Service) -> None:
    assert (await shared.client.get("/api/site")).json() == {
        "name": "株洲12345智能助手",
        "city": "株洲",
        "hotline": "12345",
        "notice": "遇到危险请直接拨打：报警 110、火警 119、急救 120。",
        "demo": False,
        "max_length": 1000,
        "photos": {"max_bytes": 8 * 1024 * 1024, "per_message": 3},
    }


async def test_the_page_is_served_and_its_files(settings: Settings, run: Run) -> None:
    settings.widget_dir.mkdir()
    (settings.widget_dir / "index.html").write_text("<!doctype html><title>热线</title>", encoding="utf-8")
    (settings.widget_dir / "embed.js").write_text("1", encoding="utf-8")
    async with run() as service:
        page = await service.client.get("/?embed=1")
        assert (page.status_code, page.headers["Cache-Control"]) == (200, "no-cache")
        assert "热线" in page.text
        assert (await service.client.get("/widget/embed.js")).text == "1"
        for missing in ("/widget/nothing.js", "/widget/../../pyproject.toml", "/widget/%2e%2e/x"):
            response = await service.client.get(missing)
            assert response.status_code == 404
            assert response.json()["error"]["message"] == "没有这个地址。"


@on_shared
async def test_a_page_that_is_not_built_says_how_to_build_it(shared: Service) -> None:
    response = await shared.client.get("/")

    assert response.status_code == 503
    assert "make run" in response.text


@on_shared
@pytest.mark.parametrize("token", [None, "Bearer", "Bearer wrong", "inside", "Bearer é"])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/internal/converse"),
        ("GET", "/internal/desk/queue"),
        ("POST", "/internal/work-orders"),
        ("GET", "/internal/knowledge/matters"),
        ("GET", "/metrics"),
    ],
)
async def test_the_inner_door_opens_only_to_the_secret(
    shared: Service, token: str | None, method: str, path: str
) -> None:
    headers = {} if token is None else {"Authorization": token.encode()}
    response = await shared.client.request(
        method, path, headers=headers, json={"text": "喂"} if method == "POST" else None
    )

    assert response.status_code == 401
    assert re.search("[一-鿿]", response.json()["error"]["message"])


@on_shared
async def test_the_operator_sees_figures(shared: Service) -> None:
    response = await shared.client.get("/metrics", headers={"Authorization": "Bearer inside"})

    assert response.status_code == 200
    assert "python_info" in response.text


@on_shared
async def test_a_whole_turn_can_be_tried_from_inside(shared: Service) -> None:
    first = await shared.inside("POST", "/converse", json={"text": "社保卡丢了"})
    said = first.json()
    again = {"text": "那要多久", "conversation": said["conversation"]}
    second = (await shared.inside("POST", "/converse", json=again)).json()

    assert first.status_code == 200
    assert [reply["text"] for reply in said["replies"]] == ["答：社保卡丢了"]
    assert (said["mode"], said["evidence"]["intent"]) == ("bot", "echo")
    assert [reply["text"] for reply in second["replies"]] == ["答：那要多久"]
    assert second["conversation"] == said["conversation"]


@on_shared
@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/converse", {"text": ""}, 422),
        ("/converse", {"text": "长" * 1001}, 413),
        ("/converse", {}, 422),
        ("/converse", {"text": "喂", "conversation": "x"}, 422),
        ("/converse", {"text": "喂", "conversation": "00000000-0000-0000-0000-000000000000"}, 401),
        ("/desk/00000000-0000-0000-0000-000000000000/claim", {"agent": "1024"}, 404),
        ("/desk/x/claim", {"agent": "1024"}, 422),
        ("/desk/00000000-0000-0000-0000-000000000000/claim", {"agent": "王"}, 422),
        (
            "/desk/00000000-0000-0000-0000-000000000000/say",
            {"agent": "1", "text": "喂", "client_id": "\x00"},
            404,
        ),
    ],
)
async def test_bad_calls_from_inside_are_refused_in_chinese(
    shared: Service, path: str, body: dict[str, str], status: int
) -> None:
    response = await shared.inside("POST", path, json=body)

    assert response.status_code == status
    assert re.search("[一-鿿]", response.json()["error"]["message"])


@on_shared
async def test_words_of_ours_are_shown_when_something_is_not_there(shared: Service) -> None:
    response = await shared.inside("GET", "/knowledge/matters/nothing")

    assert response.status_code == 404
    assert response.json()["error"]["message"] == "没有这个事项"


@on_shared
async def test_a_value_the_database_cannot_hold_is_no_error_of_ours(shared: Service) -> None:
    response = await shared.inside("POST", "/work-orders/%00/lookup", json={"query_code": "123456"})

    assert response.status_code == 422
    assert re.search("[一-鿿]", response.json()["error"]["message"])
