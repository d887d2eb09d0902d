"""Draws the growth curves; runs in Rasa's environment, which has matplotlib: ``python -m bench.draw growth.json docs``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

_BLUE, _GREY = "#1f4e9c", "#8a8f98"


def _curve(path: Path, lines: dict[str, dict[str, float]], across: str, title: str) -> None:
    figure, axes = plt.subplots(figsize=(6.4, 3.6), dpi=120)
    for color, (name, points) in zip((_BLUE, _GREY), lines.items(), strict=False):
        axes.plot([int(x) for x in points], list(points.values()), marker="o", color=color, label=name)
    axes.set_ylim(bottom=0)
    axes.set_xlabel(across)
    axes.set_ylabel("ms")
    axes.set_title(title, fontsize=11)
    axes.grid(alpha=0.25)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    if len(lines) > 1:
        axes.legend(frameon=False)
    figure.tight_layout()
    figure.savefig(path)


def main(figures: Path, folder: Path) -> None:
    """Draw what ``figures`` holds into ``folder``."""
    found: dict[str, Any] = json.loads(figures.read_text(encoding="utf-8"))
    folder.mkdir(parents=True, exist_ok=True)
    if "conversation" in found:
        _curve(folder / "conversation.png", found["conversation"], "message of the conversation", "One turn")
    if "matters" in found:
        _curve(folder / "matters.png", {"search": found["matters"]}, "matters", "One search")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
