"""Checks on a unit's answer before it goes out.

The rules are those of how a government answers (《政府热线服务规范》GB/T 33358-2016 asks for 规范用语 and secrecy; the rest is
common practice): first the matter itself, then basis and facts; what is planned with days and from when; nothing that names
the reporter; no empty thanks, no lecture, no verdict of a court. What would do harm blocks the answer; what is only likely to
be wanting is a warning, and the desk looks at it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import jieba
import numpy as np

from hotline.language.encoder import Encoder
from hotline.language.identifiers import find_identifiers, find_long_numbers, is_mobile

Level = Literal["block", "warn"]


@dataclass(frozen=True)
class Finding:
    """Something about an answer. ``message`` tells the clerk what to do."""

    level: Level
    code: str
    message: str


#: An answer shorter than this says nothing.
_SHORTEST = 20
#: What stands in an answer that has nothing to say; taken out, too little is left.
_EMPTY = re.compile(
    r"(您好|你好|尊敬的(市民|来电人|网友|朋友)|来信(已)?(收到|收悉)|已(经)?(收到|收悉|知悉|阅)|感谢(您|你)?(的|对).{0,16}?(支持|反映|关注|来信|理解|监督|信任|配合)"
    r"|我们(会|将)?(高度重视|认真研究|尽快(处理|办理|核实|落实))|高度重视|尽快(处理|办理|落实|核实)|请(您)?(放心|耐心等待|谅解|理解)|谢谢|祝您.{0,10}|此复|特此(回|答)复)"
)
_LEFT = 24
_BLANK = re.compile(r"【[^】]*】|\[待填\]|×{2,}|(?<![A-Za-z0-9])[Xx]{2,}(?![A-Za-z0-9])")
#: After these a long number is that of a firm or a paper, not of a person.
_PAPER_NUMBER = re.compile(r"(信用代码|许可证|备案|编号|文号|案号|单号|档案号)[^。；\n]{0,6}$")
_TRADE = re.compile(
    r"撤(诉|单|回)(投诉|举报|工单)?(后|才|的话|就|我们)|(先|请|要求|麻烦)(您|你)?.{0,6}撤(诉|单|回)|改(成|为)?满意|评(价)?满意.{0,6}(才|否则|不然)"
)
_PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Z][·• ]?[A-Z0-9]{5,6}"
)
_REPORTER = re.compile(
    r"举报人(是|叫|系|姓|[：:])|[\u4e00-\u9fff](某|先生|女士|师傅|同志).{0,4}(举报|投诉|反映)"
    r"|(邻居|同事|同行|员工|租客|亲戚|家属|前夫|前妻).{0,3}举报"
)
_NOT_OURS = re.compile(
    r"不(属于|归|是|在)(我|本)(们|局|委|单位|部门|办|街道|中心|公司)?(管|负责|的?职责|职权|管辖|职能|范围)"
    r"|(没有|无)(执法|管理|处置|处理)权"
)
_WHERE_TO = re.compile(
    r"转(交|办|给|送|至|派)|联系|咨询|拨打|向.{2,16}(反映|投诉|咨询|申请|提出)|由.{2,20}(负责|办理|处理|管理|受理)"
)
#: Says nothing about where to go; taken out before that is looked for.
_VAGUE = re.compile(
    r"(向|由|联系|咨询|找|转)(交|给|至)?(有关|相关|其他|上级|主管|职能)的?(职能|主管)?(部门|单位)"
    r"(反映|投诉|咨询|申请|提出|负责|办理|处理|受理)?"
)
_LECTURE = re.compile(
    r"难道|怎么能(这样|这么|随便|随意|说)|你(们)?应该(自己|先)|请(你|您)(自觉|自重|端正|反省)|不要(无理|再无理|胡闹|闹)"
    r"|无理取闹|自己(想办法|解决)|与我(们|局)?(无关|何干)"
)
_VERDICT = re.compile(
    r"(你|您|对方|商家|该公司|公司|业主|房东)(的行为)?((就是|已经?|肯定|显然)(构成了?)?|构成了?)(违法|犯罪|诈骗|违约|侵权)"
    r"|必(定|然)?(胜诉|败诉|赢)|(一定|肯定)(能|会)?(胜诉|败诉|打?赢|判)"
)
_DANGER = re.compile(
    r"(燃|煤)气(泄漏|泄露|味)|漏气|坍塌|倒塌|垮塌|触电|漏电|人身威胁|威胁.{0,4}(人身|生命)|起火|(?<!打不)着火"
)
_CALL = re.compile(r"(?<![0-9])(110|119|120|122)(?![0-9])|撤离|远离|关(闭|好)?.{0,3}(阀|总闸|电源)")
_LOOKED = "核实|核查|调查|查看|查勘|检查|了解|走访|勘查|巡查|检测|复查|查证|采样|抽查"
_FACT = re.compile(
    rf"(经|已|现场|实地|派人|安排人|组织人|工作人员).{{0,14}}({_LOOKED})|({_LOOKED})(了|过|到|发现)"
    rf"|[0-9]{{1,2}} ?月 ?[0-9]{{1,2}} ?日[^。；\n]{{0,20}}({_LOOKED}|上门)|属实|情况如下"
    r"|现(场)?(已)?(整改|修复|清理|疏通)|已(经)?(修好|修复|整改|清理|疏通|拆除|责令|处罚|立案|约谈|协调)"
)
_BASIS = re.compile(r"《[^》]{4,}》")
_NUMERAL = "[0-9一二三四五六七八九十两]+ ?个?"
_MONTH = "[0-9]{1,2} ?月( ?[0-9]{1,2} ?日)?"
# A past date is no plan: a date counts when something is to be done by it or from it on.
_PLAN = re.compile(
    rf"{_NUMERAL}工作日|{_NUMERAL}(天|日|周|星期|小时|月)(之|以)?(内|后)"
    rf"|{_MONTH}(以|之)?(前|底|中旬|上旬|下旬|起|开始)"
    rf"|(从|自|将于|将在|预计|计划|准备|争取|到|至)[在于]? ?{_MONTH}"
    r"|今(天|日|晚)|明(天|日)|当(天|日|晚)|(本|下|这)个?(周|月|学期)|年底"
    r"|已(经)?(修好|修复|整改|清理|疏通|拆除|办结|发放|补发|退还|退回|退款|退费|完成|解决|到账|处理完|恢复|更换|换好|安装|装好)"
)
_AMOUNT = re.compile(r"[0-9][0-9,.]* ?(万?元|万|块钱)")
_YEAR = re.compile(r"(19|20)[0-9]{2} ?年|(今|本|去|上)年度?")
#: The date of the letter: it is no plan, and no year of an amount.
_DATED = re.compile(r"[，,。 \n]*((19|20)[0-9]{2} ?年 ?)?[0-9]{1,2} ?月( ?[0-9]{1,2} ?日)?[。 \n]*$")
_UNIT = re.compile(
    r"(局|委|中心|街道|办事处|政府|支队|公司|集团|单位|大队|站|所|会|院|校|办|社区|部|处|厅|队|镇|乡)[，,。 \n]*$"
)
_GREETING = re.compile(r"^[^。！!\n]{0,12}(您好|你好|尊敬的)")
#: What a nature's answer must speak of: what it looks for, and what to tell the clerk.
_NATURE: dict[str, tuple[re.Pattern[str], str]] = {
    "建议": (
        re.compile(r"采纳|吸收|研究|纳入|列入|参考|暂(时)?(不|未|没)|可行|改进|已(经)?(安排|落实|增设|调整)"),
        "建议要写明采纳没有、为什么。",
    ),
    "表扬": (
        re.compile(r"转达|转告|告知本人|通报表扬|表示感谢|谢谢您的(肯定|表扬)|鼓励"),
        "表扬要写明已经转达给谁。",
    ),
    "举报": (re.compile(r"受理|立案|核查|调查|查处|线索|保密"), "举报要写明受理和核查的情况。"),
}

#: Below this the answer is taken not to speak of the question: the share of the question's words that come back, plus
#: likeness in meaning; without an encoder the share alone. Set on tests/work_orders/answers.yml.
_TOGETHER, _SHARED = 0.34, 0.12
#: What stands in every answer whatever it is about, and would make all of them alike.
_FORM = re.compile(
    r"《[^》]*》(第[^条]{1,6}条)?|[0-9]+ ?月 ?[0-9]+ ?日|[0-9]+ ?个工作日(内|办好|办完)?"
    r"|(如|请|后面|还有)[^。\n]*(12345|[0-9]{3,4}-[0-9]{7,8})[^。\n]*。"
)


def check_answer(
    answer: str,
    *,
    what: str,
    nature: str,
    where: str = "",
    confidential_names: Sequence[str] = (),
    encoder: Encoder | None = None,
) -> list[Finding]:
    """What is to be said about ``answer``, blocking findings first.

    Args:
        what: the citizen's words.
        where: the place, which an answer may repeat as well.
        confidential_names: names that must not stand in the answer.
        encoder: compares meanings; without one only words are compared.
    """
    found = [*_harm(answer, nature, confidential_names)]
    if any(finding.code == "empty" for finding in found):
        return found
    found += _wanting(answer, nature)
    if not _speaks_of(answer, what, where, encoder):
        found.append(Finding("warn", "off_topic", "答复好像没有说到市民反映的事，请先正面回应诉求。"))
    return sorted(found, key=lambda finding: finding.level != "block")


def _harm(answer: str, nature: str, names: Sequence[str]) -> list[Finding]:
    """What must not go out."""
    found: list[Finding] = []

    def block(code: str, message: str) -> None:
        found.append(Finding("block", code, message))

    text = answer.strip()
    left = re.sub(r"[\s\W_]", "", _EMPTY.sub("", text))
    if len(text) < _SHORTEST or len(left) < _LEFT:
        block("empty", "答复没有实际内容：请写清核实到什么、怎么处理、什么时候办好，不能只说收到、感谢。")
    if _BLANK.search(text):
        block("blank", "【】或 ×× 的地方还没有填，请补上。")
    numbers = find_identifiers(text)
    long = [start for start, _ in find_long_numbers(text) if not _PAPER_NUMBER.search(text[:start])]
    if long or any(item.kind == "id_card" for item in numbers):
        block("personal", "答复里有身份证号或银行卡号，请去掉。")
    if any(item.kind == "phone" and is_mobile(item.value) for item in numbers):
        block("personal", "答复里有个人手机号，请去掉；办公电话可以留。")
    if any(name and len(name) > 1 and name in text for name in names):
        block("personal", "答复里写了反映人的姓名，请去掉。")
    if nature == "举报" and _REPORTER.search(text):
        block("reporter", "答复会让人知道是谁举报的，请改掉。")
    if _TRADE.search(text):
        block("trade", "不能用撤单、改评价来交换办理，请去掉这样的话。")
    return found


def _wanting(answer: str, nature: str) -> list[Finding]:
    """What is likely missing or said badly."""
    body = _undated(answer)
    checks: list[tuple[bool, str, str]] = [
        (
            bool(_NOT_OURS.search(answer)) and not _WHERE_TO.search(_VAGUE.sub("", answer)),
            "not_ours",
            "不能只说不归我们管：请写明转给了谁、市民该找谁、怎么联系。",
        ),
        (
            bool(_LECTURE.search(answer)),
            "lecture",
            "这样的口气不合适，请换成平和的说法，不用反问，不教训人。",
        ),
        (
            bool(_VERDICT.search(answer)),
            "verdict",
            "是不是违法、会不会胜诉由法院和有关机关认定，请不要下结论。",
        ),
        (
            bool(_DANGER.search(answer)) and not _CALL.search(answer),
            "danger",
            "涉及安全隐患，请先写怎么避险，并提示 110、119、120。",
        ),
        (bool(_PLATE.search(answer)), "plate", "答复里有车牌号，请看看是不是一定要写。"),
        (
            nature == "咨询" and not _BASIS.search(answer),
            "basis",
            "咨询要写明依据：文件全称加书名号，最好写到第几条。",
        ),
        (
            nature in ("投诉", "求助", "举报") and not _FACT.search(answer) and not _BASIS.search(answer),
            "fact",
            "请写明核实的情况（什么时候、怎么查的、属实不属实），或者写明依据。",
        ),
        (
            nature in ("投诉", "求助", "举报") and not _PLAN.search(body),
            "plan",
            "请写明结果，或者打算什么时候办好（X 个工作日，从哪天算起）。",
        ),
        (
            bool(_AMOUNT.search(body)) and not _YEAR.search(body),
            "year",
            "写了金额，请注明是哪一年的标准。",
        ),
        (not _GREETING.search(answer.strip()), "greeting", "开头请称呼“您好”。"),
        (not _UNIT.search(body), "signature", "结尾请落款：单位名称和日期。"),
    ]
    pattern, words = _NATURE.get(nature, (None, ""))
    if pattern is not None:
        checks.append((not pattern.search(answer), "nature", words))
    return [Finding("warn", code, message) for wrong, code, message in checks if wrong]


def _speaks_of(answer: str, what: str, where: str, encoder: Encoder | None) -> bool:
    """Whether the answer is about what the citizen wrote."""
    asked = _content(what)
    if not asked:
        return True
    said = _matter(answer)
    shared = len(asked & _content(said)) / len(asked)
    if encoder is None or encoder.size == 0:
        return shared >= _SHARED
    one, two = encoder.encode([what[:200]])[0], encoder.encode([said[:200]])[0]
    return shared + float(np.dot(one, two)) >= _TOGETHER


def _matter(answer: str) -> str:
    """``answer`` without greeting, thanks, basis, dates, telephone and signature."""
    text = _EMPTY.sub("", _undated(answer))
    lines = text.split("\n")
    if len(lines) > 1 and len(lines[-1]) <= 30 and _UNIT.search(text):
        text = "\n".join(lines[:-1])
    return _FORM.sub("", text)


def _undated(answer: str) -> str:
    """``answer`` without the date of the letter, which stands after the unit's name."""
    text = answer.strip()
    left = _DATED.sub("", text)
    return left if _UNIT.search(left) else text


def _content(text: str) -> set[str]:
    """The words that carry meaning: two characters and more, without those of every letter."""
    return {word for word in jieba.cut(text) if len(word) > 1 and not word.isascii()} - _COMMON


_OF_EVERY_LETTER = """
我们 你们 他们 自己 一直 已经 现在 没有 可以 请问 希望 问题 情况 反映 投诉 举报 咨询
处理 解决 办理 有关 部门 单位 政府 领导 谢谢 感谢 您好 你好 怎么 什么 为什么 这个
那个 一个 还是 就是 但是 因为 所以 进行 相关 目前 工作 人员 市民 附近 时候 今天 昨天
晚上 最近 多次 一下 不能 需要 不知 知道 居民 影响 严重 请求 要求 帮忙 尽快 到底 地方
东西 事情 起来 出来 有人 没人 天天 每天 建议 表扬 工作日 小时 月份 怎么办 不到 不了
里面 不行 结果 核实 检查 现场 属实 发现 安排 材料 时间 一年 两个 三个 几个 几天
要不要 能不能 真的 特别
"""
_COMMON = frozenset(_OF_EVERY_LETTER.split())
