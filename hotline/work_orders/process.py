"""What the office sets about the way of an order: ``data/city/<city>/process.yml``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from hotline.work_orders.lifecycle import Limits
from hotline.yaml_files import read_yaml

Days = Annotated[int, Field(ge=1, le=365)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AutomaticDispatch(_Part):
    """When the system accepts and dispatches by itself."""

    threshold: Annotated[float, Field(ge=0, le=1)] = 0.85
    natures: tuple[Literal["咨询", "求助", "投诉", "举报", "建议", "表扬"], ...] = (
        "咨询",
        "求助",
        "投诉",
        "建议",
        "表扬",
    )


class Extension(_Part):
    """延期."""

    times: Annotated[int, Field(ge=0, le=5)] = 1
    working_days: Days = 10


class Callback(_Part):
    """回访."""

    reminder_working_days: Days = 2
    working_days: Days = 5


class Redo(_Part):
    """重办."""

    times: Annotated[int, Field(ge=0, le=10)] = 2
    working_days: Days = 5


class SupervisionLevel(_Part):
    """One level of 督办; ``after_working_days`` past the promised date it is reached by itself, None: never."""

    name: str
    after_working_days: Annotated[int, Field(ge=0, le=365)] | None = None
    by: str = ""
    confirm: bool = False


class HotWindow(_Part):
    """Over which days hot issues are looked for, and from how many callers on.

    ``days`` counts calendar days and today is one of them. ``callers`` is for one place, ``matter_callers`` for one topic in
    one district; after ``half_life`` days a caller counts half.
    """

    name: Annotated[str, Field(min_length=1, max_length=20)]
    days: Annotated[int, Field(ge=1, le=60)]
    callers: Annotated[int, Field(ge=2, le=10_000)]
    matter_callers: Annotated[int, Field(ge=2, le=10_000)]
    half_life: Annotated[float, Field(gt=0, le=365)]


class HotIssues(_Part):
    """热点; ``remembered_days``: so long an issue that was quiet is known again."""

    windows: Annotated[tuple[HotWindow, ...], Field(min_length=1, max_length=6)] = (
        HotWindow(name="当日", days=1, callers=3, matter_callers=4, half_life=0.5),
        HotWindow(name="近7天", days=7, callers=4, matter_callers=10, half_life=3),
    )
    remembered_days: Days = 90

    @field_validator("windows")
    @classmethod
    def _one_name_each(cls, windows: tuple[HotWindow, ...]) -> tuple[HotWindow, ...]:
        if len({window.name for window in windows}) < len(windows):
            raise ValueError("two windows have one name")
        return windows


class ProcessError(ValueError):
    """``process.yml`` has mistakes; the message is Chinese."""


class Process(_Part):
    """All of it, with the defaults."""

    automatic_dispatch: AutomaticDispatch = AutomaticDispatch()
    answer_review: Literal["automatic", "manual"] = "automatic"
    acceptance_reminder_hours: Annotated[int, Field(ge=1, le=200)] = 4
    signing_reminder_hours: Annotated[int, Field(ge=1, le=200)] = 7
    warning_working_days: Days = 1
    return_working_days: Days = 1
    extension: Extension = Extension()
    suspension_working_days: Days = 10
    callback: Callback = Callback()
    redo: Redo = Redo()
    supervision: tuple[SupervisionLevel, ...] = (SupervisionLevel(name="热线督办", after_working_days=0),)
    enterprise_supervision: Annotated[int, Field(ge=0, le=9)] = 1
    hot_issues: HotIssues = HotIssues()
    retention_days: Annotated[int, Field(ge=30, le=36500)] = 1095
    conversation_retention_days: Annotated[int, Field(ge=30, le=36500)] = 365
    #: The parts that the office has not confirmed yet.
    confirm: tuple[str, ...] = ()

    @classmethod
    def load(cls, path: Path) -> Process:
        """Read the file.

        Raises:
            ProcessError: it cannot be read or a value is out of range.
        """
        try:
            return cls.model_validate(read_yaml(path))
        except ValidationError as error:
            where = "、".join(".".join(map(str, item["loc"])) for item in error.errors())
            raise ProcessError(f"{path.name} 里这几处不对：{where}") from None
        except yaml.YAMLError as error:
            raise ProcessError(f"{path.name} 读不懂：{error}") from None

    @property
    def limits(self) -> Limits:
        """What the lifecycle's guards need."""
        return Limits(
            extension_times=self.extension.times,
            extension_days=self.extension.working_days,
            redo_times=self.redo.times,
        )

    def level_name(self, level: int) -> str:
        """The name of a 督办 level, from 1."""
        return self.supervision[level - 1].name if 1 <= level <= len(self.supervision) else f"{level}级督办"
