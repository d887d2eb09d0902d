"""What editors have approved, as files that are looked at and committed: corrections, and questions outside the base."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from hotline.knowledge.files import read_not_covered
from hotline.quality.training_file import corrections_text

CORRECTIONS = Path("nlu") / "corrections.yml"
NOT_COVERED = Path("knowledge") / "not_covered.txt"
_HEADING = "# 质检复核通过的"


def write_files(data_dir: Path, corrections: Sequence[tuple[str, str]], outside: Sequence[str]) -> list[Path]:
    """Write them into the data folder, whole or not at all; the files that are changed."""
    wanted = {data_dir / NOT_COVERED: _with_outside(data_dir / NOT_COVERED, outside)}
    if corrections:  # an empty training file teaches nothing, and a new file trains anew
        wanted[data_dir / CORRECTIONS] = corrections_text(corrections)
    elif (data_dir / CORRECTIONS).exists():
        wanted[data_dir / CORRECTIONS] = corrections_text([])
    changed = []
    for path, text in wanted.items():
        if text is not None and (not path.exists() or path.read_text(encoding="utf-8") != text):
            beside = path.with_name(f"{path.name}.new")
            beside.write_text(text, encoding="utf-8")
            os.replace(beside, path)
            changed.append(path)
    return changed


def _with_outside(path: Path, outside: Sequence[str]) -> str | None:
    """The text of ``not_covered.txt`` with those that are missing at its end; None: none is."""
    there = set(read_not_covered(path)) if path.exists() else set()
    missing = [text for text in dict.fromkeys(outside) if text not in there and not text.startswith("#")]
    if not missing:
        return None
    text = path.read_text(encoding="utf-8").rstrip("\n") if path.exists() else ""
    heading = [] if _HEADING in text else ["", _HEADING]
    return "\n".join([text, *heading, *missing]) + "\n"
