"""``hotline outside check`` says in Chinese what is wrong with the way to a system."""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
import ssl
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from fastapi import FastAPI
from starlette.responses import JSONResponse, RedirectResponse, Response
from typer.testing import CliRunner, Result

from hotline.database import now
from hotline.outside.check import check
from hotline.outside.cli import app as commands
from hotline.settings import get_settings
from tests.conftest import ROOT
from tests.outside.conftest import KEYS, system_at
from tests.outside.other_system import OtherSystem
from tests.serving import serve


@asynccontextmanager
async def answering(answer: Response) -> AsyncIterator[str]:
    """A server that answers everything alike."""
    app = FastAPI()

    @app.post("/{path:path}")
    async def everything(path: str) -> Response:
        return answer

    async with serve(app) as url:
        yield url


async def test_a_good_way_is_good(other: OtherSystem, other_url: str) -> None:
    other.clock = lambda: now().timestamp()

    found = await check(system_at(other_url), KEYS.send)

    assert found.good
    assert "通了" in found.words
    assert "没有加密" in found.words


async def test_a_wrong_key_is_told_from_a_wrong_clock(other: OtherSystem, other_url: str) -> None:
    other.clock = lambda: now().timestamp()

    wrong = await check(system_at(other_url), "x" * 40)
    assert not wrong.good
    assert "核对双方的密钥" in wrong.words
    assert "签名错误" in wrong.words

    late = await check(system_at(other_url), KEYS.send, clock=lambda: now() - timedelta(minutes=10))
    assert not late.good
    assert "两边的钟相差太多" in late.words
    drifting = await check(system_at(other_url), KEYS.send, clock=lambda: now() - timedelta(minutes=3))
    assert drifting.good
    assert "两边的钟相差" in drifting.words


@pytest.mark.parametrize(
    ("base", "words"),
    [
        ("http://nowhere.invalid/hotline", "域名解析不了"),
        ("http://127.0.0.1:{closed}/hotline", "连接被拒绝"),
        ("https://127.0.0.1:{plain}/hotline", "加密连接没有谈成"),
        ("http://127.0.0.1:{deaf}/hotline", "等了太久"),
        ("http://127.0.0.1:{rude}/hotline", "断开"),
    ],
)
async def test_what_cannot_be_reached_is_told_by_its_cause(base: str, words: str) -> None:
    async def deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async def rude(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.close()

    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    with socket.socket() as closed:  # bound, and never listening
        closed.bind(("127.0.0.1", 0))
        servers = {
            name: await asyncio.start_server(handler, "127.0.0.1", 0)
            for name, handler in {"deaf": deaf, "rude": rude, "plain": plain}.items()
        }
        ports = {name: server.sockets[0].getsockname()[1] for name, server in servers.items()}
        ports["closed"] = closed.getsockname()[1]
        seconds = 1 if "deaf" in base else 30
        system = system_at("", base=base.format(**ports), timeout_seconds=seconds)

        found = await check(system, KEYS.send)

        for server in servers.values():
            server.close()
    assert not found.good
    assert words in found.words


@pytest.mark.skipif(shutil.which("openssl") is None, reason="makes a certificate with openssl")
async def test_a_certificate_of_one_s_own_needs_its_authority(tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=platform"
    names = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(["openssl", *words.split(), *names], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    async def ping(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(ping, "127.0.0.1", 0, ssl=context)
    base = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    unknown = await check(system_at("", base=base), KEYS.send)
    known = await check(system_at("", base=base, ca_file=certificate), KEYS.send)

    server.close()
    assert not unknown.good
    assert "证书不可信" in unknown.words
    assert known.good, known.words
    assert "没有加密" not in known.words


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda: JSONResponse({"message": "没有"}, 404), "没有 /ping 这个接口"),
        (lambda: RedirectResponse("https://elsewhere.example/", 302), "https://elsewhere.example/"),
        (lambda: JSONResponse({"error": "数据库满了"}, 500), "对方返回 500。对方说：数据库满了"),
    ],
)
async def test_another_answer_is_told_with_the_other_side_s_words(
    answer: Callable[[], Response], words: str
) -> None:
    async with answering(answer()) as url:
        found = await check(system_at(url), KEYS.send)

    assert not found.good
    assert words in found.words


async def checked(folder: Path, monkeypatch: pytest.MonkeyPatch, systems: Any, keys: Any) -> Result:
    """The command with these files."""
    city = folder / "data" / "city" / "zhuzhou"
    if not city.exists():
        shutil.copytree(ROOT / "data" / "city" / "zhuzhou", city)
    (city / "outside.yml").write_text(yaml.safe_dump({"systems": systems}, allow_unicode=True))
    path = folder / "keys.yml"
    path.write_text(yaml.safe_dump(keys))
    path.chmod(0o600)
    monkeypatch.setenv("HOTLINE_DATA_DIR", str(folder / "data"))
    monkeypatch.setenv("HOTLINE_OUTSIDE_SECRETS", str(path))
    get_settings.cache_clear()
    try:
        return await asyncio.to_thread(CliRunner().invoke, commands, ["check"])
    finally:
        get_settings.cache_clear()


async def test_the_command_checks_files_keys_and_the_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, other: OtherSystem, other_url: str
) -> None:
    other.clock = lambda: now().timestamp()
    good = json.loads(system_at(other_url).model_dump_json(exclude_none=True))
    keys = {"tianyuan": {"send": KEYS.send, "receive": list(KEYS.receive)}}

    none = await checked(tmp_path, monkeypatch, [], {})
    assert (none.exit_code, "没有接入任何系统" in none.output) == (0, True)
    done = await checked(tmp_path, monkeypatch, [good], keys)
    assert (done.exit_code, "天元区社会治理平台（tianyuan）：通了" in done.output) == (0, True), done.output
    without = await checked(tmp_path, monkeypatch, [good], {})
    assert (without.exit_code, "没有系统 tianyuan 的密钥" in without.output) == (1, True)
    wrong = await checked(tmp_path, monkeypatch, [good | {"units": ["999"]}], keys)
    assert (wrong.exit_code, "不在单位名录" in wrong.output) == (1, True)
    other.hears = "x" * 40
    refused = await checked(tmp_path, monkeypatch, [good], keys)
    assert (refused.exit_code, "核对双方的密钥" in refused.output) == (1, True)
