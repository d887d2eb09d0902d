"""Words of citizens as they go into files: without what points to a person. Pure."""

from __future__ import annotations

from hotline.language.erasing import erase
from hotline.language.identifiers import mask


def cleaned(text: str) -> str:
    """``text`` on one line, without numbers, names and addresses."""
    return " ".join(erase(mask(text.replace("\0", "").strip())).split())
