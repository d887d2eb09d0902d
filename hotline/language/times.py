"""When something happened: times as citizens write them, with the day worked out where there is one.

A citizen of a hotline tells what has been: a weekday or a day without a year is the last one, not the next.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

_NUMBER = r"(?:[0-9]{1,2}|[一二两三四五六七八九]?十[一二三四五六七八九]?|[一二两三四五六七八九])"
_YEAR = r"(?:(?P<year>20[0-9]{2}|[0-9]{2}|二[零〇]{1,2}[一二三四五六七八九零〇]{1,2})年|(?P<near_year>去年|前年|今年|明年)的?)"
_ANY_YEAR = re.sub(r"\?P<\w+>", "?:", _YEAR)
_PERIOD = r"(?:凌晨|清早|清晨|一大早|大清早|早上|早晨|早间|上午|中午|正午|午后|下午|傍晚|晚上|晚间|夜里|夜间|夜晚|半夜|深夜|大半夜|晚边子?)"
_CLOCK = (
    r"(?:(?:[01]?[0-9]|2[0-4])[:：][0-5][0-9]"
    rf"|{_NUMBER}点(?!多(?:人|钱)|意见|建议|要求|问题|诉求|疑问|希望|原因|理由)(?:半|一刻|三刻|{_NUMBER}分?(?![天个月号日点])|钟|整|多)?(?:钟)?)"
)
#: "一点都不" is no hour.
_LITTLE = "[一两]点(?![半钟到至左多一二三四五十0-9])"
_RANGE = rf"(?:\s*(?:到|至|-|—|~|～)\s*(?:第二天|次日)?{_PERIOD}?{_CLOCK})"
_REST = rf"(?:的?{_PERIOD})?(?:大概|大约|差不多)?(?:{_CLOCK}{_RANGE}?)?(?:左右|前后|钟)?"

#: A house number is no day: 建设路30号, 3号楼, 8号窗口.
_NOT_DAY = (
    r"(?!楼|栋|幢|线|窗|门|院|键|车|井|店|单元|铺|房|桌|厂|文|令|公交|路|库|码|区|地块|仓|厅|岗|台|杆|坑|馆)"
)
_NOT_ADDRESS = r"(?<![路街道巷弄村组第栋])(?<![0-9一二三四五六七八九十百])"

_DAY = (
    rf"(?:{_YEAR}?(?P<month>{_NUMBER})月份?(?P<day>{_NUMBER})[日号]{_NOT_DAY}"
    r"|(?P<iso>20[0-9]{2}[-./][01]?[0-9][-./][0-3]?[0-9])(?![0-9])"
    r"|(?P<near>大前天|大后天|前天|昨天|今天|明天|后天|昨日|今日|明日|前日|今早|今晚|昨晚|昨夜|前晚|明晚|明早|今朝|昨儿|今儿)"
    r"|(?P<week>上上|上|这|本|下)?(?:个)?(?:周|星期|礼拜)(?P<weekday>[一二三四五六日天])"
    rf"|(?P<near_month>上个?月|这个?月|本月|下个?月|当月)(?P<month_day>{_NUMBER})[日号]{_NOT_DAY}"
    rf"|(?P<ago>半|{_NUMBER}|几)(?P<unit>天|个?星期|个?礼拜|周|个?月|年)(?:多)?(?:以前|之前|前)(?!后|台|门|面|线|缴|办)"
    rf"|{_NOT_ADDRESS}(?P<bare_day>{_NUMBER})号{_NOT_DAY})"
)
_VAGUE = (
    rf"(?:{_ANY_YEAR}(?:{_NUMBER}月份?|上半年|下半年|年初|年底|年中|春节|夏天|冬天)?(?:上旬|中旬|下旬|初|底)?"
    rf"|{_NUMBER}月(?:份|上旬|中旬|下旬|初|底)*(?![嫂饼球光亮台塘])"
    r"|(?:上|这|本|下)个?(?:月|周|星期|礼拜)(?:初|底|末)?(?![一二三四五六日天])"
    rf"|(?:最近|近|这|过去|前)(?:的)?(?:这)?(?:半|{_NUMBER}|几)(?:个多?)?(?:天|星期|礼拜|周|月|年)(?:来|里|内|多)?"
    rf"|(?:最近|近来|近期|这阵子|这段时间|这段日子|前段时间|前阵子|前几天|前些天|这几天|年前|年初|周末|节假日)"
    rf"|(?:连续|已经|持续|拖了?|等了?|过了?|搞了?|有)(?:了)?(?:半|{_NUMBER}|几|好几)(?:个多?)?(?:天|星期|礼拜|周|月|年|小时)(?:多)?(?=了|没|都|还|，|。|,|$))"
)
_OFTEN = r"(?:每天|每晚|每日|每夜|天天|夜夜|每周(?:[一二三四五六日天]|末)?|每个?(?:星期|礼拜)(?:[一二三四五六日天]|末)?|每个?月|每年|每到|每逢|一到|经常)(?:周末|节假日)?"
_GREETING = r"(?!好[啊呀哦！!，,。\s]|好$|好[请我想麻])"

_EXPRESSION = re.compile(
    rf"{_OFTEN}(?:都?是?在?)?{_REST}|{_DAY}{_GREETING}{_REST}|{_VAGUE}{_REST}"
    rf"|(?:{_PERIOD}{_GREETING}(?:大概|大约|差不多)?{_CLOCK}?{_RANGE}?|(?!{_LITTLE}){_CLOCK}{_RANGE}?)(?:左右|前后|钟)?"
)

_DIGITS = {
    "零": 0,
    "〇": 0,
    "一": 1,
    "二": 2,
    "两": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
}
_NEAR = {
    "大前": -3, "前": -2, "昨": -1, "今": 0, "明": 1, "后": 2, "大后": 3,
}  # fmt: skip
_YEARS = {"前年": -2, "去年": -1, "今年": 0, "明年": 1}
_WEEKS = {"上上": -2, "上": -1, "这": 0, "本": 0, "下": 1}


@dataclass(frozen=True)
class TimeExpression:
    """A time in a text; ``end`` is exclusive, ``date`` is ``None`` when no single day is meant."""

    text: str
    start: int
    end: int
    date: date | None


def find_times(text: str, today: date) -> list[TimeExpression]:
    """Every time named in ``text``, in its order; ``today`` is the day in the city, not in UTC."""
    return [
        TimeExpression(match.group(), match.start(), match.end(), _day(match, today))
        for match in _EXPRESSION.finditer(text)
        if match.group()
    ]


def _day(match: re.Match[str], today: date) -> date | None:
    part = match.groupdict()
    try:
        if part["iso"]:
            year, month, day = re.split(r"[-./]", part["iso"])
            return date(int(year), int(month), int(day))
        if part["near"]:
            days = next(
                value for word, value in sorted(_NEAR.items(), key=_longest) if part["near"].startswith(word)
            )
            return today + timedelta(days=days)
        if part["weekday"]:
            return _weekday(part["week"], "一二三四五六日".find(part["weekday"].replace("天", "日")), today)
        if part["month_day"]:
            shift = (
                -1 if part["near_month"].startswith("上") else 1 if part["near_month"].startswith("下") else 0
            )
            return _month(today, shift).replace(day=_number(part["month_day"]))
        if part["ago"]:
            return _ago(part["ago"], part["unit"], today)
        if part["bare_day"]:
            day_of_month = today.replace(day=_number(part["bare_day"]))
            return day_of_month if day_of_month <= today else None
        if part["day"]:
            return _month_day(
                part["year"], part["near_year"], _number(part["month"]), _number(part["day"]), today
            )
    except ValueError:  # 2月30日
        return None
    return None


def _longest(item: tuple[str, int]) -> int:
    return -len(item[0])


def _number(written: str) -> int:
    if written.isdigit():
        return int(written)
    tens, ten, ones = written.partition("十")
    if not ten:
        return _DIGITS[written]
    return (_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0)


def _weekday(week: str | None, weekday: int, today: date) -> date:
    if week is None:
        return today - timedelta(days=(today.weekday() - weekday) % 7)
    monday = today - timedelta(days=today.weekday())
    return monday + timedelta(weeks=_WEEKS[week], days=weekday)


def _month(today: date, shift: int) -> date:
    months = today.year * 12 + today.month - 1 + shift
    return date(months // 12, months % 12 + 1, 1)


def _ago(count: str, unit: str, today: date) -> date | None:
    # "半年前" and "两个月前" name no day; days and weeks do.
    if count in ("半", "几") or not unit.endswith(("天", "星期", "礼拜", "周")):
        return None
    return today - timedelta(days=_number(count) * (1 if unit == "天" else 7))


def _month_day(year: str | None, near_year: str | None, month: int, day: int, today: date) -> date:
    if near_year:
        return date(today.year + _YEARS[near_year], month, day)
    if year:
        digits = "".join(str(_DIGITS.get(character, character)) for character in year)
        return date(int(digits) + (2000 if len(digits) == 2 else 0), month, day)
    # Up to a month ahead is an announcement ("12月5日停水"); anything later was last year.
    latest = today + timedelta(days=30)
    for candidate in (today.year + 1, today.year, today.year - 1):
        if (month, day) == (2, 29) and not _leap(candidate):
            continue
        if date(candidate, month, day) <= latest:
            return date(candidate, month, day)
    raise ValueError


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
