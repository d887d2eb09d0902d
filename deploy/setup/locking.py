"""Compiles ``requirements/*.in`` into ``*.txt`` with hashes, and without the address of any index."""

from __future__ import annotations

from deploy.setup.environments import LOGS, TOOLS, tools, uv_variables
from deploy.setup.stamps import ROOT
from hotline.run.progress import run_logged, step

#: name → the Python it is for; ``dev`` comes after ``hotline``, whose versions it keeps to.
_FILES = {"tools": "3.11", "build": "3.10", "node": "3.11", "hotline": "3.11", "dev": "3.11", "rasa": "3.10"}
_OPTIONS = ["--generate-hashes", "--no-header", "--no-emit-index-url", "--no-emit-find-links"]


def lock(arguments: list[str]) -> None:
    """Compile all files. ``arguments`` go to uv: ``--upgrade``, ``--upgrade-package NAME`` …"""
    tools()
    environment = {**uv_variables(), "UV_PYTHON_DOWNLOADS": "automatic"}
    for name, python in _FILES.items():
        with step(f"锁定 {name} 的依赖"):
            command: list[object] = [TOOLS / "bin" / "uv", "pip", "compile"]
            command += [f"requirements/{name}.in", "-o", f"requirements/{name}.txt"]
            command += ["--python-version", python, *_OPTIONS, *arguments]
            run_logged(command, LOGS / f"lock-{name}.log", cwd=ROOT, environment=environment)
