"""The topics a complaint can be about: areas, their topics, and the example sentences of each.

``data/dispatch/taxonomy.yml`` names them, ``data/dispatch/examples/*.yml`` says how citizens speak of them.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml


class TaxonomyError(ValueError):
    """The taxonomy or its examples have mistakes; the message is Chinese and names file and place."""


@dataclass(frozen=True)
class Topic:
    """One topic (事项). ``path`` is its place in the province's classification, ``一级/二级``."""

    code: str
    name: str
    area: str
    path: str

    @property
    def field(self) -> str:
        """The first level of :attr:`path`: 城乡建设, 环境保护 …"""
        return self.path.split("/")[0]


@dataclass(frozen=True)
class Taxonomy:
    """All topics by code, in the order of the file, and the names of their areas."""

    topics: Mapping[str, Topic]
    areas: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def load(cls, path: Path) -> Taxonomy:
        """Read the taxonomy.

        Raises:
            TaxonomyError: it cannot be read, a code stands twice, or something is missing.
        """
        content = _read(path)
        areas: dict[str, str] = {}
        topics: dict[str, Topic] = {}
        for area in _list(content.get("areas") if isinstance(content, dict) else None, path.name, "areas"):
            code, name = _word(area, "code", path), _word(area, "name", path)
            if code in areas:
                raise TaxonomyError(f"{path.name}：领域编号 {code} 写了两次。")
            areas[code] = name
            for item in _list(area.get("topics"), path.name, f"领域 {code} 的 topics"):
                topic = Topic(
                    _word(item, "code", path), _word(item, "name", path), code, _word(item, "field", path)
                )
                if topic.code in topics:
                    raise TaxonomyError(f"{path.name}：事项编号 {topic.code} 写了两次。")
                topics[topic.code] = topic
        return cls(topics, areas)

    def area_name(self, code: str) -> str:
        """The name of the area that the topic ``code`` belongs to."""
        return self.areas[self.topics[code].area]

    def title(self, code: str) -> str:
        """Area and topic in words, for people: ``城市管理与环境 / 噪声扰民``."""
        return f"{self.area_name(code)} / {self.topics[code].name}"

    def examples(self, folder: Path) -> dict[str, list[str]]:
        """The example sentences of the topics that have some.

        Raises:
            TaxonomyError: a file cannot be read, a code is unknown or stands twice in a file, or there are none.
        """
        found: dict[str, list[str]] = {}
        for path in sorted(folder.glob("*.yml")):
            content = _read(path)
            if content is None:
                continue
            if not isinstance(content, dict):
                raise TaxonomyError(f"{path.name} 应该是“事项编号: 句子列表”的形式。")
            for code, sentences in content.items():
                if not isinstance(code, str):
                    raise TaxonomyError(f'{path.name}：编号 {code} 要加引号，例如 "0701"。')
                if code not in self.topics:
                    raise TaxonomyError(f"{path.name}：事项编号 {code} 在 taxonomy.yml 里没有。")
                kept = found.setdefault(code, [])
                for sentence in _list(sentences, path.name, f"{code} 的句子"):
                    if not isinstance(sentence, str) or not sentence.strip():
                        raise TaxonomyError(
                            f"{path.name}：{code} 里的“{sentence}”不是一句话，请加引号或删掉。"
                        )
                    kept.append(sentence.strip())
        if not found:
            raise TaxonomyError(f"{folder} 里没有训练句子。")
        return found


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML in which a key that stands twice is a mistake, not the end of the first one's content."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise TaxonomyError(f"第 {node.start_mark.line + 1} 行起的内容里“{key}”写了两次。")
        found: dict[Hashable, Any] = super().construct_mapping(node, deep)
        return found


def _read(path: Path) -> Any:
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)
    except OSError as error:
        raise TaxonomyError(f"{path} 读不出来：{error.strerror}。") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise TaxonomyError(f"{path.name} 的写法有误：{error}") from error
    except TaxonomyError as error:
        raise TaxonomyError(f"{path.name}：{error}") from None


def _list(value: Any, file: str, what: str) -> list[Any]:
    if not isinstance(value, list) or not value:
        raise TaxonomyError(f"{file}：{what} 应该是列表，而且不能空。")
    return value


def _word(item: Any, name: str, path: Path) -> str:
    value = item.get(name) if isinstance(item, dict) else None
    if not isinstance(value, str) or not value:
        raise TaxonomyError(f"{path.name}：“{item}”缺少 {name}，编号要加引号。")
    return value
