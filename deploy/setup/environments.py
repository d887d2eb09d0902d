"""The Python environments: ``.venv/tools`` (uv), ``.venv/hotline``, ``.venv/rasa`` and ``.venv/georeport``."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

from deploy.setup.indexes import uv_environment
from deploy.setup.pythons import is_python_310, python_310
from deploy.setup.stamps import ROOT, VENV, Stamp, one_at_a_time
from hotline.run.progress import StepFailed, run_logged, step

REQUIREMENTS = ROOT / "requirements"
TOOLS = VENV / "tools"
LOGS = ROOT / "var" / "log"
_NETWORK_HINT = "如果是下载失败：请检查网络、代理（HTTPS_PROXY）或 pip 的软件源设置（pip config）；离线安装见 docs/operation.md。"
_NO_310 = """没有找到能用的 Python 3.10，也没能下载它（Rasa 3.6 只能在 3.10 上运行）。请任选一种办法：
  · Debian/Ubuntu：apt install python3.10 python3.10-venv（软件源里有的话）
  · pyenv：pyenv install 3.10
  · uv：uv python install 3.10（需要能访问它的下载地址）
  · 已经装在别处：HOTLINE_PYTHON310=/路径/python3.10 make run"""


def tools() -> None:
    """Make ``.venv/tools`` with uv, by the machine's own Python and pip."""
    stamp = Stamp("tools", [REQUIREMENTS / "tools.txt", str(VENV)])
    with one_at_a_time("tools"):
        if stamp.fresh and _runs(TOOLS / "bin" / "uv"):
            return
        with step("安装工具 uv"):
            hint = "请安装 Python 的 venv 模块（Debian/Ubuntu：apt install python3-venv）再试。"
            run_logged([sys.executable, "-m", "venv", TOOLS], LOGS / "setup-tools.log", hint=hint)
            install_tool("tools.txt")
        stamp.set()


def install_tool(file: str) -> None:
    """Install a file of hashed requirements into ``.venv/tools`` with pip."""
    command = [TOOLS / "bin" / "python", "-m", "pip", "install", "--disable-pip-version-check"]
    command += ["--require-hashes", "-r", REQUIREMENTS / file]
    run_logged(command, LOGS / f"setup-{Path(file).stem}.log", hint=_NETWORK_HINT)


def service(*, dev: bool = False) -> None:
    """Make ``.venv/hotline``: the service, and with ``dev`` also what checks it."""
    tools()
    inputs: list[Path | str] = [
        REQUIREMENTS / "hotline.txt",
        REQUIREMENTS / "build.txt",
        ROOT / "pyproject.toml",
        str(VENV),
    ]
    plain = Stamp("hotline", inputs)
    stamp = Stamp("hotline-dev", [*inputs, REQUIREMENTS / "dev.txt"]) if dev else plain
    python = VENV / "hotline" / "bin" / "python"
    with one_at_a_time("hotline"):
        if stamp.fresh and _runs(python) and (VENV / "hotline" / "bin" / "hotline").exists():
            return
        with step("安装服务的环境" + ("（含测试工具）" if dev else "")):
            if not _is_new_enough(python):
                _make_environment("hotline", Path(sys.executable))
            _install("hotline", ["-r", "hotline.txt", *(["-r", "dev.txt"] if dev else [])])
            _install_project(python)
        plain.set()
        stamp.set()


def rasa() -> None:
    """Make ``.venv/rasa``: Rasa and the actions, on Python 3.10."""
    tools()
    stamp = Stamp("rasa", [REQUIREMENTS / "rasa.txt", REQUIREMENTS / "build.txt", str(VENV)])
    python = VENV / "rasa" / "bin" / "python"
    with one_at_a_time("rasa"):
        if stamp.fresh and _runs(python):
            return
        found = python if is_python_310(python) else python_310(TOOLS / "python") or _download_python()
        with step("安装 Rasa 的环境"):
            if found != python:
                _make_environment("rasa", found)
            _install("rasa", ["-r", "rasa.txt"])
            # `rasa test` looks for stories everywhere under the project, and would judge Rasa's own example.
            for example in (VENV / "rasa").glob("lib/*/site-packages/rasa/cli/initial_project/tests/*.yml"):
                example.unlink()
        stamp.set()


def georeport() -> None:
    """Make ``.venv/georeport``: an independent reader of Open311, which the tests call as a program of its own."""
    tools()
    stamp = Stamp("georeport", [REQUIREMENTS / "georeport.txt", REQUIREMENTS / "build.txt", str(VENV)])
    python = VENV / "georeport" / "bin" / "python"
    with one_at_a_time("georeport"):
        if stamp.fresh and _runs(python):
            return
        with step("安装 Open311 的测试工具"):
            _make_environment("georeport", Path(sys.executable))
            _install("georeport", ["-r", "georeport.txt"])
        stamp.set()


def _download_python() -> Path:
    try:
        with step("下载 Python 3.10"):
            environment = uv_variables() | {
                "UV_PYTHON_INSTALL_DIR": str(TOOLS / "python"),
                "UV_PYTHON_DOWNLOADS": "manual",
            }
            command = [TOOLS / "bin" / "uv", "python", "install", "--no-bin", "3.10"]
            run_logged(command, LOGS / "setup-python.log", environment=environment)
    except StepFailed as failure:
        raise StepFailed(f"{failure}\n\n{_NO_310}") from failure
    found = python_310(TOOLS / "python")
    if found is None:
        raise StepFailed(_NO_310)
    return found


def _make_environment(name: str, python: Path) -> None:
    shutil.rmtree(VENV / name, ignore_errors=True)
    command = [TOOLS / "bin" / "uv", "venv", "--no-project", "--python", python, VENV / name]
    run_logged(command, LOGS / f"setup-{name}.log", environment=uv_variables())


def _install(name: str, files: list[str]) -> None:
    command: list[object] = [TOOLS / "bin" / "uv", "pip", "install", "--require-hashes"]
    command += ["--python", VENV / name / "bin" / "python", "--build-constraints", "build.txt", *files]
    log = LOGS / f"setup-{name}.log"
    run_logged(command, log, cwd=REQUIREMENTS, environment=uv_variables(), hint=_NETWORK_HINT)


def _install_project(python: Path) -> None:
    command: list[object] = [TOOLS / "bin" / "uv", "pip", "install", "--no-deps", "--python", python]
    command += ["--build-constraints", REQUIREMENTS / "build.txt", "--editable", ROOT]
    run_logged(command, LOGS / "setup-project.log", environment=uv_variables(), hint=_NETWORK_HINT)


@cache
def uv_variables() -> dict[str, str]:
    """The environment in which uv is called."""
    command = [str(TOOLS / "bin" / "python"), "-m", "pip", "config", "list"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    return uv_environment(answer.stdout, os.environ)


def _runs(program: Path) -> bool:
    try:
        command = [str(program), "--version"]
        return subprocess.run(command, capture_output=True, timeout=60, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def _is_new_enough(python: Path) -> bool:
    check = "import sys; sys.exit(sys.version_info < (3, 11))"
    try:
        return (
            subprocess.run([python, "-c", check], capture_output=True, timeout=60, check=False).returncode
            == 0
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
