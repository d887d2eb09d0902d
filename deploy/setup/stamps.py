"""Remembers what was built from which inputs, so that nothing is done twice."""

from __future__ import annotations

import fcntl
import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"


def digest(inputs: Iterable[Path | str]) -> str:
    """A hash of files and words; the words hold what else matters: a place, a version."""
    total = hashlib.sha256()
    for item in inputs:
        if isinstance(item, Path):
            total.update(f"{item.name}\0".encode() + item.read_bytes())
        else:
            total.update(item.encode())
        total.update(b"\0")
    return total.hexdigest()


class Stamp:
    """The mark that ``name`` was built from ``inputs``."""

    def __init__(self, name: str, inputs: Iterable[Path | str]) -> None:
        """Hash the inputs."""
        self._file = VENV / "stamps" / name
        self._digest = digest(inputs)

    @property
    def fresh(self) -> bool:
        """Whether the newest build is from the same inputs."""
        return self._file.exists() and self._file.read_text() == self._digest

    def set(self) -> None:
        """Mark it as built."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._file.write_text(self._digest)


@contextmanager
def one_at_a_time(name: str) -> Iterator[None]:
    """Two ``make`` at once do not build the same thing at once."""
    folder = VENV / "stamps"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
