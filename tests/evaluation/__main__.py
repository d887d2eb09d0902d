"""``make eval``: every question of ``data/evaluation`` through the whole running hotline, one table, and the floors.

    python -m tests.evaluation                   start a hotline, ask everything, print the table
    python -m tests.evaluation --errors          the same, and list what went wrong
    python -m tests.evaluation --only matters    one part: intents, matters, emergencies or dialogues
    python -m tests.evaluation --url http://…    ask a hotline that runs already (its settings must be this machine's)

What falls below ``floors.yml`` makes it fail.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from hotline.commands.client import Service
from hotline.evaluation.questions import PARTS, read_floors
from hotline.evaluation.runner import evaluate, show
from hotline.run.progress import say, speak_any_locale
from hotline.settings import get_settings
from tests.running import running

ROOT = Path(__file__).resolve().parents[2]


@contextlib.contextmanager
def service(url: str | None) -> Iterator[Service]:
    """A hotline to ask: the one at ``url``, or one of our own."""
    if url is not None:
        yield Service(url)
        return
    out = ROOT / "var" / "test"
    out.mkdir(parents=True, exist_ok=True)
    with running(out / "evaluation-run.log") as hotline:
        os.environ["HOTLINE_VAR_DIR"] = str(hotline.var)
        get_settings.cache_clear()
        yield Service(hotline.url)


def main() -> int:
    """See the module."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--errors", action="store_true")
    parser.add_argument("--only", choices=[*PARTS, "dialogues"])
    parser.add_argument("--url")
    given = parser.parse_args()
    speak_any_locale()
    started = time.monotonic()
    with service(given.url) as target:
        figures = evaluate(target, given.only, given.errors)
    good = show(figures, read_floors())
    say(f"共 {time.monotonic() - started:.0f} 秒")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
