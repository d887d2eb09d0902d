"""What a workbook to be imported has in its columns. The template, its explanations and the reading are made of this."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

SHEET, HELP_SHEET, CHOICES_SHEET = "工单", "说明", "选项"

Kind = Literal["text", "flag", "choice", "time", "date"]
#: Names of lists that are the city's or the service's.
Choices = Literal[
    "natures", "areas", "streets", "sources", "urgencies", "topics", "statuses", "units", "ratings"
]

#: An order that is still to be handled goes the whole way here; one that has ended elsewhere is only kept.
NEW = "待受理"
HISTORY = ("已办结", "已撤回", "不予受理")


@dataclass(frozen=True, kw_only=True)
class ImportColumn:
    """One column.

    Attributes:
        field: its name in the program.
        longest: characters.
        history: only for orders that have ended.
    """

    field: str
    header: str
    help: str
    kind: Kind = "text"
    choices: Choices | None = None
    required: bool = False
    longest: int = 100
    width: int = 14
    history: bool = False


COLUMNS: tuple[ImportColumn, ...] = (
    ImportColumn(
        field="external",
        header="外部编号",
        help="原系统的编号。有了它，同一个文件导入几次都不会重复；不填就按内容判断是不是同一张",
        width=18,
    ),
    ImportColumn(
        field="nature",
        header="类型",
        help="从下拉框里选",
        kind="choice",
        choices="natures",
        required=True,
        width=8,
    ),
    ImportColumn(field="what", header="内容", help="4 到 4000 个字", required=True, longest=4000, width=60),
    ImportColumn(
        field="where", header="地点", help="投诉、举报、求助必填，最多 500 字", longest=500, width=28
    ),
    ImportColumn(field="area", header="区县", help="从下拉框里选", kind="choice", choices="areas"),
    ImportColumn(
        field="street",
        header="街道",
        help="街道、乡镇的全名；有重名的要填区县",
        kind="choice",
        choices="streets",
    ),
    ImportColumn(field="when", header="发生时间", help="照市民说的写，例如：昨晚十点", longest=200),
    ImportColumn(field="name", header="姓名", help="匿名的不填", longest=50, width=10),
    ImportColumn(
        field="phone", header="电话", help="11 位手机号，或带区号的座机号；匿名的不填", longest=40, width=15
    ),
    ImportColumn(field="anonymous", header="匿名", help="是、否；不填就是否", kind="flag", width=8),
    ImportColumn(
        field="confidential",
        header="保密",
        help="对承办单位隐去反映人：是、否；举报一律保密",
        kind="flag",
        width=8,
    ),
    ImportColumn(
        field="content_confidential",
        header="内容保密",
        help="反映的内容也不能让被反映的人知道：是、否",
        kind="flag",
        width=10,
    ),
    ImportColumn(field="enterprise", header="企业诉求", help="政企通：是、否", kind="flag", width=10),
    ImportColumn(
        field="source", header="来源", help="不填就是电话", kind="choice", choices="sources", width=12
    ),
    ImportColumn(field="taken_by", header="登记坐席", help="工号", longest=32, width=10),
    ImportColumn(
        field="at",
        header="登记时间",
        help="例如 2026-11-24 10:30；不填就是导入的时间，已经结束的必填",
        kind="time",
        width=18,
    ),
    ImportColumn(
        field="topic",
        header="分类",
        help="编号或名称；不填的新工单由系统判断",
        kind="choice",
        choices="topics",
        width=16,
    ),
    ImportColumn(
        field="status",
        header="状态",
        help=f"不填就是{NEW}，导入后从受理开始走；已经结束的选{'、'.join(HISTORY)}，只作留存",
        kind="choice",
        choices="statuses",
        width=10,
    ),
    ImportColumn(
        field="unit",
        header="承办单位",
        help="已经结束的才填，单位名录里的全名",
        kind="choice",
        choices="units",
        width=22,
        history=True,
    ),
    ImportColumn(
        field="urgency",
        header="紧急程度",
        help="已经结束的才填，不填就是一般；新工单由系统判断",
        kind="choice",
        choices="urgencies",
        width=10,
        history=True,
    ),
    ImportColumn(
        field="promised",
        header="办理期限",
        help="已经结束的才填；不填按登记时间和现在的时限推算",
        kind="date",
        history=True,
    ),
    ImportColumn(field="answer", header="答复", help="已办结的必填", longest=4000, width=60, history=True),
    ImportColumn(
        field="answered_at", header="答复时间", help="已办结的必填", kind="time", width=18, history=True
    ),
    ImportColumn(
        field="closed_at", header="办结时间", help="已经结束的必填", kind="time", width=18, history=True
    ),
    ImportColumn(
        field="rating",
        header="满意度",
        help="已办结的才填；不填就是未评价",
        kind="choice",
        choices="ratings",
        width=10,
        history=True,
    ),
    ImportColumn(
        field="rating_reason", header="评价理由", help="最多 500 字", longest=500, width=28, history=True
    ),
    ImportColumn(field="note", header="备注", help="记在工单的经过里，最多 500 字", longest=500, width=28),
)
BY_FIELD = {column.field: column for column in COLUMNS}
BY_HEADER = {column.header: column for column in COLUMNS}
