"""The embedded server outlives a kill -9 of itself and of its keeper, and leaves nothing behind when it is stopped."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from hotline.run import database
from tests.run.waiting import wait_for

ROOT = Path(__file__).resolve().parents[2]


def keeper(folder: Path) -> subprocess.Popen[bytes]:
    """The program ``hotline database``."""
    code = f"from pathlib import Path; from hotline.run.database import serve; serve(Path({str(folder)!r}))"
    return subprocess.Popen([sys.executable, "-c", code], cwd=ROOT)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A data directory; whatever runs on it is stopped at the end."""
    yield tmp_path / "var" / "postgres"
    database.stop(tmp_path / "var" / "postgres")


def answers(folder: Path) -> int | None:
    """The server's process, when it answers."""
    try:
        psycopg.connect(
            database.address(folder).replace("/hotline?", "/postgres?"), connect_timeout=2
        ).close()
    except psycopg.OperationalError:
        return None
    process = database.running(folder)
    return process.pid if process else None


def test_a_killed_server_is_back_and_a_killed_keeper_finds_it_again(folder: Path) -> None:
    first = keeper(folder)
    before = wait_for(lambda: answers(folder))

    os.kill(before, signal.SIGKILL)
    after = wait_for(lambda: (pid := answers(folder)) and pid != before and pid)

    first.kill()
    first.wait()
    second = keeper(folder)
    time.sleep(2)
    assert answers(folder) == after, "the running server was to be kept"

    os.kill(after, signal.SIGKILL)
    last = wait_for(lambda: (pid := answers(folder)) and pid != after and pid)
    second.terminate()
    assert second.wait(30) == 0
    assert not psutil.pid_exists(last)
    assert database.running(folder) is None


def test_a_pid_file_with_somebody_elses_number_does_not_stop_it(folder: Path) -> None:
    database.prepare(folder)
    (folder / "postmaster.pid").write_text(f"{os.getpid()}\n{folder}\n1\n5432\n{folder}\n\n1 1\nready\n")
    assert database.running(folder) is None
    process = keeper(folder)
    wait_for(lambda: answers(folder))
    process.terminate()
    assert process.wait(30) == 0


def test_a_broken_off_first_start_is_begun_anew(folder: Path) -> None:
    half = folder.with_name(".postgres-new")
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    database.prepare(folder)
    assert (folder / "global").is_dir()
    assert not half.exists()


def test_a_long_path_gets_a_private_place_for_its_socket(tmp_path: Path) -> None:
    deep = tmp_path / ("很长的目录名" * 8) / "postgres"
    address = database.address(deep)
    assert len(os.fsencode(str(database._socket_folder(deep)))) < database.LONGEST_SOCKET
    assert address.startswith("postgresql://postgres@/hotline?host=/")
