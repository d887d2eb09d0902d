"""A verdict of the gate in words."""

from __future__ import annotations

from hotline.quality.gate import Verdict

_FIGURE = "{name} {value:.3f}，要求{bound} {floor:g}；"
_BROKEN = "有 {count} 个原来答对的问题会变差，如“{first}”。"


def verdict_words(verdict: Verdict, template: str) -> str:
    """Which figures fall, and how many questions get worse; ``template`` has ``{figures}`` and ``{broken}``."""
    figures = "".join(
        _FIGURE.format(
            name=figure.label,
            value=figure.value,
            bound="不高于" if figure.is_ceiling else "不低于",
            floor=figure.floor or 0.0,
        )
        for figure in verdict.figures
        if not figure.passed
    )
    broken = _BROKEN.format(count=len(verdict.broken), first=verdict.broken[0].text) if verdict.broken else ""
    return template.format(figures=figures, broken=broken)
