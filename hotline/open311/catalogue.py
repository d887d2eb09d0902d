"""The services of the open interface: which topics are open to other systems, and what has to be said with each.

From ``data/dispatch/open311.yml``; who offers them is in the city's ``hotline.yml``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from hotline.dispatch.taxonomy import Taxonomy
from hotline.work_orders.lifecycle import NATURES
from hotline.work_orders.models import SOURCES
from hotline.yaml_files import read_yaml

#: A 举报 is confidential; it has no place in an interface whose contents are published.
OPEN_NATURES = tuple(nature for nature in NATURES if nature != "举报")
#: The attribute that says which nature the request is of, whatever the service.
NATURE = "nature"

Datatype = Literal["string", "number", "datetime", "text", "singlevaluelist", "multivaluelist"]
_LISTS = ("singlevaluelist", "multivaluelist")
_Shape = TypeVar("_Shape", bound=BaseModel)


class CatalogueError(ValueError):
    """The files have mistakes; the message is Chinese and says where."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Attribute(_Part):
    """Something that is asked with a request; ``info`` is only said to the reader."""

    code: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]
    name: Annotated[str, Field(min_length=1, max_length=200)]
    help: str | None = None
    kind: Datatype
    required: bool = False
    info: bool = False
    values: dict[str, str] = {}

    def problems(self) -> Iterator[str]:
        """What is wrong with it, in Chinese."""
        if self.info and self.required:
            yield f"{self.code} 只是说明，不能必填"
        if (self.kind in _LISTS) != bool(self.values):
            yield f"{self.code} 的 values 和 kind 不相符"


class _Entry(_Part):
    explanation: Annotated[str, Field(alias="is", min_length=1, max_length=200)]
    nature: Literal["咨询", "求助", "投诉", "建议", "表扬"] = "求助"
    type: Literal["realtime", "batch"] = "realtime"
    keywords: tuple[Annotated[str, Field(pattern=r"^[^,]+$")], ...] = ()
    attributes: tuple[Attribute, ...] = ()


class _File(_Part):
    changed: str
    shared: dict[str, Any] = {}
    services: Annotated[dict[str, _Entry], Field(min_length=1)]


class _City(BaseModel):
    jurisdiction_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]
    published_sources: tuple[Literal[SOURCES], ...] = ()  # type: ignore[valid-type]


@dataclass(frozen=True, kw_only=True)
class Service:
    """One service: a topic that is open to other systems."""

    code: str
    name: str
    #: The name of the area it belongs to.
    group: str
    description: str
    keywords: tuple[str, ...]
    #: The nature of a request that does not say its own.
    nature: str
    #: The number is given at once, or for a token.
    type: Literal["realtime", "batch"]
    #: In the order in which they are to be shown.
    attributes: tuple[Attribute, ...]


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """All services by code, and who offers them."""

    services: Mapping[str, Service]
    #: When the services last changed.
    changed: datetime
    jurisdiction: str
    #: Ways in whose orders everybody may look up.
    published_sources: frozenset[str]
    hotline_name: str
    hotline_number: str

    @classmethod
    def load(cls, data_dir: Path, city_dir: Path) -> Catalogue:
        """Read and check the files.

        Raises:
            CatalogueError: something is wrong in one of them.
        """
        taxonomy = Taxonomy.load(data_dir / "dispatch" / "taxonomy.yml")
        path = data_dir / "dispatch" / "open311.yml"
        file = _checked(_File, _read(path), path)
        city_path = city_dir / "hotline.yml"
        hotline = _read(city_path)
        city = _checked(_City, hotline.get("open311"), city_path)
        problems = [problem for code, entry in file.services.items() for problem in _problems(code, entry)]
        problems += [f"没有 {code} 这个事项" for code in file.services if code not in taxonomy.topics]
        try:
            changed = datetime.fromisoformat(file.changed)
        except ValueError:
            changed = datetime.min
        if changed.tzinfo is None:
            problems.append("changed 要写成 2026-11-28T00:00:00+08:00 这样")
        if problems:
            raise CatalogueError(f"{path.name} 有错：\n" + "\n".join(problems))
        services = {
            code: Service(
                code=code,
                name=taxonomy.topics[code].name,
                group=taxonomy.area_name(code),
                description=entry.explanation,
                keywords=entry.keywords,
                nature=entry.nature,
                type=entry.type,
                attributes=entry.attributes,
            )
            for code, entry in file.services.items()
        }
        return cls(
            services=services,
            changed=changed,
            jurisdiction=city.jurisdiction_id,
            published_sources=frozenset(city.published_sources),
            hotline_name=hotline["name"],
            hotline_number=str(hotline["number"]),
        )


def _problems(code: str, entry: _Entry) -> Iterator[str]:
    counted = Counter(attribute.code for attribute in entry.attributes)
    yield from (f"{code}：{twice} 写了两次" for twice, count in counted.items() if count > 1)
    for attribute in entry.attributes:
        yield from (f"{code}：{problem}" for problem in attribute.problems())
        if attribute.code == NATURE and not set(attribute.values) <= set(OPEN_NATURES):
            yield f"{code}：诉求性质只能是{'、'.join(OPEN_NATURES)}"


def _read(path: Path) -> dict[str, Any]:
    try:
        content = read_yaml(path)
    except (OSError, yaml.YAMLError) as error:
        raise CatalogueError(f"{path.name} 读不出来：{error}") from None
    if not isinstance(content, dict):
        raise CatalogueError(f"{path.name} 是空的，或者写法不对。")
    return content


def _checked(shape: type[_Shape], content: Any, path: Path) -> _Shape:
    try:
        return shape.model_validate(content)
    except ValidationError as error:
        places = "；".join(".".join(map(str, item["loc"])) or "开放接口的设置" for item in error.errors()[:5])
        raise CatalogueError(f"{path.name} 的写法不对，请检查：{places}") from None
