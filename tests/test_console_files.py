"""The console's files: every page is the page itself, and nothing beside the folder is given away."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from hotline import errors
from hotline.console_files import add_console


@pytest.fixture
def client(tmp_path: Path) -> TestClient:
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<title>工作台</title>", encoding="utf-8")
    (folder / "icon.svg").write_text("<svg/>", encoding="utf-8")
    (folder / "assets" / "index-abc.js").write_text("1", encoding="utf-8")
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    app = FastAPI()
    errors.install(app)
    add_console(app, folder)
    return TestClient(app)


@pytest.mark.parametrize(
    "path", ["/console/", "/console", "/console/orders/20261128-00001", "/console/setup"]
)
def test_every_address_of_the_console_is_the_page(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert "工作台" in answer.text
    assert answer.headers["Cache-Control"] == "no-cache"


def test_the_page_takes_nothing_inline_and_stands_in_no_frame(client: TestClient) -> None:
    policy = client.get("/console/").headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


def test_what_was_built_is_kept_by_the_browser(client: TestClient) -> None:
    assert "immutable" in client.get("/console/assets/index-abc.js").headers["Cache-Control"]
    assert client.get("/console/icon.svg").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/console/assets/old-123.js",
        "/console/none.svg",
        "/console/..%2fsecret.txt",
        "/console/%2e%2e/secret.txt",
        "/console/assets/..%2f..%2fsecret.txt",
    ],
)
def test_what_is_not_there_is_a_404_and_never_the_page(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "secret" not in answer.text


def test_what_was_never_built_says_so(tmp_path: Path) -> None:
    app = FastAPI()
    add_console(app, tmp_path / "nothing")
    answer = TestClient(app).get("/console/orders")
    assert answer.status_code == 503
    assert "make run" in answer.text
