"""When a matter has to be looked at again, and when what it says ends. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Literal

from hotline.yaml_files import read_yaml

Due = Literal["已失效", "待复核", "即将失效"]
#: The worst first.
DUES: tuple[Due, ...] = ("已失效", "待复核", "即将失效")


@dataclass(frozen=True)
class Rule:
    """The office's own rule. ``confirm``: it has to be confirmed by the office."""

    days: int = 180
    soon_days: int = 30
    confirm: bool = True

    @classmethod
    def load(cls, city_dir: Path) -> Rule:
        """Read the city's ``knowledge.yml``, when there is one."""
        path = city_dir / "knowledge.yml"
        if not path.exists():
            return cls()
        review = (read_yaml(path) or {}).get("review") or {}
        return cls(
            days=int(review.get("days", cls.days)),
            soon_days=int(review.get("soon_days", cls.soon_days)),
            confirm=bool(review.get("confirm", True)),
        )


def review_day(content: Mapping[str, Any], rule: Rule) -> date | None:
    """The day on which the matter has to be looked at: its own, or so long after its sources were checked last."""
    own = _day(content.get("review_on"))
    if own is not None:
        return own
    checked = [day for day in (_day(item.get("checked")) for item in content.get("source") or ()) if day]
    return max(checked) + timedelta(days=rule.days) if checked else None


def dues(content: Mapping[str, Any], rule: Rule, today: date) -> list[Due]:
    """What is due today."""
    found: list[Due] = []
    ends, review = _day(content.get("valid_to")), review_day(content, rule)
    if ends is not None and ends < today:
        found.append("已失效")
    if review is not None and review <= today:
        found.append("待复核")
    if ends is not None and today <= ends <= today + timedelta(days=rule.soon_days):
        found.append("即将失效")
    return found


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(str(value)) if value else None
    except ValueError:
        return None
