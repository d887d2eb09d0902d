"""Which units are served by which system: ``data/city/<city>/outside.yml``; and the keys, which are never data."""

from __future__ import annotations

import re
import ssl
import stat
from collections.abc import Collection, Container, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import httpx
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from hotline.settings import Settings
from hotline.yaml_files import read_yaml

#: A key shorter than this can be guessed.
SHORTEST_KEY = 32

#: Each wait is twice the one before: twelve tries in 17 hours, so that a night without a system costs nothing.
_RETRY_SECONDS = tuple(30 * 2**n for n in range(11))


class SetupError(ValueError):
    """``outside.yml`` or the file of keys has mistakes; the message is Chinese."""


class System(BaseModel):
    """One system.

    Attributes:
        code: its name between the two; stands in the headers and in the file of keys.
        base: where its interface begins, without a slash at the end.
        units: codes of the units whose orders it takes.
        caller_phone: it may have the caller's telephone number (never that of a 举报 or a confidential order).
        allow_http: for lines that nobody else can listen on.
        ca_file: certificates of the authority that has signed its own, when that is not a public one.
        timeout_seconds: for one request, from the first byte to the last.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{1,31}$")]
    name: Annotated[str, Field(min_length=1, max_length=60)]
    base: str
    units: Annotated[tuple[str, ...], Field(min_length=1)]
    caller_phone: bool = False
    allow_http: bool = False
    ca_file: Path | None = None
    timeout_seconds: Annotated[float, Field(gt=0, le=60)] = 10

    @field_validator("units", mode="before")
    @classmethod
    def _codes(cls, given: Any) -> Any:
        # 430211 without quotes is a number for YAML.
        return [str(code) for code in given] if isinstance(given, list) else given

    @field_validator("base")
    @classmethod
    def _address(cls, given: str) -> str:
        try:
            url = httpx.URL(given)
        except httpx.InvalidURL:
            raise ValueError("not an address") from None
        plain = url.scheme in ("https", "http") and re.fullmatch(rb"[a-z0-9.:-]+", url.raw_host)
        if not plain or url.query or url.fragment or url.userinfo:
            raise ValueError("not an address")
        return given.rstrip("/")


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    systems: tuple[System, ...] = ()
    retry_seconds: Annotated[
        tuple[Annotated[int, Field(ge=1, le=7 * 86400)], ...], Field(min_length=1, max_length=50)
    ] = _RETRY_SECONDS


class Systems:
    """All systems that are connected."""

    def __init__(
        self, systems: Collection[System] = (), *, retry_seconds: tuple[int, ...] = _RETRY_SECONDS
    ) -> None:
        """
        Args:
            retry_seconds: the waits after the first failed try, the second …; after one more it is a dead letter.
        """
        self._by_code = {system.code: system for system in systems}
        self._by_unit = {unit: system for system in systems for unit in system.units}
        self.retry_seconds = retry_seconds

    @classmethod
    def load(cls, path: Path, units: Container[str]) -> Systems:
        """Read and check the file; without one there are no systems.

        Args:
            units: the codes there are.

        Raises:
            SetupError: what is wrong.
        """
        if not path.exists():
            return cls()
        try:
            file = _File.model_validate(read_yaml(path) or {})
        except ValidationError as error:
            where = "、".join(".".join(map(str, item["loc"])) for item in error.errors())
            raise SetupError(f"{path.name} 里这几处不对：{where}") from None
        except yaml.YAMLError as error:
            raise SetupError(f"{path.name} 读不懂：{error}") from None
        problems = list(_problems(file.systems, units))
        if problems:
            raise SetupError(f"{path.name}：" + "；".join(problems))
        return cls(file.systems, retry_seconds=file.retry_seconds)

    def __iter__(self) -> Iterator[System]:
        return iter(self._by_code.values())

    def __len__(self) -> int:
        return len(self._by_code)

    def get(self, code: str) -> System | None:
        """The system with this code."""
        return self._by_code.get(code)

    def of_unit(self, unit: str | None) -> System | None:
        """The system that takes the orders of ``unit``."""
        return self._by_unit.get(unit or "")


def _problems(systems: Collection[System], units: Container[str]) -> Iterator[str]:
    codes: set[str] = set()
    served: dict[str, str] = {}
    for system in systems:
        if system.code in codes:
            yield f"系统 {system.code} 写了两次"
        codes.add(system.code)
        if system.base.startswith("http:") and not system.allow_http:
            yield f"系统 {system.code} 的地址没有加密；确实走专网的，请写上 allow_http: true"
        if system.ca_file is not None:
            try:
                ssl.create_default_context(cafile=str(system.ca_file))
            except OSError as error:  # an SSLError is one
                yield f"系统 {system.code} 的 ca_file {system.ca_file} 读不了（{error}）"
        for unit in system.units:
            if unit not in units:
                yield f"系统 {system.code} 里的单位“{unit}”不在单位名录里"
            if unit in served:
                yield f"单位“{unit}”写了两次（{served[unit]}、{system.code}），一个单位只能归一个系统"
            served[unit] = system.code


@dataclass(frozen=True, kw_only=True)
class Keys:
    """The keys shared with one system: ours for what we send, and those it may sign with."""

    send: str
    receive: tuple[str, ...]

    def __repr__(self) -> str:
        return "Keys(…)"


def load_keys(settings: Settings, systems: Systems) -> Mapping[str, Keys]:
    """The keys of all systems, from the file that ``HOTLINE_OUTSIDE_SECRETS`` names.

    A file and not the environment: the environment is handed on to every program that is started, and one file with a
    mode of its own holds the keys of many systems, the old beside the new while they are changed.

    Raises:
        SetupError: the file is not there, others can read it, or a key is missing or short.
    """
    if not len(systems):
        return {}
    path = settings.outside_secrets or settings.var_dir / "secrets" / "outside.yml"
    if not path.exists():
        raise SetupError(f"外部系统的密钥文件 {path} 不存在，请按 docs/outside-system.md 建好。")
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise SetupError(f"密钥文件 {path} 别的用户也能读，请先运行：chmod 600 {path}")
    try:
        content = read_yaml(path)
    except (yaml.YAMLError, UnicodeDecodeError):
        # The parser's own words could show a key.
        raise SetupError(f"密钥文件 {path} 读不懂，请检查缩进和冒号。") from None
    return {system.code: _keys(content, system.code, path) for system in systems}


def _keys(content: Any, code: str, path: Path) -> Keys:
    given = content.get(code) if isinstance(content, dict) else None
    if not isinstance(given, dict):
        raise SetupError(f"密钥文件 {path} 里没有系统 {code} 的密钥。")
    receive = given.get("receive")
    received: list[Any] = receive if isinstance(receive, list) else [receive]
    for key in [given.get("send"), *(received or [None])]:
        if not isinstance(key, str) or len(key) < SHORTEST_KEY:
            raise SetupError(
                f"密钥文件 {path} 里系统 {code} 的 send、receive 都要写，每个至少 {SHORTEST_KEY} 个字符。"
            )
    return Keys(send=given["send"], receive=tuple(received))
