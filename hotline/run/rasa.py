"""Rasa's command line, started sooner; runs in Rasa's environment, on Python 3.10.

``run`` serves the model by ``components.serving`` alone. Everything else is Rasa's own command line. Both leave out what
the project's ``config.yml`` does not name (see ``hotline.run.light``), unless ``HOTLINE_LIGHT=false``.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from pathlib import Path

from hotline.run.light import COMPONENTS, leave_out


def may_leave_out_components(config: Path) -> bool:
    """Whether no component that needs TensorFlow is named."""
    names = "|".join(name for names in COMPONENTS.values() for name in names)
    return config.exists() and not re.search(rf"\b({names})\b", config.read_text(encoding="utf-8"))


def _option(name: str, default: str) -> str:
    """The value of an option of Rasa's command line."""
    return next((after for here, after in zip(sys.argv, sys.argv[1:]) if here == name), default)  # noqa: B905


def _serve() -> None:
    parser = argparse.ArgumentParser(prog="hotline.run.rasa run", description=__doc__)
    parser.add_argument("-i", "--interface", default="127.0.0.1")
    parser.add_argument("-p", "--port", type=int, default=15005)
    parser.add_argument("-m", "--model", type=Path, required=True)
    parser.add_argument("--endpoints", type=Path, default=Path("endpoints.yml"))
    given = parser.parse_args(sys.argv[2:])
    from components.serving import serve

    serve(given.model, given.endpoints, host=given.interface, port=given.port)


def main() -> None:
    """See the module."""
    light = os.environ.get("HOTLINE_LIGHT", "true").lower() not in ("false", "0", "no")
    serving = sys.argv[1:2] == ["run"]
    config = Path(_option("--config", "config.yml"))
    if light and may_leave_out_components(config):
        leave_out(components=True, serving=serving)
        if not re.search(r"^\s*pieces: sounds", config.read_text(encoding="utf-8"), re.MULTILINE):
            # The dictionary of whole words' sounds: single characters sound the same without it, and it takes 35 MB.
            os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
    if serving:
        _serve()
        return
    import skops.io  # noqa: F401  It looks through all loaded modules: 7.6 s when it comes last, 2 s when first.
    from rasa.__main__ import main as rasa_main

    rasa_main()


if __name__ == "__main__":
    main()
