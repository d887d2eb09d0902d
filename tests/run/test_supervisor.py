"""Whatever is killed is running again at once, and nothing is left when all is over."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from hotline.run.programs import Place, Program
from hotline.run.supervisor import Supervisor
from tests.run.waiting import wait_for

SLEEPER = [sys.executable, "-c", "import time; print('到了 100%', flush=True); time.sleep(600)"]
DYING = [sys.executable, "-c", "import time; time.sleep(1.2); raise SystemExit(7)"]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "带 空格 and 100%" / "var")


@pytest.fixture
def supervisor(place: Place) -> Iterator[Supervisor]:
    """Two sleeping programs."""
    programs = [Program("one", SLEEPER), Program("two", SLEEPER)]
    started = Supervisor(place, programs, dict(os.environ))
    started.start()
    for program in programs:
        started.start_program(program.name)
    wait_for(lambda: all(started.info(p.name)["statename"] == "RUNNING" for p in programs))
    yield started
    started.stop()


def pid_of(supervisor: Supervisor, name: str) -> int:
    return int(supervisor.info(name)["pid"])


def test_a_killed_program_is_started_again(supervisor: Supervisor) -> None:
    before = pid_of(supervisor, "one")
    os.kill(before, signal.SIGKILL)
    wait_for(lambda: pid_of(supervisor, "one") not in (0, before), 5)


def test_stopping_ends_every_process(supervisor: Supervisor) -> None:
    pids = [pid_of(supervisor, "one"), pid_of(supervisor, "two")]
    supervisor.stop()
    assert not supervisor.alive
    assert not any(psutil.pid_exists(pid) for pid in pids)


def test_programs_of_a_killed_supervisord_are_ended_and_started_anew(supervisor: Supervisor) -> None:
    orphan = pid_of(supervisor, "one")
    assert supervisor._process is not None
    supervisor._process.kill()
    wait_for(lambda: not supervisor.alive)
    assert psutil.pid_exists(orphan)

    supervisor.start()
    assert not psutil.pid_exists(orphan)
    supervisor.start_program("one")
    wait_for(lambda: supervisor.info("one")["statename"] == "RUNNING")


def test_what_a_program_prints_is_in_its_log(supervisor: Supervisor, place: Place) -> None:
    wait_for(lambda: "到了 100%" in (place.log / "one.log").read_text())


def test_only_this_user_may_command(supervisor: Supervisor) -> None:
    assert supervisor.socket.stat().st_mode & 0o077 == 0


def test_a_program_that_always_fails_is_tried_again_and_again(place: Place) -> None:
    supervisor = Supervisor(place, [Program("dying", DYING)], dict(os.environ))
    supervisor.start()
    try:
        supervisor.start_program("dying")
        seen: set[int] = set()
        wait_for(lambda: len(seen.add(pid_of(supervisor, "dying")) or seen - {0}) >= 3, 15)
    finally:
        supervisor.stop()
