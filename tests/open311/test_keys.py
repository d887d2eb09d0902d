"""Keys: what they may, how they end, and that nothing of them can be read out of the database."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import jsonschema
import pytest
from sqlalchemy import select, text
from typer.testing import CliRunner, Result

from hotline.audit.models import AuditLine
from hotline.database import Database
from hotline.open311.cli import app as commands
from hotline.open311.errors import Open311Error
from hotline.open311.keys import ApiKeyError, ApiKeys
from hotline.settings import get_settings
from tests.open311 import schemas
from tests.open311.conftest import LAMP, House, on_one_loop

NOW = datetime(2026, 11, 28, 2, 0, tzinfo=UTC)


class Clock:
    """The time of the keys, to be moved on."""

    def __init__(self) -> None:
        self.time = NOW

    def __call__(self) -> datetime:
        """The present moment."""
        return self.time


@pytest.fixture
def clock() -> Clock:
    """A clock that stands still until it is moved."""
    return Clock()


@pytest.fixture
def keys(database: Database, clock: Clock) -> ApiKeys:
    """Keys on a database of their own."""
    return ApiKeys(database, clock=clock)


Make = Callable[..., Awaitable[str]]


@pytest.fixture
def make(keys: ApiKeys) -> Make:
    """Makes a key and gives what is shown once."""

    async def one(**others: object) -> str:
        given = {"label": "随手拍", "owner": "某公司某人", "scopes": ["create"], "actor": "1001"} | others
        return (await keys.do_create(**given))[1]  # type: ignore[arg-type]

    return one


async def refused(keys: ApiKeys, key: str) -> str:
    """Why a key is not good."""
    with pytest.raises(Open311Error) as caught:
        await keys.check(key)
    assert caught.value.status == 403
    return str(caught.value)


async def test_a_key_is_good_until_it_is_revoked(keys: ApiKeys, make: Make) -> None:
    key = await make()
    found = await keys.check(key)
    assert (found.label, found.owner, found.scopes) == ("随手拍", "某公司某人", ["create"])

    await keys.do_revoke(found.handle, actor="1002")

    assert "停用" in await refused(keys, key)
    with pytest.raises(ApiKeyError):
        await keys.do_revoke(found.handle, actor="1002")


async def test_a_key_ends_on_its_day(keys: ApiKeys, make: Make, clock: Clock) -> None:
    key = await make(expires_at=NOW + timedelta(days=1))
    await keys.check(key)

    clock.time += timedelta(days=1)

    assert "过期" in await refused(keys, key)


async def test_the_key_itself_is_nowhere_in_the_database(
    keys: ApiKeys, make: Make, database: Database
) -> None:
    key = await make()

    async with database.transaction() as session:
        rows = await session.execute(text("SELECT row_to_json(k)::text FROM hotline.api_key k"))
        audit = await session.execute(text("SELECT row_to_json(a)::text FROM hotline.audit_line a"))
        written = "\n".join(row[0] for row in [*rows, *audit])
    assert key.split("_", 2)[2] not in written
    assert hashlib.sha256(key.encode()).hexdigest() in written
    # 256 random bits.
    assert re.fullmatch(r"hk_[a-z]{8}_[\w-]{43}", key)


async def test_a_key_that_differs_in_one_place_is_wrong(keys: ApiKeys, make: Make) -> None:
    key, other = await make(), await make()
    wrong = [
        key[:-1] + ("A" if key[-1] != "A" else "B"),
        other[:12] + key[12:],
        key + "A",
        key[:-1],
        key.upper(),
        "",
        "hk_",
        "hk_aaaaaaaa_" + "A" * 43,
        "\x00",
        "\ud800",
        "密钥",
    ]
    for given in wrong:
        assert await refused(keys, given) == "api_key 不对。"


async def test_every_change_is_in_the_audit(keys: ApiKeys, make: Make, database: Database) -> None:
    key = await make(scopes=["read-all", "create"])
    handle = (await keys.check(key)).handle
    await keys.do_revoke(handle, actor="1002")

    async with database.transaction() as session:
        lines = (await session.scalars(select(AuditLine).order_by(AuditLine.id))).all()
    assert [(line.actor, line.action, line.subject) for line in lines] == [
        ("1001", "发放密钥", f"密钥 {handle}"),
        ("1002", "停用密钥", f"密钥 {handle}"),
    ]
    assert lines[0].detail["scopes"] == ["create", "read-all"]


async def test_the_last_use_is_written_down_once_a_minute(keys: ApiKeys, make: Make, clock: Clock) -> None:
    key = await make()
    for seconds in (0, 30, 40):
        clock.time = NOW + timedelta(seconds=seconds)
        await keys.check(key)
    assert (await keys.all())[0].last_used_at == NOW

    clock.time = NOW + timedelta(seconds=60)
    await keys.check(key)

    assert (await keys.all())[0].last_used_at == clock.time


@pytest.mark.parametrize(
    "wrong",
    [
        {"label": " "},
        {"owner": ""},
        {"actor": ""},
        {"label": "长" * 101},
        {"label": "a\nb"},
        {"scopes": []},
        {"scopes": ["delete"]},
        {"rate": 0},
        {"rate": 6001},
        {"expires_at": NOW},
    ],
)
async def test_a_key_that_cannot_be_is_not_made(keys: ApiKeys, make: Make, wrong: dict[str, object]) -> None:
    with pytest.raises(ApiKeyError, match=r"[一-鿿]"):
        await make(**wrong)
    assert not await keys.all()


@on_one_loop
async def test_without_a_good_key_nothing_is_taken(house: House) -> None:
    revoked = await house.new_key("create")
    await ApiKeys(house.database).do_revoke(revoked.split("_")[1], actor="1001")
    expired = await house.new_key("create", expires_at=datetime.now(UTC) + timedelta(days=1))
    async with house.database.transaction() as session:
        await session.execute(
            text("UPDATE hotline.api_key SET expires_at = now() WHERE handle = :handle"),
            {"handle": expired.split("_")[1]},
        )
    cases = {
        "": "请填写 api_key。",
        "wrong": "api_key 不对。",
        revoked: "这个 api_key 已经停用。",
        expired: "这个 api_key 已经过期，请申请新的。",
        await house.new_key("updates", "read-all"): "这个 api_key 不能做这件事，需要的权限是 create。",
    }
    for key, words in cases.items():
        response = await house.post("requests.json", LAMP | {"api_key": key})
        assert response.status_code == 403
        assert response.json() == [{"code": 403, "description": words}]
        # The key comes first, whatever else is wrong.
        assert (await house.post("requests.json", {"api_key": key})).status_code == 403
        xml = await house.post("requests.xml", LAMP | {"api_key": key})
        assert xml.status_code == 403
        assert xml.text == (
            '<?xml version="1.0" encoding="utf-8"?>\n'
            f"<errors><error><code>403</code><description>{words}</description></error></errors>\n"
        )
    update = await house.post("servicerequestupdates.json", {"update_id": "1"})
    assert update.json() == [{"code": 403, "description": "请填写 api_key。"}]


@on_one_loop
async def test_reading_needs_no_key_but_a_wrong_one_is_refused(house: House) -> None:
    for path in ("services.json", "requests.json", "servicerequestupdates.json"):
        assert (await house.get(path)).status_code == 200
        assert (await house.get(path, api_key="")).status_code == 200
        response = await house.get(path, api_key="wrong")
        assert response.status_code == 403
        jsonschema.validate(response.json(), schemas.ERRORS)


@on_one_loop
async def test_a_key_and_an_address_have_their_rates(house: House) -> None:
    slow = await house.new_key("create", rate=2)
    statuses = [(await house.get("services.json", api_key=slow)).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    refused_ = await house.get("services.xml", api_key=slow)
    assert int(refused_.headers["retry-after"]) > 0
    assert "<code>429</code>" in refused_.text

    rates = house.service.app.state.open311_rates
    before, rates._address_rate = rates._address_rate, 1
    try:
        # Whoever guesses keys is counted by the address.
        last = [await house.get("services.json", api_key=key) for key in ("a", "b", "", "c")][-1]
        assert last.status_code == 429
        assert (await house.get("services.json", api_key=house.key)).status_code == 200
    finally:
        rates._address_rate = before


class Command:
    """Calls the command as an operator would."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def __call__(self, *arguments: str) -> Result:
        """Call it."""
        return await asyncio.to_thread(CliRunner().invoke, commands, ["keys", *arguments])


@pytest.fixture
def command(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Command:
    """The command, on the same database as ``keys``."""
    monkeypatch.setenv("HOTLINE_DATABASE_URL", database_url)
    get_settings.cache_clear()
    return Command(database_url)


@pytest.fixture(autouse=True)
def _fresh_settings() -> None:
    get_settings.cache_clear()


async def test_an_operator_makes_lists_and_revokes_keys(command: Command, keys: ApiKeys) -> None:
    assert "还没有发放过密钥" in (await command("list")).output

    words = ["--label", "随手拍", "--owner", "某公司某人", "--actor", "1001"]
    made = await command(
        "create", *words, "--scope", "create", "--scope", "updates", "--expires", "2099-12-31"
    )
    assert made.exit_code == 0, made.output
    secret = made.output.strip().splitlines()[-1]
    assert "只显示这一次" in made.output
    handle = secret.split("_")[1]

    listed = (await command("list")).output
    assert secret not in listed
    for part in (
        handle,
        "随手拍（某公司某人）",
        "create、updates",
        "有效到 2099-12-31",
        "每分钟 60 次",
        "还没有用过",
    ):
        assert part in listed

    gone = await command("revoke", handle, "--actor", "1002")
    assert (gone.exit_code, "已停用" in gone.output) == (0, True)
    assert "停用" in (await command("list")).output
    again = await command("revoke", handle, "--actor", "1002")
    assert (again.exit_code, "已经停用了" in again.output) == (1, True)


@pytest.mark.parametrize(
    "wrong",
    [
        ("--expires", "morgen"),
        ("--expires", "2020-01-01"),
        ("--expires", "9999-12-31"),
        ("--scope", "delete"),
        ("--rate", "0"),
    ],
)
async def test_a_wrong_option_is_refused_in_chinese(command: Command, wrong: tuple[str, str]) -> None:
    words = ["--label", "随手拍", "--owner", "某公司某人", "--actor", "1001"]

    refused_ = await command("create", *words, *wrong)

    assert refused_.exit_code == 1
    assert re.search("[一-鿿]", refused_.output)
    assert "还没有发放过密钥" in (await command("list")).output
