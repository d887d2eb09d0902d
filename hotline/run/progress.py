"""Shows what takes long: one line a step, with its seconds.

Standard library only: the set-up, which runs before anything is installed, uses it too.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import threading
import time
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

_NAME_WIDTH = 34
#: Seconds between two signs of life on a terminal, and in a log.
_BEAT = 1.0
_LOG_BEAT = 20.0


class StepFailed(Exception):
    """A step did not succeed; the message tells the operator what to do."""


def pad(text: str, width: int) -> str:
    """``text`` filled up with blanks to ``width`` columns; a Chinese character takes two."""
    taken = sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
    return text + " " * max(0, width - taken)


def say(text: str, out: TextIO | None = None) -> None:
    """Print a line at once, also into a pipe."""
    print(text, file=out or sys.stdout, flush=True)


def speak_any_locale() -> None:
    """Print Chinese where the locale can, and question marks where it cannot, instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


@contextmanager
def step(name: str, out: TextIO | None = None) -> Iterator[None]:
    """Show that ``name`` is under way, and how long it took."""
    stream = out or sys.stdout
    started = time.monotonic()
    ended = threading.Event()
    beat = threading.Thread(target=_show_life, args=(name, started, ended, stream), daemon=True)
    if not stream.isatty():
        say(f"  {name} …", stream)
    beat.start()
    word = "失败"
    try:
        yield
        word = "完成"
    finally:
        ended.set()
        beat.join()
        start = "\r" if stream.isatty() else ""
        say(f"{start}  {pad(name, _NAME_WIDTH)} {word} {time.monotonic() - started:6.1f} 秒", stream)


def _show_life(name: str, started: float, ended: threading.Event, out: TextIO) -> None:
    terminal = out.isatty()
    while not ended.wait(_BEAT if terminal else _LOG_BEAT):
        seconds = time.monotonic() - started
        if terminal:
            print(f"\r  {pad(name, _NAME_WIDTH)} …… {seconds:5.0f} 秒", end="", file=out, flush=True)
        else:
            say(f"  {name} …… 已 {seconds:.0f} 秒", out)


def tail(path: Path, lines: int = 25) -> str:
    """The last lines of a log."""
    try:
        return "\n".join(path.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
    except OSError:
        return ""


def run_logged(
    command: Sequence[object],
    log: Path,
    *,
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
    hint: str = "",
) -> None:
    """Run a command with its output in ``log``.

    Raises:
        StepFailed: it failed; the message has the log's end, and ``hint``.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as file:
        try:
            code = subprocess.run(
                [str(part) for part in command],
                cwd=cwd,
                env=dict(environment) if environment is not None else dict(os.environ),
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                check=False,
            ).returncode
        except OSError as error:
            raise StepFailed(f"无法运行 {command[0]}：{error}\n{hint}".strip()) from error
    if code:
        words = [tail(log), f"命令失败（{code}）：{' '.join(map(str, command))}", f"全部输出：{log}", hint]
        raise StepFailed("\n".join(word for word in words if word))
