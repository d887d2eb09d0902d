"""Finds a Python 3.10 for Rasa."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

_SECONDS = 30
#: A Python that was built without these cannot run Rasa.
_CHECK = "import sys, ssl, sqlite3, ctypes, bz2, lzma; sys.exit(sys.version_info[:2] != (3, 10))"


def is_python_310(path: str | Path) -> bool:
    """Whether it really runs and is complete; a shim of pyenv is found, but may not run."""
    try:
        command = [str(path), "-c", _CHECK]
        return subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def python_310(installed: Path) -> Path | None:
    """A Python 3.10 of this machine: on PATH, of pyenv, or one that was installed into ``installed`` before."""
    return next((path for path in _candidates(installed) if is_python_310(path)), None)


def _candidates(installed: Path) -> Iterator[Path]:
    given = os.environ.get("HOTLINE_PYTHON310")
    if given:
        yield Path(given)
    for folder in os.get_exec_path():
        for name in ("python3.10", "python3", "python"):
            found = shutil.which(name, path=folder)
            if found:
                yield Path(found)
    for root in _pyenv_roots():
        yield from sorted(root.glob("versions/3.10.*/bin/python3.10"), reverse=True)
    yield from sorted(installed.glob("*3.10*/bin/python3.10"), reverse=True)


def _pyenv_roots() -> Iterator[Path]:
    if os.environ.get("PYENV_ROOT"):
        yield Path(os.environ["PYENV_ROOT"])
    try:
        answer = subprocess.run(
            ["pyenv", "root"], capture_output=True, text=True, timeout=_SECONDS, check=False
        )
        if answer.returncode == 0 and answer.stdout.strip():
            yield Path(answer.stdout.strip())
    except (OSError, subprocess.TimeoutExpired):
        pass
    yield Path.home() / ".pyenv"
