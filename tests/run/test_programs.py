"""What is written for supervisord and Rasa names the ports that are really used, and trains only what changed."""

from __future__ import annotations

import configparser
from pathlib import Path

import pytest
import yaml

from hotline.run import training
from hotline.run.programs import Place, environment, own_url, programs, write_configuration, write_endpoints
from hotline.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(var_dir=tmp_path / "var", port=21001, rasa_port=21002, actions_port=21003)


def test_rasa_calls_the_actions_where_they_are(settings: Settings) -> None:
    place = Place(settings.var_dir)
    write_endpoints(place, 21003)
    content = yaml.safe_load(place.endpoints.read_text(encoding="utf-8"))
    assert content["action_endpoint"]["url"] == "http://127.0.0.1:21003/webhook"
    assert content["tracker_store"]["type"] == "components.tracker_store.HotlineTrackerStore"


@pytest.mark.parametrize("embedded", [True, False])
def test_the_database_is_supervised_only_when_it_is_ours(settings: Settings, embedded: bool) -> None:
    place = Place(settings.var_dir)
    chosen = programs(settings, place, embedded=embedded)
    assert ("postgres" in [program.name for program in chosen]) == embedded
    write_configuration(place, chosen, place.run / "supervisor.sock")
    content = configparser.RawConfigParser()
    content.read(place.configuration, encoding="utf-8")
    for program in chosen:
        section = content[f"program:{program.name}"]
        assert section["autorestart"] == "true"
        assert int(section["startretries"]) > 100_000
    assert content["unix_http_server"]["chmod"] == "0600"
    assert "inet_http_server" not in content


def test_rasa_and_the_actions_are_reached_from_this_machine_only(settings: Settings) -> None:
    chosen = {program.name: program for program in programs(settings, Place(settings.var_dir), embedded=True)}
    rasa = [str(part) for part in chosen["rasa"].command]
    assert rasa[rasa.index("-i") + 1] == "127.0.0.1"
    assert "--enable-api" not in rasa
    values = environment(settings, "postgresql://somewhere/hotline")
    assert values["SANIC_HOST"] == "127.0.0.1"
    assert values["RASA_TELEMETRY_ENABLED"] == "false"
    assert values["HOTLINE_URL"] == "http://127.0.0.1:21001"
    assert values["HOTLINE_INTERNAL_TOKEN"] == settings.secret("internal_token")


def test_no_secret_stands_on_a_command_line_or_in_the_configuration(settings: Settings) -> None:
    place = Place(settings.var_dir)
    chosen = programs(settings, place, embedded=True)
    write_configuration(place, chosen, place.run / "supervisor.sock")
    token = settings.secret("internal_token")
    assert token not in place.configuration.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:80"),
        ("0.0.0.0", "http://127.0.0.1:80"),
        ("::", "http://[::1]:80"),
        ("10.1.2.3", "http://10.1.2.3:80"),
    ],
)
def test_the_address_can_be_opened_on_this_machine(host: str, url: str) -> None:
    assert own_url(Settings(host=host, port=80)) == url


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small Rasa project."""
    for name in ("config.yml", "domain.yml", "requirements/rasa.txt", "components/gazetteer_extractor.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    for name in ("nlu", "rules", "stories", "knowledge", "city/zhuzhou"):
        (tmp_path / "data" / name).mkdir(parents=True)
        (tmp_path / "data" / name / "a.yml").write_text(name)
    monkeypatch.setattr(training, "ROOT", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("changed", "trains"),
    [
        ("domain.yml", True),
        ("data/nlu/a.yml", True),
        ("data/nlu/b.yml", True),
        ("data/city/zhuzhou/a.yml", True),
        ("data/city/zhuzhou/wechat.yml", False),
        ("components/gazetteer_extractor.py", True),
        ("requirements/rasa.txt", True),
        ("data/knowledge/a.yml", False),
        ("components/hub_channel.py", False),
    ],
)
def test_a_model_is_trained_anew_only_when_what_it_learns_from_changed(
    project: Path, changed: str, trains: bool
) -> None:
    settings = Settings(data_dir=project / "data", var_dir=project / "var")
    before = training.fingerprint(settings)
    assert training.fingerprint(settings) == before
    (project / changed).write_text("something else")
    assert (training.fingerprint(settings) != before) == trains


def test_only_the_newest_models_are_kept(project: Path) -> None:
    import os

    for number, name in enumerate(("old", "middle", "new")):
        path = project / f"{name}.tar.gz"
        path.write_text(name)
        os.utime(path, (number, number))
    training._forget_old(project)
    assert sorted(path.name for path in project.glob("*.tar.gz")) == ["middle.tar.gz", "new.tar.gz"]
