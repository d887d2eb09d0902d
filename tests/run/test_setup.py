"""The set-up finds what really works, tells uv what pip was told, and does nothing twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.setup import pythons, stamps
from deploy.setup.indexes import pip_options, uv_environment

LISTING = """\
:env:.find-links='/srv/wheels /more/wheels'
global.extra-index-url='https://b.example/simple'
global.index-url='https://a.example/simple'
global.timeout='180'
install.index-url='https://c.example/simple'
install.trusted-host='c.example'
freeze.all='true'
"""


def test_pips_settings_reach_uv_and_the_more_special_ones_win() -> None:
    environment = uv_environment(LISTING, {})
    assert environment["UV_DEFAULT_INDEX"] == "https://c.example/simple"
    assert environment["UV_INDEX"] == "https://b.example/simple"
    assert environment["UV_FIND_LINKS"] == "/srv/wheels,/more/wheels"
    assert environment["UV_INSECURE_HOST"] == "c.example"
    assert environment["UV_HTTP_TIMEOUT"] == "180"
    assert "all" not in pip_options(LISTING)


@pytest.mark.parametrize("name", ["UV_INDEX_URL", "UV_DEFAULT_INDEX"])
def test_what_the_user_told_uv_itself_stays(name: str) -> None:
    environment = uv_environment(LISTING, {name: "https://mine.example/simple"})
    assert environment[name] == "https://mine.example/simple"
    assert {"UV_INDEX_URL", "UV_DEFAULT_INDEX"} & environment.keys() == {name}


def test_without_any_setting_no_index_is_named() -> None:
    assert not {"UV_DEFAULT_INDEX", "UV_INDEX", "UV_FIND_LINKS"} & uv_environment("", {}).keys()


def program(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def test_a_shim_that_does_not_run_is_passed_over_for_the_real_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path / "shims" / "python3.10", "#!/bin/sh\necho 'pyenv: command not found' >&2\nexit 127\n")
    real = program(tmp_path / "pyenv" / "versions" / "3.10.13" / "bin" / "python3.10", "#!/bin/sh\nexit 0\n")
    monkeypatch.setenv("PATH", str(tmp_path / "shims"))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    assert pythons.python_310(tmp_path / "none") == real


def test_another_version_is_no_python_310(tmp_path: Path) -> None:
    assert not pythons.is_python_310(program(tmp_path / "python3.10", "#!/bin/sh\nexit 1\n"))
    assert not pythons.is_python_310(tmp_path / "missing")


def test_a_stamp_is_fresh_until_an_input_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stamps, "VENV", tmp_path)
    file = tmp_path / "rasa.txt"
    file.write_text("rasa==1")
    assert not stamps.Stamp("rasa", [file]).fresh
    stamps.Stamp("rasa", [file]).set()
    assert stamps.Stamp("rasa", [file]).fresh
    assert not stamps.Stamp("rasa", [file, "another place"]).fresh
    file.write_text("rasa==2")
    assert not stamps.Stamp("rasa", [file]).fresh


def test_no_address_of_an_index_is_committed() -> None:
    for path in sorted((stamps.ROOT / "requirements").glob("*.*")):
        assert "://" not in path.read_text(), path.name


def test_make_help_lists_every_target() -> None:
    makefile = (stamps.ROOT / "Makefile").read_text(encoding="utf-8")
    phony = next(line for line in makefile.splitlines() if line.startswith(".PHONY:")).split()[1:]
    explained = {line.split(":")[0] for line in makefile.splitlines() if " ## " in line and ":" in line}
    assert set(phony) == explained
