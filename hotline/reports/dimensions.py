"""By what figures are told apart: source, nature, place, matter, unit …"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Text, cast, func

from hotline.conversations.models import Conversation, Handover
from hotline.desk.texts import REASONS
from hotline.reports.indicators import Of
from hotline.work_orders.excel.places import PlaceNames
from hotline.work_orders.models import WorkOrder
from hotline.work_orders.office import Office

CHANNELS = {"web": "网页", "wechat": "微信", "api": "接口"}
_REASONS = REASONS | {"taken_over": "坐席主动接管"}


@dataclass(frozen=True)
class Names:
    """How codes are called."""

    office: Office
    places: PlaceNames
    #: Fields (two digits) of the topics.
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Dimension:
    """One of them. ``empty``: what is said of rows that have nothing there."""

    key: str
    name: str
    of: Of
    column: Any
    empty: str
    call: Callable[[Names, str], str]

    def label(self, names: Names, value: str | None) -> str:
        """How the value is called."""
        return self.call(names, value) if value else self.empty


def _itself(_: Names, value: str) -> str:
    return value


def _street(names: Names, value: str) -> str:
    name, area = names.places.streets.get(value, (value, ""))
    return f"{names.places.areas.get(area, '')}{name}"


DIMENSIONS: dict[str, Dimension] = {
    dimension.key: dimension
    for dimension in (
        Dimension(
            key="source", name="来源", of="orders", column=WorkOrder.source, empty="没有填", call=_itself
        ),
        Dimension(
            key="nature", name="类型", of="orders", column=WorkOrder.nature, empty="没有填", call=_itself
        ),
        Dimension(
            key="field",
            name="领域",
            of="orders",
            column=func.left(WorkOrder.topic, 2),
            empty="还没有分类",
            call=lambda names, value: names.fields.get(value, value),
        ),
        Dimension(
            key="topic",
            name="事项",
            of="orders",
            column=WorkOrder.topic,
            empty="还没有分类",
            call=lambda names, value: names.office.topics.get(value, value),
        ),
        Dimension(
            key="area",
            name="区县",
            of="orders",
            column=WorkOrder.area_code,
            empty="没有写明地点",
            call=lambda names, value: names.places.area(value) or value,
        ),
        Dimension(
            key="street",
            name="街道",
            of="orders",
            column=WorkOrder.street_code,
            empty="没有写明街道",
            call=_street,
        ),
        Dimension(
            key="unit",
            name="承办单位",
            of="orders",
            column=WorkOrder.lead_unit,
            empty="热线中心（没有转派）",
            call=lambda names, value: names.office.units.name(value),
        ),
        Dimension(
            key="desk",
            name="服务对象",
            of="orders",
            column=cast(WorkOrder.enterprise, Text),
            empty="没有填",
            call=lambda _, value: "企业（政企通）" if value == "true" else "群众",
        ),
        Dimension(
            key="channel",
            name="会话渠道",
            of="conversations",
            column=Conversation.channel,
            empty="没有填",
            call=lambda _, value: CHANNELS.get(value, value),
        ),
        Dimension(
            key="reason",
            name="转人工原因",
            of="handovers",
            column=Handover.reason,
            empty="没有填",
            call=lambda _, value: _REASONS.get(value, value),
        ),
    )
}
