"""Reads and checks the knowledge files, and says where a mistake is: file, line, what is wrong."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from hotline.knowledge.schema import Matter

_MESSAGES = {
    "missing": "缺少必填项",
    "extra_forbidden": "没有这个字段，检查拼写",
    "literal_error": "只能填规定的值：{expected}",
    "too_short": "条数不够，至少要 {min_length} 条",
    "string_type": "应该是文字（数字或“是/否”请加引号）",
    "list_type": "应该是列表，每条前面加“- ”",
    "date_from_datetime_parsing": "日期写法不对，应是 2026-07-21",
    "date_type": "日期写法不对，应是 2026-07-21",
    "date_parsing": "日期写法不对，应是 2026-07-21",
    "bool_parsing": "只能填 true 或 false",
    "bool_type": "只能填 true 或 false",
    "float_parsing": "应该是数字",
    "float_type": "应该是数字",
    "greater_than": "应该大于 {gt}",
    "model_type": "应该是一组“字段: 值”",
    "string_pattern_mismatch": "只能用小写字母、数字和下划线，字母开头",
}


@dataclass(frozen=True)
class Problem:
    """One mistake in one file. ``line`` counts from 1."""

    path: Path
    line: int
    field: str
    message: str

    def __str__(self) -> str:
        where = f"{self.path}:{self.line}"
        return f"{where}: {self.field}：{self.message}" if self.field else f"{where}: {self.message}"


def _line_of(root: yaml.Node | None, location: Iterable[Any]) -> int:
    """The line of the deepest node that ``location`` reaches."""
    node, line = root, 1 if root is None else root.start_mark.line + 1
    for part in location:
        found = None
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if key.value == str(part):
                    found, line = value, key.start_mark.line + 1
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            found = node.value[part]
            line = found.start_mark.line + 1
        if found is None:
            break
        node = found
    return line


def read_matter(path: Path) -> tuple[Matter | None, list[Problem]]:
    """Read one file; either the matter or the problems that keep it from being one."""
    text = path.read_text(encoding="utf-8")
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        raw = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        return None, [Problem(path, line, "", f"YAML 写法有误：{getattr(error, 'problem', error)}")]
    if not isinstance(raw, dict):
        return None, [Problem(path, 1, "", "文件应该是“字段: 值”的形式")]
    try:
        matter = Matter.model_validate(raw)
    except ValidationError as error:
        return None, [_problem(path, root, item) for item in error.errors()]
    problems = []
    if matter.code != path.stem:
        problems.append(Problem(path, _line_of(root, ["code"]), "code", f"应和文件名一致：{path.stem}"))
    if matter.area != path.parent.name:
        problems.append(
            Problem(path, _line_of(root, ["area"]), "area", f"应和所在文件夹一致：{path.parent.name}")
        )
    return matter, problems


def _problem(path: Path, root: yaml.Node | None, item: Any) -> Problem:
    location = list(item["loc"])
    return Problem(path, _line_of(root, location), ".".join(map(str, location)), describe(item))


def describe(item: Any) -> str:
    """One of pydantic's errors in Chinese."""
    template = _MESSAGES.get(item["type"])
    if template is None:
        return str(item["msg"]).removeprefix("Value error, ")
    return template.format(**item.get("ctx", {}))


def read_folder(folder: Path) -> tuple[list[Matter], list[Problem]]:
    """Read every ``<area>/<code>.yml`` under ``folder``, in the order of their paths."""
    matters: list[Matter] = []
    problems: list[Problem] = []
    titles: dict[str, Path] = {}
    for path in sorted(folder.glob("*/*.yml")):
        matter, found = read_matter(path)
        problems.extend(found)
        if matter is None:
            continue
        if matter.title in titles:
            problems.append(Problem(path, 1, "title", f"和 {titles[matter.title]} 的标题重复"))
        titles[matter.title] = path
        matters.append(matter)
    return matters, problems


def read_not_covered(path: Path) -> list[str]:
    """The questions that no matter answers: one a line, ``#`` begins a remark."""
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line and not line.startswith("#")]
