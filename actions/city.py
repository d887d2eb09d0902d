"""Where the city's data are, for the actions."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

from hotline.language.places import Gazetteer


def city_dir() -> Path:
    """The folder of the city that ``HOTLINE_CITY`` names (株洲 when it names none)."""
    root = Path(__file__).resolve().parent.parent
    data = Path(os.environ.get("HOTLINE_DATA_DIR", root / "data"))
    return data / "city" / os.environ.get("HOTLINE_CITY", "zhuzhou")


@lru_cache(maxsize=1)
def gazetteer() -> Gazetteer:
    """The city's places."""
    return Gazetteer.load(city_dir())
