"""The table as people read it: a diagram and Markdown, as they stand in docs/work-orders.md."""

from __future__ import annotations

from hotline.work_orders.lifecycle.parts import ENDED, FIELDS
from hotline.work_orders.lifecycle.table import TABLE


def diagram() -> str:
    """The table as a Mermaid state diagram; actions that leave the state as it is are not drawn."""
    arrows: dict[tuple[str, str], list[str]] = {}
    for row in TABLE:
        for source in row.sources:
            if row.target is not None:
                who = "/".join(row.roles)
                arrows.setdefault((source, row.target), []).append(f"{row.action}（{who}）")
    lines = ["stateDiagram-v2", "    [*] --> 待受理: 提交"]
    lines += [
        f"    {source} --> {target}: {'<br/>'.join(dict.fromkeys(words))}"
        for (source, target), words in arrows.items()
    ]
    lines += [f"    {state} --> [*]" for state in ENDED]
    return "\n".join(lines)


def as_table() -> str:
    """The table in Markdown, one line a row."""
    lines = ["| 操作 | 从 | 到 | 谁 | 要填 | 计时 | 告诉市民 |", "|---|---|---|---|---|---|---|"]
    for row in TABLE:
        needs = "、".join(FIELDS[name] for name in row.needs)
        cells = [
            row.action,
            "、".join(row.sources),
            row.target or "不变",
            "、".join(row.roles),
            needs,
            row.clock,
        ]
        lines.append(f"| {' | '.join([*cells, '是' if row.tells else ''])} |")
    return "\n".join(lines)
