"""``python -m deploy.setup PART…``: builds what is missing or out of date, and shows what takes long."""

from __future__ import annotations

import sys
from collections.abc import Callable

from deploy.setup import browser, environments, locking, web
from hotline.run.progress import StepFailed, say, speak_any_locale

PARTS: dict[str, Callable[[], object]] = {
    "service": environments.service,
    "dev": lambda: environments.service(dev=True),
    "rasa": environments.rasa,
    "georeport": environments.georeport,
    "widget": web.WIDGET.build,
    "console": web.CONSOLE.build,
    "packages": web.packages,
}


def main(arguments: list[str]) -> int:
    """Build the named parts in their order; ``npm …``, ``chromium`` and ``lock …`` stand alone."""
    speak_any_locale()
    try:
        match arguments:
            case ["npm", *rest]:
                return web.npm(rest)
            case ["lock", *rest]:
                locking.lock(rest)
            case ["chromium"]:
                path = browser.chromium()
                if path is None:
                    return 3
                say(str(path))
            case parts if parts and all(part in PARTS for part in parts):
                for part in parts:
                    PARTS[part]()
            case _:
                say(f"用法：deploy/setup.sh {' | '.join(PARTS)} | npm [console] … | chromium | lock …")
                return 2
    except StepFailed as failure:
        say(f"\n{failure}", sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
