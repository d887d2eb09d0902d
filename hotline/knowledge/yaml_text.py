"""Writes a matter as the YAML that people edit: the same order of fields, short items on one line."""

from __future__ import annotations

import io
from typing import Any

import yaml

from hotline.knowledge.schema import Matter

_WIDTH = 110
#: Lists of short names, written as [one, two].
_FLOW = frozenset({"aliases", "bundle", "districts"})
#: Items written over several lines.
_BLOCK_ITEMS = frozenset({"source"})


class _Dumper(yaml.SafeDumper):
    """Indents lists below their field, and writes a date that comes twice twice."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _plain(matter: Matter) -> dict[str, Any]:
    """The fields without those that say nothing: empty ones, and defaults."""
    content: dict[str, Any] = {}
    for name, value in matter.model_dump(mode="python", exclude_defaults=True).items():
        if value not in (None, [], {}):
            content[name] = value
    for item in content.get("time_limit", []):
        item["number"] = int(item["number"]) if float(item["number"]).is_integer() else item["number"]
    return content


def write_matter(matter: Matter) -> str:
    """The text of the matter's file."""
    dumper = _Dumper(io.StringIO(), sort_keys=False)
    pairs = []
    for name, value in _plain(matter).items():
        node = dumper.represent_data(value)
        if isinstance(node, yaml.CollectionNode) and (name in _FLOW or isinstance(node, yaml.MappingNode)):
            node.flow_style = True
        elif isinstance(node, yaml.SequenceNode):
            node.flow_style = False
            for item in node.value:
                if isinstance(item, yaml.MappingNode):
                    item.flow_style = name not in _BLOCK_ITEMS
        pairs.append((dumper.represent_data(name), node))
    root = yaml.MappingNode("tag:yaml.org,2002:map", pairs, flow_style=False)
    text = yaml.serialize(root, Dumper=_Dumper, width=_WIDTH, allow_unicode=True)
    assert isinstance(text, str)
    return text
