"""The figures as Markdown tables, and where they stand in docs/performance.md."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; all columns but the first are figures."""
    lines = [head, ["---", *("---:" for _ in head[1:])], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def tables(figures: dict[str, Any]) -> dict[str, str]:
    """All tables that the figures allow, by name."""
    found = {}
    if "stock" in figures and "1" in figures["stock"] and "1" in figures.get("ours", {}):
        found["engines"] = _engines(figures)
    if "growth" in figures.get("stock", {}) and "growth" in figures.get("ours", {}):
        found["growth"] = _growth(figures)
        figures["conversation"] = {name: figures[name]["growth"] for name in ("ours", "stock")}
    if "matters" in figures:
        rows = [[f"{int(count):,}", f"{value:.2f}"] for count, value in figures["matters"].items()]
        found["matters"] = table(["matters", "one search, ms"], rows)
    if "whole" in figures:
        found["whole"] = _whole(figures["whole"])
    return found


def put(path: Path, parts: dict[str, str]) -> None:
    """Replace what stands between ``<!-- name -->`` and ``<!-- /name -->``."""
    text = path.read_text(encoding="utf-8")
    for name, content in parts.items():
        pattern = re.compile(rf"(<!-- {name} -->\n).*?(\n?<!-- /{name} -->)", re.DOTALL)
        text = pattern.sub(lambda match, new=content: f"{match[1]}{new}\n{match[2].lstrip()}", text)
    path.write_text(text, encoding="utf-8")


def _engines(figures: dict[str, Any]) -> str:
    stock, ours = figures["stock"], figures["ours"]
    training = figures.get("training")
    rows: list[list[str]] = []

    def add(name: str, one: float, other: float, unit: str, *, more_is_better: bool = False) -> None:
        ratio = other / one if more_is_better else one / other
        digits = 1 if max(one, other) < 100 else 0
        rows.append([f"{name}, {unit}", f"{one:,.{digits}f}", f"{other:,.{digits}f}", f"{ratio:.1f} ×"])

    if training:
        add("training", training["stock"]["seconds"], training["ours"]["seconds"], "s")
        add("training, processor", training["stock"]["cpu_seconds"], training["ours"]["cpu_seconds"], "s")
    add("start to first answer", stock["ready"], ours["ready"], "s")
    add("memory after the dialogues", stock["pss"], ours["pss"], "MB (PSS)")
    for callers in ("1", "8", "32"):
        who = "one caller" if callers == "1" else f"{callers} callers"
        one, other = stock[callers], ours[callers]
        add(f"{who}: turns", one["rate"], other["rate"], "a second", more_is_better=True)
        add(f"{who}: p50", one["p50"], other["p50"], "ms")
        add(f"{who}: p95", one["p95"], other["p95"], "ms")
        add(f"{who}: processor a turn", one["cpu"], other["cpu"], "ms")
    return table(["", "stock", "ours", "better by"], rows)


def _growth(figures: dict[str, Any]) -> str:
    places = list(figures["ours"]["growth"])
    rows = []
    for name in ("stock", "ours"):
        found = figures[name]["growth"]
        values = [f"{found[place]:.1f}" for place in places]
        rows.append([name, *values, f"{found[places[-1]] / found[places[0]]:.2f}"])
    return table(["message", *places, f"{places[-1]} / {places[0]}"], rows)


def _whole(figures: dict[str, Any]) -> str:
    programs = list(figures["memory"])
    rows = []
    for callers in ("1", "8", "32"):
        found = figures[callers]
        cpu = [f"{found['cpu'][program]:.1f}" for program in programs]
        rows.append([callers, f"{found['rate']:.1f}", f"{found['p50']:.0f}", f"{found['p95']:.0f}", *cpu])
    memory = ["memory, MB (PSS)", "", "", "", *(f"{figures['memory'][program]:.0f}" for program in programs)]
    head = ["callers", "turns a second", "p50, ms", "p95, ms"]
    return table([*head, *(f"{program}, ms a turn" for program in programs)], [*rows, memory])
