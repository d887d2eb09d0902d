"""How a matter lies in a workbook: which sheet and column holds which field. One row an item, keyed by code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from hotline.knowledge.schema import AREA_NAMES

Kind = Literal["text", "texts", "number", "flag", "date", "choice"]

CODE = "事项代码"


@dataclass(frozen=True)
class Column:
    """One column. ``help`` is shown under the header; ``choices`` maps what is stored to what is shown.

    ``later``: workbooks that were written before it came have none.
    """

    field: str
    header: str
    help: str
    kind: Kind = "text"
    required: bool = False
    choices: dict[str, str] | None = None
    later: bool = False


@dataclass(frozen=True)
class Sheet:
    """One sheet: a field of the matter, and its columns. ``form``: rows of fields, one text a row, or one row only."""

    name: str
    field: str
    form: Literal["rows", "texts", "single", "matter"]
    columns: tuple[Column, ...]


_DAY = "写成 2026-07-21"
_CONFIRM = Column("confirm", "待核对", "是：单位还要核对，回答时会加“以窗口公布为准”", "flag")
_CHECKED = Column("checked", "核对日期", _DAY, "date", required=True)


def _texts(name: str, field: str, header: str, explanation: str) -> Sheet:
    return Sheet(name, field, "texts", (Column(field, header, explanation, required=True),))


SHEETS: tuple[Sheet, ...] = (
    Sheet(
        "事项",
        "",
        "matter",
        (
            Column("title", "事项名称", "群众看到的名字，不能和别的事项重复", required=True),
            Column("area", "类别", "从下拉框选", "choice", required=True, choices=AREA_NAMES),
            Column("audience", "哪些人能办", "一句话，大白话", required=True),
            Column("summary", "一句话说明", "群众先看到的那一句", required=True),
            Column("unit", "负责单位", "单位全称", required=True),
            Column("districts", "只限哪些县市区", "全市都适用就空着；几个之间用顿号隔开", "texts"),
            Column("valid_from", "开始执行日期", _DAY, "date", required=True),
            Column("valid_to", "失效日期", "长期有效就空着；过了这天就不再回答", "date"),
            Column("review_on", "下次复核日期", "空着就按来源的核对日期推算", "date", later=True),
        ),
    ),
    _texts("别名", "aliases", "别名", "群众平时怎么叫这件事"),
    _texts("条件", "conditions", "办理条件", "一条一行"),
    Sheet(
        "材料",
        "materials",
        "rows",
        (
            Column("name", "材料名称", "一样一行", required=True),
            Column("provider", "谁来出", "空着就是申请人"),
            Column("when", "什么时候要", "人人都要的空着"),
            Column("electronic", "可用电子证照", "是、否，不清楚就空着", "flag"),
            Column("note", "说明", "可不填"),
        ),
    ),
    _texts("步骤", "process", "办理步骤", "一步一行，按先后"),
    Sheet(
        "时限",
        "time_limit",
        "rows",
        (
            Column("name", "哪一段", "空着就是整体"),
            Column("number", "数字", "只写数字", "number", required=True),
            Column(
                "unit",
                "单位",
                "从下拉框选，空着就是工作日",
                "choice",
                choices={
                    "working_day": "工作日",
                    "day": "天",
                    "hour": "小时",
                    "month": "个月",
                    "year": "年",
                },
            ),
            Column(
                "kind",
                "法定还是承诺",
                "从下拉框选",
                "choice",
                required=True,
                choices={"statutory": "法定", "promised": "承诺"},
            ),
            Column("note", "说明", "可不填"),
            _CONFIRM,
        ),
    ),
    Sheet(
        "费用",
        "fee",
        "single",
        (Column("text", "费用", "每个事项最多一行", required=True), _CONFIRM),
    ),
    Sheet(
        "网上办理",
        "channel",
        "rows",
        (
            Column("name", "渠道名称", "按官方叫法", required=True),
            Column("address", "网址", "可不填"),
            Column("note", "说明", "可不填"),
        ),
    ),
    Sheet(
        "办理地点",
        "location",
        "rows",
        (
            Column("name", "地点", "写到窗口", required=True),
            Column("address", "地址", "可不填"),
            Column("hours", "办公时间", "可不填"),
            _CHECKED,
            _CONFIRM,
        ),
    ),
    Sheet(
        "电话",
        "phone",
        "rows",
        (
            Column("number", "号码", "0731-28681541 或 12333 这样", required=True),
            Column(
                "use",
                "用途",
                "从下拉框选",
                "choice",
                required=True,
                choices={"咨询": "咨询", "监督": "监督", "热线": "热线"},
            ),
            Column("name", "哪里的电话", "可不填"),
            _CHECKED,
            _CONFIRM,
        ),
    ),
    Sheet(
        "依据",
        "basis",
        "rows",
        (
            Column("law", "法规或文件", "全称或文号，不用写书名号", required=True),
            Column("article", "第几条", "如 第七条"),
            Column("text", "说了什么", "用大白话，可不填"),
        ),
    ),
    Sheet(
        "政策",
        "policy",
        "rows",
        (
            Column("text", "标准和规定", "金额、比例、年龄等，一条一行", required=True),
            Column("year", "哪一年的", "每年会变的必须写"),
            _CONFIRM,
        ),
    ),
    _texts("联办", "bundle", "一次联办的事", "一件一行"),
    Sheet(
        "问答",
        "faqs",
        "rows",
        (Column("question", "问", "", required=True), Column("answer", "答", "", required=True)),
    ),
    _texts("问法", "samples", "群众的问法", "每个事项至少 8 种，一种一行"),
    Sheet(
        "来源",
        "source",
        "rows",
        (
            Column("title", "来源名称", "群众看到的来源", required=True),
            Column("address", "网址", "可不填"),
            _CHECKED,
            Column(
                "confidence",
                "可信度",
                "A：看过原文；B：周知的法律",
                "choice",
                required=True,
                choices={"A": "A", "B": "B"},
            ),
        ),
    ),
    _texts("待核对", "to_confirm", "要请单位核对什么", "只给工作人员看"),
)
