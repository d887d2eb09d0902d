"""Compiles ``requirements/*.in`` into ``*.txt`` with hashes, and without the address of any index."""

from __future__ import annotations

import os

from deploy.setup.environments import LOGS, TOOLS, tools, uv_variables
from deploy.setup.stamps import ROOT
from hotline.run.progress import run_logged, step

#: name → the Python it is for; ``dev`` comes after ``hotline``, whose versions it keeps to.
_FILES = {
    "tools": "3.11",
    "build": "3.10",
    "node": "3.11",
    "hotline": "3.11",
    "dev": "3.11",
    "rasa": "3.10",
    "georeport": "3.11",
}
_OPTIONS = ["--generate-hashes", "--no-header", "--no-emit-index-url", "--no-emit-find-links"]

_OF_THIS_MACHINE = {"UV_INDEX", "UV_FIND_LINKS", "UV_INDEX_STRATEGY", "UV_PYTHON_DOWNLOADS"}
#: Serves both environments, so it holds what either Python needs.
_FOR_ALL = {"build", "tools", "node"}


def lock(arguments: list[str]) -> None:
    """Compile all files. ``arguments`` go to uv: ``--upgrade``, ``--upgrade-package NAME`` …"""
    tools()
    # A machine's own folder of a few packages must not decide what everybody gets.
    environment = {name: value for name, value in uv_variables().items() if name not in _OF_THIS_MACHINE}
    environment |= {name: os.environ[name] for name in _OF_THIS_MACHINE if name in os.environ}
    for name, python in _FILES.items():
        with step(f"锁定 {name} 的依赖"):
            command: list[object] = [TOOLS / "bin" / "uv", "pip", "compile"]
            command += [f"requirements/{name}.in", "-o", f"requirements/{name}.txt"]
            command += ["--python-version", python, *_OPTIONS, *arguments]
            command += ["--universal"] if name in _FOR_ALL else []
            run_logged(command, LOGS / f"lock-{name}.log", cwd=ROOT, environment=environment)
