"""Settings come from the environment; secrets are made once and kept for their owner only."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hotline.settings import Settings


def test_the_environment_sets_what_it_names(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOTLINE_CITY", "changsha")
    monkeypatch.setenv("HOTLINE_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("HOTLINE_TRUSTED_PROXIES", '["192.0.2.1"]')
    monkeypatch.setenv("HOTLINE_RASA_PORT", "15999")

    settings = Settings(_env_file=None)

    assert settings.city_dir == tmp_path / "city" / "changsha"
    assert settings.trusted_proxies == ["192.0.2.1"]
    assert settings.rasa_url == "http://127.0.0.1:15999"


def test_a_secret_that_is_set_is_the_secret_and_is_not_kept(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, var_dir=tmp_path, internal_token="given")

    assert settings.secret("internal_token") == "given"
    assert not list(tmp_path.rglob("*"))


def test_a_secret_is_made_once_and_read_by_its_owner_only(tmp_path: Path) -> None:
    made = Settings(_env_file=None, var_dir=tmp_path / "var", internal_token="").secret("internal_token")
    again = Settings(_env_file=None, var_dir=tmp_path / "var", internal_token="").secret("internal_token")

    assert made == again
    assert len(made) >= 40
    kept = tmp_path / "var" / "secrets" / "internal_token"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700
    assert [path.name for path in kept.parent.iterdir()] == ["internal_token"]


def test_each_secret_is_another(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, var_dir=tmp_path, internal_token="", signing_key="")

    assert settings.secret("internal_token") != settings.secret("signing_key")


def test_processes_that_start_together_agree_on_a_secret(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, var_dir=tmp_path, signing_key="")

    with ThreadPoolExecutor(16) as pool:
        made = set(pool.map(lambda _: settings.secret("signing_key"), range(64)))

    assert len(made) == 1
