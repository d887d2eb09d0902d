"""Every sentence that the knowledge slice says to a citizen, in one place, to be proof-read.

A civil servant speaks to an old neighbour: short, plain, nothing promised that is not in the base.
"""

from __future__ import annotations

import re
from datetime import date

from hotline.knowledge.schema import Basis, Location, Material, Phone, Policy, TimeLimit

# --- one aspect of one matter, first line ---------------------------------------------------------------

CONDITIONS = "哪些人能办：{audience}"
MATERIALS = "要准备：{names}。"
MATERIALS_SOME = "要准备：{names}；另外有 {more} 样看情况准备。"
MATERIALS_DEPENDING = "要哪些材料看您的情况，一共列了 {count} 样。"
PROCESS = "一共 {count} 步，第一步：{first}"
CHANNEL = "网上可以在这些地方办：{names}。"
LOCATION = "可以去：{names}。"
PHONE = "咨询请打：{numbers}。"
PHONE_OTHER = "可以打：{numbers}。"
BASIS = "依据是{law}。"
POLICIES = "标准和规定有 {count} 条，您看看哪条对得上。"
BUNDLE = "这几件事可以一次一起办：{names}。"
FAQS = "大家常问的有这几个。"
FAQ_LINE = "{question}{answer}"

CONFIRM = "（以窗口公布为准）"
CHECKED = "核对于{day}"
DISTRICTS = "这里说的只适用于{names}。"
SHORTENED = "内容较多，没说完的请看卡片，或者问{unit}。"

# --- lines of an overview --------------------------------------------------------------------------------

OVERVIEW_LABELS = {
    "conditions": "哪些人能办",
    "materials": "要带什么",
    "time_limit": "多久办好",
    "fee": "收不收费",
    "channel": "网上办",
    "location": "去哪里办",
    "phone": "咨询电话",
}

#: Headings of the card.
HEADINGS = {
    "conditions": "哪些人能办",
    "materials": "要带的材料",
    "process": "怎么办",
    "time_limit": "多久办好",
    "fee": "费用",
    "channel": "网上办理",
    "location": "办理地点",
    "phone": "电话",
    "basis": "政策依据",
    "policy": "标准和规定",
    "bundle": "一次能一起办的事",
    "faqs": "常见问题",
}

# --- buttons ---------------------------------------------------------------------------------------------

ASPECT_BUTTONS = {
    "conditions": "看谁能办",
    "materials": "看要带什么",
    "process": "看怎么办",
    "time_limit": "看多久办好",
    "fee": "看收不收费",
    "channel": "看网上怎么办",
    "location": "看去哪里办",
    "phone": "看打哪个电话",
    "basis": "看政策依据",
    "policy": "看标准和规定",
    "bundle": "看能一起办的事",
    "faqs": "看常见问题",
}
NONE_OF_THEM = "都不是"
YES = "是的"
NO = "不是"
ASK_AGAIN = "换个说法再问"
HUMAN = "转人工"
COMPLAIN = "我要反映问题"

# --- when there is no sure answer ------------------------------------------------------------------------

CHOOSE = "您问的是下面哪一件？点一下，我再给您细说。"
CHOOSE_ONE = "您问的是“{title}”吗？"
UNKNOWN = (
    "这个问题我没有拿得准的答案，不敢乱说。\n"
    "您可以换个说法再问一次，也可以转人工；要反映问题的，我帮您登记，派给负责的单位去办。"
)
NONE_RIGHT = "好的，那就不是这几件事，我手里没有拿得准的答案。\n您可以把事情再说具体一点，也可以转人工，请工作人员帮您看。"
SAY_AGAIN = "好的，请您换个说法，说清楚是哪件事、想问什么就行，比如“身份证丢了怎么补”。"
EXPIRED = "“{title}”的内容已经过了有效期，正在等新的规定，旧的我就不跟您说了，免得误事。\n{contact}"
NOT_YET = "“{title}”的新规定从{day}起才执行，现在还不能照着办。\n{contact}"
WITHDRAWN = "这件事的内容已经撤下来了，正在核对，我现在不能照着说。\n您可以转人工，请工作人员帮您看。"
MISSING = "“{title}”的{aspect}，我这里还没有核对过的说法，不敢随便讲。\n{contact}"
MISSING_PHONE = "请打 {number} 问{unit}（电话核对于{day}）。"
MISSING_UNIT = "这件事归{unit}管，您可以转人工，请工作人员帮您问。"
NO_STEPS = "一步一步怎么办，我这里还没有核对过的说法，请问{unit}。"
MISSING_ALSO = "{aspect}我这里还没有核对过的说法，请问{unit}。"

# --- menus -----------------------------------------------------------------------------------------------

AREA_MENU = "{area}方面，下面这些事我能答。点一个，或者直接打字问我，比如“{sample}”。"
MATTER_MENU = "您还想问“{title}”的哪一点？点一个，或者直接打字问我。"
WHICH_MATTER = "您问的是哪件事？说个名字就行，比如“社保卡补办”；也可以先点一类看看。"

# --- source ----------------------------------------------------------------------------------------------

SOURCE = "来源：{title}，核对日期{checked}，负责单位：{unit}"

_UNITS = {"working_day": "个工作日", "day": "天", "hour": "小时", "month": "个月", "year": "年"}


def day(value: date) -> str:
    """2026年7月21日."""
    return f"{value.year}年{value.month}月{value.day}日"


def sentence(text: str) -> str:
    """``text`` with one full stop at its end."""
    bare = text.strip().rstrip("。；;，,")
    return bare if bare.endswith(("？", "！", "?", "!")) else f"{bare}。"


def bare(text: str) -> str:
    """``text`` without a full stop, to be put into a sentence."""
    return text.strip().rstrip("。；;，,")


def duration(limit: TimeLimit) -> str:
    """承诺5个工作日, or 约5个工作日，以窗口公布为准 when the unit is not certain."""
    amount = f"{limit.number:g}{_UNITS[limit.unit]}"
    if limit.confirm:
        return f"约{amount}，以窗口公布为准"
    return f"法定{amount}内" if limit.kind == "statutory" else f"承诺{amount}"


def time_limit(limit: TimeLimit, *, alone: bool) -> str:
    """A limit with its name, when it is not the only one, and its note."""
    text = duration(limit) if alone and limit.name == "整体" else f"{limit.name}：{duration(limit)}"
    return f"{text}（{bare(limit.note)}）" if limit.note else text


def material(item: Material) -> tuple[str, str]:
    """Name of a material, and when or how it is needed."""
    notes = [bare(item.when)] if item.when else []
    if item.provider != "申请人":
        made = item.provider.startswith("系统") or item.provider.endswith(("生成", "核验", "提供", "出具"))
        notes.append(item.provider if made else f"由{item.provider}提供")
    if item.electronic:
        notes.append("可用电子证照")
    if item.note:
        notes.append(bare(item.note))
    return item.name, "，".join(notes)


def location(item: Location) -> tuple[str, str]:
    """A place, and its address, hours and the day it was checked."""
    notes = [part for part in (item.address, item.hours, CHECKED.format(day=day(item.checked))) if part]
    return item.name + (CONFIRM if item.confirm else ""), "，".join(notes)


def phone(item: Phone) -> tuple[str, str]:
    """Whose number it is, and the day it was checked."""
    name = f"{item.name}（{item.use}）" if item.name else f"{item.use}电话"
    return name + (CONFIRM if item.confirm else ""), CHECKED.format(day=day(item.checked))


def basis(item: Basis) -> str:
    """《社会保险法》第五十四条：生育保险待遇."""
    name, bracket, rest = item.law.partition("（")
    numbered = "〔" in name or name.endswith("号") or name.startswith("《")
    text = (name if numbered else f"《{name}》") + bracket + rest + (item.article or "")
    return f"{text}：{bare(item.text)}" if item.text else text


_ISO_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})\s*")


def policy(item: Policy) -> str:
    """A rule with the year it holds for."""
    text = bare(item.text)
    if item.year:
        year = _ISO_DAY.sub(lambda found: f"{day(date(*map(int, found.groups())))}", item.year)
        text += f"（{year}年）" if year.isdigit() else f"（{year}）"
    return text + (CONFIRM if item.confirm else "")
