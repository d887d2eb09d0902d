"""A Chromium for the browser tests."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from deploy.setup.environments import LOGS
from deploy.setup.stamps import VENV, one_at_a_time
from hotline.run.progress import StepFailed, run_logged, step

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_FIND_OWN = (
    "from playwright.sync_api import sync_playwright as p\nwith p() as d: print(d.chromium.executable_path)"
)


def chromium() -> Path | None:
    """A Chromium that runs; installed when there is none. None when that is not possible."""
    with one_at_a_time("chromium"):
        return _find() or _install()


def _find() -> Path | None:
    given = os.environ.get("HOTLINE_CHROMIUM")
    found = [given] if given else [shutil.which(name) for name in _NAMES]
    python = VENV / "hotline" / "bin" / "python"
    if not given and python.exists():
        answer = subprocess.run([python, "-c", _FIND_OWN], capture_output=True, text=True, check=False)
        found.append(answer.stdout.strip())
    return next((Path(path) for path in found if path and _runs(path)), None)


def _runs(path: str) -> bool:
    try:
        return (
            subprocess.run([path, "--version"], capture_output=True, timeout=60, check=False).returncode == 0
        )
    except (OSError, subprocess.TimeoutExpired):
        return False


def _install() -> Path | None:
    if os.geteuid() == 0 and shutil.which("apt-get"):
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        try:
            with step("安装 Chromium（apt-get）"):
                log = LOGS / "setup-chromium-update.log"
                run_logged(["apt-get", "update"], log, environment=environment)
                names = ["chromium", "fonts-noto-cjk"]
                command = ["apt-get", "install", "-y", "--no-install-recommends", *names]
                run_logged(command, LOGS / "setup-chromium.log", environment=environment)
            return _find()
        except StepFailed:
            pass
    try:
        with step("安装 Chromium（playwright）"):
            program = VENV / "hotline" / "bin" / "playwright"
            run_logged([program, "install", "chromium"], LOGS / "setup-playwright.log")
        return _find()
    except StepFailed:
        return None
