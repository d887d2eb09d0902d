"""What one matter (事项) of the knowledge base holds.

One YAML file under ``data/knowledge/<area>/<code>.yml`` is one :class:`Matter`. The models say what a
field may hold; every validation message is Chinese, because knowledge editors read it.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

Area = Literal["medical", "school", "social_insurance", "enterprise", "life"]

AREA_NAMES: dict[str, str] = {
    "medical": "看病医保",
    "school": "入学教育",
    "social_insurance": "社保就业",
    "enterprise": "企业办事",
    "life": "生活大事",
}

#: The nine aspects a citizen asks about, plus the three that only an answer card shows.
ASPECT_NAMES: dict[str, str] = {
    "conditions": "办理条件",
    "materials": "要带的材料",
    "process": "办理步骤",
    "time_limit": "办理时限",
    "fee": "费用",
    "channel": "网上办理",
    "location": "办理地点",
    "phone": "咨询电话",
    "basis": "政策依据",
    "policy": "标准和规定",
    "bundle": "一次联办的事",
    "faqs": "常见问题",
}


def _clean(value: str) -> str:
    text = value.strip()
    if not text:
        raise ValueError("不能是空的")
    if "原值" in text:
        raise ValueError("不能写“原值”，请把时限写进 time_limit 并标 confirm: true")
    return text


Text = Annotated[str, AfterValidator(_clean)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Material(_Strict):
    """One thing the citizen needs."""

    name: Text
    #: Who provides it: 申请人, 单位, 医院, 系统生成 …
    provider: Text = "申请人"
    #: When it is needed; absent means always.
    when: Text | None = None
    #: True: an electronic licence or online check replaces the paper; None: the source does not say.
    electronic: bool | None = None
    note: Text | None = None


class TimeLimit(_Strict):
    """How long a step takes. ``confirm`` marks a figure whose unit the source does not state."""

    #: What the limit is for: 整体, 养老金申领 …
    name: Text = "整体"
    number: Annotated[float, Field(gt=0)]
    unit: Literal["working_day", "day", "hour", "month", "year"] = "working_day"
    kind: Literal["statutory", "promised"]
    note: Text | None = None
    confirm: bool = False


class Fee(_Strict):
    text: Text
    confirm: bool = False


class Channel(_Strict):
    """An online way, named as the source names it."""

    name: Text
    address: Text | None = None
    note: Text | None = None


class Location(_Strict):
    name: Text
    address: Text | None = None
    hours: Text | None = None
    checked: date
    confirm: bool = False


class Phone(_Strict):
    """A telephone number, with the area code where the source gives or implies it."""

    number: Text
    use: Literal["咨询", "监督", "热线"]
    name: Text | None = None
    checked: date
    confirm: bool = False

    @field_validator("number")
    @classmethod
    def _number(cls, value: str) -> str:
        if not re.fullmatch(r"(0\d{2,3}-)?\d{7,8}|(0\d{2,3}-)?(12|11)\d{3}|\d{3}", value):
            raise ValueError("电话号码写法不对，应是 0731-28681541 或 12333 这样")
        return value


class Basis(_Strict):
    law: Text
    article: Text | None = None
    text: Text | None = None


class Policy(_Strict):
    """An amount, rate or rule. ``year`` says which year it holds for, when it changes by the year."""

    text: Text
    year: Text | None = None
    confirm: bool = False


class Faq(_Strict):
    question: Text
    answer: Text


class Source(_Strict):
    title: Text
    address: Text | None = None
    checked: date
    confidence: Literal["A", "B"]


class Matter(_Strict):
    """One matter of the knowledge base. Rules and figures: see ``source``."""

    code: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{2,40}$")]
    title: Text
    area: Area
    aliases: list[Text] = []
    audience: Text
    summary: Text
    conditions: list[Text] = []
    materials: list[Material] = []
    process: list[Text] = []
    time_limit: list[TimeLimit] = []
    fee: Fee | None = None
    channel: list[Channel] = []
    location: list[Location] = []
    phone: list[Phone] = []
    basis: list[Basis] = []
    policy: list[Policy] = []
    bundle: list[Text] = []
    faqs: list[Faq] = []
    unit: Text
    #: Names of the districts the matter is limited to; empty means the whole city.
    districts: list[Text] = []
    samples: Annotated[list[Text], Field(min_length=8)]
    source: Annotated[list[Source], Field(min_length=1)]
    #: What the office has to confirm; shown to agents and editors only.
    to_confirm: list[Text] = []
    valid_from: date
    valid_to: date | None = None
    #: When somebody has to look whether all of it is still so; None: some time after its sources were checked last.
    review_on: date | None = None

    @model_validator(mode="after")
    def _whole(self) -> Matter:
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError("valid_to 早于 valid_from")
        if len(set(self.samples)) != len(self.samples):
            raise ValueError("samples 里有重复的问法")
        flags = [item.confirm for item in self.time_limit] + [item.confirm for item in self.location]
        flags += [item.confirm for item in self.phone] + [item.confirm for item in self.policy]
        flagged = any(flags) or (self.fee is not None and self.fee.confirm)
        if flagged and not self.to_confirm:
            raise ValueError("有标了 confirm: true 的内容，请在 to_confirm 里写明要核对什么")
        return self

    def aspects(self) -> list[str]:
        """The aspects this matter can answer, in the order of :data:`ASPECT_NAMES`."""
        return [name for name in ASPECT_NAMES if getattr(self, name)]
