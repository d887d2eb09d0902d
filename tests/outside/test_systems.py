"""``outside.yml`` and the keys are checked before anything is sent."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
import yaml

from hotline.dispatch.units import Units
from hotline.outside.connected import Connected
from hotline.outside.systems import SetupError, Systems, load_keys
from hotline.settings import Settings
from hotline.work_orders.office import Office
from tests.conftest import ROOT

ZHUZHOU = ROOT / "data" / "city" / "zhuzhou"
UNITS = ("430211", "430211001", "430203")
GOOD: dict[str, Any] = {
    "code": "tianyuan",
    "name": "天元区社会治理平台",
    "base": "https://platform.example/hotline/",
    "units": ["430211", "430211001"],
}
SEND, RECEIVE = "s" * 40, "r" * 40


def written(folder: Path, content: Any) -> Path:
    """The file with this content."""
    path = folder / "outside.yml"
    path.write_text(content if isinstance(content, str) else yaml.safe_dump(content, allow_unicode=True))
    return path


def refused(folder: Path, content: Any) -> str:
    """Why the file is refused."""
    with pytest.raises(SetupError) as caught:
        Systems.load(written(folder, content), UNITS)
    assert not str(caught.value).isascii()
    return str(caught.value)


def test_a_system_takes_the_orders_of_its_units(tmp_path: Path) -> None:
    systems = Systems.load(written(tmp_path, {"systems": [GOOD], "retry_seconds": [1, 2]}), UNITS)

    system = systems.get("tianyuan")
    assert system is not None
    assert system.base == "https://platform.example/hotline"
    assert systems.of_unit("430211001") is system
    assert systems.of_unit("430203") is systems.of_unit(None) is systems.get("nobody") is None
    assert systems.retry_seconds == (1, 2)
    assert not system.caller_phone


def test_codes_without_quotes_are_codes(tmp_path: Path) -> None:
    systems = Systems.load(written(tmp_path, {"systems": [GOOD | {"units": [430211]}]}), UNITS)

    assert systems.of_unit("430211") is not None


@pytest.mark.parametrize("content", ["", "systems: []", None])
def test_a_city_without_systems_needs_no_keys(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "outside.yml"
    if content is not None:
        path.write_text(content)

    systems = Systems.load(path, UNITS)

    assert len(systems) == 0
    assert load_keys(Settings(_env_file=None, var_dir=tmp_path), systems) == {}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"code": "天元"}, "code"),
        ({"code": ""}, "code"),
        ({"base": "platform.example"}, "base"),
        ({"base": "ftp://platform.example"}, "base"),
        ({"base": "https://user:secret@platform.example"}, "base"),
        ({"base": "https://platform.example/?a=1"}, "base"),
        ({"base": "https://["}, "base"),
        ({"base": "http://platform.example"}, "没有加密"),
        ({"units": []}, "units"),
        ({"units": "430211"}, "units"),
        ({"units": ["430211", "430211"]}, "写了两次"),
        ({"units": ["999"]}, "不在单位名录"),
        ({"timeout_seconds": 0}, "timeout_seconds"),
        ({"timeout_seconds": 3600}, "timeout_seconds"),
        ({"key": "secret"}, "key"),
        ({"ca_file": "/nowhere/ca.pem"}, "ca_file"),
        ({"ca_file": str(ROOT / "README.md")}, "ca_file"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, change: dict[str, Any], words: str) -> None:
    assert words in refused(tmp_path, {"systems": [GOOD | change]})


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("systems: [", "读不懂"),
        ("- 1", "不对"),
        ({"systems": [GOOD, GOOD | {"units": ["430203"]}]}, "写了两次"),
        ({"systems": [GOOD, GOOD | {"code": "other"}]}, "只能归一个系统"),
        ({"systems": [], "retry_seconds": []}, "retry_seconds"),
        ({"systems": [], "retry_seconds": [0]}, "retry_seconds"),
    ],
)
def test_a_mistake_of_the_whole_file_is_named(tmp_path: Path, content: Any, words: str) -> None:
    assert words in refused(tmp_path, content)


def test_unless_told_otherwise_each_wait_is_twice_the_one_before(tmp_path: Path) -> None:
    waits = Systems.load(tmp_path / "none.yml", UNITS).retry_seconds

    assert all(later == 2 * earlier for earlier, later in itertools.pairwise(waits))
    assert 12 < sum(waits) / 3600 < 24


def test_the_city_s_own_file_and_its_example_are_good() -> None:
    units = Units.load(ZHUZHOU)
    assert len(Systems.load(ZHUZHOU / "outside.yml", units)) == 0

    text = (ZHUZHOU / "outside.yml").read_text(encoding="utf-8")
    lines = text.split("# 例子", 1)[1].split("\n\n", 1)[0].splitlines()[1:]
    example = yaml.safe_load("\n".join(line[2:] for line in lines))
    assert [system["code"] for system in example["systems"]] == ["tianyuan"]
    assert all(unit in units for unit in example["systems"][0]["units"])


@pytest.fixture
def systems(tmp_path: Path) -> Systems:
    """One system."""
    return Systems.load(written(tmp_path, {"systems": [GOOD]}), UNITS)


def keys_file(folder: Path, content: Any, mode: int = 0o600) -> Settings:
    """Settings that name a file of keys."""
    path = folder / "keys.yml"
    path.write_text(content if isinstance(content, str) else yaml.safe_dump(content))
    path.chmod(mode)
    return Settings(_env_file=None, outside_secrets=path)


def test_keys_are_read_from_a_file_that_only_its_owner_can_read(tmp_path: Path, systems: Systems) -> None:
    content = {"tianyuan": {"send": SEND, "receive": [RECEIVE, "o" * 40]}}

    keys = load_keys(keys_file(tmp_path, content), systems)["tianyuan"]

    assert (keys.send, keys.receive) == (SEND, (RECEIVE, "o" * 40))
    assert SEND not in repr(keys)
    for mode in (0o640, 0o604, 0o660):
        with pytest.raises(SetupError, match="chmod 600"):
            load_keys(keys_file(tmp_path, content, mode), systems)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "just words",
        "tianyuan: [",
        {"other": {"send": SEND, "receive": RECEIVE}},
        {"tianyuan": {"send": SEND}},
        {"tianyuan": {"send": SEND, "receive": []}},
        {"tianyuan": {"send": "short", "receive": RECEIVE}},
        {"tianyuan": {"send": SEND, "receive": [RECEIVE, 5]}},
        {"tianyuan": SEND},
    ],
)
def test_a_missing_or_short_key_is_named_without_showing_any(
    tmp_path: Path, systems: Systems, content: Any
) -> None:
    with pytest.raises(SetupError) as caught:
        load_keys(keys_file(tmp_path, content), systems)

    words = str(caught.value)
    assert not words.isascii()
    assert SEND not in words
    assert RECEIVE not in words


def test_without_its_file_of_keys_a_connected_hotline_does_not_start(
    tmp_path: Path, systems: Systems
) -> None:
    with pytest.raises(SetupError, match="不存在"):
        load_keys(Settings(_env_file=None, var_dir=tmp_path), systems)


def test_a_hotline_that_is_not_connected_watches_nothing_and_calls_nothing(office: Office) -> None:
    connected = Connected.load(Settings(_env_file=None), office)

    assert connected.observers == ()
    assert connected.then == ("deliver",)
